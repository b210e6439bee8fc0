package report

import (
	"encoding/hex"
	"slices"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// Link is one certificate of a path as it is drawn, in the window as in a report.
type Link struct {
	Role     string // "Broker's certificate"
	Name     string
	Issuer   string // "" for one that signed itself
	Dates    string
	From     string // where it was met
	Fault    string // what is said against it; empty: nothing
	Severity diagnose.Severity
	Sound    bool // nothing is said against it, and a trust anchor vouches for it
	Missing  bool // it is not there: drawn dashed
}

// mostLinks bounds a drawing; a path that people can follow has three or four.
const mostLinks = 20

// Links draws the server's path from the end-entity certificate to the trust anchor, and what is missing at its end.
// Where no path was judged, it is what the server sent. A certificate is marked by the gravest finding about it that is
// more than worth knowing, a fault of the path or not.
func Links(a *evidence.Attempt, r diagnose.Result) (links []Link) {
	path := r.Chain.Path
	n := len(path)
	if n == 0 && a.TLS != nil {
		n = len(a.TLS.Sent)
		for _, c := range a.TLS.Sent[:min(n, mostLinks)] {
			path = append(path, chain.Parse(c))
		}
	}
	missing, gap := missingLink(r)
	for i, c := range path[:min(n, mostLinks)] {
		l := linkOf(c)
		var ids []string
		for _, f := range r.Findings {
			if !about(f, c) || gap != nil && i == n-1 && slices.Contains(endIDs, f.ID) {
				continue // the issuer is what is missing, and drawn so
			}
			ids = append(ids, f.ID)
			l.mark(f)
		}
		l.Role = role(i, n, r.Chain.Anchored, c.SelfSigned(), slices.Contains(ids, "anchor-not-root"))
		l.Sound = l.Fault == "" && (r.Chain.Anchored || i < n-1)
		links = append(links, l)
	}
	constraining(links, path, r)
	if n > mostLinks {
		links = append(links, Link{Role: "And more", Name: count(n-mostLinks, "further certificate")})
	}
	if gap != nil {
		links = append(links, missing)
	}
	return links
}

// constraining marks the authorities whose name constraints a certificate below them does not keep: what is at fault is
// that certificate, and this is where to read why.
func constraining(links []Link, path []chain.Certificate, r diagnose.Result) {
	for _, f := range r.Chain.Faults {
		told := func(x diagnose.Finding) bool { return x.ID == f.ID && about(x, f.Certificate) }
		if f.ID != "name-constraint" || !slices.ContainsFunc(r.Findings, told) {
			continue
		}
		for i := range links {
			l := &links[i]
			if path[i].SHA256 != f.Issuer.SHA256 {
				continue
			}
			l.Fault = join(" ", "Its name constraints do not allow a name in "+NameOf(f.Certificate)+".", l.Fault)
			if l.Sound = false; l.Severity == "" {
				l.Severity = diagnose.Info
			}
		}
	}
}

// linkOf is a certificate as it is drawn wherever it stands.
func linkOf(c chain.Certificate) Link {
	l := Link{Name: NameOf(c), From: SourceWords(c.Certificate)}
	if from, until := c.Validity(); !until.IsZero() {
		l.Dates = Day(from) + " to " + Day(until)
	}
	if !c.SelfSigned() {
		l.Issuer = ShortName(c.Issuer())
	}
	return l
}

// mark says f against a certificate against which nothing was said yet: findings come the gravest first.
func (l *Link) mark(f diagnose.Finding) {
	if l.Fault == "" {
		l.Fault, l.Severity, l.Sound = f.Title, f.Severity, false
	}
}

// about reports whether f is more than worth knowing, which its card tells, and is about c: a certificate that both
// sides present, as where the server's was given to the client, has findings of either.
func about(f diagnose.Finding, c chain.Certificate) bool {
	return f.Severity != diagnose.Info && f.Subject.SHA256 == hex.EncodeToString(c.SHA256[:]) &&
		(f.Subject.Source == evidence.ClientFile) == (c.Source == evidence.ClientFile)
}

// role says what part a certificate plays in a path of n. notRoot: there are clients that want a root in its place.
func role(i, n int, anchored, selfSigned, notRoot bool) string {
	switch {
	case i == 0 && selfSigned:
		return "Broker's certificate, signed by itself"
	case i == 0 && n == 1 && anchored:
		return "Broker's certificate, trusted as it is"
	case i == 0:
		return "Broker's certificate"
	case i == n-1 && anchored && selfSigned:
		return "Root, trusted"
	case i == n-1 && anchored && notRoot:
		return "Trusted, but not a root"
	case i == n-1 && anchored:
		return "Trusted"
	case selfSigned:
		return "Root, not trusted"
	}
	return "Intermediate"
}

// endIDs are the faults of a path's last certificate that say nothing of it but that its issuer is not there.
var endIDs = []string{"intermediate-missing", "root-unknown"}

// anchorIDs are the faults of a trust anchor that is not the root which some clients want to see above it.
var anchorIDs = []string{"anchor-not-root", "ca-file-holds-leaf"}

// missingLink is the certificate that should follow the last one of the path, and the fault that says so; nil: none.
func missingLink(r diagnose.Result) (Link, *chain.Fault) {
	last := len(r.Chain.Path) - 1
	if last < 0 || r.Chain.Path[last].SelfSigned() {
		return Link{}, nil
	}
	i := slices.IndexFunc(r.Chain.Faults, func(f chain.Fault) bool {
		switch {
		case r.Chain.Anchored:
			return f.Index == last && slices.Contains(anchorIDs, f.ID)
		case f.ID == "ca-rotated": // a fault of the authority's old certificate, in the user's file
			return true
		}
		return f.Index == last && slices.Contains(endIDs, f.ID)
	})
	if i < 0 {
		return Link{}, nil
	}
	f := &r.Chain.Faults[i]
	l := Link{Name: ShortName(f.IssuerName), From: "in no trusted source"}
	switch {
	case f.Issuer.X != nil:
		l = linkOf(f.Issuer)
		l.From = "not trusted here; " + l.From
	case len(f.IssuerKeyID) > 0:
		l.Fault = "Key identifier " + colons(f.IssuerKeyID)
	}
	l.Role, l.Missing, l.Severity = "Missing", true, gapSeverity(*f, r)
	return l, f
}

// gapSeverity is that of the finding which words a gap: it is the same cause, of the same certificate. Where another
// finding says it all and took its place, such as that the connection is intercepted, it is that of the cause.
func gapSeverity(f chain.Fault, r diagnose.Result) diagnose.Severity {
	for _, x := range r.Findings {
		if x.ID == f.ID && about(x, f.Certificate) {
			return x.Severity
		}
	}
	if len(r.Findings) > 0 {
		return r.Findings[0].Severity
	}
	return diagnose.Warning
}

// tone is the colour in which l is drawn.
func (l Link) tone() tone {
	switch {
	case l.Severity != "":
		return severityTone(l.Severity)
	case l.Sound:
		return good
	}
	return neutral
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
