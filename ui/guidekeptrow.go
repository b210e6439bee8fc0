package ui

import (
	"errors"
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

// keptRow is one certificate of the list.
type keptRow struct {
	k      *guideKept
	c      acme.Kept
	icon   *widget.Icon
	title  *widget.Label
	text   *widget.Label
	renew  *widget.Button
	revoke *widget.Button
	giveUp *widget.Button
	goOn   *widget.Button
	box    fyne.CanvasObject
}

// leastRow is how narrow the text of a row may be for its buttons to stand beside it.
const leastRow = 320

func newKeptRow(k *guideKept) *keptRow {
	r := &keptRow{k: k, icon: widget.NewIcon(nil), title: widget.NewLabel(""), text: widget.NewLabel("")}
	r.title.Wrapping, r.title.Selectable = fyne.TextWrapWord, true
	r.text.Wrapping, r.text.Selectable, r.text.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	r.renew = widget.NewButtonWithIcon("Renew now", theme.ViewRefreshIcon(), func() { k.onRenew(r.c.Name) })
	r.revoke = widget.NewButton("Revoke…", func() { k.onRevoke(r.c.Name) })
	r.revoke.Importance = widget.LowImportance
	r.giveUp = widget.NewButton("Give it up", func() { k.onGiveUp(r.c) })
	r.giveUp.Importance = widget.LowImportance
	r.goOn = widget.NewButton("Continue with it", func() { k.onContinue(r.c) })
	buttons := container.NewHBox(r.renew, r.revoke, r.giveUp, r.goOn)
	r.box = container.NewBorder(nil, nil, container.NewVBox(widgets.NewPadded(8, 0, 0, 0, r.icon)), nil,
		widgets.NewBeside(leastRow, widgets.NewRows(-10, r.title, r.text), buttons))
	return r
}

// set shows how the certificate stands. What is the same stays untouched.
func (r *keptRow) set(c acme.Kept) {
	r.c = c
	tone, text := keptWords(c, r.k.g.w.env.now(), r.k.byItself(c))
	r.icon.SetResource(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
	setText(r.title, strings.Join(c.Request.Names, ", "))
	setText(r.text, text)
	if urgent := map[bool]widget.Importance{true: widget.HighImportance}[tone != widgets.Good]; r.renew.Importance != urgent {
		r.renew.Importance = urgent
		r.renew.Refresh()
	}
	setVisible(r.renew, c.Obtained())
	setVisible(r.revoke, c.Obtained() && c.Renewal.RevokedAt.IsZero())
	setVisible(r.giveUp, !c.Obtained() && !c.Pending.IsZero())
	setVisible(r.goOn, c.Name != r.k.g.plan.CertificateName())
	r.enable()
}

// enable lets its buttons be pressed unless something is being done.
func (r *keptRow) enable() {
	for _, b := range []*widget.Button{r.renew, r.revoke, r.giveUp} {
		if r.k.stop == nil {
			b.Enable()
		} else {
			b.Disable()
		}
	}
}

func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

// keptWords says how a certificate stands. byItself: it is renewed without asking when it is due.
func keptWords(c acme.Kept, now time.Time, byItself bool) (tone widgets.Tone, text string) {
	tone, text = standWords(c, now)
	r := c.Renewal
	if r.Problem == "" {
		return tone, text
	}
	text += " The last renewal, on " + r.ProblemAt.Local().Format("2006-01-02 at 15:04") +
		", did not come about, and the certificate from before is still in place: " + sentence(errors.New(r.Problem))
	if next := r.NextTry(now); byItself && next.After(now) {
		text += " It is tried again by itself from " + next.Local().Format("2006-01-02 15:04") + "; Renew now does not wait for that."
	}
	return widgets.Bad, text
}

// standWords says how far a certificate is in its life.
func standWords(c acme.Kept, now time.Time) (widgets.Tone, string) {
	switch revoked := c.Renewal.RevokedAt; {
	case !c.Obtained() && c.Pending.IsZero():
		return widgets.Bad, "Its file fullchain.pem cannot be read: get the certificate again with the steps below."
	case !c.Obtained():
		return widgets.Neutral, "No certificate yet; an order of " + c.Pending.Local().Format("2006-01-02 15:04") + " is under way."
	case !revoked.IsZero():
		return widgets.Bad, "It was revoked on " + report.Day(revoked) + ": clients that check refuse it. Renew it, and give the broker the new files."
	case now.After(c.NotAfter):
		return widgets.Bad, "It expired on " + report.Day(c.NotAfter) + "."
	case now.After(c.Due.At):
		return widgets.Warn, "Renewal is due: valid until " + report.Day(c.NotAfter) + "."
	}
	text := "Valid until " + report.Day(c.NotAfter) + ", to be renewed from " + report.Day(c.Due.At) + "."
	if c.Due.FromAuthority {
		text += " The authority says so."
	}
	return widgets.Good, text
}
