package diagnose

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// chainRule words one kind of fault that chain found.
type chainRule struct {
	id, spec string
	least    Severity // when no client refuses because of it
	word     func(*Case, chain.Fault) Finding
}

// chainRules are about the server's certificates. Their order here does not matter: chain orders the faults.
var chainRules = slices.Concat(trustRules, validityRules, nameRules, usageRules, statusRules)

// keyFaults are what chain makes of a key that Go cannot use.
var keyFaults = []string{"server-key-unsupported", "certificate-malformed", "signature-algorithm-unsupported"}

// chainFindings words the faults of the analysis, the cause first as chain has it.
func (c *Case) chainFindings() []Finding {
	var out []Finding
	strict := false
	_, strange := c.strangeKey()
	if !strange {
		_, strange = c.keyWithoutUse()
	}
	for _, fault := range c.Analysis.Faults {
		i := slices.IndexFunc(chainRules, func(r chainRule) bool { return r.id == fault.ID })
		if i < 0 {
			continue // a test holds that every id of chain has its rule
		}
		if fault.ID == "root-included" && !c.Analysis.Anchored {
			continue // a root that is not trusted is another matter, and has its own finding
		}
		if fault.ID == "root-unknown" && c.anchored(fault.Certificate) && !slices.ContainsFunc(fault.Clients, c.binding) {
			continue // a client's own way of following the chain: the root is there, and the verdict says the rest
		}
		if strange && fault.Certificate.Source == evidence.Sent && fault.Certificate.Position == 0 && slices.Contains(keyFaults, fault.ID) {
			continue // the key that this program does not have is a finding of its own
		}
		if c.tooComplex() && (fault.ID == "chain-extra" || fault.ID == "signature-invalid") {
			continue // there are too many certificates to say which of them belong to what
		}
		if fault.ID == "strict-profile" && (strict || Failed(out)) && !slices.ContainsFunc(fault.Clients, c.binding) {
			continue // one warning of it is enough, and none beside what everybody refuses
		}
		if fault.ID == "key-too-weak" && fault.Index == 0 && hopelesslyShort(fault.Certificate) {
			if len(shortServerKey(c)) > 0 {
				continue // the handshake did not even come to the certificate, and that finding says so
			}
			if !slices.Contains(fault.Clients, "go") {
				fault.Clients = append([]string{"go"}, fault.Clients...)
			}
		}
		strict = strict || fault.ID == "strict-profile"
		r := chainRules[i]
		f := r.word(c, fault)
		f.ID, f.Spec = r.id, r.spec
		f.Clients = fault.Clients
		if s := c.severity(fault.Clients, r.least); s == Error || f.Severity == "" {
			f.Severity = s // below an error, the rule may know better how much it matters
		}
		if f.Subject.Kind == "" {
			f.Subject = certificateSubject(fault.Certificate)
		}
		said := c.refusals(fault)
		f.Detail = sentences(f.Detail, onlyOthers(fault.Clients, said))
		f.Evidence = append(c.certificateFacts(fault), f.Evidence...)
		for _, s := range said {
			f.Evidence = append(f.Evidence, Fact{"refused by " + s.Name, s.Value})
		}
		out = append(out, f)
	}
	return out
}

// anchored says that one of the trust anchors signed x.
func (c *Case) anchored(x chain.Certificate) bool {
	return x.X != nil && slices.ContainsFunc(c.Question.Anchors, func(a chain.Certificate) bool {
		return a.X != nil && bytes.Equal(a.X.RawSubject, x.X.RawIssuer) && x.X.CheckSignatureFrom(a.X) == nil
	})
}

func (c *Case) tooComplex() bool {
	return slices.ContainsFunc(c.Analysis.Faults, func(f chain.Fault) bool { return f.ID == "chain-too-complex" })
}

