package lab

import (
	"os"
	"path/filepath"
)

// Names of the files of every lab: those that people have in their folders.
const (
	caName                = "ca.pem"
	fullchainName         = "fullchain.pem"
	chainName             = "chain.pem"
	serverKeyName         = "server.key"
	clientCAName          = "client-ca.pem"
	clientCertificateName = "client.crt"
	clientKeyName         = "client.key"
)

// write writes the scene's files, which replace those of an earlier lab in the same folder.
func (c *scene) write() error {
	files := map[string][]byte{
		caName:                certificatesPEM(c.trusted...),
		fullchainName:         certificatesPEM(c.sent...),
		chainName:             certificatesPEM(c.sent[1:]...),
		clientCAName:          certificatesPEM(c.clientCA),
		clientCertificateName: certificatesPEM(c.client),
	}
	for name, owner := range map[string]*identity{serverKeyName: c.sent[0], clientKeyName: c.client} {
		key, err := keyPEM(owner.key)
		if err != nil {
			return err
		}
		files[name] = key
	}
	for name, data := range c.files {
		files[name] = data
	}
	if c.folder != "" {
		if err := os.MkdirAll(filepath.Join(c.dir, c.folder), 0o700); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := writeFile(filepath.Join(c.dir, name), data); err != nil {
			return err
		}
	}
	return nil
}
