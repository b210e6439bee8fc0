package main

import (
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
	"mutual/core/solver/solvertest"
)

// startDomain starts a DNS with the domain example.org, kept in stand-ins for Route 53 and Cloudflare, by dynamic update and
// at acme-dns, and Pebble as the authority. It sets what reaches them: PREFIX_DIRECTORY, _CA, _RESOLVER, _PORT,
// _CLOUDFLARE, _TOKEN, _ACMEDNS, _UPDATE_SECRET, and the variables of Amazon's SDK. With "own-root" PREFIX_CA holds the root
// of its certificates, too, as with an authority of one's own; with "alternates" it offers three chains; with "customers"
// it serves only those with the key PREFIX_EAB_ID; with "elsewhere" the domain is delegated to other name servers than the
// hosted zone's. HTTP-01 is looked for at PREFIX_HTTP_PORT.
func startDomain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: domain PREFIX [own-root] [alternates] [customers] [elsewhere]")
	}
	t := scriptT{ts}
	w := nameservertest.NewWorld(t, "example.org", "auth.example")
	aws := route53test.NewService(t, w, "example.org")
	cloudflare := solvertest.NewCloudflare(t, w, "example.org")
	accounts := solvertest.NewAcmeDNS(t, w, "auth.example")
	var options acmetest.Options
	customer := base64.RawURLEncoding.EncodeToString([]byte("the key of a customer, which is long enough"))
	trust := false
	for _, a := range args[1:] {
		switch a {
		case "own-root":
			trust = true
		case "alternates":
			options.Alternates = 2
		case "elsewhere":
			w.Delegate("example.org", "ns.elsewhere.example")
		case "customers":
			options.External = map[string]string{"customer-1": customer}
		default:
			ts.Fatalf("domain: %q is not known", a)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	options.HTTPPort = l.Addr().(*net.TCPAddr).Port
	ts.Check(l.Close())
	w.Set(0, "web.example.org.", "A", "127.0.0.1")
	authority := acmetest.NewAuthority(t, w, options)
	if trust {
		authority.Trust(t)
	}
	_, port, err := net.SplitHostPort(w.Address)
	ts.Check(err)
	for name, value := range map[string]string{
		"DIRECTORY": authority.URL, "CA": authority.CAFile, "RESOLVER": w.Address, "PORT": port,
		"CLOUDFLARE": cloudflare.URL, "TOKEN": cloudflare.Token, "ACMEDNS": accounts.URL, "UPDATE_SECRET": nameservertest.UpdateSecret,
		"HTTP_PORT": strconv.Itoa(options.HTTPPort), "EAB_KEY": customer,
	} {
		ts.Setenv(args[0]+"_"+name, value)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": aws.URL, "AWS_ACCESS_KEY_ID": aws.Key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": aws.Key.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED": "true", "MUTUAL_KEYRING": "off", "MUTUAL_HOME": ts.MkAbs("home"),
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
