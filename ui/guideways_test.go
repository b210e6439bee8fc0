package ui

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/solver/solvertest"
)

// askAuthority chooses the test's authority and agrees to its terms.
func (r *rig) askAuthority(d *domain) {
	r.t.Helper()
	o := r.guide.order
	r.ended(o.guideStep)
	o.directory.SetSelectedIndex(2)
	o.url.SetText(d.ca.URL)
	o.caFile.Entry.SetText(d.ca.CAFile)
	test.Tap(o.get)
	r.ended(o.guideStep)
	if o.info == nil {
		r.t.Fatalf("the authority was not asked: %q", o.said.Text)
	}
	o.agree.SetChecked(true)
}

// stays waits for a step to end, and expects it to say why it is not passed.
func (r *rig) stays(s *guideStep, words string) {
	r.t.Helper()
	r.ended(s)
	if r.guide.plan.Has(s.stage) || !strings.Contains(s.said.Text, words) {
		r.t.Fatalf("the step %s should say %q, and says %q", s.stage, words, s.said.Text)
	}
}

// TestGuideDynamicUpdate proves a name by RFC 2136: an empty field and a wrong secret are told before anything is ordered.
func TestGuideDynamicUpdate(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	d.world.Set(0, "mqtt.example.org.", "CNAME", "ab1234.emqx.cloud.")
	r := d.open(t, t.TempDir())
	g := r.guide
	test.Tap(g.address.check)
	r.stays(g.address.guideStep, "Enter the address that the deployment's overview shows")
	r.playAddress()
	g.rights.how.SetSelected("Dynamic update (RFC 2136)")
	test.Tap(g.rights.check)
	r.stays(g.rights.guideStep, "needs this: Name server")
	r.shoot("guide-2-rfc2136-empty")
	g.rights.entries["RFC2136_NAMESERVER"].SetText(d.world.Address)
	g.rights.entries["RFC2136_TSIG_KEY"].SetText(nameservertest.UpdateKey)
	g.rights.entries["RFC2136_TSIG_SECRET"].SetText("d3Jvbmc=")
	test.Tap(g.rights.check)
	r.stays(g.rights.guideStep, "TSIG")
	g.rights.entries["RFC2136_TSIG_SECRET"].SetText(nameservertest.UpdateSecret)
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	r.until("the question for the secrets", func() bool { return r.asked != nil })
	r.asked.answer(false) // it is used until the window closes

	test.Tap(g.alias.apply) // it is there already
	r.passed(g.alias.guideStep)
	r.askAuthority(d)
	g.order.further.SetText("*.mqtt.example.org")
	test.Tap(g.order.get)
	r.passed(g.order.guideStep)
	r.until("the files", func() bool { return g.files.got != nil })
	if names := g.files.got.Certificates[0].DNSNames; len(names) != 2 {
		t.Errorf("certified are %v", names)
	}
	if left := d.world.Texts(); len(left) != 0 {
		t.Errorf("left in the DNS: %v", left)
	}
}

// TestGuideHTTP01 proves a name at a port of this computer, and says beforehand what cannot be proved that way.
func TestGuideHTTP01(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := newDomain(t, acmetest.Options{HTTPPort: l.Addr().(*net.TCPAddr).Port})
	d.world.Set(0, "mqtt.example.org.", "CNAME", "ab1234.emqx.cloud.")
	r := d.open(t, t.TempDir())
	g := r.guide
	r.playAddress()
	g.rights.how.SetSelected("Port 80 of this computer (HTTP-01)")
	g.rights.entries["HTTP01_ADDRESS"].SetText(l.Addr().String())
	test.Tap(g.rights.check)
	r.stays(g.rights.guideStep, "another web server may hold the port")
	l.Close()
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	test.Tap(g.alias.skip)
	r.passed(g.alias.guideStep)
	r.askAuthority(d)
	g.order.further.SetText("*.example.org")
	test.Tap(g.order.get)
	r.stays(g.order.guideStep, "proved by DNS records only")
	r.shoot("guide-4-wildcard")
	g.order.further.SetText("")
	g.order.contact.SetText("admin")
	test.Tap(g.order.get)
	r.stays(g.order.guideStep, "no e-mail address")
	g.order.contact.SetText("admin@example.org")
	test.Tap(g.order.get)
	r.passed(g.order.guideStep)
}

