package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
)

// addressed enters the address and the name of the first step.
func (r *rig) addressed(deployment, name string) {
	r.t.Helper()
	a := r.guide.address
	a.deployment.SetText(deployment)
	a.name.SetText(name)
	test.Tap(a.check)
	r.ended(a.guideStep)
}

// TestGuideAddressOfKept: the address of a certificate that was taken from the list takes back only what rests on it: the
// certificate need not be ordered again, where it is for the name.
func TestGuideAddressOfKept(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	dir := t.TempDir()
	kept := func(names ...string) acme.Renewal {
		return acme.Renewal{Request: acme.Request{Names: names, Solver: "route53", Directory: acme.Directory{URL: d.ca.URL}}}
	}
	shelve(t, dir, kept("mqtt.example.org"))
	shelve(t, dir, kept("*.example.org"))
	r := d.open(t, dir)
	g := r.guide
	r.until("the list", func() bool { return len(g.kept.list) == 2 })
	for _, c := range []struct{ certificate, name string }{{"mqtt.example.org", "mqtt.example.org"}, {"*.example.org", "mqtt.example.org"}, {"*.example.org", "b.example.org"}} {
		i := slices.IndexFunc(g.kept.list, func(k acme.Kept) bool { return k.Name == c.certificate })
		g.kept.onContinue(g.kept.list[i])
		r.until("the files", func() bool { return g.files.stop == nil })
		if c.certificate == "*.example.org" && g.plan.Next() != acme.StageAddress {
			t.Errorf("of a wildcard it goes on with %q before it is known what clients connect to", g.plan.Next())
		}
		r.addressed("ab1234.emqx.cloud", c.name)
		if g.plan.Next() != acme.StageAlias || !g.plan.Has(acme.StageCredentials) || !g.plan.Has(acme.StageCertificate) || g.plan.CertificateName() != c.certificate {
			t.Errorf("%s, for %s: next is %q, passed are %v, with the certificate of %s; %q", c.certificate, c.name, g.plan.Next(), g.plan.Passed, g.plan.CertificateName(), g.address.said.Text)
		}
		if want := "for ab1234.emqx.cloud"; !strings.Contains(g.address.note.Text, want) {
			t.Errorf("the step sums up as %q", g.address.note.Text)
		}
	}
	r.shoot("guide-1-wildcard")
	// A name that the certificate is not for begins anew.
	r.addressed("ab1234.emqx.cloud", "mqtt.b.example.org")
	if g.plan.Has(acme.StageCertificate) || g.plan.CertificateName() != "mqtt.b.example.org" {
		t.Errorf("next is %q, with the certificate of %s", g.plan.Next(), g.plan.CertificateName())
	}
}

// TestGuideNameCorrected: of a name that was mistyped nothing is left behind but what is still needed.
func TestGuideNameCorrected(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	const typo, name = "mqt.example.org", "mqtt.example.org"
	r.addressed("ab1234.emqx.cloud", typo)
	g.plan.Passed, g.plan.ProfileID = []acme.Stage{acme.StageAddress, acme.StageCredentials, acme.StageAlias}, "the one to the mistyped name"
	if err := os.MkdirAll(g.folder.Dir(typo), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, g.folder.Dir(typo), "order.json", `{"schema":1,"begun":"2026-11-22T10:00:00Z","request":{"names":["`+typo+`"],"solver":"route53","directory":{"url":"https://ca.example"}}}`)
	g.kept.read()
	r.until("the order in the list", func() bool { return len(g.kept.list) == 1 })
	r.shoot("guide-kept-order")
	test.Tap(g.address.change)
	r.addressed("ab1234.emqx.cloud", name)
	if g.plan.Formerly != typo || g.plan.ProfileID != "" || g.plan.Next() != acme.StageCredentials {
		t.Errorf("formerly %q, connected as %q, next is %q; %q", g.plan.Formerly, g.plan.ProfileID, g.plan.Next(), g.address.said.Text)
	}
	if _, err := os.Stat(filepath.Join(g.folder.Dir(typo), "order.json")); !os.IsNotExist(err) {
		t.Errorf("its order is still under way: %v", err)
	}
	r.until("the list", func() bool { return len(g.kept.list) == 0 })
	if !r.told("The record by which " + typo + " leads to ab1234.emqx.cloud is still there") {
		t.Error("nothing is said of the record that was created for it")
	}
}

// TestGuideGiveUp: an order under way can be given up from the list.
func TestGuideGiveUp(t *testing.T) {
	r := newRig(t, nil)
	g := r.guide
	const name = "a.example.org"
	if err := os.MkdirAll(g.folder.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, g.folder.Dir(name), "order.json", `{"schema":1,"begun":"2026-11-22T10:00:00Z","request":{"names":["`+name+`"],"solver":"manual","directory":{"url":"https://ca.example"}}}`)
	g.kept.read()
	r.until("the order in the list", func() bool { return len(g.kept.list) == 1 })
	row := g.kept.drawn[name]
	if !row.giveUp.Visible() || row.renew.Visible() || row.revoke.Visible() {
		t.Error("an order cannot be given up, or can be renewed")
	}
	test.Tap(row.giveUp)
	r.until("it to be gone", func() bool { return len(g.kept.list) == 0 })
}
