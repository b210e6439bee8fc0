package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
	"mutual/core/watch"
	"mutual/ui/widgets"
)

// expiring is a rig whose clock and whose notifications are the test's.
type expiring struct {
	*rig
	now  time.Time
	sent []string // notifications, title and text
}

// newExpiring opens a window on a profile "plant" that uses a CA and a client certificate of that many days.
func newExpiring(t *testing.T, days int) (*expiring, string) {
	t.Helper()
	dir := toHandOver(t, days)
	p := profile.New("plant")
	p.Server.Host = "broker.example"
	p.Trust = profile.Trust{Files: []string{filepath.Join(dir, pki.CACertificateName)}}
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: filepath.Join(dir, "client.crt"), KeyFile: filepath.Join(dir, "client.key")}
	return openExpiring(t, func(s *store.Store) {
		if _, err := s.Save(p); err != nil {
			t.Fatal(err)
		}
	}), dir
}

func openExpiring(t *testing.T, prepare func(*store.Store)) *expiring {
	x := &expiring{now: time.Now()}
	x.rig = rigOn(t, t.TempDir(), prepare, func(o *Options) {
		o.Now = func() time.Time { return x.now }
		o.Notify = func(title, text string) { x.queue <- (func() { x.sent = append(x.sent, title+": "+text) }) }
	})
	x.until("the first reading", func() bool { return x.expiry.read })
	return x
}

// later moves the clock and lets the watch see it.
func (x *expiring) later(d time.Duration) {
	x.t.Helper()
	x.now = x.now.Add(d)
	before := x.expiry.checked
	x.expiry.onClock()
	if x.expiry.checked == before {
		return
	}
	x.expiry.read = false
	x.until("the next reading", func() bool { return x.expiry.read })
	x.settle()
}

// bars are the texts above the page.
func (x *expiring) barTexts() (out []string) {
	for _, o := range x.bars.Objects {
		out = append(out, o.(*widgets.Bar).Label.Text)
	}
	return out
}

// TestExpiryReminders: from 30 days before the end on the window reminds daily, and the desktop once at each threshold.
func TestExpiryReminders(t *testing.T) {
	x, _ := newExpiring(t, 100)
	day := 24 * time.Hour
	if x.expiry.button.Text != "Certificates in use" || len(x.barTexts()) != 0 || len(x.sent) != 0 {
		t.Errorf("at the start: %q, %q, %q", x.expiry.button.Text, x.barTexts(), x.sent)
	}
	wait := func(n int) {
		t.Helper()
		x.until("the notification", func() bool { return len(x.sent) >= n })
		if len(x.sent) != n {
			t.Fatalf("sent %q, want %d", x.sent, n)
		}
	}
	x.later(75 * day)
	wait(1)
	if !strings.HasPrefix(x.sent[0], "Certificates are about to expire: The certificate “") || !strings.Contains(x.sent[0], "“plant”") {
		t.Errorf("sent %q", x.sent)
	}
	if x.expiry.button.Text != "2 certificates to renew" || len(x.barTexts()) != 1 {
		t.Errorf("%q, %q", x.expiry.button.Text, x.barTexts())
	}
	x.shoot("e1-reminder")
	x.later(23 * time.Hour) // not yet a day
	x.dismiss(x.expiry.bar)
	x.later(2 * time.Hour)
	if len(x.barTexts()) != 1 {
		t.Error("the window does not remind again the next day")
	}
	x.later(18 * day)
	wait(2) // a week
	x.later(5 * day)
	wait(3) // a day
	x.later(2 * day)
	wait(4)
	if !strings.HasPrefix(x.sent[3], "Certificates have expired") || x.expiry.button.Text != "2 certificates expired" || len(x.barTexts()) != 1 {
		t.Errorf("at the end: %q, %q, %q", x.sent[3], x.expiry.button.Text, x.barTexts())
	}
	x.later(day)
	x.later(day)
	x.settle()
	wait(4)
	if told := x.app.Preferences().StringList(prefReminded); len(told) != 8 {
		t.Errorf("remembered is %q", told)
	}
}