// TestGuideOtherServices proves names at stand-ins for Cloudflare and acme-dns; the latter's record to create once is
// shown with what to copy.
func TestGuideOtherServices(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	cloudflare := solvertest.NewCloudflare(t, d.world, "example.org")
	server := solvertest.NewAcmeDNS(t, d.world, "auth.example.org")
	t.Setenv("CLOUDFLARE_BASE_URL", cloudflare.URL)
	r := d.open(t, t.TempDir())
	g := r.guide
	r.playAddress()
	g.rights.how.SetSelected("acme-dns")
	test.Tap(g.rights.check)
	r.stays(g.rights.guideStep, "needs this: Address")
	g.rights.entries["ACME_DNS_API_BASE"].SetText(server.URL)
	g.rights.entries["ACME_DNS_STORAGE_PATH"].SetText(t.TempDir() + "/accounts.json")
	test.Tap(g.rights.check)
	r.stays(g.rights.guideStep, "create the record")
	need := g.rights.steps.needed
	if need == nil {
		t.Fatal("the record to create is not shown")
	}
	r.shoot("guide-2-acmedns")
	d.world.Set(0, need.Name, "CNAME", need.Target)
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)

	test.Tap(g.rights.change)
	g.rights.how.SetSelected("Cloudflare")
	g.rights.entries["CLOUDFLARE_DNS_API_TOKEN"].SetText("wrong")
	test.Tap(g.rights.check)
	r.ended(g.rights.guideStep)
	if g.plan.Has(acme.StageCredentials) || g.rights.said.Text == "" {
		t.Errorf("with a wrong token it says %q", g.rights.said.Text)
	}
	r.shoot("guide-2-cloudflare-refused")
}

// TestGuideLeaves leaves records as they are only after having said where the name leads.
func TestGuideLeaves(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	d.aws.Put("mqtt.example.org.", "A", "192.0.2.1")
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playTo(d, acme.StageAlias)
	test.Tap(g.alias.skip)
	r.stays(g.alias.guideStep, "mqtt.example.org leads to 192.0.2.1, not to ab1234.emqx.cloud.")
	r.shoot("guide-3-astray")
	test.Tap(g.alias.skip)
	r.passed(g.alias.guideStep)
	if got := g.alias.note.Text; got != "Left as it is: to 192.0.2.1" {
		t.Errorf("the step sums up as %q", got)
	}

	// What was filled in and not sent is there again in another window.
	r.ended(g.order.guideStep)
	g.order.directory.SetSelectedIndex(2)
	g.order.url.SetText("https://ca.example.org/directory")
	g.order.contact.SetText("admin@example.org")
	g.order.further.SetText("*.example.org")
	r.shut()
	r = d.open(t, dir)
	o := r.guide.order
	if o.url.Text != "https://ca.example.org/directory" || o.contact.Text != "admin@example.org" || o.further.Text != "*.example.org" || r.guide.plan.AgreedTerms != "" {
		t.Errorf("in another window the form holds %q, %q, %q; agreed to is %q", o.url.Text, o.contact.Text, o.further.Text, r.guide.plan.AgreedTerms)
	}
	if r.guide.plan.Next() != acme.StageCertificate {
		t.Errorf("it goes on with %q", r.guide.plan.Next())
	}
}

// TestGuideEndsWithTheWindow removes the record of an order that is under way when the window closes.
func TestGuideEndsWithTheWindow(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	r := d.open(t, t.TempDir())
	r.playTo(d, acme.StageCertificate)
	r.guide.order.agree.SetChecked(true)
	d.aws.Mu.Lock()
	d.aws.Delay = longest
	d.aws.Mu.Unlock()
	test.Tap(r.guide.order.get)
	r.until("the record", func() bool { return strings.Contains(r.guide.order.steps.text(), "still without it") })
	r.shut()
	d.aws.Mu.Lock()
	defer d.aws.Mu.Unlock()
	for k := range d.aws.Sets["Z0001"] {
		if k.Type == "TXT" {
			t.Errorf("the record %s is left", k.Name)
		}
	}
}

// TestGuideRenewalFails renews by itself when that was asked for, leaves the old certificate in place where that does
// not come about, and says so.
func TestGuideRenewalFails(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playToFiles(d)
	before := g.files.got.Certificates[0]
	g.kept.unasked.SetChecked(true)
	r.shut()

	away := func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.HasSuffix(req.URL.Path, "order-plz") {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(500)
		_, _ = w.Write([]byte(`{"type":"urn:ietf:params:acme:error:serverInternal","detail":"the signer is away","status":500}`))
		return true
	}
	d.ca.Before.Store(&away)
	r = d.open(t, dir)
	g = r.guide
	now := before.NotAfter.AddDate(0, 0, -1)
	r.env.now = func() time.Time { return now }
	g.kept.askDue()
	r.until("it to be told", func() bool { return r.told("its renewal did not come about; the one from before is still in place") })
	r.until("the list", func() bool {
		return len(g.kept.list) == 1 && strings.Contains(g.kept.list[0].Renewal.Problem, "the signer is away")
	})
	r.shoot("guide-renewal-failed")
	if chain, err := g.folder.ReadChain("mqtt.example.org"); err != nil || !chain[0].Equal(before) {
		t.Errorf("the certificate is another one, %v", err)
	}
	d.ca.Before.Store(nil)
	now = now.Add(25 * time.Hour) // the next day
	g.kept.askDue()
	r.until("the renewal", func() bool { return r.told("was due and is renewed: give the broker the new files") })
	if chain, err := g.folder.ReadChain("mqtt.example.org"); err != nil || chain[0].Equal(before) {
		t.Errorf("the certificate is the old one, %v", err)
	}
	if r.told("its renewal did not come about") {
		t.Error("that it did not come about still stands beside that it did")
	}
	if g.plan.Next() != acme.StageFiles {
		t.Errorf("next is %q", g.plan.Next())
	}
}
