// Package pki reads, makes and writes certificates, keys and requests, and loads what a profile names. It judges no
// certification path (chain does) and words nothing for people except a file's one-line summary. Private keys it
// writes have mode 0600 and never replace a file unless that was asked for.
package pki

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// Prompt asks the user for a passphrase. ok is false when there is nobody to ask or the user gave up; it never waits
// for an answer that cannot come.
type Prompt func(ctx context.Context, q PassphraseRequest) (passphrase string, ok bool)

// PassphraseRequest says what the passphrase is for.
type PassphraseRequest struct {
	File  string
	Again bool // the last answer was wrong
}

// Material is what a profile's files and trust settings come to, ready for a handshake.
type Material struct {
	Files *evidence.Files // what was read; Failed: no connection can be tried with it
	// Certificate is the client certificate with its key; nil: none was named or it cannot be used.
	Certificate *tls.Certificate
	Trust       profile.Trust
	Roots       *Roots
}

// LoadOptions says how to load a profile's files. The zero value asks nobody and uses the public roots of this machine.
type LoadOptions struct {
	Passphrase string // known already (from the store or a file); empty: none
	Prompt     Prompt // nil: nobody to ask
	Roots      *Roots // nil: PublicRoots()
}

// Load reads what p names. It does not fail: what is wrong stands in Material.Files.
func Load(ctx context.Context, p profile.Profile, o LoadOptions) Material { panic("skeleton") }

// Anchors returns the trust anchors in force: those of the CA files, and the system's or Mozilla's where m.Trust says so.
func (m Material) Anchors() []evidence.Certificate { panic("skeleton") }

// Pool is Anchors for crypto/tls, with the constraints that the Mozilla program puts on some roots.
func (m Material) Pool() *x509.CertPool { panic("skeleton") }

// Candidates returns the system, Mozilla and built-in certificates that issued (by name or key identifier) one of the
// certificates given, and what issued those in turn: the material of evidence.Trust.Candidates.
func (r *Roots) Candidates(of []evidence.Certificate) []evidence.Certificate { panic("skeleton") }

// Roots are public certificates by source.
type Roots struct{ System, Mozilla, BuiltIn []Root }

// Root is one of them. Constraint is nil, or refuses a path (leaf first) that the root program no longer trusts.
type Root struct {
	Certificate *x509.Certificate
	Constraint  func(path []*x509.Certificate) error
}

// PublicRoots returns the roots of this machine, Mozilla's, and the certificates of well-known public chains in
// assets. They are read once.
func PublicRoots() *Roots { panic("skeleton") }

// ReadFile reads path and says what it is and what each block holds, with an eye to role. It never fails: see
// evidence.File.Problem. passphrase may be empty.
func ReadFile(path string, role evidence.Role, passphrase string) evidence.File { panic("skeleton") }

// Summary says in one line what a file is: "CA certificate Test CA, until 2027-11-22".
func Summary(f evidence.File) string { panic("skeleton") }

// KeyAlgorithm is a kind and size of key, as the command line writes it.
type KeyAlgorithm string

const (
	RSA2048   KeyAlgorithm = "rsa:2048"
	RSA3072   KeyAlgorithm = "rsa:3072"
	RSA4096   KeyAlgorithm = "rsa:4096"
	ECDSAP256 KeyAlgorithm = "ecdsa:p256"
	ECDSAP384 KeyAlgorithm = "ecdsa:p384"
	Ed25519   KeyAlgorithm = "ed25519"
)

// KeyAlgorithms lists them, the default first.
var KeyAlgorithms = []KeyAlgorithm{RSA2048, RSA3072, RSA4096, ECDSAP256, ECDSAP384, Ed25519}

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
	Subject   pkix.Name    // see ParseSubject
	Names     []string     // DNS names (wildcards too) and IP addresses, for Server
	Algorithm KeyAlgorithm // empty: RSA2048
	Days      int          // validity; 0: 365
	NotBefore time.Time    // zero: now
}

// ParseSubject reads openssl's form, "/C=US/O=Test Org/CN=Test CA", or a bare common name.
func ParseSubject(s string) (pkix.Name, error) { panic("skeleton") }

// Issued is a certificate made here with its key.
type Issued struct {
	Certificate    *x509.Certificate
	Key            any    // crypto.Signer
	CertificatePEM []byte // PEM
	KeyPEM         []byte // PEM, PKCS #8, not encrypted
	RequestPEM     []byte // PEM; nil for a CA
}

// NewAuthority makes a self-signed CA.
func NewAuthority(r Request) (Issued, error) { panic("skeleton") }

// ReadAuthority reads a CA's certificate and key from files.
func ReadAuthority(certificateFile, keyFile, passphrase string) (Issued, error) { panic("skeleton") }

// Issue makes a key, a request and a certificate signed by authority.
func Issue(authority Issued, r Request) (Issued, error) { panic("skeleton") }

// Names of the files that the wizard writes, the same as those of the openssl commands that it stands for.
const (
	CACertificateName = "client-ca.crt"
	CAKeyName         = "client-ca.key"
)

// FilePaths are the files of one certificate in a folder. Request is empty for a CA.
type FilePaths struct{ Certificate, Key, Request string }

// Paths returns the wizard's names in dir: client-ca.*, server.*, client.*.
func Paths(dir string, k Kind) FilePaths { panic("skeleton") }

// Write writes i under p, keys 0600, all or nothing. Without overwrite an existing file is an *ExistsError.
func (i Issued) Write(p FilePaths, overwrite bool) error { panic("skeleton") }

// ExistsError names the files that are in the way.
type ExistsError struct{ Paths []string }

func (e *ExistsError) Error() string { panic("skeleton") }
