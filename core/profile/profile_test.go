package profile

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// full has every field set, found by reflection, so that a field added later is in the tests by itself.
func full(t *testing.T) Profile {
	t.Helper()
	var p Profile
	fill(t, reflect.ValueOf(&p).Elem(), "Profile")
	return p
}

func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("x" + strings.ToLower(name[strings.LastIndex(name, ".")+1:]))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(2)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), name+"."+v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s: no value for a %s", name, v.Kind())
	}
}

func TestDefaults(t *testing.T) {
	p := New("Mine")
	if p.Name != "Mine" || p.Server.Transport != MQTTS || p.MQTT.KeepAlive != 60 || !p.MQTT.CleanStart || p.Practice {
		t.Errorf("got %+v", p)
	}
	if p.ID == New("Mine").ID || !ValidID(p.ID) {
		t.Errorf("the ID %q is not random or not fit for a file name", p.ID)
	}
	if p.Trust.DoNotVerify {
		t.Error("a new profile does not verify the server")
	}
	practice := Practice()
	if practice.Name != "Practice broker" || !practice.Practice || len(practice.Validate()) > 0 {
		t.Errorf("got %+v: %v", practice, practice.Validate())
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for _, p := range []Profile{full(t), New("Mine"), Practice(), {}} {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got Profile
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	p := full(t)
	before, _ := json.Marshal(p)
	clone := p.Clone()
	if diff := cmp.Diff(p, clone); diff != "" {
		t.Fatal(diff)
	}
	scramble(reflect.ValueOf(&clone).Elem())
	if after, _ := json.Marshal(p); string(after) != string(before) {
		t.Errorf("changing the clone changed the original:\n%s\n%s", before, after)
	}
}

// scramble changes every element in place.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("changed")
	case reflect.Struct:
		for i := range v.NumField() {
			scramble(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scramble(v.Index(i))
		}
	}
}

func TestTrustSources(t *testing.T) {
	files := []string{"ca.pem"}
	for _, test := range []struct {
		name                  string
		trust                 Trust
		file, system, mozilla bool
	}{
		{"zero value: the public authorities", Trust{}, false, true, true},
		{"files only", Trust{Files: files}, true, false, false},
		{"files and system", Trust{Files: files, System: true}, true, true, false},
		{"files and Mozilla", Trust{Files: files, Mozilla: true}, true, false, true},
		{"all", Trust{Files: files, System: true, Mozilla: true}, true, true, true},
		{"system only", Trust{System: true}, false, true, false},
		{"Mozilla only", Trust{Mozilla: true}, false, false, true},
		{"not verifying changes nothing", Trust{Files: files, DoNotVerify: true}, true, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, system, mozilla := test.trust.Sources()
			if file != test.file || system != test.system || mozilla != test.mozilla {
				t.Errorf("got %v %v %v", file, system, mozilla)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	good := func() Profile {
		p := New("Mine")
		p.Server.Host = "broker.example"
		return p
	}
	tests := []struct {
		field string // "" when nothing may be found
		set   func(*Profile)
	}{
		{"", func(*Profile) {}},
		{"", func(p *Profile) { p.Server.Host = "::1" }},
		{"", func(p *Profile) {
			p.Server = Server{Transport: MQTT, Host: "h", Port: 65535, Name: "192.0.2.1", ALPN: []string{"mqtt"}}
		}},
		{"", func(p *Profile) { p.ClientCertificate = ClientCertificate{CertificateFile: "both.pem"} }},
		{"", func(p *Profile) {
			p.Subscriptions = []Subscription{{"#", 0}, {"a/+/#", 1}, {"+", 2}, {"$share/g/a/#", 0}, {"/", 0}}
		}},
		{"name", func(p *Profile) { p.Name = " " }},
		{"id", func(p *Profile) { p.ID = "../x" }},
		{"server.transport", func(p *Profile) { p.Server.Transport = "http" }},
		{"", func(p *Profile) { p.Server.Transport, p.Server.Path = WSS, "/a?b" }},
		{"", func(p *Profile) { p.Server.Proxy = "socks5://me@[::1]:1080" }},
		{"server.path", func(p *Profile) { p.Server.Transport, p.Server.Path = WSS, "mqtt" }},
		{"server.path", func(p *Profile) { p.Server.Transport, p.Server.Path = WS, "/a\r\nHost: b" }},
		{"server.proxy", func(p *Profile) { p.Server.Proxy = "http://proxy.example" }},
		{"server.proxy", func(p *Profile) { p.Server.Proxy = "ftp://proxy.example:21" }},
		{"server.host", func(p *Profile) { p.Server.Host = "" }},
		{"server.host", func(p *Profile) { p.Server.Host = "mqtts://h" }},
		{"server.host", func(p *Profile) { p.Server.Host = "[::1]" }},
		{"server.port", func(p *Profile) { p.Server.Port = 65536 }},
		{"server.port", func(p *Profile) { p.Server.Port = -1 }},
		{"server.name", func(p *Profile) { p.Server.Name = "a b" }},
		{"server.alpn[1]", func(p *Profile) { p.Server.ALPN = []string{"mqtt", ""} }},
		{"trust.files[0]", func(p *Profile) { p.Trust.Files = []string{""} }},
		{"client_certificate.certificate_file", func(p *Profile) { p.ClientCertificate.KeyFile = "k" }},
		{"mqtt.keep_alive_seconds", func(p *Profile) { p.MQTT.KeepAlive = 65536 }},
		{"mqtt.client_id", func(p *Profile) { p.MQTT.ClientID = "a\x00" }},
		{"mqtt.client_id", func(p *Profile) { p.MQTT.ClientID = strings.Repeat("a", 65536) }},
		{"mqtt.user_name", func(p *Profile) { p.MQTT.UserName = "\xff" }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"", 0}} }},
		{"subscriptions[1].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"a", 0}, {"a/#/b", 0}} }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"a#", 0}} }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"a/b+", 0}} }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"$share/g", 0}} }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"$share//a", 0}} }},
		{"subscriptions[0].filter", func(p *Profile) { p.Subscriptions = []Subscription{{"$share/+/a", 0}} }},
		{"subscriptions[0].qos", func(p *Profile) { p.Subscriptions = []Subscription{{"a", 3}} }},
	}
	for _, test := range tests {
		p := good()
		test.set(&p)
		problems := p.Validate()
		switch {
		case test.field == "" && len(problems) > 0:
			t.Errorf("%+v: %v", p, problems)
		case test.field == "":
		case len(problems) != 1 || problems[0].Field != test.field:
			t.Errorf("got %v, want one problem in %s", problems, test.field)
		case !strings.HasSuffix(problems[0].Text, "."):
			t.Errorf("not a sentence: %q", problems[0].Text)
		}
	}
}
