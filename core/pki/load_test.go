package pki

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// clientProfile makes a profile with these files; an empty name leaves the field empty.
func clientProfile(dir, ca, certificate, key string) profile.Profile {
	p := profile.New("test")
	in := func(name string) string {
		if name == "" {
			return ""
		}
		return filepath.Join(dir, name)
	}
	if ca != "" {
		p.Trust.Files = []string{in(ca)}
	}
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: in(certificate), KeyFile: in(key)}
	return p
}

// problems lists role and problem of each file.
func problems(m Material) string {
	var out []string
	for _, f := range m.Files.Files {
		out = append(out, string(f.Role)+":"+string(f.Problem))
	}
	return strings.Join(out, " ")
}

var noRoots = LoadOptions{Roots: &Roots{}}

func TestLoad(t *testing.T) {
	dir := sixCommands(t)
	write := func(name string, parts ...[]byte) { writeFile(t, dir, name, join(parts...)) }
	read := func(name string) []byte { return readBytes(t, filepath.Join(dir, name)) }
	write("combined.pem", read("client.crt"), read("client.key"))
	write("ca-first.pem", read("client-ca.crt"), read("client.crt"))
	write("two-keys.key", read("client-ca.key"), read("client.key"))
	write("ca-and-key.pem", read("client-ca.key"), read("client-ca.crt"))
	write("empty", nil)
	for _, c := range []struct {
		name, ca, certificate, key string
		status                     evidence.Status
		want                       string
		loaded                     bool
	}{
		{"nothing", "", "", "", evidence.OK, "", false},
		{"only a CA", "client-ca.crt", "", "", evidence.OK, "ca:", false},
		{"all of openssl's", "client-ca.crt", "client.crt", "client.key", evidence.OK, "ca: client-certificate: client-key:", true},
		{"key in the certificate file", "client-ca.crt", "combined.pem", "", evidence.OK, "ca: client-certificate: client-key:", true},
		{"no key in it", "client-ca.crt", "client.crt", "", evidence.Failed, "ca: client-certificate: client-key:wrong-content", false},
		{"key without certificate", "client-ca.crt", "", "client.key", evidence.Failed, "ca: client-certificate:missing client-key:", false},
		{"certificate second", "", "ca-first.pem", "client.key", evidence.OK, "client-certificate: client-key:", true},
		{"key second", "", "client.crt", "two-keys.key", evidence.OK, "client-certificate: client-key: nearby:", true},
		{"CA file missing", "no.crt", "client.crt", "client.key", evidence.Failed, "ca:missing client-certificate: client-key:", false},
		{"CA file empty", "empty", "", "", evidence.Failed, "ca:empty", false},
		{"CA file holds a key", "client-ca.key", "", "", evidence.Failed, "ca:wrong-content", false},
		{"CA file holds a key too", "ca-and-key.pem", "", "", evidence.OK, "ca:", false},
		{"CA file holds a request", "client.csr", "", "", evidence.Failed, "ca:wrong-content", false},
		{"swapped", "", "client.key", "client.crt", evidence.Failed, "client-certificate:wrong-content client-key:wrong-content", false},
		{"request for certificate", "", "client.csr", "client.key", evidence.Failed, "client-certificate:wrong-content client-key:", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Load(t.Context(), clientProfile(dir, c.ca, c.certificate, c.key), noRoots)
			if m.Files.Status != c.status || problems(m) != c.want || (m.Certificate != nil) != c.loaded {
				t.Errorf("status %s, files %q, certificate %v; want %s, %q, %v", m.Files.Status, problems(m), m.Certificate != nil, c.status, c.want, c.loaded)
			}
			if (m.Files.Error == "") != (c.status == evidence.OK) || m.Files.Duration <= 0 {
				t.Errorf("error %q, duration %v", m.Files.Error, m.Files.Duration)
			}
			if m.Certificate != nil && m.Certificate.Leaf.Subject.CommonName != "Client" {
				t.Errorf("the first certificate is %s", CommonName(m.Certificate.Leaf))
			}
		})
	}
}

