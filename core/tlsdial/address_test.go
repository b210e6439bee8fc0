package tlsdial

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// TestInternationalName: what is dialled, sent as the server name, asked of a proxy and looked for in the certificate is
// ASCII; what is shown is what was written.
func TestInternationalName(t *testing.T) {
	const typed, name = "brücke.example", "xn--brcke-lva.example"
	p := profile.New("p")
	p.Server.Host, p.Server.Transport = typed, profile.WSS
	a := NewAttempt(p, pki.Material{})
	if a.Target.Host != typed || a.Target.Name != name || a.Target.Invalid != nil {
		t.Errorf("%+v", a.Target)
	}
	s := &shake{attempt: a, record: &evidence.TLS{}}
	if got := s.config().ServerName; got != name {
		t.Errorf("server name %s", got)
	}
	if r, err := routeOf(p, a); err != nil || r.host != name {
		t.Errorf("%+v, %v", r, err)
	}
	if got := requestURL(p.Server); got != "ws://"+name+"/mqtt" {
		t.Errorf("WebSocket asks for %s", got)
	}
}

// TestBadAddress dials nothing, and keeps nothing that may be a password.
func TestBadAddress(t *testing.T) {
	for _, tt := range []struct {
		host, part, input string
		position          int
	}{
		{"local host", "host", "local host", 5},
		{"brücke.example:x", "port", "brücke.example:x", 15},
		{"mqtts://me:sesame@broker.example", "user", "", 0},
		{"https://me:sesame@broker.example", "scheme", "", 0},
	} {
		p := profile.New("p")
		p.Server.Host = tt.host
		a := NewAttempt(p, pki.Material{Files: &evidence.Files{}})
		_, err := Dial(context.Background(), p, pki.Material{}, a, Options{})
		i := a.Target.Invalid
		if !errors.Is(err, ErrAddress) || i == nil || i.Part != tt.part || i.Input != tt.input || i.Position != tt.position || i.Text == "" {
			t.Errorf("%s: %+v, %v", tt.host, i, err)
		}
		if a.Resolve.Status != evidence.Failed || a.Dial != nil || strings.Contains(a.Target.Host+a.Target.Name+i.Text+a.Resolve.Error, "sesame") {
			t.Errorf("%s: %+v, %+v", tt.host, a.Target, a.Resolve)
		}
	}
}
