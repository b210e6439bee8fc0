package history

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// topics lists what w holds, oldest first.
func topics(w *Window) string {
	var s []string
	for i := range w.Len() {
		m, ok := w.At(i)
		if !ok {
			s = append(s, "missing")
		}
		s = append(s, m.Topic)
	}
	return strings.Join(s, " ")
}

func TestWindowBounds(t *testing.T) {
	payload := func(n int) []byte { return make([]byte, n) }
	tests := []struct {
		name  string
		count int
		size  int64
		add   []Message
		want  string
	}{
		{"empty", 3, 100, nil, ""},
		{"by count", 2, 100, []Message{{Topic: "a"}, {Topic: "b"}, {Topic: "c"}}, "b c"},
		{"by bytes", 9, 10, []Message{{Topic: "a", Payload: payload(4)}, {Topic: "b", Payload: payload(4)}, {Topic: "c"}}, "b c"},
		{"one large message drives out several", 9, 10, []Message{{Topic: "a"}, {Topic: "b"}, {Topic: "c"}, {Topic: "d", Payload: payload(8)}}, "c d"},
		{"the newest stays though larger than the bound", 9, 10, []Message{{Topic: "a"}, {Topic: "b", Payload: payload(50)}}, "b"},
		{"and goes as soon as another comes", 9, 10, []Message{{Topic: "b", Payload: payload(50)}, {Topic: "c"}}, "c"},
		{"properties count", 9, 10, []Message{{Topic: "a", Properties: []Property{{"1234", "5678"}}}, {Topic: "b"}, {Topic: "c"}}, "b c"},
		{"a count of nothing is one", 0, 10, []Message{{Topic: "a"}, {Topic: "b"}}, "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWindow(tt.count, tt.size)
			for i, m := range tt.add {
				if id := w.Append(m); id != uint64(i+1) {
					t.Errorf("message %d got ID %d", i, id)
				}
			}
			if got := topics(w); got != tt.want {
				t.Errorf("holds %q, want %q", got, tt.want)
			}
			if w.Total() != uint64(len(tt.add)) {
				t.Errorf("Total is %d, want %d", w.Total(), len(tt.add))
			}
			if _, ok := w.At(w.Len()); ok {
				t.Error("At gives a message behind the last")
			}
			if _, ok := w.At(-1); ok {
				t.Error("At gives a message before the first")
			}
		})
	}
}

// TestWindowAgainstSlice runs the ring through growth and many turns beside a plain slice.
func TestWindowAgainstSlice(t *testing.T) {
	const count = 150 // not a power of two times firstRing
	w := NewWindow(count, 1<<20)
	var want []string
	for i := range 5 * count {
		topic := fmt.Sprint(i)
		w.Append(Message{Topic: topic})
		if want = append(want, topic); len(want) > count {
			want = want[1:]
		}
		if i%37 == 0 || i == 5*count-1 {
			if got := topics(w); got != strings.Join(want, " ") {
				t.Fatalf("after %d: holds %q", i, got)
			}
		}
	}
}

func TestWindowAnswer(t *testing.T) {
	w := NewWindow(2, 100)
	gone := w.Append(Message{Topic: "a"})
	held := w.Append(Message{Topic: "b"})
	w.Append(Message{Topic: "c"})

	version := w.Version()
	for _, id := range []uint64{0, gone, 99} {
		w.Answer(id, "lost", true)
	}
	if w.Version() != version {
		t.Error("an answer to a message that is not held changed the version")
	}
	w.Answer(held, "Not authorized (0x87)", true)
	if m, _ := w.At(0); m.Reason != "Not authorized (0x87)" || !m.Refused {
		t.Errorf("the answer was not recorded: %+v", m)
	}
	if m, _ := w.At(1); m.Reason != "" {
		t.Errorf("the answer went to the wrong message: %+v", m)
	}
	if w.Version() == version {
		t.Error("an answer did not change the version")
	}
}

func TestWindowClear(t *testing.T) {
	w := NewWindow(10, 100)
	w.Append(Message{Topic: "a"})
	version := w.Version()
	w.Clear()
	if w.Len() != 0 || w.Total() != 1 || w.Version() == version {
		t.Errorf("after Clear: Len %d, Total %d", w.Len(), w.Total())
	}
	w.Answer(1, "late", false) // must find nothing
	if id := w.Append(Message{Topic: "b"}); id != 2 || topics(w) != "b" {
		t.Errorf("after Clear the next message has ID %d and the window %q", id, topics(w))
	}
}

// TestWindowConcurrent lets one goroutine write while others read; the race detector is the judge, and what is read
// must be whole.
func TestWindowConcurrent(t *testing.T) {
	w := NewWindow(50, 1<<20)
	var group sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if m, ok := w.At(w.Len() - 1); ok && m.Topic != string(m.Payload) {
					t.Errorf("read half a message: %q, %q", m.Topic, m.Payload)
					return
				}
				w.Version()
			}
		})
	}
	for i := range 5000 {
		topic := fmt.Sprint(i)
		w.Answer(w.Append(Message{Topic: topic, Payload: []byte(topic)}), "Success", false)
		if i%1000 == 0 {
			w.Clear()
		}
	}
	close(done)
	group.Wait()
}

func BenchmarkAppend(b *testing.B) {
	w := NewWindow(10_000, 64<<20)
	m := Message{Topic: "sensors/temperature", Payload: make([]byte, 100)}
	b.ReportAllocs()
	for b.Loop() {
		w.Append(m)
	}
}

func BenchmarkAt(b *testing.B) {
	w := NewWindow(10_000, 64<<20)
	for range 10_000 {
		w.Append(Message{Topic: "sensors/temperature"})
	}
	for b.Loop() {
		w.At(5000)
	}
}
