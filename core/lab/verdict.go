package lab

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	_ "crypto/sha512" // for crypto.SHA384
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Alerts with which servers refuse a client certificate (RFC 8446 §6.2).
const (
	alertUnsupportedCertificate = 43
	alertCertificateRevoked     = 44
	alertCertificateExpired     = 45
	alertCertificateUnknown     = 46
	alertAccessDenied           = 49
)

// verdict is a server's judgement of a client's certificates that crypto/tls has verified already: 0, or the alert with
// which they are refused.
type verdict func(chain []*x509.Certificate) (alert uint8)

var errRefused = errors.New("refusing the client certificate")

// judgeWith lets a server refuse with any alert. crypto/tls has one alert for everything that a callback refuses
// (bad_certificate); the right one is sent before it, and a client reads no further.
func judgeWith(config *tls.Config, judge verdict) {
	base := config.Clone()
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		own := base.Clone()
		var secret trafficSecret
		own.KeyLogWriter = &secret
		own.VerifyConnection = func(state tls.ConnectionState) error {
			alert := judge(state.VerifiedChains[0])
			if alert == 0 {
				return nil
			}
			return errors.Join(errRefused, sendAlert(hello.Conn, state, secret.server, alert))
		}
		return own, nil
	}
}

// trafficSecret catches the secret that seals what the server sends once its own side of a TLS 1.3 handshake is done.
type trafficSecret struct{ server []byte }

func (s *trafficSecret) Write(line []byte) (int, error) {
	if parts := bytes.Fields(line); len(parts) == 3 && string(parts[0]) == "SERVER_TRAFFIC_SECRET_0" {
		s.server, _ = hex.DecodeString(string(parts[2]))
	}
	return len(line), nil
}

// sendAlert writes the server's first record after its Finished message, or, in TLS 1.2, one that is not sealed yet: the
// client certificate is judged before keys are changed (RFC 5246 §7.3).
func sendAlert(conn net.Conn, state tls.ConnectionState, secret []byte, alert uint8) error {
	record := []byte{21, 3, 3, 0, 2, 2, alert}
	if state.Version == tls.VersionTLS13 {
		var err error
		if record, err = sealed(state.CipherSuite, secret, []byte{2, alert}, 21); err != nil {
			return err
		}
	}
	conn.SetWriteDeadline(time.Now().Add(farewell))
	_, err := conn.Write(record)
	return err
}

// sealed is the first record under a traffic secret (RFC 8446 §5.2, §7.3).
func sealed(suite uint16, secret, content []byte, kind byte) ([]byte, error) {
	hash, length := crypto.SHA256, 16
	switch suite {
	case tls.TLS_AES_256_GCM_SHA384:
		hash, length = crypto.SHA384, 32
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		length = chacha20poly1305.KeySize
	}
	key, err := expand(hash, secret, "key", length)
	if err != nil {
		return nil, err
	}
	nonce, err := expand(hash, secret, "iv", 12) // exclusive or the sequence number, which is 0
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(suite, key)
	if err != nil {
		return nil, err
	}
	inner := append(bytes.Clone(content), kind)
	header := binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(len(inner)+aead.Overhead()))
	return aead.Seal(header, nonce, inner, header), nil
}

func newAEAD(suite uint16, key []byte) (cipher.AEAD, error) {
	if suite == tls.TLS_CHACHA20_POLY1305_SHA256 {
		return chacha20poly1305.New(key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// expand is HKDF-Expand-Label without a context (RFC 8446 §7.1).
func expand(hash crypto.Hash, secret []byte, label string, length int) ([]byte, error) {
	label = "tls13 " + label
	info := append([]byte{byte(length >> 8), byte(length), byte(len(label))}, label...)
	return hkdf.Expand(hash.New, secret, string(append(info, 0)), length)
}
