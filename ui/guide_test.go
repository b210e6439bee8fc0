package ui

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
	"mutual/core/route53"
	"mutual/core/solver"
)

// TestGuide plays the whole of it: a refused permission, a wrong record that is replaced, an order that is cancelled in the
// middle and gone on with in another window, the hand-over, and the connection that is made.
func TestGuide(t *testing.T) {
	d := newDomain(t, acmetest.Options{Alternates: 1})
	d.aws.Put("mqtt.example.org.", "A", "192.0.2.1")
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.shoot("guide-1-address")
	g.address.deployment.SetText("nowhere.emqx.cloud")
	g.address.name.SetText("mqtt.example.org")
	test.Tap(g.address.check)
	r.ended(g.address.guideStep)
	if g.plan.Has(acme.StageAddress) || len(g.address.remarks.Objects) != 1 {
		t.Fatalf("a deployment without an address: %d remarks", len(g.address.remarks.Objects))
	}
	r.playAddress()

	d.deny("GetChange")
	test.Tap(g.rights.check)
	r.ended(g.rights.guideStep)
	if g.plan.Has(acme.StageCredentials) || !strings.Contains(g.rights.said.Text, "not allowed") {
		t.Fatalf("without GetChange it says %q", g.rights.said.Text)
	}
	if n := countTone(g.rights.checked.permissions); n != 1 {
		t.Errorf("%d actions are refused", n)
	}
	r.shoot("guide-2-refused")
	d.deny("")
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	if !strings.Contains(g.rights.note.Text, "example.org") {
		t.Errorf("the step sums up as %q", g.rights.note.Text)
	}

	test.Tap(g.alias.look)
	r.ended(g.alias.guideStep)
	if p := g.alias.plan; p == nil || len(p.Before) != 1 || !strings.Contains(p.Before[0], "192.0.2.1") || g.alias.apply.Text != "Replace the record" {
		t.Fatalf("the alias is planned as %+v", g.alias.plan)
	}
	r.shoot("guide-3-alias")
	test.Tap(g.alias.apply)
	r.passed(g.alias.guideStep)
	r.ended(g.order.guideStep)
	r.shut()

	cancelInTheMiddle(t, d, dir)
	goOnElsewhere(t, d, dir)
}

func countTone(list []route53.Permission) (n int) {
	for _, p := range list {
		if p.Lacking() {
			n++
		}
	}
	return n
}

// cancelInTheMiddle orders in a second window, and ends that when the record has been created.
func cancelInTheMiddle(t *testing.T, d *domain, dir string) {
	r := d.open(t, dir)
	g := r.guide
	if g.plan.Next() != acme.StageCertificate {
		t.Fatalf("a new window goes on with %q", g.plan.Next())
	}
	r.chooseAuthority(d)
	test.Tap(g.order.get)
	if g.order.stop != nil || !strings.Contains(g.order.said.Text, "agree to them first") {
		t.Errorf("without agreeing to the terms it says %q", g.order.said.Text)
	}
	g.order.agree.SetChecked(true)
	if g.order.said.Visible() {
		t.Errorf("with the terms agreed to it still says %q", g.order.said.Text)
	}
	g.order.contact.SetText("admin@example.org")
	r.shoot("guide-4-order")
	d.aws.Mu.Lock()
	d.aws.Delay = longest // the record is not seen for as long
	d.aws.Mu.Unlock()
	test.Tap(g.order.get)
	r.until("the wait for the record", func() bool {
		return strings.Contains(g.order.steps.text(), "still without it")
	})
	r.shoot("guide-4-running")
	test.Tap(g.order.cancel)
	r.ended(g.order.guideStep)
	if !strings.HasPrefix(g.order.said.Text, "Cancelled.") {
		t.Errorf("it says %q", g.order.said.Text)
	}
	d.aws.Mu.Lock()
	d.aws.Delay = 0
	for k := range d.aws.Sets["Z0001"] {
		if k.Type == "TXT" {
			t.Errorf("the record %s is left", k.Name)
		}
	}
	d.aws.Mu.Unlock()
	r.shoot("guide-4-cancelled")
	r.shut()
}

