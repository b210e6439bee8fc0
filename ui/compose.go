package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/history"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// compose is where a message is written and published.
type compose struct {
	m           *messages
	topic       *widgets.Entry
	payload     *widgets.Entry
	qos         *widget.Select
	retain      *widget.Check
	publish     *widget.Button
	said        *widgets.Text
	contentType *widgets.Entry
	properties  []*propertyRow
	propertyBox *fyne.Container
	more        *widgets.Fold
	box         *fyne.Container
}

// propertyRow is one User Property.
type propertyRow struct {
	name, value *widgets.Entry
	box         *fyne.Container
}

func newCompose(m *messages) *compose {
	p := &compose{m: m, topic: widgets.NewEntry(), payload: widgets.NewMultiLine(3), contentType: widgets.NewEntry()}
	p.buildUI()
	return p
}

func (p *compose) buildUI() {
	p.topic.SetPlaceHolder("Topic to publish to, for instance demo/hello")
	p.topic.OnSubmitted = func(string) { p.onPublish() }
	p.payload.SetPlaceHolder("Message")
	p.payload.TextStyle.Monospace = true
	p.contentType.SetPlaceHolder("Content type, for instance application/json")
	p.qos = widget.NewSelect(qosNames, nil)
	p.qos.SetSelectedIndex(1)
	p.retain = widget.NewCheck("Retain", nil)
	p.publish = widget.NewButtonWithIcon("Publish", theme.MailSendIcon(), p.onPublish)
	p.publish.Importance = widget.HighImportance
	p.said = widgets.Muted("").CutTo(500)

	p.propertyBox = container.NewVBox()
	add := widget.NewButtonWithIcon("Add a user property", theme.ContentAddIcon(), func() { p.addProperty("", "") })
	add.Importance = widget.LowImportance
	p.more = widgets.NewFold("Properties", widgets.NewPadded(0, 6, 8, 0, container.NewVBox(p.contentType, p.propertyBox, container.NewHBox(add))), nil)

	options := container.NewHBox(widgets.NewFixedWidth(96, widgets.Framed(p.qos)), p.retain)
	first := container.NewBorder(nil, nil, nil, options, p.topic)
	second := container.NewBorder(nil, nil, nil, container.NewVBox(widgets.NewFixedWidth(132, p.publish)), p.payload)
	last := container.NewBorder(nil, nil, nil, container.NewCenter(p.said), p.more)
	card := widgets.NewCard(widgets.NewRows(6, first, second, last))
	card.PadX, card.PadY = 10, 8
	p.box = container.NewStack(card)
}

func (p *compose) show(c *connection) {
	p.topic.SetText(p.m.w.app.Preferences().String(prefTopic + "." + c.profile.ID))
	p.say(widgets.Neutral, "")
}

// draft is what stands in the fields.
type draft struct {
	topic, payload, contentType string
	properties                  []history.Property // name and value
	qos                         int
	retain                      bool
}

func (p *compose) draft() draft {
	d := draft{topic: p.topic.Text, payload: p.payload.Text, contentType: p.contentType.Text, qos: p.qos.SelectedIndex(), retain: p.retain.Checked}
	for _, row := range p.properties {
		d.properties = append(d.properties, history.Property{Name: row.name.Text, Value: row.value.Text})
	}
	return d
}

func (p *compose) fill(d draft) {
	for len(p.properties) > 0 {
		p.removeProperty(p.properties[0])
	}
	for _, q := range d.properties {
		p.addProperty(q.Name, q.Value)
	}
	p.contentType.SetText(d.contentType)
	p.more.Open(d.contentType != "" || len(d.properties) > 0)
	p.topic.SetText(d.topic)
	p.payload.SetText(d.payload)
	p.qos.SetSelectedIndex(d.qos)
	p.retain.SetChecked(d.retain)
	p.say(widgets.Neutral, "")
	p.m.w.win.Canvas().Focus(p.payload)
}