// certificateFacts are what proves any finding about a certificate.
func (c *Case) certificateFacts(f chain.Fault) []Fact {
	facts := []Fact{{"certificate", where(f.Certificate)}}
	if from, until := f.Certificate.Validity(); !until.IsZero() {
		facts = append(facts, Fact{"subject", subjectOf(f.Certificate)}, Fact{"issuer", issuerNameOf(f.Certificate)},
			Fact{"valid", date(from) + " to " + date(until)})
	}
	if x := f.Certificate.X; x != nil {
		if len(x.SubjectKeyId) > 0 {
			facts = append(facts, Fact{"subject key identifier", colons(x.SubjectKeyId)})
		}
		if len(x.AuthorityKeyId) > 0 {
			facts = append(facts, Fact{"authority key identifier", colons(x.AuthorityKeyId)})
		}
	}
	if len(f.Certificate.DER) > 0 {
		facts = append(facts, Fact{"SHA-256", colons(f.Certificate.SHA256[:])})
	}
	if f.Detail != "" && !slices.ContainsFunc(c.refusals(f), func(said Fact) bool { return strings.Contains(said.Value, f.Detail) }) {
		facts = append(facts, Fact{"particulars", f.Detail})
	}
	return facts
}

// subjectOf and issuerNameOf are the names of a certificate as Go writes them; as chain does where Go cannot read it.
func subjectOf(x chain.Certificate) string {
	if x.X != nil {
		return x.X.Subject.String()
	}
	return x.Subject()
}

func issuerNameOf(x chain.Certificate) string {
	if x.X != nil {
		return x.X.Issuer.String()
	}
	return x.Issuer()
}

var trustRules = []chainRule{
	{"anchor-not-root", "RFC 5280 §6.1.1, OpenSSL error 2", Warning, anchorNotRoot},
	{"anchor-not-self-consistent", "RFC 5280 §4.2.1.1, OpenSSL error 2", Warning, anchorNotSelfConsistent},
	{"intermediate-missing", "RFC 8446 §4.4.2", Warning, intermediateMissing},
	{"root-unknown", "RFC 5280 §6.1.1", Warning, rootUnknown},
	{"root-sent-untrusted", "RFC 5280 §6.1.1, OpenSSL error 19", Warning, rootSentUntrusted},
	{"self-signed-leaf", "RFC 5280 §6.1.1, OpenSSL error 18", Warning, selfSignedLeaf},
	{"ca-rotated", "RFC 5280 §4.2.1.2", Warning, caRotated},
	{"ca-file-holds-leaf", "RFC 5280 §6.1.1", Warning, caFileHoldsLeaf},
	{"ca-name-encoding", "RFC 5280 §7.1", Warning, caNameEncoding},
	{"chain-order", "RFC 8446 §4.4.2", Info, chainOrder},
	{"leaf-not-first", "RFC 8446 §4.4.2", Warning, leafNotFirst},
	{"chain-extra", "RFC 8446 §4.4.2", Info, chainExtra},
	{"root-included", "RFC 8446 §4.4.2", Info, rootIncluded},
	{"chain-too-complex", "RFC 5280 §6.1", Warning, chainTooComplex},
	{"root-distrusted", "Mozilla Root Store Policy", Warning, rootDistrusted},
}

// fileOf is the CA file that a fault's certificate stands in, else the profile's first, else "the CA file".
func (c *Case) fileOf(f chain.Fault) string {
	if f.Certificate.Source == evidence.CAFile {
		return base(f.Certificate.File)
	}
	if cas := c.files(evidence.RoleCA); len(cas) > 0 {
		return base(cas[0].Path)
	}
	return "the CA file"
}

// trusted says in words where trust anchors were looked for: "ca.pem or the public roots".
func (c *Case) trusted() string {
	var parts []string
	for _, f := range c.files(evidence.RoleCA) {
		parts = append(parts, base(f.Path))
	}
	switch {
	case c.Trust.System && c.Trust.Mozilla:
		parts = append(parts, "the public roots")
	case c.Trust.System:
		parts = append(parts, "this computer's public roots")
	case c.Trust.Mozilla:
		parts = append(parts, "Mozilla's public roots")
	}
	if len(parts) == 0 {
		return "the trust anchors in use"
	}
	return strings.Join(parts, " or ")
}

