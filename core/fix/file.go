package fix

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// addTrust plans a new CA file with the added certificates and then those of all the profile's CA files, as they are; it
// takes the place of those files. The added ones come first, as chain.WithAnchors judged them. The trust in public roots stays what it was.
func addTrust(r *repair, a diagnose.Action, o Options) error {
	p := &r.change.After
	var content bytes.Buffer
	held := map[string]bool{}
	for _, c := range a.Add {
		if !held[string(c.DER)] {
			held[string(c.DER)] = true
			appendCertificate(&content, c)
		}
	}
	for _, path := range p.Trust.Files {
		f := pki.ReadFile(path, evidence.RoleCA, "")
		if f.Problem != evidence.Readable {
			return fmt.Errorf("reading the CA file %s: %s", path, f.Problem)
		}
		for _, b := range f.Blocks {
			if len(b.Certificate) > 0 && !held[string(b.Certificate)] {
				held[string(b.Certificate)] = true
				appendCertificate(&content, chain.Parse(evidence.Certificate{DER: b.Certificate}))
			}
		}
	}
	path, err := place(o, first(p.Trust.Files), a.Name)
	if err != nil {
		return err
	}
	_, p.Trust.System, p.Trust.Mozilla = p.Trust.Sources()
	p.Trust.Files = []string{path}
	r.write(path, content.Bytes(), 0o644)
	return nil
}

// export plans a file of certificates for somebody else, beside the CA file, if there is one. The profile stays as it is.
func export(r *repair, a diagnose.Action, o Options) error {
	var content bytes.Buffer
	for _, c := range a.Export {
		appendCertificate(&content, c)
	}
	dir := o.Dir
	if old := first(r.change.After.Trust.Files); old != "" {
		dir = filepath.Dir(old)
	}
	o.Dir = dir
	path, err := place(o, "", a.Name)
	if err != nil {
		return err
	}
	r.write(path, content.Bytes(), 0o644)
	return nil
}

func first(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// appendCertificate writes a certificate as PEM, with its name above it: PEM readers pass over text between blocks.
func appendCertificate(w *bytes.Buffer, c chain.Certificate) {
	if c.X != nil {
		fmt.Fprintf(w, "# %s\n", strings.Map(oneLine, pki.CommonName(c.X)))
	}
	_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: c.DER}) // a buffer takes everything
}

// oneLine keeps a foreign name from ending its comment, or beginning a block.
func oneLine(c rune) rune {
	if c < ' ' || c == '-' || c == 0x7f {
		return ' '
	}
	return c
}

// place chooses where the new file goes: where the user said, else beside the old one, else into o.Dir.
func place(o Options, old, name string) (string, error) {
	if o.Out != "" {
		if _, err := os.Lstat(o.Out); err == nil {
			return "", &pki.ExistsError{Paths: []string{o.Out}}
		}
		return filepath.Abs(o.Out)
	}
	dir, stem := o.Dir, name
	if old != "" {
		dir = filepath.Dir(old)
		stem = strings.TrimSuffix(filepath.Base(old), filepath.Ext(old)) + "-with-" + name
	}
	return free(dir, stem, ".pem")
}

