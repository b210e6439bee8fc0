package chain

import (
	"slices"
	"time"
)

// javaJudge decides as JSSE's trust manager of Java 17 does: sun.security.validator's PKIXValidator, which takes the chain
// as it was sent where it links up and asks the PKIX builder where it does not; then what a TLS end entity needs, and the
// name. Not modelled: certificate policies, revocation, com.sun.security.enableAIAcaIssuers, and the rules for the
// authorities that come with the JDK (SHA-1, distrust).
type javaJudge struct{}

func (javaJudge) Name() string { return "java" }
func (javaJudge) Models() string {
	return "Java 17, JSSE's default trust manager (PKIX) with the HTTPS name check"
}

func (j javaJudge) Judge(q Question) Verdict { return q.loading(j.loads(), j.examine) }

func (j javaJudge) examine(q Question) Verdict {
	verdict := Verdict{Client: j.Name(), Depth: -1}
	faults := newJavaValidator(newWorld(q)).validate()
	if len(faults) == 0 {
		verdict.Accepted = true
		return verdict
	}
	verdict.Code, verdict.Text = faults[0].class, faults[0].text
	for _, f := range faults {
		r := Reason{ID: f.id, Code: f.class, Text: f.text, Depth: -1}
		if f.at != nil {
			r.SHA256 = f.at.SHA256
		}
		verdict.Reasons = append(verdict.Reasons, r)
	}
	return verdict
}

// javaFault is one exception, as the innermost cause that a program logs.
type javaFault struct {
	id          string
	at          *member
	class, text string
}

// javaValidator is PKIXValidator with its trust anchors, in the order of the CA file. Java's own order is that of a set: of
// two of one name, of which only one may sign, it takes now the one, now the other.
type javaValidator struct {
	w        *world
	at       time.Time
	chain    []*javaCertificate // as sent, then the untrusted file
	anchors  []*javaCertificate
	unread   []javaFault
	leaf     *javaCertificate
	building []javaFault // what the builder met on its way
	steps    int
	dated    bool // the builder's selector holds a date
}

func newJavaValidator(w *world) *javaValidator {
	v := &javaValidator{w: w, at: w.q.At.Truncate(time.Millisecond)}
	known := map[*member]*javaCertificate{}
	read := func(m *member) *javaCertificate {
		if known[m] == nil {
			known[m] = readJava(m)
		}
		return known[m]
	}
	for _, c := range slices.Concat(w.q.Sent, w.q.Untrusted) {
		m, _ := w.meet(c)
		x := read(m)
		if x.problem != "" {
			v.unread = append(v.unread, javaFault{"certificate-malformed", m, x.class, x.problem})
		}
		v.chain = append(v.chain, x)
	}
	for _, m := range w.anchors {
		if x := read(m); x.problem == "" {
			v.anchors = append(v.anchors, x)
		}
	}
	return v
}

// validate is checkServerTrusted and checkClientTrusted: all faults, the one that is thrown first.
func (v *javaValidator) validate() []javaFault {
	if len(v.chain) == 0 {
		return []javaFault{{"certificate-malformed", nil, "IllegalArgumentException", "null or zero-length certificate chain"}}
	}
	if len(v.unread) > 0 {
		return v.unread
	}
	v.leaf = v.chain[0]
	if len(v.anchors) == 0 {
		f := v.gap(v.top())
		f.class, f.text = "InvalidAlgorithmParameterException", "the trustAnchors parameter must be non-empty"
		return []javaFault{f}
	}
	faults, alone := v.path()
	if !alone {
		faults = append(faults, v.endEntity()...)
	}
	return append(faults, v.identity()...)
}

// path is engineValidate. alone: the end-entity certificate itself is trusted, and nothing more is asked of it.
func (v *javaValidator) path() (faults []javaFault, alone bool) {
	for i, c := range v.chain {
		if i > 0 && c.subject != v.chain[i-1].issuer {
			return v.build(), false
		}
		if i == 0 && slices.Contains(v.anchors, c) {
			return nil, true
		}
		if i > 0 && v.trusts(c) {
			return v.follow(v.chain[:i]), false
		}
	}
	last := v.chain[len(v.chain)-1]
	if slices.ContainsFunc(v.anchors, func(a *javaCertificate) bool { return a.subject == last.issuer }) {
		return v.follow(v.chain), false
	}
	return v.build(), false
}

