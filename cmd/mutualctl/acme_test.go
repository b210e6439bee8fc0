package main

import (
	"fmt"
	"net"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"mutual/core/acme/acmetest"
)

// startDomain starts a DNS with the domain example.org in a stand-in for Route 53, and Pebble as the authority. It sets
// what reaches them (with "own-root" PREFIX_CA holds the root of its certificates, too, as with an authority of one's own): PREFIX_DIRECTORY, _CA, _RESOLVER, _PORT, and the variables of Amazon's SDK.
func startDomain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 || len(args) == 2 && args[1] != "own-root" {
		ts.Fatalf("usage: domain PREFIX [own-root]")
	}
	t := scriptT{ts}
	w := acmetest.NewWorld(t, "example.org")
	aws := acmetest.NewRoute53(t, w, "example.org")
	authority := acmetest.NewAuthority(t, w, acmetest.Options{})
	if len(args) == 2 {
		authority.Trust(t)
	}
	_, port, err := net.SplitHostPort(w.Address)
	ts.Check(err)
	for name, value := range map[string]string{
		args[0] + "_DIRECTORY": authority.URL, args[0] + "_CA": authority.CAFile, args[0] + "_RESOLVER": w.Address, args[0] + "_PORT": port,
		"AWS_ENDPOINT_URL": aws.URL, "AWS_ACCESS_KEY_ID": aws.Key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": aws.Key.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		ts.Setenv(name, value)
	}
}

// scriptT is a script as what starts servers for a test wants it.
type scriptT struct{ ts *testscript.TestScript }

func (t scriptT) Helper()           {}
func (t scriptT) Fatal(args ...any) { t.ts.Fatalf("%s", fmt.Sprint(args...)) }
func (t scriptT) Cleanup(f func())  { t.ts.Defer(f) }
func (t scriptT) TempDir() string {
	dir := t.ts.MkAbs("domain")
	t.ts.Check(os.MkdirAll(dir, 0o755))
	return dir
}
