package diagnose_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// refused is an attempt in which a broker that asked for a client certificate was shown chain, whose key is that of its
// first certificate, and then ended the connection: with an alert, or without a word where that is negative.
func refused(alert int, chain []*identity, change ...func(*evidence.Attempt)) *evidence.Attempt {
	a := &evidence.Attempt{
		Started: time.Now(), Target: evidence.Target{Transport: "mqtts", Host: "broker.example", Port: 8883, Name: "broker.example"},
		Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}},
		TLS: &evidence.TLS{
			Stage: evidence.Stage{Status: evidence.Failed}, Version: 0x0304, Complete: true, Verified: true, Late: true,
			CertificateRequested: true, CertificateSent: true, Failure: evidence.Closed,
		},
	}
	if alert >= 0 {
		n := uint8(alert)
		a.TLS.Alert, a.TLS.Failure = &n, evidence.AlertSent
	}
	a.Files.Files = append(a.Files.Files, fileOf(evidence.RoleCertificate, "client.crt", chain...), evidence.File{
		Role: evidence.RoleKey, Path: "client.key", Format: "pem",
		Blocks: []evidence.Block{{Kind: "private-key", PublicKeySHA256: publicKey(chain[0])}},
	})
	for _, c := range change {
		c(a)
	}
	return a
}

// publicKey stands for the hash of c's: all that matters is that it differs from others'.
func publicKey(c *identity) []byte { return c.RawSubjectPublicKeyInfo }

func fileOf(role evidence.Role, path string, chain ...*identity) evidence.File {
	f := evidence.File{Role: role, Path: path, Format: "pem"}
	for i, c := range chain {
		f.Blocks = append(f.Blocks, evidence.Block{Index: i, Kind: "certificate", Certificate: c.Raw, PublicKeySHA256: publicKey(c)})
	}
	return f
}

// lists makes the broker name the authorities that it accepts.
func lists(names ...[]byte) func(*evidence.Attempt) {
	return func(a *evidence.Attempt) { a.TLS.AcceptableCAs = names }
}

func knows(cas ...*identity) func(*evidence.Attempt) {
	return func(a *evidence.Attempt) {
		a.Files.Files = append(a.Files.Files, fileOf(evidence.RoleCA, "ca.pem", cas...))
	}
}

func sends(chain ...*identity) func(*evidence.Attempt) {
	return func(a *evidence.Attempt) {
		for i, c := range chain {
			a.TLS.Sent = append(a.TLS.Sent, evidence.Certificate{Source: evidence.Sent, Position: i, DER: c.Raw})
		}
	}
}

// holds replaces what the client certificate file holds, not the key.
func holds(chain ...*identity) func(*evidence.Attempt) {
	return func(a *evidence.Attempt) { a.Files.Files[0] = fileOf(evidence.RoleCertificate, "client.crt", chain...) }
}

// issuerNamed is a change that writes the issuer's issuer into the authority key identifier, as openssl's
// "authorityKeyIdentifier = keyid, issuer" does.
func issuerNamed(issuersIssuer []byte) func(*x509.Certificate) {
	return func(t *x509.Certificate) {
		value := must(asn1.Marshal(struct {
			Issuer []asn1.RawValue `asn1:"tag:1"`
			Serial int             `asn1:"tag:2"`
		}{[]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: issuersIssuer}}, 7}))
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: value})
	}
}

