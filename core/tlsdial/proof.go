package tlsdial

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // TLS 1.2 servers may sign with it
	"crypto/tls"
	"crypto/x509"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// proof is a server's signature with the key of its certificate.
type proof struct {
	scheme            tls.SignatureScheme
	signed, signature []byte
}

// disproved says that the server sent a signature, and that it is not one of its certificate's key. It is false where
// there is nothing to check.
func (f *flight) disproved(out []byte) bool {
	if len(f.certificates) == 0 {
		return false
	}
	leaf, err := x509.ParseCertificate(f.certificates[0])
	if err != nil {
		return false
	}
	hellos := clientHellos(out)
	var p proof
	var found bool
	if f.version == tls.VersionTLS13 {
		p, found = f.proof13(hellos)
	} else {
		p, found = f.proof12(hellos)
	}
	return found && !p.by(leaf.PublicKey)
}

// clientHellos are the ClientHello messages that this side sent: two after a HelloRetryRequest.
func clientHellos(out []byte) []message {
	var hellos []message
	for _, m := range readFlight(out).messages {
		if m.kind == messageClientHello {
			hellos = append(hellos, m)
		}
	}
	return hellos
}

// proof12 finds the signature in the ServerKeyExchange of an ECDHE handshake (RFC 8422 §5.4).
func (f *flight) proof12(hellos []message) (p proof, found bool) {
	const randomAt, randomLength = 6, 32 // after the message's header and the version
	if len(hellos) == 0 || len(hellos[0].raw) < randomAt+randomLength {
		return p, false
	}
	for _, m := range f.messages {
		if m.kind != messageServerKeyExchange {
			continue
		}
		s := m.body()
		var scheme uint16
		var point, signature cryptobyte.String
		if !s.Skip(3) || !s.ReadUint8LengthPrefixed(&point) {
			return p, false
		}
		parameters := m.body()[:4+len(point)]
		if !s.ReadUint16(&scheme) || !s.ReadUint16LengthPrefixed(&signature) {
			return p, false
		}
		signed := append([]byte{}, hellos[0].raw[randomAt:randomAt+randomLength]...)
		signed = append(append(signed, f.serverRandom...), parameters...)
		return proof{tls.SignatureScheme(scheme), signed, signature}, true
	}
	return p, false
}

// proof13 finds the signature in the CertificateVerify, over the messages before it (RFC 8446 §4.4.1, §4.4.3).
func (f *flight) proof13(hellos []message) (p proof, found bool) {
	hash := suiteHash(f.cipherSuite)
	transcript := hash.New()
	for _, m := range f.messages {
		if m.kind == messageCertificateVerify {
			s := m.body()
			var scheme uint16
			var signature cryptobyte.String
			if !s.ReadUint16(&scheme) || !s.ReadUint16LengthPrefixed(&signature) {
				return p, false
			}
			signed := []byte(strings.Repeat(" ", 64) + "TLS 1.3, server CertificateVerify\x00")
			return proof{tls.SignatureScheme(scheme), transcript.Sum(signed), signature}, true
		}
		if m.kind == messageServerHello { // each follows the ClientHello that it answers
			if len(hellos) == 0 {
				return p, false
			}
			hello := hellos[0].raw
			if hellos = hellos[1:]; len(hellos) > 0 { // a HelloRetryRequest: the first hello stands as its hash
				first := hash.New()
				first.Write(hello)
				hello = append([]byte{254, 0, 0, byte(hash.Size())}, first.Sum(nil)...)
			}
			transcript.Write(hello)
		}
		transcript.Write(m.raw)
	}
	return p, false
}

// schemes are the signature schemes of TLS 1.2 and 1.3 with their hashes (RFC 8446 §4.2.3).
var schemes = map[tls.SignatureScheme]crypto.Hash{
	tls.PKCS1WithSHA1: crypto.SHA1, tls.PKCS1WithSHA256: crypto.SHA256, tls.PKCS1WithSHA384: crypto.SHA384, tls.PKCS1WithSHA512: crypto.SHA512,
	tls.PSSWithSHA256: crypto.SHA256, tls.PSSWithSHA384: crypto.SHA384, tls.PSSWithSHA512: crypto.SHA512,
	tls.ECDSAWithSHA1: crypto.SHA1, tls.ECDSAWithP256AndSHA256: crypto.SHA256, tls.ECDSAWithP384AndSHA384: crypto.SHA384,
	tls.ECDSAWithP521AndSHA512: crypto.SHA512,
}

// by says whether the signature is one of key. Where scheme and key are of different kinds, it is not.
func (p proof) by(key crypto.PublicKey) bool {
	hash, hashed := schemes[p.scheme]
	var digest []byte
	if hashed {
		h := hash.New()
		h.Write(p.signed)
		digest = h.Sum(nil)
	}
	switch key := key.(type) {
	case ed25519.PublicKey:
		return p.scheme == tls.Ed25519 && ed25519.Verify(key, p.signed, p.signature)
	case *ecdsa.PublicKey:
		return hashed && ecdsa.VerifyASN1(key, digest, p.signature)
	case *rsa.PublicKey:
		if !hashed {
			return false
		}
		if p.scheme == tls.PSSWithSHA256 || p.scheme == tls.PSSWithSHA384 || p.scheme == tls.PSSWithSHA512 {
			return rsa.VerifyPSS(key, hash, digest, p.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(key, hash, digest, p.signature) == nil
	}
	return true // a kind of key that cannot be checked here proves nothing
}
