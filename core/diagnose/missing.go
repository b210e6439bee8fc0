package diagnose

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

func intermediateMissing(c *Case, f chain.Fault) Finding {
	issuer := issuerOf(f)
	out := Finding{
		Title:    fmt.Sprintf("The broker does not send the certificate of %s, which issued %s.", quote(issuer), quote(called(f.Certificate))),
		Evidence: []Fact{{"missing certificate", f.IssuerName}},
	}
	if len(f.IssuerKeyID) > 0 {
		out.Evidence = append(out.Evidence, Fact{"its key identifier", colons(f.IssuerKeyID)})
	}
	if x := f.Certificate.X; x != nil && len(x.IssuingCertificateURL) > 0 {
		out.Evidence = append(out.Evidence, Fact{"where it can be had", strings.Join(x.IssuingCertificateURL, ", ")})
	}
	out.Detail = "Clients cannot close the gap between it and a trusted root. On the broker, the certificate file has to hold the whole chain, its own certificate first (Let's Encrypt calls that file fullchain.pem)."
	if whole := c.wholeChain(); whole != nil {
		out.Detail = sentences(out.Detail, whole.proof())
		out.Evidence = append(out.Evidence, whole.facts()...)
		out.Fixes = append(c.completionFix(f, whole), whole.fix())
	} else {
		out.Detail = sentences(out.Detail, c.fetchFailure(f), askFor(f))
	}
	out.Fixes = append(out.Fixes, Fix{
		ID: "serve-full-chain", Title: "Copy the advice for the broker", Risk: NoRisk,
		Action: Action{Text: fmt.Sprintf("The broker %s:%d sends its certificate without that of its issuer %s. Please put the whole chain into the broker's certificate file, its own certificate first, then %s (mosquitto: certfile; EMQX: ssl_options.certfile), and reload it.", c.Target.Host, c.Target.Port, quote(issuer), quote(issuer))},
	})
	return out
}

// wholeChain is the server's chain with the certificates that it leaves out, as far as they are known.
type wholeChain struct {
	path     []chain.Certificate // from the server's certificate to the trust anchor
	missing  []chain.Certificate // those on the path that are neither sent nor trusted
	root     *chain.Certificate  // where it is not trusted; nil: it is
	sent     chain.Question      // the question as it would be if the server sent all that it should
	accepted []string            // who accepts then
}

// wholeChain closes the gaps in the server's chain with what is publicly known or was fetched; nil: that makes no path
// that this program accepts. Where no trust anchor can be reached, a publicly known root will do: then it is missing too.
func (c *Case) wholeChain() *wholeChain {
	q := c.Question
	q.Untrusted, q.Anchors = slices.Clone(q.Untrusted), slices.Clone(q.Anchors)
	var roots []chain.Certificate
	for _, x := range q.Candidates {
		switch {
		case x.X == nil || !x.X.IsCA:
		case !x.SelfSigned():
			q.Untrusted = append(q.Untrusted, x)
		case x.Source != evidence.Fetched: // anybody can put a root at an address
			roots = append(roots, x)
		}
	}
	a := chain.Analyse(q)
	if !a.Anchored && len(roots) > 0 {
		q.Anchors = append(q.Anchors, roots...)
		a = chain.Analyse(q)
	}
	if !a.Anchored || len(a.Path) < 2 {
		return nil
	}
	w := &wholeChain{path: a.Path, sent: c.Question}
	w.sent.Sent, w.sent.Anchors = nil, q.Anchors
	for i, x := range a.Path {
		root := i == len(a.Path)-1 && x.SelfSigned()
		if !root { // a root is the client's to have
			w.sent.Sent = append(w.sent.Sent, x)
		}
		switch {
		case among(c.Question.Sent, x) || among(c.Question.Anchors, x):
		case root:
			w.root = &x
		default:
			w.missing = append(w.missing, x)
		}
	}
	for _, v := range chain.Verdicts(w.sent) {
		if v.Accepted {
			w.accepted = append(w.accepted, v.Client)
		}
	}
	if len(w.missing) == 0 || !slices.Contains(w.accepted, "go") {
		return nil
	}
	return w
}

func among(cs []chain.Certificate, x chain.Certificate) bool {
	return slices.ContainsFunc(cs, func(c chain.Certificate) bool { return bytes.Equal(c.DER, x.DER) })
}

// proof says where the missing certificates are, and who accepts the chain with them.
func (w *wholeChain) proof() string {
	var from []string
	fetched := true
	for _, x := range w.missing {
		from = append(from, fmt.Sprintf("%s from %s", quote(called(x)), where(x)))
		fetched = fetched && x.Source == evidence.Fetched
	}
	known, with := "is known here", "it"
	if fetched {
		known = "was fetched from where the certificate says"
	}
	if len(from) > 1 {
		with = "them"
	}
	if w.root != nil {
		with += fmt.Sprintf(" and the root from %s", where(*w.root))
	}
	s := fmt.Sprintf("What is missing %s: %s. With %s, the path to the root %s is complete and valid, and is accepted by ",
		known, list(from), with, quote(called(w.path[len(w.path)-1])))
	if len(w.accepted) == len(chain.Judges()) {
		return s + "all clients known here."
	}
	var names []string
	for _, client := range w.accepted {
		names = append(names, clientName(client))
	}
	return s + list(names) + "."
}

func (w *wholeChain) facts() (facts []Fact) {
	for _, x := range w.missing {
		facts = append(facts, Fact{"SHA-256 of " + called(x), colons(x.SHA256[:])})
	}
	return facts
}

// fix makes the file that the broker should have. It is for whoever runs the broker: nothing changes here.
func (w *wholeChain) fix() Fix {
	return Fix{
		ID: "make-full-chain", Title: "Make the broker's full chain", Risk: NoRisk, Automatic: true,
		Action: Action{Export: w.sent.Sent, Name: "fullchain"},
	}
}

// completionFix offers to put the missing certificates into the CA file, together with the root above them where that is
// not in it: OpenSSL takes an intermediate for a trust anchor only when it finds its root as well. The file is judged by
// itself, too, because other programs have nothing else: whoever would accept the whole chain must accept with it.
func (c *Case) completionFix(f chain.Fault, w *wholeChain) []Fix {
	var add []chain.Certificate
	own := slices.DeleteFunc(slices.Clone(c.Question.Anchors), func(x chain.Certificate) bool { return x.Source != evidence.CAFile })
	for _, x := range w.path[1:] {
		if !among(own, x) {
			x.Source = evidence.CAFile
			add = append(add, x)
		}
	}
	alone := c.Question
	alone.Anchors = own
	for _, v := range chain.Verdicts(chain.WithAnchors(alone, add...)) {
		if !v.Accepted && slices.Contains(w.accepted, v.Client) {
			return nil
		}
	}
	title := "Add " + called(w.missing[0])
	if len(w.missing) > 1 || w.root != nil {
		title = "Add the missing certificates"
	}
	return c.trustFix("add-intermediate", title, f, add...)
}

// fetchFailure says what came of looking where the certificate says that its issuer's can be had.
func (c *Case) fetchFailure(f chain.Fault) string {
	for _, a := range c.Answers {
		if a.Kind == evidence.IssuerAnswer && bytes.Equal(a.About, f.Certificate.SHA256[:]) {
			if a.Failure == evidence.NoFailure {
				return "What is at " + a.From + ", where its certificate says that it can be had, does not complete the chain."
			}
			return "Where its certificate says that it can be had, it is not: " + doubtOf(a, "the address ") + "."
		}
	}
	return ""
}