// free is a name in dir that is not taken: stem.pem, stem-2.pem, …
func free(dir, stem, ext string) (string, error) {
	for n := 1; n < 1000; n++ {
		path := filepath.Join(dir, stem+ext)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", stem, n, ext))
		}
		if _, err := os.Lstat(path); os.IsNotExist(err) {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("choosing a name for %s in %s: a thousand are taken", stem+ext, dir)
}

// writeChain plans a new client certificate file, beside the old one. A key that stands in the old one stays there.
func writeChain(r *repair, a diagnose.Action, o Options) error {
	client := &r.change.After.ClientCertificate
	old := client.CertificateFile
	path := o.Out
	if path == "" {
		stem := strings.TrimSuffix(filepath.Base(old), filepath.Ext(old))
		var err error
		if path, err = free(filepath.Dir(old), stem+"-"+a.Name, ".pem"); err != nil {
			return err
		}
	} else if _, err := os.Lstat(path); err == nil {
		return &pki.ExistsError{Paths: []string{path}}
	}
	var content bytes.Buffer
	for _, c := range a.Chain {
		appendCertificate(&content, c)
	}
	if client.KeyFile == "" {
		client.KeyFile = old
	}
	client.CertificateFile = path
	r.write(path, content.Bytes(), 0o644)
	return nil
}

// convert plans a PEM copy of a DER file or of a damaged one, which takes its place in the profile. A copy with a private
// key in it is for its owner only.
func convert(r *repair, path string, o Options) error {
	content, private, suffix, err := asPEM(path)
	if err != nil {
		return err
	}
	to, mode := o.Out, os.FileMode(0o644)
	if private {
		mode = 0o600
	}
	if to == "" {
		stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if to, err = free(filepath.Dir(path), stem+suffix, ".pem"); err != nil {
			return err
		}
	} else if _, err := os.Lstat(to); err == nil {
		return &pki.ExistsError{Paths: []string{to}}
	}
	replace(&r.change.After, path, to)
	r.write(to, content, mode)
	return nil
}

// asPEM is what path holds, as PEM. suffix goes into the new file's name.
func asPEM(path string) (content []byte, private bool, suffix string, err error) {
	f := pki.ReadFile(path, evidence.RoleCA, "")
	if len(f.Encoding) > 0 {
		content, private, err = pki.Repaired(path)
		return content, private, "-repaired", err
	}
	if f.HoldsOnlyPKCS7() {
		content, err = unwrapped(path)
		return content, false, "", err
	}
	if f.Format == "pem" {
		content, err = readable(f)
		return content, false, "-readable", err
	}
	der, err := os.ReadFile(path)
	if err != nil {
		return nil, false, "", fmt.Errorf("reading %s: %w", path, err)
	}
	label := "CERTIFICATE"
	switch f.Format {
	case "der-certificate":
	case "der-key":
		label, private = keyLabel(der), true
	default:
		return nil, false, "", fmt.Errorf("converting %s: it is %q, which has no single PEM form", path, f.Format)
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}), private, "", nil
}

// readable are the certificates of a CA file of which programs cannot read the rest.
func readable(f evidence.File) ([]byte, error) {
	var content bytes.Buffer
	for _, b := range f.UsableCertificates() {
		if c := chain.Parse(evidence.Certificate{DER: b.Certificate}); c.Legible() {
			appendCertificate(&content, c)
		}
	}
	if content.Len() == 0 {
		return nil, fmt.Errorf("keeping what can be read of %s: it holds no certificate that can", f.Path)
	}
	return content.Bytes(), nil
}

// unwrapped are the certificates of a PKCS #7 file. Reading one file, which is bounded in size, needs no end of its own.
func unwrapped(path string) ([]byte, error) {
	inv := pki.ReadInventory(context.Background(), []string{path}, pki.InventoryOptions{})
	c, err := inv.Convert(pki.PEM, pki.Protection{})
	if err != nil {
		return nil, fmt.Errorf("converting %s: %w", path, err)
	}
	return c.Data, nil
}

// replace puts to in the place of from wherever the profile names it.
func replace(p *profile.Profile, from, to string) {
	for i, f := range p.Trust.Files {
		if f == from {
			p.Trust.Files[i] = to
		}
	}
	for _, f := range []*string{&p.ClientCertificate.CertificateFile, &p.ClientCertificate.KeyFile} {
		if *f == from {
			*f = to
		}
	}
}

// keyLabel is the PEM type of a DER key: PKCS #1, SEC 1, and PKCS #8 plain or encrypted.
func keyLabel(der []byte) string {
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA PRIVATE KEY"
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return "EC PRIVATE KEY"
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PRIVATE KEY"
	}
	return "ENCRYPTED PRIVATE KEY"
}

// create writes a file that must not exist yet, and its folder: to a temporary name, synced, then linked, which fails if another
// program took the name meanwhile.
func create(path string, content []byte, mode os.FileMode) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of %s: %w", path, err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), ".mutual-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(t.Name())
	_, err = t.Write(content)
	err = errors.Join(err, t.Chmod(mode), t.Sync(), t.Close())
	if err == nil {
		err = os.Link(t.Name(), path)
	}
	if errors.Is(err, os.ErrExist) {
		return &pki.ExistsError{Paths: []string{path}}
	}
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err != nil { // a file system without links, such as FAT
		return os.Rename(t.Name(), path)
	}
	return nil
}
