package fix_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/fix"
	"mutual/core/pki"
	"mutual/core/profile"
)

// root makes a self-signed certificate and its key.
func root(t *testing.T, name string) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func addRoot(der []byte) diagnose.Fix {
	return diagnose.Fix{ID: "add-root", Automatic: true, Risk: diagnose.AddsTrust, Action: diagnose.Action{
		Add: []chain.Certificate{chain.Parse(evidence.Certificate{DER: der})}, Name: "new-root"}}
}

// certificates are the DERs of a PEM file.
func certificates(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	rest, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			return all
		}
		all = append(all, b.Bytes)
	}
}

func TestAddRootKeepsWhatIsThereAndUndoes(t *testing.T) {
	dir := t.TempDir()
	old, _ := root(t, "Old CA")
	added, _ := root(t, "New Root -----BEGIN\nTricks")
	ca := write(t, filepath.Join(dir, "ca.pem"), append([]byte("my notes\n"), certificatePEM(old)...))
	before, _ := os.ReadFile(ca)
	p := profile.New("x")
	p.Trust.Files = []string{ca}

	c, err := fix.Apply(context.Background(), p, addRoot(added), fix.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "ca-with-new-root.pem")
	if d := cmp.Diff(c.After.Trust.Files, []string{want}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(certificates(t, want), [][]byte{added, old}); d != "" {
		t.Error(d)
	}
	if lines := c.Lines(); len(lines) != 1 || lines[0].Setting != "CA files" || lines[0].Before != ca || lines[0].After != want {
		t.Errorf("lines %+v", lines)
	}
	if after, _ := os.ReadFile(ca); !bytes.Equal(before, after) {
		t.Error("the old file was changed")
	}
	// A second time takes another name.
	again, err := fix.Apply(context.Background(), p, addRoot(added), fix.Options{})
	if err != nil || again.Written[0] != filepath.Join(dir, "ca-with-new-root-2.pem") {
		t.Errorf("%v, %v", again.Written, err)
	}
	undone, err := c.Undo()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(undone, p); d != "" {
		t.Error(d)
	}
	if _, err := os.Stat(want); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the written file is still there: %v", err)
	}
}

func TestAddRootToPublicTrustKeepsIt(t *testing.T) {
	dir := t.TempDir()
	der, _ := root(t, "R")
	c, err := fix.Apply(context.Background(), profile.New("x"), addRoot(der), fix.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if file, system, mozilla := c.After.Trust.Sources(); !file || !system || !mozilla {
		t.Errorf("sources %v %v %v, want all", file, system, mozilla)
	}
	if filepath.Dir(c.Written[0]) != dir {
		t.Errorf("written to %s", c.Written[0])
	}
}

// The folder for a profile that has no CA file yet is made.
func TestAddRootMakesItsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certificates")
	der, _ := root(t, "R")
	c, err := fix.Apply(context.Background(), profile.New("x"), addRoot(der), fix.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(certificates(t, c.Written[0])) != 1 {
		t.Error("nothing was written")
	}
}

func TestUndoKeepsAChangedFile(t *testing.T) {
	dir := t.TempDir()
	der, _ := root(t, "R")
	c, err := fix.Apply(context.Background(), profile.New("x"), addRoot(der), fix.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	write(t, c.Written[0], []byte("edited"))
	p, err := c.Undo()
	if err == nil || !strings.Contains(err.Error(), c.Written[0]) {
		t.Errorf("error %v", err)
	}
	if len(p.Trust.Files) != 0 {
		t.Error("the profile is not as it was")
	}
	if content, _ := os.ReadFile(c.Written[0]); string(content) != "edited" {
		t.Error("the user's change is lost")
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	der, _ := root(t, "R")
	there := write(t, filepath.Join(dir, "mine.pem"), []byte("mine"))
	_, err := fix.Apply(context.Background(), profile.New("x"), addRoot(der), fix.Options{Out: there})
	var exists *pki.ExistsError
	if !errors.As(err, &exists) {
		t.Errorf("error %v, want ExistsError", err)
	}
	if content, _ := os.ReadFile(there); string(content) != "mine" {
		t.Error("overwritten")
	}
}

func TestNothingChangesWhenItCannotBeWritten(t *testing.T) {
	der, _ := root(t, "R")
	inTheWay := write(t, filepath.Join(t.TempDir(), "file"), nil)
	dir := filepath.Join(inTheWay, "folder")
	if _, err := fix.Apply(context.Background(), profile.New("x"), addRoot(der), fix.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v, want one that names the folder", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir = t.TempDir()
	if _, err := fix.Apply(ctx, profile.New("x"), addRoot(der), fix.Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	der, key := root(t, "R")
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ca, keyFile := write(t, filepath.Join(dir, "ca.der"), der), write(t, filepath.Join(dir, "client.der"), keyDER)
	p := profile.New("x")
	p.Trust.Files = []string{ca}
	p.ClientCertificate.KeyFile = keyFile
	for _, path := range []string{ca, keyFile} {
		c, err := fix.Apply(context.Background(), p, diagnose.Fix{Automatic: true, Action: diagnose.Action{Convert: path}}, fix.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p = c.After
	}
	if d := cmp.Diff(certificates(t, p.Trust.Files[0]), [][]byte{der}); d != "" {
		t.Error(d)
	}
	info, err := os.Stat(p.ClientCertificate.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want mode 0600", info.Mode(), err)
	}
	if f := pki.ReadFile(p.ClientCertificate.KeyFile, evidence.RoleKey, ""); f.Problem != evidence.Readable {
		t.Errorf("the converted key: %+v", f)
	}
}

func TestSet(t *testing.T) {
	p := profile.New("x")
	f := diagnose.Fix{Automatic: true, Action: diagnose.Action{Set: []diagnose.Assignment{
		{Field: diagnose.FieldTransport, Value: "ws"}, {Field: diagnose.FieldPort, Value: "1883"}, {Field: diagnose.FieldPath, Value: "/x"},
		{Field: diagnose.FieldServerName, Value: "broker.example"}, {Field: diagnose.FieldPublicTrust, Value: "true"},
		{Field: diagnose.FieldCertificateFile, Value: "c"}, {Field: diagnose.FieldKeyFile, Value: "k"}}}}
	c, err := fix.Preview(p, f, fix.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := p.Clone()
	want.Server = profile.Server{Transport: "ws", Port: 1883, Path: "/x", Name: "broker.example"}
	want.Trust.System, want.Trust.Mozilla = true, true
	want.ClientCertificate = profile.ClientCertificate{CertificateFile: "c", KeyFile: "k"}
	if d := cmp.Diff(c.After, want); d != "" {
		t.Error(d)
	}
	for _, bad := range []diagnose.Assignment{{Field: "port", Value: "x"}, {Field: "port", Value: "70000"}, {Field: "colour", Value: "red"}} {
		f.Action.Set = []diagnose.Assignment{bad}
		if _, err := fix.Apply(context.Background(), p, f, fix.Options{}); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if _, err := fix.Apply(context.Background(), p, diagnose.Fix{Title: "Read"}, fix.Options{}); !errors.Is(err, fix.ErrNotAutomatic) {
		t.Errorf("error %v", err)
	}
}
