package lab

import (
	"cmp"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"slices"

	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/smallstep/pkcs7"
	"github.com/youmark/pkcs8"
)

// Faults lists them group by group. Some systems lack tcp-timeout or tcp-unreachable, which cannot be brought about on
// them.
func Faults() []Fault {
	var all []Fault
	for _, f := range faults() {
		all = append(all, f.Fault)
	}
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(slices.Index(groups, a.Group), slices.Index(groups, b.Group)) })
	return all
}

// Variants lists the further forms of a fault, besides the plain one, which has none.
func Variants(fault string) []string {
	f, _ := faultOf(fault)
	return f.variants
}

// fault is a Fault and how to bring it about.
type fault struct {
	Fault
	variants []string // for Options.Variant; its empty value is the first form that the functions name
	specs    func(s *specs, variant string)
	scene    func(c *scene, variant string) error
	ownRoots bool // see NeedsOwnRoots
}

func faultOf(id string) (fault, bool) {
	for _, f := range faults() {
		if f.ID == id {
			return f, true
		}
	}
	return fault{}, false
}

// faults are in the order of teaching: from the address to MQTT.
func faults() []fault {
	all := slices.Concat(networkFaults, passageFaults, chainFaults, trustFaults, usageFaults, statusFaults, protocolFaults, clientFaults,
		ownCertificateFaults, verdictFaults, strangeKeyFaults, versionFaults, sessionFaults, fileFaults)
	return slices.DeleteFunc(all, func(f fault) bool {
		return f.ID == "tcp-timeout" && !deafPorts || f.ID == "tcp-unreachable" && unroutable == ""
	})
}

// networkFaults are those of the address, the port and the protocol on it.
var networkFaults = []fault{
	{Fault: Fault{"address-invalid", Network, "The broker's address cannot be read",
		"What belongs into an address and what does not, and that the first character at fault is named."},
		variants: []string{"scheme", "port"},
		scene: func(c *scene, variant string) error {
			switch variant {
			case "scheme":
				c.profile.Server.Host = "https://" + host
			case "port":
				c.profile.Server.Host = host + ":88883"
			default:
				c.profile.Server.Host = "local host"
			}
			return nil
		}},
	{Fault: Fault{"dns-not-found", Network, "The broker's name does not exist",
		"Why a name that cannot be resolved is neither TLS nor the broker, and how to tell a typing mistake from a missing DNS record."},
		scene: func(c *scene, _ string) error {
			c.profile.Server.Host = "broker-" + random(4) + ".invalid" // RFC 6761 §6.4: never exists
			return nil
		}},
	{Fault: Fault{"tcp-refused", Network, "Nothing listens on the port",
		"That a refusal means that the computer answers and the port does not: the broker is down, or the port is another one."},
		scene: func(c *scene, _ string) error { c.listen = refusing; return nil }},
	{Fault: Fault{"tcp-timeout", Network, "Nothing answers on the port",
		"That silence points to a firewall or a wrong address, where a refusal would point to the broker."},
		scene: func(c *scene, _ string) error { c.listen = silent; c.profile.Server.Host = "127.0.0.1"; return nil }},
	{Fault: Fault{"server-speaks-plain-mqtt", Protocol, "TLS is tried on a port without TLS",
		"How a port that speaks MQTT without TLS looks to a TLS client, and why moving to the TLS port beats giving up encryption."},
		scene: func(c *scene, _ string) error { c.listen = overTCP; return nil }},
	{Fault: Fault{"server-requires-tls", Protocol, "MQTT without TLS is tried on a TLS port",
		"Why a TLS port simply hangs up on MQTT without TLS, and where the setting is."},
		scene: func(c *scene, _ string) error { c.profile.Server.Transport = "mqtt"; return nil }},
	{Fault: Fault{"tls-version-unsupported", TLS, "The broker knows only old versions of TLS",
		"Why a broker that stopped at TLS 1.1 cannot be reached by today's clients, and that the broker has to move; and how bounds that are set here too tightly look."},
		variants: []string{"1.0", "min-too-new", "max-too-old"},
		scene: func(c *scene, variant string) error {
			c.maxVersion = tls.VersionTLS11
			switch variant {
			case "1.0":
				c.maxVersion = tls.VersionTLS10
			case "min-too-new":
				c.maxVersion, c.profile.TLS.Min = tls.VersionTLS12, "1.3"
			case "max-too-old":
				c.maxVersion, c.profile.TLS.Max = tls.VersionTLS13, "1.2"
				c.tune = func(config *tls.Config) { config.MinVersion = tls.VersionTLS13 }
			}
			return nil
		}},
}

