package profile

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
)

// DefaultKeepAlive is in seconds: the value that most clients use, and short enough for the time-outs of NAT boxes.
const DefaultKeepAlive = 60

// New returns a profile of that name with a fresh ID and the defaults: MQTT over TLS, the server verified against the
// public authorities, a clean start.
func New(name string) Profile {
	return Profile{
		ID:     NewID(),
		Name:   name,
		Server: Server{Transport: MQTTS},
		MQTT:   Settings{KeepAlive: DefaultKeepAlive, CleanStart: true},
	}
}

// Practice returns the profile of the practice broker. Its host, port and files are known only when the broker has been
// started.
func Practice() Profile {
	p := New("Practice broker")
	p.Practice = true
	p.Subscriptions = []Subscription{{Filter: "#", QoS: 1}}
	return p
}

// NewID returns a random identifier of 32 hexadecimal digits.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never returns an error (crypto/rand)
	return hex.EncodeToString(b[:])
}

// ValidID says whether id can name a file on every system: 1 to 64 ASCII letters, digits, hyphens and underscores.
func ValidID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if !isAlphanumeric(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// Clone returns a copy that shares nothing with p.
func (p Profile) Clone() Profile {
	p.Server.ALPN = slices.Clone(p.Server.ALPN)
	p.Trust.Files = slices.Clone(p.Trust.Files)
	p.AlsoFor = slices.Clone(p.AlsoFor)
	p.Subscriptions = slices.Clone(p.Subscriptions)
	return p
}

// Sources says which trust anchors are in force: without files and without a choice, the public authorities (System and
// Mozilla); with files, only those, unless the public ones were chosen too.
func (t Trust) Sources() (file, system, mozilla bool) {
	file = len(t.Files) > 0
	if !file && !t.System && !t.Mozilla {
		return false, true, true
	}
	return file, t.System, t.Mozilla
}

// Named says whether a client certificate is named at all.
func (c ClientCertificate) Named() bool { return c.CertificateFile != "" || c.KeyFile != "" }
