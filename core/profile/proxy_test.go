package profile

import (
	"errors"
	"strings"
	"testing"
)

func TestParseProxy(t *testing.T) {
	for _, test := range []struct {
		in   string
		want Proxy
		url  string
	}{
		{"http://proxy.example:3128", Proxy{HTTPProxy, "", "proxy.example", 3128}, "http://proxy.example:3128"},
		{" proxy.example:3128/ ", Proxy{HTTPProxy, "", "proxy.example", 3128}, "http://proxy.example:3128"},
		{"SOCKS5://me@[::1]:1080", Proxy{SOCKS5Proxy, "me", "::1", 1080}, "socks5://me@[::1]:1080"},
		{"socks5h://192.0.2.1:1", Proxy{SOCKS5Proxy, "", "192.0.2.1", 1}, "socks5://192.0.2.1:1"},
		{"http://DOMAIN%5Cme%40home@p:80", Proxy{HTTPProxy, `DOMAIN\me@home`, "p", 80}, "http://DOMAIN%5Cme%40home@p:80"},
	} {
		t.Run(test.in, func(t *testing.T) {
			got, err := ParseProxy(test.in)
			if err != nil || got != test.want || got.URL() != test.url {
				t.Fatalf("got %+v, %s, %v", got, got.URL(), err)
			}
			if again, err := ParseProxy(got.URL()); err != nil || again != got {
				t.Errorf("read back: %+v, %v", again, err)
			}
		})
	}
}

func TestParseProxyErrors(t *testing.T) {
	for _, test := range []struct {
		in       string
		part     Part
		position int
		text     string
	}{
		{"", HostPart, 0, "missing"},
		{"http://:3128", HostPart, 7, "missing"},
		{"http://proxy.example", PortPart, 20, "missing"},
		{"https://proxy.example:443", SchemePart, 0, `"https"`},
		{"http://me:secret@proxy.example:3128", UserPart, 9, "set apart"},
		{"http://@proxy.example:3128", UserPart, 7, "user name"},
		{"http://a%0d%0ab@proxy.example:3128", UserPart, 7, "user name"},
		{"http://a%3ab@proxy.example:3128", UserPart, 7, "user name"},
		{"http://proxy.example:3128/x", PathPart, 25, "end after the port"},
		{"http://proxy.example:0", PortPart, 21, "between"},
		{"http://2001:db8::1", PortPart, 18, "missing"},
	} {
		t.Run(test.in, func(t *testing.T) {
			_, err := ParseProxy(test.in)
			var e *AddressError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Part != test.part || e.Position != test.position || !strings.Contains(e.Text, test.text) || !strings.HasSuffix(e.Text, ".") {
				t.Errorf("%s at %d: %s", e.Part, e.Position, e.Text)
			}
			if strings.Contains(e.Text, "secret") {
				t.Errorf("the password is in %q", e.Text)
			}
		})
	}
}

func FuzzParseProxy(f *testing.F) {
	for _, s := range []string{"http://h:1", "socks5://a@[::1]:2", "h:3", "http://%zz@h:1", "a@b@c:1", "http://h:1?", "[fe80::1%25a]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProxy(s)
		if err != nil {
			var e *AddressError
			if !errors.As(err, &e) || e.Position < 0 || e.Position > len(s) || e.Text == "" {
				t.Fatalf("%q: %#v", s, err)
			}
			_ = err.Error()
			return
		}
		if again, err := ParseProxy(p.URL()); err != nil || again != p {
			t.Fatalf("%q became %+v, whose URL %s reads %+v, %v", s, p, p.URL(), again, err)
		}
	})
}
