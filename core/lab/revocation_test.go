package lab

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/session"
)

// A revoked certificate is refused before the client's certificate, a user name or a password goes out, in TLS 1.2 and
// 1.3; and only where the profile says so.
func TestRevokedIsRefusedFirst(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, variant := range []string{"", "intermediate", "delegate", "staple"} {
			c, err := prepare(Options{Fault: "certificate-revoked", Variant: variant})
			if err != nil {
				t.Fatal(err)
			}
			c.responder.close()
			l := start(t, Options{Fault: "certificate-revoked", Variant: variant})
			l.server.config.MaxVersion = version
			p := l.Profile()
			p.MQTT.UserName = "the-user"
			m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()})
			a := session.Try(t.Context(), p, m, "", session.Options{Password: "the-password"})
			if a.TLS.Status != evidence.Failed || a.TLS.Failure != evidence.Unverified || a.TLS.Verified || a.TLS.Complete || a.MQTT != nil {
				t.Errorf("%q: %+v, %+v", variant, a.TLS, a.MQTT)
			}
			if version == tls.VersionTLS13 && a.TLS.CertificateSent {
				t.Errorf("%q: the client's certificate went out", variant)
			}
			p.Trust.CheckRevocation = false
			if a := session.Try(t.Context(), p, m, "", session.Options{}); a.TLS.Status != evidence.OK || a.Revocation != nil || len(a.Answers) > 0 {
				t.Errorf("%q, not asked: %+v, %+v", variant, a.TLS, a.Answers)
			}
		}
	}
}

// The evidence of a check can be judged again without a network.
func TestRevocationReplays(t *testing.T) {
	for _, o := range []Options{{Fault: "certificate-revoked"}, {Fault: "certificate-revoked", Variant: "staple"}, {Fault: "revocation-unknown", Variant: "expired"}, {Fault: "intermediate-missing", Variant: "fetchable-two"}, {Fault: "staple-missing"}} {
		l := start(t, o)
		a := attempt(t, l)
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		again := new(evidence.Attempt)
		if err := json.Unmarshal(data, again); err != nil {
			t.Fatal(err)
		}
		if want, got := diagnose.Diagnose(a, nil).Findings, diagnose.Diagnose(again, nil).Findings; !reflect.DeepEqual(words(want), words(got)) {
			t.Errorf("%s: %v, again %v", o.Fault, words(want), words(got))
		}
	}
}

func words(fs []diagnose.Finding) (all []string) {
	for _, f := range fs {
		all = append(all, f.ID+string(f.Severity)+f.Title+f.Detail)
	}
	return all
}

// The revocation of a certificate can be asked about after a connection that did not check; what is found is a warning
// then, because this program did not refuse.
func TestRevocationAskedAfterwards(t *testing.T) {
	l := start(t, Options{Fault: "certificate-revoked"})
	p := l.Profile()
	p.Trust.CheckRevocation = false
	m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()})
	a := session.Try(t.Context(), p, m, "", session.Options{})
	var began []string
	probe.RunAsked(t.Context(), a, probe.Asked{Revocation: true}, func(p evidence.Probe) {
		if p.Status == "" {
			began = append(began, p.Name)
		}
	})
	fs := diagnose.Diagnose(a, nil).Findings
	if len(fs) == 0 || fs[0].ID != "certificate-revoked" || fs[0].Severity != diagnose.Warning || len(began) != 2 || len(a.Probes) != 2 || len(a.Answers) != 2 {
		t.Errorf("%s; %v, %+v", summary(fs), began, a.Probes)
	}
	probe.RunAsked(t.Context(), a, probe.Asked{Revocation: true}, nil)
	if len(a.Answers) != 2 {
		t.Errorf("asked again: %d answers", len(a.Answers))
	}
}

// What an authority fails to hand out is said, and no certificate is made up.
func TestIssuerGone(t *testing.T) {
	l := start(t, Options{Fault: "intermediate-missing", Variant: "fetchable"})
	l.scene.responder.files = nil
	a := attempt(t, l)
	fs := diagnose.Diagnose(a, nil).Findings
	if len(fs) == 0 || fs[0].ID != "intermediate-missing" || !strings.Contains(fs[0].Detail, "HTTP status 404") {
		t.Errorf("%s", summary(fs))
	}
}

// TestGnuTLSJudgesStaples has gnutls-cli meet brokers with all sorts of staples.
func TestGnuTLSJudgesStaples(t *testing.T) {
	program, err := exec.LookPath("gnutls-cli")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: gnutls-cli is not installed; make setup installs it")
	}
	judge, _ := chain.Named("gnutls")
	for _, fault := range []string{"staple-missing", "certificate-revoked"} {
		for _, staple := range []string{"none", "good", "revoked", "old", "delegate", "other", "junk"} {
			t.Run(fault+" "+staple, func(t *testing.T) {
				variant := ""
				if fault == "certificate-revoked" {
					variant = "staple"
				}
				l := start(t, Options{Fault: fault, Variant: variant})
				c := l.scene
				signer, status, date := c.intermediate, ocsp.Good, c.now.Add(-day)
				switch staple {
				case "revoked":
					status = ocsp.Revoked
				case "old":
					date = c.now.Add(-60 * day)
				case "delegate":
					status = ocsp.Revoked
					if signer, err = c.delegate(c.intermediate); err != nil {
						t.Fatal(err)
					}
				case "other":
					status = ocsp.Revoked
					if signer, err = c.stranger(); err != nil {
						t.Fatal(err)
					}
				}
				der, err := ocspAnswer(c.intermediate, signer, c.leaf.SerialNumber, status, date)
				if err != nil {
					t.Fatal(err)
				}
				switch staple {
				case "none":
					der = nil
				case "junk":
					der = []byte("not an answer")
				}
				l.server.config.Certificates[0].OCSPStaple = der
				p := l.Profile()
				p.Trust.CheckRevocation = false
				m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()})
				q, ok := chain.FromAttempt(session.Try(t.Context(), p, m, "", session.Options{}))
				if !ok {
					t.Fatal("no certificate was seen")
				}
				got := judge.Judge(q)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				out, _ := exec.CommandContext(ctx, program, "--x509cafile", p.Trust.Files[0], "--x509certfile", p.ClientCertificate.CertificateFile,
					"--x509keyfile", p.ClientCertificate.KeyFile, "-p", strconv.Itoa(p.Server.Port), host).CombinedOutput()
				accepted := strings.Contains(string(out), "- Status: The certificate is trusted.")
				if got.Accepted != accepted || !accepted && !strings.Contains(string(out), got.Text) {
					t.Errorf("the judge says %+v\ngnutls-cli says %s", got, lines(string(out), "- Status", "***", "OCSP"))
				}
			})
		}
	}
}

// lines are those of out that hold one of parts.
func lines(out string, parts ...string) string {
	kept := slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(line, part) })
	})
	return strings.Join(kept, "\n")
}
