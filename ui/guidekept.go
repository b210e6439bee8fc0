package ui

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/ui/widgets"
)

// guideKept lists the certificates that were obtained, when they end and are to be renewed, and renews and revokes them.
type guideKept struct {
	*guideStep // its frame: one thing is done at a time, with its progress
	g          *guide
	shelf      *acme.Shelf
	rows       *fyne.Container
	drawn      map[string]*keptRow // by name
	list       []acme.Kept
	unasked    *widget.Check // renew without asking
	reading    bool
	stale      bool // something has changed since reading began
	guideRenewals
}

func newGuideKept(g *guide) *guideKept {
	k := &guideKept{guideStep: newGuideStep(g, "", "Your certificates", ""), g: g, shelf: &acme.Shelf{Folder: g.folder},
		rows: widgets.NewRows(4), drawn: map[string]*keptRow{}, guideRenewals: newGuideRenewals()}
	k.pill.Hide()
	k.change.Hide()
	k.unasked = widget.NewCheck("Renew by itself what is due, while the window is open", func(on bool) {
		if g.plan.RenewWhenDue != on {
			g.plan.RenewWhenDue = on
			g.save()
			k.show()
			k.askDue() // something may be due by now
		}
	})
	k.ended = func() {
		k.enableRows()
		g.w.env.async.post(k.renewDue)
	}
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
	shelf := k.shelf
	run(k.g.w.env.async, k.g.w.env.ctx, func(context.Context) []acme.Kept {
		list, _ := shelf.List() // a folder that cannot be read is as good as empty here
		return list
	}, func(list []acme.Kept) {
		k.reading = false
		k.take(list)
		if k.stale {
			k.read()
		}
	})
}

// take shows another list.
func (k *guideKept) take(list []acme.Kept) {
	if !reflect.DeepEqual(list, k.list) {
		k.list = list
		k.show()
	}
}

// show brings the rows up to date. Those that stay are the same objects, so that what has the focus keeps it.
func (k *guideKept) show() {
	k.settle()
	before := k.height()
	rows := make([]fyne.CanvasObject, 0, len(k.list))
	drawn := map[string]*keptRow{}
	for _, c := range k.list {
		row := k.drawn[c.Name]
		if row == nil {
			row = newKeptRow(k)
		}
		drawn[c.Name] = row
		rows = append(rows, row.box)
		row.set(c)
	}
	if k.drawn = drawn; !reflect.DeepEqual(rows, k.rows.Objects) {
		k.rows.Objects = rows
		k.rows.Refresh()
	}
	k.unasked.SetChecked(k.g.plan.RenewWhenDue)
	setVisible(k.box, len(k.list) > 0)
	k.box.Refresh()
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

// enableRows lets a certificate be renewed, revoked or given up where nothing is being done.
func (k *guideKept) enableRows() {
	for _, row := range k.drawn {
		row.enable()
	}
}

// free says whether something can be begun; else it says why not.
func (k *guideKept) free() bool {
	if k.stop != nil {
		k.g.w.tell(widgets.Neutral, "Something else is being done with your certificates: wait until that has ended, or cancel it, and try again.")
	}
	return k.stop == nil
}

// onContinue makes the steps be about this certificate.
func (k *guideKept) onContinue(c acme.Kept) {
	g := k.g
	p := &g.plan
	g.others[p.CertificateName()] = g.typed // they are no secrets of this certificate's
	if g.typed = g.others[c.Name]; g.typed == nil {
		g.typed = map[string]string{}
	}
	p.Continue(c.Request, c.Obtained())
	g.save()
	g.load()
	g.revealNext()
}

// onGiveUp ends an order that is under way.
func (k *guideKept) onGiveUp(c acme.Kept) {
	if !k.free() {
		return
	}
	plan, typed := k.g.snapshot()
	g := k.g
	k.gaveUp = k.read
	begin(k.guideStep, func(ctx context.Context, tell progress.Report) (struct{}, error) {
		named := g.solverNamed(c.Name, plan, typed, g.w.env.secrets)
		return struct{}{}, g.folder.GiveUp(ctx, c.Name, acme.Options{SolverNamed: named, Resolver: g.w.resolver, Report: tell})
	}, func(_ struct{}, err error) {
		k.read()
		g.order.readPending()
		if err != nil {
			k.refuse(err, "")
			return
		}
		k.say(widgets.Neutral, "The order for "+c.Name+" is given up, and none of its records is left.")
	})
	k.enableRows()
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
		if !yes || !k.free() {
			return
		}
		reason, folder := revocationReasons[why.SelectedIndex()].number, k.g.folder
		k.gaveUp = nil
		begin(k.guideStep, func(ctx context.Context, tell progress.Report) (struct{}, error) {
			return struct{}{}, folder.Revoke(ctx, name, reason, tell)
		}, func(_ struct{}, err error) {
			k.read()
			if err != nil {
				k.refuse(err, "")
				return
			}
			k.say(widgets.Warn, "The certificate of "+name+" is revoked: replace it wherever it is in use.")
		})
		k.enableRows()
	})
}
