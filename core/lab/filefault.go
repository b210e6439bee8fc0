package lab

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"strings"
	"unicode/utf16"
)

// fileFaults are further faults of the user's own files.
var fileFaults = []fault{
	{Fault: Fault{"file-empty", YourFiles, "The CA file is empty",
		"That an empty CA file is no trust at all."},
		scene: func(c *scene, _ string) error {
			c.files["empty.pem"] = []byte{}
			c.profile.Trust.Files[0] = "empty.pem"
			return nil
		}},
	{Fault: Fault{"file-unreadable", YourFiles, "The CA file is a folder",
		"What to look at when a file is there and cannot be read."},
		scene: func(c *scene, _ string) error { c.folder, c.profile.Trust.Files[0] = "ca", "ca"; return nil }},
	{Fault: Fault{"file-partly-bad", YourFiles, "The CA file has a damaged block",
		"That one damaged block spoils a bundle for some programs and is skipped by others."},
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
	{Fault: Fault{"file-encoding", YourFiles, "An editor or a shell has damaged a file",
		"What editors, shells and chat programs do to PEM files, and how it is undone."},
		variants: []string{"byte-order-mark", "escaped", "one-line", "dashes", "key", "partly"},
		scene:    damagedText},
	{Fault: Fault{"key-unsupported", YourFiles, "The client's key is of a kind that TLS programs do not know",
		"Which kinds of keys TLS programs know."},
		scene: func(c *scene, _ string) error {
			// PKCS #8 with an Ed448 key (RFC 8410 §7): any 57 octets are one.
			der := append([]byte{0x30, 0x47, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39}, make([]byte, 57)...)
			rand.Read(der[len(der)-57:]) // never returns an error (crypto/rand)
			c.files["client-ed448.key"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
			c.profile.ClientCertificate.KeyFile = "client-ed448.key"
			return nil
		}},
}

// damagedText does to a file what editors, shells and chat programs do. The plain form is the output of Windows
// PowerShell, in UTF-16.
func damagedText(c *scene, variant string) error {
	text := string(certificatesPEM(c.trusted...))
	switch variant {
	case "byte-order-mark":
		text = "\ufeff" + text
	case "escaped": // out of JSON or an environment file
		text = `"` + strings.ReplaceAll(text, "\n", `\n`) + `"`
	case "one-line":
		text = strings.ReplaceAll(text, "\n", " ")
	case "dashes": // out of a chat program
		text = strings.ReplaceAll(text, "-----", "—–-")
	case "key":
		key, err := keyPEM(c.client.key)
		c.files["client-indented.key"] = bytes.ReplaceAll(append([]byte("\n"), key...), []byte("\n"), []byte("\n    "))
		c.profile.ClientCertificate.KeyFile = "client-indented.key"
		return err
	case "partly":
		other, err := c.stranger()
		if err != nil {
			return err
		}
		text = strings.TrimSpace(string(certificatesPEM(other))) + "\n" + text
		text = strings.Replace(text, "-----END CERTIFICATE-----\n", "", 1)
	default:
		text = string(inUTF16(text))
	}
	c.files["ca-edited.pem"] = []byte(text)
	c.profile.Trust.Files[0] = "ca-edited.pem"
	return nil
}

// inUTF16 is little-endian with a byte order mark, as Windows writes it.
func inUTF16(text string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
