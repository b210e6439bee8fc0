package ui

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// guideKept lists the certificates that were obtained, when they end and are to be renewed, and renews and revokes them.
type guideKept struct {
	*guideStep // its frame: one thing is done at a time, with its progress
	g          *guide
	rows       *fyne.Container
	list       []keptCertificate
	offered    map[string]*widgets.Bar // by name: renewals that are offered above the page
	unasked    *widget.Check           // renew without asking
	due        []string                // to be renewed one after the other, without asking
	looked     bool                    // whether something is due has been looked at since the window opened
	reading    bool
	stale      bool // something has changed since reading began
}

// keptCertificate is one certificate of the folder.
type keptCertificate struct {
	name    string
	names   []string
	from    string // the directory
	solver  string
	revoked time.Time
	end     time.Time
	due     acme.Due
	problem string
	pending time.Time
}

func newGuideKept(g *guide) *guideKept {
	k := &guideKept{guideStep: newGuideStep(g, "", "Your certificates", ""), g: g, rows: widgets.NewRows(4), offered: map[string]*widgets.Bar{}}
	k.pill.Hide()
	k.change.Hide()
	k.unasked = widget.NewCheck("Renew by itself what is due, while the window is open", func(on bool) {
		if g.plan.RenewWhenDue != on {
			g.plan.RenewWhenDue = on
			g.save()
		}
	})
	k.add(k.rows, k.unasked)
	k.box.Hide()
	return k
}

// read lists what is in the folder.
func (k *guideKept) read() {
	if k.reading {
		k.stale = true
		return
	}
	k.reading, k.stale = true, false
	folder := k.g.folder
	run(k.g.w.env.async, k.g.w.env.ctx, func(context.Context) []keptCertificate { return readKept(folder) }, func(list []keptCertificate) {
		if k.reading = false; k.stale {
			k.read()
			return
		}
		for i, c := range list { // what an authority has said is kept until it says something else
			for _, old := range k.list {
				if old.name == c.name && old.end.Equal(c.end) && old.due.FromAuthority {
					list[i].due = old.due
				}
			}
		}
		k.list = list
		k.show()
	})
}

func readKept(folder acme.Folder) (list []keptCertificate) {
	names, err := folder.Names()
	if err != nil {
		return nil
	}
	for _, name := range names {
		c := keptCertificate{name: name, names: []string{name}}
		if r, err := folder.Renewal(name); err == nil {
			c.names, c.problem, c.from, c.solver = r.Request.Names, r.Problem, r.Request.Directory.URL, r.Request.Solver
			c.revoked = r.RevokedAt
		}
		if _, begun, ok := folder.Pending(name); ok {
			c.pending = begun
		}
		if chain, err := folder.ReadChain(name); err == nil {
			c.end, c.due = chain[0].NotAfter, acme.DueOffline(chain[0])
		}
		list = append(list, c)
	}
	return list
}

func (k *guideKept) show() {
	before := k.height()
	k.rows.RemoveAll()
	for _, c := range k.list {
		k.rows.Add(k.row(c))
	}
	k.unasked.SetChecked(k.g.plan.RenewWhenDue)
	setVisible(k.box, len(k.list) > 0)
	k.g.refreshSoon()
	if y := k.g.scroll.Offset.Y; y > 0 { // what is looked at stays where it is
		k.g.scroll.ScrollToOffset(fyne.NewPos(0, max(0, y+k.height()-before)))
	}
}

func (k *guideKept) height() float32 {
	if !k.box.Visible() {
		return 0
	}
	return k.box.MinSize().Height
}

func (k *guideKept) row(c keptCertificate) fyne.CanvasObject {
	tone, text := widgets.Good, ""
	now := k.g.w.env.now()
	switch {
	case c.end.IsZero() && c.pending.IsZero():
		tone, text = widgets.Bad, "Its file fullchain.pem cannot be read: get the certificate again with the steps below."
	case c.end.IsZero():
		tone, text = widgets.Neutral, "No certificate yet; an order of "+c.pending.Local().Format("2006-01-02 15:04")+" is under way."
	case !c.revoked.IsZero():
		tone, text = widgets.Bad, "It was revoked on "+report.Day(c.revoked)+": clients that check refuse it. Renew it, and give the broker the new files."
	case now.After(c.end):
		tone, text = widgets.Bad, "It expired on "+report.Day(c.end)+"."
	default:
		text = "Valid until " + report.Day(c.end) + ", to be renewed from " + report.Day(c.due.At) + "."
		if c.due.FromAuthority {
			text += " The authority says so."
		}
		if now.After(c.due.At) {
			tone = widgets.Warn
			text = "Renewal is due: valid until " + report.Day(c.end) + "."
		}
	}
	if c.problem != "" {
		tone = widgets.Bad
		text += " The last renewal did not come about, and the certificate from before is still in place: " + c.problem
	}
	row := outcomeRow(tone, strings.Join(c.names, ", "), text)
	buttons := container.NewHBox()
	if !c.end.IsZero() {
		renew := widget.NewButtonWithIcon("Renew now", theme.ViewRefreshIcon(), func() { k.onRenew(c.name) })
		renew.Importance = map[bool]widget.Importance{true: widget.HighImportance}[tone != widgets.Good]
		revoke := widget.NewButton("Revoke…", func() { k.onRevoke(c.name) })
		revoke.Importance = widget.LowImportance
		buttons.Add(renew)
		if c.revoked.IsZero() {
			buttons.Add(revoke)
		}
	}
	if c.name != k.g.plan.Name {
		buttons.Add(widget.NewButton("Continue with it", func() { k.onContinue(c) }))
	}
	return container.NewBorder(nil, nil, nil, container.NewVBox(buttons), row)
}

