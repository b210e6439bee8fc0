package explain

import (
	"strconv"
	"strings"
	"sync"

	"mutual/core/expression"
)

// alert is one alert of TLS (RFC 8446 §6, RFC 5246 §7.2) with its names in every stack and what it means.
type alert struct {
	number int
	names  string // alternatives; a blank stands for nothing, blanks, underscores or hyphens
	// server is what it means when the server sent it: it judged the client's certificate, or the client's hello.
	server []cause
	// client is what it means when the client sent it: it judged the server's. Nil: the same.
	client []cause
}

// alertForms are the ways in which an alert's name stands in a text; NAME is put in. OpenSSL says "tlsv1 alert unknown
// ca", Node and Python TLSV1_ALERT_UNKNOWN_CA, Go "remote error: tls: unknown certificate authority", Java "fatal alert:
// unknown_ca", Erlang "Fatal - Unknown CA" and {tls_alert,{unknown_ca,…}}, rustls AlertReceived(UnknownCA), NSS
// SSL_ERROR_UNKNOWN_CA_ALERT.
const alertForms = `(?:(?:tlsv1[23]?|sslv3|tls|ssl|fatal|warning)[\s_:-]*)?alert(?:[\s_]?received|description)?[\s_:,;({"'=\[-]+(?:(?:from (?:peer|server|client)|read|write|msg|fatal|level|description|number \d+)[\s,:;_=({"'-]*)*(?:NAME)\b` +
	`|fatal (?:- |error: |\()(?:NAME)\b` +
	`|remote error: (?:tls: )?(?:NAME)\b` +
	`|tls_alert,\s*[{"'<\[]*\s*(?:NAME)\b` +
	`|ssl_error_(?:NAME)_alert\b`

// alertNumber is every form in which an alert's number stands.
var alertNumber = newPattern(`(?:ssl |tls )?alert(?: number| code| description| message| desc)?(?: is)?[\s_:=(\[#-]*(\d{1,3})\b|fatal alert code is (\d{1,3})|alert message \(msg (\d{1,3})\)|alert \[level \d+[:;,] ?description (\d{1,3})|\{alert,\s*2,\s*(\d{1,3}),`)

// encryptedAlert is Wireshark's name for the record, whose type is 21: not a number of an alert.
var encryptedAlert = expression.New(`encrypted alert|content type`)

type alertNames struct {
	alert
	pattern pattern
}

var alertMatchers = sync.OnceValue(func() []alertNames {
	var ready []alertNames
	for _, a := range alertList() {
		names := strings.ReplaceAll(a.names, " ", `[\s_-]*`)
		ready = append(ready, alertNames{a, newPattern(strings.ReplaceAll(alertForms, "NAME", names))})
	}
	return ready
})

// alerts finds TLS alerts by name and by number.
func (t *text) alerts() []hit {
	if !strings.Contains(t.s, "alert") && !strings.Contains(t.s, "fatal") && !strings.Contains(t.s, "remote error") {
		return nil
	}
	var hits []hit
	for _, a := range alertMatchers() {
		for _, at := range a.pattern.find(t.s, maxHits) {
			hits = append(hits, t.alertHit(a.alert, at[0], at[1]))
		}
	}
	for _, at := range alertNumber.find(t.s, maxHits) {
		line, _ := t.line(at[0])
		n := firstNumber(t.s, at)
		if a, ok := alertOf(n); ok && !encryptedAlert.MatchString(line) {
			hits = append(hits, t.alertHit(a, at[0], at[1]))
		}
	}
	return hits
}

// firstNumber is the value of the first group that matched.
func firstNumber(s string, at []int) int {
	for g := 2; g+1 < len(at); g += 2 {
		if at[g] >= 0 {
			n, _ := strconv.Atoi(s[at[g]:at[g+1]]) // at most three digits
			return n
		}
	}
	return 0
}

func alertOf(number int) (alert, bool) {
	for _, a := range alertList() {
		if a.number == number {
			return a, true
		}
	}
	return alert{}, false
}

