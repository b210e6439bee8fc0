package lab

import (
	"crypto/rand"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// secp256k1 is the curve (SEC 2 §2.4.1) and its TLS number; its base point is as good a public key as any.
var (
	oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSecp256k1   = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
)

const (
	groupSecp256k1    = 0x0016
	secp256k1Base     = "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
	suiteECDHEECDSA   = 0xC02B // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	alertNoAgreement  = 40     // handshake_failure
	extensionGroups   = 10
	extensionVersions = 43
)

// strangeKeyFaults is apart because crypto/tls cannot serve such a key: the server's part is played as far as its
// Certificate message, which is as far as anybody comes.
var strangeKeyFaults = []fault{
	{Fault: Fault{"server-key-unsupported", TLS, "The broker's key is on a curve that hardly any client offers",
		"How to see the certificate of a broker that ends the handshake before it sends one."},
		scene: func(c *scene, _ string) error {
			point, err := hex.DecodeString(secp256k1Base)
			if err != nil {
				return err
			}
			key, err := asn1.Marshal(struct {
				Algorithm struct{ Algorithm, Curve asn1.ObjectIdentifier }
				Point     asn1.BitString
			}{struct{ Algorithm, Curve asn1.ObjectIdentifier }{oidECPublicKey, oidSecp256k1}, asn1.BitString{Bytes: point, BitLength: 8 * len(point)}})
			if err != nil {
				return err
			}
			c.sent[0], err = resign(c.leaf, c.intermediate, ecdsaSHA256, func(t *tbsCertificate) error {
				t.PublicKey = asn1.RawValue{FullBytes: key}
				return nil
			})
			chain := slices.Clone(c.sent)
			c.screen = func(conn net.Conn) (net.Conn, bool) { showStrangeKey(conn, chain); return nil, false }
			return err
		}},
}

// showStrangeKey answers a hello of TLS 1.2 that offers the curve, as OpenSSL does, and refuses all others.
func showStrangeKey(conn net.Conn, chain []*identity) {
	header := make([]byte, 5)
	if _, err := io.ReadFull(conn, header); err != nil || header[0] != 22 {
		return
	}
	hello := make([]byte, binary.BigEndian.Uint16(header[3:]))
	if _, err := io.ReadFull(conn, hello); err != nil {
		return
	}
	conn.SetWriteDeadline(time.Now().Add(farewell))
	answer := []byte{21, 3, 3, 0, 2, 2, alertNoAgreement}
	if groups, newest := offered(hello); !newest && slices.Contains(groups, groupSecp256k1) {
		if flight, err := certificateFlight(chain); err == nil {
			answer = flight
		}
	}
	conn.Write(answer)
	lingerClose(conn)
}

// offered are the curves of a ClientHello, and whether it names its versions, as one of TLS 1.3 does.
func offered(hello []byte) (groups []uint16, newest bool) {
	s := cryptobyte.String(hello)
	var skipped, extensions cryptobyte.String
	if !s.Skip(4+2+32) || !s.ReadUint8LengthPrefixed(&skipped) || !s.ReadUint16LengthPrefixed(&skipped) ||
		!s.ReadUint8LengthPrefixed(&skipped) || !s.ReadUint16LengthPrefixed(&extensions) {
		return nil, false
	}
	for !extensions.Empty() {
		var kind uint16
		var data, list cryptobyte.String
		if !extensions.ReadUint16(&kind) || !extensions.ReadUint16LengthPrefixed(&data) {
			return groups, newest
		}
		newest = newest || kind == extensionVersions
		if kind != extensionGroups || !data.ReadUint16LengthPrefixed(&list) {
			continue
		}
		for group := uint16(0); list.ReadUint16(&group); {
			groups = append(groups, group)
		}
	}
	return groups, newest
}

// certificateFlight is a ServerHello and a Certificate message of TLS 1.2 (RFC 5246 §7.4), in records of their own.
func certificateFlight(chain []*identity) ([]byte, error) {
	random := make([]byte, 32)
	rand.Read(random) // never returns an error (crypto/rand)
	var b cryptobyte.Builder
	message := func(kind uint8, fill func(*cryptobyte.Builder)) {
		b.AddBytes([]byte{22, 3, 3})
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(kind)
			b.AddUint24LengthPrefixed(fill)
		})
	}
	message(2, func(b *cryptobyte.Builder) {
		b.AddUint16(0x0303)
		b.AddBytes(random)
		b.AddUint8(0) // no session
		b.AddUint16(suiteECDHEECDSA)
		b.AddUint8(0) // no compression
	})
	message(11, func(b *cryptobyte.Builder) {
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, i := range chain {
				b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(i.Raw) })
			}
		})
	})
	return b.Bytes()
}
