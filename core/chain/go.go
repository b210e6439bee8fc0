package chain

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// goJudge is Go itself: crypto/x509 with explicit pools, and what crypto/tls adds to it.
type goJudge struct{}

func (goJudge) Name() string   { return "go" }
func (goJudge) Models() string { return "Go 1.26, crypto/tls (this program)" }

func (j goJudge) Judge(q Question) Verdict { return j.examine(newWorld(q)) }

// maxHandshakeRSABits is the largest RSA key that crypto/tls takes from the wire.
const maxHandshakeRSABits = 8192

func (j goJudge) examine(w *world) Verdict {
	verdict := Verdict{Client: "go", Depth: -1}
	path, err := w.goVerify()
	if err == nil {
		verdict.Accepted, verdict.path = true, path
		return verdict
	}
	verdict.Code, verdict.Text = goCode(err), err.Error()
	verdict.Reasons = w.goReasons(err)
	return verdict
}

// goVerify asks the real thing. The path is that of the first chain.
func (w *world) goVerify() (path [][32]byte, err error) {
	if w.leaf == nil {
		return nil, errors.New("tls: received empty certificates message")
	}
	if err := w.goHandshake(); err != nil {
		return nil, err
	}
	if w.leaf.X == nil {
		return nil, errors.New(w.leaf.Error)
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: w.q.At, DNSName: w.q.Name,
		KeyUsages: []x509.ExtKeyUsage{goUsage(w.q.Purpose)},
	}
	for _, m := range w.members {
		if m.X == nil || hugeRSA(m.X, maxModulusBits) {
			continue
		}
		switch constraint := m.constraint(); {
		case !m.anchor:
		case constraint != nil:
			options.Roots.AddCertWithConstraint(m.X, constraint)
		default:
			options.Roots.AddCert(m.X)
		}
		if m.presented && m != w.leaf {
			options.Intermediates.AddCert(m.X)
		}
	}
	chains, err := w.leaf.X.Verify(options)
	if err != nil {
		return nil, err
	}
	if w.q.Purpose == ServerAuth {
		switch w.leaf.X.PublicKey.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		default:
			return nil, unsupportedKeyError{w.leaf.X}
		}
	}
	for _, x := range chains[0] {
		path = append(path, sha256.Sum256(x.Raw))
	}
	return path, nil
}

// goHandshake is what crypto/tls asks of every certificate that it is sent, by a server or by a client.
func (w *world) goHandshake() error {
	if !hasPurpose(w.q.Purpose) {
		return nil
	}
	parsing, sender := "tls: failed to parse certificate from server: ", "server"
	if w.q.Purpose == ClientAuth {
		parsing, sender = "tls: failed to parse client certificate: ", "client"
	}
	if w.q.Purpose == ServerAuth && w.leaf.X != nil && unofferedCurve(w.leaf.X) {
		return errUnofferedCurve
	}
	for _, m := range w.sent {
		if m.X == nil {
			return errors.New(parsing + m.Error)
		}
		if hugeRSA(m.X, maxHandshakeRSABits) {
			return fmt.Errorf("tls: %s sent certificate containing RSA key larger than %d bits", sender, maxHandshakeRSABits)
		}
	}
	return nil
}

// errUnofferedCurve is how a handshake ends with a server that has only a key on a curve which this client does not offer:
// the server finds no cipher suite or signature scheme, says so with an alert, and never sends its certificate.
var errUnofferedCurve = errors.New("remote error: tls: handshake failure")

// unofferedCurve reports an ECDSA key that crypto/x509 can check signatures with, but that crypto/tls has no signature
// scheme and no group for: P-224.
func unofferedCurve(x *x509.Certificate) bool {
	k, ok := x.PublicKey.(*ecdsa.PublicKey)
	return ok && k.Curve == elliptic.P224()
}

// unsupportedKeyError is crypto/tls's refusal of an end-entity key that it cannot use.
type unsupportedKeyError struct{ certificate *x509.Certificate }

func (e unsupportedKeyError) Error() string {
	return fmt.Sprintf("tls: server's certificate contains an unsupported type of public key: %T", e.certificate.PublicKey)
}

func hugeRSA(x *x509.Certificate, limit int) bool {
	k, ok := x.PublicKey.(*rsa.PublicKey)
	return ok && k.N.BitLen() > limit
}

func goUsage(p Purpose) x509.ExtKeyUsage {
	switch p {
	case ClientAuth:
		return x509.ExtKeyUsageClientAuth
	case ServerAuth:
		return x509.ExtKeyUsageServerAuth
	}
	return x509.ExtKeyUsageAny
}

