package diagnose_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/session"
)

// What each broker's judgement of each client certificate comes to: the first finding, or "" where there is to be none.
// The first list is for all brokers that are not named in those after it.
var clientCauses = map[string]map[string]string{
	"": {
		"good":                                "",
		"none":                                "client-certificate-required",
		"wrong CA":                            "client-certificate-unknown-ca",
		"self-signed":                         "client-certificate-unknown-ca",
		"expired":                             "client-certificate-expired",
		"not yet valid":                       "client-certificate-not-yet-valid",
		"EKU serverAuth only":                 "client-certificate-usage",
		"intermediate missing":                "client-chain-incomplete",
		"intermediate sent":                   "",
		"key mismatch":                        "key-mismatch",
		"revoked":                             "",
		"CA as client":                        "client-certificate-usage",
		"intermediate missing, at hand":       "client-chain-incomplete",
		"intermediate missing, no sign of it": "client-certificate-unknown-ca", // with a word on the other possibility
		"wrong CA of the same name":           "client-certificate-unknown-ca",
		"wrong CA, intermediate sent":         "client-certificate-unknown-ca",
		"intermediate expired":                "client-certificate-expired",
		"intermediate not a CA":               "client-certificate-rejected",
		"CA first":                            "client-chain-order",              // a warning
		"expires soon":                        "client-certificate-expires-soon", // a warning
		"expired, wrong CA":                   "client-certificate-unknown-ca",
		"CA that may sign, as client":         "",
		"EKU any":                             "client-certificate-usage",
		"key usage":                           "client-certificate-usage",
		"RSA 1024":                            "",
	},
	"mosquitto": {
		"RSA 1024": "client-certificate-rejected", // OpenSSL's default security level, which Node.js lowers
	},
	"mosquitto, CRL": {
		"RSA 1024":          "client-certificate-rejected",
		"revoked":           "client-certificate-revoked",
		"intermediate sent": "client-certificate-rejected", // no list from the intermediate, which is unknown_ca too
	},
	"mosquitto, expired CRL": {
		"RSA 1024":                    "client-certificate-rejected",
		"CA that may sign, as client": "server-crl-expired",
		"good":                        "server-crl-expired",
		"revoked":                     "server-crl-expired",
		"CA first":                    "server-crl-expired",
		"expires soon":                "server-crl-expired",
		"intermediate sent":           "client-certificate-rejected",
	},
	"Go": {
		"expired, wrong CA": "client-certificate-expired", // crypto/x509 looks at the dates first, and says so
	},
	"Node.js": { // aedes speaks MQTT 3.1.1, which it says to those whose certificates it has accepted
		"CA that may sign, as client": "mqtt-version-unsupported",
		"RSA 1024":                    "mqtt-version-unsupported",
		"good":                        "mqtt-version-unsupported",
		"intermediate sent":           "mqtt-version-unsupported",
		"revoked":                     "mqtt-version-unsupported",
		"CA first":                    "mqtt-version-unsupported",
		"expires soon":                "mqtt-version-unsupported",
	},
}

// wantedCause is the id of the first finding.
func wantedCause(broker, client string) string {
	if id, ok := clientCauses[broker][client]; ok {
		return id
	}
	return clientCauses[""][client]
}

// cell is one client certificate at one broker.
type cell struct {
	answer, findings string
	ids, faults      []string // of all findings, and of those that are errors
}

func (p clientPKI) try(t *testing.T, kind clientKind, port int) cell {
	profile := p.profile(kind, port)
	m := pki.Load(t.Context(), profile, pki.LoadOptions{Roots: &pki.Roots{}})
	a := session.Try(t.Context(), profile, m, "", session.Options{Timeout: 30 * time.Second})
	got := cell{answer: answerOf(a)}
	var shown []string
	for _, f := range diagnose.Diagnose(a, nil).Findings {
		diagnose.Readable(t, f)
		if f.Severity == diagnose.Info {
			continue // OpenSSL's servers send the root too
		}
		got.ids = append(got.ids, f.ID)
		mark := "?" // a warning
		if f.Severity == diagnose.Error {
			got.faults = append(got.faults, f.ID)
			mark = ""
		}
		shown = append(shown, f.ID+mark)
	}
	got.findings = strings.Join(shown, ", ")
	return got
}

// answerOf says in a few letters how the broker took it.
func answerOf(a *evidence.Attempt) string {
	switch {
	case a.TLS == nil:
		return "-"
	case a.TLS.Alert != nil:
		return fmt.Sprint(*a.TLS.Alert)
	case a.MQTT != nil && a.MQTT.ReasonCode != nil:
		return "OK" // whatever the broker says of MQTT: it answered
	}
	return string(a.TLS.Failure)
}

// TestClientCertificates shows every kind of client certificate to every kind of broker, with TLS 1.2 and 1.3.
func TestClientCertificates(t *testing.T) {
	t.Parallel()
	p := newClientPKI(t)
	var mu sync.Mutex
	table := map[string]cell{}
	t.Run("brokers", func(t *testing.T) {
		for _, broker := range brokerKinds {
			t.Run(broker.name, func(t *testing.T) {
				t.Parallel()
				at := broker.start(t, p)
				var clients sync.WaitGroup
				places := make(chan struct{}, 4) // several at once, for each waits for the broker most of the time
				for version, port := range map[string]int{"1.2": at.tls12, "1.3": at.tls13} {
					for _, kind := range clientKinds {
						places <- struct{}{}
						clients.Go(func() {
							defer func() { <-places }()
							got := p.try(t, kind, port)
							mu.Lock()
							table[broker.name+version+kind.name] = got
							mu.Unlock()
							got.check(t, fmt.Sprintf("%s, TLS %s", kind.name, version), wantedCause(broker.name, kind.name))
						})
					}
				}
				clients.Wait()
			})
		}
	})
	t.Log(drawn(table))
}

// A broker that takes no signature of the client's kind of key leaves the client nothing to say: crypto/tls ends the
// handshake itself.
func TestClientKeyOfNoUse(t *testing.T) {
	p := newClientPKI(t)
	at := startNode(t, p, "ECDSA+SHA256")
	for version, port := range map[string]int{"1.2": at.tls12, "1.3": at.tls13} {
		p.try(t, clientKind{name: "good"}, port).check(t, "good, TLS "+version, "mqtt-version-unsupported")
		p.try(t, clientKind{name: "Ed25519"}, port).check(t, "Ed25519, TLS "+version, "client-certificate-rejected")
	}
}

// check holds the first finding, and that what is accepted has no error.
func (got cell) check(t *testing.T, where, want string) {
	t.Helper()
	blamed := slices.ContainsFunc(got.faults, func(id string) bool { return id != "mqtt-version-unsupported" })
	if blamed == (got.answer == "OK") {
		t.Errorf("%s: answer %s, and yet: %s", where, got.answer, got.findings)
	}
	first := ""
	if len(got.ids) > 0 {
		first = got.ids[0]
	}
	if first != want {
		t.Errorf("%s: answer %s: got %q, want %q", where, got.answer, got.findings, want)
	}
}

// drawn is the matrix as text.
func drawn(table map[string]cell) string {
	var out strings.Builder
	for _, kind := range clientKinds {
		fmt.Fprintf(&out, "\n%s\n", kind.name)
		for _, broker := range brokerKinds {
			for _, version := range []string{"1.2", "1.3"} {
				if got, ok := table[broker.name+version+kind.name]; ok {
					fmt.Fprintf(&out, "  %-24s TLS %s  %-6s  %s\n", broker.name, version, got.answer, got.findings)
				}
			}
		}
	}
	return out.String()
}
