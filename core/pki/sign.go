package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
)

// Requested is a key and a request for a certificate. Printing it shows no key.
type Requested struct {
	KeyPEM     []byte `json:"-"` // PKCS #8, not encrypted
	RequestPEM []byte
}

// String names r without showing the key.
func (r Requested) String() string { return "certificate request with its key" }

// GoString is String.
func (r Requested) GoString() string { return "pki.Requested{" + r.String() + "}" }

// NewRequest makes a key and a request that another authority can sign. r.Kind is Server or Client; its days do not
// count, because the authority decides on them.
func NewRequest(r Request) (Requested, error) {
	if r.Kind != Server && r.Kind != Client {
		return Requested{}, fmt.Errorf("making a request: %q is none of server, client", r.Kind)
	}
	r.Days = 0
	template, err := newTemplate(r)
	if err != nil {
		return Requested{}, err
	}
	key, err := r.Algorithm.generate()
	if err != nil {
		return Requested{}, err
	}
	var out Requested
	if out.RequestPEM, err = makeRequest(template, key); err != nil {
		return Requested{}, err
	}
	out.KeyPEM, err = EncodeKey(key, PEM, "", false)
	return out, err
}

// minRSABits is what clients demand of RSA keys (CA/Browser Forum Baseline Requirements §6.1.5; OpenSSL's security
// level 2).
const minRSABits = 2048

// SignRequest makes a certificate of somebody else's request. Of the request only the key, the subject and, where r has
// none, the DNS names and addresses are taken over: what the certificate may be used for is for the signer to say, so a
// request for an authority gives no authority. The result has no key.
func SignRequest(authority Issued, request *x509.CertificateRequest, r Request) (Issued, error) {
	if r.Kind != Server && r.Kind != Client {
		return Issued{}, fmt.Errorf("signing a request: %q is none of server, client", r.Kind)
	}
	if authority.Certificate == nil {
		return Issued{}, errors.New("signing a request: there is no authority")
	}
	if err := errors.Join(checkAuthority(authority.Certificate, r.Kind), checkRequest(request)); err != nil {
		return Issued{}, fmt.Errorf("signing a request: %w", err)
	}
	own := len(r.Subject.ToRDNSequence()) == 0
	if own {
		r.Subject = request.Subject
	}
	if len(r.Names) == 0 {
		r.Names = append(slices.Clone(request.DNSNames), addresses(request.IPAddresses)...)
	}
	template, err := newTemplate(r)
	if err != nil {
		return Issued{}, err
	}
	if own && len(request.Subject.ToRDNSequence()) > 0 {
		template.RawSubject = request.RawSubject // in the request's own string types
	}
	var out Issued
	if out.Shortened, err = fitInto(template, authority.Certificate); err != nil {
		return Issued{}, err
	}
	if template.SubjectKeyId, err = keyIdentifier(request.PublicKey); err != nil {
		return Issued{}, err
	}
	if _, ok := request.PublicKey.(*rsa.PublicKey); ok && r.Kind == Server {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority.Certificate, request.PublicKey, authority.Key)
	if err != nil {
		return Issued{}, fmt.Errorf("signing the certificate: %w", err)
	}
	if out.Certificate, err = x509.ParseCertificate(der); err != nil {
		return Issued{}, fmt.Errorf("reading the new certificate: %w", err)
	}
	out.CertificatePEM = pemBlockOf("CERTIFICATE", der)
	return out, nil
}

// checkRequest asks for the proof that the sender has the key, and for a key that clients accept.
func checkRequest(request *x509.CertificateRequest) error {
	err := request.CheckSignature()
	if errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		kind, _ := publicKeyType(request.RawSubjectPublicKeyInfo)
		return fmt.Errorf("the request has a key (%s) whose signature this program cannot check", kind)
	}
	if err != nil {
		return fmt.Errorf("the request is not signed with its own key: %s", trimPrefix(err))
	}
	if k, ok := request.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < minRSABits {
		return fmt.Errorf("the request has an RSA key of %d bits, and clients want %d or more", k.N.BitLen(), minRSABits)
	}
	return nil
}

func addresses(ips []net.IP) []string {
	var out []string
	for _, ip := range ips {
		out = append(out, ip.String())
	}
	return out
}