// goOnElsewhere ends the order in a third window, and goes on to the end.
func goOnElsewhere(t *testing.T, d *domain, dir string) {
	r := d.open(t, dir)
	g := r.guide
	if g.plan.Directory.URL != d.ca.URL {
		t.Errorf("the order is not remembered: %+v", g.plan)
	}
	r.until("the order of before", g.order.pendingNote.Visible)
	r.until("the authority's answer", func() bool { return g.order.info != nil })
	r.ended(g.order.guideStep)
	test.Tap(g.order.get)
	r.passed(g.order.guideStep)
	if len(d.world.Texts()) != 0 {
		t.Errorf("left in the DNS: %v", d.world.Texts())
	}
	r.until("the files", func() bool { return g.files.got != nil && len(g.files.chains.Objects) > 0 })
	if g.files.got.Root == nil || len(g.files.explained.Objects) != 6 {
		t.Errorf("explained are %d files and their folder, a root: %v", len(g.files.explained.Objects)-1, g.files.got.Root != nil)
	}
	r.until("the list, and below it the step at hand in view", func() bool {
		y := g.files.box.Position().Y - g.scroll.Offset.Y
		return g.kept.box.Visible() && y >= 0 && y < 200
	})
	r.shoot("guide-5-files")
	r.win.Resize(fyne.NewSize(leastWidth, 700))
	r.shoot("guide-5-narrow")
	r.win.Resize(fyne.NewSize(1280, 800))
	test.Tap(g.files.next)

	g.handover.twoWay.SetChecked(false)
	test.Tap(g.handover.prepare)
	r.ended(g.handover.guideStep)
	if g.handover.prepared == nil || len(g.handover.prepared.Fields) != 4 {
		t.Fatalf("handed over is %+v; %q", g.handover.prepared, g.handover.said.Text)
	}
	r.shoot("guide-6-handover")
	test.Tap(g.handover.more)
	r.until("the dialog", func() bool { return r.handing != nil })
	if r.handing.files.certificate.Entry.Text != g.folder.Files("mqtt.example.org").FullChain {
		t.Error("the dialog of the hand-over does not begin with what was obtained")
	}
	r.handing.close()
	test.Tap(g.handover.next)
	r.shoot("guide-7-connect")
	test.Tap(g.connect.make)
	r.until("the connection", func() bool { return r.current != nil && r.current.profile.Server.Host == "mqtt.example.org" })
	// The name stands in the test's own DNS only, so that nobody can be met under it.
	r.until("what came of it", func() bool { return g.connect.why.Visible() })
	if g.plan.Next() != acme.StageConnect || !strings.Contains(g.connect.said.Text, "did not come about") {
		t.Errorf("the step is passed without a connection, and says %q", g.connect.said.Text)
	}
	p := r.current.profile
	if root := g.folder.Files("mqtt.example.org").Root; len(p.Trust.Files) != 1 || p.Trust.Files[0] != root || p.Server.PortOrDefault() != 8883 {
		t.Errorf("made is %+v", p)
	}
	r.tabs.Select(guidePage)
	r.until("the list", func() bool { return len(g.kept.list) == 1 })
	r.shoot("guide-8-done")
	if least := r.win.Content().MinSize().Width; least > leastWidth {
		t.Errorf("the window cannot be narrower than %v, %v is promised", least, leastWidth)
	}
	if b := g.kept.list[0]; b.Name != "mqtt.example.org" || !b.Obtained() {
		t.Errorf("listed is %+v", b)
	}
	holdsNoSecret(t, dir, d.aws.Key.SecretAccessKey)
}