// A mismatch blames the file that can be mended and names the file to choose instead.
func TestLoadMismatch(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	a, b := issue(t, ca, Client, "/CN=A"), issue(t, ca, Client, "/CN=B")
	for _, c := range []struct {
		name           string
		nearby         map[string][]byte
		want, matching string
	}{
		{"the certificate's key is nearby", map[string][]byte{"a.key": a.KeyPEM, "z.txt": []byte("x")}, "client-certificate: client-key:key-mismatch", "a.key"},
		{"in a file with an odd name", map[string][]byte{"notes": join([]byte("my key\n"), a.KeyPEM)}, "client-certificate: client-key:key-mismatch", "notes"},
		{"the key's certificate is nearby", map[string][]byte{"b.crt": b.CertificatePEM, "ca.crt": ca.CertificatePEM}, "client-certificate:key-mismatch client-key:", "b.crt"},
		{"nothing is nearby", map[string][]byte{"ca.key": ca.KeyPEM}, "client-certificate: client-key:key-mismatch", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "my.crt", a.CertificatePEM)
			writeFile(t, dir, "my.key", b.KeyPEM)
			for name, data := range c.nearby {
				writeFile(t, dir, name, data)
			}
			m := Load(t.Context(), clientProfile(dir, "", "my.crt", "my.key"), noRoots)
			if problems(m) != c.want || m.Certificate != nil || m.Files.Status != evidence.Failed {
				t.Errorf("files %q, status %s; want %q", problems(m), m.Files.Status, c.want)
			}
			matching := m.Files.Files[0].Matching + m.Files.Files[1].Matching
			want := ""
			if c.matching != "" {
				want = filepath.Join(dir, c.matching)
			}
			if matching != want {
				t.Errorf("matching %q, want %q", matching, want)
			}
		})
	}
}

func TestLoadPutsTheChainInOrder(t *testing.T) {
	root := newCA(t, "/CN=Root")
	middle := issue(t, root, CA, "/CN=Middle")
	leaf := issue(t, middle, Client, "/CN=Leaf")
	stranger := newCA(t, "/CN=Stranger")
	dir := t.TempDir()
	writeFile(t, dir, "chain.pem", join(stranger.CertificatePEM, root.CertificatePEM, leaf.CertificatePEM, leaf.CertificatePEM, middle.CertificatePEM))
	writeFile(t, dir, "leaf.key", leaf.KeyPEM)
	m := Load(t.Context(), clientProfile(dir, "", "chain.pem", "leaf.key"), noRoots)
	if m.Certificate == nil {
		t.Fatal(m.Files.Error)
	}
	var got []string
	for _, der := range m.Certificate.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c.Subject.CommonName)
	}
	if want := []string{"Leaf", "Middle", "Root", "Stranger"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLoadAsksForThePassphrase(t *testing.T) {
	dir := sixCommands(t)
	openssl(t, dir, "pkcs8", "-topk8", "-in", "client.key", "-out", "locked.key", "-passout", "pass:secret")
	p := clientProfile(dir, "", "client.crt", "locked.key")
	type asked struct {
		again bool
		reply string // "": gives up
	}
	for _, c := range []struct {
		name  string
		known string
		asks  []asked
		want  evidence.Problem
	}{
		{"known", "secret", nil, ""},
		{"right at once", "", []asked{{false, "secret"}}, ""},
		{"wrong twice", "", []asked{{false, "a"}, {true, "b"}, {true, "secret"}}, ""},
		{"the known one is old", "old", []asked{{true, "secret"}}, ""},
		{"gives up at once", "", []asked{{false, ""}}, evidence.PassphraseNone},
		{"gives up later", "", []asked{{false, "a"}, {true, ""}}, evidence.PassphraseBad},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := 0
			m := Load(t.Context(), p, LoadOptions{Roots: &Roots{}, Passphrase: c.known, Prompt: func(_ context.Context, q PassphraseRequest) (string, bool) {
				if n >= len(c.asks) {
					t.Fatalf("asked %d times", n+1)
				}
				a := c.asks[n]
				n++
				if q.Again != a.again || q.File != p.ClientCertificate.KeyFile {
					t.Errorf("asked %+v, want again %v", q, a.again)
				}
				return a.reply, a.reply != ""
			}})
			if n != len(c.asks) || m.Files.Files[1].Problem != c.want || (m.Certificate != nil) != (c.want == "") {
				t.Errorf("asked %d times, problem %q", n, m.Files.Files[1].Problem)
			}
		})
	}
	t.Run("nobody to ask", func(t *testing.T) {
		if m := Load(t.Context(), p, noRoots); problems(m) != "client-certificate: client-key:passphrase-none" {
			t.Error(problems(m))
		}
	})
	t.Run("always the same wrong answer", func(t *testing.T) {
		m := Load(t.Context(), p, LoadOptions{Roots: &Roots{}, Prompt: func(context.Context, PassphraseRequest) (string, bool) { return "x", true }})
		if problems(m) != "client-certificate: client-key:passphrase-wrong" {
			t.Error(problems(m))
		}
	})
	t.Run("an empty answer", func(t *testing.T) {
		m := Load(t.Context(), p, LoadOptions{Roots: &Roots{}, Prompt: func(context.Context, PassphraseRequest) (string, bool) { return "", true }})
		if problems(m) != "client-certificate: client-key:passphrase-none" {
			t.Error(problems(m))
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := Load(ctx, p, LoadOptions{Roots: &Roots{}, Prompt: func(context.Context, PassphraseRequest) (string, bool) {
			cancel()
			return "", true
		}})
		if m.Files.Status != evidence.Failed || !strings.Contains(m.Files.Error, context.Canceled.Error()) {
			t.Errorf("status %s, %s", m.Files.Status, m.Files.Error)
		}
	})
	t.Run("not without a certificate", func(t *testing.T) {
		m := Load(t.Context(), clientProfile(dir, "", "no.crt", "locked.key"), LoadOptions{Roots: &Roots{}, Prompt: func(context.Context, PassphraseRequest) (string, bool) {
			t.Error("asked, though no answer could help")
			return "", false
		}})
		if m.Files.Status != evidence.Failed {
			t.Error(m.Files.Status)
		}
	})
}

