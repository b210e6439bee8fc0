package profile

import "crypto/tls"

// Version is a version of MQTT.
type Version string

const (
	Version5   Version = "5"
	Version311 Version = "3.1.1"
)

// VersionOrDefault is the version that is spoken.
func (s Settings) VersionOrDefault() Version {
	if s.Version == "" {
		return Version5
	}
	return s.Version
}

// Level is the version's number in CONNECT (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2); an unknown one counts as Version5.
func (v Version) Level() byte {
	if v == Version311 {
		return 4
	}
	return 5
}

// TLSVersion is a version of TLS: "1.0" to "1.3"; empty: the program's own choice.
type TLSVersion string

// tlsVersions are those that there are, oldest first.
var tlsVersions = []TLSVersion{"1.0", "1.1", "1.2", "1.3"}

// TLSVersions lists the versions that can be set, oldest first.
func TLSVersions() []TLSVersion { return append([]TLSVersion(nil), tlsVersions...) }

// Number is the version as TLS counts it: 0x0304 for 1.3 (RFC 8446 §4.2.1); 0 for an empty or unknown one.
func (v TLSVersion) Number() uint16 {
	for i, known := range tlsVersions {
		if v == known {
			return tls.VersionTLS10 + uint16(i)
		}
	}
	return 0
}

// DefaultMinTLS is the oldest version that is offered where nothing else is set: RFC 8996 withdrew 1.0 and 1.1.
const DefaultMinTLS TLSVersion = "1.2"

// DefaultMaxTLS is the newest version that there is.
const DefaultMaxTLS TLSVersion = "1.3"

// TLS says how the handshake is begun. The zero value is right nearly everywhere.
type TLS struct {
	// Min and Max bound the versions that are offered; empty: DefaultMinTLS (or Max, where that is older) and DefaultMaxTLS.
	Min TLSVersion `json:"min,omitempty"`
	Max TLSVersion `json:"max,omitempty"`
	// SmallHello leaves the post-quantum key share out, so that the hello fits into one packet: for networks that drop a
	// larger one. What is recorded then can be read by whoever has a quantum computer one day.
	SmallHello bool `json:"small_hello,omitempty"`
}

// Bounds are the oldest and the newest version that is offered, as TLS counts them.
func (t TLS) Bounds() (oldest, newest uint16) {
	if newest = t.Max.Number(); newest == 0 {
		newest = DefaultMaxTLS.Number()
	}
	if oldest = t.Min.Number(); oldest == 0 {
		oldest = min(DefaultMinTLS.Number(), newest)
	}
	return oldest, newest
}

func (t TLS) validate(ps *problems) {
	for _, v := range []struct {
		field string
		value TLSVersion
	}{{"tls.min", t.Min}, {"tls.max", t.Max}} {
		if v.value != "" && v.value.Number() == 0 {
			ps.add(v.field, "The TLS version %q is not 1.0, 1.1, 1.2 or 1.3.", v.value)
			return
		}
	}
	if oldest, newest := t.Bounds(); oldest > newest {
		ps.add("tls.min", "The oldest TLS version, %s, is newer than the newest, %s.", t.Min, t.Max)
	}
}
