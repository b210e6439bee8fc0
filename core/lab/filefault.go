package lab

import (
	"crypto/rand"
	"encoding/pem"
)

// fileFaults are further faults of the user's own files.
var fileFaults = []fault{
	{Fault: Fault{"file-empty", "The CA file is empty"},
		scene: func(c *scene, _ string) error {
			c.files["empty.pem"] = []byte{}
			c.profile.Trust.Files[0] = "empty.pem"
			return nil
		}},
	{Fault: Fault{"file-unreadable", "The CA file is a folder"},
		scene: func(c *scene, _ string) error { c.folder, c.profile.Trust.Files[0] = "ca", "ca"; return nil }},
	{Fault: Fault{"file-partly-bad", "The CA file has a damaged block"},
		scene: func(c *scene, _ string) error {
			other, err := c.stranger()
			if err != nil {
				return err
			}
			damaged := certificatesPEM(other)
			copy(damaged[len(damaged)/2:], "******")
			c.files["ca-bundle.pem"] = append(damaged, certificatesPEM(c.trusted...)...)
			c.profile.Trust.Files[0] = "ca-bundle.pem"
			return nil
		}},
	{Fault: Fault{"key-unsupported", "The client's key is of a kind that TLS programs do not know"},
		scene: func(c *scene, _ string) error {
			// PKCS #8 with an Ed448 key (RFC 8410 §7): any 57 octets are one.
			der := append([]byte{0x30, 0x47, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39}, make([]byte, 57)...)
			rand.Read(der[len(der)-57:]) // never returns an error (crypto/rand)
			c.files["client-ed448.key"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
			c.profile.ClientCertificate.KeyFile = "client-ed448.key"
			return nil
		}},
}
