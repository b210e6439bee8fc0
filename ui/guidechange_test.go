package ui

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/deploy"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/progress"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// obtained writes down how a certificate was obtained, without its files.
func (r *rig) obtained(name, solver string) {
	r.t.Helper()
	dir := r.guide.folder.Dir(name)
	text, err := json.Marshal(acme.Renewal{Schema: 1, Request: acme.Request{Names: []string{name}, Solver: solver}})
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	write(r.t, dir, "renewal.json", string(text))
}

// labels is what the labels in o say.
func labels(o fyne.CanvasObject) string {
	var all []string
	for _, x := range seen(o) {
		if l, ok := x.(*widget.Label); ok {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

// keptOf is a certificate that the list holds.
func keptOf(names ...string) acme.Kept {
	return acme.Kept{Name: names[0], Request: acme.Request{Names: names, Solver: "cloudflare"}, NotAfter: time.Now().AddDate(0, 0, 60)}
}

// TestGuideContinue: a certificate that is gone on with from the list has neither the typed secrets of the one before nor
// where that one led, and its alias is not changed to lead nowhere.
func TestGuideContinue(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	g := r.guide
	r.obtained("a.example.org", "cloudflare")
	r.obtained("b.example.org", "cloudflare")
	g.plan = acme.Plan{Name: "a.example.org", Deployment: "ab1234.emqx.cloud", Provider: "cloudflare", LedTo: "192.0.2.1"}
	g.typed["CLOUDFLARE_DNS_API_TOKEN"] = "of a"
	g.kept.onContinue(keptOf("b.example.org"))
	if _, typed := g.snapshot(); len(typed) != 0 || g.alias.note.Text != "" {
		t.Errorf("of the certificate before it has the secrets %v, and where it led: %q", typed, g.alias.note.Text)
	}
	test.Tap(g.alias.change)
	if g.alias.look.Visible() || g.alias.apply.Visible() || g.alias.skip.Visible() || !strings.Contains(labels(g.alias.shown), "enter it in the first step") {
		t.Errorf("without a deployment the step of the alias says %q", labels(g.alias.shown))
	}
	g.kept.onContinue(keptOf("a.example.org"))
	if _, typed := g.snapshot(); typed["CLOUDFLARE_DNS_API_TOKEN"] != "of a" {
		t.Errorf("back at the first certificate, its secrets are %v", typed)
	}
}

// TestGuideUnreadable says of a certificate whose file is gone that it is, and not that an order is under way.
func TestGuideUnreadable(t *testing.T) {
	r := newRig(t, nil)
	r.obtained("a.example.org", solver.Manual)
	k := r.guide.kept
	k.read()
	r.until("the list", func() bool { return len(k.list) == 1 })
	if text := labels(k.rows); !strings.Contains(text, "fullchain.pem cannot be read") || strings.Contains(text, "0001") {
		t.Errorf("it says %q", text)
	}
}

// TestGuideAnotherName: what ends when the steps are about another certificate passes none of that one's steps.
func TestGuideAnotherName(t *testing.T) {
	r := newRig(t, nil)
	g := r.guide
	for _, name := range []string{"a.example.org", "b.example.org"} {
		g.plan.Name = "a.example.org"
		release, told := make(chan struct{}), false
		begin(g.order.guideStep, func(context.Context, progress.Report) (int, error) {
			<-release
			return 0, nil
		}, func(int, error) { told = true })
		if name != "a.example.org" {
			g.kept.onContinue(keptOf(name))
		}
		close(release)
		r.ended(g.order.guideStep)
		if told != (name == "a.example.org") {
			t.Errorf("told what came of it while the steps are about %s: %v", name, told)
		}
	}
}

// TestGuideRightsKept: a secret is said to be saved only of the way that was checked, and stays in no field of the page.
func TestGuideRightsKept(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	g := r.guide
	g.plan.Name = "a.example.org"
	g.rights.how.SetSelected("Cloudflare")
	g.rights.keep()
	g.rights.checked = rights{settings: map[string]string{"CLOUDFLARE_EMAIL": "me@example.org"}}
	g.rights.take()
	if g.rights.checked.settings != nil {
		t.Error("what was tried is kept")
	}
	for _, c := range []struct {
		how, variable string
		saved         bool
	}{{"Dynamic update (RFC 2136)", "RFC2136_TSIG_SECRET", false}, {"Cloudflare", "CLOUDFLARE_DNS_API_TOKEN", true}} {
		g.rights.how.SetSelected(c.how)
		if got := g.rights.entries[c.variable].PlaceHolder; strings.HasPrefix(got, "Saved") != c.saved {
			t.Errorf("the secret of %s: %q", c.how, got)
		}
	}
}

// TestGuideHandoverForgets: what was prepared stays when an authority is made that it has no use for, and goes when the
// files are others.
func TestGuideHandoverForgets(t *testing.T) {
	r := newRig(t, nil)
	g := r.guide
	h := g.handover
	h.twoWay.SetChecked(false)
	h.prepared = &deploy.Handover{}
	made := pki.Paths(filepath.Join(r.dir, "certificates"), pki.CA).Certificate
	if err := os.MkdirAll(filepath.Dir(made), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(made), filepath.Base(made), "")
	h.offerMade()
	if h.prepared == nil || h.clientCA.Entry.Text != "" {
		t.Errorf("without two-way TLS the authority %q is taken", h.clientCA.Entry.Text)
	}
	h.twoWay.SetChecked(true)
	r.until("the authority that was made", func() bool { return h.clientCA.Entry.Text == made })
	begin(h.guideStep, func(ctx context.Context, _ progress.Report) (int, error) {
		<-ctx.Done()
		return 0, nil
	}, func(int, error) { t.Error("what was prepared for another choice is shown") })
	h.broker.SetSelectedIndex(h.broker.SelectedIndex() + 1)
	r.ended(h.guideStep)
	h.prepared = &deploy.Handover{}
	leaf := certificateIn(t, filepath.Join(toHandOver(t, 365), "server.crt"))
	g.files.take(acme.Obtained{Certificates: []*x509.Certificate{leaf}})
	r.ended(g.files.guideStep)
	if h.prepared != nil || h.next.Visible() {
		t.Error("what was made of the files before is still offered")
	}
}

// TestGuideConnectsAnew: a connection that stands since before meets the certificate in another session, whatever is
// shown meanwhile, and the password goes to that connection only.
func TestGuideConnectsAnew(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	l := broker(t, "")
	r := newRig(t, nil)
	other := r.add(profile.New("other"))
	c := r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.until("the session", c.connected)
	before := c.session
	g := r.guide
	r.toConnect(c, c.state.Attempt.TLS.Sent[0].DER)
	p := c.profile.Clone()
	p.MQTT.UserName = "sensor"
	g.connect.password.SetText("s3cret")
	g.connect.connect(p)
	r.selectProfile(other.profile.ID) // before it is stored
	r.until("the question for the secrets", func() bool { return r.asked != nil })
	if other.password != "" || c.password != "s3cret" || g.plan.ProfileID != c.profile.ID {
		t.Errorf("the passwords are %q and %q", other.password, c.password)
	}
	r.asked.answer(false)
	r.until("another session", func() bool { return c.connected() && c.session != before })
	r.until("the step to be passed", func() bool { return g.plan.Next() == "" })
}

// TestGuideConnectKept: what was filled in for the connection is there again when the window is opened the next time, or the
// step comes to be about another name; all but the password.
func TestGuideConnectKept(t *testing.T) {
	dir := t.TempDir()
	plan := acme.Plan{Name: "a.example.org", Provider: solver.Manual, Passed: acme.Stages[:6]}
	if err := (acme.Folder{Path: filepath.Join(dir, "acme")}).SavePlan(plan); err != nil {
		t.Fatal(err)
	}
	want := [4]string{"8884", "sensor", "/keys/sensor.crt", "/keys/sensor.key"}
	filled := func(c *guideConnect) [4]string {
		return [4]string{c.port.Text, c.user.Text, c.certificate.Entry.Text, c.key.Entry.Text}
	}
	r := rigOn(t, dir, nil, nil)
	r.tabs.Select(guidePage)
	c := r.guide.connect
	if got := filled(c); got != [4]string{"8883"} {
		t.Errorf("at first it is filled in with %q", got)
	}
	for i, e := range []*widgets.Entry{c.port, c.user, c.certificate.Entry, c.key.Entry} {
		e.SetText(want[i])
	}
	c.password.SetText("s3cret")
	r.shut()
	if data, err := os.ReadFile(filepath.Join(dir, "acme", "plan.json")); err != nil || strings.Contains(string(data), "s3cret") {
		t.Errorf("the password stands in the plan, %v: %s", err, data)
	}

	r = rigOn(t, dir, nil, nil)
	g := r.guide
	if got := filled(g.connect); got != want {
		t.Errorf("after the window was closed it is filled in with %q", got)
	}
	g.address.readdress("cd5678.emqx.cloud", "b.example.org", true)
	if got := filled(g.connect); got != want {
		t.Errorf("for another name it is filled in with %q", got)
	}
	g.onAnew()
	r.asked.answer(true)
	if got := filled(g.connect); got != want {
		t.Errorf("begun anew it is filled in with %q", got)
	}
}

// TestGuidePlanUnread: a plan that cannot be read is told of in the window, which opens all the same. Nothing of that may be
// posted: before the program runs, Fyne carries out at once what is posted, when the window is not whole yet.
func TestGuidePlanUnread(t *testing.T) {
	for _, text := range []string{"{", `{"schema":99}`} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "acme"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "acme"), "plan.json", text)
		if r := rigOn(t, dir, nil, nil); !r.told("How far you were with the certificate cannot be read: ") {
			t.Errorf("of the plan %s nothing is said", text)
		}
	}
}
