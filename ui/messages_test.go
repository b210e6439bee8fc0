package ui

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"mutual/core/history"
	"mutual/core/profile"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// filled is a window whose list holds n messages, without a broker.
func filled(t *testing.T, n int) (*rig, *history.Window) {
	t.Helper()
	r := newRig(t, nil)
	w := r.current.messages
	for i := range n {
		w.Append(history.Message{Topic: fmt.Sprintf("plant/%d", i), Payload: fmt.Appendf(nil, `{"value": %d}`, i), Time: time.Unix(int64(i), 0)})
	}
	r.messages.redraw()
	r.relayout()
	r.messages.stream.list.ScrollToBottom()
	return r, w
}

// TestScrolledUp: who reads further up is not carried away, and is told what came.
func TestScrolledUp(t *testing.T) {
	r, w := filled(t, 500)
	s := r.messages.stream
	s.list.ScrollToTop()
	w.Append(history.Message{Topic: "new"})
	w.Append(history.Message{Topic: "newer"})
	r.messages.redraw()
	if len(s.shown) != 500 || s.newer.Text != "2 new" || !s.newer.Visible() {
		t.Fatalf("%d are shown, the button says %q", len(s.shown), s.newer.Text)
	}
	r.shoot("14-scrolled-up")
	test.Tap(s.newer)
	if len(s.shown) != 502 || s.newer.Visible() || !s.atBottom() {
		t.Errorf("%d are shown, at the bottom: %v", len(s.shown), s.atBottom())
	}
	w.Append(history.Message{Topic: "newest"})
	r.messages.redraw()
	if len(s.shown) != 503 || !s.atBottom() {
		t.Errorf("the list does not follow: %d", len(s.shown))
	}
}

func TestFilterAndClear(t *testing.T) {
	r, _ := filled(t, 50)
	s := r.messages.stream
	s.filter.SetText("PLANT/49")
	if len(s.shown) != 1 || s.count.Text != "1 of 50" {
		t.Errorf("%d are shown, %q", len(s.shown), s.count.Text)
	}
	s.filter.SetText(`"value": 7`)
	if len(s.shown) != 1 {
		t.Errorf("%d are shown", len(s.shown))
	}
	s.filter.SetText("")
	test.Tap(s.clear)
	if len(s.shown) != 0 || s.held() != 0 {
		t.Errorf("%d are left", len(s.shown))
	}
}

// TestDetail shows payloads of every kind.
func TestDetail(t *testing.T) {
	r, _ := filled(t, 1)
	for _, c := range []struct {
		name    string
		payload []byte
		way     string
		want    string
	}{
		{"json", []byte(`{"a":1}`), asJSON, "{\n  \"a\": 1\n}"},
		{"text", []byte("warm"), asText, "warm"},
		{"binary", []byte{0, 1, 0xff}, asHex, "00000000  00 01 ff"},
		{"empty", nil, asText, ""},
		{"huge", bytes.Repeat([]byte("0123456789"), 900_000), asText, "and 4805 kB more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.messages.onOpen(history.Message{Topic: "x", Payload: c.payload, Properties: []history.Property{{Name: "Content Type", Value: "a/b"}}})
			d := r.messages.detail
			r.until("the payload", func() bool { return strings.Contains(d.lines.Text(), c.want) })
			if d.as.Selected != c.way {
				t.Errorf("shown as %s", d.as.Selected)
			}
			if !strings.Contains(d.facts.Text, "Content Type: a/b") {
				t.Errorf("the facts are %q", d.facts.Text)
			}
			if c.name == "json" {
				r.shoot("15-detail")
			}
		})
	}
	r.messages.closeDetail()
	if r.messages.main.Objects[0] != r.messages.split.Leading {
		t.Error("the detail cannot be closed")
	}
}

