package acme

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mutual/core/acme/acmetest"
	"mutual/core/progress"
)

func TestObtain(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	got, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org", "*.mqtt.example.org"), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	leaf := got.Certificates[0]
	slices.Sort(leaf.DNSNames)
	if !slices.Equal(leaf.DNSNames, []string{"*.mqtt.example.org", "mqtt.example.org"}) {
		t.Errorf("names %v", leaf.DNSNames)
	}
	if left := s.world.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
	if _, _, ok := s.folder.Pending("mqtt.example.org"); ok {
		t.Error("the order is still written down")
	}
	// Only the owner may read what is in the folder, and go into it.
	err = filepath.WalkDir(s.folder.Path, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	chain, err := s.folder.ReadChain("mqtt.example.org")
	if err != nil || len(chain) != len(got.Certificates) {
		t.Errorf("fullchain.pem holds %d certificates, %v", len(chain), err)
	}
	key, err := readKey(got.Files.Key)
	if err != nil || !holds(leaf, key) {
		t.Errorf("the key is not the certificate's: %v", err)
	}
	if leaf.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("key of kind %v", leaf.PublicKeyAlgorithm)
	}
	// Pebble's root is nobody's public root.
	if _, err := os.Stat(s.folder.Files("mqtt.example.org").Root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("root.pem: %v", err)
	}
	var told []progress.Step
	for _, p := range s.steps {
		if p.Done && !slices.Contains(told, p.Step) {
			told = append(told, p.Step)
		}
	}
	if !slices.Equal(told, Steps) {
		t.Errorf("told of %v, want %v", told, Steps)
	}
}
