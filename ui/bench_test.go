package ui

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"mutual/core/history"
	"mutual/ui/widgets"
)

// BenchmarkShow is what every change of a connection costs the window's goroutine.
func BenchmarkShow(b *testing.B) {
	for i, name := range []string{"messages", "diagnosis", "certificates", "settings"} {
		b.Run(name, func(b *testing.B) {
			r := newRigB(b)
			r.tabs.Select(i)
			for b.Loop() {
				r.show()
			}
		})
	}
}

// BenchmarkStream is one redraw of the message list while messages pour in.
func BenchmarkStream(b *testing.B) {
	for _, held := range []int{1000, 20_000} {
		b.Run(fmt.Sprint(held), func(b *testing.B) {
			r := newRigB(b)
			w := r.current.messages
			m := history.Message{Topic: "plant/7/temperature", Payload: []byte(`{"value": 21.4, "unit": "C"}`), Time: time.Unix(1, 0)}
			for range held {
				w.Append(m)
			}
			for b.Loop() {
				w.Append(m)
				r.messages.redraw()
			}
		})
	}
}

func newRigB(b *testing.B) *rig {
	b.Helper()
	r := newRig(b, nil)
	r.chooseFault("root-unknown")
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(r.current.result, "root-unknown") && r.current.trying == "" })
	r.badge(widgets.Bad, "Not connected")
	return r
}

// BenchmarkOpen is what it costs to open the window, and to close it.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		newRig(b, nil).shut()
	}
}
