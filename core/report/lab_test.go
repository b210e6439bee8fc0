package report_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/core/session"
)

var samples = flag.String("samples", "", "write the reports to this folder, to be looked at")

// sentinels are secrets that no report may hold.
const (
	passwordSentinel = "sentinel-password-7Qx"
	userSentinel     = "sentinel-user-7Qx"
	payloadSentinel  = "sentinel-payload-7Qx"
)

// tried is one attempt at a practice broker, and what is known about the place.
type tried struct {
	report  report.Report
	profile profile.Profile
	lab     *lab.Lab
}

// try connects to a practice broker as the program does, with secrets and a client identifier of its own.
func try(t *testing.T, fault string) tried {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := l.Profile()
	p.MQTT.UserName, p.MQTT.ClientID = userSentinel, "pump-station-7"
	m := pki.Load(ctx, p, pki.LoadOptions{Roots: l.Roots(), Passphrase: l.GivenPassphrase()})
	o := session.Options{Password: passwordSentinel}
	if fault == "tcp-timeout" {
		o.Timeout = 2 * time.Second // nothing will answer, but the name has to be resolved
	}
	a := session.Try(ctx, p, m, p.MQTT.ClientID, o)
	probe.RunAsked(ctx, a, probe.Asked{Made: &probe.Made{Profile: p, Material: m}}, nil)
	return tried{report.New(a, []string{"openssl"}, "mutualctl 1.2.3"), p, l}
}

// cases are the sound lab and all its faults in their plain form; the rules' own tests go through all forms.
func cases() []string {
	all := []string{""}
	for _, f := range lab.Faults() {
		all = append(all, f.ID)
	}
	return all
}

type format struct {
	name  string
	write func(report.Report, report.Options) ([]byte, error)
}

var formats = []format{{"html", report.Report.HTML}, {"md", report.Report.Markdown}, {"json", report.Report.JSON}}

// TestEveryFaultReported writes every fault of the lab in every format, reads it back and judges it again.
func TestEveryFaultReported(t *testing.T) {
	for _, c := range cases() {
		name := c
		if name == "" {
			name = "sound"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := try(t, c)
			for _, f := range formats {
				for _, masked := range []bool{false, true} {
					out, err := f.write(x.report, report.Options{Mask: masked})
					if err != nil {
						t.Fatal(err)
					}
					keepSample(t, name, f.name, masked, out)
					noSecret(t, x, f.name, out)
					if masked {
						noName(t, x, f.name, out)
					}
					if f.name == "json" {
						sameFindings(t, x.report, out, masked)
					}
				}
			}
		})
	}
}

func keepSample(t *testing.T, name, ending string, masked bool, out []byte) {
	t.Helper()
	if *samples == "" {
		return
	}
	if masked {
		name += ".masked"
	}
	if err := os.WriteFile(filepath.Join(*samples, name+"."+ending), out, 0o600); err != nil {
		t.Fatal(err)
	}
}

// noSecret looks for what was given to the attempt and must not leave it.
func noSecret(t *testing.T, x tried, format string, out []byte) {
	t.Helper()
	secrets := []string{passwordSentinel, userSentinel, payloadSentinel}
	for _, p := range []string{x.lab.Passphrase(), x.lab.GivenPassphrase()} {
		if p != "" {
			secrets = append(secrets, p)
		}
	}
	if key, err := os.ReadFile(x.profile.ClientCertificate.KeyFile); err == nil {
		for _, line := range strings.Split(string(key), "\n") {
			if len(line) > 40 && !strings.HasPrefix(line, "-----") && !public(key, line[10:40]) {
				secrets = append(secrets, line[10:40])
			}
		}
	}
	for _, s := range secrets {
		if strings.Contains(string(out), s) {
			t.Errorf("%s holds %q", format, s)
		}
	}
}

// public reports whether a part of a key file's text is of the public key, which stands there too (RFC 5915 §3) and is in
// the certificate: with a certain length before it, in the same letters.
func public(keyPEM []byte, part string) bool {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return false
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return false // encrypted, or no key
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return false
	}
	for shift := range 3 {
		if text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), der...)); strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// noName looks for whatever leads to the place: the certificates of a report in JSON keep theirs, and say so.
func noName(t *testing.T, x tried, format string, out []byte) {
	t.Helper()
	a := x.report.Attempt
	names := []string{"localhost", "127.0.0.1", "pump-station-7", x.lab.Dir(), a.Target.Host, a.Target.Name}
	if a.Resolve != nil {
		names = append(names, a.Resolve.Addresses...)
	}
	if a.TLS != nil && len(a.TLS.Sent) > 0 {
		if c := chain.Parse(a.TLS.Sent[0]); c.X != nil {
			names = append(names, c.X.DNSNames...)
			for _, ip := range c.X.IPAddresses {
				names = append(names, ip.String())
			}
		}
		if format != "json" && strings.Contains(string(out), "BEGIN CERTIFICATE") {
			t.Errorf("masked %s holds certificates", format)
		}
	}
	for _, n := range names {
		if n != "" && n != "::1" && strings.Contains(strings.ToLower(string(out)), strings.ToLower(strings.TrimPrefix(n, "*."))) {
			t.Errorf("masked %s holds %q: %s", format, n, around(string(out), n))
		}
	}
}

func around(s, n string) string {
	i := strings.Index(strings.ToLower(s), strings.ToLower(n))
	return s[max(0, i-60):min(len(s), i+60)]
}

// sameFindings judges a report again, and compares.
func sameFindings(t *testing.T, want report.Report, out []byte, masked bool) {
	t.Helper()
	got, err := report.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if got.Program != want.Program || !cmp.Equal(got.Clients, want.Clients) || (got.Kept != "") != masked {
		t.Errorf("read back as %q, for %v, kept %q", got.Program, got.Clients, got.Kept)
	}
	if !masked {
		if d := cmp.Diff(want.Attempt, got.Attempt, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("the attempt has changed: %s", d)
		}
		if d := cmp.Diff(want.Result.Findings, got.Result.Findings, ignoreAction); d != "" {
			t.Errorf("the findings have changed: %s", d)
		}
		return
	}
	if d := cmp.Diff(outline(want.Result), outline(got.Result)); d != "" {
		t.Errorf("a masked report is judged differently: %s", d)
	}
}

// ignoreAction leaves certificates, which have fields of their own, out of the comparison.
var ignoreAction = cmpopts.IgnoreFields(diagnose.Fix{}, "Action")

// outline is a diagnosis without its sentences, which masking changes.
func outline(r diagnose.Result) (lines []string) {
	for _, f := range r.Findings {
		line := string(f.Severity) + " " + f.ID + " " + strings.Join(f.Clients, ",")
		for _, x := range f.Fixes {
			line += " " + x.ID
		}
		lines = append(lines, line)
	}
	for _, v := range r.Verdicts {
		line := v.Client + " refuses " + v.Code
		if v.Accepted {
			line = v.Client + " accepts"
		}
		lines = append(lines, line)
	}
	return lines
}