// trusts: a trust anchor, or another certificate of its name and key.
func (v *javaValidator) trusts(c *javaCertificate) bool {
	return slices.ContainsFunc(v.anchors, func(a *javaCertificate) bool {
		return a == c || a.subject == c.subject && sameKey(a.v, c.v)
	})
}

// follow is doValidate: path, from the end-entity certificate up, under each trust anchor that could have issued its top.
func (v *javaValidator) follow(path []*javaCertificate) []javaFault {
	top := path[len(path)-1]
	var last []javaFault
	for _, a := range v.anchors {
		if a.subject != top.issuer || !a.identifiedBy(top.authority) {
			continue
		}
		faults := v.check(path, a, true)
		if len(faults) == 0 {
			return a.fitAsAnchor()
		}
		last = faults
	}
	if last == nil {
		f := v.gap(top.member)
		f.class, f.text = "CertPathValidatorException", "Path does not chain with any of the trust anchors"
		return []javaFault{f}
	}
	return last
}

// identifiedBy is AdaptableX509CertSelector.setSkiAndSerialNumber.
func (c *javaCertificate) identifiedBy(a authorityKeyID) bool {
	if a.hasKeyID && c.hasSubjectKeyID && string(a.keyID) != string(c.subjectKeyID) {
		return false
	}
	return !a.hasSerial || c.v.version < 2 || string(a.serial) == string(c.v.serial)
}

// fitAsAnchor is verifyTrustAnchor.
func (c *javaCertificate) fitAsAnchor() []javaFault {
	what := ""
	switch {
	case c.v.version < 2:
		return nil
	case !c.ca:
		what = "is not a CA certificate"
	case c.forbids(keyCertSign):
		what = "does not have keyCertSign bit set in KeyUsage extension"
	default:
		return nil
	}
	return []javaFault{{c.authorityFault(), c.member, "ValidatorException", `TrustAnchor with subject "` + c.v.subject.javaString() + `" ` + what}}
}

func (c *javaCertificate) authorityFault() string {
	if id := wrongAuthority(c.v); id != "" {
		return id
	}
	return "issuer-not-ca"
}

// top is as far up from the end-entity certificate as what was sent leads.
func (v *javaValidator) top() *member {
	at := v.chain[0].member
	seen := []*member{at}
	for {
		up := v.w.find(at, func(m *member) bool { return m.presented && !slices.Contains(seen, m) })
		if up == nil {
			return at
		}
		at, seen = up, append(seen, up)
	}
}

// gap says why nothing trusted was found above top.
func (v *javaValidator) gap(top *member) javaFault {
	id, at := (&context{w: v.w}).explainGap(top)
	return javaFault{id: id, at: at}
}

// endEntity is EndEntityChecker, with the key usage that TLS 1.3 and (EC)DHE need.
func (v *javaValidator) endEntity() []javaFault {
	c, p := v.leaf, v.w.q.Purpose
	if !hasPurpose(p) {
		return nil
	}
	var faults []javaFault
	fail := func(id, text string) {
		if _, wrong := v.w.leafNotFirst(); wrong {
			id = "leaf-not-first"
		}
		faults = append(faults, javaFault{id, c.member, "ValidatorException", text})
	}
	if c.forbids(digitalSignature) {
		fail("key-usage", "KeyUsage does not allow digital signatures")
	}
	side, wanted, netscape := "server", []string{oidServerAuth, oidMicrosoftSGC, oidNetscapeSGC}, byte(netscapeServer)
	if p == ClientAuth {
		side, wanted, netscape = "client", []string{oidClientAuth}, netscapeClient
	}
	wanted = append(wanted, anyExtendedKeyUse)
	if c.hasExtendedKeyUsage && !slices.ContainsFunc(c.extendedKeyUsage, func(oid string) bool { return slices.Contains(wanted, oid) }) {
		fail("extended-key-usage", "Extended key usage does not permit use for TLS "+side+" authentication")
	}
	if c.hasNetscapeType && c.netscapeType&netscape == 0 {
		fail("extended-key-usage", "Netscape cert type does not permit use for SSL "+side)
	}
	return faults
}
