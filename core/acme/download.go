package acme

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/core/remote"
)

// Alternate is one of the chains that the authority offers for the same certificate (RFC 8555 §7.4.2).
type Alternate struct {
	Certificates []*x509.Certificate // the end-entity certificate first
	// Anchor is the common name of the issuer above the last certificate: what must be trusted.
	Anchor string
	Chosen bool
}

// download fetches the chains and writes the files.
func (w *run) download(ctx context.Context, key crypto.Signer, current lego.Order) (got Obtained, err error) {
	done := w.options.Report.Begin(progress.Download, "", "Fetching the certificate.")
	got.Alternates, err = w.client.chains(ctx, "fetching the certificate", current.Certificate)
	if err != nil {
		return got, err
	}
	got.Certificates = choose(got.Alternates, w.order.Request.PreferredChain)
	if err := asOrdered(got.Certificates[0], key, w.order.Request.Names, time.Now()); err != nil {
		return got, fmt.Errorf("fetching the certificate: %w", err)
	}
	done(fmt.Sprintf("The certificate is valid until %s.", got.Certificates[0].NotAfter.Local().Format("2006-01-02 15:04")))
	if ctx.Err() != nil {
		return got, ctx.Err()
	}
	got.Root = RootOf(got.Certificates, w.order.Request.Directory.Anchors()...)
	got.Files, err = w.write(key, current.Certificate, got)
	return got, err
}

// maxAlternates bounds the chains that are asked for beside the default one: Let's Encrypt offers two.
const maxAlternates = 8

// chains fetches the default chain and the alternates, in the order in which the authority names them. An alternate that
// cannot be had does not stand in the way of the certificate.
func (c *client) chains(ctx context.Context, doing, address string) ([]Alternate, error) {
	first, links, err := c.chain(address)
	if err != nil {
		return nil, c.explain(doing, err, time.Now())
	}
	list := []Alternate{{Certificates: first, Anchor: anchorOf(first)}}
	for _, link := range links[:min(len(links), maxAlternates)] {
		other, _, err := c.chain(link)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		known := func(a Alternate) bool { return sameChain(a.Certificates, other) }
		if err != nil || !other[0].Equal(first[0]) || slices.ContainsFunc(list, known) {
			continue
		}
		list = append(list, Alternate{Certificates: other, Anchor: anchorOf(other)})
	}
	return list, nil
}

// chain fetches one chain, with the addresses of alternates (RFC 8555 §7.4.2).
func (c *client) chain(address string) (chain []*x509.Certificate, alternates []string, err error) {
	text, _, err := c.Certificates.Get(address, true)
	if err != nil {
		return nil, nil, err
	}
	if of, err := url.Parse(address); err == nil {
		alternates = c.transport.links("alternate", of)
	}
	if chain, err = certificates(text); err != nil {
		return nil, nil, &chainError{err}
	}
	return chain, alternates, nil
}

// chainError says that what the authority sent is no certificate chain (RFC 8555 §9.1).
type chainError struct{ Err error }

func (e *chainError) Error() string {
	return "what the authority sent is no chain of certificates: " + e.Err.Error() + "; try again later: the order goes on from here"
}
func (e *chainError) Unwrap() error { return e.Err }

// choose marks the chain that ends with the preferred root, or else the first, and returns it.
func choose(list []Alternate, preferred string) []*x509.Certificate {
	chosen := max(0, slices.IndexFunc(list, func(a Alternate) bool {
		return preferred != "" && strings.EqualFold(a.Anchor, preferred)
	}))
	list[chosen].Chosen = true
	return list[chosen].Certificates
}

// asOrdered says what of the certificate is not as it was ordered: it would take the place of one that works.
func asOrdered(c *x509.Certificate, key crypto.Signer, names []string, now time.Time) error {
	if !holds(c, key) {
		return errors.New("it is for another key than the one that was asked for; begin a new order")
	}
	for _, name := range names {
		ip := net.ParseIP(name)
		if !slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.EqualFold(n, name) }) && !slices.ContainsFunc(c.IPAddresses, ip.Equal) {
			return fmt.Errorf("it does not name %s, which was ordered; begin a new order", name)
		}
	}
	if now.After(c.NotAfter) {
		return fmt.Errorf("it ended on %s, and this computer's clock shows %s: set the clock if that is wrong, else begin a new order", remote.Clock(c.NotAfter), remote.Clock(now))
	}
	return nil
}

// anchorOf is the common name of what the chain ends in: the last certificate itself where that is self-issued.
func anchorOf(chain []*x509.Certificate) string { return chain[len(chain)-1].Issuer.CommonName }

func certificates(text []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("there is a block %q in it", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("it holds no certificate")
	}
	return chain, nil
}

func holds(c *x509.Certificate, key crypto.Signer) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// RootOf finds the self-signed root above chain's last certificate among the public roots and more, by name, key and
// signature. It is never the last certificate of the file, which today is a cross-certificate. nil: there is none.
func RootOf(chain []*x509.Certificate, more ...*x509.Certificate) *x509.Certificate {
	last := chain[len(chain)-1]
	if selfSigned(last) {
		return last
	}
	issued := func(x *x509.Certificate) bool {
		return x != nil && bytes.Equal(x.RawSubject, last.RawIssuer) && selfSigned(x) && last.CheckSignatureFrom(x) == nil
	}
	for _, x := range more {
		if issued(x) {
			return x
		}
	}
	roots := pki.PublicRoots()
	for _, list := range [][]pki.Root{roots.Mozilla(), roots.System(), roots.BuiltIn()} {
		for _, r := range list {
			if x := r.Certificate(); issued(x) {
				return x
			}
		}
	}
	return nil
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// write puts all files in place, or none, and then forgets the order.
func (w *run) write(key crypto.Signer, url string, got Obtained) (Files, error) {
	done := w.options.Report.Begin(progress.WriteDown, "", "Writing the files.")
	name := w.order.Request.Names[0]
	files := w.folder.Files(name)
	keyText, err := keyPEM(key)
	if err != nil {
		return files, err
	}
	renewal := Renewal{Schema: schema, Request: w.order.Request, CertURL: url, Obtained: w.options.now().UTC()}
	if a, err := w.folder.readAccount(w.order.Request.Directory); err == nil {
		renewal.Account = a.URL
	}
	if files, err = w.folder.put(name, keyText, renewal, got); err != nil {
		return files, err
	}
	if err := w.forget(); err != nil {
		return files, err
	}
	done("The files are in " + w.folder.Dir(name) + ".")
	return files, nil
}

// forget removes what an order under way needed.
func (w *run) forget() error {
	for _, path := range []string{w.pendingKey(), filepath.Join(w.folder.Dir(w.order.Request.Names[0]), orderFile)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("ending the order: %w", err)
		}
	}
	return nil
}

func pemOf(list []*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range list {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return b.Bytes()
}

// ReadChain reads the certificates of fullchain.pem.
func (f Folder) ReadChain(name string) ([]*x509.Certificate, error) {
	return readCertificates(f.Files(name).FullChain)
}

// Certificate reads cert.pem.
func (f Folder) Certificate(name string) (*x509.Certificate, error) {
	list, err := readCertificates(f.Files(name).Certificate)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// lifetimeThird is when to renew where the authority does not say: a third of the lifetime before the end.
func lifetimeThird(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 3)
}
