package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/ui/widgets"
)

// header is the top of the right side: which connection, how safe it is, and the one button.
type header struct {
	w       *Window
	name    *widgets.Text
	address *widgets.Text
	detail  *widgets.Text
	badge   *widgets.Pill
	spinner *widget.Activity
	connect *widget.Button
	cancel  *widget.Button
	off     *widget.Button
	tryNow  *widget.Button
	why     *widget.Button
	places  map[*widget.Button]*fyne.Container // what shows and hides each button, so that a hidden one takes no room
	box     *fyne.Container
	last    status
}

func newHeader(w *Window) *header {
	h := &header{w: w, badge: widgets.NewBadge(), spinner: widget.NewActivity()}
	h.buildUI()
	return h
}

func (h *header) buildUI() {
	h.name = widgets.Heading("", theme.SizeNameHeadingText).CutTo(380)
	h.address = widgets.Muted("").CutTo(300)
	h.address.SizeName = ""
	h.detail = widgets.Muted("").CutTo(0)
	h.detail.SizeName = ""
	h.badge.CutTo(260)

	h.connect = widget.NewButtonWithIcon("Connect", theme.MediaPlayIcon(), h.onConnect)
	h.connect.Importance = widget.HighImportance
	h.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), h.onDisconnect)
	h.off = widget.NewButtonWithIcon("Disconnect", theme.MediaStopIcon(), h.onDisconnect)
	h.tryNow = widget.NewButtonWithIcon("Try now", theme.ViewRefreshIcon(), h.onReconnect)
	h.why = widget.NewButton("Show why", func() { h.w.tabs.Select(diagnosisPage) })
	h.why.Importance = widget.LowImportance

	h.places = map[*widget.Button]*fyne.Container{}
	buttons := container.NewHBox(container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(24), h.spinner)))
	for _, b := range []*widget.Button{h.tryNow, h.cancel, h.off, h.connect} {
		h.places[b] = widgets.NewFixedWidth(136, b)
		buttons.Add(h.places[b])
	}
	first := container.NewBorder(nil, nil, nil, buttons,
		widgets.NewLead(14, 60, h.name, container.NewCenter(h.badge)))
	// As high as the button is, so that the page does not move when it comes and goes.
	second := widgets.NewFixedHeight(h.why.MinSize().Height, container.NewBorder(nil, nil, h.address, h.why, widgets.NewPadded(0, 0, 10, 10, h.detail)))
	h.box = widgets.NewPadded(14, 0, 0, 0, widgets.NewRows(2, first, second))
}

func (h *header) show(c *connection) {
	h.name.Set(c.profile.Name)
	at := address(c.inForce())
	if at == "" {
		at = note(c.inForce())
	}
	h.address.Set(at)
	h.last = status{badge: "-"} // draw even when only the name changed
	h.tick(c)
}

// tick draws the state, which also changes with the clock.
func (h *header) tick(c *connection) {
	s := c.status(h.w.env.now())
	if s == h.last {
		return
	}
	h.last = s
	icon := widgets.ToneIcon(s.tone)
	switch {
	case s.tone == widgets.Good, s.badge == "One-way TLS":
		icon = lockIcon
	case s.tone == widgets.Neutral:
		icon = nil
	}
	h.badge.Set(s.tone, s.badge, icon)
	h.detail.Color = widgets.ColorMuted
	if s.tone == widgets.Bad {
		h.detail.Color = s.tone.Strong()
	}
	h.detail.Text = s.detail
	h.detail.Refresh()
	if s.busy {
		h.spinner.Start()
		h.spinner.Show()
	} else {
		h.spinner.Stop()
		h.spinner.Hide()
	}
	setVisible(h.places[h.cancel], s.busy && !c.closing)
	setVisible(h.places[h.off], s.on)
	setVisible(h.places[h.tryNow], s.next)
	setVisible(h.places[h.connect], !s.busy && !s.on)
	setVisible(h.why, s.tone == widgets.Bad && c.result != nil && h.w.tabs.Selected() != diagnosisPage)
	h.box.Refresh()
}

func setVisible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func (h *header) onConnect() {
	h.w.settings.leave()
	if c := h.w.current; c != nil {
		h.w.connect(c)
	}
}

func (h *header) onDisconnect() {
	if c := h.w.current; c != nil {
		c.disconnect()
	}
}

func (h *header) onReconnect() {
	if c := h.w.current; c != nil && c.session != nil {
		c.session.Reconnect()
	}
}

// farewell shows that the window is about to close.
func (h *header) farewell() {
	h.badge.Set(widgets.Neutral, "Closing…", nil)
	h.spinner.Show()
	h.spinner.Start()
}

// connect checks what can be checked at once and connects.
func (w *Window) connect(c *connection) {
	w.settings.unpoint()
	if !c.profile.Practice {
		if bad := w.settings.form.badNumber(); bad != nil && w.settings.conn == c {
			w.tabs.Select(settingsPage)
			w.settings.pointNumber(bad)
			return
		}
		if problems := c.profile.Validate(); len(problems) > 0 {
			w.tabs.Select(settingsPage)
			w.settings.point(problems[0])
			return
		}
	}
	c.wanted = true
	c.connect()
}
