package pki

import (
	"fmt"
	"slices"
	"strings"
)

// Preset is what a broker's or device's documentation demands of certificates that are made for it.
type Preset struct {
	ID, Title  string
	Algorithms []KeyAlgorithm // that it takes, the recommended one first
	Days       int            // the validity that is proposed
	MinDays    int            // the least that it takes
	SameFamily bool           // certificate and authority have keys of one family
	Managed    bool           // the broker is somebody else's, who gives it its own certificate
	Note       string         // what else is to be known, a sentence
}

// Presets are in the order in which they are shown.
var Presets = []Preset{
	{
		ID: "mosquitto", Title: "Mosquitto", Algorithms: KeyAlgorithms, Days: defaultDays, MinDays: 1,
		Note: "A key with a passphrase would be asked for at the terminal whenever Mosquitto starts, so it is written without one.", // mosquitto.conf(5), keyfile
	},
	{
		// docs.emqx.com, cloud, "Configure TLS/SSL": RSA 1024 and 2048, ECDSA P-256 and P-384; no certificate within 60
		// days of its end; the algorithm of the certificate is that of the signing CA.
		ID: "emqx-cloud", Title: "EMQX Cloud", Algorithms: []KeyAlgorithm{RSA2048, ECDSAP256, ECDSAP384}, Days: defaultDays, MinDays: 61, SameFamily: true,
		Note: "EMQX Cloud takes PEM, a key without a passphrase, and refuses a certificate in its last 60 days.",
	},
	{
		// AWS IoT Core Developer Guide, "X.509 client certificates": RSA of at least 2048 bits, ECC on P-256, P-384, P-521.
		ID: "aws-iot", Title: "AWS IoT", Algorithms: []KeyAlgorithm{RSA2048, ECDSAP256, ECDSAP384, ECDSAP521, RSA3072, RSA4096}, Days: defaultDays, MinDays: 1, Managed: true,
		Note: "AWS IoT has to be told of the certificate or of its authority before a device can connect with it.",
	},
	{
		// mbedTLS has no Ed25519 certificates; ESP-IDF's default configuration has the NIST curves.
		ID: "esp32", Title: "ESP32 (mbedTLS)", Algorithms: []KeyAlgorithm{ECDSAP256, ECDSAP384, ECDSAP521, RSA2048, RSA3072, RSA4096}, Days: 3650, MinDays: 1,
		Note: "Handshakes with P-256 need the least memory and time; certificates in order, because mbedTLS refuses a chain that is not.",
	},
}

// FindPreset returns the preset of that id.
func FindPreset(id string) (Preset, bool) {
	n := slices.IndexFunc(Presets, func(p Preset) bool { return p.ID == id })
	if n < 0 {
		return Preset{}, false
	}
	return Presets[n], true
}

// Check says why a certificate that r asks for would not be taken; authority is nil for a self-signed one.
func (p Preset) Check(r Request, authority *Issued) error {
	algorithm := r.Algorithm
	if algorithm == "" {
		algorithm = RSA2048
	}
	if !slices.Contains(p.Algorithms, algorithm) {
		var names []string
		for _, a := range p.Algorithms {
			names = append(names, string(a))
		}
		return fmt.Errorf("%s takes no %s keys, only %s", p.Title, algorithm, strings.Join(names, ", "))
	}
	days := r.Days
	if days == 0 {
		days = defaultDays
	}
	if days < p.MinDays {
		return fmt.Errorf("%s takes no certificate that is valid for fewer than %d days", p.Title, p.MinDays)
	}
	if p.SameFamily && authority != nil && authority.Certificate != nil {
		signer, _, _ := strings.Cut(KeyTypeOf(authority.Certificate.PublicKey), " ")
		if own, _, _ := strings.Cut(string(algorithm), ":"); !strings.EqualFold(own, signer) {
			return fmt.Errorf("%s wants the certificate's key to be of the authority's kind, %s, and not %s", p.Title, signer, own)
		}
	}
	return nil
}
