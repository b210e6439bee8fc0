package deploy

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/assets"
	"mutual/core/pki"
)

func emqx(t testing.TB, s Sources, o Options) Handover {
	t.Helper()
	if o.At.IsZero() {
		o.At = now
	}
	h, err := EMQXCloud(read(t, s), o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// outcomes are the checks' IDs of that outcome.
func outcomes(h Handover, o Outcome) []string {
	var ids []string
	for _, c := range h.Checks {
		if c.Outcome == o {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func value(t testing.TB, h Handover, id string) string {
	t.Helper()
	f, ok := h.Field(id)
	if !ok {
		t.Fatalf("no field %q", id)
	}
	return f.Value
}

func TestEMQXFields(t *testing.T) {
	w := newWorld(t)
	h := emqx(t, w.sources(t), Options{Host: "broker.example"})
	for id, want := range map[string][]string{
		FieldBody: {"broker.example"}, FieldChain: {"YR1", "Next Root"}, FieldMerged: {"broker.example", "YR1", "Next Root"}, FieldClientCA: {"Client CA"},
	} {
		if got := commonNames(t, value(t, h, id)); !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", id, got, want)
		}
	}
	if value(t, h, FieldBody)+value(t, h, FieldChain) != value(t, h, FieldMerged) {
		t.Error("the merged field is not body and chain")
	}
	if failed := outcomes(h, Failed); failed != nil {
		t.Errorf("failed: %q", failed)
	}
	if warned := outcomes(h, Warning); !slices.Equal(warned, []string{"renewals"}) {
		t.Errorf("warnings: %q", warned)
	}
	key, ok := h.Field(FieldKey)
	if !ok || !key.Secret || !strings.HasPrefix(key.Value, "-----BEGIN PRIVATE KEY-----\n") {
		t.Errorf("the key's field is %v", key)
	}
	one := emqx(t, w.sources(t), Options{Host: "broker.example", OneWay: true})
	if _, there := one.Field(FieldClientCA); there || one.TwoWay {
		t.Error("one-way TLS has a client CA")
	}
}

// Whatever the files hold and in whatever order, the same chain comes out.
func TestChainIsOrderedAndCompleted(t *testing.T) {
	w := newWorld(t)
	stranger := draft{name: "Stranger", ca: true}.make(t, nil)
	further := draft{name: "Old Root", kind: "RSA 2048", ca: true}.make(t, draft{name: "Ancient Root", kind: "RSA 2048", ca: true}.make(t, nil))
	want := []string{"broker.example", "YR1", "Next Root"}
	for _, c := range []struct {
		name  string
		files []any
		chain []any // a second file
		want  []string
		note  string
	}{
		{"as certbot writes it", []any{w.server, w.intermediate, w.crossed}, nil, want, ""},
		{"backwards", []any{w.crossed, w.intermediate, w.server}, nil, want, "another order"},
		{"chain in its own file", []any{w.server}, []any{w.intermediate, w.crossed}, want, ""},
		{"the certificate alone", []any{w.server}, nil, want, `lack it: "YR1" and "Next Root".`},
		{"one link missing", []any{w.server, w.crossed}, nil, want, `lack it: "YR1".`},
		{"twice", []any{w.server, w.intermediate, w.intermediate, w.crossed}, nil, want, ""},
		{"with the root", []any{w.server, w.intermediate, w.crossed, w.old}, nil, want, ""},
		{"with a stranger", []any{w.server, stranger, w.intermediate, w.crossed}, nil, want, `Left out, because it does not belong to the chain: "Stranger"`},
		{"with the key and text", []any{"subject=broker\n", w.server, w.server.key, w.intermediate, w.crossed}, nil, want, ""},
		{"with a further cross-certificate", []any{w.server, w.intermediate, w.crossed, further}, nil, append(slices.Clone(want), "Old Root"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := w.sources(t)
			s.Certificate = file(t, "cert.pem", c.files...)
			if c.chain != nil {
				s.Chain = []string{file(t, "chain.pem", c.chain...)}
			}
			h := emqx(t, s, Options{Host: "broker.example"})
			if got := commonNames(t, value(t, h, FieldMerged)); !slices.Equal(got, c.want) {
				t.Errorf("merged: %q, want %q", got, c.want)
			}
			if failed := outcomes(h, Failed); failed != nil {
				t.Errorf("failed: %q", failed)
			}
			var texts strings.Builder
			for _, check := range h.Checks {
				texts.WriteString(check.Text + "\n")
			}
			if !strings.Contains(texts.String(), c.note) {
				t.Errorf("no check says %q:\n%s", c.note, texts.String())
			}
		})
	}
	m := read(t, Sources{Certificate: file(t, "c.pem", w.server), At: now, Roots: w.roots})
	if len(m.Chain) != 2 || !m.Chain[1].Equal(w.crossed.Certificate) {
		t.Error("the cross-certificate that was withdrawn took the place of the one made later")
	}
}

func TestOwnAuthority(t *testing.T) {
	root := draft{name: "Own CA", ca: true}.make(t, nil)
	server := draft{name: "broker", hosts: []string{"broker.example"}}.make(t, root)
	s := Sources{Certificate: file(t, "server.crt", server), Key: file(t, "server.key", server.key), Chain: []string{file(t, "ca.crt", root)}, At: now, Roots: &pki.Roots{}}
	h := emqx(t, s, Options{Host: "broker.example", OneWay: true})
	if got := commonNames(t, value(t, h, FieldChain)); !slices.Equal(got, []string{"Own CA"}) {
		t.Errorf("chain: %q", got)
	}
	if failed := outcomes(h, Failed); failed != nil {
		t.Errorf("failed: %q", failed)
	}
	s.Chain, s.ClientCA = nil, []string{file(t, "ca.crt", root)}
	h = emqx(t, s, Options{Host: "broker.example"})
	if got := commonNames(t, value(t, h, FieldChain)); !slices.Equal(got, []string{"Own CA"}) || h.Failed() {
		t.Errorf("with the clients' authority: chain %q, failed %q", got, outcomes(h, Failed))
	}
	self := draft{name: "self", hosts: []string{"broker.example"}}.make(t, nil)
	h = emqx(t, Sources{Certificate: file(t, "self.pem", self, self.key), At: now, Roots: &pki.Roots{}}, Options{OneWay: true})
	if value(t, h, FieldChain) != "" || len(commonNames(t, value(t, h, FieldMerged))) != 1 {
		t.Error("a self-signed certificate was given a chain")
	}
}

// Each rule is broken alone, and found alone.
func TestEMQXRules(t *testing.T) {
	w := newWorld(t)
	ecCA := draft{name: "EC CA", ca: true}.make(t, nil)
	server := func(d draft, issuer *entity) func(*Sources, *Options) {
		return func(s *Sources, _ *Options) {
			if d.name == "" {
				d.name = "test server"
			}
			if d.hosts == nil {
				d.hosts = []string{"broker.example"}
			}
			e := d.make(t, issuer)
			s.Certificate, s.Key = file(t, "s.pem", e, issuer), file(t, "s.key", e.key)
			if issuer == w.intermediate {
				s.Chain = []string{file(t, "c.pem", w.crossed)}
			}
		}
	}
	encrypted := func(s *Sources, _ *Options) {
		s.Key, s.Passphrase = encryptedKey(t, s.Key), "secret"
	}
	for _, c := range []struct {
		name   string
		change func(*Sources, *Options)
		want   []string // failed
	}{
		{"sound", func(*Sources, *Options) {}, nil},
		{"P-256", server(draft{}, ecCA), nil},
		{"P-384", server(draft{kind: "ECDSA P-384"}, ecCA), nil},
		{"P-521", server(draft{kind: "ECDSA P-521"}, ecCA), []string{"key-type"}},
		{"Ed25519", server(draft{kind: "Ed25519"}, ecCA), []string{"key-type", "algorithm-match"}},
		{"RSA 3072", server(draft{kind: "RSA 3072"}, w.intermediate), []string{"key-type"}},
		{"RSA key, EC authority", server(draft{kind: "RSA 2048"}, ecCA), []string{"algorithm-match"}},
		{"EC key, RSA authority", server(draft{}, w.intermediate), []string{"algorithm-match"}},
		{"encrypted key", encrypted, nil},
		{"another's key", func(s *Sources, _ *Options) { s.Key = file(t, "k.pem", w.client.key) }, []string{"key-match"}},
		{"no key", func(s *Sources, _ *Options) { s.Key = "" }, []string{"key-match"}},
		{"unknown issuer", func(s *Sources, _ *Options) {
			e := draft{name: "orphan", hosts: []string{"broker.example"}}.make(t, ecCA)
			s.Certificate, s.Key = file(t, "s.pem", e), file(t, "s.key", e.key)
		}, []string{"chain-complete"}},
		{"other name", func(_ *Sources, o *Options) { o.Host = "other.example" }, []string{"name"}},
		{"name in the common name only", func(s *Sources, o *Options) {
			server(draft{name: "broker.example", hosts: []string{}}, ecCA)(s, o)
		}, []string{"name"}},
		{"IP address", func(_ *Sources, o *Options) { o.Host = "192.0.2.7" }, []string{"name"}},
		{"not begun", server(draft{from: now.AddDate(0, 0, 1)}, ecCA), []string{"upload-window", "clients"}},
		{"expired", server(draft{until: now.AddDate(0, 0, -1)}, ecCA), []string{"upload-window", "clients"}},
		{"59 days left", server(draft{until: now.AddDate(0, 0, 59)}, ecCA), []string{"upload-window"}},
		{"61 days left", server(draft{until: now.AddDate(0, 0, 61)}, ecCA), nil},
		{"45 days in all", server(draft{from: now, until: now.AddDate(0, 0, 45)}, ecCA), []string{"upload-window"}},
		{"clientAuth only", server(draft{usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, ecCA), []string{"server-auth", "clients"}},
		{"no client CA", func(s *Sources, _ *Options) { s.ClientCA, s.Client = nil, "" }, []string{"client-ca"}},
		{"client CA is no CA", func(s *Sources, _ *Options) { s.ClientCA = []string{file(t, "c.pem", w.client)} }, []string{"client-ca"}},
		{"client CA may not sign", func(s *Sources, _ *Options) {
			ca := draft{name: "Client CA", ca: true, keyUsage: x509.KeyUsageDigitalSignature}.make(t, nil)
			s.ClientCA, s.Client = []string{file(t, "c.pem", ca)}, ""
		}, []string{"client-ca"}},
		{"client CA expired", func(s *Sources, _ *Options) {
			ca := draft{name: "Expired CA", ca: true, until: now.AddDate(0, 0, -1)}.make(t, nil)
			s.ClientCA, s.Client = []string{file(t, "c.pem", ca)}, ""
		}, []string{"client-ca"}},
		{"another client CA", func(s *Sources, _ *Options) { s.ClientCA = []string{file(t, "c.pem", ecCA)} }, []string{"client-issued"}},
		{"serverless", func(_ *Sources, o *Options) { o.Plan = "serverless" }, []string{"plan"}},
		{"BYOC with EC", func(s *Sources, o *Options) { server(draft{}, ecCA)(s, o); o.Plan = "byoc" }, []string{"key-type"}},
		{"BYOC, 31 days left", func(s *Sources, o *Options) {
			server(draft{kind: "RSA 2048", until: now.AddDate(0, 0, 31)}, w.intermediate)(s, o)
			o.Plan = "byoc"
		}, nil},
		{"BYOC, 29 days left", func(s *Sources, o *Options) {
			server(draft{kind: "RSA 2048", until: now.AddDate(0, 0, 29)}, w.intermediate)(s, o)
			o.Plan = "byoc"
		}, []string{"upload-window"}},
		{"flex by its API name", func(_ *Sources, o *Options) { o.Plan = "dedicatedFlex" }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, o := w.sources(t), Options{Host: "broker.example"}
			c.change(&s, &o)
			h := emqx(t, s, o)
			if got := outcomes(h, Failed); !slices.Equal(got, c.want) {
				t.Errorf("failed: %q, want %q", got, c.want)
				for _, check := range h.Checks {
					t.Logf("%s %s: %s", check.Outcome, check.ID, check.Text)
				}
			}
			if h.Failed() != (c.want != nil) {
				t.Error("Failed does not agree with the checks")
			}
			for _, check := range h.Checks {
				checkWording(t, check)
			}
		})
	}
}

// checkWording holds what is said to people: sentences, with a source, and something to do where something is wrong.
func checkWording(t *testing.T, c Check) {
	t.Helper()
	for _, text := range []string{c.Rule, c.Text, c.Do} {
		if text != "" && !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q is no sentence", c.ID, text)
		}
	}
	if c.Rule == "" || c.Text == "" || c.Source == "" {
		t.Errorf("%s lacks rule, text or source", c.ID)
	}
	if c.Outcome == Failed && c.Do == "" {
		t.Errorf("%s says not what to do", c.ID)
	}
}

func TestPublicClientCA(t *testing.T) {
	w := newWorld(t)
	s := w.sources(t)
	s.ClientCA, s.Client = []string{file(t, "ca.pem", w.old)}, ""
	if got := outcomes(emqx(t, s, Options{}), Warning); !slices.Contains(got, "client-ca-private") {
		t.Errorf("warnings: %q", got)
	}
}

// The upload window's edges, to the second.
func TestUploadWindow(t *testing.T) {
	w := newWorld(t)
	begins, ends := w.server.NotBefore, w.server.NotAfter.Add(-60*24*time.Hour)
	for _, c := range []struct {
		at   time.Time
		want Outcome
	}{
		{begins.Add(-time.Second), Failed}, {begins, Passed}, {ends.Add(-time.Second), Passed}, {ends, Failed}, {w.server.NotAfter.Add(time.Second), Failed},
	} {
		h := emqx(t, w.sources(t), Options{At: c.at})
		i := slices.IndexFunc(h.Checks, func(c Check) bool { return c.ID == "upload-window" })
		if got := h.Checks[i].Outcome; got != c.want {
			t.Errorf("at %s: %s, want %s (%s)", c.at, got, c.want, h.Checks[i].Text)
		}
	}
}

// What the announced lifetimes mean for a certificate of Let's Encrypt's.
func TestRenewals(t *testing.T) {
	w := newWorld(t)
	text := func(o Options) string {
		h := emqx(t, w.sources(t), o)
		for _, c := range h.Checks {
			if c.ID == "renewals" {
				return c.Text + " " + c.Do
			}
		}
		return ""
	}
	got := text(Options{})
	for _, want := range []string{"lasts 90 days can be uploaded in the first 30 days", "From 2027-02-10 on", "at most 64 days, and can be uploaded in the first 4 days", "From 2028-02-16 on", "at most 45 days, and can never be uploaded", "before 2028-02-16"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := text(Options{Plan: "byoc"}); !strings.Contains(got, "at most 45 days, and can be uploaded in the first 15 days") {
		t.Errorf("BYOC: %q", got)
	}
}

func TestHandoverKeepsItsKey(t *testing.T) {
	w := newWorld(t)
	m := read(t, w.sources(t))
	h, err := EMQXCloud(m, Options{At: now})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Split(value(t, h, FieldKey), "\n")[1]
	for _, text := range []string{fmt.Sprint(h), fmt.Sprintf("%+v %#v", h, h), fmt.Sprintf("%v %+v %#v", m, m, m), string(data)} {
		if strings.Contains(text, secret) || strings.Contains(text, "PRIVATE KEY") {
			t.Error("a private key is printed")
		}
	}
	if !strings.Contains(string(data), `"value":null`) {
		t.Error("the key's value is not null")
	}
}

// openssl takes what is written, and the key is for its owner alone.
func TestFilesForOpenSSL(t *testing.T) {
	w := newWorld(t)
	h := emqx(t, w.sources(t), Options{Host: "broker.example"})
	dir := t.TempDir()
	paths, err := h.Write(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 5 {
		t.Errorf("wrote %q", paths)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	root := file(t, "root.pem", w.old)
	openssl(t, "verify", "-attime", fmt.Sprint(now.Unix()), "-CAfile", root, "-untrusted", at("certificate-chain.pem"), "-verify_hostname", "broker.example", at("certificate-body.pem"))
	openssl(t, "verify", "-attime", fmt.Sprint(now.Unix()), "-CAfile", root, "-untrusted", at("merged-certificate.pem"), at("merged-certificate.pem"))
	openssl(t, "verify", "-attime", fmt.Sprint(now.Unix()), "-CAfile", at("client-ca.pem"), file(t, "client.pem", w.client))
	public := openssl(t, "pkey", "-in", at("private-key.pem"), "-pubout")
	if public != openssl(t, "x509", "-in", at("certificate-body.pem"), "-noout", "-pubkey") {
		t.Error("openssl finds another key")
	}
	info, err := os.Stat(at("private-key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v (%v)", info.Mode(), err)
	}
	var there *pki.ExistsError
	if _, err := h.Write(dir, false); err == nil || !asExists(err, &there) || len(there.Paths) != 5 {
		t.Errorf("overwriting: %v", err)
	}
	if _, err := h.Write(dir, true); err != nil {
		t.Error(err)
	}
}

func asExists(err error, to **pki.ExistsError) bool {
	e, ok := err.(*pki.ExistsError)
	*to = e
	return ok
}

func openssl(t testing.TB, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: openssl is not installed; make setup installs it")
	}
	out, err := exec.Command("openssl", args...).Output()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The built-in certificates complete Let's Encrypt's chains as they are served since 2026: over the cross-certificates
// that are in force, not those that were withdrawn. The intermediates stand in for what they issue.
func TestLetsEncryptChains(t *testing.T) {
	files := map[string][]byte{}
	for _, f := range assets.Certificates() {
		files[filepath.Base(f.Name)] = f.PEM
	}
	for name, want := range map[string]struct {
		fingerprint string // of the cross-certificate; facts of the letsencrypt.org website
		root        string
	}{
		"gen-y_int-yr1.pem": {"072639D0", "ISRG Root X1"},
		"gen-y_int-ye1.pem": {"", "ISRG Root X2"},
	} {
		if files[name] == nil {
			t.Fatalf("%s is not among the assets", name)
		}
		m := read(t, Sources{Certificate: file(t, name, string(files[name])), At: now})
		if len(m.Chain) != 1 || m.Root == nil || m.Root.Subject.CommonName != want.root {
			t.Errorf("%s: chain %q, root %v", name, names(m.Chain), m.Root)
			continue
		}
		sum := sha256.Sum256(m.Chain[0].Raw)
		if got := fmt.Sprintf("%X", sum[:4]); want.fingerprint != "" && got != want.fingerprint {
			t.Errorf("%s: the cross-certificate is %s, want %s", name, got, want.fingerprint)
		}
	}
}
