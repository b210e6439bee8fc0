package report_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mutual/core/evidence"
	"mutual/core/report"
)

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":         {"", report.ErrNotReport},
		"no JSON":       {"# report", report.ErrNotReport},
		"list":          {"[]", report.ErrNotReport},
		"null":          {"null", report.ErrNotReport},
		"other object":  {`{"name": "x"}`, report.ErrNotReport},
		"no attempt":    {`{"schema": 1}`, report.ErrNotReport},
		"null attempt":  {`{"schema": 1, "attempt": null}`, report.ErrNotReport},
		"empty attempt": {`{"schema": 1, "attempt": {}}`, report.ErrNotReport},
		"schema 0":      {`{"schema": 0, "attempt": {"started": "2026-11-22T13:00:00Z"}}`, report.ErrNotReport},
		"half":          {`{"schema": 1, "attempt": {"started": "2026-11-22T13:00:00Z"`, report.ErrNotReport},
		"wrong type":    {`{"schema": 1, "attempt": {"started": "2026-11-22T13:00:00Z", "probes": 7}}`, report.ErrNotReport},
		"newer":         {`{"schema": 2, "attempt": {"started": 7}}`, report.NewerError{Schema: 2}},
		"deep":          {strings.Repeat(`{"a":`, 100_000), report.ErrNotReport},
		"too large":     {strings.Repeat(" ", report.MaxSize+1), report.ErrTooLarge},
	} {
		if _, err := report.Read([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReadForms(t *testing.T) {
	const attempt = `{"started": "2026-11-22T13:00:00Z", "target": {"transport": "mqtt", "host": "192.0.2.1", "port": 1883}}`
	for _, text := range []string{attempt, `{"schema": 1, "attempt": ` + attempt + `}`, "\xef\xbb\xbf" + attempt, `{"schema": 1, "later": {"x": 1}, "attempt": ` + attempt + `}`} {
		r, err := report.Read([]byte(text))
		if err != nil || r.Attempt.Target.Host != "192.0.2.1" || r.Kept != "" {
			t.Errorf("%s: %+v, %v", text, r, err)
		}
	}
}

// A report of a masked report still says that it was masked.
func TestMaskedStaysMasked(t *testing.T) {
	x := try(t, "name-mismatch")
	once, err := x.report.JSON(report.Options{Mask: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Read(once)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.JSON(report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		Masked struct{ Note string }
	}
	if err := json.Unmarshal(again, &object); err != nil || !strings.Contains(object.Masked.Note, "are masked") {
		t.Errorf("note %q, %v", object.Masked.Note, err)
	}
	page, err := r.HTML(report.Options{})
	if err != nil || !bytes.Contains(page, []byte("from a masked report")) {
		t.Errorf("the page does not say so: %v", err)
	}
}

// FuzzRead: whatever is read is judged, written in all formats, and read again.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"harmless", "*.example.org", "<b>"} {
		r := report.New(hostile(f, text), []string{"openssl"}, "fuzz")
		for _, masked := range []bool{false, true} {
			b, err := r.JSON(report.Options{Mask: masked})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte(`{"schema":1,"attempt":{"started":"2026-11-22T13:00:00Z","tls":{"sent":[{"der":"MAA="}]}},"masked":{"name":{"offset":1,"length":255,"below":"x"}}}`))
	f.Add([]byte(`{"started":"2026-11-22T13:00:00Z","mqtt":{"status":"failed","reason_code":135}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := report.Read(b)
		if err != nil {
			return
		}
		for _, o := range []report.Options{{}, {Mask: true}} {
			for _, x := range formats {
				out, err := x.write(r, o)
				if err != nil {
					t.Fatalf("%s: %v", x.name, err)
				}
				if x.name == "json" && len(out) <= report.MaxSize {
					if _, err := report.Read(out); err != nil {
						t.Fatalf("reading what was written: %v\n%s", err, out)
					}
				}
			}
		}
	})
}

// BenchmarkHTML writes the page of a server that sends a hundred certificates with a hundred names each.
func BenchmarkHTML(b *testing.B) {
	a := hostile(b, "harmless")
	a.TLS.Sent = nil
	for i := range 100 {
		var names []string
		for j := range 100 {
			names = append(names, fmt.Sprintf("host-%d-%d.example.org", i, j))
		}
		a.TLS.Sent = append(a.TLS.Sent, evidence.Certificate{Source: evidence.Sent, Position: i, DER: named(b, names)})
	}
	r := report.New(a, nil, "benchmark")
	for _, masked := range []bool{false, true} {
		b.Run(fmt.Sprintf("masked=%v", masked), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.HTML(report.Options{Mask: masked}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func named(t testing.TB, names []string) []byte {
	return certificate(t, pkix.Name{CommonName: names[0]}, names)
}