// holdsNoSecret looks through every file for a secret as it is.
func holdsNoSecret(t *testing.T, dir, secret string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "acme", "plan.json"))
	if err != nil || !json.Valid(data) {
		t.Fatalf("the plan: %v", err)
	}
	if strings.Contains(string(data), `"`+secret+`"`) {
		t.Errorf("the plan holds the secret: %s", data)
	}
	if info, err := os.Stat(filepath.Join(dir, "acme", "plan.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the plan's mode: %v, %v", info.Mode(), err)
	}
}

// TestGuideTyped keeps credentials that were typed in the secrets, not in the plan, and finds them again in a new window.
func TestGuideTyped(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playAddress()
	test.Tap(g.rights.check)
	r.ended(g.rights.guideStep)
	if !strings.Contains(g.rights.said.Text, "no AWS credentials") {
		t.Errorf("without credentials it says %q", g.rights.said.Text)
	}
	g.rights.source.SetSelected(rightsTyped)
	g.rights.entries["AWS_ACCESS_KEY_ID"].SetText(d.aws.Key.AccessKeyID)
	g.rights.entries["AWS_SECRET_ACCESS_KEY"].SetText("wrong")
	test.Tap(g.rights.check)
	r.ended(g.rights.guideStep)
	if !strings.Contains(g.rights.said.Text, "does not belong to the access key") {
		t.Errorf("with a wrong key it says %q", g.rights.said.Text)
	}
	r.shoot("guide-2-typed")
	g.rights.entries["AWS_SECRET_ACCESS_KEY"].SetText(d.aws.Key.SecretAccessKey)
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	r.until("the question for the secrets", func() bool { return r.asked != nil })
	test.Type(r.secret, "horse battery")
	test.Type(r.secretAgain, "horse battery")
	test.Tap(r.asked.yes)
	r.until("it to be stored", func() bool {
		v, err := r.env.secrets.Get(t.Context(), acme.SecretID(g.plan.Name), acme.SecretName("AWS_SECRET_ACCESS_KEY"))
		return err == nil && v == d.aws.Key.SecretAccessKey
	})
	holdsNoSecret(t, dir, d.aws.Key.SecretAccessKey)
	r.shut()

	r = d.open(t, dir)
	test.Tap(r.guide.alias.look)
	r.until("the question for the passphrase", func() bool { return r.asked != nil })
	test.Type(r.secret, "horse battery")
	test.Tap(r.asked.yes)
	r.ended(r.guide.alias.guideStep)
	if r.guide.alias.plan == nil {
		t.Errorf("in a new window: %q", r.guide.alias.said.Text)
	}
}

// TestGuideDelegatedElsewhere says that records in this zone are seen by nobody.
func TestGuideDelegatedElsewhere(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	d.world.Delegate("example.org", "ns1.elsewhere.example", "ns2.elsewhere.example")
	r := d.open(t, t.TempDir())
	r.playAddress()
	test.Tap(r.guide.rights.check)
	r.ended(r.guide.rights.guideStep)
	if got := r.guide.rights.checked.delegation; !strings.Contains(got, "delegated to ns1.elsewhere.example") || r.guide.plan.Has(acme.StageCredentials) {
		t.Errorf("it says %q", got)
	}
	r.shoot("guide-2-delegated")
	test.Tap(r.guide.rights.anyway)
	r.passed(r.guide.rights.guideStep)
}

