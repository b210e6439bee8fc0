package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/revocation"
)

// statusRules are about what is said of the server's certificates elsewhere, or should be said with them.
var statusRules = []chainRule{
	{"certificate-revoked", "RFC 5280 §5, RFC 6960", Warning, certificateRevoked},
	{"staple-missing", "RFC 7633", Warning, stapleMissing},
	{"revocation-unknown", "RFC 6066 §8", Warning, stapleUnusable},
}

var revocationRules = []Rule{
	{ID: "revocation-unknown", Spec: "RFC 5280 §6.3", Check: revocationUnknown},
}

// standing is what CRLs and OCSP responses say of one certificate of the path.
type standing struct {
	certificate chain.Certificate
	issuer      chain.Certificate
	verdict     revocation.Verdict
}

// judgeRevocation weighs the answers about the path, with what was fetched to complete it, and adds what is revoked to
// the faults. This program refuses it where it was told to check, and no other path is left.
func (c *Case) judgeRevocation() {
	answers := revocation.Answers(c.Attempt)
	if c.offline && len(answers) > 0 {
		c.Revocation = &evidence.Revocation{Enforced: true} // lists are given to be obeyed
	}
	if len(answers) == 0 && c.Revocation == nil {
		return
	}
	path := c.Analysis.Path
	if completed := chain.WithFetched(c.Question); len(completed.Untrusted) > len(c.Question.Untrusted) {
		path = chain.Analyse(completed).Path
	}
	revoked := map[[32]byte]bool{}
	for i := 0; i+1 < len(path); i++ {
		x, issuer := path[i], path[i+1]
		if x.X == nil || issuer.X == nil {
			continue
		}
		v := revocation.Judge(revocation.Link{Certificate: x.X, Issuer: issuer.X}, answers, c.Question.At)
		c.standing = append(c.standing, standing{x, issuer, v})
		if v.State == revocation.Revoked {
			revoked[x.SHA256] = true
			c.addRevoked(x, i)
		}
	}
	if len(revoked) > 0 && c.Revocation != nil && c.Revocation.Enforced {
		c.refuseRevoked(revoked)
	}
}

// addRevoked adds a fault, unless a judge that saw a staple has found it already.
func (c *Case) addRevoked(x chain.Certificate, index int) {
	if c.revokedFault(x.SHA256) == nil {
		c.Analysis.Faults = append(slices.Clone(c.Analysis.Faults), chain.Fault{ID: "certificate-revoked", Certificate: x, Index: index})
	}
}

func (c *Case) revokedFault(sum [32]byte) *chain.Fault {
	for i, f := range c.Analysis.Faults {
		if f.ID == "certificate-revoked" && f.Certificate.SHA256 == sum {
			return &c.Analysis.Faults[i]
		}
	}
	return nil
}

// refuseRevoked makes this program's verdict what it is when it checks: the server is refused, unless another path
// without the revoked certificates is valid.
func (c *Case) refuseRevoked(revoked map[[32]byte]bool) {
	other := c.Question
	without := func(cs []chain.Certificate) []chain.Certificate {
		return slices.DeleteFunc(slices.Clone(cs), func(x chain.Certificate) bool { return revoked[x.SHA256] })
	}
	other.Sent, other.Untrusted = append(other.Sent[:1:1], without(other.Sent[1:])...), without(other.Untrusted)
	judge, _ := chain.Named("go")
	if !revoked[other.Sent[0].SHA256] && judge.Judge(other).Accepted {
		return
	}
	c.Verdicts = slices.Clone(c.Verdicts) // chain keeps them
	i := slices.IndexFunc(c.Verdicts, func(v chain.Verdict) bool { return v.Client == "go" })
	if i < 0 {
		return
	}
	v := &c.Verdicts[i]
	v.Reasons = slices.Clone(v.Reasons)
	alone := v.Accepted && len(revoked) == 1
	for sum := range revoked {
		f := c.revokedFault(sum)
		f.Clients, f.Repairs = append([]string{"go"}, f.Clients...), alone
		v.Reasons = append(v.Reasons, chain.Reason{ID: f.ID, SHA256: sum, Text: revokedText, Depth: -1})
	}
	if v.Accepted {
		v.Accepted, v.Text = false, revokedText
	}
}

