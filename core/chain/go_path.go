package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"sync"
	"time"
)

// goObjections is everything that Go's verifier would refuse along r: time, name and each link judged separately.
func (w *world) goObjections(r route) []objection {
	var all []objection
	add := func(id string, at *member) { all = append(all, objection{id: id, at: at}) }
	for i, m := range r.members {
		if m.X == nil {
			all = append(all, objection{id: "certificate-malformed", at: m, detail: m.Error})
			continue
		}
		if len(m.X.UnhandledCriticalExtensions) > 0 {
			all = append(all, objection{
				id: "critical-extension-unknown", at: m, detail: m.X.UnhandledCriticalExtensions[0].String(),
			})
		}
		if w.q.At.Before(m.X.NotBefore) {
			add("certificate-not-yet-valid", m)
		} else if w.q.At.After(m.X.NotAfter) {
			add("certificate-expired", m)
		}
		if !goUsageAllows(m.X, w.q.Purpose) {
			add("extended-key-usage", m)
		}
		if i > 0 {
			all = append(all, w.goLink(r, i)...)
		}
	}
	all = append(all, w.goConstraints(r.members)...)
	if w.q.Name != "" && w.leaf.X != nil && !goMatches(w.leaf, w.q.Name) {
		seen := *w.leaf.v
		if w.leaf.X.Version < 3 { // x509.ParseCertificate reads extensions in version 3 only
			seen.alternativeNames = nil
		}
		add(narrowerFault(&seen, w.q.Name), w.leaf)
	}
	if last := len(r.members) - 1; r.anchored {
		if reason, refused := r.members[last].distrust(r.members[:last]); refused {
			all = append(all, objection{id: "root-distrusted", at: r.members[last], detail: reason})
		}
	}
	if !r.anchored {
		all = append(all, w.gap(r.members[len(r.members)-1])...)
	}
	return inOrder(all)
}

// goLink is CheckSignatureFrom and isValid for the issuer at i.
func (w *world) goLink(r route, i int) []objection {
	child, issuer := r.members[i-1], r.members[i]
	root := r.anchored && i == len(r.members)-1
	var all []objection
	x := issuer.X
	if child.X == nil {
		return nil
	}
	if !bytes.Equal(child.X.RawIssuer, x.RawSubject) {
		all = append(all, objection{
			id: "ca-name-encoding", at: issuer,
			detail: fmt.Sprintf("issuer %x, subject %x", child.X.RawIssuer, x.RawSubject),
		})
	}
	barred := x.Version == 3 && !x.BasicConstraintsValid || x.BasicConstraintsValid && !x.IsCA ||
		x.KeyUsage != 0 && x.KeyUsage&x509.KeyUsageCertSign == 0
	if barred || !root && (!x.BasicConstraintsValid || !x.IsCA) {
		id := wrongAuthority(issuer.v)
		if id == "" {
			id = "issuer-not-ca"
		}
		all = append(all, objection{id: id, at: issuer})
	}
	if x.BasicConstraintsValid && x.MaxPathLen >= 0 && i-1 > x.MaxPathLen {
		all = append(all, objection{id: "path-length-exceeded", at: issuer, detail: fmt.Sprint(x.MaxPathLen)})
	}
	if o, bad := w.goSignature(child, issuer); bad {
		all = append(all, o)
	}
	return all
}

// goSignature says what Go has against child's signature by issuer.
func (w *world) goSignature(child, issuer *member) (objection, bool) {
	if w.signature(child, issuer) == signatureBad {
		id, at := w.badSignature(child, issuer)
		return objection{id: id, at: at, issuer: issuer, name: child.v.issuer.String(), keyID: child.v.authorityKeyID()}, true
	}
	switch child.X.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1:
		return objection{id: "signature-algorithm-weak", at: child, detail: child.X.SignatureAlgorithm.String()}, true
	case x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return objection{id: "signature-algorithm-unsupported", at: child, detail: child.v.signatureAlgorithm.oid}, true
	}
	if issuer.X.PublicKey == nil {
		return objection{id: "signature-algorithm-unsupported", at: child, detail: child.v.signatureAlgorithm.oid}, true
	}
	if k, ok := issuer.X.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < minimumGoRSABits {
		return objection{id: "key-too-weak", at: issuer, detail: fmt.Sprintf("RSA %d", k.N.BitLen())}, true
	}
	return objection{}, false
}

// minimumGoRSABits is what crypto/rsa verifies with (GODEBUG rsa1024min).
const minimumGoRSABits = 1024

