package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// KeyAlgorithm is a kind and size of key, as the command line writes it.
type KeyAlgorithm string

const (
	RSA2048   KeyAlgorithm = "rsa:2048"
	RSA3072   KeyAlgorithm = "rsa:3072"
	RSA4096   KeyAlgorithm = "rsa:4096"
	ECDSAP256 KeyAlgorithm = "ecdsa:p256"
	ECDSAP384 KeyAlgorithm = "ecdsa:p384"
	ECDSAP521 KeyAlgorithm = "ecdsa:p521"
	Ed25519   KeyAlgorithm = "ed25519"
)

// KeyAlgorithms lists them, the default first.
var KeyAlgorithms = []KeyAlgorithm{RSA2048, RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521, Ed25519}

// generate makes a key; empty means RSA2048.
func (a KeyAlgorithm) generate() (crypto.Signer, error) {
	switch a {
	case RSA2048, "":
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case ECDSAP521:
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("making a key: %q is none of %v", string(a), KeyAlgorithms)
}

// Kind is what a certificate is for.
type Kind string

const (
	CA     Kind = "ca"
	Server Kind = "server"
	Client Kind = "client"
)

// Request says what is to be made.
type Request struct {
	Kind      Kind
	Subject   pkix.Name    // see ParseSubject; where ExtraNames is set, its order is kept
	Names     []string     // DNS names (wildcards too) and IP addresses, for Server; see Issue
	Algorithm KeyAlgorithm // empty: RSA2048
	Days      int          // validity; 0: 365
	// PathLength is how many authorities may stand below a CA; nil: as many as its issuer allows.
	PathLength *int
	// Permitted and Excluded are name constraints of a CA (RFC 5280 §4.2.1.10): DNS names, with all below them, and
	// addresses or networks (10.0.0.0/8).
	Permitted, Excluded []string
	// NotBefore is the start of the validity; zero: now. It is not back-dated, as openssl's is not: a machine whose
	// clock is behind will refuse the certificate for that long.
	NotBefore time.Time
}

// defaultDays is the validity of the openssl commands that the wizard stands for.
const defaultDays = 365

// Issued is a certificate made here with its key. Printing it shows no key.
type Issued struct {
	Certificate    *x509.Certificate `json:"-"`
	Key            any               `json:"-"` // crypto.Signer
	CertificatePEM []byte            // PEM
	KeyPEM         []byte            `json:"-"` // PEM, PKCS #8, not encrypted
	RequestPEM     []byte            // PEM; nil for a CA
	// Shortened is by how much the validity was cut so as not to outlast the issuer's; 0: it was not.
	Shortened time.Duration
}

// String names the certificate without showing the key.
func (i Issued) String() string {
	if i.Certificate == nil {
		return "nothing issued"
	}
	return "certificate " + CommonName(i.Certificate) + " with its key"
}

// GoString is String: "%#v" would walk into the private key.
func (i Issued) GoString() string { return "pki.Issued{" + i.String() + "}" }

// NewAuthority makes a self-signed CA. r.Kind is CA or empty.
func NewAuthority(r Request) (Issued, error) {
	if r.Kind != "" && r.Kind != CA {
		return Issued{}, fmt.Errorf("making a certificate authority: the kind asked for is %q", r.Kind)
	}
	r.Kind = CA
	return makeIssued(nil, r)
}

// Issue makes a key, a request and a certificate signed by authority. A server needs a name: its Names, or else a
// common name that is a DNS name or IP address; without a subject its first name becomes the common name. A client may
// have Names too. With Kind CA the result is an intermediate authority. The certificate never outlasts the authority's:
// see Issued.Shortened.
func Issue(authority Issued, r Request) (Issued, error) {
	if authority.Certificate == nil {
		return Issued{}, errors.New("issuing a certificate: there is no authority")
	}
	if err := checkAuthority(authority.Certificate, r.Kind); err != nil {
		return Issued{}, fmt.Errorf("issuing a certificate: %w", err)
	}
	if r.Kind != CA && r.Kind != Server && r.Kind != Client {
		return Issued{}, fmt.Errorf("issuing a certificate: %q is none of ca, server, client", r.Kind)
	}
	return makeIssued(&authority, r)
}

// checkAuthority says why c cannot sign a certificate of that kind.
func checkAuthority(c *x509.Certificate, kind Kind) error {
	switch {
	case !c.BasicConstraintsValid || !c.IsCA:
		return fmt.Errorf("the certificate %s is not an authority's (basicConstraints does not say CA:TRUE)", CommonName(c))
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("the authority %s may not sign certificates (keyUsage lacks keyCertSign)", CommonName(c))
	case kind == CA && c.MaxPathLenZero:
		return fmt.Errorf("the authority %s may not have an authority below it (pathLenConstraint is 0)", CommonName(c))
	}
	return nil
}

// makeIssued makes key, request and certificate. authority is nil for a self-signed one.
func makeIssued(authority *Issued, r Request) (Issued, error) {
	template, err := newTemplate(r)
	if err != nil {
		return Issued{}, err
	}
	out := Issued{}
	if authority != nil {
		if out.Shortened, err = fitInto(template, authority.Certificate); err != nil {
			return Issued{}, err
		}
		if err := fitPathLength(template, authority.Certificate); err != nil {
			return Issued{}, err
		}
	}
	key, err := r.Algorithm.generate()
	if err != nil {
		return Issued{}, err
	}
	if template.SubjectKeyId, err = keyIdentifier(key.Public()); err != nil {
		return Issued{}, err
	}
	if _, ok := key.(*rsa.PrivateKey); ok && r.Kind == Server {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment // the RSA key exchange of TLS 1.2
	}
	if r.Kind != CA {
		if out.RequestPEM, err = makeRequest(template, key); err != nil {
			return Issued{}, err
		}
	}
	parent, signer := template, any(key)
	if authority != nil {
		parent, signer = authority.Certificate, authority.Key
	} else {
		template.AuthorityKeyId = template.SubjectKeyId // openssl's default for its own CAs
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return Issued{}, fmt.Errorf("signing the certificate: %w", err)
	}
	return out.complete(der, key)
}

// complete fills in what follows from the certificate's DER and its key.
func (i Issued) complete(der []byte, key crypto.Signer) (Issued, error) {
	var err error
	if i.Certificate, err = x509.ParseCertificate(der); err != nil {
		return Issued{}, fmt.Errorf("reading the new certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Issued{}, fmt.Errorf("encoding the key: %w", err)
	}
	i.Key = key
	i.CertificatePEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	i.KeyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	return i, nil
}

func makeRequest(template *x509.Certificate, key crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		RawSubject: template.RawSubject, DNSNames: template.DNSNames, IPAddresses: template.IPAddresses,
	}, key)
	if err != nil {
		return nil, fmt.Errorf("making the certificate request: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

// newTemplate is everything about the certificate but its keys. Extensions are those of RFC 5280 §4.2.1 for its kind.
func newTemplate(r Request) (*x509.Certificate, error) {
	t := &x509.Certificate{BasicConstraintsValid: true, NotBefore: r.NotBefore}
	var err error
	if t.SerialNumber, err = newSerial(); err != nil {
		return nil, err
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = time.Now()
	}
	t.NotBefore = t.NotBefore.UTC().Truncate(time.Second)
	days := r.Days
	if days == 0 {
		days = defaultDays
	}
	if t.NotAfter = t.NotBefore.AddDate(0, 0, days); days < 0 || t.NotAfter.Year() > 9999 {
		return nil, fmt.Errorf("making a certificate: it cannot be valid for %d days", r.Days)
	}
	switch r.Kind {
	case CA:
		t.IsCA = true
		t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	case Server:
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case Client:
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if err := errors.Join(setNames(t, r), setConstraints(t, r)); err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	return t, nil
}

// fitInto cuts t's validity to issuer's end and returns by how much.
func fitInto(t, issuer *x509.Certificate) (time.Duration, error) {
	if !t.NotBefore.Before(issuer.NotAfter) {
		return 0, fmt.Errorf("issuing a certificate: the authority %s expired on %s", CommonName(issuer), day(issuer.NotAfter))
	}
	if !t.NotAfter.After(issuer.NotAfter) {
		return 0, nil
	}
	cut := t.NotAfter.Sub(issuer.NotAfter)
	t.NotAfter = issuer.NotAfter
	return cut, nil
}

// newSerial is a random positive number of 159 bits: at most 20 bytes (RFC 5280 §4.1.2.2), as openssl's are.
func newSerial() (*big.Int, error) {
	limit := new(big.Int).Lsh(big.NewInt(1), 159)
	n, err := rand.Int(rand.Reader, limit.Sub(limit, big.NewInt(1)))
	if err != nil {
		return nil, fmt.Errorf("making a serial number: %w", err)
	}
	return n.Add(n, big.NewInt(1)), nil
}

// keyIdentifier is the SHA-1 of the public key's bits: method 1 of RFC 5280 §4.2.1.2, and openssl's.
func keyIdentifier(pub any) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	sum := sha1.Sum(info.Key.Bytes)
	return sum[:], nil
}
