package ui

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/core/watch"
	"mutual/ui/widgets"
)

// Keys of what the reminders remember: which certificate was told of at which threshold, and of which none is wanted.
const (
	prefReminded = "expiry.reminded"
	prefQuiet    = "expiry.quiet"
)

// expiry watches over the certificates that profiles use and brokers sent: the button at the left counts those that need
// something done, and it reminds at the start and daily. A desktop notification comes once for each certificate and
// threshold.
type expiry struct {
	w       *Window
	button  *widget.Button // in the list of connections
	list    watch.List
	read    bool        // list is there
	trouble string      // why what brokers sent is left out; empty: it is not
	checked time.Time   // when it was last reminded
	seen    string      // what the list depends on, when it was read last
	stop    func() bool // the reading that is about to begin
	page    *expiryPage // nil: it is not open
	bar     *widgets.Bar
}

// Times of the watch.
const (
	expiryDaily = 24 * time.Hour // between two reminders
	expiryAsk   = time.Hour      // between two looks at the clock: a computer may have slept
	expirySoon  = time.Second    // after a change, for what changes with it
)

func newExpiry(w *Window) *expiry {
	e := &expiry{w: w}
	e.button = widget.NewButtonWithIcon("Certificates in use", theme.HistoryIcon(), e.open)
	e.button.Importance = widget.LowImportance
	e.button.Alignment = widget.ButtonAlignLeading
	return e
}

// begin reads for the first time, and from then on each day.
func (e *expiry) begin() {
	e.remind()
	e.w.env.async.every(e.w.env.ctx, expiryAsk, e.onClock)
}

// onClock reminds when a day has passed.
func (e *expiry) onClock() {
	if now := e.w.env.now(); now.Sub(e.checked) >= expiryDaily || now.Before(e.checked) {
		e.remind()
	}
}

func (e *expiry) remind() {
	e.checked = e.w.env.now()
	e.look(e.tell)
}

// watched is what reading came to.
type watched struct {
	list    watch.List
	trouble string
}

// look reads profiles, their files and what brokers sent, and then calls then, which may be nil.
func (e *expiry) look(then func()) {
	env := e.w.env
	at := env.now()
	e.seen = e.state()
	run(env.async, env.ctx, func(ctx context.Context) (x watched) {
		met, err := env.store.Met()
		if err != nil {
			x.trouble = "What brokers sent is left out: " + err.Error() + "."
		}
		x.list = watch.Of(ctx, env.store.Profiles(), met, at)
		return x
	}, func(x watched) {
		if env.ctx.Err() != nil || e.w.closed {
			return
		}
		e.list, e.trouble, e.read = x.list, x.trouble, true
		e.show()
		if then != nil {
			then()
		}
	})
}

// state is what the list depends on, as far as this program changes it.
func (e *expiry) state() string {
	var b strings.Builder
	for _, c := range e.w.byName() {
		p := c.profile
		fmt.Fprintf(&b, "%s|%s|%s|%q|%q|%p\n", p.ID, p.Name, p.Server.Transport, p.Trust.Files, p.ClientCertificate.CertificateFile, c.attempt)
	}
	return b.String()
}

// changed is called whenever something about a connection may be different: what the list depends on is read again.
func (e *expiry) changed() {
	if !e.read || e.state() == e.seen {
		return
	}
	e.seen = e.state()
	if e.stop != nil {
		e.stop()
	}
	e.stop = e.w.env.async.after(expirySoon, func() { e.look(nil) })
}

// attention are the entries that somebody should do something about, without those that no reminder is wanted of.
func (e *expiry) attention() []watch.Entry {
	quiet := e.w.app.Preferences().StringList(prefQuiet)
	return slices.DeleteFunc(e.list.Attention(), func(x watch.Entry) bool { return slices.Contains(quiet, shortHash(x)) })
}

// shortHash names a certificate in the preferences.
func shortHash(x watch.Entry) string { return hex.EncodeToString(x.SHA256[:8]) }