// faults are the ids of the findings that are errors, in order.
func faults(a *evidence.Attempt, clients ...string) (ids []string) {
	for _, f := range diagnose.Diagnose(a, clients).Findings {
		if f.Severity == diagnose.Error && !strings.HasPrefix(f.ID, "intermediate-") && !strings.HasPrefix(f.ID, "root-") {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// What a client's own certificates and the broker's list say, where the alert alone does not.
// altered is a copy of c with another last octet of its signature.
func altered(c *identity) *identity {
	der := slices.Clone(c.Raw)
	der[len(der)-1] ^= 1
	copied := *c
	copied.Certificate = must(x509.ParseCertificate(der))
	return &copied
}

func TestClientRefusals(t *testing.T) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, authority) // a name that does not say what it is
	server := newClient("broker.example", devices, func(x *x509.Certificate) {
		x.DNSNames, x.ExtKeyUsage = []string{"broker.example"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	plain := newClient("client", root, nil)
	below := newClient("client", devices, nil)
	stranger := newClient("Birch", nil, authority)
	strange := newClient("client", stranger, nil)
	expired := newClient("client", root, until(-day))
	oldRoot := newClient("Larch Root", nil, func(x *x509.Certificate) { authority(x); until(-day)(x) })
	belowOld := newClient("client", oldRoot, nil)
	named := newClient("client", devices, issuerNamed(root.RawSubject))
	rooted := newClient("client", devices, issuerNamed(devices.RawSubject))
	fetchable := newClient("client", devices, func(x *x509.Certificate) { x.IssuingCertificateURL = []string{"http://ca.example/devices.crt"} })
	shouting := must(asn1.Marshal(pkix.Name{Organization: []string{"HAZEL"}, CommonName: "larch  root"}.ToRDNSequence()))
	midway := func(a *evidence.Attempt) { a.TLS.Complete, a.TLS.Late, a.TLS.Version = false, false, 0x0303 }

	var words strings.Builder
	for _, c := range []struct {
		name    string
		attempt *evidence.Attempt
		want    string // the errors
	}{
		{"intermediate that the broker sends itself", refused(48, []*identity{below}, sends(server, devices)), "client-chain-incomplete"},
		{"intermediate in the CA file", refused(48, []*identity{below}, knows(root, devices)), "client-chain-incomplete"},
		{"intermediate in a file of intermediates", refused(48, []*identity{below}, func(a *evidence.Attempt) {
			a.Files.Files = append(a.Files.Files, fileOf(evidence.RoleUntrusted, "intermediates.pem", devices))
		}), "client-chain-incomplete"},
		{"intermediate in the CA file, root on the list, no word", refused(-1, []*identity{below}, knows(devices), lists(root.RawSubject)), "client-chain-incomplete"},
		{"intermediate in the CA file, but another root on the list", refused(48, []*identity{below}, knows(root, devices), lists(stranger.RawSubject)), "client-certificate-unknown-ca"},
		{"intermediate known to nobody", refused(48, []*identity{below}), "client-certificate-unknown-ca"},
		{"intermediate on the list", refused(48, []*identity{below}, lists(devices.RawSubject)), "client-certificate-unknown-ca"},
		{"the certificate says that its issuer has one", refused(48, []*identity{named}), "client-chain-incomplete"},
		{"and that is on the list", refused(46, []*identity{named}, lists(root.RawSubject)), "client-chain-incomplete"},
		{"and that is not on the list", refused(46, []*identity{named}, lists(stranger.RawSubject)), "client-certificate-unknown-ca"},
		{"the certificate says that its issuer is a root", refused(48, []*identity{rooted}), "client-certificate-unknown-ca"},
		{"the certificate says where its issuer's is", refused(48, []*identity{fetchable}), "client-chain-incomplete"},
		{"complete, and below the broker's own root", refused(48, []*identity{below, devices}, sends(server, devices, root), knows(root)), "client-certificate-rejected"},
		{"complete, and below another root", refused(48, []*identity{below, devices}), "client-certificate-unknown-ca"},

		{"list in capitals", refused(-1, []*identity{plain}, lists(shouting)), "connection-closed-after-handshake"},
		{"closed in the handshake", refused(-1, []*identity{plain}, midway), "connection-closed-after-handshake"},
		{"closed in the handshake, unlisted", refused(-1, []*identity{plain}, midway, lists(stranger.RawSubject)), "client-certificate-unknown-ca"},
		{"expired, and no word", refused(-1, []*identity{expired}, lists(root.RawSubject)), "client-certificate-expired"},
		{"revoked and expired", refused(44, []*identity{expired}), "client-certificate-revoked client-certificate-expired"},
		{"good, called expired", refused(45, []*identity{plain}), "server-crl-expired"},
		{"good, its root expired", refused(45, []*identity{belowOld}, knows(oldRoot)), "client-certificate-expired"},
		{"good, its root expired, another answer", refused(46, []*identity{belowOld}, knows(oldRoot)), "client-certificate-rejected"},
		{"good, handshake failure", refused(40, []*identity{plain}), "client-certificate-rejected"},
		{"good, access denied", refused(49, []*identity{plain}), "client-certificate-rejected"},
		{"good, decrypt error", refused(51, []*identity{plain}), "client-certificate-rejected"},
		{"altered, decrypt error", refused(51, []*identity{altered(plain)}, sends(server, root), knows(root)), "client-certificate-rejected"},
		{"altered, and closed", refused(-1, []*identity{altered(plain)}, sends(server, root), knows(root)), "client-certificate-rejected"},
		{"good, internal error", refused(80, []*identity{plain}), "tls-alert"},
		{"expired, internal error", refused(80, []*identity{expired}), "client-certificate-expired"},
		{"self-signed, unknown", refused(46, []*identity{stranger}), "client-certificate-unknown-ca client-certificate-usage"},
		{"of an authority of the same name", refused(-1, []*identity{belowOld}, knows(root), lists(root.RawSubject)), "client-certificate-unknown-ca"},
		{"from elsewhere, in a word", refused(46, []*identity{strange}, lists(root.RawSubject)), "client-certificate-unknown-ca"},
		{"CA first, unlisted", refused(48, []*identity{strange}, holds(stranger, strange), lists(root.RawSubject)), "client-certificate-unknown-ca"},

		{"the broker was refused", refused(-1, []*identity{expired}, midway, func(a *evidence.Attempt) { a.TLS.Failure = evidence.Unverified }), ""},
		{"accepted", refused(-1, []*identity{expired}, func(a *evidence.Attempt) {
			var success byte
			a.TLS.Failure, a.TLS.Late, a.TLS.Status = "", false, evidence.OK
			a.MQTT = &evidence.MQTT{Stage: evidence.Stage{Status: evidence.OK}, ReasonCode: &success}
		}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(faults(c.attempt), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			fmt.Fprintf(&words, "# %s\n", c.name)
			for _, f := range diagnose.Diagnose(c.attempt, nil).Findings {
				diagnose.Readable(t, f)
				if strings.Contains(f.ID, "client") || f.Subject.Source != evidence.Sent {
					fmt.Fprintf(&words, "%s: %s\n%s\n%s\n", f.Severity, f.ID, f.Title, f.Detail)
				}
			}
			words.WriteByte('\n')
		})
	}
	compare(t, "client-refusals", date.ReplaceAllString(words.String(), "<date>"))
}

// date is fresh in every run.
var date = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)

// The missing intermediate is offered where it is known.
func TestMissingIntermediateIsOffered(t *testing.T) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, authority)
	f := one(t, diagnose.Diagnose(refused(48, []*identity{newClient("client", devices, nil)}, knows(root, devices)), nil), "client-chain-incomplete")
	if len(f.Fixes) != 1 || !f.Fixes[0].Automatic || len(f.Fixes[0].Action.Chain) != 2 || !f.Fixes[0].Action.Chain[1].X.Equal(devices.Certificate) {
		t.Errorf("fixes %+v", f.Fixes)
	}
	if !strings.Contains(f.Title, `"Larch Devices"`) {
		t.Error(f.Title)
	}
}

// What can be told of unknown_ca but not proved stands in the detail.
func TestUnknownCANamesWhatElseItCanBe(t *testing.T) {
	devices := newClient("Larch Devices", newClient("Larch Root", nil, authority), authority)
	f := one(t, diagnose.Diagnose(refused(48, []*identity{newClient("client", devices, nil)}), nil), "client-certificate-unknown-ca")
	for _, words := range []string{"intermediate authority", "client.crt", "crlfile"} {
		if !strings.Contains(f.Detail, words) {
			t.Errorf("no %q in %q", words, f.Detail)
		}
	}
}

// Warnings about a certificate that works now.
func TestClientWarnings(t *testing.T) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, authority)
	life := func(before, after time.Duration) *identity {
		return newClient("client", root, func(x *x509.Certificate) {
			x.NotBefore, x.NotAfter = time.Now().Add(-before), time.Now().Add(after)
		})
	}
	shown := func(chain ...*identity) *evidence.Attempt {
		a := refused(-1, chain)
		var success byte
		a.TLS.Failure, a.TLS.Late, a.TLS.Status = "", false, evidence.OK
		a.MQTT = &evidence.MQTT{Stage: evidence.Stage{Status: evidence.OK}, ReasonCode: &success}
		return a
	}
	below := newClient("client", devices, nil)
	caFirst := shown(below)
	holds(root, devices, below)(caFirst)
	mixed := shown(below)
	holds(below, root, devices)(mixed)

	for _, c := range []struct {
		name    string
		attempt *evidence.Attempt
		clients []string
		want    string // id and severity of the only finding about the client; empty: there is none
	}{
		{"31 days left", shown(life(100*day, 31*day)), nil, ""},
		{"29 days left", shown(life(100*day, 29*day)), nil, "client-certificate-expires-soon warning"},
		{"29 days left of 40", shown(life(11*day, 29*day)), nil, ""},
		{"9 of 24 hours left", shown(life(15*time.Hour, 9*time.Hour)), nil, ""},
		{"7 of 24 hours left", shown(life(17*time.Hour, 7*time.Hour)), nil, "client-certificate-expires-soon warning"},
		{"an intermediate has 5 days left", shown(below, newClient("x", root, authority), devices), nil, ""},
		{"in order, with the root", shown(below, devices, root), nil, ""},
		{"CA first", caFirst, nil, "client-chain-order warning"},
		{"CA first, for OpenSSL too", caFirst, []string{"openssl"}, "client-chain-order error"},
		{"CA first, for Java too", caFirst, []string{"java"}, "client-chain-order warning"},
		{"root before intermediate", mixed, nil, "client-chain-order info"},
		{"not sent, though it could be", shown(below), nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range diagnose.Diagnose(c.attempt, c.clients).Findings {
				got = append(got, f.ID+" "+string(f.Severity))
				diagnose.Readable(t, f)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A chain that would be refused all the same is not written for the user: what is known of it stands in the text.
func TestUselessIntermediateIsNotWritten(t *testing.T) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, func(x *x509.Certificate) { authority(x); until(-day)(x) })
	f := one(t, diagnose.Diagnose(refused(48, []*identity{newClient("client", devices, nil)}, knows(root, devices)), nil), "client-chain-incomplete")
	if len(f.Fixes) != 1 || f.Fixes[0].Automatic || !strings.Contains(f.Fixes[0].Action.Text, string(pemOf(devices))) || strings.Contains(f.Fixes[0].Action.Text, string(pemOf(root))) {
		t.Errorf("fixes %+v", f.Fixes)
	}
}

// An intermediate that ends before the client's own certificate is named itself.
func TestIntermediateExpiresSoon(t *testing.T) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, func(x *x509.Certificate) { authority(x); until(5 * day)(x) })
	fs := diagnose.Diagnose(refused(44, []*identity{newClient("client", devices, nil), devices}), nil).Findings
	f := fs[len(fs)-1]
	if f.ID != "client-certificate-expires-soon" || !strings.Contains(f.Title, "Larch Devices") || f.Subject.CommonName != "Larch Devices" || f.Subject.Block == nil || *f.Subject.Block != 1 {
		t.Errorf("%+v", f)
	}
}