// Material is used by a handshake with a server that demands the client certificate, several at once: with the wizard's
// version 3 certificate and with the version 1 certificate of the openssl commands.
func TestMaterialInHandshakes(t *testing.T) {
	dir := sixCommands(t)
	ca, err := ReadAuthority(dir+"/client-ca.crt", dir+"/client-ca.key", "")
	if err != nil {
		t.Fatal(err)
	}
	server := issue(t, ca, Server, "", "localhost", "127.0.0.1")
	ours := issue(t, ca, Client, "/CN=Client")
	writeFile(t, dir, "ours.pem", join(ours.KeyPEM, ours.CertificatePEM))
	if v := certificateIn(t, dir+"/client.crt").Version; v != 1 {
		t.Logf("this openssl makes version %d client certificates", v)
	}
	for _, files := range [][2]string{{"client.crt", "client.key"}, {"ours.pem", ""}} {
		m := Load(t.Context(), clientProfile(dir, "client-ca.crt", files[0], files[1]), noRoots)
		if m.Certificate == nil {
			t.Fatal(m.Files.Error)
		}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := handshake(m, server); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}

// handshake runs both sides of a TLS connection over a pipe; each verifies the other.
func handshake(m Material, server Issued) error {
	a, b := net.Pipe()
	defer a.Close()
	done := make(chan error, 1)
	go func() {
		defer b.Close()
		s := tls.Server(b, &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{server.Certificate.Raw}, PrivateKey: server.Key}},
			ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: m.Pool(),
		})
		_, err := s.Write([]byte("x"))
		done <- err
	}()
	c := tls.Client(a, &tls.Config{ServerName: "localhost", RootCAs: m.Pool(), GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return m.Certificate, nil
	}})
	_, err := c.Read(make([]byte, 1))
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, <-done)
}

func TestMaterialShowsNoKey(t *testing.T) {
	dir := t.TempDir()
	ca := newCA(t, "/CN=CA")
	writeFile(t, dir, "a.pem", join(ca.CertificatePEM, ca.KeyPEM))
	m := Load(t.Context(), clientProfile(dir, "a.pem", "a.pem", ""), noRoots)
	if m.Certificate == nil {
		t.Fatal(m.Files.Error)
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	secret := ca.Key.(*ecdsa.PrivateKey)
	raw, err := secret.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d := new(big.Int).SetBytes(raw).String()
	for _, text := range []string{fmt.Sprint(m), fmt.Sprintf("%+v", m), fmt.Sprintf("%#v", m), string(encoded)} {
		if strings.Contains(text, d) || strings.Contains(text, "PrivateKey") || !strings.Contains(text, "CA") && !strings.Contains(text, "ca") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestLoadWithoutTLS(t *testing.T) {
	p := clientProfile(t.TempDir(), "no.crt", "no.crt", "no.key")
	for _, p.Server.Transport = range []profile.Transport{profile.MQTT, profile.WS} {
		if m := Load(t.Context(), p, noRoots); m.Files.Status != evidence.Skipped || len(m.Files.Files) > 0 {
			t.Errorf("%s: status %s, files %q", p.Server.Transport, m.Files.Status, problems(m))
		}
	}
}
