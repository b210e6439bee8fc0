package acme

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Mend is what brings a file back. Each one more also mends what those before it do.
type Mend int

const (
	MendWrite  Mend = iota // Rewrite: the other files hold what belongs into it
	MendFetch              // Chains and Prefer: the authority keeps what belongs into it
	MendObtain             // Obtain: only another certificate, with a key of its own, helps
)

// Flaw is a file of a certificate that is gone, cannot be read, or holds something else.
type Flaw struct {
	Path string
	Text string // a sentence: which file, and what that means
	Mend Mend
}

// Check returns what is wrong with the files of a certificate that was obtained; none: nothing is.
func (f Folder) Check(name string) (flaws []Flaw) {
	if info, err := os.Stat(f.Dir(name)); err != nil || !info.IsDir() {
		return []Flaw{{f.Dir(name), fmt.Sprintf("The folder of %s is gone, and with it the certificate and its private key.", name), MendObtain}}
	}
	add := func(path, what, means string, m Mend) {
		if what != "" {
			flaws = append(flaws, Flaw{path, filepath.Base(path) + " " + what + ": " + means + ".", m})
		}
	}
	files := f.Files(name)
	key, err := readKey(files.Key)
	add(files.Key, fault(err), "without its private key nobody can use the certificate", MendObtain)
	renewal, err := f.Renewal(name)
	add(filepath.Join(f.Dir(name), renewalFile), fault(err), "nothing else says how the certificate is to be renewed", MendObtain)

	chain, err := f.ReadChain(name)
	if err != nil {
		mend := MendFetch
		if chain = f.parts(name); chain != nil {
			mend = MendWrite
		}
		add(files.FullChain, fault(err), "without it the broker has nothing to send", mend)
	}
	if chain == nil {
		return flaws
	}
	if key != nil && !holds(chain[0], key) {
		add(files.Key, "belongs to another certificate", "no broker takes it together with fullchain.pem", MendObtain)
	}
	add(files.Certificate, differs(files.Certificate, chain[:1]), "it held the certificate alone, which also stands in fullchain.pem", MendWrite)
	add(files.Chain, differs(files.Chain, chain[1:]), "it held the further certificates, which also stand in fullchain.pem", MendWrite)
	if root := RootOf(chain, renewal.Request.Directory.Anchors()...); root != nil {
		add(files.Root, differs(files.Root, []*x509.Certificate{root}), "clients have to be given it as their CA file", MendWrite)
	}
	return flaws
}

// parts is the chain as it stands in cert.pem and chain.pem; nil: it does not, or not as one.
func (f Folder) parts(name string) []*x509.Certificate {
	files := f.Files(name)
	own, err := readCertificates(files.Certificate)
	further, furtherErr := readCertificates(files.Chain)
	if err != nil || furtherErr != nil || len(own) != 1 || own[0].CheckSignatureFrom(further[0]) != nil {
		return nil
	}
	return append(own, further...)
}

// fault says of a file that could not be read what is the matter with it; empty: nothing is.
func fault(err error) string {
	var path *fs.PathError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return "is gone"
	case errors.Is(err, errNewerFormat):
		return "was written by a newer version of Mutual"
	case errors.As(err, &path):
		return "cannot be read (" + path.Err.Error() + ")"
	}
	return "does not hold what belongs there"
}

var errOther = errors.New("it holds other certificates")

// differs is fault for a file that has to hold want.
func differs(path string, want []*x509.Certificate) string {
	text, err := os.ReadFile(path)
	if err == nil {
		if got, _ := certificates(text); !sameChain(got, want) { // the broker may have to send no further ones
			err = errOther
		}
	}
	return fault(err)
}

// Rewrite writes the files of a certificate anew from those that are left, except its key.
func (f Folder) Rewrite(name string) (got Obtained, err error) {
	unlock, err := f.lock(name)
	if err != nil {
		return got, err
	}
	defer unlock()
	renewal, err := f.Renewal(name)
	if err != nil {
		return got, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	if got.Certificates, err = f.ReadChain(name); err != nil {
		if got.Certificates = f.parts(name); got.Certificates == nil {
			return got, err
		}
	}
	if got.Root = RootOf(got.Certificates, renewal.Request.Directory.Anchors()...); got.Root == nil {
		if root, err := readCertificates(f.Files(name).Root); err == nil {
			got.Root = root[0] // its authority is known nowhere else any more
		}
	}
	got.Files, err = f.put(name, nil, renewal, got)
	return got, err
}

// belongs says whether c is the certificate of name: the one in fullchain.pem, or where that is lost, one for its key.
func (f Folder) belongs(name string, c *x509.Certificate) bool {
	if own, err := f.ReadChain(name); err == nil {
		return own[0].Equal(c)
	}
	key, err := readKey(f.Files(name).Key)
	return err == nil && holds(c, key)
}

// readCertificates reads a file of certificates, one at least.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list, err := certificates(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return list, nil
}
