package explain

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestVerifyNumbersInEveryForm(t *testing.T) {
	for _, text := range []string{
		"error 20", "verify error:num=20:unable to get local issuer certificate", "num=20", "Verify return code: 20",
		"Verification error: 20", "error 20 at 1 depth lookup: unable to get local issuer certificate",
		"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable_to_get_issuer_cert_locally", "UNABLE TO GET LOCAL ISSUER CERTIFICATE",
		"2024-05-01T10:00:00Z [E] \"unable to get   local issuer certificate\"", `{"msg":"verify error:num=20:\"unable to get local issuer certificate\""}`,
		"openssl error 20 depth 1",
	} {
		if got := first(text); got != "root-unknown" {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// Error 20 at depth 0 is about the leaf's own issuer, and 21 follows it when nothing but the leaf was sent.
func TestDepthDecides(t *testing.T) {
	for text, want := range map[string]string{
		"error 20 at 0 depth lookup: unable to get local issuer certificate":                                                     "intermediate-missing",
		"depth=0 CN = broker\nverify error:num=20:unable to get local issuer certificate":                                        "intermediate-missing",
		"depth=1 CN = CA\nverify error:num=20:unable to get local issuer certificate":                                            "root-unknown",
		"verify error:num=20:unable to get local issuer certificate\nverify error:num=21:unable to verify the first certificate": "intermediate-missing",
	} {
		if got := first(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestErrorTwoHasItsCauses(t *testing.T) {
	m := Explain("Error: unable to get issuer certificate")
	if len(m) < 2 || m[0].ID != "anchor-not-root" || m[1].ID != "anchor-not-self-consistent" || m[0].Code != "2" {
		t.Errorf("%v", ids(m))
	}
}

// One alert in every stack's spelling, as a client prints it: the broker does not trust the client certificate.
func TestAlertsInEverySpelling(t *testing.T) {
	for _, text := range []string{
		"tlsv1 alert unknown ca", "SSL alert number 48", "alert(48)", "Received fatal alert: unknown_ca", "remote error: tls: unknown certificate authority",
		"ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2578)", "AlertReceived(UnknownCA)",
		"received fatal alert: UnknownCA", "*** Received alert [48]: CA is unknown", "SSL_ERROR_UNKNOWN_CA_ALERT", "SSL3 alert read:fatal:unknown CA",
		"TLS client: In state connection received SERVER ALERT: Fatal - Unknown CA", `{tls_alert,{unknown_ca,"TLS client: In state connection received SERVER ALERT: Fatal - Unknown CA\n"}}`,
		"curl: (56) OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0", "is a fatal alert message (msg 48)",
	} {
		if got := first(text); got != "client-certificate-unknown-ca" {
			t.Errorf("%q: %v", text, ids(Explain(text)))
		}
	}
}

// The same alert means the other certificate when the other side wrote the line.
func TestWhoWroteTheLineDecides(t *testing.T) {
	for text, want := range map[string]string{
		"1700000000: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca":                                              "root-unknown",
		"mosquitto_pub: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca":                                           "client-certificate-unknown-ca",
		"http: TLS handshake error from 10.0.0.7:5000: remote error: tls: unknown certificate authority":                                 "root-unknown",
		"http: TLS handshake error from 10.0.0.7:5000: tls: client didn't provide a certificate":                                         "client-certificate-required",
		"http: TLS handshake error from 10.0.0.7:5000: tls: failed to verify certificate: x509: certificate signed by unknown authority": "client-certificate-unknown-ca",
		"TLS server: In state certify received CLIENT ALERT: Fatal - Unknown CA":                                                         "root-unknown",
		"TLS server: In state wait_cert at ssl_handshake.erl:2117 generated SERVER ALERT: Fatal - Unknown CA":                            "client-certificate-unknown-ca",
		"TLS client: In state certify at ssl_handshake.erl:1768 generated CLIENT ALERT: Fatal - Unknown CA":                              "root-unknown",
		"[error] emqx esockd {tls_alert,{certificate_expired,[]}}":                                                                       "client-certificate-expired",
		"1700000000: OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed":                                           "client-certificate-unknown-ca",
		"SSL3 alert write:fatal:unknown CA": "root-unknown",
	} {
		if got := first(text); got != want {
			t.Errorf("%q: %v, want %q", text, ids(Explain(text)), want)
		}
	}
}

func TestFlagsAreDecoded(t *testing.T) {
	got := map[string]bool{}
	for _, m := range Explain("esp-tls: mbedtls_ssl_handshake returned -0x2700, flags = 0x0c") {
		got[m.ID] = true
	}
	if !got["name-mismatch"] || !got["root-unknown"] || got["certificate-expired"] {
		t.Errorf("%v", got)
	}
}

func TestMQTTAnswersAreNotNetworkFaults(t *testing.T) {
	for text, want := range map[string]string{
		"Connection Refused: not authorised.": "mqtt-refused", "Connection refused: Bad username or password": "mqtt-refused",
		"Connection Refused: identifier rejected.": "mqtt-client-id-in-use", "Connection refused: Unacceptable protocol version": "mqtt-version-unsupported",
		"connect failed, reason code 0x87": "mqtt-refused", "CONNACK reason code 135": "mqtt-refused", "Connected with result code 5": "mqtt-refused",
		"DISCONNECT reason code 0x8e": "mqtt-client-id-in-use", "received SUBACK with reason code 0x87": "mqtt-subscribe-refused",
		"PUBACK reasonCode: 135": "mqtt-publish-refused", "MqttException (4)": "mqtt-refused", "connect ECONNREFUSED 127.0.0.1:8883": "tcp-refused",
		"Session taken over": "mqtt-client-id-in-use", "MQTT_CONNACK return code: 4": "mqtt-refused",
	} {
		if got := first(text); got != want {
			t.Errorf("%q: %v, want %q", text, ids(Explain(text)), want)
		}
	}
}

func TestNonsenseMeansNothing(t *testing.T) {
	for _, text := range []string{
		"", " \n\t", "hello world", "the quick brown fox jumps over the lazy dog", "Verify return code: 0 (ok)", "connected", "42", "-1",
		"Client mosq-1 received CONNACK (0)", "1700000000: New connection from 127.0.0.1:1 on port 8883.", "SELECT * FROM certificates", "\x00\xff\xfe",
		"curl error 0", "HTTP/1.1 200 OK", "error", "failed", "TLS", "0x2a", "please help, it does not work",
	} {
		if m := Explain(text); m == nil || len(m) != 0 {
			t.Errorf("%q: %v", text, ids(m))
		}
	}
}

// What stands around a text must not matter: case, quotes, prefixes, escapes, colours.
func TestOtherCodesAreNotMQTTs(t *testing.T) {
	const text = "MQTT connect: stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages: certificate verify failed"
	if got := first(text); got != "root-unknown" {
		t.Errorf("first is %q", got)
	}
}

func TestDressDoesNotMatter(t *testing.T) {
	for _, name := range []string{"matrix.tsv", "seen.tsv"} {
		for i, l := range corpus(t, name) {
			if i%10 != 0 {
				continue // every tenth is enough to see that dress does not matter, and keeps the test short
			}
			want := first(l.text)
			for dress, text := range map[string]string{
				"quoted":   `"` + l.text + `"`,
				"spaced":   strings.ReplaceAll(l.text, " ", "  "),
				"coloured": "\x1b[31m" + l.text + "\x1b[0m",
				"upper":    upper(l.text),
				"returns":  strings.ReplaceAll(l.text, `\n`, "\r\n"),
			} {
				if got := first(text); got != want {
					t.Errorf("%s: %q, want %q: %s", dress, got, want, text)
				}
			}
		}
	}
}

// upper leaves written-out line ends as they are.
func upper(s string) string {
	return strings.NewReplacer(`\N`, `\n`, `\T`, `\t`).Replace(strings.ToUpper(s))
}

func TestEveryCauseCanBeChecked(t *testing.T) {
	all := map[string]bool{}
	add := func(lists ...[]cause) {
		for _, list := range lists {
			for _, c := range list {
				all[c.id] = true
				if !strings.HasSuffix(c.why, ".") || strings.Contains(strings.ToLower(c.why), "insecure") {
					t.Errorf("%s: %q", c.id, c.why)
				}
			}
		}
	}
	for _, m := range signatures() {
		add(m.causes, m.broker)
		if regexpBlank(m.phrase) {
			t.Errorf("a blank in a class: %q", m.phrase)
		}
	}
	for _, e := range verifyErrors() {
		add(e.server, e.client)
	}
	for _, a := range alertList() {
		add(a.server, a.client)
	}
	for _, e := range mbedtlsErrors() {
		add(e.causes)
	}
	for _, f := range mbedtlsFlagBits {
		add(f.causes)
	}
	for id := range all {
		if checks[id] == "" {
			t.Errorf("no check for %s", id)
		}
		if title := Title(id); !sentence.MatchString(title) || strings.Count(title, ". ") > 0 {
			t.Errorf("%s: %q is no title", id, title)
		}
	}
	for id := range checks {
		if !all[id] {
			t.Logf("no text means %s", id)
		}
	}
	ids := map[string]string{}
	for id, title := range titles {
		if !all[id] {
			t.Errorf("no text means %s, which has a title", id)
		}
		if other := ids[title]; other != "" {
			t.Errorf("%s and %s have the same title", id, other)
		}
		ids[title] = id
		if bare.MatchString(title) {
			t.Errorf("%s: %q has a bare word for what went wrong", id, title)
		}
	}
}

var (
	sentence = regexp.MustCompile(`^[A-Z][^\n]{10,110}\.$`)
	bare     = regexp.MustCompile(`(?i)\b(error|failed|failure|invalid|insecure)\b`)
)

// regexpBlank reports whether a phrase has a blank within a class, where the blank's own expression would end the class.
func regexpBlank(phrase string) bool {
	in := false
	for i := 0; i < len(phrase); i++ {
		switch phrase[i] {
		case '\\':
			i++
		case '[':
			in = true
		case ']':
			in = false
		case ' ':
			if in {
				return true
			}
		}
	}
	return false
}

func TestLongTextIsBounded(t *testing.T) {
	lines := strings.Repeat("1700000000: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca\n", 2000)
	if m := Explain(lines); len(m) == 0 || m[0].ID != "root-unknown" || len(m) > maxMatches {
		t.Errorf("%v", ids(m))
	}
	if m := Explain(strings.Repeat("x", maxText) + " certificate has expired"); len(m) != 0 {
		t.Errorf("what is beyond the limit was read: %v", ids(m))
	}
}

func TestTheSameTextGetsTheSameAnswer(t *testing.T) {
	for _, l := range corpus(t, "seen.tsv")[:12] {
		want := Explain(l.text)
		for range 2 {
			if got := Explain(l.text); !reflect.DeepEqual(got, want) {
				t.Fatalf("%v, then %v", ids(want), ids(got))
			}
		}
	}
}

func BenchmarkExplainLine(b *testing.B) {
	Explain("")
	for b.Loop() {
		Explain("Error: unable to get local issuer certificate")
	}
}

func BenchmarkExplainLog(b *testing.B) {
	log := strings.Repeat("1700000000: New connection from 10.0.0.1:4000 on port 8883.\n1700000001: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca\n", 500)
	Explain("")
	b.ReportAllocs()
	for b.Loop() {
		Explain(log)
	}
}
