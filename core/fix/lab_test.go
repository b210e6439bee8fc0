package fix_test

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/fix"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/session"
)

// try goes the whole way once: files, connection, probes, diagnosis.
func try(t *testing.T, l *lab.Lab, p profile.Profile) (*evidence.Attempt, diagnose.Result) {
	t.Helper()
	return tryWith(t, p, pki.LoadOptions{Roots: l.Roots(), Passphrase: l.GivenPassphrase()}, false)
}

// tryWith also looks, where it is told to, which other ports answer.
func tryWith(t *testing.T, p profile.Profile, o pki.LoadOptions, ports bool) (*evidence.Attempt, diagnose.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m := pki.Load(ctx, p, o)
	a := session.Try(ctx, p, m, "", session.Options{Timeout: 5 * time.Second})
	probe.RunAsked(ctx, a, probe.Asked{Made: &probe.Made{Profile: p, Material: m}, Intermediates: true, Ports: ports, Roots: o.Roots}, nil)
	return a, diagnose.Diagnose(a, p.AlsoFor)
}

// Every automatic fix that any of the lab's brokers brings up is carried out for real: the finding is gone afterwards,
// the files that were there are as they were, and undo gives back the profile and removes what was written.
func TestEveryAutomaticFix(t *testing.T) {
	offered := map[string]bool{}
	for _, f := range lab.Faults() {
		if f.ID == "tcp-timeout" { // takes its time, and no fix can help
			continue
		}
		for _, variant := range append([]string{""}, lab.Variants(f.ID)...) {
			if variant == "silent" {
				continue // the same
			}
			t.Run(f.ID+"/"+variant, func(t *testing.T) {
				l, err := lab.Start(context.Background(), lab.Options{Fault: f.ID, Variant: variant})
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				p := l.Profile()
				_, before := try(t, l, p)
				for _, finding := range before.Findings {
					for _, x := range finding.Fixes {
						if len(x.Action.Export) > 0 {
							offered[x.ID] = true
							t.Run(x.ID, func(t *testing.T) { exported(t, l, p, finding, x) })
							continue
						}
						if x.Automatic {
							offered[x.ID] = true
							t.Run(x.ID, func(t *testing.T) { applied(t, l, p, finding, x) })
						}
					}
				}
			})
		}
	}
	for _, id := range []string{"add-root", "trust-root", "trust-certificate", "expect-name", "use-tls", "set-alpn", "convert-file", "repair-file", "keep-readable", "use-matching-file",
		"allow-tls-version", "use-mqtt-version", "small-hello", "complete-client-chain", "reorder-client-chain", "try-usual-path",
		"add-intermediate", "make-full-chain"} {
		if !offered[id] {
			t.Errorf("no broker of the lab brought up the fix %s", id)
		}
	}
}

func applied(t *testing.T, l *lab.Lab, p profile.Profile, finding diagnose.Finding, x diagnose.Fix) {
	files := snapshot(t, l.Dir())
	change, err := fix.Apply(context.Background(), p, x, fix.Options{Dir: l.Dir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(change.Lines()) == 0 {
		t.Error("nothing to show as before and after")
	}
	_, after := try(t, l, change.After)
	if slices.ContainsFunc(after.Findings, func(f diagnose.Finding) bool { return f.ID == finding.ID }) {
		t.Errorf("%s is still found after %q", finding.ID, x.Title)
	}
	for path, content := range files {
		if now, _ := os.ReadFile(path); string(now) != content {
			t.Errorf("%s was changed", path)
		}
	}
	undone, err := change.Undo()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(undone, p); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(files, snapshot(t, l.Dir())); d != "" {
		t.Error(d)
	}
}

// exported makes the file for whoever runs the broker. A broker that has it is in order, for this program and OpenSSL.
func exported(t *testing.T, l *lab.Lab, p profile.Profile, finding diagnose.Finding, x diagnose.Fix) {
	files := snapshot(t, l.Dir())
	change, err := fix.Apply(context.Background(), p, x, fix.Options{Dir: l.Dir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(change.Lines()) > 0 || len(change.Written) != 1 {
		t.Errorf("the profile was changed, or no file was made: %+v", change)
	}
	certificate, err := tls.LoadX509KeyPair(change.Written[0], filepath.Join(l.Dir(), "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	q := p
	q.Server.Port = serve(t, certificate)
	q.AlsoFor = []string{"openssl", "java", "gnutls", "mbedtls"}
	_, after := try(t, l, q)
	if slices.ContainsFunc(after.Findings, func(f diagnose.Finding) bool { return f.ID == finding.ID || f.Subject.Kind == "certificate" }) {
		t.Errorf("still found with the new file: %+v", after.Findings)
	}
	if undone, err := change.Undo(); err != nil || !cmp.Equal(undone, p) {
		t.Errorf("%v, %v", undone, err)
	}
	if d := cmp.Diff(files, snapshot(t, l.Dir())); d != "" {
		t.Error(d)
	}
}

// serve shakes hands with that certificate, and says no more, until the test is over.
func serve(t *testing.T, certificate tls.Certificate) (port int) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { c.(*tls.Conn).Handshake(); c.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}

// snapshot is every file of a folder with its content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		path := dir + string(os.PathSeparator) + e.Name()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = string(content)
	}
	return all
}