func goUsageAllows(x *x509.Certificate, p Purpose) bool {
	if p == AnyPurpose || p == "" || len(x.ExtKeyUsage)+len(x.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range x.ExtKeyUsage {
		if u == x509.ExtKeyUsageAny || u == goUsage(p) {
			return true
		}
	}
	return false
}

// goConstraints finds the names along path that an authority above them is not allowed to sign.
func (w *world) goConstraints(path []*member) []objection {
	var all []objection
	for j := len(path) - 1; j > 0; j-- {
		authority := path[j]
		if authority.X == nil || authority.v.constraints == nil {
			continue
		}
		for i := range j {
			m := path[i]
			if m.X == nil || !m.v.hasAlternativeNames {
				continue
			}
			if err := w.allowed(authority, m); err != nil {
				all = append(all, objection{id: "name-constraint", at: m, issuer: authority, detail: err.Error()})
			}
		}
	}
	return all
}

// allowed remembers what permitted says, and stops asking when it has been too much.
func (w *world) allowed(authority, m *member) error {
	pair := [2]*member{authority, m}
	if err, known := w.allowances[pair]; known {
		return err
	}
	nc := authority.v.constraints
	w.constraintWork += len(nc.permitted) + len(nc.excluded) + len(m.v.alternativeNames)
	var err error
	if w.constraintWork <= maxConstraintWork {
		err = permitted(authority.X, m.X)
	}
	w.allowances[pair] = err
	return err
}

// The key and signature with which permitted joins two certificates. They keep nothing secret and protect nothing.
var (
	joiningMessage = []byte("name constraints")
	joining        = sync.OnceValues(func() (key ed25519.PublicKey, signature []byte) {
		private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		return private.Public().(ed25519.PublicKey), ed25519.Sign(private, joiningMessage)
	})
)

// permitted asks crypto/x509 itself whether authority's name constraints allow subject's names. Verify has no way to
// ask for that alone, so it is given a path that has the two certificates' names and constraints and is otherwise
// sound.
func permitted(authority, subject *x509.Certificate) error {
	key, signature := joining()
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	issuer := &x509.Certificate{
		Raw: []byte{1}, RawSubject: []byte{1}, Version: 3, BasicConstraintsValid: true, IsCA: true, MaxPathLen: -1,
		PublicKeyAlgorithm: x509.Ed25519, PublicKey: key, NotBefore: day, NotAfter: day,
		RawSubjectPublicKeyInfo: []byte{1},
		Extensions:              only(authority.Extensions, 30),
		PermittedDNSDomains:     authority.PermittedDNSDomains, ExcludedDNSDomains: authority.ExcludedDNSDomains,
		PermittedIPRanges: authority.PermittedIPRanges, ExcludedIPRanges: authority.ExcludedIPRanges,
		PermittedEmailAddresses: authority.PermittedEmailAddresses, ExcludedEmailAddresses: authority.ExcludedEmailAddresses,
		PermittedURIDomains: authority.PermittedURIDomains, ExcludedURIDomains: authority.ExcludedURIDomains,
	}
	bearer := &x509.Certificate{
		Raw: []byte{2}, RawIssuer: []byte{1}, RawSubject: []byte{2}, Version: 3, MaxPathLen: -1,
		RawTBSCertificate: joiningMessage, Signature: signature, SignatureAlgorithm: x509.PureEd25519,
		NotBefore: day, NotAfter: day, Extensions: only(subject.Extensions, 17),
		DNSNames: subject.DNSNames, IPAddresses: subject.IPAddresses, EmailAddresses: subject.EmailAddresses,
		URIs: subject.URIs,
	}
	roots := x509.NewCertPool()
	roots.AddCert(issuer)
	_, err := bearer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: x509.NewCertPool(), CurrentTime: day, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

// only keeps the extension with the object identifier 2.5.29.arc.
func only(all []pkix.Extension, arc int) []pkix.Extension {
	for _, e := range all {
		if e.Id.Equal([]int{2, 5, 29, arc}) {
			return []pkix.Extension{e}
		}
	}
	return nil
}

// goText words an objection as Go does where it has words for it.
func (w *world) goText(o objection) string {
	if o.at == nil || o.at.X == nil {
		return o.detail
	}
	x := o.at.X
	switch o.id {
	case "certificate-expired":
		return x509.CertificateInvalidError{Cert: x, Reason: x509.Expired, Detail: fmt.Sprintf("current time %s is after %s",
			w.q.At.Format(time.RFC3339), x.NotAfter.Format(time.RFC3339))}.Error()
	case "certificate-not-yet-valid":
		return x509.CertificateInvalidError{Cert: x, Reason: x509.Expired, Detail: fmt.Sprintf("current time %s is before %s",
			w.q.At.Format(time.RFC3339), x.NotBefore.Format(time.RFC3339))}.Error()
	case "extended-key-usage":
		return x509.CertificateInvalidError{Cert: x, Reason: x509.IncompatibleUsage}.Error()
	case "path-length-exceeded":
		return x509.CertificateInvalidError{Cert: x, Reason: x509.TooManyIntermediates}.Error()
	case "critical-extension-unknown":
		return x509.UnhandledCriticalExtension{}.Error()
	case "name-constraint":
		return o.detail
	case "name-mismatch", "name-only-in-common-name", "name-missing", "ip-address-not-in-certificate", "wildcard-mismatch":
		return x509.HostnameError{Certificate: x, Host: w.q.Name}.Error()
	}
	return x509.UnknownAuthorityError{Cert: x}.Error()
}
