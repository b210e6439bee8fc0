package pki

import (
	"bytes"
	"crypto"
	"fmt"

	"mutual/core/evidence"
)

// ReadAuthority reads a CA's certificate and key from files. The first certificate of the file that the key belongs to
// counts, and it must be an authority's.
func ReadAuthority(certificateFile, keyFile, passphrase string) (Issued, error) {
	if keyFile == "" {
		keyFile = certificateFile
	}
	certificate := readContents(certificateFile, evidence.RoleCertificate, passphrase)
	key := readContents(keyFile, evidence.RoleKey, passphrase)
	for _, f := range []evidence.File{certificate.File, key.File} {
		if f.Problem != evidence.Readable {
			return Issued{}, &FileError{File: f}
		}
	}
	pair := pairUp(&certificate, &key)
	if pair == nil {
		key.Problem = evidence.KeyMismatch
		key.Detail = fmt.Sprintf("the key in %s is not that of the certificate in %s", keyFile, certificateFile)
		return Issued{}, &FileError{File: key.File}
	}
	if err := checkAuthority(pair.Leaf, ""); err != nil {
		return Issued{}, fmt.Errorf("reading the authority in %s: %w", certificateFile, err)
	}
	return Issued{}.complete(bytes.Clone(pair.Leaf.Raw), pair.PrivateKey.(crypto.Signer))
}

// FileError says why a file cannot be used. File.Problem tells the cases apart: PassphraseNone means that a passphrase
// is needed.
type FileError struct{ File evidence.File }

func (e *FileError) Error() string {
	return fmt.Sprintf("reading %s: %s", e.File.Path, problemText(e.File))
}