// askFor tells whom to ask for what, where no certificate is known that would do.
func askFor(f chain.Fault) string {
	s := fmt.Sprintf("Ask whoever runs the broker, or the authority itself, for the certificate of %s", quote(f.IssuerName))
	if f.IssuerName == "" {
		s = "Ask whoever runs the broker for the certificate of the issuer"
	}
	if len(f.IssuerKeyID) > 0 {
		s += " with the key identifier " + colons(f.IssuerKeyID)
	}
	return s + "."
}

func anchorNotRoot(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title: fmt.Sprintf("%s holds %s, which is not a root: it was issued by %s.",
			c.fileOf(f), quote(called(f.Certificate)), quote(shortName(f.IssuerName))),
		Evidence: []Fact{{"missing root", f.IssuerName}},
	}
	if len(f.IssuerKeyID) > 0 {
		out.Evidence = append(out.Evidence, Fact{"its key identifier", colons(f.IssuerKeyID)})
	}
	why := "Mutual accepts it as a trust anchor. OpenSSL goes on to its issuer, and wants a self-signed root at the end."
	if f.Issuer.X == nil {
		out.Detail = why + " No public root that is known here issued it. " + askFor(f)
		return out
	}
	name := called(f.Issuer)
	out.Detail = fmt.Sprintf("%s The self-signed root %s (until %s) is known: its key and signature fit. It comes from %s.",
		why, quote(name), date(f.Issuer.X.NotAfter), where(f.Issuer))
	out.Evidence = append(out.Evidence, Fact{"SHA-256 of " + name, colons(f.Issuer.SHA256[:])})
	out.Fixes = c.trustFix("add-root", "Add "+name, f, f.Issuer)
	return out
}

func anchorNotSelfConsistent(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The root %s in %s does not look like a root to OpenSSL.", quote(called(f.Certificate)), c.fileOf(f)),
		Detail: "It is signed with its own key, but its authority key identifier does not match its own subject key identifier (or it has no name), so OpenSSL looks for another issuer and finds none. The authority has to reissue its root.",
	}
}

func rootUnknown(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:    fmt.Sprintf("The broker's chain leads to %s, which is not in %s.", quote(issuerOf(f)), c.trusted()),
		Detail:   fmt.Sprintf("The last certificate that could be followed is %s; its issuer is not among the trust anchors.", quote(called(f.Certificate))),
		Evidence: []Fact{{"missing root", f.IssuerName}, {"trusted", c.trusted()}},
	}
	if len(f.IssuerKeyID) > 0 {
		out.Evidence = append(out.Evidence, Fact{"its key identifier", colons(f.IssuerKeyID)})
	}
	if f.Issuer.X == nil {
		out.Detail += c.otherReadings(f) + " " + askFor(f)
		return out
	}
	out.Detail += fmt.Sprintf(" %s is in %s.", quote(called(f.Issuer)), where(f.Issuer))
	out.Fixes = c.trustFix("add-root", "Add "+called(f.Issuer), f, f.Issuer)
	if s := f.Issuer.Source; s == evidence.System || s == evidence.Mozilla {
		out.Fixes = append(out.Fixes, c.publicTrustFix(f)...)
	}
	return out
}

// otherReadings are the ways in which an unknown authority comes about.
func (c *Case) otherReadings(f chain.Fault) string {
	s := " The broker may have been moved to another authority"
	if c.Trust.File || len(c.files(evidence.RoleCA)) > 0 {
		s = " Either the CA file belongs to another broker, or the broker was moved to another authority"
	}
	if f.Index == 0 && len(c.Question.Sent) == 1 {
		s += ", or it does not send the intermediate certificates that belong to its own"
	}
	return s + "."
}

