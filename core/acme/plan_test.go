package acme

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"mutual/core/solver"
)

func TestPlan(t *testing.T) {
	f := Folder{Path: filepath.Join(t.TempDir(), "acme")}
	p, err := f.Plan()
	if err != nil || p.Next() != StageAddress {
		t.Fatalf("a new plan begins with %q, %v", p.Next(), err)
	}
	p.Name, p.Deployment, p.Provider = "mqtt.example.org", "ab1234.emqx.cloud", "cloudflare"
	for _, provider := range solver.Providers {
		for _, s := range provider.Settings {
			p.Keep(s, "value of "+s.Variable)
		}
	}
	// A secret that comes in by another way is not written either.
	p.Settings["CLOUDFLARE_DNS_API_TOKEN"] = "the secret token"
	p.Pass(StageAddress)
	p.Pass(StageCredentials)
	p.Pass(StageCredentials)
	if err := f.SavePlan(p); err != nil {
		t.Fatal(err)
	}
	if p.Settings["CLOUDFLARE_DNS_API_TOKEN"] == "" {
		t.Error("what was given to be saved was changed")
	}
	path := filepath.Join(f.Path, planFile)
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "secret") || strings.Contains(string(data), "SECRET") {
		t.Errorf("the file holds a secret, %v:\n%s", err, data)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	got, err := f.Plan()
	delete(p.Settings, "CLOUDFLARE_DNS_API_TOKEN")
	p.Schema = schema
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("read back %+v, want %+v, %v", got, p, err)
	}
	got.Back(StageCredentials)
	if got.Has(StageCredentials) || !got.Has(StageAddress) || got.Next() != StageCredentials {
		t.Errorf("passed after going back: %v", got.Passed)
	}
}

// TestReaddress: what does not rest on the address or the name stays passed, and an earlier name is not lost.
func TestReaddress(t *testing.T) {
	const old, deployment = "mqtt.example.org", "ab1234.emqx.cloud"
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		title            string
		deployment, name string
		covered          bool
		next             Stage // "": all stay passed
		stays            []Stage
		certificate      string
		formerly         string
	}{
		{"the same again", deployment, old, true, "", Stages, old, ""},
		{"another deployment", "cd5678.emqx.cloud", old, true, StageAddress, []Stage{StageCredentials, StageCertificate, StageFiles}, old, ""},
		{"another name of the certificate", deployment, "b.example.org", true, StageAddress, []Stage{StageCredentials, StageCertificate, StageFiles}, old, old},
		{"another name", deployment, "b.example.net", false, StageAddress, nil, "b.example.net", old},
		{"the certificate is gone", deployment, old, false, StageCertificate, []Stage{StageAddress, StageCredentials, StageAlias}, old, ""},
	} {
		p := Plan{Name: old, Deployment: deployment, Passed: Stages, ProfileID: "p", LedTo: "192.0.2.1"}
		p.Readdress(c.deployment, c.name, c.covered, at)
		if p.Next() != c.next || len(p.Passed) != len(c.stays) || p.CertificateName() != c.certificate || p.Formerly != c.formerly {
			t.Errorf("%s: next %q, passed %v, the certificate of %s, formerly %q", c.title, p.Next(), p.Passed, p.CertificateName(), p.Formerly)
		}
		if (p.ProfileID == "") != (c.name != old) || (p.LedTo == "") != (c.name != old || c.deployment != deployment) || p.Moved.IsZero() != (c.deployment == deployment) {
			t.Errorf("%s: connected is %q, led to %q, moved %v", c.title, p.ProfileID, p.LedTo, p.Moved)
		}
	}
	// A name that was corrected before it had secrets of its own has none to go on with, but the one before it has.
	p := Plan{Name: "typo.example.org", Formerly: old}
	if p.Readdress(deployment, "mqtt2.example.org", false, at); p.Formerly != old {
		t.Errorf("formerly is %q", p.Formerly)
	}
	// Back at the certificate's own first name, there is no other one.
	p = Plan{Name: "b.example.org", Certificate: old, Passed: Stages}
	if p.Readdress(deployment, old, true, at); p.Certificate != "" || p.Formerly != "" {
		t.Errorf("the certificate is %q, formerly %q", p.Certificate, p.Formerly)
	}
}

func TestPlanUnreadable(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	path := filepath.Join(f.Path, planFile)
	if err := os.WriteFile(path, []byte(`{"schema":1,"passed":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := f.Plan(); err == nil || p.Next() != StageAddress {
		t.Errorf("read as %+v", p)
	}
	if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != 1 {
		t.Errorf("set aside: %v", aside)
	}
	newer, _ := json.Marshal(map[string]any{"schema": schema + 1, "later": true})
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Plan(); !errors.Is(err, errNewerFormat) {
		t.Errorf("a newer plan: %v", err)
	}
	if err := f.SavePlan(Plan{}); !errors.Is(err, errNewerFormat) {
		t.Errorf("a newer plan is overwritten: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != string(newer) {
		t.Errorf("it holds %s", data)
	}
}

func TestLifetime(t *testing.T) {
	at := func(s string) time.Time { x, _ := time.Parse(time.DateOnly, s); return x }
	for _, c := range []struct {
		directory Directory
		profile   string
		at        string
		days      float64
	}{
		{LetsEncrypt, "", "2026-11-22", 90}, {LetsEncrypt, "classic", "2027-02-09", 90}, {LetsEncrypt, "classic", "2027-02-10", 64},
		{LetsEncryptStaging, "", "2028-02-16", 45}, {LetsEncrypt, "tlsserver", "2026-11-22", 45},
		{LetsEncrypt, "shortlived", "2026-11-22", 160. / 24}, {LetsEncrypt, "unheard", "2026-11-22", 0},
		{Directory{URL: "https://ca.example/dir"}, "classic", "2026-11-22", 0},
	} {
		long, ok := Lifetime(c.directory, c.profile, at(c.at))
		if long.Hours()/24 != c.days || ok != (c.days > 0) {
			t.Errorf("%s %q on %s: %s, %v", c.directory.URL, c.profile, c.at, long, ok)
		}
	}
}
