// Package assets embeds the files that the programs carry with them: the icon, and the certificates of well-known
// public chains, which say what is missing when a server sends an incomplete one. It judges nothing: that a certificate
// stands here does not make it trusted.
package assets

import (
	"embed"
	"io/fs"
)

// Icon is the program's icon, PNG, 512 by 512 pixels.
//
//go:embed icon.png
var Icon []byte

// certificates holds what is published by the authorities themselves. Of Let's Encrypt: roots, intermediates (expired
// ones too, so that an old chain can be named) and the cross-certificates in force. Left out are the cross-certificates
// that were revoked in May 2026 and reissued for the same keys, and those that expired and have a successor or end at a
// root that nobody trusts any more: a bundle made with one would not last.
//
//go:embed certificates
var certificates embed.FS

// File is one embedded file. Name is its path below certificates, with slashes.
type File struct {
	Name string
	PEM  []byte
}

// Certificates returns the embedded certificate files in the order of their names.
func Certificates() []File {
	folder, err := fs.Sub(certificates, "certificates")
	if err != nil {
		panic(err) // the name is a constant
	}
	var out []File
	err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		out = append(out, File{Name: name, PEM: data})
		return err
	})
	if err != nil {
		panic(err) // embedded files cannot fail to be read
	}
	return out
}
