package tlsdial

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"mutual/core/evidence"
)

// AnyKeyAnswer is what a server showed to a client that offers every kind of key.
type AnyKeyAnswer struct {
	Version      uint16
	CipherSuite  uint16
	Certificates []evidence.Certificate // none: the server refused, or did not answer in TLS
}

// AnyKey offers one version of TLS (0x0303 or 0x0304) with every curve and signature algorithm that has a number, most of
// which crypto/tls lacks, and reads the server's Certificate message. In TLS 1.2 that is in the clear; in TLS 1.3 the
// keys of the handshake are worked out, and nothing more: no Finished message is ever sent, so that this can never
// become a connection. AnyKey does not close socket.
func AnyKey(ctx context.Context, socket net.Conn, name string, alpn []string, version uint16) (AnyKeyAnswer, error) {
	stop := context.AfterFunc(ctx, func() { socket.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var share *ecdh.PrivateKey
	if version == tls.VersionTLS13 {
		var err error
		if share, err = ecdh.X25519().GenerateKey(rand.Reader); err != nil {
			return AnyKeyAnswer{}, err
		}
	}
	hello, err := anyKeyHello(strings.TrimSuffix(name, "."), alpn, share)
	if err != nil {
		return AnyKeyAnswer{}, err
	}
	var record cryptobyte.Builder
	record.AddBytes([]byte{recordHandshake, 3, 1})
	record.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(hello) })
	raw, err := record.Bytes()
	if err != nil {
		return AnyKeyAnswer{}, err
	}
	if _, err := socket.Write(raw); err != nil {
		return AnyKeyAnswer{}, err
	}
	f, err := readUntilCertificates(socket, hello, share)
	answer := AnyKeyAnswer{Version: f.version, CipherSuite: f.cipherSuite}
	if f.version != version {
		return answer, err // an older one, which a hello of TLS 1.2 allows and this program does not
	}
	for i, der := range f.certificates {
		answer.Certificates = append(answer.Certificates, evidence.Certificate{Source: evidence.Sent, Position: i, DER: der})
	}
	if len(answer.Certificates) > 0 {
		err = nil
	}
	return answer, err
}

// readUntilCertificates reads until the Certificate message is whole, the server ends, or more has come than is kept.
func readUntilCertificates(socket io.Reader, hello []byte, share *ecdh.PrivateKey) (flight, error) {
	var in []byte
	buffer := make([]byte, 16<<10)
	for {
		n, err := socket.Read(buffer)
		in = record(in, buffer[:n])
		f := readFlight(in)
		if share != nil && f.version == tls.VersionTLS13 {
			if secret := f.handshakeSecret(hello, share); secret != nil {
				f.unseal(secret)
			}
		}
		if len(f.certificates) > 0 || err != nil || len(in) >= maxRecorded || len(in) > 0 && !f.isTLS {
			return f, err
		}
	}
}

// groups and signature schemes of the IANA registry (TLS Supported Groups, TLS SignatureScheme), without those that
// nobody was seen to serve. A server picks its key by them.
var (
	anyGroups = []uint16{
		0x001D, 0x0017, 0x0018, 0x0019, 0x001E, // X25519, P-256, P-384, P-521, X448
		0x0015, 0x0013, 0x0016, // P-224, P-192, secp256k1
		0x001A, 0x001B, 0x001C, 0x001F, 0x0020, 0x0021, // brainpool, for TLS 1.2 and TLS 1.3
		0x0100, 0x0101, // ffdhe2048, ffdhe3072
	}
	anySchemes = []uint16{
		0x0403, 0x0503, 0x0603, 0x0807, 0x0808, // ECDSA, Ed25519, Ed448
		0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, // RSA-PSS with a plain RSA key, and with one that is for PSS only
		0x081A, 0x081B, 0x081C, // brainpool in TLS 1.3
		0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0302, 0x0202, // PKCS #1, SHA-224, SHA-1, DSA
	}
	anySuites12 = []uint16{
		0xC02B, 0xC02C, 0xCCA9, 0xC02F, 0xC030, 0xCCA8, 0xC0AC, 0xC0AD, 0xC0AE, 0xC0AF, // ECDHE with AES-GCM, ChaCha20, AES-CCM
		0x009E, 0x009F, 0xCCAA, 0xC023, 0xC024, 0xC027, 0xC028, 0xC009, 0xC00A, 0xC013, 0xC014, // DHE, and CBC
		0x0067, 0x006B, 0x0033, 0x0039, 0x0032, 0x0038, 0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, 0x000A, 0xC012,
	}
	anySuites13 = []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256}
)

