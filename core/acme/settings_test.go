package acme

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mutual/core/profile"
	"mutual/core/solver"
	"mutual/core/store"
)

// keeper is a store of secrets in files, with a passphrase that is known.
func keeper(t *testing.T) *store.Secrets {
	t.Helper()
	t.Setenv("MUTUAL_KEYRING", "off")
	s, _, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s.Secrets(func(context.Context, bool, bool) (string, bool) { return "horse battery", true })
}

// kept writes that a certificate was obtained with these settings.
func (f Folder) kept(t *testing.T, name, solver string, settings map[string]string) {
	t.Helper()
	if err := os.MkdirAll(f.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	r := Renewal{Schema: schema, Request: Request{Names: []string{name}, Solver: solver, Settings: settings}}
	if err := writeJSON(filepath.Join(f.Dir(name), renewalFile), r); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsOfEach(t *testing.T) {
	t.Setenv("CLOUDFLARE_DNS_API_TOKEN", "")
	secrets := keeper(t)
	f := Folder{Path: t.TempDir()}
	set := func(id, variable, value string) {
		t.Helper()
		if err := secrets.Set(t.Context(), id, SecretName(variable), value); err != nil {
			t.Fatal(err)
		}
	}
	get := func(name, provider, variable string, typed map[string]string) string {
		t.Helper()
		values, err := f.Settings(t.Context(), name, provider, typed, secrets)
		if err != nil {
			t.Fatal(err)
		}
		return values[variable]
	}
	const token, server = "CLOUDFLARE_DNS_API_TOKEN", "RFC2136_NAMESERVER"
	// Two certificates, two accounts.
	for name, value := range map[string]string{"a.example.org": "token of a", "b.example.org": "token of b"} {
		f.kept(t, name, "cloudflare", map[string]string{})
		if err := KeepSecrets(t.Context(), name, "cloudflare", map[string]string{token: value}, secrets); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"a.example.org": "token of a", "b.example.org": "token of b", "c.example.org": ""} {
		if got := get(name, "cloudflare", token, nil); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f.kept(t, "d.example.org", "rfc2136", map[string]string{server: "ns1.d"})
	f.kept(t, "e.example.org", "rfc2136", map[string]string{server: "ns1.e"})
	if d, e := get("d.example.org", "rfc2136", server, nil), get("e.example.org", "rfc2136", server, nil); d != "ns1.d" || e != "ns1.e" {
		t.Errorf("the servers are %q and %q", d, e)
	}
	// Typed goes first, kept before the environment; a form's empty field is meant so.
	t.Setenv(token, "token of the environment")
	t.Setenv(server, "ns.environment")
	for what, got := range map[string][2]string{
		"typed":           {get("a.example.org", "cloudflare", token, map[string]string{token: "typed"}), "typed"},
		"not typed":       {get("a.example.org", "cloudflare", token, map[string]string{}), "token of a"},
		"kept":            {get("a.example.org", "cloudflare", token, nil), "token of a"},
		"not kept":        {get("c.example.org", "cloudflare", token, nil), ""}, // solver.New takes the environment's
		"an empty field":  {get("d.example.org", "rfc2136", server, map[string]string{}), ""},
		"another service": {get("a.example.org", "rfc2136", server, nil), ""},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", what, got[0], got[1])
		}
	}
	// What earlier versions kept for all together comes after the environment.
	set(sharedSecretID, token, "token of all")
	if got := get("c.example.org", "cloudflare", token, nil); got != "" {
		t.Errorf("%q goes before the environment", got)
	}
	t.Setenv(token, "")
	if got := get("c.example.org", "cloudflare", token, nil); got != "token of all" {
		t.Errorf("what was kept for all is %q", got)
	}
	// A file that holds no settings is one of an earlier version, whose settings were the plan's.
	f.kept(t, "old.example.org", "rfc2136", nil)
	if err := f.SavePlan(Plan{Name: "other.example.org", Provider: "rfc2136", Settings: map[string]string{server: "ns.plan"}}); err != nil {
		t.Fatal(err)
	}
	if got := get("old.example.org", "rfc2136", server, nil); got != "ns.plan" {
		t.Errorf("an old certificate's is %q", got)
	}
	if got := get("d.example.org", "rfc2136", server, nil); got != "ns1.d" {
		t.Errorf("a new certificate's is %q", got)
	}
	// It is still one of an earlier version when it was renewed by this one.
	old, err := f.Renewal("old.example.org")
	if err != nil {
		t.Fatal(err)
	}
	if old.Request, err = old.Request.checked(); err != nil {
		t.Fatal(err)
	}
	f.kept(t, "old.example.org", "rfc2136", old.Request.Settings)
	if got := get("old.example.org", "rfc2136", server, nil); got != "ns.plan" {
		t.Errorf("once renewed, an old certificate's is %q", got)
	}
	// A name that begins anew goes on with the credentials of the one before, until it has its own.
	if err := f.SavePlan(Plan{Name: "c.example.org", Provider: "cloudflare", Formerly: "b.example.org"}); err != nil {
		t.Fatal(err)
	}
	if got := get("c.example.org", "cloudflare", token, nil); got != "token of b" {
		t.Errorf("after beginning anew it is %q", got)
	}
}

// TestSettingsRoute53 never mixes an access key with another's secret.
func TestSettingsRoute53(t *testing.T) {
	secrets := keeper(t)
	f := Folder{Path: t.TempDir()}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret of the environment")
	f.kept(t, "a.example.org", "route53", map[string]string{"AWS_ACCESS_KEY_ID": "AKIDA"})
	got, err := f.Settings(t.Context(), "a.example.org", "route53", nil, secrets)
	if err != nil || got["AWS_ACCESS_KEY_ID"] != "" {
		t.Errorf("without its secret: %v, %v", got, err)
	}
	if err := KeepSecrets(t.Context(), "a.example.org", "route53", map[string]string{"AWS_SECRET_ACCESS_KEY": "secret of a"}, secrets); err != nil {
		t.Fatal(err)
	}
	got, err = f.Settings(t.Context(), "a.example.org", "route53", nil, secrets)
	if err != nil || got["AWS_ACCESS_KEY_ID"] != "AKIDA" || got["AWS_SECRET_ACCESS_KEY"] != "secret of a" {
		t.Errorf("with its secret: %v, %v", got, err)
	}
	f.kept(t, "b.example.org", "route53", map[string]string{"AWS_PROFILE": "dns"})
	got, err = f.Settings(t.Context(), "b.example.org", "route53", nil, secrets)
	if err != nil || got["AWS_PROFILE"] != "dns" || got["AWS_SECRET_ACCESS_KEY"] != "" {
		t.Errorf("with a profile: %v, %v", got, err)
	}
}

// TestSessionToken uses no session token beside a key that it does not belong to.
func TestSessionToken(t *testing.T) {
	const name, key, secret, token = "a.example.org", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
	for _, variable := range []string{key, secret, token} {
		t.Setenv(variable, "")
	}
	secrets := keeper(t)
	f := Folder{Path: t.TempDir()}
	f.kept(t, name, "route53", map[string]string{key: "AKIDA"})
	want := func(what string, typed map[string]string, wantSecret, wantToken string) {
		t.Helper()
		got, err := f.Settings(t.Context(), name, "route53", typed, secrets)
		if err != nil || got[secret] != wantSecret || got[token] != wantToken {
			t.Errorf("%s: %q with the token %q, %v", what, got[secret], got[token], err)
		}
	}
	keep := func(values map[string]string) {
		t.Helper()
		if err := KeepSecrets(t.Context(), name, "route53", values, secrets); err != nil {
			t.Fatal(err)
		}
	}
	keep(map[string]string{secret: "temporary", token: "its token"})
	want("kept", nil, "temporary", "its token")
	want("another key is typed", map[string]string{key: "AKIDB", secret: "lasting"}, "lasting", "")
	want("another token is typed", map[string]string{key: "AKIDA", token: "later"}, "temporary", "later")
	keep(map[string]string{key: "AKIDB"})
	want("nothing is kept", nil, "temporary", "its token")
	keep(map[string]string{secret: "lasting"})
	want("another key is kept", nil, "lasting", "")
	if err := secrets.Set(t.Context(), sharedSecretID, SecretName(token), "of all"); err != nil {
		t.Fatal(err)
	}
	want("there is a token of all", nil, "lasting", "")
}

// TestSettingsLocked does not go on with the environment's, unless it has them.
func TestSettingsLocked(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	t.Setenv("CLOUDFLARE_DNS_API_TOKEN", "")
	dir := t.TempDir()
	s, _, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	known := s.Secrets(func(context.Context, bool, bool) (string, bool) { return "x", true })
	if err := KeepSecrets(t.Context(), "a.example.org", "cloudflare", map[string]string{"CLOUDFLARE_DNS_API_TOKEN": "t"}, known); err != nil {
		t.Fatal(err)
	}
	if s, _, err = store.Open(dir); err != nil {
		t.Fatal(err)
	}
	f := Folder{Path: t.TempDir()}
	if _, err := f.Settings(t.Context(), "a.example.org", "cloudflare", nil, s.Secrets(nil)); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	t.Setenv("CLOUDFLARE_DNS_API_TOKEN", "t")
	if _, err := f.Settings(t.Context(), "a.example.org", "cloudflare", nil, s.Secrets(nil)); err != nil {
		t.Errorf("with the environment's: %v", err)
	}
}

func TestSecretID(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"a.b.example", "a-b.example", "*.b.example", "b.example", "192.0.2.7", "2001:db8::1", strings.Repeat("long.", 40) + "example"} {
		id := SecretID(name)
		if !profile.ValidID(id) || seen[id] != "" {
			t.Errorf("%s: %q is that of %q, too, or no ID", name, id, seen[id])
		}
		seen[id] = name
	}
	if SecretID("MQTT.Example.org.") != SecretID("mqtt.example.org") {
		t.Error("the same name has two IDs")
	}
	for _, p := range solver.Providers {
		for _, s := range p.Settings {
			if !profile.ValidID(string(SecretName(s.Variable))) {
				t.Errorf("%s is no name of a secret", SecretName(s.Variable))
			}
		}
	}
}

// TestSettingsHoldNoSecret: what is written beside the files is none.
func TestSettingsHoldNoSecret(t *testing.T) {
	for _, p := range solver.Providers {
		values := map[string]string{}
		for _, s := range p.Settings {
			values[s.Variable] = "value"
			if s.Secret {
				values[s.Variable] = "SECRETVALUE"
			}
		}
		r, err := Request{Names: []string{"a.example.org"}, Solver: p.Name, Settings: values}.checked()
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := json.Marshal(r); strings.Contains(string(text), "SECRETVALUE") {
			t.Errorf("%s: %s", p.Name, text)
		}
	}
}
