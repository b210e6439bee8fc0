package acme

import (
	"os"
	"testing"

	"mutual/core/acme/acmetest"
)

// TestChains lists what is on offer and takes another chain, which a renewal keeps.
func TestChains(t *testing.T) {
	s := newScene(t, acmetest.Options{Alternates: 2})
	s.ca.Trust(t)
	const name = "mqtt.example.org"
	got, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.Root == nil || !got.Root.Equal(s.ca.Roots[0]) {
		t.Fatalf("the root is %v", got.Root)
	}
	key, _ := os.ReadFile(got.Files.Key)
	list, err := s.folder.Chains(t.Context(), name)
	if err != nil || len(list) != 3 || !list[0].Chosen || list[1].Chosen || list[2].Chosen {
		t.Fatalf("on offer are %d, %v", len(list), err)
	}
	other, err := s.folder.Prefer(name, list[1])
	if err != nil {
		t.Fatal(err)
	}
	if other.Root == nil || other.Root.Subject.CommonName != list[1].Anchor || other.Root.Equal(got.Root) {
		t.Errorf("the other root is %v", other.Root)
	}
	again, err := s.folder.Read(name)
	if err != nil || !sameChain(again.Certificates, list[1].Certificates) || !again.Root.Equal(other.Root) {
		t.Errorf("the files hold another chain, %v", err)
	}
	if now, _ := os.ReadFile(got.Files.Key); string(now) != string(key) {
		t.Error("the key is another one")
	}
	list, err = s.folder.Chains(t.Context(), name)
	if err != nil || list[0].Chosen || !list[1].Chosen {
		t.Errorf("chosen is another one, %v", err)
	}
	renewed, _, ok, err := s.folder.Renew(t.Context(), name, true, s.options(t))
	if err != nil || !ok || !renewed.Root.Equal(other.Root) {
		t.Errorf("renewed %v with the root %v, %v", ok, renewed.Root, err)
	}
	strange := list[0]
	strange.Certificates = got.Certificates
	if _, err := s.folder.Prefer(name, strange); err == nil {
		t.Error("a chain of an earlier certificate is taken")
	}
}
