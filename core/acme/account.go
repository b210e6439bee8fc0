package acme

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/pki"
	"mutual/core/progress"
)

// account is a registration with one authority. Its key never leaves the folder.
type account struct {
	Schema  int       `json:"schema"`
	URL     string    `json:"url"`
	Terms   string    `json:"terms,omitempty"` // the terms that were agreed to
	Contact []string  `json:"contact,omitempty"`
	Created time.Time `json:"created"`

	key crypto.Signer
}

// TermsError is returned where the terms of service have not been agreed to.
type TermsError struct{ Terms string }

func (e *TermsError) Error() string {
	return "opening an account: the authority wants its terms of service agreed to: " + e.Terms
}

func (f Folder) accountDir(d Directory) (string, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		return "", err // which check has refused
	}
	name := strings.NewReplacer("/", "_", ":", "_", `\`, "_").Replace(u.Host + strings.TrimRight(u.Path, "/"))
	return filepath.Join(f.Path, "accounts", name), nil
}

func (f Folder) readAccount(d Directory) (account, error) {
	dir, err := f.accountDir(d)
	if err != nil {
		return account{}, err
	}
	var a account
	if err := readJSON(filepath.Join(dir, accountFile), &a); err != nil {
		return a, err
	}
	if a.URL == "" {
		return a, fmt.Errorf("the authority does not know the account any more: %w", fs.ErrNotExist)
	}
	a.key, err = readKey(filepath.Join(dir, "key.pem"))
	return a, err
}

const accountFile = "account.json"

// connect returns a client that speaks as the folder's account, which is made where there is none.
func (f Folder) connect(ctx context.Context, r Request, report progress.Report) (*client, error) {
	a, err := f.readAccount(r.Directory)
	if err == nil {
		done := report.Begin(progress.Account, "", "Going on with the account.")
		c, err := newClient(ctx, r.Directory, a.URL, a.key)
		if err == nil {
			done("The account of " + a.Created.Local().Format("2006-01-02") + " is used" + a.contactRemark(r.Contact) + ".")
		}
		return c, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	done := report.Begin(progress.Account, "", "Opening an account with the authority.")
	c, err := f.register(ctx, r)
	if err != nil {
		return nil, err
	}
	done("The account is open.")
	return c, nil
}

// contactRemark says that an account keeps the contact that it was opened with.
func (a account) contactRemark(wanted []string) string {
	switch {
	case len(wanted) == 0 || slices.Equal(wanted, a.Contact):
		return ""
	case len(a.Contact) == 0:
		return "; it was opened without a contact, and stays so"
	}
	return "; its contact stays " + strings.Join(a.Contact, ", ")
}

// register opens an account. The key is written first: were the answer lost, the next try would find the same account
// by it (RFC 8555 §7.3).
func (f Folder) register(ctx context.Context, r Request) (*client, error) {
	dir, err := f.accountDir(r.Directory)
	if err != nil {
		return nil, err
	}
	key, err := keptKey(filepath.Join(dir, "key.pem"), pki.ECDSAP256)
	if err != nil {
		return nil, err
	}
	c, err := newClient(ctx, r.Directory, "", key)
	if err != nil {
		return nil, err
	}
	if err := f.newAccount(c, r, dir, key); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (f Folder) newAccount(c *client, r Request, dir string, key crypto.Signer) error {
	info := infoOf(c.GetDirectory())
	if info.Terms != "" && r.AgreedTerms != info.Terms {
		return &TermsError{Terms: info.Terms}
	}
	if info.ExternalRequired && r.External == nil {
		return &Problem{Type: "externalAccountRequired", Detail: "This authority serves only customers that it knows", Advice: advice["externalAccountRequired"]}
	}
	ask := lego.Account{TermsOfServiceAgreed: true}
	for _, mail := range r.Contact {
		ask.Contact = append(ask.Contact, "mailto:"+strings.TrimPrefix(mail, "mailto:"))
	}
	var made lego.ExtendedAccount
	var err error
	if r.External != nil {
		hmac, keyErr := r.External.key()
		if keyErr != nil {
			return keyErr
		}
		made, err = c.Accounts.NewEAB(ask, r.External.KeyID, hmac)
	} else {
		made, err = c.Accounts.New(ask)
	}
	if err != nil {
		err = c.explain("opening an account", err, time.Now())
		var p *Problem
		if r.External != nil && errors.As(err, &p) && (p.Type == "unauthorized" || p.Type == "malformed" || p.Type == "externalAccountRequired") {
			p.Advice = "See that the key identifier and the HMAC key are both copied whole, belong together, and are still good: some authorities take each pair only once."
			return fmt.Errorf("opening an account: %w", p)
		}
		return err
	}
	return writeJSON(filepath.Join(dir, accountFile), account{Schema: schema, URL: made.Location, Terms: info.Terms, Contact: r.Contact, Created: time.Now().UTC()})
}

// minHMAC is the shortest key of HS256 (RFC 7518 §3.2), which is what bindings are signed with. Bytes.
const minHMAC = 32

// key is the HMAC key as base64url without padding. Authorities' pages show it in other forms of base64, too.
func (e *ExternalAccount) key() (string, error) {
	text := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSpace(e.HMAC)), "=")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < minHMAC {
		return "", fmt.Errorf("opening an account: the HMAC key of the external account binding is not one (base64url, %d bytes at least); copy the key identifier and the HMAC key whole", minHMAC)
	}
	return text, nil
}

// forgetAccount strikes out the address of an account that the authority does not know any more. The key stays, and the
// terms that were agreed to: the next account is opened with them.
func (f Folder) forgetAccount(d Directory) error {
	dir, err := f.accountDir(d)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, accountFile)
	var a account
	if err := readJSON(path, &a); err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	a.URL = ""
	return writeJSON(path, a)
}

// keptKey reads the key at path, or makes one and writes it there, 0600.
func keptKey(path string, kind pki.KeyAlgorithm) (crypto.Signer, error) {
	key, err := readKey(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = pki.GenerateKey(kind); err != nil {
		return nil, err
	}
	text, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("preparing the folder of %s: %w", path, err)
	}
	return key, pki.WriteFiles([]pki.OutputFile{{Path: path, Data: text, Private: true}}, false)
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func readKey(path string) (crypto.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("reading key %s: it holds no PEM block", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading key %s: %w", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("reading key %s: it cannot sign", path)
	}
	return signer, nil
}