// TestPublishAgain: what came can be published again as it was, or changed first; what is no text cannot be typed.
func TestPublishAgain(t *testing.T) {
	r, _ := filled(t, 1)
	p, d := r.messages.compose, r.messages.detail
	p.addProperty("left", "over")
	r.messages.onOpen(history.Message{Topic: "plant/state", Payload: []byte(`{"on":true}`), QoS: 2, Retained: true, Properties: []history.Property{
		{Name: "Content Type", Value: "application/json"}, {Name: "Topic Alias", Value: "2"}, {Name: "User Property", Value: "unit: C: x"}}})
	test.Tap(d.again)
	if p.topic.Text != "plant/state" || p.payload.Text != `{"on":true}` || p.qos.SelectedIndex() != 2 || !p.retain.Checked || p.contentType.Text != "application/json" {
		t.Errorf("to be published: %q %q QoS %d %v %q", p.topic.Text, p.payload.Text, p.qos.SelectedIndex(), p.retain.Checked, p.contentType.Text)
	}
	if len(p.properties) != 1 || p.properties[0].name.Text != "unit" || p.properties[0].value.Text != "C: x" {
		t.Errorf("%d user properties", len(p.properties))
	}
	if r.told("replaced") {
		t.Error("nothing was being written, and something is said to be replaced")
	}
	p.topic.SetText("half")
	p.payload.SetText("written")
	test.Tap(d.again)
	if p.payload.Text != `{"on":true}` {
		t.Errorf("to be published: %q", p.payload.Text)
	}
	test.Tap(r.offerOf("replaced"))
	if p.topic.Text != "half" || p.payload.Text != "written" || len(p.properties) != 1 || r.told("replaced") {
		t.Errorf("what was being written came back as %q %q", p.topic.Text, p.payload.Text)
	}
	if width := r.win.Content().MinSize().Width; width > leastWidth {
		t.Errorf("the message makes the window %v wide", width)
	}
	r.messages.onOpen(history.Message{Topic: "x", Payload: []byte{0xff, 0}})
	if d.again.Visible() {
		t.Error("bytes are offered to be typed")
	}
}

// TestRefusals: every refusal comes with its reason code and name.
func TestRefusals(t *testing.T) {
	refused := session.Answer{Code: 0x87, Name: "Not authorized", Text: "no", Refused: true}
	if text, bad := (answered{answer: refused}).text(""); !bad || text != "The broker refused: Not authorized (0x87): no." {
		t.Errorf("said %q", text)
	}
	tone, note := subscriptionState(session.Subscription{Answer: &refused}, true)
	if tone != widgets.Bad || note != "Not authorized (0x87): no" {
		t.Errorf("the chip says %q", note)
	}
	r := connected(t)
	r.messages.subscribe.filter.SetText("a/#/b")
	test.Tap(r.messages.subscribe.button)
	if r.messages.subscribe.said.Text != profile.CheckFilter("a/#/b") {
		t.Errorf("said %q", r.messages.subscribe.said.Text)
	}
	r.messages.compose.topic.SetText("a/#")
	test.Tap(r.messages.compose.publish)
	if !strings.Contains(r.messages.compose.said.Text, "wildcard") {
		t.Errorf("said %q", r.messages.compose.said.Text)
	}
}

// TestDisconnect: the badge is grey again, the messages stay, and a second connect works.
func TestDisconnect(t *testing.T) {
	r := connected(t)
	test.Tap(r.messages.start)
	r.until("the greeting", func() bool { return len(r.messages.stream.shown) == 2 })
	test.Tap(r.header.off)
	r.badge(widgets.Neutral, "Not connected")
	if len(r.messages.stream.shown) != 2 {
		t.Errorf("%d messages are left", len(r.messages.stream.shown))
	}
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
}

// TestBrokerVanishes: the state says so, and what was received stays.
func TestBrokerVanishes(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	l.Close()
	r.until("the loss to be told", func() bool { return r.header.badge.Text() == "Reconnecting" })
	r.shoot("16-reconnecting")
	if !r.header.places[r.header.tryNow].Visible() || !strings.Contains(strings.ToLower(r.header.detail.Text), "try") {
		t.Errorf("the header says %q", r.header.detail.Text)
	}
}

// TestCancel: connecting can be given up.
func TestCancel(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connections stand in its queue: no handshake begins
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	r := newRig(t, nil)
	p := profile.New("silent")
	p.Server.Host, p.Server.Port = "127.0.0.1", silent.Addr().(*net.TCPAddr).Port
	r.add(p)
	test.Tap(r.header.connect)
	r.until("the handshake", func() bool { return r.header.detail.Text == stageDoing("tls") })
	r.shoot("17-connecting")
	test.Tap(r.header.cancel)
	r.badge(widgets.Neutral, "Not connected")
}

// TestCancelAtOnce: giving up while the practice broker starts leaves nothing behind, and Connect works again.
func TestCancelAtOnce(t *testing.T) {
	r := newRig(t, nil)
	test.Tap(r.header.connect)
	test.Tap(r.header.cancel)
	r.badge(widgets.Neutral, "Not connected")
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
}
