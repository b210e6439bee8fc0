package pki

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func pathLength(n int) *int { return &n }

// An intermediate authority with a path length and name constraints, as openssl judges it.
func TestIntermediateAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := mustSubject(t, "/CN=Root")
	r.Algorithm, r.PathLength = ECDSAP256, pathLength(1)
	root, err := NewAuthority(r)
	if err != nil {
		t.Fatal(err)
	}
	r = mustSubject(t, "/CN=Intermediate")
	r.Kind, r.Algorithm, r.PathLength = CA, ECDSAP256, pathLength(0)
	r.Permitted, r.Excluded = []string{"*.example", "10.0.0.0/8", "2001:db8::/32"}, []string{".secret.example", "10.1.2.3"}
	middle, err := Issue(root, r)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "root.pem", root.CertificatePEM)
	writeFile(t, dir, "middle.pem", middle.CertificatePEM)
	wantOutput(t, openssl(t, dir, "x509", "-noout", "-text", "-in", "middle.pem"), "CA:TRUE, pathlen:0", "X509v3 Name Constraints: critical", "DNS:example", "IP:10.0.0.0/255.0.0.0", "DNS:secret.example", "IP:10.1.2.3/255.255.255.255")
	openssl(t, dir, "verify", "-x509_strict", "-CAfile", "root.pem", "middle.pem")
	for _, c := range []struct {
		name string
		ok   bool
	}{{"a.example", true}, {"*.b.example", true}, {"10.9.9.9", true}, {"a.secret.example", false}, {"a.other", false}, {"10.1.2.3", false}, {"11.0.0.1", false}} {
		leaf := issue(t, middle, Server, "/O=Test Org", c.name)
		writeFile(t, dir, "leaf.pem", leaf.CertificatePEM)
		pool, between := x509.NewCertPool(), x509.NewCertPool()
		pool.AddCert(root.Certificate)
		between.AddCert(middle.Certificate)
		_, err := leaf.Certificate.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between})
		if (err == nil) != c.ok {
			t.Errorf("%s: Go says %v", c.name, err)
		}
		out, opensslErr := opensslTry(dir, "verify", "-CAfile", "root.pem", "-untrusted", "middle.pem", "leaf.pem")
		if (opensslErr == nil) != c.ok {
			t.Errorf("%s: openssl says %s", c.name, out)
		}
	}
	if _, err := Issue(middle, Request{Kind: CA, Subject: mustName(t, "/CN=Too deep"), Algorithm: ECDSAP256}); err == nil {
		t.Error("an authority below a path length of 0")
	}
	if _, err := Issue(root, Request{Kind: CA, Subject: mustName(t, "/CN=x"), Algorithm: ECDSAP256, PathLength: pathLength(1)}); err == nil {
		t.Error("a path length as long as the issuer's")
	}
	plain, err := Issue(root, Request{Kind: CA, Subject: mustName(t, "/CN=x"), Algorithm: ECDSAP256})
	if err != nil || !plain.Certificate.MaxPathLenZero {
		t.Errorf("without a wish the path length is %d, %v", plain.Certificate.MaxPathLen, err)
	}
}

func TestConstraintsAreRefused(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	for name, r := range map[string]Request{
		"for a server": {Kind: Server, Names: []string{"a"}, PathLength: pathLength(0)}, "names for a client": {Kind: Client, Subject: mustName(t, "/CN=x"), Permitted: []string{"a"}},
		"below zero": {Kind: CA, Subject: mustName(t, "/CN=x"), PathLength: pathLength(-1)}, "no name": {Kind: CA, Subject: mustName(t, "/CN=x"), Excluded: []string{"a b"}},
	} {
		r.Algorithm = ECDSAP256
		if _, err := Issue(ca, r); err == nil {
			t.Error(name)
		}
	}
}

