package pki

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"mutual/core/evidence"
)

// ReadPair reads a certificate and its private key from files of any format that is known here; both may be one file. Of
// several certificates the first one counts that a key belongs to. A file that cannot be used is a *FileError, a key that
// stays encrypted a *LockedError.
func ReadPair(ctx context.Context, certificateFile, keyFile string, o InventoryOptions) (*x509.Certificate, crypto.Signer, error) {
	paths := []string{certificateFile, keyFile}
	if keyFile == certificateFile {
		paths = paths[:1]
	}
	inv := ReadInventory(ctx, paths, o)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for _, f := range inv.Files {
		if f.Problem != evidence.Readable && len(f.Blocks) == 0 {
			return nil, nil, &FileError{File: f.File}
		}
	}
	certificates := inv.itemsOf(inv.Files[0])
	keys := inv.itemsOf(inv.Files[len(inv.Files)-1])
	if !slices.ContainsFunc(certificates, func(i Item) bool { return i.Certificate != nil }) {
		return nil, nil, &FileError{File: inv.lacking(0, evidence.RoleCertificate, certificates)}
	}
	for _, c := range certificates {
		for _, k := range keys {
			if c.Certificate != nil && k.key != nil && holdsKey(c.Certificate, k.key) {
				return c.Certificate, k.key, nil
			}
		}
	}
	return nil, nil, inv.noPair(certificateFile, keys)
}

// noPair says why none of keys is that of a certificate in certificateFile.
func (inv *Inventory) noPair(certificateFile string, keys []Item) error {
	last := len(inv.Files) - 1
	file := inv.Files[last].File
	if path, wrong := inv.shut(); path == file.Path {
		return &LockedError{File: path, Wrong: wrong}
	}
	usable := slices.IndexFunc(keys, func(i Item) bool { return i.key != nil })
	if usable < 0 {
		return &FileError{File: inv.lacking(last, evidence.RoleKey, keys)}
	}
	file.Role, file.Problem = evidence.RoleKey, evidence.KeyMismatch
	file.Detail = fmt.Sprintf("the %s key in it is not that of the certificate in %s", keys[usable].Block.KeyType, certificateFile)
	return &FileError{File: file}
}

// lacking is a file without what it is to hold, with the reason of the first of its items that has one.
func (inv *Inventory) lacking(n int, role evidence.Role, items []Item) evidence.File {
	file := inv.Files[n].File
	file.Role = role
	if file.Problem != evidence.Readable {
		return file
	}
	file.Problem = evidence.WrongContent
	for _, i := range items {
		if wanted := i.IsPrivateKey() == (role == evidence.RoleKey); wanted && i.Block.Error != "" {
			file.Detail = i.Block.Error
			break
		}
	}
	return file
}

func holdsKey(c *x509.Certificate, key crypto.Signer) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}