// clientFaults are those of the user's own files, of the broker's judgement of them, and of MQTT.
var clientFaults = []fault{
	{Fault: Fault{"file-missing", YourFiles, "A file is not where the profile says",
		"How a wrong path is named before anything is sent."},
		variants: []string{"certificate", "key"},
		scene: func(c *scene, variant string) error {
			gone := "gone-" + random(2) + ".pem"
			switch variant {
			case "certificate":
				c.profile.ClientCertificate.CertificateFile = gone
			case "key":
				c.profile.ClientCertificate.KeyFile = gone
			default:
				c.profile.Trust.Files[0] = gone
			}
			return nil
		}},
	{Fault: Fault{"file-wrong-format", YourFiles, "The CA file is DER, not PEM",
		"How DER and PEM differ, and that one click converts."},
		variants: []string{"certificate", "key", "pkcs7"},
		scene:    wrongFormat},
	{Fault: Fault{"file-wrong-content", YourFiles, "A request stands where the certificate belongs",
		"How a request, a key and a certificate are told apart."},
		scene: func(c *scene, _ string) error {
			der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: c.client.Subject}, c.client.key)
			if err != nil {
				return fmt.Errorf("making a request: %w", err)
			}
			const name = "client.csr"
			c.files[name] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
			c.profile.ClientCertificate.CertificateFile = name
			return nil
		}},
	{Fault: Fault{"key-encrypted", YourFiles, "The key is encrypted, and no passphrase is given",
		"How an encrypted key is recognised, and where its passphrase goes."},
		scene: func(c *scene, _ string) error { return encryptKey(c) }},
	{Fault: Fault{"passphrase-wrong", YourFiles, "The key's passphrase is wrong",
		"How a wrong passphrase differs from a damaged key."},
		scene: func(c *scene, _ string) error {
			c.given = "not-" + random(4)
			return encryptKey(c)
		}},
	{Fault: Fault{"key-mismatch", YourFiles, "The key belongs to another certificate",
		"How a certificate and its key are matched, and how to find the right pair."},
		scene: func(c *scene, _ string) error {
			other, err := c.stranger()
			if err != nil {
				return err
			}
			const name = "client-old.key"
			c.profile.ClientCertificate.KeyFile = name
			c.files[name], err = keyPEM(other.key)
			return err
		}},
	{Fault: Fault{"client-certificate-required", ClientCertificate, "The broker wants a client certificate and gets none",
		"How a broker says that it wants a certificate, late in TLS 1.3 and within the handshake in TLS 1.2."},
		variants: []string{"tls-1.2"},
		scene: func(c *scene, variant string) error {
			c.profile.ClientCertificate.CertificateFile, c.profile.ClientCertificate.KeyFile = "", ""
			return olderTLS(c, variant)
		}},
	{Fault: Fault{"client-certificate-unknown-ca", ClientCertificate, "The broker does not know who issued the client certificate",
		"That the broker has to know who issued your certificate, and how to read its list of authorities."},
		variants: []string{"tls-1.2"},
		scene: func(c *scene, variant string) error {
			other, err := c.stranger()
			if err != nil {
				return err
			}
			c.clientCA = other // the client's certificate stays the one of the first
			return olderTLS(c, variant)
		}},
	{Fault: Fault{"client-certificate-expired", ClientCertificate, "The client certificate has expired",
		"That a broker judges your dates too, and its answer may name another reason."},
		variants: []string{"tls-1.2"},
		specs: func(s *specs, _ string) {
			s.client.notBefore, s.client.notAfter = s.client.notBefore.Add(-400*day), s.client.notBefore.Add(-20*day)
		},
		scene: olderTLS},
	{Fault: Fault{"mqtt-refused", MQTT, "The broker refuses the user",
		"How to read the reason code of a CONNACK: password, permission, ban or a busy broker."},
		variants: []string{"not-authorized", "banned", "server-unavailable"},
		scene: func(c *scene, variant string) error {
			code := packets.ErrBadUsernameOrPassword
			switch variant {
			case "not-authorized":
				code = packets.ErrNotAuthorized
			case "banned":
				code = packets.ErrBanned
			case "server-unavailable":
				code = packets.ErrServerUnavailable
			}
			c.refuse = &refusal{code: code, text: "Practice broker: " + code.Reason}
			return nil
		}},
}

// olderTLS keeps the server at TLS 1.2 in that variant: there it judges the client certificate within the handshake.
func olderTLS(c *scene, variant string) error {
	if variant == "tls-1.2" {
		c.maxVersion = tls.VersionTLS12
	}
	return nil
}

// wrongFormat writes a file as DER and lets the profile name it.
func wrongFormat(c *scene, variant string) error {
	switch variant {
	case "certificate":
		c.files["client.der"] = c.client.Raw
		c.profile.ClientCertificate.CertificateFile = "client.der"
	case "key":
		der, err := x509.MarshalPKCS8PrivateKey(c.client.key)
		if err != nil {
			return fmt.Errorf("encoding a key: %w", err)
		}
		c.files["client-key.der"] = der
		c.profile.ClientCertificate.KeyFile = "client-key.der"
	case "pkcs7":
		der, err := pkcs7.DegenerateCertificate(c.root.Raw)
		if err != nil {
			return fmt.Errorf("bundling a certificate: %w", err)
		}
		c.files["ca.p7b"] = pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: der})
		c.profile.Trust.Files[0] = "ca.p7b"
	default:
		c.files["ca.der"] = c.root.Raw
		c.profile.Trust.Files[0] = "ca.der"
	}
	return nil
}

// encryptKey puts an encrypted copy of the client's key (PKCS #8, PBES2) in the profile.
func encryptKey(c *scene) error {
	c.passphrase = "practice-" + random(4)
	der, err := pkcs8.MarshalPrivateKey(c.client.key, []byte(c.passphrase), nil)
	if err != nil {
		return fmt.Errorf("encrypting a key: %w", err)
	}
	const name = "client-encrypted.key"
	c.files[name] = pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
	c.profile.ClientCertificate.KeyFile = name
	return nil
}

// commonName is a subject of nothing else.
func commonName(name string) pkix.Name { return pkix.Name{CommonName: name} }
