package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"mutual/core/pki"
)

// Read returns the certificate that lies in the folder, as Obtain returned it, without the alternates.
func (f Folder) Read(name string) (got Obtained, err error) {
	if got.Certificates, err = f.ReadChain(name); err != nil {
		return got, err
	}
	got.Files = f.Files(name)
	roots, err := readCertificates(got.Files.Root)
	if errors.Is(err, os.ErrNotExist) {
		got.Files.Root = ""
		return got, nil
	}
	if err != nil {
		return got, err
	}
	got.Root = roots[0]
	return got, nil
}

// Chains asks the authority once more for the folder's certificate and every chain that it offers for it. The one that
// the files hold is the chosen one; none is where they are lost.
func (f Folder) Chains(ctx context.Context, name string) ([]Alternate, error) {
	renewal, err := f.Renewal(name)
	if err != nil {
		return nil, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	a, err := f.readAccount(renewal.Request.Directory)
	if errors.Is(err, os.ErrNotExist) { // RFC 8555 §7.4.2: a certificate is fetched as its account
		return nil, fmt.Errorf("asking for the chains: the account that obtained %s is not in this folder any more; obtain the certificate again", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	c, err := newClient(ctx, renewal.Request.Directory, a.URL, a.key)
	if err != nil {
		return nil, err
	}
	defer c.close()
	list, err := c.chains(ctx, "asking for the chains", renewal.CertURL)
	if err != nil {
		return nil, err
	}
	own, _ := f.ReadChain(name)
	for i := range list {
		list[i].Chosen = sameChain(list[i].Certificates, own)
	}
	return list, nil
}

func sameChain(a, b []*x509.Certificate) bool {
	return slices.EqualFunc(a, b, (*x509.Certificate).Equal)
}

// Prefer writes the files anew with another chain of the same certificate, and keeps the choice for renewals.
func (f Folder) Prefer(name string, a Alternate) (got Obtained, err error) {
	unlock, err := f.lock(name)
	if err != nil {
		return got, err
	}
	defer unlock()
	renewal, err := f.Renewal(name)
	if err != nil {
		return got, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	if len(a.Certificates) == 0 || !f.belongs(name, a.Certificates[0]) {
		return got, fmt.Errorf("choosing a chain for %s: it is one of another certificate", name)
	}
	renewal.Request.PreferredChain = a.Anchor
	got.Certificates, got.Root = a.Certificates, RootOf(a.Certificates, renewal.Request.Directory.Anchors()...)
	got.Files, err = f.put(name, nil, renewal, got)
	return got, err
}

// put writes the files of a certificate, 0600 like all in the folder, all or none; key nil: the key that is there stays.
func (f Folder) put(name string, key []byte, renewal Renewal, got Obtained) (Files, error) {
	files := f.Files(name)
	list := []pki.OutputFile{
		{Path: files.Certificate, Data: pemOf(got.Certificates[:1]), Private: true},
		{Path: files.Chain, Data: pemOf(got.Certificates[1:]), Private: true},
		{Path: files.FullChain, Data: pemOf(got.Certificates), Private: true},
	}
	if key != nil {
		list = append(list, pki.OutputFile{Path: files.Key, Data: key, Private: true})
	}
	if got.Root != nil {
		list = append(list, pki.OutputFile{Path: files.Root, Data: pemOf([]*x509.Certificate{got.Root}), Private: true})
	}
	// How it was obtained goes with it: of another certificate it would be wrong.
	how, err := jsonFile(filepath.Join(f.Dir(name), renewalFile), renewal)
	if err != nil {
		return files, err
	}
	if err := pki.WriteFiles(append(list, how), true); err != nil {
		return files, err
	}
	if got.Root == nil {
		_ = os.Remove(files.Root) // of an earlier certificate: it would be the wrong one now
		files.Root = ""
	}
	return files, nil
}
