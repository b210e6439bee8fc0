package ui

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
)

// byProgram plays the first three steps, with a program that puts the records where the domain's DNS reads them.
func (r *rig) byProgram(d *domain) {
	r.t.Helper()
	dir := r.t.TempDir()
	d.world.ReadFrom(dir)
	file := `"` + dir + `/$2~$3"`
	path := filepath.Join(r.t.TempDir(), "hook")
	text := "#!/bin/sh\ncase \"$1\" in present) : > " + file + ";; cleanup) rm -f " + file + ";; *) exit 9;; esac\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
	d.world.Set(0, "mqtt.example.org.", "CNAME", "ab1234.emqx.cloud.")
	g := r.guide
	r.playAddress()
	g.rights.how.SetSelected("A program of yours")
	r.press(g.rights.guideStep, "Check")
	r.stays(g.rights.guideStep, "needs this: Program")
	test.Type(g.rights.entries["EXEC_PATH"], path+".missing")
	r.press(g.rights.guideStep, "Check")
	r.stays(g.rights.guideStep, "see that it is there, and may be run")
	g.rights.entries["EXEC_PATH"].SetText(path)
	r.press(g.rights.guideStep, "Check")
	r.passed(g.rights.guideStep)
	r.press(g.alias.guideStep, "Wait for the record")
	r.passed(g.alias.guideStep)
	r.askAuthority(d)
}

// got presses the button of the order, and returns the certificate as a broker would load it with its key.
func (r *rig) got() *x509.Certificate {
	r.t.Helper()
	g := r.guide
	r.press(g.order.guideStep, "Get the certificate")
	r.passed(g.order.guideStep)
	r.until("the files", func() bool { return g.files.got != nil && g.files.stop == nil })
	files := g.folder.Files("mqtt.example.org")
	pair, err := tls.LoadX509KeyPair(files.FullChain, files.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	return pair.Leaf
}

// TestGuideOrders: in the window, a program's proof leads to a certificate of every kind of key, of a profile that is
// chosen, and of several names with a wildcard.
func TestGuideOrders(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	r := d.open(t, t.TempDir())
	g := r.guide
	r.byProgram(d)
	test.Tap(g.order.more.Button)
	test.Type(g.order.further, "*.mqtt.example.org, www.mqtt.example.org")
	for i, k := range orderKeys {
		if i > 0 {
			test.Tap(g.order.change)
			r.ended(g.order.guideStep)
		}
		g.order.keyType.SetSelected(k.title)
		profile := "classic" // without one, Pebble takes any
		if i == 1 {
			profile = "shortlived"
		}
		g.order.profile.SetSelected(profile)
		if said := g.order.means.Text; !strings.Contains(said, map[string]string{"classic": "as it is", "shortlived": "six days"}[profile]) {
			t.Errorf("of the profile %s it says %q", profile, said)
		}
		r.shoot("guide-4-" + profile)
		c := r.got()
		if kind := keyTitle(c); kind != k.title {
			t.Errorf("%s was asked for, and the key is %s", k.title, kind)
		}
		if short := c.NotAfter.Sub(c.NotBefore) < 10*24*time.Hour; short != (profile == "shortlived") {
			t.Errorf("of the profile %s, it is valid until %s", profile, c.NotAfter)
		}
		if want := []string{"*.mqtt.example.org", "mqtt.example.org", "www.mqtt.example.org"}; !slices.Equal(slices.Sorted(slices.Values(c.DNSNames)), want) {
			t.Errorf("certified are %v", c.DNSNames)
		}
	}
	said := labels(g.files.explained)
	for _, name := range []string{"*.mqtt.example.org", "mqtt.example.org", "www.mqtt.example.org"} {
		if !strings.Contains(said, name) {
			t.Errorf("%s is not named: %q", name, said)
		}
	}
	r.shoot("guide-5-names")
	if left := d.world.Texts(); len(left) != 0 {
		t.Errorf("left in the DNS: %v", left)
	}
}

func keyTitle(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	}
	return ""
}

