package assets_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"image/png"
	"testing"

	"mutual/assets"
)

// The fingerprints are those that Let's Encrypt publishes.
func TestCertificates(t *testing.T) {
	seen := map[string]*x509.Certificate{}
	for _, f := range assets.Certificates() {
		block, rest := pem.Decode(f.PEM)
		if block == nil || len(bytes.TrimSpace(rest)) > 0 {
			t.Errorf("%s is not one PEM block", f.Name)
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		if !c.IsCA {
			t.Errorf("%s is not an authority's", f.Name)
		}
		sum := sha256.Sum256(c.Raw)
		id := hex.EncodeToString(sum[:4])
		if seen[id] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[id] = c
	}
	for id, name := range map[string]string{"96bcec06": "ISRG Root X1", "69729b8e": "ISRG Root X2", "e14ffcad": "Root YE", "e57b7e6f": "Root YR"} {
		c := seen[id]
		if c == nil || c.Subject.CommonName != name || c.CheckSignatureFrom(c) != nil {
			t.Errorf("the self-signed %s (%s…) is missing", name, id)
		}
	}
	if seen["072639d0"] == nil || seen["270c64b6"] != nil {
		t.Error("Root YR signed by ISRG Root X1 must be the one reissued in 2026, not the revoked one")
	}
}

func TestIcon(t *testing.T) {
	c, err := png.DecodeConfig(bytes.NewReader(assets.Icon))
	if err != nil || c.Width != 512 || c.Height != 512 {
		t.Errorf("the icon is %d by %d, %v", c.Width, c.Height, err)
	}
}
