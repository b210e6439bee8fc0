package ui

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/history"
	"mutual/core/profile"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// messages is the page where topics are subscribed and messages are published and read.
type messages struct {
	w         *Window
	conn      *connection
	subscribe *subscribeBar
	refusals  *refusalBars
	stream    *stream
	compose   *compose
	detail    *detail
	split     *container.Split
	main      *fyne.Container
	start     *widget.Button // the one thing to do in the empty state
	startText *widgets.Text
	startNote *widget.Label
	empty     *fyne.Container
	box       *fyne.Container
}

// emptyWidth is that of the text that says what to do where there is nothing yet: it reads well, and fits into the
// narrowest window.
const emptyWidth = 460

func newMessages(w *Window) *messages {
	m := &messages{w: w}
	m.subscribe, m.compose, m.detail = newSubscribeBar(m), newCompose(m), newDetail(m)
	m.refusals = newRefusalBars(w)
	m.stream = newStream(m.onOpen)
	for _, e := range []*widgets.Entry{m.compose.topic, m.compose.payload, m.subscribe.filter} {
		e.OnEscape = m.closeDetail
	}
	m.stream.list.OnEscape = m.closeDetail
	m.buildUI()
	return m
}

func (m *messages) buildUI() {
	m.startText = widgets.Heading("", theme.SizeNameSubHeadingText)
	m.startNote = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{})
	m.startNote.Wrapping = fyne.TextWrapWord
	m.start = widget.NewButton("", nil)
	m.start.Importance = widget.HighImportance
	m.empty = container.NewCenter(widgets.NewRows(8, container.NewCenter(m.startText), widgets.NewFixedWidth(emptyWidth, m.startNote), container.NewCenter(m.start)))

	card := widgets.NewCard(container.NewStack(m.stream.box, m.empty))
	card.PadX, card.PadY = 6, 6
	m.split = container.NewHSplit(card, m.detail.box)
	m.split.Offset = 0.56
	m.main = container.NewStack(card)
	m.box = widgets.NewPadded(12, 14, 16, 16, container.NewBorder(widgets.NewRows(5, m.subscribe.box, m.refusals.box), m.compose.box, nil, nil,
		widgets.NewPadded(8, 8, 0, 0, m.main)))
}

func (m *messages) content() fyne.CanvasObject { return m.box }

func (m *messages) show(c *connection) {
	if m.conn != c {
		m.conn = c
		m.closeDetail()
		m.stream.attach(c.messages)
		m.subscribe.reset()
		m.compose.show(c)
	}
	m.subscribe.show(c)
	m.refusals.show(c)
	m.compose.enable(c.connected())
	m.redraw()
}

// redraw shows new messages; it is cheap when there are none.
func (m *messages) redraw() {
	m.stream.redraw()
	m.showEmpty()
}

func (m *messages) showEmpty() {
	c := m.conn
	if c == nil {
		return
	}
	empty := m.stream.held() == 0
	m.empty.Hidden, m.stream.box.Hidden = !empty, empty // there is nothing to filter either
	if !empty {
		return
	}
	switch {
	case c.connected() && len(c.state.Subscriptions) == 0:
		m.setStart("You are connected", "Try it: this subscribes to demo/# and sends a message that comes back to you.",
			"Subscribe to demo/# and send a greeting", m.onGreeting)
	case c.connected() && greetingReturns(c.state.Subscriptions):
		m.setStart("Waiting for messages", "Whatever arrives on your topics is shown here.", "Send a greeting to "+greetingTopic, m.sendGreeting)
	case c.connected():
		m.setStart("Waiting for messages", "Whatever arrives on your topics is shown here.", "", nil)
	case c.busy() || c.live():
		m.setStart(c.status(c.env.now()).badge, "", "", nil)
	case c.why() != "":
		m.setStart("Not connected", c.why(), "Show why", func() { m.w.tabs.Select(diagnosisPage) })
	default:
		m.setStart("Not connected", connectHint(c), "Connect", m.w.header.onConnect)
	}
}

func connectHint(c *connection) string {
	if c.profile.Practice {
		return "Connect starts a broker on this computer, with certificates of its own, and connects with two-way TLS."
	}
	return "Messages that you receive and send are shown here."
}

func (m *messages) setStart(title, note, button string, do func()) {
	if m.startText.Text == title && m.start.Text == button && m.startNote.Text == note {
		m.start.OnTapped = do
		return
	}
	m.startText.Set(title)
	m.startNote.SetText(note)
	m.start.SetText(button)
	m.start.OnTapped = do
	setVisible(m.start, button != "")
	m.empty.Refresh()
}

// Where the greeting goes, and the filter that brings it back.
const (
	greetingTopic = "demo/hello"
	demoFilter    = "demo/#"
)

// greetingReturns says whether one of the subscriptions covers the greeting's topic.
func greetingReturns(subs []session.Subscription) bool {
	return slices.ContainsFunc(subs, func(s session.Subscription) bool {
		return slices.Contains([]string{"#", demoFilter, "demo/+", greetingTopic, "+/hello", "+/+", "+/#"}, s.Filter)
	})
}

func (m *messages) onGreeting() {
	c := m.conn
	m.start.Disable()
	c.subscribe(profile.Subscription{Filter: demoFilter, QoS: 1}, func(a answered) {
		m.start.Enable()
		if m.conn != c {
			return // another connection is shown by now
		}
		text, refused := a.text("")
		if a.err != nil {
			m.subscribe.say(widgets.Bad, text)
		}
		if !refused { // a refusal has a bar of its own, which explains it
			m.sendGreeting()
		}
	})
}

func (m *messages) sendGreeting() {
	m.conn.publish(session.Outgoing{
		Topic: greetingTopic, Payload: fmt.Appendf(nil, `{"greeting": "Hello from Mutual", "connection": %q}`, m.w.header.badge.Text()), QoS: 1,
		ContentType: "application/json",
		Properties:  []history.Property{{Name: "from", Value: "Mutual"}},
	}, m.compose.answerTo(m.conn))
}

// onOpen shows a message whole, beside the list.
func (m *messages) onOpen(msg history.Message) {
	m.detail.show(msg)
	if len(m.main.Objects) == 1 && m.main.Objects[0] != fyne.CanvasObject(m.split) {
		m.main.Objects = []fyne.CanvasObject{m.split}
		m.main.Refresh()
	}
}

func (m *messages) closeDetail() {
	if m.main.Objects[0] == fyne.CanvasObject(m.split) {
		m.main.Objects = []fyne.CanvasObject{m.split.Leading}
		m.main.Refresh()
	}
	m.stream.list.UnselectAll()
}