// TestGuideExternalAccount: an authority that serves only its customers opens its fields, says what is missing or wrong,
// and the secret that was typed stands in no file.
func TestGuideExternalAccount(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString([]byte("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"))
	d := newDomain(t, acmetest.Options{External: map[string]string{"customer-1": key}})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.byProgram(d)
	if !slices.Contains(seen(g.order.box), fyne.CanvasObject(g.order.eabKey)) {
		t.Error("the fields of the binding are not shown")
	}
	r.press(g.order.guideStep, "Get the certificate")
	r.stays(g.order.guideStep, "Get a key identifier and an HMAC key")
	r.shoot("guide-4-customer")
	test.Type(g.order.eabKey, key)
	r.press(g.order.guideStep, "Get the certificate")
	r.stays(g.order.guideStep, "Enter the key identifier")
	test.Type(g.order.eabID, "customer-2")
	r.press(g.order.guideStep, "Get the certificate")
	r.stays(g.order.guideStep, "belong together")
	g.order.eabID.SetText("customer-1")
	r.got()
	if g.order.eabKey.Text != "" {
		t.Error("the HMAC key still stands in its field")
	}
	r.shut()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), key) {
			t.Errorf("%s holds the HMAC key", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	// The account is open: it is renewed, and ordered again, without the key.
	r = d.open(t, dir)
	test.Tap(r.guide.order.change)
	r.until("the authority's answer", func() bool { return r.guide.order.info != nil })
	r.ended(r.guide.order.guideStep)
	r.got()
}

// TestGuideTakesChain: another chain among those on offer goes into the files, the drawing and what the clients say, and
// the broker has to be given it.
func TestGuideTakesChain(t *testing.T) {
	d := newDomain(t, acmetest.Options{Alternates: 2})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playTo(d, acme.StageCertificate)
	g.order.agree.SetChecked(true)
	before := r.got()
	r.press(g.files.guideStep, "Understood")
	g.plan.Pass(acme.StageHandover)
	test.Tap(g.files.change)
	drawn := func() string { return texts(g.files.drawing) }
	old := drawn()
	offers := func() int { return len(buttonsNamed(g.files.chains, "Use this one")) }
	if offers() != 2 {
		t.Fatalf("%d other chains are on offer: %q", offers(), labels(g.files.chains))
	}
	r.shoot("guide-5-chains")
	test.Tap(buttonsNamed(g.files.chains, "Use this one")[1])
	r.until("the other chain", func() bool { return g.files.stop == nil && g.files.got.Root.Equal(d.ca.Roots[2]) })
	files := g.folder.Files("mqtt.example.org")
	chain, root := certificatesOf(files.FullChain), certificateIn(t, files.Root)
	if !chain[0].Equal(before) || !root.Equal(d.ca.Roots[2]) || chain[len(chain)-1].CheckSignatureFrom(root) != nil {
		t.Errorf("the files hold a chain to %s with the root %s", chain[len(chain)-1].Issuer, root.Subject)
	}
	if now := drawn(); now == old || !strings.Contains(now, d.ca.Roots[2].Subject.CommonName) {
		t.Errorf("drawn is %q, and was %q", now, old)
	}
	if offers() != 2 || g.plan.Next() != acme.StageHandover || g.plan.PreferredChain != d.ca.Roots[2].Subject.CommonName {
		t.Errorf("%d are on offer, next is %q, preferred is %q", offers(), g.plan.Next(), g.plan.PreferredChain)
	}
	r.shoot("guide-5-taken")
	r.shut()
	r = d.open(t, dir)
	test.Tap(r.guide.files.change)
	r.ended(r.guide.files.guideStep)
	if got := r.guide.files.got; got == nil || !got.Root.Equal(d.ca.Roots[2]) {
		t.Error("another window does not read the chain that was taken")
	}
}
