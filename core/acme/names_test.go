package acme

import (
	"errors"
	"strings"
	"testing"
)

// TestNameErrors: a name that no certificate can have is refused with what is wrong with it, before an order is placed.
func TestNameErrors(t *testing.T) {
	long := strings.Repeat("abcdef.", 40) + "example.org"
	for in, want := range map[string]string{
		"localhost":                              "is not a full domain name",
		"https://mqtt.example.org":               "is a whole address",
		"mqtt.example.org:8883":                  "has a port",
		"a.example.org,b.example":                "each name is given by itself",
		"a b.example.org":                        "each name is given by itself",
		"a_b.example.org":                        "has an underscore",
		"*.*.example.org":                        "has a star elsewhere",
		"a.*.example.org":                        "has a star elsewhere",
		"a..example.org":                         "two dots",
		".example.org":                           "two dots",
		strings.Repeat("a", 64) + ".example.org": "a part longer than 63",
		long:                                     "longer than a name can be, which is 253",
		"-a.example.org":                         "is not a full domain name",
		"":                                       "no name is given",
	} {
		_, err := orderName(in)
		var name *NameError
		if !errors.As(err, &name) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
	if name := strings.Repeat("a", 63) + ".example.org"; name != must(orderName(name)) {
		t.Errorf("%s is refused", name)
	}
}

func must(name string, err error) string {
	if err != nil {
		return err.Error()
	}
	return name
}

func TestRecordName(t *testing.T) {
	for in, want := range map[string]string{
		"MQTT.Bücher.example.": "mqtt.xn--bcher-kva.example", "_acme-challenge.a.example": "_acme-challenge.a.example", "*.a.example": "*.a.example",
		"a.example:8883": "", "https://a.example": "", "192.0.2.7": "", "2001:db8::1": "", "not a host": "", "a": "", "": "", "a..example": "",
		"a.*.example": "", strings.Repeat("a", 64) + ".example": "", "a(b.example": "",
	} {
		got, err := RecordName(in)
		var name *NameError
		if got != want || (want == "") != errors.As(err, &name) {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestCheck: what no authority can do is refused before one is asked.
func TestCheck(t *testing.T) {
	d := Directory{URL: "https://ca.example/dir"}
	var (
		name      *NameError
		kind      *KeyTypeError
		proof     *ProofError
		directory *DirectoryError
	)
	for _, c := range []struct {
		r         Request
		challenge string
		as        any
	}{
		{Request{Directory: d, Names: []string{"a.example"}}, DNS01, nil},
		{Request{Directory: d, Names: []string{"192.0.2.7"}}, HTTP01, nil},
		{Request{Directory: d}, DNS01, &name},
		{Request{Directory: d, Names: []string{"a.example"}, KeyType: "dsa:1024"}, DNS01, &kind},
		{Request{Directory: d, Names: []string{"a.example", "*.a.example"}}, HTTP01, &proof},
		{Request{Directory: d, Names: []string{"192.0.2.7"}}, DNS01, &proof},
		{Request{Directory: Directory{URL: "http://ca.example/dir"}, Names: []string{"a.example"}}, DNS01, &directory},
		{Request{Directory: Directory{URL: "ca.example"}, Names: []string{"a.example"}}, DNS01, &directory},
		{Request{Names: []string{"a.example"}}, DNS01, &directory},
	} {
		err := c.r.Check(c.challenge)
		if (c.as == nil) != (err == nil) || c.as != nil && !errors.As(err, c.as) {
			t.Errorf("%+v by %s: %v", c.r, c.challenge, err)
		}
	}
}
