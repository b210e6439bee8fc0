package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"mutual/core/evidence"
)

// signedBy makes a certificate for host whose issuer, a root that is sent along, is named by.
func signedBy(t *testing.T, by pkix.Name, host string) (leaf, root []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: by, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{1}}
	end := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 6, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if root, err = x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key); err == nil {
		leaf, err = x509.CreateCertificate(rand.Reader, end, ca, key.Public(), key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return leaf, root
}

func TestInterception(t *testing.T) {
	const private, aws = "broker.example", "a1b2c3-ats.iot.eu-central-1.amazonaws.com"
	for _, c := range []struct {
		name   string
		issuer pkix.Name
		host   string
		want   string
	}{
		{"Zscaler", pkix.Name{Organization: []string{"Zscaler Inc."}, CommonName: "Zscaler Intermediate Root CA (zscalertwo.net)"}, private, "interception"},
		{"a firewall", pkix.Name{Organization: []string{"Fortinet"}, CommonName: "FG100FTK20000001"}, aws, "interception"},
		{"protection software", pkix.Name{Organization: []string{"AO Kaspersky Lab"}, CommonName: "Kaspersky Anti-Virus Personal Root Certificate"}, private, "interception"},
		{"an own authority", pkix.Name{Organization: []string{"Our Company"}, CommonName: "Our Root"}, private, "root-sent-untrusted"},
		{"an own authority for a public service", pkix.Name{Organization: []string{"Our Company"}, CommonName: "Our Root"}, aws, "interception"},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaf, root := signedBy(t, c.issuer, c.host)
			a := handshake(func(tls *evidence.TLS) {
				tls.Failure, tls.Version = evidence.Unverified, 0x0304
				tls.Sent = []evidence.Certificate{{Source: evidence.Sent, DER: leaf}, {Source: evidence.Sent, Position: 1, DER: root}}
			})
			a.Target.Host, a.Target.Name = c.host, c.host
			fs := Diagnose(a, nil).Findings
			if len(fs) == 0 || fs[0].ID != c.want || fs[0].Severity != Error {
				t.Fatalf("%+v", fs)
			}
			if c.want == "interception" && slices.ContainsFunc(fs, func(f Finding) bool { return f.ID == "root-sent-untrusted" }) {
				t.Errorf("%+v", fs)
			}
			readable(t, fs[0])
		})
	}
}
