package diagnose

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// attempt is a sound start that the cases change.
func attempt(change func(*evidence.Attempt)) *evidence.Attempt {
	a := &evidence.Attempt{
		Started: now,
		Target:  evidence.Target{Transport: "mqtts", Host: "broker.example", Port: 8883, Name: "broker.example"},
		Files:   &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}},
		Resolve: &evidence.Resolve{Stage: evidence.Stage{Status: evidence.OK}, Addresses: []string{"192.0.2.7"}},
		Dial:    &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}, Address: "192.0.2.7:8883"},
	}
	change(a)
	return a
}

func failed(text string) evidence.Stage { return evidence.Stage{Status: evidence.Failed, Error: text} }

func file(role evidence.Role, path string, problem evidence.Problem, kinds ...string) evidence.File {
	f := evidence.File{Role: role, Path: path, Problem: problem, Format: "pem"}
	for i, k := range kinds {
		f.Blocks = append(f.Blocks, evidence.Block{Index: i, Kind: k, Label: strings.ToUpper(k)})
	}
	return f
}

func withFiles(files ...evidence.File) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.Files = &evidence.Files{Stage: failed("files"), Files: files}
		a.Resolve, a.Dial = nil, nil
	})
}

func dialled(failures ...evidence.Failure) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.Dial = &evidence.Dial{Stage: failed("dial")}
		for _, f := range failures {
			a.Dial.Tries = append(a.Dial.Tries, evidence.DialAttempt{Address: "192.0.2.7:8883", Failure: f})
		}
	})
}

func handshake(change func(*evidence.TLS), probes ...evidence.Probe) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.TLS = &evidence.TLS{Stage: failed("tls"), ServerName: "broker.example"}
		a.Probes = probes
		change(a.TLS)
	})
}

func alert(n uint8) *uint8 { return &n }

// judged is a handshake in which the server asked for a client certificate and did not like what it got.
func judged(sent bool, n int, change ...func(*evidence.Attempt)) *evidence.Attempt {
	a := handshake(func(t *evidence.TLS) {
		t.Version, t.Complete, t.Verified, t.Late = 0x0304, true, true, true
		t.CertificateRequested, t.CertificateSent = true, sent
		t.Failure = evidence.Closed
		if n >= 0 {
			t.Alert, t.Failure = alert(uint8(n)), evidence.AlertSent
		}
	})
	for _, c := range change {
		c(a)
	}
	return a
}

func plain(first []byte, f evidence.Failure, probes ...evidence.Probe) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.Target.Transport, a.Target.Port = "mqtt", 1884
		a.MQTT = &evidence.MQTT{Stage: failed("mqtt"), Failure: f, FirstBytes: first, Version: 5}
		a.Probes = probes
	})
}

func connack(code byte) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true, Version: 0x0304}
		a.MQTT = &evidence.MQTT{Stage: failed("refused"), Failure: evidence.RefusedMQTT, ReasonCode: &code, ReasonString: "ask the duty officer", Version: 5}
	})
}

// connack311 is an answer in MQTT 3.1.1 to a CONNECT of that level.
func connack311(code, asked byte) *evidence.Attempt {
	a := connack(code)
	a.MQTT.Version, a.MQTT.ReasonString, a.Target.MQTTVersion = 4, "", asked
	return a
}

// closedOnConnect is a server that ends the connection at CONNECT, and what became of the other version.
func closedOnConnect(other evidence.Status) *evidence.Attempt {
	a := connack(0)
	a.TLS.Failure, a.TLS.Late = evidence.Closed, true
	a.MQTT = &evidence.MQTT{Stage: failed("closed"), Failure: evidence.Closed, Version: 5}
	a.Probes = []evidence.Probe{{Name: "mqtt-3.1.1", Status: other}}
	return a
}

// later is a connection that stood, and what came then.
func later(refusals ...evidence.Refusal) *evidence.Attempt {
	a := connack(0)
	a.MQTT.Stage, a.MQTT.Failure, a.MQTT.ReasonString = evidence.Stage{Status: evidence.OK}, evidence.NoFailure, ""
	a.MQTT.Later = refusals
	return a
}

