package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/pki"
	"mutual/core/progress"
)

// Revoke revokes the folder's certificate with the account that obtained it. Reason is one of RFC 5280 §5.3.1 that the
// authority takes: 0 unspecified, 1 key compromised, 4 superseded, 5 no longer used.
func (f Folder) Revoke(ctx context.Context, name string, reason uint, report progress.Report) error {
	renewal, c, unlock, err := f.revocable(name)
	if err != nil {
		return err
	}
	defer unlock()
	a, err := f.readAccount(renewal.Request.Directory)
	if err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	if err := revoke(ctx, renewal.Request.Directory, a.URL, a.key, c, reason, report); err != nil {
		return err
	}
	return f.noteRevoked(name, renewal)
}

// RevokeByKey revokes the folder's certificate with its own key, which takes no account (RFC 8555 §7.6).
func (f Folder) RevokeByKey(ctx context.Context, name string, reason uint, report progress.Report) error {
	renewal, c, unlock, err := f.revocable(name)
	if err != nil {
		return err
	}
	defer unlock()
	key, err := readKey(f.Files(name).Key)
	if err != nil {
		return err
	}
	if err := revoke(ctx, renewal.Request.Directory, "", key, c, reason, report); err != nil {
		return err
	}
	return f.noteRevoked(name, renewal)
}

// noteRevoked writes down that the certificate that lies in the folder is revoked; the next one is not.
func (f Folder) noteRevoked(name string, renewal Renewal) error {
	renewal.RevokedAt, renewal.Due = time.Now().UTC(), Due{} // the authority says something else of it now
	return writeJSON(filepath.Join(f.Dir(name), renewalFile), renewal)
}

// RevokeFound revokes a certificate that is in no folder with its own key.
func RevokeFound(ctx context.Context, d Directory, certificate *x509.Certificate, key crypto.Signer, reason uint, report progress.Report) error {
	return revoke(ctx, d, "", key, certificate, reason, report)
}

// revocable is the folder's certificate, which stays there until unlock: a renewal in between would put another one in
// its place, which would then be the one that is written down as revoked.
func (f Folder) revocable(name string) (renewal Renewal, c *x509.Certificate, unlock func(), err error) {
	if renewal, err = f.Renewal(name); err != nil { // before the lock, which makes the folder
		return renewal, nil, nil, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	if unlock, err = f.lock(name); err != nil {
		return renewal, nil, nil, err
	}
	chain, err := f.ReadChain(name)
	if err == nil {
		renewal, err = f.Renewal(name) // as it is now
	}
	if err != nil {
		unlock()
		return renewal, nil, nil, err
	}
	return renewal, chain[0], unlock, nil
}

// revoke asks as the account, or where it is empty, by key itself.
func revoke(ctx context.Context, d Directory, account string, key crypto.Signer, certificate *x509.Certificate, reason uint, report progress.Report) error {
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
	default:
		return fmt.Errorf("revoking the certificate: its %s key cannot sign the request, for which RSA and ECDSA keys are used here; ask by the account that obtained it", pki.KeyTypeOf(key.Public()))
	}
	c, err := newClient(ctx, d, account, key)
	if err != nil {
		return err
	}
	defer c.close()
	done := report.Begin(progress.Revoke, "", "Revoking the certificate.")
	err = c.Certificates.Revoke(lego.RevokeCertMessage{Certificate: base64.RawURLEncoding.EncodeToString(certificate.Raw), Reason: &reason})
	if err != nil {
		err = c.explain("revoking the certificate", err, time.Now())
		var p *Problem
		if errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Type == "malformed") { // RFC 8555 §7.6 names no type for a certificate of somebody else's
			p.Advice = fmt.Sprintf("See that the directory is that of the authority that issued it (%s).", certificate.Issuer)
			return fmt.Errorf("revoking the certificate: %w", p) // the words of err are made already
		}
		return err
	}
	done("The certificate is revoked; replace it wherever it is in use.")
	return nil
}
