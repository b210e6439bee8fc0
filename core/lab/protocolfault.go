package lab

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// protocolFaults are those of what the port speaks, and of how it wants to be spoken to.
var protocolFaults = []fault{
	{Fault: Fault{"server-speaks-http", Protocol, "The port is a web server",
		"How a web server's answer gives itself away in the place of a TLS handshake."},
		scene: func(c *scene, _ string) error { c.listen, c.speak = overTCP, speakHTTP; return nil }},
	{Fault: Fault{"server-speaks-other", Protocol, "The port is for another protocol",
		"That the first bytes of an answer name the protocol: here it is not MQTT at all."},
		scene: func(c *scene, _ string) error {
			c.listen, c.speak = overTCP, func(conn net.Conn) { io.WriteString(conn, "SSH-2.0-Practice\r\n") }
			return nil
		}},
	{Fault: Fault{"server-not-mqtt", Protocol, "The port speaks TLS, and then not MQTT",
		"That a finished handshake does not yet mean that an MQTT broker is behind it."},
		scene: func(c *scene, _ string) error { c.speak = speakHTTP; return nil }},
	{Fault: Fault{"cipher-suite-unsupported", TLS, "The broker knows only old cipher suites",
		"How to tell a missing common cipher suite from a refused certificate, though both are a handshake failure."},
		scene: oldSuites},
	{Fault: Fault{"large-hello-dropped", Network, "Something in between drops the large TLS hello",
		"Why a handshake can hang since clients send larger hellos, and how a smaller one proves it."},
		variants: []string{"silent"},
		scene: func(c *scene, variant string) error {
			c.screen = func(conn net.Conn) (net.Conn, bool) { return dropLarge(conn, variant == "silent") }
			return nil
		}},
	{Fault: Fault{"sni-required", TLS, "The broker wants to be told the server name",
		"Why connecting by address fails where one port serves many names."},
		scene: func(c *scene, _ string) error {
			c.profile.Server.Host = "127.0.0.1" // an address is not sent (RFC 6066 §3)
			c.serveNames(func(name string) bool { return name != "" })
			return nil
		}},
	{Fault: Fault{"sni-unrecognized", TLS, "The broker does not know the server name",
		"That a broker can refuse a name before any certificate is shown, and which name it would take."},
		specs: func(s *specs, _ string) { s.leaf.names = []string{"mqtt.practice.example"} },
		scene: func(c *scene, _ string) error {
			c.serveNames(func(name string) bool { return name == "" || name == "mqtt.practice.example" })
			return nil
		}},
	{Fault: Fault{"alpn-required", TLS, "The broker wants to be told the application protocol",
		"What ALPN is for, and why AWS IoT wants it on port 443."},
		variants: []string{"another"},
		scene: func(c *scene, variant string) error {
			if variant == "another" {
				c.profile.Server.ALPN = []string{"mqtt/9"}
			}
			c.tune = requireALPN
			return nil
		}},
}

// speakHTTP answers whatever comes as a web server does that cannot read it.
func speakHTTP(conn net.Conn) {
	one := make([]byte, 1)
	if _, err := conn.Read(one); err != nil {
		return
	}
	answer := http.Response{StatusCode: http.StatusBadRequest, ProtoMajor: 1, ProtoMinor: 1, Close: true, ContentLength: 0}
	answer.Write(conn)
}

// oldSuites lets the server take nothing but the RSA key exchange, with the RSA key that this needs.
func oldSuites(c *scene, _ string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("making an RSA key: %w", err)
	}
	c.sent[0], err = forge(spec{subject: c.leaf.Subject, names: []string{host, "127.0.0.1", "::1"}, usage: c.leaf.ExtKeyUsage,
		notBefore: c.leaf.NotBefore, notAfter: c.leaf.NotAfter, key: key}, c.intermediate)
	c.maxVersion = tls.VersionTLS12
	c.tune = func(config *tls.Config) { config.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256} }
	return err
}

// largeHello is the size of a TLS record, in bytes, from which on the one in between drops it: what fits into one packet
// of an ordinary network passes.
const largeHello = 1400

// dropLarge reads the first record's header and lets the connection live only if the record is small.
func dropLarge(conn net.Conn, silently bool) (net.Conn, bool) {
	buffered := bufio.NewReader(conn)
	header, err := buffered.Peek(5)
	if err != nil {
		return nil, false
	}
	if header[0] != 0x16 || int(header[3])<<8|int(header[4]) <= largeHello {
		return screened{conn, buffered}, true
	}
	if silently {
		io.Copy(io.Discard, buffered) // until the client gives up
	} else if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0) // a reset
	}
	return nil, false
}

// screened is a connection of which something was read already.
type screened struct {
	net.Conn
	buffered *bufio.Reader
}

func (s screened) Read(p []byte) (int, error) { return s.buffered.Read(p) }

// serveNames lets the server know only some server names; to others it says unrecognized_name.
func (c *scene) serveNames(known func(string) bool) {
	c.tune = func(config *tls.Config) {
		certificate := config.Certificates[0]
		config.Certificates = nil
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if !known(hello.ServerName) {
				return nil, nil // crypto/tls answers with unrecognized_name
			}
			return &certificate, nil
		}
	}
}

// alertNoALPN is the record of a fatal alert no_application_protocol (RFC 8446 §6, RFC 7301 §3.2).
var alertNoALPN = []byte{0x15, 3, 3, 0, 2, 2, 120}

// practiceALPN is the protocol that AWS IoT wants for a client certificate on port 443.
const practiceALPN = "x-amzn-mqtt-ca"

// requireALPN refuses a hello that does not name practiceALPN: crypto/tls itself lets one pass that names nothing.
func requireALPN(config *tls.Config) {
	config.NextProtos = []string{practiceALPN}
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.SupportedProtos, practiceALPN) {
			return nil, nil
		}
		hello.Conn.SetWriteDeadline(time.Now().Add(farewell))
		hello.Conn.Write(alertNoALPN)
		return nil, errors.New("no application protocol")
	}
}
