package diagnose_test

import (
	"crypto"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

// madePKI is an authority with a broker and a client, as the program makes them, with keys of one kind.
func madePKI(t *testing.T, a pki.KeyAlgorithm) (p clientPKI, client *x509.Certificate) {
	t.Helper()
	ca, err := pki.NewAuthority(pki.Request{Algorithm: a, Subject: must(pki.ParseSubject("/CN=Made CA"))})
	if err != nil {
		t.Fatal(err)
	}
	server, err := pki.Issue(ca, pki.Request{Kind: pki.Server, Algorithm: a, Names: []string{"localhost", "127.0.0.1"}, Subject: must(pki.ParseSubject("/CN=localhost"))})
	if err != nil {
		t.Fatal(err)
	}
	user, err := pki.Issue(ca, pki.Request{Kind: pki.Client, Algorithm: a, Subject: must(pki.ParseSubject("/CN=made"))})
	if err != nil {
		t.Fatal(err)
	}
	p = clientPKI{
		dir:  t.TempDir(),
		root: &identity{ca.Certificate, ca.Key.(crypto.Signer)}, server: &identity{server.Certificate, server.Key.(crypto.Signer)},
	}
	for name, data := range map[string][]byte{
		"ca.pem": ca.CertificatePEM, "server.crt": server.CertificatePEM, "server.key": server.KeyPEM, "made.crt": user.CertificatePEM, "made.key": user.KeyPEM,
	} {
		p.write(t, name, data)
	}
	return p, user.Certificate
}

// accepts says what the judge of a program expects of a certificate that the program is shown.
func accepts(t *testing.T, judge string, c, root *x509.Certificate, purpose chain.Purpose) bool {
	t.Helper()
	q := chain.Ask([]*x509.Certificate{c}, []*x509.Certificate{root}, time.Now())
	q.Purpose = purpose
	for _, v := range chain.Verdicts(q) {
		if v.Client == judge {
			return v.Accepted
		}
	}
	t.Fatalf("there is no judge %s", judge)
	return false
}

// Brokers of three kinds run with the certificates that the program makes, and take the client's, for every kind of key that is
// offered; and the judges have said so before.
func TestBrokersTakeWhatIsMade(t *testing.T) {
	t.Parallel()
	for _, a := range pki.KeyAlgorithms {
		t.Run(strings.ReplaceAll(string(a), ":", "-"), func(t *testing.T) {
			p, client := madePKI(t, a)
			for _, broker := range []struct {
				name, judge string
				start       func(*testing.T, clientPKI) running
				version     profile.Version
			}{
				{"mosquitto", "openssl", startMosquitto(""), profile.Version5},
				{"Go", "go", startGo, profile.Version5},
				{"Node.js", "openssl", func(t *testing.T, p clientPKI) running { return startNode(t, p) }, profile.Version311},
			} {
				t.Run(broker.name, func(t *testing.T) {
					at := broker.start(t, p)
					want := accepts(t, broker.judge, client, p.root.Certificate, chain.ClientAuth) && accepts(t, "go", p.server.Certificate, p.root.Certificate, chain.ServerAuth)
					for version, port := range map[string]int{"1.2": at.tls12, "1.3": at.tls13} {
						p.meet(t, port, version, broker.version, want)
					}
				})
			}
		})
	}
}

// meet connects with what was made, and holds what happens against what was judged.
func (p clientPKI) meet(t *testing.T, port int, tlsVersion string, version profile.Version, want bool) {
	t.Helper()
	wanted := p.profile(clientKind{name: "made"}, port)
	wanted.MQTT.Version = version
	m := pki.Load(t.Context(), wanted, pki.LoadOptions{Roots: &pki.Roots{}})
	a := session.Try(t.Context(), wanted, m, "", session.Options{Timeout: 30 * time.Second})
	if got := connected(a); got != want || !got {
		t.Errorf("TLS %s: connected %v, judged %v: %s", tlsVersion, got, want, answerOf(a))
	}
	if a.TLS == nil || !a.TLS.CertificateSent || evidence.VersionName(a.TLS.Version) != tlsVersion {
		t.Errorf("TLS %s: the client certificate was not shown with it: %+v", tlsVersion, a.TLS)
	}
}

// connected says whether the broker has accepted the client, by TLS and by MQTT.
func connected(a *evidence.Attempt) bool {
	return a.MQTT != nil && a.MQTT.ReasonCode != nil && *a.MQTT.ReasonCode == 0
}
