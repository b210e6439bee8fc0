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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/pki"
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
	done := w.options.Report.step(StepDownload, "", "Fetching the certificate.")
	all, err := w.client.Certificates.GetAll(current.Certificate, true)
	if err != nil {
		return got, w.client.explain("fetching the certificate", err, w.options.now())
	}
	got.Alternates, err = alternates(all, current.Certificate, w.order.Request.PreferredChain)
	if err != nil {
		return got, err
	}
	for _, a := range got.Alternates {
		if a.Chosen {
			got.Certificates = a.Certificates
		}
	}
	if !holds(got.Certificates[0], key) {
		return got, fmt.Errorf("fetching the certificate: it is for another key than the one that was asked for; begin a new order")
	}
	done(fmt.Sprintf("The certificate is valid until %s.", got.Certificates[0].NotAfter.Local().Format("2006-01-02 15:04")))
	if ctx.Err() != nil {
		return got, ctx.Err()
	}
	got.Root = RootOf(got.Certificates, w.order.Request.Directory.Anchors()...)
	got.Files, err = w.write(key, current.Certificate, got)
	return got, err
}

// alternates sorts the default chain first, and chooses.
func alternates(all map[string]*lego.RawCertificate, first, preferred string) ([]Alternate, error) {
	urls := make([]string, 0, len(all))
	for url := range all {
		urls = append(urls, url)
	}
	slices.SortFunc(urls, func(a, b string) int {
		if a == first || b == first {
			if a == first {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var list []Alternate
	for _, url := range urls {
		chain, err := certificates(all[url].Cert)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate that the authority sent: %w", err)
		}
		list = append(list, Alternate{Certificates: chain, Anchor: anchorOf(chain)})
	}
	chosen := max(0, slices.IndexFunc(list, func(a Alternate) bool {
		return preferred != "" && strings.EqualFold(a.Anchor, preferred)
	}))
	list[chosen].Chosen = true
	return list, nil
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
	done := w.options.Report.step(StepWriteDown, "", "Writing the files.")
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
