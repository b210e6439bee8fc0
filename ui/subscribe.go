package ui

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// qosNames are the choices of quality of service, by number.
var qosNames = []string{"QoS 0", "QoS 1", "QoS 2"}

// subscribeBar takes topic filters and shows those that are active with the server's answers.
type subscribeBar struct {
	m      *messages
	filter *widgets.Entry
	qos    *widget.Select
	button *widget.Button
	said   *widget.Label
	chips  *fyne.Container
	drawn  string // what chips shows
	box    *fyne.Container
}

func newSubscribeBar(m *messages) *subscribeBar {
	s := &subscribeBar{m: m, filter: widgets.NewEntry()}
	s.filter.SetPlaceHolder("Topic to subscribe to, such as sensors/#")
	s.filter.OnSubmitted = func(string) { s.onSubscribe() }
	s.filter.OnChanged = func(string) { s.say(widgets.Neutral, "") }
	s.qos = widget.NewSelect(qosNames, nil)
	s.qos.SetSelectedIndex(1)
	s.button = widget.NewButtonWithIcon("Subscribe", theme.ContentAddIcon(), s.onSubscribe)
	s.said = widget.NewLabel("")
	s.said.Wrapping = fyne.TextWrapWord
	s.said.Hide()
	s.chips = widgets.NewFlow(6)
	right := container.NewHBox(widgets.NewFixedWidth(96, widgets.Framed(s.qos)), widgets.NewFixedWidth(132, s.button))
	s.box = widgets.NewRows(5, container.NewBorder(nil, nil, nil, right, s.filter), s.said, s.chips)
	return s
}

func (s *subscribeBar) reset() {
	s.filter.SetText("")
	s.say(widgets.Neutral, "")
	s.drawn = ""
}

// say shows a sentence below the field; an empty one removes it.
func (s *subscribeBar) say(tone widgets.Tone, text string) {
	s.said.Importance = widget.MediumImportance
	if tone == widgets.Bad {
		s.said.Importance = widget.DangerImportance
	}
	s.said.SetText(text)
	setVisible(s.said, text != "")
}

func (s *subscribeBar) show(c *connection) {
	for _, d := range []fyne.Disableable{s.button} {
		if c.connected() {
			d.Enable()
		} else {
			d.Disable()
		}
	}
	subs := c.state.Subscriptions
	if c.session == nil {
		subs = nil
		for _, p := range c.effective().Subscriptions {
			subs = append(subs, session.Subscription{Subscription: p})
		}
	}
	key := fmt.Sprint(c.profile.ID, c.connected())
	for _, x := range subs {
		key += fmt.Sprintf("|%s %d %v", x.Filter, x.QoS, x.Answer)
	}
	if key == s.drawn {
		return
	}
	s.drawn = key
	s.chips.Objects = nil
	for _, x := range subs {
		tone, note := subscriptionState(x, c.connected())
		s.chips.Add(widgets.NewChip(tone, x.Filter, note, func() { s.onUnsubscribe(x.Filter) }))
	}
	setVisible(s.chips, len(subs) > 0)
	s.box.Refresh()
}

// subscriptionState words a subscription with the server's answer.
func subscriptionState(x session.Subscription, connected bool) (widgets.Tone, string) {
	switch {
	case !connected:
		return widgets.Neutral, qosNames[min(x.QoS, 2)]
	case x.Answer == nil:
		return widgets.Neutral, "asking…"
	case x.Answer.Refused:
		return widgets.Bad, answerText(*x.Answer)
	case x.Answer.Code < x.QoS:
		return widgets.Good, fmt.Sprintf("QoS %d granted, %d asked", x.Answer.Code, x.QoS)
	}
	return widgets.Good, fmt.Sprintf("QoS %d", x.Answer.Code)
}

func (s *subscribeBar) onSubscribe() {
	c := s.m.conn
	if c == nil || !c.connected() {
		return
	}
	filter := strings.TrimSpace(s.filter.Text)
	if problem := profile.CheckFilter(filter); problem != "" {
		s.say(widgets.Bad, problem)
		return
	}
	s.button.Disable()
	c.subscribe(profile.Subscription{Filter: filter, QoS: byte(max(s.qos.SelectedIndex(), 0))}, func(a answered) {
		if s.m.conn != c {
			return // another connection is shown by now
		}
		s.button.Enable()
		text, refused := a.text("")
		if a.err != nil {
			s.say(widgets.Bad, filter+": "+text)
		}
		if !refused { // a refusal has a bar of its own, which explains it
			s.filter.SetText("")
		}
	})
}

func (s *subscribeBar) onUnsubscribe(filter string) {
	c := s.m.conn
	if !c.connected() {
		c.remember(func(p *profile.Profile) { p.Subscriptions = without(p.Subscriptions, filter) })
		c.state.Subscriptions = slices.DeleteFunc(c.state.Subscriptions, func(x session.Subscription) bool { return x.Filter == filter })
		return
	}
	c.unsubscribe(filter, func(a answered) {
		if text, refused := a.text(""); refused && s.m.conn == c {
			s.say(widgets.Bad, filter+": "+text)
		}
	})
}
