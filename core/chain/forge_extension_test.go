package chain

import (
	"math/big"
	"net"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// Extensions.

func rawExt(oid string, critical bool, value []byte) []byte {
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidOf(oid))
			if critical {
				b.AddASN1Boolean(true)
			}
			b.AddASN1OctetString(value)
		})
	})
}

// ca is critical basicConstraints; length below 0: no pathLenConstraint.
func ca(is bool, length int) []byte {
	return rawExt(oidBasicConstraints, true, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if is {
				b.AddASN1Boolean(true)
			}
			if length >= 0 {
				b.AddASN1Int64(int64(length))
			}
		})
	}))
}

func ku(bits byte) []byte {
	unused := byte(0)
	for bits != 0 && bits>>unused&1 == 0 {
		unused++
	}
	return rawExt(oidKeyUsage, true, []byte{3, 2, unused, bits})
}

func eku(oids ...string) []byte {
	return rawExt(oidExtendedKeyUsage, false, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, o := range oids {
				b.AddASN1ObjectIdentifier(oidOf(o))
			}
		})
	}))
}

// generals encodes GeneralNames: an address becomes iPAddress, "mail:x" rfc822Name, "uri:x", "dir:CN=x", else dNSName;
// "10.0.0.0/8" is an address with its mask, for name constraints.
func generals(b *cryptobyte.Builder, name string) {
	context := func(n uint8, body []byte, constructed bool) {
		tag := cbasn1.Tag(n).ContextSpecific()
		if constructed {
			tag = tag.Constructed()
		}
		b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(body) })
	}
	kind, rest, _ := strings.Cut(name, ":")
	_, network, err := net.ParseCIDR(name)
	switch {
	case err == nil:
		ip := network.IP
		context(7, append(append([]byte(nil), ip...), network.Mask...), false)
	case kind == "mail":
		context(1, []byte(rest), false)
	case kind == "uri":
		context(6, []byte(rest), false)
	case kind == "dir":
		context(4, dn(rest), true)
	case kind == "rid":
		context(8, []byte{0x2a, 3}, false)
	case kind == "dns":
		context(2, []byte(rest), false)
	case net.ParseIP(name) != nil:
		ip := net.ParseIP(name)
		if four := ip.To4(); four != nil {
			ip = four
		}
		context(7, ip, false)
	default:
		context(2, []byte(name), false)
	}
}

func san(names ...string) []byte {
	return rawExt(oidAlternativeName, false, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, n := range names {
				generals(b, n)
			}
		})
	}))
}

func skidExt(id []byte) []byte {
	return rawExt(oidSubjectKeyID, false, build(func(b *cryptobyte.Builder) { b.AddASN1OctetString(id) }))
}

func akidExt(id []byte) []byte {
	return rawExt(oidAuthorityKeyID, false, append([]byte{0x30, byte(len(id) + 2), 0x80, byte(len(id))}, id...))
}

// akidSerial is the form with issuer and serial number.
func akidSerial(issuer []byte, serial int64) []byte {
	return rawExt(oidAuthorityKeyID, false, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.Tag(4).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(issuer) })
			})
			b.AddASN1(cbasn1.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(big.NewInt(serial).Bytes()) })
		})
	}))
}

func constraintsExt(permitted, excluded []string) []byte {
	trees := func(b *cryptobyte.Builder, tag uint8, names []string) {
		if len(names) == 0 {
			return
		}
		b.AddASN1(cbasn1.Tag(tag).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			for _, n := range names {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { generals(b, n) })
			}
		})
	}
	return rawExt(oidNameConstraints, true, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			trees(b, 0, permitted)
			trees(b, 1, excluded)
		})
	}))
}

func aia(url string) []byte {
	return rawExt(oidAuthorityInfo, false, build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidOf(oidCAIssuers))
				generals(b, "uri:"+url)
			})
		})
	}))
}

// Ordinary certificates.

func root(name string, ext ...[]byte) *forged {
	return forge(spec{subject: dn(name), auto: true, ext: append([][]byte{ca(true, -1), ku(keyCertSign | 2)}, ext...)})
}

func intermediate(name string, by *forged, ext ...[]byte) *forged {
	return forge(spec{subject: dn(name), by: by, auto: true, ext: append([][]byte{ca(true, -1), ku(keyCertSign | 2)}, ext...)})
}

func endEntity(by *forged, ext ...[]byte) *forged {
	if len(ext) == 0 {
		ext = [][]byte{san(host), eku(oidServerAuth, oidClientAuth)}
	}
	return forge(spec{subject: dn("CN=" + host), by: by, auto: true, ext: append([][]byte{ca(false, -1), ku(digitalSignature)}, ext...)})
}

// question asks about sent (end-entity certificate first) with the anchors given.
func question(sent []*forged, anchors ...*forged) Question {
	q := Question{Name: host, At: noon, Purpose: ServerAuth}
	for i, f := range sent {
		q.Sent = append(q.Sent, f.certificate(evidence.Sent, i))
	}
	for i, f := range anchors {
		q.Anchors = append(q.Anchors, f.certificate(evidence.CAFile, i))
	}
	return q
}

func (q Question) known(candidates ...*forged) Question {
	for _, f := range candidates {
		q.Candidates = append(q.Candidates, f.certificate(evidence.BuiltIn, 0))
	}
	return q
}