// TestExpiryPage: every certificate with where it is used, soonest first; a reminder can be switched off; what is
// changed in a profile is seen.
func TestExpiryPage(t *testing.T) {
	x, dir := newExpiring(t, 100)
	met := &evidence.Attempt{Target: evidence.Target{Host: "other.example", Port: 8883}, Started: x.now, TLS: &evidence.TLS{}}
	server := certificatesOf(filepath.Join(dir, "server.crt"))[0]
	met.TLS.Sent = []evidence.Certificate{{Source: evidence.Sent, DER: server.Raw}}
	if err := x.env.store.Meet(met); err != nil {
		t.Fatal(err)
	}
	x.now = x.now.Add(90 * 24 * time.Hour)
	x.expiry.open()
	p := x.expiry.page
	x.until("three certificates", func() bool { return len(p.rows) == 3 })
	x.shoot("e2-page")
	text := p.text()
	for _, want := range []string{"renew: 9 days", "trusted by “plant” (" + pki.CACertificateName + ")", "shown to the broker by “plant” (client.crt)", "sent by other.example:8883, last seen "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	if !slices.IsSortedFunc(p.rows, func(a, b expiryRow) int { return a.entry.Certificate.NotAfter.Compare(b.entry.Certificate.NotAfter) }) {
		t.Error("the rows are not in the order of their ends")
	}
	row := widgets.NewNoteRow()
	p.update(0, row)
	if name, note, mark := row.Shown(); name == "" || !strings.Contains(note, "“plant”") && !strings.Contains(note, "other.example") || mark != "renew: 9 days" {
		t.Errorf("the first row shows %q, %q, %q", name, note, mark)
	}
	for i, r := range p.rows {
		p.list.Select(i)
		if p.remind == nil || !p.remind.Checked {
			t.Fatalf("row %d offers no reminder", i)
		}
		if u := worstUse(*r.entry); u.Role == watch.Client {
			test.Tap(p.remind)
		}
	}
	if x.expiry.button.Text != "2 certificates to renew" {
		t.Errorf("after one was silenced the button says %q", x.expiry.button.Text)
	}
	p.list.Select(0)
	p.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if p.chosen != 1 {
		t.Errorf("the arrow chose %d", p.chosen)
	}
	i := slices.IndexFunc(p.rows, func(r expiryRow) bool { return worstUse(*r.entry).Role == watch.CAFile })
	p.list.Select(i)
	test.Tap(p.goes[0])
	if x.expiry.page != nil || x.tabs.Selected() != settingsPage || x.current.profile.Name != "plant" {
		t.Error("the connection's settings are not shown")
	}
	q := x.current.profile.Clone()
	q.Trust.Files, q.ClientCertificate.CertificateFile = nil, filepath.Join(dir, "gone.crt")
	x.current.save(q, nil)
	x.until("the change", func() bool { return len(x.expiry.list.Unread) == 1 })
	x.expiry.open()
	p = x.expiry.page
	x.until("the file", func() bool { return len(p.rows) == 2 && p.rows[0].unread != nil })
	p.list.Select(0)
	x.shoot("e3-unread")
	if !strings.HasPrefix(p.text(), "not read: ") {
		t.Errorf("the list is %s", p.text())
	}
	x.onKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if x.expiry.page != nil {
		t.Error("Escape does not close it")
	}
}

// TestExpiryEmpty: with nothing to watch the page says how there will be.
func TestExpiryEmpty(t *testing.T) {
	x := openExpiring(t, nil)
	x.expiry.open()
	p := x.expiry.page
	x.settle()
	if !p.empty.Visible() || p.split.Visible() {
		t.Error("nothing says what to do")
	}
	x.shoot("e0-empty")
}

// TestExpiryShort: a certificate of a week is due in its last third, not in its last 30 days.
func TestExpiryShort(t *testing.T) {
	x, _ := newExpiring(t, 9)
	x.later(5 * 24 * time.Hour)
	if len(x.expiry.attention()) != 0 {
		t.Error("it is due in its second third")
	}
	x.later(2 * 24 * time.Hour)
	x.until("the notification", func() bool { return len(x.sent) == 1 })
}

// TestExpiryNarrow draws the pages at the least width.
func TestExpiryNarrow(t *testing.T) {
	x, _ := newExpiring(t, 20)
	x.win.Resize(fyne.NewSize(leastWidth, leastHeight))
	x.later(15 * 24 * time.Hour)
	x.expiry.open()
	x.until("the list", func() bool { return len(x.expiry.page.rows) == 2 })
	x.shoot("e4-narrow")
	x.expiry.page.dialog.Hide()
	x.handOver(handoverFromFolder(toHandOver(t, 365)))
	for i := range handNames {
		x.handing.tabs.Select(i)
		x.shoot("h13-narrow-" + strings.ReplaceAll(strings.ToLower(handNames[i]), " ", ""))
	}
	if got := x.win.Canvas().Size(); got.Width > leastWidth {
		t.Errorf("the dialog makes the window %v", got)
	}
}
