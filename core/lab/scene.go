package lab

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"

	"mutual/core/pki"
	"mutual/core/profile"
)

// day is the unit of certificates' lifetimes.
const day = 24 * time.Hour

// host is the name under which the practice broker is reached.
const host = "localhost"

// specs are the certificates that a lab makes, before they are made: faults of dates and names are put here.
type specs struct {
	root, intermediate, leaf spec // the server's chain
	clientCA, client         spec
}

// scene is everything about one lab once its certificates are made: faults of files, chains and protocols are put here.
type scene struct {
	dir string
	now time.Time

	root, intermediate, leaf *identity
	clientCA, client         *identity

	sent    []*identity // the server's Certificate message
	trusted []*identity // ca.pem
	known   []*identity // what stands among the built-in certificates
	// listed puts the root into Mozilla's root program, under this condition; nil: it is not there
	listed func(path []*x509.Certificate) error

	files   map[string][]byte // further files, by name
	folder  string            // a further folder; empty: none
	profile profile.Profile   // paths are names in dir until Start

	listen            listening
	speak             func(net.Conn)                        // what the port speaks in the place of MQTT; nil: MQTT
	screen            func(net.Conn) (net.Conn, bool)       // what stands between; not ok: it lets nothing pass. nil: nothing
	greet             func(net.Conn) (net.Conn, bool)       // what stands between TLS and the broker, as screen before TLS
	tune              func(*tls.Config)                     // changes how the server shakes hands; nil: nothing
	maxVersion        uint16                                // of TLS; 0: the newest
	judge             verdict                               // of the client certificate, after crypto/tls; nil: none
	deny              func(topic string, publish bool) bool // what the broker allows nobody; nil: it allows all
	end               func(*server, *mqtt.Client)           // what becomes of a client that has settled; nil: it stays
	refuse            *refusal                              // nil: every client is welcome
	proxy             string                                // how the proxy is broken that the profile names; empty: none
	webSocket         *webDoor                              // what MQTT is spoken through; nil: nothing
	responder         *responder                            // the authority's web server; nil: none
	passphrase, given string
}

// listening is what answers on the port.
type listening int

const (
	overTLS  listening = iota
	overTCP            // MQTT without TLS
	refusing           // nothing
	silent             // something that never accepts
)

// soundSpecs are those of a server and a client whose certificates are in order, with names that no other run has.
func soundSpecs(org string, now time.Time) specs {
	name := func(unit string) pkix.Name {
		return pkix.Name{Country: []string{"US"}, Organization: []string{org}, CommonName: unit}
	}
	tag := random(2)
	return specs{
		root: spec{subject: name(org + " Root " + tag), ca: true,
			notBefore: now.Add(-1000 * day), notAfter: now.Add(6000 * day)},
		intermediate: spec{subject: name(org + " Issuing CA " + tag), ca: true,
			usage:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			notBefore: now.Add(-300 * day), notAfter: now.Add(700 * day)},
		leaf: spec{subject: pkix.Name{CommonName: host}, names: []string{host, "127.0.0.1", "::1"},
			usage:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			notBefore: now.Add(-1 * day), notAfter: now.Add(200 * day)},
		clientCA: spec{subject: name(org + " Client CA " + tag), ca: true,
			notBefore: now.Add(-300 * day), notAfter: now.Add(700 * day)},
		client: spec{subject: name("Client " + tag),
			usage:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			notBefore: now.Add(-1 * day), notAfter: now.Add(200 * day)},
	}
}

// newScene makes the certificates of s and sets a sound stage with them.
func newScene(dir string, now time.Time, s specs) (*scene, error) {
	c := &scene{dir: dir, now: now, files: map[string][]byte{}}
	for _, step := range []struct {
		made   **identity
		spec   spec
		issuer **identity
	}{
		{&c.root, s.root, nil},
		{&c.intermediate, s.intermediate, &c.root},
		{&c.leaf, s.leaf, &c.intermediate},
		{&c.clientCA, s.clientCA, nil},
		{&c.client, s.client, &c.clientCA},
	} {
		var issuer *identity
		if step.issuer != nil {
			issuer = *step.issuer
		}
		var err error
		if *step.made, err = forge(step.spec, issuer); err != nil {
			return nil, err
		}
	}
	c.sent = []*identity{c.leaf, c.intermediate}
	c.trusted = []*identity{c.root}
	c.known = []*identity{c.root}
	c.profile = profile.Practice()
	c.profile.Server.Host = host
	c.profile.Trust.Files = []string{caName}
	c.profile.ClientCertificate = profile.ClientCertificate{CertificateFile: clientCertificateName, KeyFile: clientKeyName}
	return c, nil
}

// inDir makes the profile's paths absolute.
func (c *scene) inDir() {
	p := &c.profile
	for i := range p.Trust.Files {
		p.Trust.Files[i] = filepath.Join(c.dir, p.Trust.Files[i])
	}
	for _, path := range []*string{&p.ClientCertificate.CertificateFile, &p.ClientCertificate.KeyFile} {
		if *path != "" {
			*path = filepath.Join(c.dir, *path)
		}
	}
}

// stranger makes an authority that has nothing to do with the lab's.
func (c *scene) stranger() (*identity, error) {
	org := newOrganisation()
	return forge(spec{
		subject:   pkix.Name{Country: []string{"US"}, Organization: []string{org}, CommonName: org + " Root"},
		ca:        true,
		notBefore: c.now.Add(-500 * day),
		notAfter:  c.now.Add(3000 * day),
	}, nil)
}

// roots are the public ones, and what the scene adds to those that are built in.
func (c *scene) roots() *pki.Roots {
	var known []*x509.Certificate
	for _, i := range c.known {
		known = append(known, i.Certificate)
	}
	roots := pki.PublicRoots().Knowing(known...)
	if c.listed != nil {
		roots = roots.Listing(pki.NewRoot(c.root.Raw, c.listed))
	}
	return roots
}

// config is the TLS configuration of the server: two-way.
func (c *scene) config() *tls.Config {
	clients := x509.NewCertPool()
	clients.AddCert(c.clientCA.Certificate)
	config := &tls.Config{
		Certificates: []tls.Certificate{message(c.sent)},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
		MinVersion:   minVersion(c.maxVersion),
		MaxVersion:   c.maxVersion,
	}
	if c.tune != nil {
		c.tune(config)
	}
	if c.judge != nil {
		judgeWith(config, c.judge)
	}
	return config
}

// minVersion is TLS 1.2, or TLS 1.0 for a server that is to know only what is older.
func minVersion(maxVersion uint16) uint16 {
	if maxVersion != 0 && maxVersion < tls.VersionTLS12 {
		return tls.VersionTLS10
	}
	return tls.VersionTLS12
}

// organisations are first names for the companies that nobody runs.
var organisations = []string{"Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Willow"}

func newOrganisation() string {
	var b [1]byte
	rand.Read(b[:])
	return fmt.Sprintf("%s Practice %s", organisations[int(b[0])%len(organisations)], random(3))
}

// random is 2n hexadecimal digits.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
