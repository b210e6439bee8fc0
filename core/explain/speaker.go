package explain

import "sync"

// speaker is who wrote a line. It decides whose certificate was judged: a client judges the server's, a broker the
// client's.
type speaker int

const (
	unknown speaker = iota
	client
	broker
)

// What settles the matter wherever it stands: OpenSSL and Erlang name the side in their functions. A bridge is a client,
// though it writes in a broker's log.
var (
	serverSide = marks(`accept_sr_`, `get_client_(?:hello|certificate|key)`, `process_client_(?:hello|certificate|key)`, `post_process_client`, `tls server:`, `serverhandshaker`, `checkclient(?:trusted|certs)`, `tls handshake error from`, `client connection from \S+ failed`)
	clientSide = marks(`connect_cr_`, `get_server_(?:hello|certificate|done)`, `process_server_(?:hello|certificate|done)`, `tls client:`, `checkserver(?:trusted|certs)`, `\bbridge\b[^\n]{0,80}(?:connect|sending)`, `connection to "[^"\n]*":\d+ failed`)
)

// What only a broker writes, and what only a client writes.
var (
	brokerMarks = marks(
		`\bnew connection from\b`, `\bnew client connected\b`, `client <?[\w.:-]+>? disconnected`, `socket error on client`,
		`mosquitto\[`, `mosquitto(?:\[\d+\])?: \d{9,}: `, `(?:^|[:"'|>\]] ?)\d{10}: `, `^\W?\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(?:z|[+-]\d{4})?: `, `home-assistant mosquitto`,
		`tls handshake error from`, `tls handshake from`, `tls server: `, `esockd`, `emqx_`, `emqttd`, `vernemq`, `vmq_`, `rabbit`, `\[emqx\]`, `generated server alert`,
		`listener`, `serverhandshaker`, `checkclienttrusted`, `certificatemessage\$t1[23]certificateconsumer\.checkclientcerts`, `moquette`, `mqtttransporthandler`, `com\.hivemq\.(?:bootstrap|mqtt\.handler|security)`,
		`accept_sr_`, `ssl3_get_client_`, `ssl23_get_client_hello`, `ssl23_accept`, `tls_process_client_certificate`, `tls_(?:early_)?post_process_client_hello`, `ssl_accept`, `tlsclienterror`,
		`disconnected: (?:protocol error|not authori)`, `client [^\n]{0,60}on port \d+`, `while ssl handshaking`, `from client`, `broker (?:log|side|says)`, `sending connack to`, `client ssl certificate`, `client certificate verif`, `failed to verify client certificate`, `http_request`,
	)
	clientMarks = marks(
		`mosquitto_(?:pub|sub|rr)`, `a tls error occurred`, `org\.eclipse\.paho`, `mqttexception`, `mqtt\.?js`, `mqttx`, `mqtt[ -]explorer`, `connect(?:ion)? fail`, `onconnectsecure`,
		`s_client`, `connected\(0000`, `verify return code`, `esp-tls`, `esp_tls`, `mqtt_client`, `ssl_client\.cpp`, `wificlientsecure`, `\bcurl\b`, `_ssl\.c`, `network error ?:`, `tls client: `, `dial tcp`,
		`failed to connect`, `unable to connect`, `cannot connect`, `connect error`, `ssl_connect\b`, `tls_process_server_`, `tls_process_cert_verify`, `connect_cr_`, `ssl3_get_server_`, `ssl23_get_server_hello`, `ssl_do_handshake`, `do_handshake`,
		`generated client alert`, `received server alert`, `checkservertrusted`, `checkservercerts`, `com\.hivemq\.client`, `mqtt:? connection`, `home-assistant\.components\.mqtt`, `client connection`, `tlsv1 alert .{0,60}_ssl`, `sslnetworkmodule`,
	)
)

// markSet are expressions of which each match counts.
type markSet struct{ *lazyMarks }

// lazyMarks are made ready when they are first looked for.
type lazyMarks struct {
	expressions []string
	once        sync.Once
	patterns    []pattern
}

func marks(expressions ...string) markSet { return markSet{&lazyMarks{expressions: expressions}} }

func (l *lazyMarks) all() []pattern {
	l.once.Do(func() {
		for _, e := range l.expressions {
			l.patterns = append(l.patterns, newPattern(`(?m)`+e))
		}
	})
	return l.patterns
}

