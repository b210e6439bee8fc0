package lab

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"mutual/core/chain"
)

// opensslError is the first error line of openssl verify.
var opensslError = regexp.MustCompile(`(?m)^error (\d+) at (\d+) depth lookup: (.*)$`)

// TestOpenSSLJudgeAgreesWithOpenSSL has the openssl program judge every chain that the lab serves, as it crossed the
// socket: the same verdict, error number and depth.
func TestOpenSSLJudgeAgreesWithOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: openssl is not installed; make setup installs it")
	}
	judge, _ := chain.Named("openssl")
	for _, f := range slices.Concat([]fault{{}}, chainFaults, trustFaults, usageFaults) {
		for _, variant := range append([]string{""}, f.variants...) {
			t.Run(f.ID+" "+variant, func(t *testing.T) {
				l := start(t, Options{Fault: f.ID, Variant: variant})
				q, ok := chain.FromAttempt(attempt(t, l))
				if f.ID == "certificate-malformed" && q.Sent[0].X == nil {
					t.Skip("there is no chain that Go could hand over")
				}
				if !ok {
					t.Fatal("no certificate was seen")
				}
				got := judge.Judge(q)
				want := opensslVerdict(t, openssl, l, q)
				if got.Accepted != want.Accepted || got.Code != want.Code || got.Text != want.Text || got.Depth != want.Depth {
					t.Errorf("the judge says %+v\nopenssl says %+v", got, want)
				}
			})
		}
	}
}

// opensslVerdict runs the program on the chain of q, with the profile's CA file, or the question's anchors where it names none.
func opensslVerdict(t *testing.T, openssl string, l *Lab, q chain.Question) chain.Verdict {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, certificates ...chain.Certificate) string {
		var all []*identity
		for _, c := range certificates {
			all = append(all, &identity{Certificate: c.X})
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, certificatesPEM(all...), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var anchors string
	if files := l.Profile().Trust.Files; len(files) > 0 {
		anchors = files[0]
	} else { // the fault is one of public roots
		anchors = write("anchors.pem", q.Anchors...)
	}
	args := []string{"verify", "-purpose", "sslserver", "-auth_level", "2", "-no-CApath", "-no-CAstore", "-CAfile", anchors}
	if _, err := netip.ParseAddr(q.Name); err == nil {
		args = append(args, "-verify_ip", q.Name)
	} else {
		args = append(args, "-verify_hostname", q.Name)
	}
	if len(q.Sent) > 1 {
		args = append(args, "-untrusted", write("untrusted.pem", q.Sent[1:]...))
	}
	out, err := exec.Command(openssl, append(args, write("leaf.pem", q.Sent[0]))...).CombinedOutput()
	match := opensslError.FindSubmatch(out)
	if err == nil && match == nil {
		return chain.Verdict{Accepted: true, Depth: -1}
	}
	if match == nil {
		t.Fatalf("%v: %s", err, out)
	}
	v := chain.Verdict{Code: string(match[1]), Text: string(match[3])}
	fmt.Sscan(string(match[2]), &v.Depth)
	return v
}
