package nameserver_test

import (
	"errors"
	"strings"
	"testing"

	"mutual/core/nameserver"
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
		_, err := nameserver.CertificateName(in)
		var name *nameserver.NameError
		if !errors.As(err, &name) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
	if name := strings.Repeat("a", 63) + ".example.org"; name != must(nameserver.CertificateName(name)) {
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
		got, err := nameserver.RecordName(in)
		var name *nameserver.NameError
		if got != want || (want == "") != errors.As(err, &name) {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestCertificateName(t *testing.T) {
	for in, want := range map[string]string{
		"MQTT.Example.org.": "mqtt.example.org", "*.Example.org": "*.example.org", "bücher.example": "xn--bcher-kva.example",
		"192.0.2.7": "192.0.2.7", "2001:DB8::1": "2001:db8::1", "localhost": "", "a b.example": "", "": "", "*": "", "a.*.example.org": "",
	} {
		got, err := nameserver.CertificateName(in)
		if (err == nil) != (want != "") || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}
