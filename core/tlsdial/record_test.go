package tlsdial

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var recordAnew = flag.Bool("record", false, "record the handshakes that the fuzz targets start from anew")

// fixedShare is the key of recorded handshakes, so that what was sealed for it can be opened again.
func fixedShare() *ecdh.PrivateKey {
	seed := sha256.Sum256([]byte("a key for recorded handshakes"))
	return must(ecdh.X25519().NewPrivateKey(seed[:]))
}

// TestRecord writes the corpora of FuzzReadFlight and FuzzAnyKey: handshakes as they were, so that fuzzing needs none.
func TestRecord(t *testing.T) {
	if !*recordAnew {
		t.Skip("only with -record")
	}
	for name, version := range versions {
		name = strings.ReplaceAll(name, " ", "-")
		in, out, secret := recordFlight(t, version)
		writeCorpus(t, "FuzzReadFlight", name, in, out, secret)
		hello, answer := recordAnyKey(t, version)
		writeCorpus(t, "FuzzAnyKey", name, answer, hello)
	}
}

// recordAnyKey is what AnyKey's hello is answered with.
func recordAnyKey(t *testing.T, version uint16) (hello, answer []byte) {
	t.Helper()
	ca := newAuthority("CA")
	near := must(net.Dial("tcp", server(t, func(c net.Conn) {
		tls.Server(c, &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}}).HandshakeContext(context.Background())
	})))
	defer near.Close()
	near.SetDeadline(time.Now().Add(5 * time.Second))
	share := fixedShare()
	if version != tls.VersionTLS13 {
		share = nil
	}
	hello = must(anyKeyHello("localhost", nil, share))
	must(near.Write(append([]byte{recordHandshake, 3, 1, byte(len(hello) >> 8), byte(len(hello))}, hello...)))
	w := newWire(near)
	if f, err := readUntilCertificates(w, hello, share); len(f.certificates) == 0 {
		t.Fatal(err)
	}
	return hello, w.in
}

// writeCorpus writes one input in the format of `go test -fuzz`.
func writeCorpus(t *testing.T, target, name string, values ...[]byte) {
	t.Helper()
	text := "go test fuzz v1\n"
	for _, v := range values {
		text += fmt.Sprintf("[]byte(%q)\n", v)
	}
	dir := filepath.Join("testdata", "fuzz", target)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