// onContinue makes the steps be about this certificate.
func (k *guideKept) onContinue(c keptCertificate) {
	type asked struct {
		request acme.Request
		err     error
	}
	folder := k.g.folder
	run(k.g.w.env.async, k.g.w.env.ctx, func(context.Context) asked {
		renewal, err := folder.Renewal(c.name)
		if errors.Is(err, fs.ErrNotExist) { // only an order under way
			if r, _, ok := folder.Pending(c.name); ok {
				renewal.Request, err = r, nil
			}
		}
		return asked{renewal.Request, err}
	}, func(a asked) {
		switch {
		case k.g.w.closed:
		case a.err != nil:
			k.say(widgets.Bad, sentence(a.err))
		default:
			k.goOn(c, a.request)
		}
	})
}

// goOn makes the steps be about the certificate that was obtained by r.
func (k *guideKept) goOn(c keptCertificate, r acme.Request) {
	g := k.g
	g.stopAll()
	p := &g.plan
	g.others[p.Name] = g.typed // they are no secrets of this certificate's
	if g.typed = g.others[c.name]; g.typed == nil {
		g.typed = map[string]string{}
	}
	p.Passed, p.ProfileID, p.Zone, p.LedTo = nil, "", acme.Zone{}, ""
	p.Name, p.Deployment, p.Further = c.name, "", strings.Join(r.Names[1:], ", ")
	p.Provider, p.Directory, p.Contact, p.KeyType = r.Solver, r.Directory, strings.Join(r.Contact, ", "), r.KeyType
	p.Profile, p.PreferredChain, p.AgreedTerms = r.Profile, r.PreferredChain, r.AgreedTerms
	if p.Formerly = ""; r.Settings != nil {
		p.Settings, p.Typed = r.Settings, r.Settings["AWS_ACCESS_KEY_ID"] != ""
	}
	if !c.end.IsZero() {
		for _, s := range []acme.Stage{acme.StageAddress, acme.StageCredentials, acme.StageAlias, acme.StageCertificate} {
			p.Pass(s)
		}
	}
	g.save()
	g.load()
	k.show()
	g.revealNext()
}

// onRenew obtains a certificate again as it was obtained, although it is not due.
func (k *guideKept) onRenew(name string) { k.renew(name, func(bool) {}) }

func (k *guideKept) renew(name string, then func(ok bool)) {
	k.stopOffering(name)
	plan, typed := k.g.snapshot()
	g := k.g
	k.whole.Show()
	begin(k.guideStep, func(ctx context.Context, tell acme.Report) (acme.Obtained, error) {
		renewal, err := g.folder.Renewal(name)
		if err != nil {
			return acme.Obtained{}, err
		}
		solver, err := g.solverOf(ctx, renewal.Request, plan, typed)
		if err != nil {
			return acme.Obtained{}, err
		}
		got, _, _, err := g.folder.Renew(ctx, name, true, acme.Options{Solver: solver, Resolver: g.w.resolver, Report: tell})
		return got, err
	}, func(got acme.Obtained, err error) {
		k.read()
		if err != nil {
			k.refuse(err, " The certificate from before is still in place.")
			then(false)
			return
		}
		k.say(widgets.Good, name+" is renewed, and valid until "+report.Day(got.Certificates[0].NotAfter)+". Give the broker the new files.")
		if name == g.plan.Name {
			g.plan.Back(acme.StageHandover)
			g.save()
			g.files.take(got)
			g.refresh()
		}
		then(true)
	})
}

// renewDue renews what is due, one after the other, and says above the page what came of it.
func (k *guideKept) renewDue() {
	if len(k.due) == 0 || k.stop != nil {
		return // what is being done may be a renewal; tomorrow is another day
	}
	name := k.due[0]
	k.due = k.due[1:]
	w := k.g.w
	k.renew(name, func(ok bool) {
		open := widget.NewButton("Let's Encrypt", func() {
			w.tabs.Select(guidePage)
			k.g.scroll.ScrollToTop()
		})
		if ok {
			open.SetText("Hand over…")
			open.OnTapped = func() { k.g.handOver(name) }
			w.tell(widgets.Warn, "The certificate of "+name+" was due and is renewed: give the broker the new files.", open)
		} else {
			w.tell(widgets.Bad, "The certificate of "+name+" is due, and its renewal did not come about; the one from before is still in place.", open)
		}
		k.renewDue()
	})
}