func rootSentUntrusted(c *Case, f chain.Fault) Finding {
	name := called(f.Certificate)
	out := Finding{
		Title: fmt.Sprintf("The broker's chain ends in its own root %s, which is not in %s.", quote(name), c.trusted()),
		Fixes: c.trustFix("trust-root", "Trust "+name, f, f.Certificate),
	}
	i := slices.IndexFunc(c.Question.Candidates, func(x chain.Certificate) bool { return x.SHA256 == f.Certificate.SHA256 })
	if i < 0 {
		out.Detail = "The chain is complete, but anybody can make a root of that name. Compare its SHA-256 with one that you have from the broker's operator by another way before you trust it."
		return out
	}
	known := c.Question.Candidates[i]
	out.Detail = fmt.Sprintf("The chain is complete. The very same root is known: it is in %s.", where(known))
	if known.Source == evidence.System || known.Source == evidence.Mozilla {
		f.Issuer = known
		out.Fixes = append(out.Fixes, c.publicTrustFix(f)...)
	}
	return out
}

func selfSignedLeaf(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The broker's certificate %s is signed by itself, and is not in %s.", quote(called(f.Certificate)), c.trusted()),
		Detail: "No authority vouches for it. Compare its SHA-256 with one that you have from the broker's operator by another way before you trust it.",
		Fixes:  c.trustFix("trust-certificate", "Trust this certificate", f, f.Certificate),
	}
}

func caRotated(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("%s holds an authority named %s, but with another key than the one that signed the broker's chain.", c.fileOf(f), quote(called(f.Certificate))),
		Detail: "The authority was probably renewed with a new key, and the file is the old one (or the reverse). Get the authority's current certificate.",
	}
	if len(f.IssuerKeyID) > 0 {
		out.Evidence = append(out.Evidence, Fact{"key identifier wanted", colons(f.IssuerKeyID)})
	}
	if f.Issuer.X != nil {
		out.Fixes = c.trustFix("add-root", "Add "+called(f.Issuer), f, f.Issuer)
	}
	return out
}

func caFileHoldsLeaf(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The CA file %s holds the broker's own certificate, not that of its authority.", base(f.Certificate.File)),
		Detail: "That pins this one certificate: it works until the broker renews it, and only with some clients. Put the certificate of the authority that issued it into the CA file: " + quote(f.IssuerName) + ".",
	}
}

func caNameEncoding(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The issuer's name in %s and the name of its authority look alike, but are encoded differently.", quote(called(f.Certificate))),
		Detail: "One uses UTF8String, the other PrintableString or another kind of string. Some verifiers compare the bytes and find no issuer. The certificate has to be reissued with the authority's own encoding.",
	}
}

func chainOrder(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  "The broker sends its certificates out of order.",
		Detail: "Each should be followed by the one that issued it. Most clients sort them; mbedTLS (ESP32) refuses. Reorder the broker's certificate file: its own certificate, then each issuer in turn.",
	}
}

func leafNotFirst(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The broker sends the authority's certificate %s first, where its own belongs.", quote(called(f.Certificate))),
		Detail: "Clients take the first certificate for the broker's own. In the broker's certificate file, its own certificate has to come first.",
	}
}

func chainExtra(c *Case, f chain.Fault) Finding {
	if f.Index >= 0 {
		return Finding{
			Title:  fmt.Sprintf("The broker sends the certificate %s more than once.", quote(called(f.Certificate))),
			Detail: "Once is enough. The broker's certificate file should hold its own certificate, and then each issuer in turn.",
		}
	}
	if slices.ContainsFunc(c.Analysis.Path, func(x chain.Certificate) bool { return x.Subject() == f.Certificate.Subject() }) {
		return Finding{
			Title:  fmt.Sprintf("The broker sends more than one certificate of %s, and needs one.", quote(called(f.Certificate))),
			Detail: "They are of one name, as after a renewal, or with another key. This one leads nowhere that the other does not; some clients try only the first of a name. The broker's certificate file should hold the one that issued the certificate before it.",
		}
	}
	return Finding{
		Title:  fmt.Sprintf("The broker also sends %s, which has no part in its chain.", quote(called(f.Certificate))),
		Detail: "It does no harm with most clients, and makes each handshake larger.",
	}
}