// anyKeyHello is the ClientHello message, with its header; share nil: of TLS 1.2.
func anyKeyHello(name string, alpn []string, share *ecdh.PrivateKey) ([]byte, error) {
	random := make([]byte, 64)
	rand.Read(random) // never returns an error (crypto/rand)
	suites := anySuites12
	if share != nil {
		suites = anySuites13
	}
	var b cryptobyte.Builder
	b.AddUint8(messageClientHello)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(tls.VersionTLS12)
		b.AddBytes(random[:32])
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(random[32:]) })
		addNumbers(b, suites)
		b.AddBytes([]byte{1, 0}) // no compression
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { addExtensions(b, name, alpn, share) })
	})
	return b.Bytes()
}

func addExtensions(b *cryptobyte.Builder, name string, alpn []string, share *ecdh.PrivateKey) {
	extension := func(kind uint16, fill func(*cryptobyte.Builder)) {
		b.AddUint16(kind)
		b.AddUint16LengthPrefixed(fill)
	}
	if name != "" && net.ParseIP(name) == nil { // an address is not sent (RFC 6066 §3)
		extension(0, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint8(0)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
			})
		})
	}
	extension(10, func(b *cryptobyte.Builder) { addNumbers(b, anyGroups) })
	extension(11, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 0}) })
	extension(13, func(b *cryptobyte.Builder) { addNumbers(b, anySchemes) })
	if len(alpn) > 0 {
		extension(16, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, p := range alpn {
					b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(p)) })
				}
			})
		})
	}
	if share == nil {
		extension(23, func(*cryptobyte.Builder) {})                      // extended master secret
		extension(0xFF01, func(b *cryptobyte.Builder) { b.AddUint8(0) }) // secure renegotiation
		return
	}
	extension(extensionSupportedVersions, func(b *cryptobyte.Builder) { b.AddBytes([]byte{2, 3, 4}) })
	extension(extensionKeyShare, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16(0x001D)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(share.PublicKey().Bytes()) })
		})
	})
}

func addNumbers(b *cryptobyte.Builder, numbers []uint16) {
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, n := range numbers {
			b.AddUint16(n)
		}
	})
}

// handshakeSecret is the server's secret for its handshake messages (RFC 8446 §7.1); nil where the ServerHello does not
// answer our key share.
func (f *flight) handshakeSecret(hello []byte, share *ecdh.PrivateKey) []byte {
	if len(f.messages) == 0 || f.messages[0].kind != messageServerHello {
		return nil
	}
	peer, err := ecdh.X25519().NewPublicKey(f.keyShare)
	if err != nil {
		return nil
	}
	shared, err := share.ECDH(peer)
	if err != nil {
		return nil
	}
	hash := suiteHash(f.cipherSuite)
	transcript := hash.New()
	transcript.Write(hello)
	transcript.Write(f.messages[0].raw)
	zeros := make([]byte, hash.Size())
	early, err := hkdf.Extract(hash.New, zeros, zeros)
	if err != nil {
		return nil
	}
	main, err := hkdf.Extract(hash.New, shared, deriveSecret(hash, early, "derived", hash.New().Sum(nil)))
	if err != nil {
		return nil
	}
	return deriveSecret(hash, main, "s hs traffic", transcript.Sum(nil))
}

// deriveSecret is Derive-Secret over a transcript's hash (RFC 8446 §7.1).
func deriveSecret(hash crypto.Hash, secret []byte, label string, transcript []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint16(uint16(hash.Size()))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("tls13 " + label)) })
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(transcript) })
	info, err := b.Bytes()
	if err != nil {
		return nil
	}
	out, err := hkdf.Expand(hash.New, secret, string(info), hash.Size())
	if err != nil {
		return nil
	}
	return out
}