func (t *text) alertHit(a alert, start, end int) hit {
	h := hit{start: start, end: end, tier: exact, code: strconv.Itoa(a.number)}
	switch sender := t.sender(a.number, start, end); {
	case sender == client && a.client != nil:
		h.causes = a.client
	case sender == unknown && a.client != nil:
		h.causes = either(a.server, a.client)
	default:
		h.causes = a.server
	}
	if a.number == 40 {
		h.tier = coarse
		h.causes = t.handshakeFailure(h.causes, start)
	}
	if len(h.causes) > 0 && h.causes[0].id == "tls-alert" {
		h.tier = coarse
	}
	return h
}

// either is both readings, none of them sure.
func either(first, second []cause) []cause {
	var all []cause
	for _, list := range [][]cause{first, second} {
		for _, c := range list {
			c.confidence = min(c.confidence, likely)
			all = append(all, c)
		}
	}
	return all
}

var (
	serverAlert   = expression.New(`\bserver alert\b`)
	clientAlert   = expression.New(`\bclient alert\b`)
	alertOut      = expression.New(`generated and sent to the remote|\bsen(?:t|d|ding) (?:a )?(?:fatal )?(?:tls )?alert|alert (?:was )?sent|>>> ?tls[^\n]{0,40}alert|write:fatal`)
	erlangOwn     = expression.New(`ssl_handshake\.erl|tls_handshake\w*\.erl|ssl_cipher\.erl`)
	erlangWire    = expression.New(`ssl_alert\.erl`)
	erlangTuple   = expression.New(`tls_alert,`)
	opensslPrefix = expression.New(`openssl error`)
)

// neverErlangs is certificate_unknown, which Erlang's ssl has no use for in a judgement (ssl_handshake:path_validation_alert):
// in a broker's log it came from the client.
const neverErlangs = 46

// sender is which side sent the alert at a place. A program that prints an alert has mostly received it, so the sender
// is the other side of the one who wrote the line.
func (t *text) sender(number, start, end int) speaker {
	line, _ := t.line(start)
	near := t.s[max(0, start-200):min(len(t.s), end+200)] // Erlang's terms run over several lines
	who := t.speaker(start)
	for _, s := range []string{line, near} {
		toServer, toClient := serverAlert.MatchString(s), clientAlert.MatchString(s)
		if toServer != toClient {
			return map[bool]speaker{true: broker, false: client}[toServer]
		}
	}
	switch {
	case alertOut.MatchString(line) && who == unknown:
		return client
	case alertOut.MatchString(line):
		return who
	case erlangTuple.MatchString(near) && erlangWire.MatchString(near):
		return client
	case erlangWire.MatchString(line) && who != client:
		return client
	case (erlangTuple.MatchString(line) || erlangOwn.MatchString(line)) && who == broker && number != neverErlangs:
		return broker
	case who == broker:
		return client
	case who == unknown && erlangTuple.MatchString(line):
		return unknown // a broker's, most likely, but the direction is not said
	case who == unknown && opensslPrefix.MatchString(line):
		return unknown // mosquitto writes it so in the broker's log, and so does its client library
	}
	return broker
}

var (
	atHello       = expression.New(`in state (?:hello|start)|ssl: hello:|client[\s_]?hello|server[\s_]?hello`)
	atCertificate = expression.New(`in state (?:certify|cipher|wait_cert|wait_cv|wait_finished|connection)|ssl: (?:certify|cipher|connection):|certificate ?request|write client certificate|client key exchange|peer did not return`)
)

// handshakeFailure orders the causes of alert 40 by how far the handshake had come: before the certificates it is about
// versions and cipher suites, after them about the client's certificate.
func (t *text) handshakeFailure(causes []cause, start int) []cause {
	near := t.around(start, 600)
	if !atCertificate.MatchString(near) || atHello.MatchString(near) {
		return causes
	}
	sorted := make([]cause, 0, len(causes))
	for _, c := range causes {
		if strings.HasPrefix(c.id, "client-certificate") {
			sorted = append(sorted, c)
		}
	}
	for _, c := range causes {
		if !strings.HasPrefix(c.id, "client-certificate") {
			c.confidence = possible
			sorted = append(sorted, c)
		}
	}
	return sorted
}