// revokedText is what this program's own check says, where other verifiers have a text.
const revokedText = "certificate is revoked"

// standingOf is what is known of a certificate.
func (c *Case) standingOf(sum [32]byte) (standing, bool) {
	for _, s := range c.standing {
		if s.certificate.SHA256 == sum {
			return s, true
		}
	}
	return standing{}, false
}

func certificateRevoked(c *Case, f chain.Fault) Finding {
	s, known := c.standingOf(f.Certificate.SHA256)
	if !known {
		return Finding{Title: c.the(f) + " is revoked.", Detail: "The answer that the broker sends along with it says so. " + revokedAdvice(f)}
	}
	v := s.verdict
	title := c.the(f) + " is revoked"
	facts := []Fact{{"said by", source(v.Answer)}, {"signed for", called(s.issuer)}}
	if !v.When.IsZero() {
		title = fmt.Sprintf("%s was revoked on %s", c.the(f), date(v.When))
		facts = append(facts, Fact{"revoked", v.When.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if v.Reason != "" {
		title += ", because " + v.Reason
		facts = append(facts, Fact{"reason", v.Reason})
	}
	detail := fmt.Sprintf("%s says so for %s.", upper(source(v.Answer)), quote(called(s.issuer)))
	if !slices.Contains(f.Clients, "go") {
		if c.Revocation == nil || !c.Revocation.Enforced {
			detail += " Mutual goes on all the same, because this connection's setting \"Check for revocation\" is off."
		} else {
			detail += " Mutual found another path without it."
		}
	}
	detail += " Most other programs do not look unless they are told to: OpenSSL and mosquitto by a list of their own, Java by a property."
	return Finding{Title: title + ".", Detail: sentences(detail, revokedAdvice(f)), Evidence: facts}
}

func revokedAdvice(f chain.Fault) string {
	if f.Index > 0 {
		return "The broker needs a certificate from another authority, or the chain that its authority now gives out."
	}
	return "The broker needs a new certificate, with a new key if the old one may be in other hands. Until then anybody could be answering in its name."
}

// source names an answer within a sentence.
func source(a evidence.Answer) string {
	switch {
	case a.Kind == evidence.StapleAnswer:
		return "the OCSP answer that the broker sends along"
	case a.Kind == evidence.OCSPAnswer:
		return "the OCSP answer from " + a.From
	case len(a.About) == 0:
		return fmt.Sprintf("revocation list %d in %s", a.Block+1, base(a.From))
	}
	return "the revocation list at " + a.From
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// doubt says in a clause why an answer does not count.
func doubt(d revocation.Doubt) string {
	a := d.Answer
	switch {
	case a.Failure == evidence.NoFailure && d.Lists:
		return source(a) + " " + d.Why + ", though it does list the certificate as revoked"
	case a.Failure == evidence.NoFailure:
		return source(a) + " " + d.Why
	case a.Kind == evidence.OCSPAnswer:
		return doubtOf(a, "the OCSP responder ")
	}
	return doubtOf(a, "the revocation list at ")
}

// doubtOf says why nothing came from an address.
func doubtOf(a evidence.Answer, kind string) string {
	words := map[evidence.Failure]string{
		evidence.Timeout:     "did not answer in time",
		evidence.Refused:     "cannot be reached: nothing listens there",
		evidence.Unreachable: "cannot be reached: there is no route to it",
		evidence.NoSuchHost:  "cannot be reached: there is no computer of that name",
		evidence.BadStatus:   fmt.Sprintf("answered with the HTTP status %d", a.HTTPStatus),
		evidence.TooBig:      "gave an answer larger than what is read",
		evidence.Unusable:    "cannot be asked: its address is not one of HTTP",
		evidence.Cancelled:   "was not waited for",
		evidence.Reset:       "broke off its answer",
		evidence.Closed:      "broke off its answer",
	}[a.Failure]
	if words == "" {
		words = "gave no answer that can be read"
	}
	return kind + a.From + " " + words
}

// revocationUnknown is about the certificates of which nobody could say whether they are revoked, when somebody wanted
// to know.
func revocationUnknown(c *Case) []Finding {
	if c.Revocation == nil {
		return nil
	}
	var out []Finding
	for i, s := range c.standing {
		if s.verdict.State != revocation.Unknown || c.faulty("revocation-unknown", s.certificate.SHA256) {
			continue
		}
		the, why, listed := lower(c.the(chain.Fault{Certificate: s.certificate, Index: i})), c.unanswered(s), false
		for _, d := range s.verdict.Doubts {
			listed = listed || d.Lists
		}
		if len(out) > 0 { // one finding is enough: the first certificate is the one that matters most
			f := &out[0]
			f.Detail = sentences(f.Detail, fmt.Sprintf("Nobody could say it of %s either: %s.", the, why))
			f.Evidence = append(f.Evidence, answerFacts(s)...)
			continue
		}
		f := Finding{
			Severity: Info, Subject: certificateSubject(s.certificate), Evidence: answerFacts(s),
			Title: fmt.Sprintf("Nobody could say whether %s is revoked.", the), Detail: upper(why) + ".",
		}
		if listed {
			f.Detail += " Ask its authority whether it is still in force."
		} else {
			f.Detail += " That alone is no sign that anything is wrong with it."
		}
		out = append(out, f)
	}
	return out
}

// unanswered says in a clause why nothing is known of a certificate.
func (c *Case) unanswered(s standing) string {
	var reasons []string
	for _, d := range s.verdict.Doubts {
		reasons = append(reasons, doubt(d))
	}
	switch {
	case len(reasons) > 0:
		return strings.Join(reasons, "; ")
	case c.offline:
		return fmt.Sprintf("none of the lists given is one of its issuer %s", quote(called(s.issuer)))
	}
	return "it names no revocation list and no OCSP responder that could be asked"
}

func answerFacts(s standing) []Fact {
	facts := []Fact{{"certificate", where(s.certificate)}}
	for _, d := range s.verdict.Doubts {
		facts = append(facts, Fact{"asked", source(d.Answer)})
		if d.Answer.Error != "" {
			facts = append(facts, Fact{"detail", d.Answer.Error})
		}
	}
	return facts
}

// lower begins a noun phrase within a sentence.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// faulty says whether chain has found that fault in a certificate.
func (c *Case) faulty(id string, sum [32]byte) bool {
	return slices.ContainsFunc(c.Analysis.Faults, func(f chain.Fault) bool { return f.ID == id && f.Certificate.SHA256 == sum })
}

// stapleUnusable is about a staple that proves nothing, which a client that looks at staples refuses.
func stapleUnusable(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("The OCSP answer that the broker sends along does not show whether %s is revoked.", lower(c.the(f))),
		Detail: "It has to be about this certificate, signed for its authority, and recent. On the broker, let it fetch a new one, or switch stapling off.",
	}
	if s, known := c.standingOf(f.Certificate.SHA256); known {
		for _, d := range s.verdict.Doubts {
			if d.Answer.Kind == evidence.StapleAnswer {
				out.Detail = sentences(upper(doubt(d))+".", out.Detail)
			}
		}
	}
	return out
}

func stapleMissing(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("%s demands that the broker send an OCSP answer along, and the broker sends none.", c.the(f)),
		Detail: "Its authority wrote that into it (the TLS feature status_request, \"must-staple\"). On the broker, switch OCSP stapling on (EMQX: ssl_options.ocsp.enable_ocsp_stapling), or get a certificate without that demand: mosquitto, for one, cannot staple.",
	}
	if f.Certificate.X != nil && len(f.Certificate.X.OCSPServer) > 0 {
		out.Evidence = append(out.Evidence, Fact{"OCSP responder", strings.Join(f.Certificate.X.OCSPServer, ", ")})
	} else {
		out.Detail += " This certificate names no OCSP responder, though, so no broker can get an answer to send: its authority has to reissue it."
	}
	return out
}