// take fills the fields with a message that came or went, to be published again, or changed first. What was being
// written can be had back.
func (p *compose) take(m history.Message) {
	d := draft{topic: m.Topic, payload: string(m.Payload), qos: int(m.QoS), retain: m.Retained}
	for _, q := range m.Properties {
		switch q.Name {
		case "Content Type":
			d.contentType = q.Value
		case "User Property":
			name, value, _ := strings.Cut(q.Value, ": ")
			d.properties = append(d.properties, history.Property{Name: name, Value: value})
		}
	}
	before := p.draft()
	p.fill(d)
	if before.payload == "" || before.payload == d.payload {
		return
	}
	w := p.m.w
	undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), nil)
	bar := w.tell(widgets.Neutral, "The message that was being written was replaced.", undo)
	undo.OnTapped = func() { w.dismiss(bar); p.fill(before) }
}

func (p *compose) enable(on bool) {
	if on {
		p.publish.Enable()
	} else {
		p.publish.Disable()
	}
}

func (p *compose) say(tone widgets.Tone, text string) {
	p.said.Color = widgets.ColorMuted
	if tone != widgets.Neutral {
		p.said.Color = tone.Strong()
	}
	p.said.Text = text
	p.said.Refresh()
	p.box.Refresh()
}

func (p *compose) addProperty(name, value string) {
	row := &propertyRow{name: widgets.NewEntry(), value: widgets.NewEntry()}
	row.name.SetPlaceHolder("Name")
	row.value.SetPlaceHolder("Value")
	row.name.SetText(name)
	row.value.SetText(value)
	remove := widget.NewButtonWithIcon("", theme.CancelIcon(), func() { p.removeProperty(row) })
	remove.Importance = widget.LowImportance
	row.box = container.NewBorder(nil, nil, nil, remove, container.NewGridWithColumns(2, row.name, row.value))
	p.properties = append(p.properties, row)
	p.propertyBox.Add(row.box)
	p.box.Refresh()
}

func (p *compose) removeProperty(row *propertyRow) {
	for i, r := range p.properties {
		if r == row {
			p.properties = append(p.properties[:i], p.properties[i+1:]...)
			break
		}
	}
	p.propertyBox.Remove(row.box)
	p.box.Refresh()
}

// topicProblem says what is wrong with a Topic Name (MQTT 5.0 §4.7.1); empty: nothing.
func topicProblem(topic string) string {
	switch {
	case topic == "":
		return "The message needs a topic."
	case strings.ContainsAny(topic, "#+"):
		return "A topic to publish to has no wildcard (# or +)."
	case strings.ContainsRune(topic, 0):
		return "A topic has no NUL character."
	case len(topic) > 65535:
		return "A topic is at most 65535 bytes long."
	}
	return ""
}

func (p *compose) onPublish() {
	c := p.m.conn
	if c == nil || !c.connected() {
		return
	}
	topic := strings.TrimSpace(p.topic.Text)
	if problem := topicProblem(topic); problem != "" {
		p.say(widgets.Bad, problem)
		return
	}
	p.m.w.app.Preferences().SetString(prefTopic+"."+c.profile.ID, topic)
	out := session.Outgoing{Topic: topic, Payload: []byte(p.payload.Text), QoS: byte(max(p.qos.SelectedIndex(), 0)),
		Retain: p.retain.Checked, ContentType: strings.TrimSpace(p.contentType.Text)}
	for _, r := range p.properties {
		if r.name.Text != "" || r.value.Text != "" {
			out.Properties = append(out.Properties, history.Property{Name: r.name.Text, Value: r.value.Text})
		}
	}
	p.say(widgets.Neutral, "Publishing…")
	p.m.stream.follow()
	c.publish(out, p.answerTo(c))
}

// noMatchingSubscribers is a success that is worth a word (MQTT 5.0 §3.4.2.1).
const noMatchingSubscribers = 0x10

// answerTo shows an answer while c is still the connection shown.
func (p *compose) answerTo(c *connection) func(answered) {
	return func(a answered) {
		if p.m.conn == c {
			p.onAnswer(a)
		}
	}
}

func (p *compose) onAnswer(a answered) {
	done := "Published."
	if a.answer.Code == noMatchingSubscribers {
		done = "Published; nobody is subscribed to the topic."
	}
	text, refused := a.text(done)
	tone := widgets.Good
	if refused {
		tone = widgets.Bad
	}
	p.say(tone, text)
}
