package chain

import (
	"slices"
	"strings"
	"time"
)

// gnutlsJudge decides as gnutls_certificate_verify_peers does with the host's name and the purpose of a TLS server (what
// gnutls-cli asks), and the profile of the priority string NORMAL; then as the handshake does about the keyUsage of the
// end-entity certificate. Of a handshake it judges the staple too. Not modelled: CRLs, staples of intermediates, and
// certificates in PKCS #11 modules.
type gnutlsJudge struct{}

func (gnutlsJudge) Name() string   { return "gnutls" }
func (gnutlsJudge) Models() string { return "GnuTLS 3.7, priority NORMAL (gnutls-cli, wget)" }

func (j gnutlsJudge) Judge(q Question) Verdict {
	return q.loading(j.loads(), func(q Question) Verdict { return j.examine(newWorld(q)) })
}

// gnutlsStatus is one of GNUTLS_CERT_*, in the order in which gnutls_certificate_verification_status_print prints them.
type gnutlsStatus int

const (
	gnutlsRevoked gnutlsStatus = iota
	gnutlsStaleStaple
	gnutlsSignerNotFound
	gnutlsSignerNotCA
	gnutlsInsecure
	gnutlsConstraints
	gnutlsPurpose
	gnutlsNotActivated
	gnutlsExpired
	gnutlsBadSignature
	gnutlsWrongOwner
	gnutlsMissingStaple
	gnutlsInvalidStaple
	gnutlsUnknownCritical
	gnutlsInvalid // no sentence of its own
)

var gnutlsTexts = [...]string{
	gnutlsRevoked:         "The certificate chain is revoked.",
	gnutlsStaleStaple:     "The revocation or OCSP data are old and have been superseded.",
	gnutlsSignerNotFound:  "The certificate issuer is unknown.",
	gnutlsSignerNotCA:     "The certificate issuer is not a CA.",
	gnutlsInsecure:        "The certificate chain uses insecure algorithm.",
	gnutlsConstraints:     "The certificate chain violates the signer's constraints.",
	gnutlsPurpose:         "The certificate chain does not match the intended purpose.",
	gnutlsNotActivated:    "The certificate chain uses not yet valid certificate.",
	gnutlsExpired:         "The certificate chain uses expired certificate.",
	gnutlsBadSignature:    "The signature in the certificate is invalid.",
	gnutlsWrongOwner:      "The name in the certificate does not match the expected.",
	gnutlsMissingStaple:   "The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing.",
	gnutlsInvalidStaple:   "The received OCSP status response is invalid.",
	gnutlsUnknownCritical: "The certificate contains an unknown critical extension.",
	gnutlsInvalid:         "The certificate is NOT trusted.",
}

// What the library's functions return where it is not a verdict on the chain, with gnutls_strerror.
const (
	gnutlsVerification = "GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR"
	gnutlsTooMany      = "GNUTLS_E_CONSTRAINT_ERROR"
	gnutlsUnreadable   = "GNUTLS_E_CERTIFICATE_ERROR"
	gnutlsKeyUsage     = "GNUTLS_E_KEY_USAGE_VIOLATION"
)

var gnutlsErrors = map[string]string{
	gnutlsTooMany:    "Some constraint limits were reached.",
	gnutlsUnreadable: "Error in the certificate.",
	gnutlsKeyUsage:   "Key usage violation in certificate has been detected.",
}

// gnutlsMaxSent is DEFAULT_MAX_VERIFY_DEPTH.
const gnutlsMaxSent = 16

// gnutlsContext is one verification: the trust anchors by the bucket that their names fall into, and what was found.
type gnutlsContext struct {
	w       *world
	clock   time.Time
	trusted map[uint64][]*member
	raised  []gnutlsFault
}

type gnutlsFault struct {
	status gnutlsStatus
	id     string
	at     *member
}

