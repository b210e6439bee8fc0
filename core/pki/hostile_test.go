package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"crypto/x509/pkix"

	"mutual/core/evidence"
)

// What a file asks of the machine is bounded before it is spent.
func TestDecryptionIsBounded(t *testing.T) {
	sequence := func(values ...any) asn1.RawValue {
		var content []byte
		for _, v := range values {
			der, err := asn1.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			content = append(content, der...)
		}
		return asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: content}
	}
	aes := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: asn1.RawValue{Tag: asn1.TagOctetString, Bytes: make([]byte, 16)}}
	for name, kdf := range map[string]asn1.RawValue{
		"iterations":       sequence(oidPBKDF2, sequence(make([]byte, 8), 2_000_000_000)),
		"scrypt N":         sequence(oidScrypt, sequence(make([]byte, 8), 1<<40, 8, 1)),
		"scrypt r":         sequence(oidScrypt, sequence(make([]byte, 8), 2, 1<<40, 1)),
		"scrypt p":         sequence(oidScrypt, sequence(make([]byte, 8), 16384, 8, 1<<40)),
		"scrypt overflow":  sequence(oidScrypt, sequence(make([]byte, 8), 1<<62, 1<<62, 1<<62)),
		"scrypt N is zero": sequence(oidScrypt, sequence(make([]byte, 8), 0, 8, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			der, err := asn1.Marshal(sequence(sequence(oidPBES2, sequence(kdf, aes)), make([]byte, 32)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = decryptPKCS8(der, []byte("x"), 0)
			if err == nil || errors.Is(err, errPassphrase) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A file is read in a time that grows with its size only, and so is one of as many blocks as fit.
func BenchmarkReadHostileFile(b *testing.B) {
	ca, err := NewAuthority(Request{Algorithm: ECDSAP256, Subject: mustName(b, "/CN=CA")})
	if err != nil {
		b.Fatal(err)
	}
	rsa, err := NewAuthority(Request{Subject: mustName(b, "/CN=CA")})
	if err != nil {
		b.Fatal(err)
	}
	fill := func(part []byte) []byte { return bytes.Repeat(part, MaxFileSize/len(part)) }
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"certificates", fill(ca.CertificatePEM)},
		{"keys", fill(rsa.KeyPEM)},
		{"BEGIN lines", fill([]byte("-----BEGIN CERTIFICATE-----\n"))},
		{"BEGIN marks in one line", fill([]byte("-----BEGIN "))},
		{"END marks", append([]byte("-----BEGIN CERTIFICATE-----\n"), fill([]byte("-----END "))...)},
		{"DER", fill([]byte{0x30, 0x80})},
		{"zeros", make([]byte, MaxFileSize)},
		{"one block", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: fill([]byte{0x30, 0x84})[:MaxFileSize/2]})},
		{"headers", append([]byte("-----BEGIN CERTIFICATE-----\n"), fill([]byte("a: b\n"))...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f := contents{File: evidence.File{Role: evidence.RoleCA}}
				f.parse(c.data, "x")
			}
		})
	}
}

func TestBlocksAreCounted(t *testing.T) {
	var c contents
	c.parse(bytes.Repeat([]byte("-----BEGIN X-----\n"), maxBlocks+5), "")
	if n := len(c.Blocks); n != maxBlocks+1 || !strings.Contains(c.Blocks[n-1].Error, "not read") {
		t.Errorf("%d blocks, the last says %q", n, c.Blocks[n-1].Error)
	}
}

// A key in a file of many encrypted keys costs at most a few derivations.
func TestDecryptionsAreCounted(t *testing.T) {
	dir := t.TempDir()
	openssl(t, dir, "genpkey", "-algorithm", "ed25519", "-aes-128-cbc", "-pass", "pass:secret", "-out", "k")
	var c contents
	c.parse(bytes.Repeat(readBytes(t, dir+"/k"), maxDecryptions+3), "secret")
	if len(c.keys) != maxDecryptions || c.Blocks[maxDecryptions].Error == "" {
		t.Errorf("%d keys were opened", len(c.keys))
	}
}