// Names that cannot be read, huge chains and loops must neither stop nor slow the judgement.
func TestHostileClientEvidence(t *testing.T) {
	loop := newClient("Loop", nil, authority)
	other := newClient("Loop", loop, authority)
	many := []*identity{newClient("client", other, nil)}
	for range 60 {
		many = append(many, newClient("Loop", many[len(many)-1], authority))
	}
	a := refused(48, many, lists([]byte{0x30, 0x80}, nil, []byte("CN=text")), knows(many...), sends(many...))
	a.Files.Files[0].Blocks = slices.Concat([]evidence.Block{{Kind: "certificate", Certificate: []byte{0x30, 0}}, {}}, a.Files.Files[0].Blocks)
	begin := time.Now()
	if got := faults(a); !slices.Contains(got, "client-certificate-unknown-ca") {
		t.Errorf("got %q", got)
	}
	if took := time.Since(begin); took > 10*time.Second { // a second without the race detector on a quiet machine
		t.Errorf("took %v", took)
	}
	nobody := refused(45, many[:1])
	nobody.Files = nil
	if got := faults(nobody); len(got) != 1 || got[0] != "client-certificate-rejected" {
		t.Errorf("without files: %q", got)
	}
}

// BenchmarkDiagnoseRefused is the judgement of a refusal that needs the closest look. The program's bound is 5 ms and
// 2 MB.
func BenchmarkDiagnoseRefused(b *testing.B) {
	root := newClient("Larch Root", nil, authority)
	devices := newClient("Larch Devices", root, authority)
	server := newClient("broker.example", root, func(x *x509.Certificate) {
		x.DNSNames, x.ExtKeyUsage = []string{"broker.example"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	a := refused(46, []*identity{newClient("client", devices, nil)}, knows(root), sends(server), lists(root.RawSubject))
	b.ReportAllocs()
	for b.Loop() {
		if fs := diagnose.Diagnose(a, []string{"openssl"}).Findings; len(fs) == 0 {
			b.Fatal("no findings")
		}
	}
}