// A request that asks for more than it should get gets only what is safe.
func TestSignRequest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := newCA(t, "/CN=Test CA")
	writeFile(t, dir, "ca.pem", ca.CertificatePEM)
	for _, a := range KeyAlgorithms {
		key, err := a.generate()
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
			Subject: pkix.Name{CommonName: "device"}, DNSNames: []string{"a.example", "*.a.example"},
			ExtraExtensions: []pkix.Extension{
				{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xFF}},
				{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}},
			},
		}, key)
		if err != nil {
			t.Fatal(err)
		}
		request, err := x509.ParseCertificateRequest(der)
		if err != nil {
			t.Fatal(err)
		}
		for kind, purpose := range map[Kind]string{Server: "sslserver", Client: "sslclient"} {
			got, err := SignRequest(ca, request, Request{Kind: kind, Days: 30})
			if err != nil {
				t.Fatal(err)
			}
			c := got.Certificate
			if c.IsCA || len(c.UnhandledCriticalExtensions) > 0 || strings.Join(c.DNSNames, " ") != "a.example *.a.example" || string(c.RawSubject) != string(request.RawSubject) || got.KeyPEM != nil {
				t.Errorf("%s, %s: CA %v, names %v", a, kind, c.IsCA, c.DNSNames)
			}
			writeFile(t, dir, "c.pem", got.CertificatePEM)
			openssl(t, dir, "verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", purpose, "c.pem")
		}
	}
	bad, err := NewRequest(Request{Kind: Client, Subject: mustName(t, "/CN=x"), Algorithm: ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(bad.RequestPEM)
	request, _ := x509.ParseCertificateRequest(block.Bytes)
	request.Signature[10] ^= 1
	if _, err := SignRequest(ca, request, Request{Kind: Client}); err == nil {
		t.Error("a request with a wrong signature was signed")
	}
	if _, err := SignRequest(ca, request, Request{Kind: CA}); err == nil {
		t.Error("an authority was made of a request")
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := newCA(t, "/CN=Test CA")
	writeFile(t, dir, "client-ca.crt", ca.CertificatePEM)
	good, gone := issue(t, ca, Client, "/CN=good"), issue(t, ca, Client, "/CN=gone")
	writeFile(t, dir, "good.pem", good.CertificatePEM)
	writeFile(t, dir, "gone.pem", gone.CertificatePEM)
	file := filepath.Join(dir, "client-ca.crt")
	for n := 1; n <= 2; n++ { // the second time nothing is added
		list, err := Revoke(ca, file, Revocation{Certificates: []*x509.Certificate{gone.Certificate}, Reason: Reasons["key-compromise"], At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if list.Number.Int64() != int64(n) || len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].ReasonCode != 1 {
			t.Errorf("list %v with %d entries", list.Number, len(list.RevokedCertificateEntries))
		}
	}
	openssl(t, dir, "crl", "-noout", "-CAfile", "client-ca.crt", "-in", "client-ca.crl")
	openssl(t, dir, "verify", "-crl_check", "-CAfile", "client-ca.crt", "-CRLfile", "client-ca.crl", "good.pem")
	if out, err := opensslTry(dir, "verify", "-crl_check", "-CAfile", "client-ca.crt", "-CRLfile", "client-ca.crl", "gone.pem"); err == nil || !strings.Contains(out, "certificate revoked") {
		t.Errorf("openssl says %s", out)
	}
	stranger := issue(t, newCA(t, "/CN=Test CA"), Client, "/CN=x")
	before := readBytes(t, filepath.Join(dir, "client-ca.revoked.json"))
	if _, err := Revoke(ca, file, Revocation{Certificates: []*x509.Certificate{stranger.Certificate}, At: time.Now()}); err == nil {
		t.Error("another authority's certificate was revoked")
	}
	if _, err := Revoke(newCA(t, "/CN=Test CA"), file, Revocation{At: time.Now()}); err == nil {
		t.Error("another authority's database was used")
	}
	if string(before) != string(readBytes(t, filepath.Join(dir, "client-ca.revoked.json"))) {
		t.Error("the database has changed")
	}
	if err := os.WriteFile(filepath.Join(dir, "client-ca.revoked.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Revoke(ca, file, Revocation{At: time.Now()}); err == nil {
		t.Error("a damaged database was overwritten")
	}
}

// A list that openssl ca has written is continued: who was revoked stays revoked. What is no list of the authority is not
// replaced.
func TestRevokeContinuesAList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := newCA(t, "/CN=Test CA")
	writeFile(t, dir, "client-ca.crt", ca.CertificatePEM)
	writeFile(t, dir, "client-ca.key", ca.KeyPEM)
	old, gone := issue(t, ca, Client, "/CN=old"), issue(t, ca, Client, "/CN=gone")
	writeFile(t, dir, "old.pem", old.CertificatePEM)
	writeFile(t, dir, "conf", []byte("[ca]\ndefault_ca=d\n[d]\ndatabase="+filepath.Join(dir, "index")+"\ndefault_md=sha256\ndefault_crl_days=9\ncrlnumber="+filepath.Join(dir, "number")+"\n"))
	writeFile(t, dir, "index", nil)
	writeFile(t, dir, "number", []byte("41\n"))
	authority := strings.Fields("-config conf -cert client-ca.crt -keyfile client-ca.key")
	openssl(t, dir, append([]string{"ca", "-revoke", "old.pem", "-crl_reason", "keyCompromise"}, authority...)...)
	openssl(t, dir, append([]string{"ca", "-gencrl", "-out", "client-ca.crl"}, authority...)...)
	file, r := filepath.Join(dir, "client-ca.crt"), Revocation{Certificates: []*x509.Certificate{gone.Certificate}, At: time.Now()}
	planned, err := PlanRevocation(ca, file, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "client-ca.revoked.json")); err == nil {
		t.Error("planning has written the database")
	}
	list, err := Revoke(ca, file, r)
	if err != nil {
		t.Fatal(err)
	}
	entries := list.RevokedCertificateEntries
	if len(entries) != 2 || entries[0].SerialNumber.Cmp(old.Certificate.SerialNumber) != 0 || entries[0].ReasonCode != 1 || list.Number.Int64() != 0x42 {
		t.Errorf("list %v holds %v", list.Number, entries)
	}
	if len(planned.RevokedCertificateEntries) != 2 || planned.Number.Cmp(list.Number) != 0 {
		t.Errorf("planned was list %v with %d", planned.Number, len(planned.RevokedCertificateEntries))
	}
	out, err := opensslTry(dir, "verify", "-crl_check", "-CAfile", "client-ca.crt", "-CRLfile", "client-ca.crl", "old.pem")
	if err == nil || !strings.Contains(out, "certificate revoked") {
		t.Errorf("openssl says %s", out)
	}
	for name, content := range map[string][]byte{"notes": []byte("my notes"), "another's": readBytes(t, strangersList(t))} {
		writeFile(t, dir, "client-ca.crl", content)
		if _, err := Revoke(ca, file, r); err == nil || !strings.Contains(err.Error(), "would be replaced") {
			t.Errorf("%s: %v", name, err)
		}
		if string(readBytes(t, filepath.Join(dir, "client-ca.crl"))) != string(content) {
			t.Errorf("%s were overwritten", name)
		}
	}
}

// strangersList is a list of another authority of the same name.
func strangersList(t *testing.T) string {
	dir := t.TempDir()
	if _, err := Revoke(newCA(t, "/CN=Test CA"), filepath.Join(dir, "client-ca.crt"), Revocation{At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "client-ca.crl")
}

// The authorities of openssl's own commands have no key usage.
func TestRevokeWithOpenSSLsAuthority(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	ca, err := ReadAuthority(dir+"/client-ca.crt", dir+"/client-ca.key", "")
	if err != nil {
		t.Fatal(err)
	}
	c := certificateIn(t, dir+"/client.crt")
	if _, err := Revoke(ca, dir+"/client-ca.crt", Revocation{Certificates: []*x509.Certificate{c}, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if out, err := opensslTry(dir, "verify", "-crl_check", "-CAfile", "client-ca.crt", "-CRLfile", "client-ca.crl", "client.crt"); err == nil || !strings.Contains(out, "certificate revoked") {
		t.Errorf("openssl says %s", out)
	}
}

func TestPresets(t *testing.T) {
	ca := newCA(t, "/CN=CA") // with a key on P-256
	for _, c := range []struct {
		preset string
		r      Request
		ok     bool
	}{
		{"mosquitto", Request{Algorithm: Ed25519}, true}, {"emqx-cloud", Request{Algorithm: ECDSAP256}, true},
		{"emqx-cloud", Request{}, false}, {"emqx-cloud", Request{Algorithm: RSA3072}, false}, {"emqx-cloud", Request{Algorithm: Ed25519}, false},
		{"emqx-cloud", Request{Algorithm: ECDSAP256, Days: 60}, false}, {"emqx-cloud", Request{Algorithm: ECDSAP521}, false},
		{"aws-iot", Request{}, true}, {"aws-iot", Request{Algorithm: Ed25519}, false}, {"esp32", Request{Algorithm: ECDSAP521}, true}, {"esp32", Request{Algorithm: Ed25519}, false},
	} {
		p, ok := FindPreset(c.preset)
		if err := p.Check(c.r, &ca); !ok || (err == nil) != c.ok {
			t.Errorf("%s, %s: %v", c.preset, c.r.Algorithm, err)
		}
	}
	for _, p := range Presets {
		if p.Days < p.MinDays || len(p.Algorithms) == 0 || !strings.HasSuffix(p.Note, ".") {
			t.Errorf("%+v", p)
		}
	}
	if _, ok := FindPreset("toaster"); ok {
		t.Error("there is a preset for toasters")
	}
}
