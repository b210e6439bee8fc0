package progress

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestBegin: what begins is told to end, after the time that it took; where nobody listens, nothing happens.
func TestBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Event
		done := Report(func(e Event) { told = append(told, e) }).Begin(Seen, "mqtt.example.org", "Waiting.")
		time.Sleep(3 * time.Second) // of the test's own clock
		done("It is there.")
		want := []Event{
			{Step: Seen, Name: "mqtt.example.org", Detail: "Waiting."},
			{Step: Seen, Name: "mqtt.example.org", Detail: "It is there.", Done: true, Took: 3 * time.Second},
		}
		if !slices.Equal(told, want) {
			t.Errorf("told is %+v, want %+v", told, want)
		}
		Report(nil).Begin(Seen, "", "")("")
	})
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"asking the service: no": "Asking the service: no.", "it is there.": "It is there.", "is it delegated?": "Is it delegated?", "über uns": "Über uns.", "": "",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
