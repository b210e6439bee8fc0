//go:build linux

package pki

import (
	"fmt"
	"os"
	"testing"

	"mutual/core/evidence"
)

// TestPipe reads what another process writes, with pauses, as a shell's <(command) does.
func TestPipe(t *testing.T) {
	authority, err := NewAuthority(Request{Kind: CA, Subject: mustName(t, "/CN=Test CA"), Algorithm: ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	text := authority.CertificatePEM
	if _, err := writer.Write(text[:20]); err != nil {
		t.Fatal(err)
	}
	go func() {
		writer.Write(text[20:])
		writer.Close()
	}()
	f := ReadFile(fmt.Sprintf("/dev/fd/%d", reader.Fd()), evidence.RoleCA, "")
	if f.Problem != evidence.Readable || len(f.Blocks) != 1 || f.Size != int64(len(text)) {
		t.Errorf("%+v", f)
	}

	if f := ReadFile("/dev/zero", evidence.RoleCA, ""); f.Problem != evidence.Unreadable {
		t.Errorf("%+v", f)
	}
}
