package profile

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is a setting that cannot be used as it is.
type Problem struct {
	Field string // as in the JSON: "server.port", "subscriptions[0].filter"
	Text  string // one sentence for people
}

// problems collects what Validate finds.
type problems []Problem

func (ps *problems) add(field, format string, args ...any) {
	*ps = append(*ps, Problem{Field: field, Text: fmt.Sprintf(format, args...)})
}

// Validate lists every setting that cannot be used, in the order of the form; none: the profile can be tried. It looks
// at no file: pki does.
func (p Profile) Validate() []Problem {
	var ps problems
	if strings.TrimSpace(p.Name) == "" {
		ps.add("name", "The profile has no name.")
	}
	if p.ID != "" && !ValidID(p.ID) {
		ps.add("id", "The profile's identifier %q holds other characters than letters, digits, hyphens and underscores.", p.ID)
	}
	p.Server.validate(&ps, p.Practice)
	p.TLS.validate(&ps)
	for i, file := range p.Trust.Files {
		if strings.TrimSpace(file) == "" {
			ps.add(fmt.Sprintf("trust.files[%d]", i), "CA file %d has no path.", i+1)
		}
	}
	if p.ClientCertificate.CertificateFile == "" && p.ClientCertificate.KeyFile != "" {
		ps.add("client_certificate.certificate_file", "There is a client key, but no client certificate that belongs to it.")
	}
	p.MQTT.validate(&ps)
	for i, s := range p.Subscriptions {
		s.validate(&ps, fmt.Sprintf("subscriptions[%d]", i))
	}
	return ps
}

func (s Server) validate(ps *problems, practice bool) {
	if s.Transport != MQTTS && s.Transport != MQTT && s.Transport != WSS && s.Transport != WS {
		ps.add("server.transport", "The transport %q is not mqtts, mqtt, wss or ws.", s.Transport)
	}
	var wrong *AddressError
	if errors.As(s.CheckAddress(), &wrong) && !(practice && s.Host == "") {
		ps.add("server.host", "%s", wrong.Text)
	}
	if s.Port < 0 || s.Port > 65535 {
		ps.add("server.port", "The port %d is not between 1 and 65535.", s.Port)
	}
	if s.Name != "" {
		if _, problem := checkHost(s.Name); problem != "" {
			ps.add("server.name", "%s", problem)
		}
	}
	if s.Path != "" {
		if _, problem := checkPath(s.Path); problem != "" {
			ps.add("server.path", "%s", problem)
		}
	}
	if s.Proxy != "" {
		var e *AddressError
		if _, err := ParseProxy(s.Proxy); errors.As(err, &e) {
			ps.add("server.proxy", "%s", e.Text)
		}
	}
	for i, name := range s.ALPN {
		if len(name) == 0 || len(name) > 255 { // RFC 7301 §3.1: opaque ProtocolName<1..2^8-1>
			ps.add(fmt.Sprintf("server.alpn[%d]", i), "The ALPN protocol name %d is not 1 to 255 bytes long.", i+1)
		}
	}
}

func (m Settings) validate(ps *problems) {
	if m.Version != "" && m.Version != Version5 && m.Version != Version311 {
		ps.add("mqtt.version", "The MQTT version %q is not 5 or 3.1.1.", m.Version)
	}
	if m.KeepAlive < 0 || m.KeepAlive > 65535 {
		ps.add("mqtt.keep_alive_seconds", "The keep-alive of %d seconds is not between 0 and 65535.", m.KeepAlive)
	}
	if problem := checkString(m.ClientID); problem != "" {
		ps.add("mqtt.client_id", "The client identifier %s.", problem)
	}
	if problem := checkString(m.UserName); problem != "" {
		ps.add("mqtt.user_name", "The user name %s.", problem)
	}
}

func (s Subscription) validate(ps *problems, field string) {
	if problem := CheckFilter(s.Filter); problem != "" {
		ps.add(field+".filter", "%s", problem)
	}
	if s.QoS > 2 {
		ps.add(field+".qos", "The quality of service %d of %q is not 0, 1 or 2.", s.QoS, s.Filter)
	}
}

// CheckFilter says in one sentence what is wrong with a Topic Filter (MQTT 5.0 §4.7); empty: nothing.
func CheckFilter(filter string) string {
	if filter == "" {
		return "The topic filter is empty."
	}
	if problem := checkString(filter); problem != "" {
		return fmt.Sprintf("The topic filter %s.", problem)
	}
	if rest, shared := strings.CutPrefix(filter, "$share/"); shared { // MQTT 5.0 §4.8.2
		group, topic, found := strings.Cut(rest, "/")
		if group == "" || strings.ContainsAny(group, "+#") || !found || topic == "" {
			return fmt.Sprintf("The shared subscription %q is not of the form $share/group/filter.", filter)
		}
		filter = topic
	}
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		switch {
		case strings.Contains(level, "#") && (level != "#" || i != len(levels)-1):
			return fmt.Sprintf("In the topic filter %q, \"#\" may stand only by itself after the last slash.", filter)
		case strings.Contains(level, "+") && level != "+":
			return fmt.Sprintf("In the topic filter %q, \"+\" may stand only by itself between slashes.", filter)
		}
	}
	return ""
}

// checkString applies the rules of MQTT's UTF-8 encoded strings (MQTT 5.0 §1.5.4); the result completes a sentence.
func checkString(s string) string {
	switch {
	case len(s) > 65535:
		return fmt.Sprintf("is %d bytes long, more than the 65535 that MQTT can carry", len(s))
	case !utf8.ValidString(s):
		return "is not UTF-8 text"
	case strings.ContainsRune(s, 0):
		return "holds a null character"
	}
	return ""
}