// What is refused within a connection leaves the connection as it is: one warning for each topic.
func TestRefusedWithinTheConnection(t *testing.T) {
	fs := Diagnose(later(
		evidence.Refusal{Packet: "SUBACK", Topic: "plant/#", ReasonCode: 0x87},
		evidence.Refusal{Packet: "SUBACK", Topic: "a", ReasonCode: 1},
		evidence.Refusal{Packet: "PUBACK", Topic: "plant/1", ReasonCode: 0x97, ReasonString: "too much"},
		evidence.Refusal{Packet: "PUBREC", Topic: "plant/2", ReasonCode: 0x90},
	), nil).Findings
	var got []string
	for _, f := range fs {
		got = append(got, string(f.Severity)+" "+f.ID+": "+f.Title)
		readable(t, f)
	}
	want := []string{
		`warning mqtt-subscribe-refused: The broker refused the subscription to "plant/#": not authorized.`,
		`warning mqtt-publish-refused: The broker refused a message to "plant/1": quota exceeded.`,
		`warning mqtt-publish-refused: The broker refused a message to "plant/2": topic name is not acceptable.`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func withProbes(a *evidence.Attempt, probes ...evidence.Probe) *evidence.Attempt {
	a.Probes = probes
	return a
}

var cases = []struct {
	name    string
	attempt *evidence.Attempt
	want    string // id of the first finding
	title   string
	fix     string // id of the first fix
}{
	{"CA file gone", withFiles(file(evidence.RoleCA, "/x/ca.pem", evidence.Missing)), "file-missing", "The CA file ca.pem does not exist.", ""},
	{"key not chosen", withFiles(file(evidence.RoleKey, "", evidence.Missing)), "file-missing", "The client key file is not chosen, though the other half of the pair is.", ""},
	{"folder", withFiles(file(evidence.RoleCA, "/x", evidence.Unreadable)), "file-unreadable", "The CA file x cannot be read.", ""},
	{"empty", withFiles(file(evidence.RoleCA, "/x/ca.pem", evidence.Empty)), "file-empty", "The CA file ca.pem is empty.", ""},
	{"DER", withFiles(evidence.File{Role: evidence.RoleCA, Path: "/x/ca.der", Format: "der-certificate", Problem: evidence.NotPEM}), "file-wrong-format", "The CA file ca.der is a certificate in DER form, where PEM text is expected.", "convert-file"},
	{"PKCS #12", withFiles(evidence.File{Role: evidence.RoleCertificate, Path: "/x/me.p12", Format: "pkcs12", Problem: evidence.NotPEM}), "file-wrong-format", "The client certificate file me.p12 is a PKCS #12 file (.p12, .pfx), where PEM text is expected.", ""},
	{"nonsense", withFiles(evidence.File{Role: evidence.RoleCA, Path: "/x/cat.jpg", Format: "unknown", Problem: evidence.NotPEM}), "file-wrong-format", "The CA file cat.jpg holds no certificate or key that can be read as PEM text.", ""},
	{"request for certificate", withFiles(file(evidence.RoleCertificate, "/x/client.csr", evidence.WrongContent, "certificate-request")), "file-wrong-content", "The client certificate file client.csr holds a certificate request, not a certificate.", ""},
	{"key cut off", withFiles(evidence.File{Role: evidence.RoleKey, Path: "/x/client.key", Problem: evidence.WrongContent, Blocks: []evidence.Block{{Kind: "private-key", Label: "PRIVATE KEY", Error: "its END line is missing"}}}), "file-partly-bad", "The client key file client.key holds a private key that cannot be read.", ""},
	{"authority cut off", withFiles(evidence.File{Role: evidence.RoleCA, Path: "/x/ca.pem", Problem: evidence.WrongContent, Blocks: []evidence.Block{{Kind: "certificate", Label: "CERTIFICATE", Error: "its END line is missing"}}}), "file-partly-bad", "The CA file ca.pem holds a certificate that cannot be read.", ""},
	{"PKCS #7 as PEM", withFiles(file(evidence.RoleCA, "/x/ca.p7b", evidence.WrongContent, "pkcs7")), "file-wrong-format", "The CA file ca.p7b is a PKCS #7 bundle, where single certificates are expected.", ""},
	{"own certificate behind a mark", withFiles(evidence.File{Role: evidence.RoleCertificate, Path: "/x/client.crt", Problem: evidence.KeyMismatch, Encoding: []string{"byte-order-mark"}, Blocks: []evidence.Block{{Kind: "certificate", Label: "CERTIFICATE", Error: "a byte order mark stands before its BEGIN line"}, {Index: 1, Kind: "certificate"}}}), "file-encoding", "", "repair-file"},
	{"own certificate changed", withFiles(evidence.File{Role: evidence.RoleCertificate, Path: "/x/client.crt", Blocks: []evidence.Block{{Kind: "certificate", Label: "CERTIFICATE", Error: "not base64"}, {Index: 1, Kind: "certificate"}}}, file(evidence.RoleKey, "/x/client.key", evidence.KeyMismatch, "private-key")), "file-partly-bad", "The client certificate file client.crt holds a certificate that cannot be read.", ""},
	{"key mismatch, another certificate fits", withFiles(evidence.File{Role: evidence.RoleCertificate, Path: "/x/client.crt", Problem: evidence.KeyMismatch, Matching: "/x/other.crt", Blocks: []evidence.Block{{Kind: "certificate"}}}, file(evidence.RoleKey, "/x/client.key", "", "private-key")), "key-mismatch", "The key in client.key does not belong to the certificate in client.crt.", "use-matching-file"},
	{"swapped", withFiles(file(evidence.RoleCertificate, "/x/client.key", evidence.WrongContent, "private-key"), file(evidence.RoleKey, "/x/client.crt", evidence.WrongContent, "certificate")), "file-wrong-content", "The client certificate file client.key holds a private key, not a certificate.", "swap-files"},
	{"encrypted", withFiles(file(evidence.RoleKey, "/x/client.key", evidence.PassphraseNone)), "key-encrypted", "The key in client.key is encrypted, and its passphrase is not known.", "enter-passphrase"},
	{"wrong passphrase", withFiles(file(evidence.RoleKey, "/x/client.key", evidence.PassphraseBad)), "passphrase-wrong", "The passphrase does not open the key in client.key.", "enter-passphrase"},
	{"key mismatch", withFiles(file(evidence.RoleCertificate, "/x/client.crt", "", "certificate"), evidence.File{Role: evidence.RoleKey, Path: "/x/other.key", Problem: evidence.KeyMismatch, Matching: "/x/client.key"}), "key-mismatch", "The key in other.key does not belong to the certificate in client.crt.", "use-matching-file"},

	{"no such name", attempt(func(a *evidence.Attempt) {
		a.Resolve, a.Dial = &evidence.Resolve{Stage: failed("x"), NotFound: true}, nil
	}), "dns-not-found", `The name "broker.example" does not exist in the DNS.`, ""},
	{"resolver silent", attempt(func(a *evidence.Attempt) {
		a.Resolve, a.Dial = &evidence.Resolve{Stage: failed("x"), Timeout: true}, nil
	}), "dns-failed", `The name server did not answer in time when asked for "broker.example".`, ""},
	{"refused", dialled(evidence.Refused), "tcp-refused", "Nothing listens on port 8883 of broker.example.", ""},
	{"time-out", dialled(evidence.Timeout), "tcp-timeout", "Port 8883 of broker.example does not answer.", ""},
	{"refused, and another port answers", withProbes(dialled(evidence.Refused), evidence.Probe{Name: "port-1883", Status: evidence.Failed}, evidence.Probe{Name: "port-8883", Status: evidence.OK}), "tcp-refused", "", "use-port"},
	{"one family has no route, the other is refused", dialled(evidence.Unreachable, evidence.Refused), "tcp-refused", "", ""},
	{"no route", dialled(evidence.Unreachable, evidence.Unreachable), "tcp-unreachable", "This computer has no route to broker.example.", ""},

	{"TLS to plain MQTT, reset", handshake(func(t *evidence.TLS) { t.Failure = evidence.Reset }, evidence.Probe{Name: "plain-connect", Status: evidence.OK, Bytes: []byte{0x20, 3, 0, 0x84, 0}}), "server-speaks-plain-mqtt", "Port 8883 of broker.example speaks MQTT without TLS.", "use-plain-mqtt"},
	{"TLS answered with DISCONNECT", handshake(func(t *evidence.TLS) {
		t.Failure, t.FirstBytes = evidence.NotTLS, []byte{0xe0, 1, 0x81}
	}), "server-speaks-plain-mqtt", "", ""},
	{"plain to TLS, probe", plain(nil, evidence.Closed, evidence.Probe{Name: "server-hello", Status: evidence.OK}), "server-requires-tls", "Port 1884 of broker.example requires TLS.", "use-tls"},
	{"plain to TLS, alert record", plain([]byte{0x15, 3, 3, 0, 2, 2, 10}, evidence.NotMQTT), "server-requires-tls", "", "use-tls"},
	{"HTTP", handshake(func(t *evidence.TLS) {
		t.Failure, t.FirstBytes = evidence.NotTLS, []byte("HTTP/1.1 400 Bad Request\r\n")
	}), "server-speaks-http", "", ""},
	{"SSH", handshake(func(t *evidence.TLS) { t.Failure, t.FirstBytes = evidence.NotTLS, []byte("SSH-2.0-OpenSSH_9.2\r\n") }), "server-speaks-other", "", ""},
	{"TLS, then HTTP", attempt(func(a *evidence.Attempt) {
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true}
		a.MQTT = &evidence.MQTT{Stage: failed("x"), Failure: evidence.NotMQTT, FirstBytes: []byte("HTTP/1.1 400 Bad Request\r\n")}
	}), "server-not-mqtt", "", ""},
	{"TLS, then a packet of impossible length", attempt(func(a *evidence.Attempt) {
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true}
		a.MQTT = &evidence.MQTT{Stage: failed("receiving a packet whose length takes more than four bytes"), Failure: evidence.Other}
	}), "server-not-mqtt", "The answer of port 8883 of broker.example to CONNECT breaks the rules of MQTT.", ""},
	{"a packet of impossible length", plain(nil, evidence.Other), "server-speaks-other", "", ""},
	{"nothing", handshake(func(t *evidence.TLS) { t.Failure = evidence.Reset }), "tcp-reset", "", ""},

	{"old versions only", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(70) },
		evidence.Probe{Name: "version-1.0", Status: evidence.OK, Version: 0x0301}, evidence.Probe{Name: "version-1.1", Status: evidence.OK, Version: 0x0302}, evidence.Probe{Name: "version-1.2", Status: evidence.Failed}),
		"tls-version-unsupported", "The broker speaks only TLS 1.0 and TLS 1.1, which are no longer secure.", ""},
	{"nothing in common", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(40) }), "cipher-suite-unsupported", "", ""},
	{"unknown name", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(112) }), "sni-unrecognized", "", ""},
	{"unknown name, and another is shown", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(112) },
		evidence.Probe{Name: "no-server-name", Status: evidence.OK, Names: []string{"*.example", "broker2.example"}}), "sni-unrecognized", "", "expect-name"},
	{"no name", handshake(func(t *evidence.TLS) { t.Failure, t.Alert, t.ServerName = evidence.AlertSent, alert(112), "" }), "sni-required", "", ""},
	{"old suites", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(40) },
		evidence.Probe{Name: "version-1.1", Status: evidence.OK, Version: 0x0302, CipherSuite: 0x002f}, evidence.Probe{Name: "version-1.2", Status: evidence.OK, Version: 0x0303, CipherSuite: 0x009c}),
		"cipher-suite-unsupported", "The broker accepts only cipher suites that are no longer used, such as TLS_RSA_WITH_AES_128_GCM_SHA256.", ""},
	{"large hello dropped", handshake(func(t *evidence.TLS) { t.Failure = evidence.Timeout }, evidence.Probe{Name: "small-hello", Status: evidence.OK}), "large-hello-dropped", "", ""},
	{"small hello dropped too", handshake(func(t *evidence.TLS) { t.Failure = evidence.Timeout }, evidence.Probe{Name: "small-hello", Status: evidence.Failed}), "tcp-timeout", "", ""},
	{"AWS without ALPN", attempt(func(a *evidence.Attempt) {
		a.Target.Host, a.Target.Port = "a1b2c3-ats.iot.eu-central-1.amazonaws.com", 443
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true}
		a.MQTT = &evidence.MQTT{Stage: failed("x"), Failure: evidence.NotMQTT, FirstBytes: []byte("HTTP/1.1 400 Bad Request\r\n")}
	}), "alpn-required", "", "set-alpn"},
	{"protocol refused, another taken", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(120) }, evidence.Probe{Name: "alpn:mqtt", Status: evidence.OK}), "alpn-required", "", "set-alpn"},
	{"no protocol", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(120) }), "alpn-required", "", ""},
	{"not its key", handshake(func(t *evidence.TLS) { t.Failure = evidence.BadProof }), "server-key-mismatch", "", ""},
	{"another alert", handshake(func(t *evidence.TLS) { t.Failure, t.Alert = evidence.AlertSent, alert(80) }), "tls-alert", "The broker ended the TLS handshake with the alert internal_error.", ""},
	{"silence in the handshake", handshake(func(t *evidence.TLS) { t.Failure = evidence.Timeout }), "tcp-timeout", "", ""},
	{"certificate that Go cannot read", handshake(func(t *evidence.TLS) { t.Failure = evidence.Unparsable }), "certificate-malformed", "", ""},

	{"none sent, TLS 1.3", judged(false, 116), "client-certificate-required", "The broker requires a client certificate, and none was sent.", ""},
	{"none sent, TLS 1.2", judged(false, 40), "client-certificate-required", "", ""},
	{"none sent, closed without a word", judged(false, -1), "client-certificate-required", "", ""},
	{"unknown CA", judged(true, 48), "client-certificate-unknown-ca", "", ""},
	{"revoked", judged(true, 44), "client-certificate-revoked", "", ""},
	{"rejected, file not known", judged(true, 46), "client-certificate-rejected", "", ""},

	{"not authorized", connack(0x87), "mqtt-refused", "The broker refused the connection: not authorized.", ""},
	{"bad password", connack(0x86), "mqtt-refused", "The broker refused the connection: bad user name or password.", ""},
	{"taken over", later(evidence.Refusal{Packet: "DISCONNECT", ReasonCode: 0x8E}), "mqtt-client-id-in-use", "The broker closed the connection, because another client came with the same client identifier.", ""},
	{"taken over before CONNACK", connack(0x8E), "mqtt-client-id-in-use", "", ""},
	{"ended by the broker", later(evidence.Refusal{Packet: "DISCONNECT", ReasonCode: 0x98, ReasonString: "by the duty officer"}), "mqtt-disconnected", "The broker ended the connection: administrative action.", ""},
	{"old MQTT", connack(0x84), "mqtt-version-unsupported", "The broker does not speak MQTT 5.0.", ""},
	{"accepts as MQTT 3.1.1", connack311(0, 5), "mqtt-version-unsupported", "The broker does not speak MQTT 5.0; it speaks MQTT 3.1.1.", ""},
	{"MQTT 3.1.1, version", connack311(1, 4), "mqtt-version-unsupported", "The broker does not speak MQTT 3.1.1.", ""},
	{"MQTT 3.1.1, identifier", connack311(2, 4), "mqtt-refused", "The broker refused the connection: identifier rejected.", ""},
	{"MQTT 3.1.1, unavailable", connack311(3, 4), "mqtt-refused", "The broker refused the connection: server unavailable.", ""},
	{"MQTT 3.1.1, password", connack311(4, 4), "mqtt-refused", "The broker refused the connection: bad user name or password.", ""},
	{"MQTT 3.1.1, not authorized", connack311(5, 4), "mqtt-refused", "The broker refused the connection: not authorized.", ""},
	{"closed, and MQTT 3.1.1 is answered", closedOnConnect(evidence.OK), "mqtt-version-unsupported", "The broker does not speak MQTT 5.0; it speaks MQTT 3.1.1.", ""},
	{"closed, and MQTT 3.1.1 too", closedOnConnect(evidence.Failed), "connection-closed-after-handshake", "", ""},
}