func (j gnutlsJudge) examine(w *world) Verdict {
	verdict := Verdict{Client: j.Name(), Depth: -1}
	fail := func(code, id string, at *member) Verdict {
		verdict.Code, verdict.Text = code, gnutlsErrors[code]
		r := Reason{ID: id, Code: code, Text: verdict.Text, Depth: -1}
		if at != nil {
			r.SHA256 = at.SHA256
		}
		verdict.Reasons = []Reason{r}
		return verdict
	}
	var sent []*member
	for _, certificate := range slices.Concat(w.q.Sent, w.q.Untrusted) {
		m, _ := w.meet(certificate)
		sent = append(sent, m)
	}
	if len(sent) == 0 {
		return fail(gnutlsUnreadable, "certificate-malformed", nil)
	}
	if len(sent) > gnutlsMaxSent {
		return fail(gnutlsTooMany, "chain-too-complex", w.leaf)
	}
	for _, m := range sent {
		if !gnutlsReads(m.v) {
			return fail(gnutlsUnreadable, "certificate-malformed", m)
		}
	}
	c := &gnutlsContext{w: w, clock: w.q.At.Truncate(time.Second), trusted: map[uint64][]*member{}}
	for _, m := range w.anchors {
		if gnutlsReads(m.v) {
			bucket := gnutlsBucket(m.v.subject)
			c.trusted[bucket] = append(c.trusted[bucket], m)
		}
	}
	c.verify(sent)
	c.checkStaple(sent)
	leaf := sent[0]
	switch {
	case len(c.raised) > 0:
	case w.q.Purpose != AnyPurpose && leaf.v.hasKeyUsage && leaf.v.keyUsage != 0 && leaf.v.keyUsage&digitalSignature == 0:
		return fail(gnutlsKeyUsage, c.firstOr("key-usage"), leaf)
	default:
		verdict.Accepted = true
		return verdict
	}
	slices.SortStableFunc(c.raised, func(a, b gnutlsFault) int { return int(a.status) - int(b.status) })
	verdict.Code = gnutlsVerification
	var texts []string
	for _, f := range c.raised {
		if text := gnutlsTexts[f.status]; !slices.Contains(texts, text) && (f.status != gnutlsInvalid || len(texts) == 0) {
			texts = append(texts, text)
		}
		verdict.Reasons = append(verdict.Reasons, Reason{
			ID: f.id, SHA256: f.at.SHA256, Code: verdict.Code, Text: gnutlsTexts[f.status], Depth: -1,
		})
	}
	verdict.Text = strings.Join(texts, " ")
	return verdict
}

// gnutlsReads is gnutls_x509_crt_import: extensions only in version 3, none twice, and names that can be read.
func gnutlsReads(v *view) bool {
	if v == nil || v.version < 2 && len(v.extensions) > 0 || !v.notBefore.valid || !v.notAfter.valid {
		return false
	}
	seen := map[string]bool{}
	for _, x := range v.extensions {
		if seen[x.oid] || x.oid == oidAlternativeName && !v.hasAlternativeNames {
			return false
		}
		seen[x.oid] = true
	}
	a, b := v.signatureAlgorithm, v.innerAlgorithm
	empty := func(a algorithm) bool { return a.absent || a.parameters.tag == tagNull && len(a.parameters.body) == 0 }
	return a.oid == b.oid && (empty(a) && empty(b) || string(a.parameters.full) == string(b.parameters.full))
}

// gnutlsBucket is where a trust list keeps an authority: hash_pjw_bare of its encoded name, modulo the list's size. An
// issuer's name that is encoded otherwise is looked for in another bucket, and not found.
func gnutlsBucket(n name) uint64 {
	h := uint64(0)
	for _, c := range n.raw {
		h = uint64(c) + (h<<9 | h>>55)
	}
	return h % 127
}

func (c *gnutlsContext) raise(status gnutlsStatus, id string, at *member) {
	c.raised = append(c.raised, gnutlsFault{status, id, at})
}

func (c *gnutlsContext) firstOr(id string) string {
	if _, wrong := c.w.leafNotFirst(); wrong {
		return "leaf-not-first"
	}
	return id
}

