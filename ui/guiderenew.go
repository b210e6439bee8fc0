package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/core/report"
	"mutual/core/solver"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// guideRenewals are the renewals that are due: offered, or carried out one after the other without asking.
type guideRenewals struct {
	offers     map[string]*offeredRenewal // by name
	complaints map[string]*widgets.Bar    // by name: that one which had begun by itself did not come about
	news       map[string]*widgets.Bar    // by name: that it was renewed without asking
	queue      []string                   // to be renewed without asking
	cancelled  map[string]time.Time       // by name: when somebody ended one that had begun by itself
	current    string                     // the one that was begun last
	looking    bool                       // the authorities are being asked
}

// offeredRenewal is an offer above the page.
type offeredRenewal struct {
	bar *widgets.Bar
	at  time.Time
}

func newGuideRenewals() guideRenewals {
	return guideRenewals{offers: map[string]*offeredRenewal{}, complaints: map[string]*widgets.Bar{}, news: map[string]*widgets.Bar{}, cancelled: map[string]time.Time{}}
}

// How often it is looked whether something is due, and when first after the window has opened; and how long an offer
// that was dismissed, or a renewal that was cancelled, is not begun again.
const (
	dueInterval = time.Hour
	dueFirst    = 10 * time.Second
	dueAgain    = 24 * time.Hour
)

// watch looks again and again whether something is to be renewed.
func (k *guideKept) watch() {
	w := k.g.w
	w.env.async.after(dueFirst, k.askDue)
	w.env.async.every(w.env.ctx, dueInterval, k.askDue)
}

// askDue asks the authorities, without showing that it does, and none sooner than it wants to be asked.
func (k *guideKept) askDue() {
	w := k.g.w
	if w.closed || k.looking {
		return
	}
	k.looking = true
	now, shelf := w.env.now(), k.shelf
	plan, typed := k.g.snapshot()
	type due struct {
		list   []acme.Kept
		locked []string
	}
	run(w.env.async, w.env.ctx, func(ctx context.Context) (d due) {
		d.list, _ = shelf.List()
		for _, c := range d.list {
			if c.Obtained() && !now.Before(c.Due.AskAgain) {
				// Where the authority does not answer, a third of the lifetime before the end is what counts.
				_, _ = shelf.Folder.AskDue(ctx, c.Name, now)
			}
		}
		d.list, _ = shelf.List()
		d.locked = k.g.lockedAmong(ctx, d.list, plan, typed, now)
		return d
	}, func(d due) {
		k.looking = false
		if w.closed || w.env.ctx.Err() != nil {
			return
		}
		k.list = d.list
		k.show() // time has gone by, even where the list is the same
		k.remind(now, d.locked)
	})
}

// lockedAmong are those to be renewed without asking that a secret is kept for which only a passphrase opens. Nobody is
// asked for it.
func (g *guide) lockedAmong(ctx context.Context, list []acme.Kept, plan acme.Plan, typed map[string]string, now time.Time) (locked []string) {
	for _, c := range list {
		if !plan.RenewWhenDue || c.Request.Solver == solver.Manual || !dueAt(c, now) {
			continue
		}
		if _, err := g.settingsOf(ctx, c.Name, c.Request.Solver, plan, typed, g.silent()); isLocked(err) {
			locked = append(locked, c.Name)
		}
	}
	return locked
}

func isLocked(err error) bool {
	return errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrKeyringSilent)
}

func dueAt(c acme.Kept, now time.Time) bool { return c.Obtained() && now.After(c.Due.At) }

// byItself says whether a certificate is renewed without asking: where nobody has to create a record.
func (k *guideKept) byItself(c acme.Kept) bool {
	return k.g.plan.RenewWhenDue && c.Request.Solver != solver.Manual
}

// remind renews what is due where that was asked for, may be tried again by now, and takes nobody's help; it offers the
// rest.
func (k *guideKept) remind(now time.Time, locked []string) {
	k.queue = nil
	for _, c := range k.list {
		switch {
		case !dueAt(c, now):
			k.stopOffering(c.Name)
		case k.stop != nil && c.Name == k.current:
		case slices.Contains(locked, c.Name):
			k.offer(c, " Its renewal waits for the passphrase of your saved passwords: press Renew now, and give it.")
		case !k.byItself(c) || now.Sub(k.cancelled[c.Name]) < dueAgain:
			k.offer(c, "")
		case now.Before(c.Renewal.NextTry(now)):
			k.offer(c, " The last try did not come about; the next one by itself is from "+c.Renewal.NextTry(now).Local().Format("2006-01-02 15:04")+".")
		default:
			k.queue = append(k.queue, c.Name)
		}
	}
	k.renewDue()
}

// renewDue renews the next of what is due, unless something is being done: then it is called again when that has ended; or
// nothing is to be renewed without asking any more.
func (k *guideKept) renewDue() {
	if len(k.queue) == 0 || k.stop != nil || k.g.w.closed || !k.g.plan.RenewWhenDue {
		return
	}
	name := k.queue[0]
	k.queue = k.queue[1:]
	k.renew(name, true)
}

// onRenew obtains a certificate again as it was obtained, although it may not be due.
func (k *guideKept) onRenew(name string) {
	if k.free() {
		k.renew(name, false)
	}
}

