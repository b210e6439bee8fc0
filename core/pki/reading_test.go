package pki

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// plainFile is two authorities in a file that all programs read alike, and the key of one.
func plainFile(t testing.TB) (file, key []byte) {
	t.Helper()
	for _, subject := range []string{"/CN=One", "/CN=Two"} {
		ca, err := NewAuthority(Request{Subject: mustName(t, subject), Algorithm: ECDSAP256})
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, ca.CertificatePEM...)
		key = ca.KeyPEM
	}
	return file, key
}

// checkReadings holds that no reader panics, and that a file which is taken to be plain is read alike by all.
func checkReadings(t *testing.T, data []byte) {
	c := contents{File: evidence.File{Role: evidence.RoleCA}}
	c.parse(data, "")
	for _, read := range []func([]byte) evidence.Reading{readLikeOpenSSL, readLikeJava, readLikeMbedTLS, readLikeGnuTLS} {
		r := read(data)
		if c.Format != formatPEM || !c.allRead() || !plainlyWritten(data, len(c.Blocks)) {
			continue
		}
		same := r.Fault == "" && r.Passed == 0 && len(r.Found) == len(c.Blocks)
		for i := range r.Found {
			same = same && bytes.Equal(r.Found[i].Certificate, c.Blocks[i].Certificate)
		}
		if !same {
			t.Errorf("%s finds %d certificates (%q) in a plain file of %d:\n%s", r.Reader, len(r.Found), r.Fault, len(c.Blocks), data)
		}
	}
}

func TestPlainFilesAreReadAlike(t *testing.T) {
	plain, _ := plainFile(t)
	if !plainlyWritten(plain, 2) || !plainlyWritten(bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")), 2) {
		t.Error("a file as this program writes it is not plain")
	}
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"-", "-----", "\n", "\r", "\r\n", " ", "\t", "=", "A", "0", "\x00", "#", "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "Subject: x\n", "\n\n", "\ufeff", "\v"}
	for range 4000 {
		data := bytes.Clone(plain)
		for range 1 + random.IntN(3) {
			at := random.IntN(len(data))
			if random.IntN(3) == 0 { // also where lines begin
				at = max(0, bytes.LastIndexByte(data[:at], '\n')+1)
			}
			until := min(len(data), at+random.IntN(3)*random.IntN(40))
			data = append(append(bytes.Clone(data[:at]), pieces[random.IntN(len(pieces))]...), data[until:]...)
		}
		checkReadings(t, data)
	}
}

func FuzzReadings(f *testing.F) {
	plain, key := plainFile(f)
	f.Add(plain)
	f.Add(append(bytes.Clone(plain), key...))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----0\x30\x80"))
	f.Fuzz(checkReadings)
}

// TestReadingsHoldNoKey puts a key in every state into a CA file: nothing of it is in what is kept.
func TestReadingsHoldNoKey(t *testing.T) {
	plain, key := plainFile(t)
	block, _ := pem.Decode(key)
	body := base64.StdEncoding.EncodeToString(block.Bytes)
	for name, text := range map[string]string{
		"key":              string(key),
		"on one line":      strings.ReplaceAll(string(key), "\n", " ") + "\n",
		"in the mark":      "-----BEGIN " + body + "-----\nAAAA\n-----END " + body + "-----\n",
		"as a certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes})),
		"DER":              string(block.Bytes),
		"with a header":    strings.Replace(string(key), "-----\n", "-----\nKey: "+body+"\n\n", 1),
	} {
		path := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(path, append(bytes.Clone(plain), text...), 0o600); err != nil {
			t.Fatal(err)
		}
		file := ReadFile(path, evidence.RoleCA, "")
		if file.Readings == nil {
			t.Errorf("%s: no readings", name)
		}
		kept, err := json.Marshal(file.Readings)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{body[40:60], body[len(body)-24 : len(body)-8], base64.StdEncoding.EncodeToString(block.Bytes[36:60])} {
			if strings.Contains(string(kept), secret) {
				t.Errorf("%s: a part of the key is in %s", name, kept)
			}
		}
	}
}

func BenchmarkReadings(b *testing.B) {
	plain, _ := plainFile(b)
	for name, data := range map[string][]byte{"plain": plain, "damaged": append([]byte("-----BEGIN CERTIFICATE-----\n"), plain...)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := contents{File: evidence.File{Role: evidence.RoleCA}}
				c.parse(data, "")
			}
		})
	}
}