// TestGuideManual shows the record to create, and goes on when it is seen; a problem is told in the authority's words.
func TestGuideManual(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	r := d.open(t, t.TempDir())
	g := r.guide
	r.playAddress()
	g.rights.how.SetSelected("By hand")
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	if !g.alias.apply.Visible() || g.alias.look.Visible() {
		t.Error("a record at another service cannot be looked at")
	}
	test.Tap(g.alias.apply)
	r.until("the wait", func() bool { return strings.Contains(g.alias.steps.text(), "Still without the record") })
	r.shoot("guide-3-manual")
	d.world.Set(0, "mqtt.example.org.", "CNAME", "ab1234.emqx.cloud.")
	r.passed(g.alias.guideStep)

	r.chooseAuthority(d)
	g.order.agree.SetChecked(true)
	limited := func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.HasSuffix(req.URL.Path, "order-plz") {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
		_, _ = w.Write([]byte(`{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates already issued","status":429}`))
		return true
	}
	d.ca.Before.Store(&limited)
	test.Tap(g.order.get)
	r.ended(g.order.guideStep)
	if s := g.order.said.Text; !strings.Contains(s, "“too many certificates already issued.”") || !strings.Contains(s, "The next try is allowed at") {
		t.Errorf("it says %q", s)
	}
	r.shoot("guide-4-limited")
	d.ca.Before.Store(nil)
	test.Tap(g.order.get)
	r.until("the record to create", func() bool { return len(g.order.steps.manual) == 1 })
	r.shoot("guide-4-manual")
	m := g.order.steps.manual[0]
	d.world.Set(0, m.Name, "TXT", `"`+m.Value+`"`)
	if !g.order.look.Visible() {
		t.Error("it cannot be told that the record is there")
	}
	test.Tap(g.order.look)
	r.passed(g.order.guideStep)
}

// TestGuideKept offers a renewal that is due, renews, and revokes what is confirmed.
func TestGuideKept(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playToFiles(d)
	before := g.files.got.Certificates[0]

	old := r.env.now
	r.env.now = func() time.Time { return before.NotAfter.AddDate(0, 0, -1) }
	g.kept.askDue()
	r.until("the offer", func() bool { return g.kept.offers["mqtt.example.org"] != nil })
	r.shoot("guide-renewal")
	r.env.now = old
	test.Tap(g.kept.offers["mqtt.example.org"].bar.Actions[0])
	r.until("the renewal", func() bool { return g.kept.stop == nil && strings.Contains(g.kept.said.Text, "is renewed") })
	after, err := g.folder.ReadChain("mqtt.example.org")
	if err != nil || after[0].Equal(before) {
		t.Errorf("the certificate is the old one, %v", err)
	}

	g.kept.onRevoke("mqtt.example.org")
	r.asked.answer(false)
	if g.kept.stop != nil {
		t.Fatal("it is revoked without being confirmed")
	}
	g.kept.onRevoke("mqtt.example.org")
	r.shoot("guide-revoke")
	r.asked.answer(true)
	r.until("the revocation", func() bool { return g.kept.stop == nil && strings.Contains(g.kept.said.Text, "is revoked") })
	if !d.ca.Revoked(after[0]) {
		t.Error("the authority does not know of it")
	}
}

// TestGuideDamagedPlan sets a plan aside that cannot be read, says so, and begins anew.
func TestGuideDamagedPlan(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "acme"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "acme", "plan.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := rigOn(t, dir, nil, nil)
	r.until("it to be told", func() bool { return r.told("cannot be read") })
	if aside, _ := filepath.Glob(filepath.Join(dir, "acme", "plan.json.damaged-*")); len(aside) != 1 || r.guide.plan.Next() != acme.StageAddress {
		t.Errorf("set aside: %v", aside)
	}
}

// TestGuideProviders shows each provider's fields, secret ones hidden.
func TestGuideProviders(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	r.tabs.Select(guidePage)
	g := r.guide
	g.plan.Pass(acme.StageAddress)
	g.refresh()
	for _, p := range solver.Providers {
		g.rights.how.SetSelected(p.Title)
		g.rights.source.SetSelected(rightsTyped)
		for _, s := range p.Settings {
			e := g.rights.entries[s.Variable]
			if s.Variable == "AWS_PROFILE" {
				continue
			}
			if e == nil || e.Password != s.Secret {
				t.Errorf("%s: the field of %s is %v", p.Title, s.Variable, e)
			}
		}
		if p.Name == "cloudflare" || p.Name == "rfc2136" {
			r.shoot("guide-2-" + p.Name)
		}
	}
}