// renew obtains a certificate again. byItself: only if it is due, asking nobody for anything, and what came of it is said
// above the page.
func (k *guideKept) renew(name string, byItself bool) {
	k.stopOffering(name)
	k.stopComplaining(name)
	k.current = name
	plan, typed := k.g.snapshot()
	g, now, secrets := k.g, k.g.w.env.now(), k.g.w.env.secrets
	if byItself {
		secrets = g.silent()
	}
	k.gaveUp = func() {
		k.cancelled[name] = now
		k.read()
		k.offerAgain(name)
	}
	type renewal struct {
		got     acme.Obtained
		renewed bool
	}
	begin(k.guideStep, func(ctx context.Context, tell progress.Report) (r renewal, err error) {
		r.got, _, r.renewed, err = g.folder.Renew(ctx, name, !byItself, acme.Options{SolverNamed: g.solverNamed(name, plan, typed, secrets), Resolver: g.w.resolver, Report: tell,
			Now: func() time.Time { return now }})
		return r, err
	}, func(r renewal, err error) {
		k.read()
		switch {
		case err != nil:
			k.notRenewed(name, err, byItself)
		case r.renewed:
			k.renewed(name, r.got, byItself)
		default: // the authority says by now that it is not due
			k.steps.clear()
		}
	})
	k.enableRows()
}

func (k *guideKept) renewed(name string, got acme.Obtained, byItself bool) {
	g := k.g
	delete(k.cancelled, name)
	k.say(widgets.Good, name+" is renewed, and valid until "+report.Day(got.Certificates[0].NotAfter)+". Give the broker the new files.")
	if name == g.plan.CertificateName() {
		g.plan.Back(acme.StageHandover)
		g.save()
		g.files.take(got)
		g.refresh()
	}
	if byItself {
		if old := k.news[name]; old != nil { // it says the same
			g.w.dismiss(old)
		}
		k.news[name] = g.w.tell(widgets.Warn, "The certificate of "+name+" was due and is renewed: give the broker the new files.",
			widget.NewButton("Hand over…", func() { g.handOver(name) }))
	}
}

func (k *guideKept) notRenewed(name string, err error, byItself bool) {
	if byItself && isLocked(err) {
		k.offerAgain(name)
		return
	}
	k.refuse(err, " The certificate from before is still in place.")
	if byItself {
		k.complaints[name] = k.g.w.tell(widgets.Bad, "The certificate of "+name+" is due, and its renewal did not come about; the one from before is still in place.",
			widget.NewButton("Let's Encrypt", k.open))
	}
}

// open shows the list.
func (k *guideKept) open() {
	k.g.w.tabs.Select(guidePage)
	k.g.scroll.ScrollToTop()
}

// offer says above the page that a certificate is to be renewed, once a day.
func (k *guideKept) offer(c acme.Kept, more string) {
	w := k.g.w
	if old := k.offers[c.Name]; old != nil && w.env.now().Sub(old.at) < dueAgain {
		return
	}
	k.stopOffering(c.Name)
	k.stopComplaining(c.Name) // the offer says more
	ends := "ends"
	if w.env.now().After(c.NotAfter) {
		ends = "ended"
	}
	renew := widget.NewButtonWithIcon("Renew now", theme.ViewRefreshIcon(), func() {
		k.open()
		k.onRenew(c.Name)
	})
	bar := w.tell(widgets.Warn, "The certificate of "+c.Name+" "+ends+" on "+report.Day(c.NotAfter)+" and is due for renewal."+more, renew)
	k.offers[c.Name] = &offeredRenewal{bar: bar, at: w.env.now()}
}

// offerAgain offers a renewal that was begun and is not done, if it is due.
func (k *guideKept) offerAgain(name string) {
	for _, c := range k.list {
		if c.Name == name && dueAt(c, k.g.w.env.now()) {
			k.offer(c, "")
		}
	}
}

func (k *guideKept) stopOffering(name string) {
	if o, ok := k.offers[name]; ok {
		delete(k.offers, name)
		k.g.w.dismiss(o.bar)
	}
}

func (k *guideKept) stopComplaining(name string) {
	if bar, ok := k.complaints[name]; ok {
		delete(k.complaints, name)
		k.g.w.dismiss(bar)
	}
}

// settle takes back what stands above the page about certificates that are not due any more, in whatever way they were
// obtained, or that are gone.
func (k *guideKept) settle() {
	now := k.g.w.env.now()
	isDue := func(name string) bool {
		return slices.ContainsFunc(k.list, func(c acme.Kept) bool { return c.Name == name && dueAt(c, now) })
	}
	for name := range k.offers {
		if !isDue(name) {
			k.stopOffering(name)
		}
	}
	for name := range k.complaints {
		if !isDue(name) {
			k.stopComplaining(name)
		}
	}
}

// silent are the secrets as far as nobody has to be asked for anything.
func (g *guide) silent() *store.Secrets { return g.w.env.store.Secrets(nil) }

// settingsOf are those of a certificate for a way to prove its names; the steps' own may have been given other ones since.
func (g *guide) settingsOf(ctx context.Context, name, provider string, plan acme.Plan, typed map[string]string, secrets *store.Secrets) (map[string]string, error) {
	if plan.CertificateName() == name && plan.Provider == provider {
		return g.settingsWith(ctx, plan, typed, secrets)
	}
	return g.folder.Settings(ctx, name, provider, nil, secrets)
}

// solverNamed makes what proves the names of a certificate, by the name of the way.
func (g *guide) solverNamed(name string, plan acme.Plan, typed map[string]string, secrets *store.Secrets) func(context.Context, string) (solver.Solver, error) {
	return func(ctx context.Context, provider string) (solver.Solver, error) {
		settings, err := g.settingsOf(ctx, name, provider, plan, typed, secrets)
		if err != nil {
			return nil, err
		}
		return solver.New(ctx, provider, settings, g.w.resolver)
	}
}