func TestRules(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fs := Diagnose(c.attempt, nil).Findings
			if len(fs) == 0 {
				t.Fatalf("no finding, want %s", c.want)
			}
			f := fs[0]
			if f.ID != c.want || f.Severity != Error {
				t.Fatalf("got %s (%s), want %s: %q", f.ID, f.Severity, c.want, f.Title)
			}
			if c.title != "" && f.Title != c.title {
				t.Errorf("title\n got %q\nwant %q", f.Title, c.title)
			}
			if c.fix != "" && (len(f.Fixes) == 0 || f.Fixes[0].ID != c.fix) {
				t.Errorf("fixes %+v, want %s", f.Fixes, c.fix)
			}
			if len(fs) > 1 && fs[1].Severity == Error && fs[1].ID != c.want {
				t.Errorf("a second error %s: %q", fs[1].ID, fs[1].Title)
			}
			readable(t, f)
		})
	}
}

var (
	bare   = regexp.MustCompile(`(?i)\b(error|failed|invalid)\b`)
	quoted = regexp.MustCompile(`"[^"]*"`)
)

// readable holds what every sentence must be.
func readable(t *testing.T, f Finding) {
	t.Helper()
	if !strings.HasSuffix(f.Title, ".") || strings.Count(f.Title, ". ") > 0 || f.Title == strings.ToLower(f.Title) {
		t.Errorf("not one sentence: %q", f.Title)
	}
	if bare.MatchString(quoted.ReplaceAllString(f.Title, "")) {
		t.Errorf("the title says only that something is wrong: %q", f.Title)
	}
	all := strings.ToLower(f.Title + f.Detail)
	for _, word := range []string{"turn off", "switch off", "disable verif", "you forgot", "your fault", "%!"} {
		if strings.Contains(all, word) {
			t.Errorf("%q in %q", word, all)
		}
	}
	if f.Detail == "" || f.Subject.Kind == "" {
		t.Errorf("no detail or subject: %+v", f)
	}
	for _, x := range f.Fixes {
		if x.Risk == Weakens && x.Automatic {
			t.Errorf("an automatic fix that weakens: %+v", x)
		}
		if x.Automatic == (x.Action.Text != "") {
			t.Errorf("a fix is either automatic or a text: %+v", x)
		}
		if len(strings.Fields(x.Title)) > 7 {
			t.Errorf("a button with a long text: %q", x.Title)
		}
	}
}

