package acme

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// DirectoryError is returned for a directory's address that is none.
type DirectoryError struct{ URL string }

func (e *DirectoryError) Error() string {
	if e.URL == "" {
		return "no directory is given"
	}
	return fmt.Sprintf("%q is not an https address, which a directory has", e.URL)
}

// CAFileError says why the CA file of a directory cannot be used.
type CAFileError struct {
	File   string
	Reason string
}

func (e *CAFileError) Error() string {
	return "reading the directory's CA file: " + e.File + ": " + e.Reason
}

// check refuses an address that no directory has (RFC 8555 §6.1).
func (d Directory) check() error {
	if u, err := url.Parse(d.URL); err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return &DirectoryError{d.URL}
	}
	return nil
}

// Anchors are the certificates of the directory's CA file, as far as they can be read: an authority of one's own usually
// issues with the root that its directory is reached with, too.
func (d Directory) Anchors() []*x509.Certificate {
	if d.CAFile == "" {
		return nil
	}
	list, _ := d.readAnchors()
	return list
}

// readAnchors reads the CA file, which may be of any format; without a certificate in it, that is a *CAFileError.
func (d Directory) readAnchors() ([]*x509.Certificate, error) {
	f := pki.ReadFile(d.CAFile, evidence.RoleCA, "")
	var list []*x509.Certificate
	for _, b := range f.Blocks {
		if c, err := x509.ParseCertificate(b.Certificate); err == nil {
			list = append(list, c)
		}
	}
	switch {
	case len(list) > 0:
		return list, nil
	case f.Problem == evidence.Missing:
		return nil, &CAFileError{d.CAFile, "there is no such file"}
	case f.Problem == evidence.Unreadable:
		return nil, &CAFileError{d.CAFile, f.Detail}
	}
	return nil, &CAFileError{d.CAFile, "there is no certificate in it"}
}

// Info is what a directory says of itself.
type Info struct {
	Terms            string            // address of the terms of service; empty: none
	Website          string            //
	Profiles         map[string]string // name → description; nil where the authority has none
	CAA              []string          // the names to allow in CAA records
	ExternalRequired bool              // only customers get an account
	RenewalInfo      bool              // it says when to renew (RFC 9773)
}

// Ask fetches what a directory says of itself.
func Ask(ctx context.Context, d Directory) (Info, error) {
	c, err := newClient(ctx, d, "", nil)
	if err != nil {
		return Info{}, err
	}
	defer c.close()
	return infoOf(c.GetDirectory()), nil
}

func infoOf(d lego.Directory) Info {
	return Info{Terms: d.Meta.TermsOfService, Website: d.Meta.Website, Profiles: d.Meta.Profiles, CAA: d.Meta.CaaIdentities,
		ExternalRequired: d.Meta.ExternalAccountRequired, RenewalInfo: d.RenewalInfo != ""}
}