func rootIncluded(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The broker sends the root %s as well, which is not needed.", quote(called(f.Certificate))),
		Detail: "Clients use their own copy of a root. It makes each handshake larger and harms nothing.",
	}
}

func chainTooComplex(c *Case, f chain.Fault) Finding {
	const advice = " The broker should send its own certificate and the issuers above it, and nothing else."
	if n := len(c.Question.Sent); !slices.Contains(f.Clients, "go") {
		return Finding{
			Title:  fmt.Sprintf("The broker sends %d certificates, more than some clients take.", n),
			Detail: "They set a limit on how many certificates a chain may have." + advice,
		}
	}
	return Finding{
		Title:  "The broker's certificates need more signature checks than a verifier allows.",
		Detail: "They form a loop, or very many paths." + advice,
	}
}

func rootDistrusted(c *Case, f chain.Fault) Finding {
	issued := ""
	if len(c.Analysis.Path) > 0 {
		if from, _ := c.Analysis.Path[0].Validity(); !from.IsZero() {
			issued = ", issued on " + date(from)
		}
	}
	return Finding{
		Title:  fmt.Sprintf("The root %s is no longer trusted for certificates as new as the broker's%s.", quote(called(f.Certificate)), issued),
		Detail: "The root program that lists it no longer accepts what is issued below it from a certain day on; older certificates still count. The broker needs a certificate from another authority.",
	}
}

// trustFix offers to add certificates to the trust anchors, and only after chain has judged the chain with them:
// nobody who accepted now may refuse, and every client that it is for must accept.
func (c *Case) trustFix(id, title string, f chain.Fault, add ...chain.Certificate) []Fix {
	for i := range add {
		add[i].Source = evidence.CAFile
	}
	after := chain.WithAnchors(c.Question, add...)
	if lost, _ := chain.Compare(c.Question, after); len(lost) > 0 {
		return nil
	}
	accepted := map[string]bool{}
	for _, v := range chain.Verdicts(after) {
		accepted[v.Client] = v.Accepted
	}
	for _, client := range c.fixedFor(f.Clients) {
		if !accepted[client] {
			return nil
		}
	}
	return []Fix{{
		ID: id, Title: title, Risk: AddsTrust, Automatic: true,
		Action: Action{Add: add, Name: fileName(called(add[0]))},
	}}
}

// fixedFor are the clients that a fix is for: those whose refusal is binding, else all that refuse.
func (c *Case) fixedFor(refusers []string) []string {
	binding := slices.DeleteFunc(slices.Clone(refusers), func(r string) bool { return !c.binding(r) })
	if len(binding) > 0 {
		return binding
	}
	return refusers
}

// publicTrustFix offers to trust the public roots besides the CA files; judged as trustFix is.
func (c *Case) publicTrustFix(f chain.Fault) []Fix {
	var public []chain.Certificate
	for _, x := range c.Question.Candidates {
		if x.Source == evidence.System || x.Source == evidence.Mozilla {
			public = append(public, x)
		}
	}
	fixes := c.trustFix("use-public-roots", "Trust the public authorities", f, append([]chain.Certificate{f.Issuer}, public...)...)
	for i := range fixes {
		fixes[i].Action = Action{Set: []Assignment{{FieldPublicTrust, "true"}}}
	}
	return fixes
}

// fileName makes a file name of a certificate's: letters and digits in lower case, a dash between.
func fileName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 {
		return "root"
	}
	s := strings.Join(words, "-")
	return s[:min(len(s), 40)]
}
