package pki

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteModesAndNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	ca := newCA(t, "/CN=CA")
	write(t, ca, dir, CA)
	write(t, issue(t, ca, Server, "", "a.example"), dir, Server)
	write(t, issue(t, ca, Client, "/CN=Client"), dir, Client)
	want := []string{"client-ca.crt", "client-ca.key", "client.crt", "client.csr", "client.key", "server.crt", "server.csr", "server.key"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("wrote %v, want %v", got, want)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, name := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasSuffix(name, ".key") {
			mode = 0o600
		}
		if info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestWriteReplacesOnlyWhenTold(t *testing.T) {
	dir := t.TempDir()
	ca := newCA(t, "/CN=CA")
	client, p := issue(t, ca, Client, "/CN=Client"), Paths(dir, Client)
	key := writeFile(t, dir, "client.key", []byte("precious"))
	request := writeFile(t, dir, "client.csr", []byte("old"))
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	err := client.Write(p, false)
	var exists *ExistsError
	if !errors.As(err, &exists) || !slices.Equal(exists.Paths, []string{key, request}) {
		t.Errorf("got %v", err)
	}
	if got := names(t, dir); len(got) != 2 || string(readBytes(t, key)) != "precious" {
		t.Errorf("the folder holds %v, the key %q", got, readBytes(t, key))
	}
	if err := client.Write(p, true); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 3 || string(readBytes(t, key)) != string(client.KeyPEM) {
		t.Errorf("the folder holds %v", got)
	}
	if info, err := os.Stat(key); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the replaced key has mode %v", info.Mode())
	}
}

// When one of the files cannot be put in place, the others are as they were before.
func TestWriteIsAllOrNothing(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	client := issue(t, ca, Client, "/CN=Client")
	t.Run("a folder in the way", func(t *testing.T) {
		for _, overwrite := range []bool{false, true} {
			dir := t.TempDir()
			p := Paths(dir, Client)
			if err := os.Mkdir(p.Request, 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, "client.crt", []byte("old"))
			if err := client.Write(p, overwrite); err == nil {
				t.Error("written over a folder")
			}
			if got := names(t, dir); !slices.Equal(got, []string{"client.crt", "client.csr"}) || string(readBytes(t, p.Certificate)) != "old" {
				t.Errorf("the folder holds %v", got)
			}
		}
	})
	t.Run("another folder cannot be written", func(t *testing.T) {
		dir := t.TempDir()
		p := Paths(dir, Client)
		p.Request = filepath.Join(writeFile(t, dir, "file", nil), "client.csr")
		writeFile(t, dir, "client.key", []byte("old"))
		if err := client.Write(p, true); err == nil {
			t.Error("written below a file")
		}
		if got := names(t, dir); !slices.Equal(got, []string{"client.key", "file"}) || string(readBytes(t, p.Key)) != "old" {
			t.Errorf("the folder holds %v", got)
		}
	})
	t.Run("a name taken meanwhile", func(t *testing.T) {
		for _, overwrite := range []bool{false, true} {
			dir := t.TempDir()
			good := &pendingFile{path: filepath.Join(dir, "good"), data: []byte("new"), mode: 0o644}
			bad := &pendingFile{path: filepath.Join(dir, "bad"), data: []byte("new"), mode: 0o644}
			if overwrite {
				writeFile(t, dir, "good", []byte("old"))
			}
			for _, f := range []*pendingFile{good, bad} {
				if err := f.prepare(); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(bad.path, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := placeAll([]*pendingFile{good, bad}, overwrite); err == nil {
				t.Error("placed over a folder")
			}
			want := []string{"bad"}
			if overwrite {
				want = []string{"bad", "good"}
			}
			if got := names(t, dir); !slices.Equal(got, want) || overwrite && string(readBytes(t, good.path)) != "old" {
				t.Errorf("overwrite %v: the folder holds %v", overwrite, got)
			}
		}
	})
	t.Run("one name for two", func(t *testing.T) {
		dir := t.TempDir()
		p := FilePaths{Certificate: dir + "/x", Key: dir + "/./x"}
		if err := client.Write(p, true); err == nil || len(names(t, dir)) > 0 {
			t.Errorf("%v, %v", err, names(t, dir))
		}
	})
}
