package profile

import (
	"errors"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	tests := []struct {
		in   string
		want Server
		url  string
	}{
		{"broker.example", Server{Transport: MQTTS, Host: "broker.example"}, "mqtts://broker.example:8883"},
		{"  broker.example \n", Server{Transport: MQTTS, Host: "broker.example"}, "mqtts://broker.example:8883"},
		{"broker.example:1", Server{Transport: MQTTS, Host: "broker.example", Port: 1}, "mqtts://broker.example:1"},
		{"broker.example:65535", Server{Transport: MQTTS, Host: "broker.example", Port: 65535}, "mqtts://broker.example:65535"},
		{"broker.example.", Server{Transport: MQTTS, Host: "broker.example."}, "mqtts://broker.example.:8883"},
		{"mqtts://broker.example", Server{Transport: MQTTS, Host: "broker.example"}, "mqtts://broker.example:8883"},
		{"mqtt://broker.example/", Server{Transport: MQTT, Host: "broker.example"}, "mqtt://broker.example:1883"},
		{"MQTTS://Broker.Example:8884", Server{Transport: MQTTS, Host: "Broker.Example", Port: 8884}, "mqtts://Broker.Example:8884"},
		{"ssl://h:1", Server{Transport: MQTTS, Host: "h", Port: 1}, "mqtts://h:1"},
		{"tls://h", Server{Transport: MQTTS, Host: "h"}, "mqtts://h:8883"},
		{"tcp://h", Server{Transport: MQTT, Host: "h"}, "mqtt://h:1883"},
		{"192.0.2.7:8883", Server{Transport: MQTTS, Host: "192.0.2.7", Port: 8883}, "mqtts://192.0.2.7:8883"},
		{"::1", Server{Transport: MQTTS, Host: "::1"}, "mqtts://[::1]:8883"},
		{"[::1]", Server{Transport: MQTTS, Host: "::1"}, "mqtts://[::1]:8883"},
		{"mqtt://[2001:db8::7]:1884", Server{Transport: MQTT, Host: "2001:db8::7", Port: 1884}, "mqtt://[2001:db8::7]:1884"},
		{"[fe80::1%25eth0]:8883", Server{Transport: MQTTS, Host: "fe80::1%eth0", Port: 8883}, "mqtts://[fe80::1%25eth0]:8883"},
		{"wss://broker.example", Server{Transport: WSS, Host: "broker.example"}, "wss://broker.example:443/mqtt"},
		{"WSS://h:8084/", Server{Transport: WSS, Host: "h", Port: 8084, Path: "/"}, "wss://h:8084/"},
		{"ws://h/a/b?c=%20d/e", Server{Transport: WS, Host: "h", Path: "/a/b?c=%20d/e"}, "ws://h:80/a/b?c=%20d/e"},
		{"ws://[::1]?x", Server{Transport: WS, Host: "::1", Path: "/?x"}, "ws://[::1]:80/?x"},
		{"brücke.example:1", Server{Transport: MQTTS, Host: "brücke.example", Port: 1}, "mqtts://brücke.example:1"},
		{"my_broker", Server{Transport: MQTTS, Host: "my_broker"}, "mqtts://my_broker:8883"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			got, err := ParseURL(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Transport != test.want.Transport || got.Host != test.want.Host || got.Port != test.want.Port || got.Path != test.want.Path {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if got.URL() != test.url {
				t.Errorf("URL %s, want %s", got.URL(), test.url)
			}
			again, err := ParseURL(got.URL())
			if err != nil || again.URL() != test.url {
				t.Errorf("URL read back: %+v, %v", again, err)
			}
		})
	}
}

func TestParseURLErrors(t *testing.T) {
	tests := []struct {
		in       string
		part     Part
		position int
		text     string // must be in the sentence
	}{
		{"", HostPart, 0, "missing"},
		{"   ", HostPart, 0, "missing"},
		{"mqtts://", HostPart, 8, "missing"},
		{"mqtts://:8883", HostPart, 8, "missing"},
		{"wss://h/a b", PathPart, 9, "%20"},
		{"wss://h/a#b", PathPart, 9, "#"},
		{"wss://h#b", PathPart, 7, "begin with a slash"},
		{"wss://h/%4", PathPart, 8, "hexadecimal"},
		{"wss:///mqtt", HostPart, 6, "missing"},
		{" https://h", SchemePart, 1, `"https"`},
		{"://h", SchemePart, 0, "missing"},
		{"h:", PortPart, 2, "missing"},
		{"h:0", PortPart, 2, "between 1 and 65535"},
		{"h:65536", PortPart, 2, "between 1 and 65535"},
		{"h:99999999999999999999", PortPart, 2, "between 1 and 65535"},
		{"h:88a3", PortPart, 4, "not a number"},
		{"h:-1", PortPart, 2, "not a number"},
		{"mqtts://h/path", PathPart, 9, "end after the port"},
		{"h?x=1", PathPart, 1, "end after the port"},
		{"mqtts://me:secret@h", UserPart, 8, "set apart"},
		{"my broker", HostPart, 2, "space"},
		{"br ücke.example", HostPart, 2, "space"},
		{"brü/cke", PathPart, 4, "end after the port"},
		{"a\u2028ü", HostPart, 1, "cannot stand"},
		{"ü$.example", HostPart, 2, "cannot stand"},
		{strings.Repeat("ü", 63) + ".example", HostPart, 0, "longer than 63"},
		{"a..b", HostPart, 2, "empty part"},
		{".a", HostPart, 0, "empty part"},
		{"a\\b", HostPart, 1, "cannot stand"},
		{"192.168.1.300", HostPart, 0, "not an IPv4 address"},
		{"1.2.3", HostPart, 0, "not an IPv4 address"},
		{"[::1", HostPart, 4, "closing bracket"},
		{"[::g]", HostPart, 1, "not an IPv6 address"},
		{"[192.0.2.1]", HostPart, 1, "not an IPv6 address"},
		{"[::1]8883", PortPart, 5, "closing bracket"},
		{"a:b:c", HostPart, 0, "not an IPv6 address"},
		{strings.Repeat("a", 64) + ".example", HostPart, 0, "longer than 63"},
		{strings.Repeat("a.", 127) + "aaa", HostPart, 253, "longer than 253"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			_, err := ParseURL(test.in)
			var e *AddressError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *AddressError", err)
			}
			if e.Part != test.part || e.Position != test.position {
				t.Errorf("%s at %d, want %s at %d: %s", e.Part, e.Position, test.part, test.position, e.Text)
			}
			if !strings.Contains(e.Text, test.text) || !strings.HasSuffix(e.Text, ".") {
				t.Errorf("sentence %q, want it to hold %q", e.Text, test.text)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"h", "mqtts://h:1", "[::1]:2", "::1%a", "[fe80::%25x]", "ä://ö:ü", "a@b/c", "\xff", "h:\x00", "wss://h", "ws://h/a%2fb?c", "wss://h?/#", "[]", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		server, err := ParseURL(s)
		if err != nil {
			var e *AddressError
			if !errors.As(err, &e) || e.Position < 0 || e.Position > len(s) || e.Part == "" || e.Text == "" {
				t.Fatalf("%q: %#v", s, err)
			}
			_ = err.Error()
			return
		}
		again, err := ParseURL(server.URL())
		if err != nil || again.URL() != server.URL() || again.Host != server.Host {
			t.Fatalf("%q became %+v, whose URL %s reads %+v, %v", s, server, server.URL(), again, err)
		}
	})
}

func TestReferenceName(t *testing.T) {
	if got := (Server{Host: "h"}).ReferenceName(); got != "h" {
		t.Errorf("got %q", got)
	}
	if got := (Server{Host: "h", Name: "n"}).ReferenceName(); got != "n" {
		t.Errorf("got %q", got)
	}
}

func TestPortOrDefault(t *testing.T) {
	for _, test := range []struct {
		server Server
		want   int
	}{{Server{}, 8883}, {Server{Transport: MQTTS}, 8883}, {Server{Transport: MQTT}, 1883}, {Server{Transport: MQTT, Port: 7}, 7}, {Server{Transport: WSS}, 443}, {Server{Transport: WS}, 80}} {
		if got := test.server.PortOrDefault(); got != test.want {
			t.Errorf("%+v: %d, want %d", test.server, got, test.want)
		}
	}
}

func TestASCIIHost(t *testing.T) {
	for host, want := range map[string]string{
		"broker.example": "broker.example", "My_Broker.": "My_Broker.", "::1": "::1", "brücke.example": "xn--brcke-lva.example",
		"BRÜCKE.example": "xn--brcke-lva.example", "faß.example": "xn--fa-hia.example", "例え。テスト": "xn--r8jz45g.xn--zckzah",
		"bru\u0308cke.example": "xn--brcke-lva.example", "مثال.إختبار": "xn--mgbh0fb.xn--kgbechtv",
	} {
		if got := ASCIIHost(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
		if at, problem := checkHost(host); problem != "" {
			t.Errorf("%s: %s at %d", host, problem, at)
		}
	}
	if got := (Server{Host: "h", Name: "brücke.example"}).ReferenceName(); got != "xn--brcke-lva.example" {
		t.Errorf("got %q", got)
	}
}

func TestCheckAddress(t *testing.T) {
	for _, tt := range []struct {
		host     string
		part     Part
		position int
		text     string
	}{
		{"https://broker.example", SchemePart, 0, `"https"`},
		{"mqtts://broker.example:99999", PortPart, 23, "65535"},
		{"broker.example:88x3", PortPart, 17, "not a number"},
		{"broker.example/mqtt", PathPart, 14, "end after the port"},
		{"my broker.example", HostPart, 2, "space"},
		{"me:secret@broker.example", UserPart, 0, "set apart"},
		{"mqtts://broker.example", HostPart, 0, "whole address"},
		{"broker.example:8883", HostPart, 0, "whole address"},
		{"", HostPart, 0, "missing"},
	} {
		var e *AddressError
		if !errors.As(Server{Host: tt.host}.CheckAddress(), &e) || e.Part != tt.part || e.Position != tt.position || !strings.Contains(e.Text, tt.text) || e.Input != tt.host {
			t.Errorf("%q: %+v", tt.host, e)
		}
	}
	for _, host := range []string{"broker.example", "192.0.2.1", "::1", "fe80::1%eth0", "brücke.example"} {
		if err := (Server{Host: host}).CheckAddress(); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}
