package tlsdial

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512"
	"crypto/tls"
	"encoding/hex"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"
)

// handshakeSecret catches, from what crypto/tls writes to a key log, the one secret that opens the server's handshake
// messages of TLS 1.3: certificates that crypto/tls refuses to parse are sealed with it. It opens nothing that is sent
// after the handshake, all other secrets are let go at once, and this one goes with the handshake.
type handshakeSecret struct{ server []byte }

func (h *handshakeSecret) Write(line []byte) (int, error) {
	parts := bytes.Fields(line)
	if len(parts) == 3 && string(parts[0]) == "SERVER_HANDSHAKE_TRAFFIC_SECRET" {
		h.server, _ = hex.DecodeString(string(parts[2]))
	}
	return len(line), nil
}

// suiteHash is the hash of a TLS 1.3 cipher suite.
func suiteHash(suite uint16) crypto.Hash {
	if suite == tls.TLS_AES_256_GCM_SHA384 {
		return crypto.SHA384
	}
	return crypto.SHA256
}

// recordCipher is the cipher that seals records under a traffic secret (RFC 8446 §7.3); nil for an unknown suite.
func recordCipher(suite uint16, secret []byte) (aead cipher.AEAD, iv []byte) {
	keyLength := map[uint16]int{
		tls.TLS_AES_128_GCM_SHA256: 16, tls.TLS_AES_256_GCM_SHA384: 32, tls.TLS_CHACHA20_POLY1305_SHA256: chacha20poly1305.KeySize,
	}[suite]
	if keyLength == 0 || len(secret) == 0 {
		return nil, nil
	}
	key, iv := expandLabel(suite, secret, "key", keyLength), expandLabel(suite, secret, "iv", 12)
	var err error
	if suite == tls.TLS_CHACHA20_POLY1305_SHA256 {
		aead, err = chacha20poly1305.New(key)
	} else {
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			aead, err = cipher.NewGCM(block)
		}
	}
	if err != nil {
		return nil, nil
	}
	return aead, iv
}

// expandLabel is HKDF-Expand-Label without a context (RFC 8446 §7.1).
func expandLabel(suite uint16, secret []byte, label string, length int) []byte {
	var b cryptobyte.Builder
	b.AddUint16(uint16(length))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("tls13 " + label)) })
	b.AddUint8(0)
	info, err := b.Bytes()
	if err != nil {
		return nil
	}
	out, err := hkdf.Expand(suiteHash(suite).New, secret, string(info), length)
	if err != nil {
		return nil
	}
	return out
}

// unseal opens the server's encrypted handshake messages and adds them to f, with the certificates in them. It stops at
// the first record that does not open: the server's finished handshake changes the keys.
func (f *flight) unseal(secret []byte) {
	aead, iv := recordCipher(f.cipherSuite, secret)
	if aead == nil {
		return
	}
	var stream []byte
	for sequence, record := range f.sealed {
		nonce := bytes.Clone(iv)
		for i := range 8 {
			nonce[len(nonce)-1-i] ^= byte(uint64(sequence) >> (8 * i))
		}
		inner, err := aead.Open(nil, nonce, record[5:], record[:5])
		if err != nil {
			break
		}
		inner = bytes.TrimRight(inner, "\x00") // padding; the content type is before it (RFC 8446 §5.2)
		if len(inner) == 0 || inner[len(inner)-1] != recordHandshake {
			break
		}
		stream = append(stream, inner[:len(inner)-1]...)
	}
	for _, m := range splitMessages(stream) {
		f.messages = append(f.messages, m)
		switch m.kind {
		case messageCertificate:
			f.certificates = readCertificates13(m.body())
		case messageCertificateRequest:
			f.requested, f.acceptableCAs = true, readRequest13(m.body())
		}
	}
}

// readCertificates13 reads the Certificate message of TLS 1.3 (RFC 8446 §4.4.2).
func readCertificates13(s cryptobyte.String) [][]byte {
	var context, list cryptobyte.String
	if !s.ReadUint8LengthPrefixed(&context) || !s.ReadUint24LengthPrefixed(&list) {
		return nil
	}
	var ders [][]byte
	for !list.Empty() {
		var der, extensions cryptobyte.String
		if !list.ReadUint24LengthPrefixed(&der) || !list.ReadUint16LengthPrefixed(&extensions) {
			break
		}
		ders = append(ders, der)
	}
	return ders
}

// readRequest13 reads the names in the CertificateRequest of TLS 1.3 (RFC 8446 §4.3.2, §4.2.4).
func readRequest13(s cryptobyte.String) [][]byte {
	var context, extensions cryptobyte.String
	if !s.ReadUint8LengthPrefixed(&context) || !s.ReadUint16LengthPrefixed(&extensions) {
		return nil
	}
	for !extensions.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&kind) || !extensions.ReadUint16LengthPrefixed(&data) {
			return nil
		}
		if kind == extensionCertificateAuthorities {
			return readNames(data)
		}
	}
	return nil
}

// readRequest12 reads the names in the CertificateRequest of TLS 1.2 (RFC 5246 §7.4.4).
func readRequest12(s cryptobyte.String) [][]byte {
	var types, algorithms cryptobyte.String
	if !s.ReadUint8LengthPrefixed(&types) || !s.ReadUint16LengthPrefixed(&algorithms) {
		return nil
	}
	return readNames(s)
}

// readNames reads a list of distinguished names, as DER.
func readNames(s cryptobyte.String) [][]byte {
	var list cryptobyte.String
	if !s.ReadUint16LengthPrefixed(&list) {
		return nil
	}
	var names [][]byte
	for !list.Empty() {
		var name cryptobyte.String
		if !list.ReadUint16LengthPrefixed(&name) {
			break
		}
		names = append(names, name)
	}
	return names
}