// show counts on the button, in words as well as in colour.
func (e *expiry) show() {
	ended, soon := 0, 0
	for _, x := range e.attention() {
		if x.State == watch.Expired {
			ended++
		} else {
			soon++
		}
	}
	text, importance, icon := "Certificates in use", widget.LowImportance, theme.HistoryIcon()
	switch {
	case ended > 0 && soon > 0:
		text = fmt.Sprintf("%d expired, %d about to", ended, soon)
	case ended > 0:
		text = plural(ended, "certificate expired", "certificates expired")
	case soon > 0:
		text = plural(soon, "certificate to renew", "certificates to renew")
	}
	if soon > 0 {
		importance, icon = widget.WarningImportance, theme.WarningIcon()
	}
	if ended > 0 {
		importance, icon = widget.DangerImportance, theme.ErrorIcon()
	}
	e.button.Text, e.button.Importance, e.button.Icon = text, importance, icon
	e.button.Refresh()
	if e.page != nil {
		e.page.show()
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// tell reminds in the window, and on the desktop of what it was not yet told of.
func (e *expiry) tell() {
	all := e.attention()
	if e.bar != nil {
		e.w.dismiss(e.bar)
		e.bar = nil
	}
	if len(all) == 0 {
		return
	}
	now := e.w.env.now()
	show := widget.NewButton("Show", e.open)
	tone := widgets.Warn
	if slices.ContainsFunc(all, func(x watch.Entry) bool { return x.State == watch.Expired }) {
		tone = widgets.Bad
	}
	e.bar = e.w.tell(tone, reminder(all, now), show)
	e.notify(all, now)
}

// notify sends one notification for all that have passed a threshold since the last.
func (e *expiry) notify(all []watch.Entry, now time.Time) {
	prefs := e.w.app.Preferences()
	told := prefs.StringList(prefReminded)
	var fresh []watch.Entry
	var keep []string // of those that are still there
	for _, x := range all {
		mark := shortHash(x) + ":" + threshold(x, now)
		if !slices.Contains(told, mark) {
			fresh = append(fresh, x)
		}
		for _, t := range append(slices.Clone(told), mark) {
			if strings.HasPrefix(t, shortHash(x)+":") && !slices.Contains(keep, t) {
				keep = append(keep, t)
			}
		}
	}
	prefs.SetStringList(prefReminded, keep)
	if len(fresh) == 0 {
		return
	}
	title, text, send := reminderTitle(fresh), reminder(fresh, now), e.w.env.notify
	run(e.w.env.async, e.w.env.ctx, func(context.Context) struct{} { // the desktop may let it wait
		send(title, text)
		return struct{}{}
	}, func(struct{}) {})
}

// threshold is the last one that x has passed: that of renewal (30 days before the end, or the last third of a shorter
// lifetime), a week, a day, the end.
func threshold(x watch.Entry, now time.Time) string {
	switch left := x.Left(now); {
	case left < 0:
		return "expired"
	case left < 24*time.Hour:
		return "day"
	case left < 7*24*time.Hour:
		return "week"
	}
	return "due"
}

// reminderTitle is the title of a notification.
func reminderTitle(all []watch.Entry) string {
	ended := slices.ContainsFunc(all, func(x watch.Entry) bool { return x.State == watch.Expired })
	switch {
	case len(all) == 1 && ended:
		return "A certificate has expired"
	case len(all) == 1:
		return "A certificate is about to expire"
	case ended:
		return "Certificates have expired or are about to"
	}
	return "Certificates are about to expire"
}

// reminder says which certificates need something done; all holds the one that ends first, first.
func reminder(all []watch.Entry, now time.Time) string {
	x := all[0]
	text := fmt.Sprintf("The certificate “%s”, %s, %s.", pki.CommonName(x.Certificate), useWords(worstUse(x)), endWords(x, now))
	if n := len(all) - 1; n > 0 {
		text += " " + plural(n, "more needs", "more need") + " something done."
	}
	return text
}

// quiet switches the reminders of a certificate off or on.
func (e *expiry) quiet(x watch.Entry, on bool) {
	prefs := e.w.app.Preferences()
	list := slices.DeleteFunc(slices.Clone(prefs.StringList(prefQuiet)), func(s string) bool { return s == shortHash(x) })
	if on {
		list = append(list, shortHash(x))
	}
	prefs.SetStringList(prefQuiet, list[max(0, len(list)-maxQuiet):])
	e.show()
}

// maxQuiet bounds the preference; the oldest go first.
const maxQuiet = 200

// fingerprintText is the SHA-256 of a certificate as OpenSSL prints it.
func fingerprintText(sum [sha256.Size]byte) string {
	var parts []string
	for _, b := range sum {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	return strings.Join(parts, ":")
}

// desktopNotice is the notify of the running program.
func desktopNotice(app fyne.App) func(title, text string) {
	return func(title, text string) { app.SendNotification(fyne.NewNotification(title, text)) }
}
