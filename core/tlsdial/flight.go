package tlsdial

import (
	"golang.org/x/crypto/cryptobyte"
)

// TLS record and handshake types (RFC 8446 §5.1 and §4).
const (
	recordChangeCipherSpec = 20
	recordAlert            = 21
	recordHandshake        = 22
	recordApplicationData  = 23

	messageClientHello        = 1
	messageServerHello        = 2
	messageCertificate        = 11
	messageServerKeyExchange  = 12
	messageCertificateRequest = 13
	messageCertificateVerify  = 15

	extensionSupportedVersions      = 43
	extensionKeyShare               = 51
	extensionCertificateAuthorities = 47
)

// maxRecord is the largest record that TLS 1.2 allows (RFC 5246 §6.2.3); 1.3 allows less.
const maxRecord = 1<<14 + 2048

// flight is what the bytes of a server's side of a handshake say, as far as they are not encrypted.
type flight struct {
	isTLS bool // the bytes begin as TLS does
	// version and cipherSuite are what the ServerHello chose; 0: there is none.
	version, cipherSuite uint16
	serverRandom         []byte
	keyShare             []byte    // of the ServerHello; TLS 1.3
	messages             []message // the handshake messages before encryption
	sealed               [][]byte  // TLS 1.3: the encrypted records, with their headers
	certificates         [][]byte  // of the Certificate message; TLS 1.3 needs unseal
	requested            bool      // there was a CertificateRequest; TLS 1.3 needs unseal
	acceptableCAs        [][]byte  // the names in it
}

// message is one handshake message, raw with its header of four bytes.
type message struct {
	kind byte
	raw  []byte
}

func (m message) body() cryptobyte.String { return m.raw[4:] }

// readFlight reads what a server sent. It takes any bytes, and allocates no more than they are.
func readFlight(in []byte) flight {
	f := flight{isTLS: beginsAsTLS(in)}
	var stream []byte
	s := cryptobyte.String(in)
	encrypted := false
	for !s.Empty() && f.isTLS {
		rest := s
		var kind uint8
		var version, length uint16
		var payload []byte
		if !s.ReadUint8(&kind) || !s.ReadUint16(&version) || !s.ReadUint16(&length) || length > maxRecord || !s.ReadBytes(&payload, int(length)) {
			break
		}
		switch {
		case kind == recordChangeCipherSpec:
			encrypted = true
		case kind == recordHandshake && !encrypted:
			stream = append(stream, payload...)
		case kind == recordApplicationData:
			f.sealed = append(f.sealed, rest[:5+int(length)])
		}
	}
	f.messages = splitMessages(stream)
	for _, m := range f.messages {
		switch m.kind {
		case messageServerHello:
			f.readServerHello(m.body())
		case messageCertificate:
			f.certificates = readCertificates12(m.body())
		case messageCertificateRequest:
			f.requested, f.acceptableCAs = true, readRequest12(m.body())
		}
	}
	return f
}

// beginsAsTLS looks at no more than the first two bytes: a record type, and 3 for the version of SSL 3.0 and all after.
func beginsAsTLS(in []byte) bool {
	return len(in) > 0 && in[0] >= recordChangeCipherSpec && in[0] <= recordApplicationData && (len(in) == 1 || in[1] == 3)
}

// splitMessages cuts a stream of handshake messages; an incomplete one at the end is left out.
func splitMessages(stream []byte) []message {
	var ms []message
	s := cryptobyte.String(stream)
	for {
		rest := s
		var kind uint8
		var body cryptobyte.String
		if !s.ReadUint8(&kind) || !s.ReadUint24LengthPrefixed(&body) {
			return ms
		}
		ms = append(ms, message{kind, rest[:4+len(body)]})
	}
}

func (f *flight) readServerHello(s cryptobyte.String) {
	var legacy, suite uint16
	var random []byte
	var session, extensions cryptobyte.String
	if !s.ReadUint16(&legacy) || !s.ReadBytes(&random, 32) || !s.ReadUint8LengthPrefixed(&session) || !s.ReadUint16(&suite) || !s.Skip(1) {
		return
	}
	f.version, f.cipherSuite, f.serverRandom = legacy, suite, random
	if !s.ReadUint16LengthPrefixed(&extensions) {
		return // older servers send no extensions at all
	}
	for !extensions.Empty() {
		var kind, chosen uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&kind) || !extensions.ReadUint16LengthPrefixed(&data) {
			return
		}
		switch {
		case kind == extensionSupportedVersions && data.ReadUint16(&chosen):
			f.version = chosen
		case kind == extensionKeyShare && data.Skip(2):
			var share cryptobyte.String
			if data.ReadUint16LengthPrefixed(&share) {
				f.keyShare = share
			}
		}
	}
}

// readCertificates12 reads the Certificate message of TLS 1.2 and before (RFC 5246 §7.4.2).
func readCertificates12(s cryptobyte.String) [][]byte {
	var list cryptobyte.String
	if !s.ReadUint24LengthPrefixed(&list) {
		return nil
	}
	var ders [][]byte
	for !list.Empty() {
		var der cryptobyte.String
		if !list.ReadUint24LengthPrefixed(&der) {
			break
		}
		ders = append(ders, der)
	}
	return ders
}