// verify is gnutls_x509_trust_list_verify_crt2.
func (c *gnutlsContext) verify(sent []*member) {
	list := c.shorten(c.arrange(sent))
	last := list[len(list)-1].v
	c.verifyList(list, c.trusted[gnutlsBucket(last.issuer)])
	if c.has(gnutlsSignerNotFound, gnutlsExpired, gnutlsInsecure) && string(last.subject.raw) != string(last.issuer.raw) {
		first := c.raised
		c.raised = nil
		c.verifyList(list, c.trusted[gnutlsBucket(last.subject)])
		known := !slices.ContainsFunc(first, func(f gnutlsFault) bool { return f.status == gnutlsSignerNotFound })
		if len(c.raised) > 0 && known {
			c.raised = first
		}
	}
	leaf := list[0]
	if p := c.purpose(); p != "" && !gnutlsSuits(leaf.v, p, true) {
		c.raise(gnutlsPurpose, c.firstOr("extended-key-usage"), leaf)
	}
	if host := c.w.q.Name; host != "" && !gnutlsNamed(leaf.v, host) {
		c.raise(gnutlsWrongOwner, c.firstOr(narrowerFault(leaf.v, host)), leaf)
	}
}

func (c *gnutlsContext) has(statuses ...gnutlsStatus) bool {
	return slices.ContainsFunc(c.raised, func(f gnutlsFault) bool { return slices.Contains(statuses, f.status) })
}

func (c *gnutlsContext) purpose() string {
	switch c.w.q.Purpose {
	case ServerAuth:
		return oidServerAuth
	case ClientAuth:
		return oidClientAuth
	}
	return ""
}

// arrange puts what was sent in order, segment by segment, and cuts it where a trust anchor is the issuer.
func (c *gnutlsContext) arrange(sent []*member) []*member {
	list := slices.Clone(sent)
	var seen []*member
	for i := 0; i < len(list); {
		n := gnutlsSort(list[i:])
		twice := slices.IndexFunc(list[i:i+n], func(m *member) bool { return slices.Contains(seen, m) })
		if twice >= 0 {
			list = slices.Delete(list, i+twice, i+twice+1)
			continue
		}
		seen = append(seen, list[i:i+n]...)
		i += n
		top := list[i-1]
		if slices.ContainsFunc(c.trusted[gnutlsBucket(top.v.issuer)], func(t *member) bool { return gnutlsIssued(top.v, t.v) }) {
			return list[:i]
		}
	}
	return list
}

// gnutlsSort is _gnutls_sort_clist: the first certificate, its issuer, and so on, then what is left; n is how many
// follow from the first.
func gnutlsSort(list []*member) (n int) {
	issuer := make([]int, len(list))
	for i, m := range list {
		issuer[i] = -1
		if gnutlsIssued(m.v, m.v) {
			continue
		}
		for j := 1; j < len(list); j++ {
			if i != j && gnutlsIssued(m.v, list[j].v) {
				issuer[i] = j
				break
			}
		}
	}
	in := make([]bool, len(list))
	in[0] = true
	sorted := []*member{list[0]}
	for at := 0; len(sorted) < len(list); {
		if at = issuer[at]; at < 0 || in[at] {
			break
		}
		sorted = append(sorted, list[at])
		in[at] = true
	}
	n = len(sorted)
	for j, m := range list {
		if !in[j] && len(sorted) < len(list) {
			sorted = append(sorted, m)
		}
	}
	copy(list, sorted)
	return n
}

// shorten is shorten_clist: a root at the end says nothing, and what follows a trusted certificate neither.
func (c *gnutlsContext) shorten(list []*member) []*member {
	if last := list[len(list)-1]; len(list) > 1 && gnutlsIssued(last.v, last.v) {
		list = list[:len(list)-1]
	}
	for i := 1; i < len(list); i++ {
		if slices.Contains(c.trusted[gnutlsBucket(list[i].v.issuer)], list[i]) {
			return list[:i+1]
		}
	}
	return list
}
