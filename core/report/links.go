package report

import (
	"fmt"

	"mutual/core/chain"
	"mutual/core/diagnose"
)

// link is one certificate of the path as it is drawn.
type link struct {
	Role    string // "Broker's certificate"
	Name    string
	Issuer  string // "" for a root
	Dates   string
	From    string // where it was met
	Fault   string // what is wrong with it; empty: nothing
	Tone    tone
	Missing bool // it is not there: drawn dashed
}

// mostLinks bounds the drawing; a path that people can follow has three or four.
const mostLinks = 20

// links draws the path from the end-entity certificate to the root, and what is missing at its end.
func (r Report) links() []link {
	path := r.Result.Chain.Path
	if len(path) == 0 && r.Attempt.TLS != nil {
		for _, c := range r.Attempt.TLS.Sent[:min(len(r.Attempt.TLS.Sent), mostLinks)] {
			path = append(path, chain.Parse(c))
		}
	}
	var out []link
	for i, c := range path {
		if i == mostLinks {
			return append(out, link{Role: "And more", Name: fmt.Sprintf("%d further certificates", len(path)-i), Tone: neutral})
		}
		out = append(out, r.link(c, i, len(path)))
	}
	if missing, ok := r.missing(path); ok {
		out = append(out, missing)
	}
	return out
}

func (r Report) link(c chain.Certificate, i, n int) link {
	l := link{Name: NameOf(c), From: SourceWords(c.Certificate), Tone: good}
	selfSigned := c.SelfSigned()
	if c.X != nil {
		l.Dates = Day(c.X.NotBefore) + " to " + Day(c.X.NotAfter)
	}
	if !selfSigned {
		l.Issuer = ShortName(c.Issuer())
	}
	anchored := r.Result.Chain.Anchored
	for _, f := range r.Result.Chain.Faults {
		if f.Index != i || !anchored && i == n-1 && (f.IssuerName != "" || f.Issuer.X != nil) && !selfSigned {
			continue // the issuer is what is missing, and drawn so
		}
		finding, ok := r.finding(f)
		if !ok || finding.Severity == diagnose.Info {
			continue // worth knowing, and told on its card
		}
		l.Tone, l.Fault = severityTone(finding.Severity), finding.Title
		break
	}
	l.Role = role(i, n, anchored, selfSigned, l.Fault != "")
	if !anchored && i == n-1 && l.Tone == good {
		l.Tone = neutral
	}
	return l
}

// role says what part a certificate plays in a path of n.
func role(i, n int, anchored, selfSigned, faulty bool) string {
	switch {
	case i == 0 && selfSigned:
		return "Broker's certificate, signed by itself"
	case i == 0 && n == 1 && anchored:
		return "Broker's certificate, trusted as it is"
	case i == 0:
		return "Broker's certificate"
	case i == n-1 && anchored && selfSigned:
		return "Root, trusted"
	case i == n-1 && anchored && faulty:
		return "Trusted, but not a root"
	case i == n-1 && anchored:
		return "Trusted"
	case selfSigned:
		return "Root, not trusted"
	}
	return "Intermediate"
}

// finding is what diagnose said of a fault: the same cause, of the same certificate where there are several.
func (r Report) finding(f chain.Fault) (found diagnose.Finding, ok bool) {
	for _, x := range r.Result.Findings {
		if x.ID != f.ID {
			continue
		}
		if !ok || x.Subject.SHA256 == fmt.Sprintf("%x", f.Certificate.SHA256) {
			found, ok = x, true
		}
	}
	return found, ok
}

// missing is the certificate that should follow the last one of the path.
func (r Report) missing(path []chain.Certificate) (link, bool) {
	if len(path) == 0 || path[len(path)-1].SelfSigned() {
		return link{}, false
	}
	for _, f := range r.Result.Chain.Faults {
		if f.Index != len(path)-1 || f.IssuerName == "" && f.Issuer.X == nil {
			continue
		}
		finding, ok := r.finding(f)
		if !ok {
			continue
		}
		l := link{Role: "Missing", Name: ShortName(f.IssuerName), Tone: severityTone(finding.Severity), Missing: true, From: "in no trusted source"}
		if f.Issuer.X != nil {
			l.Name, l.From = NameOf(f.Issuer), "not trusted here; "+SourceWords(f.Issuer.Certificate)
			l.Dates = Day(f.Issuer.X.NotBefore) + " to " + Day(f.Issuer.X.NotAfter)
		} else if len(f.IssuerKeyID) > 0 {
			l.Issuer, l.Fault = "", "Key identifier "+colons(f.IssuerKeyID)
		}
		return l, true
	}
	return link{}, false
}

func severityTone(s diagnose.Severity) tone {
	switch s {
	case diagnose.Error:
		return bad
	case diagnose.Warning:
		return warn
	}
	return note
}