// solverOf proves the names of a certificate as it was obtained; the steps' own may have been given other settings since.
func (g *guide) solverOf(ctx context.Context, r acme.Request, plan acme.Plan, typed map[string]string) (acme.Solver, error) {
	if plan.Name == r.Names[0] && plan.Provider == r.Solver {
		return g.solver(ctx, plan, typed)
	}
	settings, err := g.folder.Settings(ctx, r.Names[0], r.Solver, nil, g.w.env.secrets)
	if err != nil {
		return nil, err
	}
	return acme.NewSolver(ctx, r.Solver, settings, g.w.resolver)
}

// revocationReasons are those of RFC 5280 §5.3.1 that authorities take.
var revocationReasons = []struct {
	title  string
	number uint
}{{"No reason given", 0}, {"The key may be in somebody else's hands", 1}, {"It is replaced by another", 4}, {"The name is not used any more", 5}}

func (k *guideKept) onRevoke(name string) {
	var titles []string
	for _, r := range revocationReasons {
		titles = append(titles, r.title)
	}
	why := widget.NewSelect(titles, nil)
	why.SetSelectedIndex(0)
	rows := widgets.NewRows(8, paragraph("Clients that check for revocation refuse the certificate of "+name+
		" from then on, wherever it is in use. That cannot be taken back. The files stay."), labelled("Reason", widgets.Framed(why)))
	k.g.w.question("Revoke the certificate?", "Revoke it", "Keep it", rows, widget.DangerImportance, func(yes bool) {
		if !yes {
			return
		}
		reason, folder := revocationReasons[why.SelectedIndex()].number, k.g.folder
		k.whole.Show()
		begin(k.guideStep, func(ctx context.Context, tell acme.Report) (struct{}, error) {
			return struct{}{}, folder.Revoke(ctx, name, reason, tell)
		}, func(_ struct{}, err error) {
			k.read()
			if err != nil {
				k.refuse(err, "")
				return
			}
			k.say(widgets.Warn, "The certificate of "+name+" is revoked: replace it wherever it is in use.")
		})
	})
}

// How often it is looked whether a day has passed, and when first after the window has opened.
const (
	dueInterval = time.Hour
	dueFirst    = 10 * time.Second
)

// watch asks the authorities once a day whether something is to be renewed, and offers it.
func (k *guideKept) watch() {
	w := k.g.w
	w.env.async.after(dueFirst, k.askDue)
	w.env.async.every(w.env.ctx, dueInterval, k.askDue)
}

// askDue asks for each certificate, without showing that it does. Authorities are asked once a day; when the window opens
// on the same day again, what is due by the certificate's lifetime is offered again.
func (k *guideKept) askDue() {
	w := k.g.w
	now := w.env.now()
	again := now.Sub(k.g.plan.Asked) < 24*time.Hour
	if w.closed || again && k.looked {
		return
	}
	k.looked = true
	folder := k.g.folder
	run(w.env.async, w.env.ctx, func(ctx context.Context) []keptCertificate {
		list := readKept(folder)
		for i, c := range list {
			chain, err := folder.ReadChain(c.name)
			if err != nil || again {
				continue
			}
			// Where the authority does not answer, a third of the lifetime before the end is what counts.
			list[i].due, _ = folder.DueTime(ctx, acme.Directory{URL: c.from, CAFile: caFileOf(folder, c.name)}, chain[0])
		}
		return list
	}, func(list []keptCertificate) {
		if w.closed || w.env.ctx.Err() != nil || len(list) == 0 {
			return
		}
		if !again {
			k.g.plan.Asked = now
			k.g.save()
		}
		k.list = list
		k.show()
		k.remind(now)
	})
}

// remind offers what is due, or renews it where that was asked for and nobody has to create a record.
func (k *guideKept) remind(now time.Time) {
	k.due = nil
	for _, c := range k.list {
		switch {
		case c.end.IsZero() || !now.After(c.due.At):
		case k.g.plan.RenewWhenDue && c.solver != acme.Manual:
			k.due = append(k.due, c.name)
		default:
			k.offer(c)
		}
	}
	k.renewDue()
}

func caFileOf(folder acme.Folder, name string) string {
	r, err := folder.Renewal(name)
	if err != nil {
		return ""
	}
	return r.Request.Directory.CAFile
}

// offer says above the page that a certificate is to be renewed.
func (k *guideKept) offer(c keptCertificate) {
	k.stopOffering(c.name)
	w := k.g.w
	renew := widget.NewButtonWithIcon("Renew now", theme.ViewRefreshIcon(), func() {
		w.tabs.Select(guidePage)
		k.g.scroll.ScrollToTop()
		k.onRenew(c.name)
	})
	k.offered[c.name] = w.tell(widgets.Warn, "The certificate of "+c.name+" ends on "+report.Day(c.end)+" and is due for renewal.", renew)
}

func (k *guideKept) stopOffering(name string) {
	if bar, ok := k.offered[name]; ok {
		delete(k.offered, name)
		k.g.w.dismiss(bar)
	}
}