// goCode is the name of the error's type; empty for one without a type of its own.
func goCode(err error) string {
	switch err.(type) {
	case x509.UnknownAuthorityError:
		return "x509.UnknownAuthorityError"
	case x509.CertificateInvalidError:
		return "x509.CertificateInvalidError"
	case x509.HostnameError:
		return "x509.HostnameError"
	case x509.UnhandledCriticalExtension:
		return "x509.UnhandledCriticalExtension"
	}
	return ""
}

// goReasons lists all that go objects to on the route with the least of it, and puts first what err is about: Verify
// itself names one fault only.
func (w *world) goReasons(err error) []Reason {
	objections := w.goFaults()
	if len(objections) == 0 {
		objections = []objection{w.goUnexplained(err)}
	}
	first := slices.IndexFunc(objections, func(o objection) bool { return aboutSame(err, o.id) })
	if first > 0 {
		o := objections[first]
		objections = slices.Insert(slices.Delete(slices.Clone(objections), first, first+1), 0, o)
	}
	reasons := make([]Reason, 0, len(objections))
	for i, o := range objections {
		r := Reason{ID: o.id, Text: w.goText(o), Depth: -1}
		if o.at != nil {
			r.SHA256 = o.at.SHA256
		}
		if i == 0 {
			r.Code, r.Text = goCode(err), err.Error()
		}
		reasons = append(reasons, r)
	}
	return reasons
}

// goFaults is what keeps go from accepting, in the order in which it must be repaired.
func (w *world) goFaults() []objection {
	var all []objection
	for _, m := range w.sent {
		switch {
		case !hasPurpose(w.q.Purpose):
		case m.X == nil:
			all = append(all, objection{id: "certificate-malformed", at: m, detail: m.Error})
		case hugeRSA(m.X, maxHandshakeRSABits):
			all = append(all, objection{id: "server-key-unsupported", at: m})
		}
	}
	if w.leaf != nil && w.leaf.X != nil && w.q.Purpose == ServerAuth && unofferedCurve(w.leaf.X) {
		all = append(all, objection{id: "server-key-unsupported", at: w.leaf, detail: "ECDSA on P-224"})
	}
	if w.leaf != nil && w.leaf.v == nil {
		all = append(all, objection{id: "certificate-malformed", at: w.leaf, detail: w.leaf.Error})
	}
	if w.best(); w.capped {
		all = append(all, objection{id: "chain-too-complex", at: w.leaf})
	}
	if position, wrong := w.leafNotFirst(); wrong {
		all = append(all, objection{id: "leaf-not-first", at: w.leaf})
		return inOrder(append(all, w.ordered(position).best().objections...))
	}
	return inOrder(append(all, w.best().objections...))
}

// ordered is the same world with the end-entity certificate at its front.
func (w *world) ordered(position int) *world {
	if w.reordered == nil {
		w.reordered = newWorld(w.q.reordered(position))
		w.reordered.work = w.work
	}
	return w.reordered
}

// aboutSame reports whether Go's error can be the one that is made of a fault with that id.
func aboutSame(err error, id string) bool {
	switch e := err.(type) {
	case x509.UnhandledCriticalExtension:
		return id == "critical-extension-unknown"
	case x509.HostnameError:
		return slices.Contains([]string{
			"name-mismatch", "name-only-in-common-name", "name-missing", "ip-address-not-in-certificate", "wildcard-mismatch",
			"leaf-not-first",
		}, id)
	case x509.CertificateInvalidError:
		switch e.Reason {
		case x509.Expired:
			return id == "certificate-expired" || id == "certificate-not-yet-valid"
		case x509.IncompatibleUsage:
			return id == "extended-key-usage"
		case x509.CANotAuthorizedForThisName:
			return id == "name-constraint"
		case x509.TooManyIntermediates:
			return id == "path-length-exceeded"
		}
		return false
	case x509.UnknownAuthorityError:
		return slices.Contains([]string{
			"self-signed-leaf", "intermediate-missing", "ca-rotated", "ca-name-encoding", "root-sent-untrusted",
			"root-unknown", "root-distrusted", "signature-invalid", "signature-algorithm-unsupported", "signature-algorithm-weak",
			"certificate-version", "issuer-not-ca", "issuer-cannot-sign",
		}, id)
	}
	return id == "certificate-malformed" || id == "server-key-unsupported"
}

// goUnexplained is for an error that no fault on the best route accounts for.
func (w *world) goUnexplained(err error) objection {
	o := objection{id: "chain-too-complex", at: w.leaf, detail: err.Error()}
	if e, ok := err.(x509.CertificateInvalidError); ok && e.Reason == x509.NoValidChains {
		o.id = "policy-constraint"
	}
	if _, ok := err.(unsupportedKeyError); ok {
		o.id = "server-key-unsupported"
	}
	return o
}
