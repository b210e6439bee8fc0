package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/probe"
	"mutual/ui/widgets"
)

// further is the question what else may be asked, and whom, about an attempt.
type further struct {
	ports, intermediates, revocation *widget.Check // nil: nobody to ask
	box                              fyne.CanvasObject
}

func newFurtherButton(d *diagnosis) *widget.Button {
	return widget.NewButtonWithIcon("Look further…", theme.ZoomInIcon(), d.onFurther)
}

// onFurther says who would be contacted, and asks what may be.
func (d *diagnosis) onFurther() {
	c := d.conn
	if c == nil || c.attempt == nil || c.doing() != "" {
		return
	}
	f := newFurther(c.contacts)
	d.further = f
	d.w.question("Look further", "Look", "Cancel", f.box, widget.HighImportance, func(yes bool) {
		if yes {
			c.lookFurther(f.asked())
		}
	})
}

func newFurther(contacts probe.Contacts) *further {
	f := &further{}
	intro := widget.NewLabel("This goes beyond the connection that was set up, so it is done only now and only where a tick stands. " +
		"No user name, password, certificate of yours or message is sent.")
	intro.Wrapping = fyne.TextWrapWord
	rows := widgets.NewRows(2, intro)
	add := func(text, whom string, addresses []string) *widget.Check {
		if len(addresses) == 0 {
			return nil
		}
		check := widget.NewCheck(text, nil)
		check.SetChecked(true)
		note := widget.NewLabel(whom + strings.Join(addresses, ", "))
		note.Wrapping, note.Selectable, note.SizeName = fyne.TextWrapBreak, true, theme.SizeNameCaptionText
		rows.Add(check)
		rows.Add(widgets.NewPadded(-8, 0, 30, 0, note))
		return check
	}
	f.ports = add("Other usual ports of the same computer", "Will be contacted: ", contacts.Ports)
	f.intermediates = add("Certificates that the broker leaves out", "Will be contacted: ", contacts.Intermediates)
	f.revocation = add("Whether certificates were revoked", "Will be contacted, and learns which certificate is asked about: ", contacts.Revocation)
	f.box = widgets.NewFixedWidth(dialogWidth, rows)
	return f
}

// asked is what is ticked.
func (f *further) asked() probe.Asked {
	on := func(c *widget.Check) bool { return c != nil && c.Checked }
	return probe.Asked{Ports: on(f.ports), Intermediates: on(f.intermediates), Revocation: on(f.revocation)}
}

// lookFurther asks what was asked for about the last attempt, and judges it again with the answers.
func (c *connection) lookFurther(asked probe.Asked) {
	if c.attempt == nil || c.doing() != "" {
		return
	}
	c.stopTry()
	ctx, cancel := context.WithCancel(c.env.ctx)
	c.cancelTry, c.trying, c.trouble = cancel, "Looking further", ""
	c.changed()
	a, also, asking := c.attempt, c.effective().AlsoFor, c.asker(ctx)
	asked.Made, asked.ProxyPassword = c.made, c.proxyUsed
	run(c.env.async, ctx, func(ctx context.Context) judged {
		mine := *a
		mine.Probes = nil // those that the failure calls for are made again
		probe.RunAsked(ctx, &mine, asked, asking)
		mine.Probes = slices.Concat(mine.Probes, missingFrom(mine.Probes, a.Probes))
		return conclude(&mine, also)
	}, func(j judged) {
		if ctx.Err() == nil {
			c.endTry(j)
		}
		cancel()
	})
}

// missingFrom are those of before whose like was not made now.
func missingFrom(now, before []evidence.Probe) []evidence.Probe {
	return slices.DeleteFunc(slices.Clone(before), func(p evidence.Probe) bool {
		return slices.ContainsFunc(now, func(x evidence.Probe) bool { return x.Name == p.Name })
	})
}