// count is how many of the marks stand in a text; one that is repeated counts once.
func (m markSet) count(s string) int {
	n := 0
	for _, p := range m.all() {
		if p.match(s) {
			n++
		}
	}
	return n
}

func (m markSet) any(s string) bool {
	for _, p := range m.all() {
		if p.match(s) {
			return true
		}
	}
	return false
}

// speaker says who wrote the line at a place. The line itself counts most, then the lines around it, then all.
func (t *text) speaker(at int) speaker {
	line, start := t.line(at)
	if s, ok := t.speakers[start]; ok {
		return s
	}
	s := settled(line)
	if s == unknown {
		s = weigh(line)
	}
	if s == unknown {
		s = weigh(t.around(at, 400))
	}
	if s == unknown {
		s = t.whole()
	}
	t.speakers[start] = s
	return s
}

// settled is the side that a line names itself.
func settled(line string) speaker {
	s, c := serverSide.any(line), clientSide.any(line)
	switch {
	case s && !c:
		return broker
	case c && !s:
		return client
	}
	return unknown
}

// whole is who wrote the text as a whole, worked out once.
func (t *text) whole() speaker {
	if !t.weighed {
		t.all, t.weighed = weigh(t.s), true
	}
	return t.all
}

// weigh counts the marks of each. As many of one as of the other say nothing.
func weigh(s string) speaker {
	b, c := brokerMarks.count(s), clientMarks.count(s)
	switch {
	case b > c:
		return broker
	case c > b:
		return client
	}
	return unknown
}

// programs names the program by what only it writes, the most particular first.
var programs = []struct {
	name  string
	marks markSet
}{
	{"python", marks(`_ssl\.c`, `\[ssl: `, `ssl\.ssl\w*error`, `traceback \(most recent`, `\.py"?,? line`, `paho\.mqtt\.client`, `paho-mqtt`, `\bpython`)},
	{"mbedtls", marks(`mbed ?tls`, `esp-tls`, `esp_tls`, `ssl_client\.cpp`, `wificlientsecure`, `mqtt_client:`)},
	{"node", marks(`_tls_wrap`, `tlssocket`, `mqtt\.?js`, `mqttx`, `mqtt[ -]explorer`, `\bnode:`, `\bnode(?:js|\.js)?\b`, `deps/openssl`, `code: '`, `errno: -\d+`, `syscall: `, `getaddrinfo e\w+`, `connect e[a-z]{4,}`, `read econn`, `err_(?:tls|ssl|ossl)_`)},
	{"rustls", marks(`rustls`, `webpki`, `rumqtt`, `alertreceived`, `invalidcertificate\(`, `invalid peer certificate`)},
	{"curl", marks(`\bcurl\b`, `curl_errno`, `schannel`)},
	{"java", marks(`javax\.net`, `java\.(?:net|io|security|lang)`, `mqttexception`, `sun\.security`, `\.java:\d`, `com\.hivemq`, `conscrypt`, `io\.netty`, `fatal alert: [a-z]+_`)},
	{"erlang", marks(`\.erl:\d`, `tls_alert`, `emqx`, `emqttd`, `vernemq`, `rabbit`, `esockd`, `ssl_error,`, `bad_cert,`)},
	{"go", marks(`x509: `, `\btls: `, `dial tcp`, `\bgoroutine\b`, `remote error: `, `\blookup \S+ on `)},
	{"mosquitto", marks(`mosquitto`, `openssl error(?:\[\d+\])?:`, `a tls error occurred`, `socket error on client`, `(?:^|["'|>\]] ?)\d{10}: `, `client <unknown>`)},
	{"gnutls", marks(`gnutls`, `\*\*\* fatal error`)},
}

// program names the family of the program that wrote the line at a place, by the line and else by all of the text.
// OpenSSL's words come out of so many programs that they are the default for what is about TLS.
func (t *text) program(at int) string {
	line, _ := t.line(at)
	for _, s := range []string{line, t.s} {
		for _, p := range programs {
			if p.marks.any(s) {
				return p.name
			}
		}
	}
	switch {
	case aboutTLS.any(t.s):
		return "openssl"
	case mqttWords.MatchString(t.s) || authorized.any(t.s):
		return "mqtt"
	}
	return "system"
}

var (
	aboutTLS   = marks(`ssl`, `tls`, `cert`, `x509`, `alert`, `verif`, `\bpem\b`, `private key`, `unable_to`, `error \d`, `issuer`, `protocol`)
	authorized = marks(`authori[sz]ed`)
)