// A sound attempt has no finding at all.
func TestNothingToFind(t *testing.T) {
	ok := byte(0)
	a := attempt(func(a *evidence.Attempt) {
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true, Version: 0x0304, CertificateRequested: true, CertificateSent: true}
		a.MQTT = &evidence.MQTT{Stage: evidence.Stage{Status: evidence.OK}, ReasonCode: &ok, Version: 5}
	})
	if fs := Diagnose(a, []string{"openssl"}).Findings; len(fs) != 0 {
		t.Errorf("%+v", fs)
	}
}

// Every id is in the canonical list's form, is used by one family only, and names its source.
func TestRuleIDs(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range append(beforeChain, afterChain...) {
		if !form.MatchString(r.ID) || r.Check == nil {
			t.Errorf("rule %+v", r)
		}
	}
	seen := map[string]bool{}
	for _, r := range chainRules {
		if !form.MatchString(r.id) || r.spec == "" || seen[r.id] {
			t.Errorf("rule %+v", r)
		}
		seen[r.id] = true
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{ago(90 * time.Minute), "90 minutes"},
		{ago(-3 * 24 * time.Hour), "3 days"},
		{ago(29*24*time.Hour - time.Hour), "29 days"},
		{ago(time.Second), "1 second"},
		{list([]string{"a", "b", "c"}), "a, b and c"},
		{list([]string{"1", "2", "3", "4", "5", "6", "7", "8"}), "1, 2, 3, 4, 5, 6 and 2 more"},
		{fileName("ISRG Root X1"), "isrg-root-x1"},
		{fileName("…"), "root"},
		{shortName("CN=Root YR,O=ISRG,C=US"), "Root YR"},
		{shortName("O=ISRG,C=US"), "O=ISRG,C=US"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if d := editDistance("kitten", "sitting"); d != 3 {
		t.Errorf("editDistance = %d", d)
	}
}
