package chain

import "slices"

// Analysis is the path that go built (or the best candidate), and every fault on it, the cause first.
type Analysis struct {
	Path   []Certificate // end-entity certificate to trust anchor, as far as it can be built
	Faults []Fault
	// Anchored says that Path ends in a trust anchor.
	Anchored bool
}

// Fault is one thing wrong with a path, as data; diagnose words it.
type Fault struct {
	ID          string      // finding id
	Certificate Certificate // the one at fault
	Index       int         // its place in the path, from the end-entity certificate; -1: not on it
	// Issuer is the certificate that is missing, that would complete the path, or that contradicts: from Candidates
	// where it is publicly known; its X is nil when nothing is known but IssuerName and IssuerKeyID.
	Issuer      Certificate
	IssuerName  string   // RFC 4514
	IssuerKeyID []byte   // authorityKeyIdentifier
	Clients     []string // who refuses because of it
	Repairs     bool     // repairing this alone makes a path that go accepts
	Detail      string   // technical particulars, not a sentence for people
}

// Analyse builds the paths and lists the faults. Bounded: see the limits in path.go and world.go.
func Analyse(q Question) Analysis {
	q = q.Remembering()
	w := newWorld(q)
	if w.leaf == nil {
		return Analysis{}
	}
	// Each judge has a world and a budget of its own, so that it says here what it says when it is asked alone.
	verdicts := Verdicts(q)
	path, anchored := w.path(verdicts[0])
	var blocking []objection
	if !verdicts[0].Accepted {
		blocking = w.goFaults()
		if len(blocking) == 0 && len(verdicts[0].Reasons) > 0 {
			blocking = []objection{{id: verdicts[0].Reasons[0].ID, at: w.byHash[verdicts[0].Reasons[0].SHA256]}}
		}
	}
	all := slices.Clone(blocking)
	for _, v := range verdicts[1:] {
		for _, r := range v.Reasons {
			all = append(all, objection{id: r.ID, at: w.byHash[r.SHA256], detail: r.Text})
		}
	}
	all = append(all, w.oddities(path, anchored)...)
	a := Analysis{Anchored: anchored}
	for _, m := range path {
		a.Path = append(a.Path, w.shown(m, anchored && m == path[len(path)-1]))
	}
	a.Faults = w.faults(all, path, verdicts)
	if len(blocking) == 1 && len(a.Faults) > 0 {
		for i, f := range a.Faults {
			a.Faults[i].Repairs = f.ID == blocking[0].id && blocking[0].at != nil && f.Certificate.SHA256 == blocking[0].at.SHA256
		}
	}
	return a
}

// path is the one that go built, or the best candidate.
func (w *world) path(ofGo Verdict) (path []*member, anchored bool) {
	if ofGo.Accepted {
		for _, sum := range ofGo.path {
			path = append(path, w.byHash[sum])
		}
		return path, true
	}
	from := w
	if position, wrong := w.leafNotFirst(); wrong {
		from = w.ordered(position)
	}
	r := from.best()
	for _, m := range r.members {
		path = append(path, w.byHash[m.SHA256])
	}
	if path == nil {
		path = []*member{w.leaf}
	}
	return path, r.anchored
}

// shown is the copy of m to be named: the trusted one where it is met as the trust anchor.
func (w *world) shown(m *member, asAnchor bool) Certificate {
	if asAnchor && m.anchor {
		return m.trusted
	}
	return m.Certificate
}

// faults puts together what is objected to and who objects: first what go refuses for, in the order of its repairs,
// then what others refuse for, then what nobody does.
func (w *world) faults(all []objection, path []*member, verdicts []Verdict) []Fault {
	var faults []Fault
	seen := map[string]bool{}
	for _, o := range all {
		if o.at == nil {
			continue
		}
		key := o.id + string(o.at.SHA256[:])
		if seen[key] {
			continue
		}
		seen[key] = true
		o = w.complete(o)
		f := Fault{
			ID: o.id, Certificate: w.shown(o.at, aboutAnchors[o.id]), Index: slices.Index(path, w.byHash[o.at.SHA256]),
			IssuerName: o.name, IssuerKeyID: o.keyID, Detail: o.detail,
		}
		if o.issuer != nil {
			f.Issuer = w.shown(w.byHash[o.issuer.SHA256], false)
		}
		for _, v := range verdicts {
			if slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.ID == o.id && r.SHA256 == o.at.SHA256 }) {
				f.Clients = append(f.Clients, v.Client)
			}
		}
		faults = append(faults, f)
	}
	return faults
}

// aboutAnchors are faults of what the user trusts, whose subject is the file and not what was sent.
var aboutAnchors = map[string]bool{
	"anchor-not-root": true, "anchor-not-self-consistent": true, "ca-rotated": true, "ca-file-holds-leaf": true,
	"ca-name-encoding": true,
}

// complete adds what is known about the issuer of a certificate that was reported without it.
func (w *world) complete(o objection) objection {
	if o.issuer != nil || o.name != "" || o.at.v == nil {
		return o
	}
	switch o.id {
	case "anchor-not-root":
		o.issuer = w.rootOf(o.at)
		o.name, o.keyID = o.at.v.issuer.String(), o.at.v.authorityKeyID()
	case "anchor-not-self-consistent":
		o.issuer = w.otherRoot(o.at)
		o.name, o.keyID = o.at.v.issuer.String(), o.at.v.authorityKeyID()
	case "intermediate-missing", "root-unknown", "root-sent-untrusted", "self-signed-leaf", "ca-file-holds-leaf":
		for _, g := range w.gap(o.at) {
			if g.id == o.id && g.at == o.at {
				g.detail = o.detail
				return g
			}
		}
	case "certificate-malformed":
		if issuer := w.misnamedIssuer(o.at); issuer != nil && len(o.at.Flaws()) == 0 {
			o.issuer, o.name, o.keyID, o.detail = issuer, o.at.v.issuer.String(), o.at.v.authorityKeyID(), IssuerIDContradicts
		}
	case "ca-rotated":
		for _, m := range w.members {
			if m.v == nil || m == o.at || !m.v.issuer.same(o.at.v.subject) {
				continue
			}
			if g := w.rotated(m); g != nil && g.at == o.at {
				g.detail = o.detail
				return *g
			}
		}
	}
	return o
}

// rootOf finds the self-signed certificate that signed anchor; failing that, one of anchor's own key. One that OpenSSL
// takes for a root and that is in its time goes before others.
func (w *world) rootOf(anchor *member) *member {
	now := (&context{w: w, clock: w.q.At}).inTime
	for _, good := range []func(*member) bool{
		func(m *member) bool { return w.selfSigned(m) && m.v.selfSigned && now(m) },
		w.selfSigned,
	} {
		if root := w.find(anchor, good); root != nil {
			return root
		}
	}
	return w.otherRoot(anchor)
}

// otherRoot finds a self-signed certificate with the same name and key that OpenSSL takes for a root.
func (w *world) otherRoot(anchor *member) *member {
	for _, m := range w.bySubject[anchor.v.subject.canonical] {
		if m != anchor && sameKey(m.v, anchor.v) && m.v.selfSigned && w.selfSigned(m) {
			return m
		}
	}
	return nil
}
