package report

import (
	"net/url"
	"strings"
)

// ProbeDoing says what is being asked by a probe, as a sentence without its end.
func ProbeDoing(name string) string {
	kind, of, _ := strings.Cut(name, ":")
	switch {
	case name == "plain-connect":
		return "Asking the broker whether it speaks MQTT without TLS"
	case name == "server-hello":
		return "Asking the broker whether it speaks TLS"
	case name == "small-hello":
		return "Trying a smaller TLS hello"
	case name == "no-server-name":
		return "Trying without a server name"
	case kind == "alpn" && of == "":
		return "Trying without an application protocol"
	case kind == "alpn":
		return "Trying with the application protocol " + of
	}
	switch kind {
	case "issuer":
		return "Fetching a certificate that the broker leaves out, from " + hostOf(of)
	case "crl":
		return "Fetching the revocation list from " + hostOf(of)
	case "ocsp":
		return "Asking " + hostOf(of) + " whether a certificate was revoked"
	}
	if v, ok := strings.CutPrefix(name, "version-"); ok {
		return "Asking the broker whether it accepts TLS " + v
	}
	if v, ok := strings.CutPrefix(name, "any-key-"); ok {
		return "Offering the broker every kind of key in TLS " + v
	}
	if v, ok := strings.CutPrefix(name, "mqtt-"); ok {
		return "Asking the broker whether it speaks MQTT " + v
	}
	if n, ok := strings.CutPrefix(name, "port-"); ok {
		return "Looking whether anything listens on port " + n
	}
	return "Looking further: " + strings.ReplaceAll(name, "-", " ")
}

// hostOf is whom an address belongs to, for a line of text.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
