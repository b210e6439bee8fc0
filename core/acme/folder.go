package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"mutual/core/pki"
)

// Folder is where accounts and certificates are kept: accounts/HOST/ and live/NAME/.
type Folder struct{ Path string }

// Files are those of one certificate, named as certbot names them.
type Files struct {
	Certificate string // cert.pem: the certificate itself
	Chain       string // chain.pem: every further certificate that a server must send
	FullChain   string // fullchain.pem: both
	Key         string // privkey.pem, 0600
	Root        string // root.pem: the self-signed root that clients must trust; missing where none was found
}

const (
	orderFile   = "order.json"   // an order under way
	renewalFile = "renewal.json" // how the certificate was obtained
	pendingKey  = "privkey.new.pem"
)

// Dir is the folder of the certificate whose first name is name. A wildcard's star is written "_".
func (f Folder) Dir(name string) string {
	clean := strings.NewReplacer("*", "_", ":", "-", "/", "-", `\`, "-").Replace(name)
	return filepath.Join(f.Path, "live", clean)
}

// Files returns the paths of the certificate's files, whether they are there or not.
func (f Folder) Files(name string) Files {
	dir := f.Dir(name)
	return Files{
		Certificate: filepath.Join(dir, "cert.pem"), Chain: filepath.Join(dir, "chain.pem"),
		FullChain: filepath.Join(dir, "fullchain.pem"), Key: filepath.Join(dir, "privkey.pem"), Root: filepath.Join(dir, "root.pem"),
	}
}

// Renewal is what is kept of how a certificate was obtained, so that it can be renewed.
type Renewal struct {
	Schema   int       `json:"schema"`
	Request  Request   `json:"request"`
	Account  string    `json:"account"`
	CertURL  string    `json:"cert_url"`
	Obtained time.Time `json:"obtained"`
	// Problem is what kept the last renewal from succeeding; the certificate from before is still in place.
	Problem   string    `json:"problem,omitempty"`
	ProblemAt time.Time `json:"problem_at,omitzero"`
	// Failures counts the renewals that did not come about since the last that did.
	Failures int `json:"failures,omitempty"`
	// RetryAt is when the authority allows the next try; zero: it did not say.
	RetryAt time.Time `json:"retry_at,omitzero"`
	// Due is when it is to be renewed, as the authority said when it was asked last; zero: it was not asked.
	Due Due `json:"due,omitzero"`
	// RevokedAt is when the certificate was revoked from here; zero: it was not.
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

const schema = 1

// errNewerFormat is returned for a file that a newer version of the program has written.
var errNewerFormat = errors.New("this file was written by a newer version of Mutual")

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	if version.Schema > schema {
		return fmt.Errorf("reading %s: %w", path, errNewerFormat)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// jsonFile is value as a file, 0600: it may name accounts.
func jsonFile(path string, value any) (pki.OutputFile, error) {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return pki.OutputFile{}, fmt.Errorf("writing %s: %w", path, err)
	}
	return pki.OutputFile{Path: path, Data: append(data, '\n'), Private: true}, nil
}

// writeJSON replaces path atomically.
func writeJSON(path string, value any) error {
	file, err := jsonFile(path, value)
	if err != nil {
		return err
	}
	return pki.WriteFiles([]pki.OutputFile{file}, true)
}

// lock keeps a second program from working on the same certificate. The file it locks stays.
func (f Folder) lock(name string) (unlock func(), err error) {
	dir := f.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("preparing %s: %w", dir, err)
	}
	l := flock.New(filepath.Join(dir, ".lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	if !ok {
		return nil, fmt.Errorf("locking %s: %w", dir, errBusy)
	}
	return func() { _ = l.Unlock() }, nil
}

// errBusy is returned while another program works on the same certificate.
var errBusy = errors.New("another program is working on this certificate at the moment")

// Names lists the certificates in the folder by their first name, sorted; an order under way counts.
func (f Folder) Names() (names []string, err error) {
	list, err := (&Shelf{Folder: f}).List()
	for _, k := range list {
		names = append(names, k.Name)
	}
	return names, err
}

// Renewal reads how the certificate was obtained; fs.ErrNotExist where there is none.
func (f Folder) Renewal(name string) (Renewal, error) {
	var r Renewal
	err := readJSON(filepath.Join(f.Dir(name), renewalFile), &r)
	return r, err
}
