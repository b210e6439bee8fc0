package ui

import (
	"slices"
	"strings"
	"testing"
)

// TestPastedPaths: what file managers put into the clipboard is taken as they mean it, and text is not taken for files.
func TestPastedPaths(t *testing.T) {
	for _, c := range []struct {
		text    string
		windows bool
		want    []string
	}{
		{"/home/me/ca.pem", false, []string{"/home/me/ca.pem"}},
		{"copy\nfile:///home/me/my%20ca.pem\nfile:///home/me/b.pem", false, []string{"/home/me/my ca.pem", "/home/me/b.pem"}},
		{"file://localhost/home/me/ca.pem\r\n", false, []string{"/home/me/ca.pem"}},
		{"file://server/share/ca.pem", false, nil},
		{"ca.pem", false, nil},
		{"/home/me/ca.pem\nand more", false, nil},
		{"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", false, nil},
		{`C:\Users\me\ca.pem`, false, nil},
		{`C:\Users\me\ca.pem`, true, []string{`C:\Users\me\ca.pem`}},
		{"file:///C:/Users/me/my%20ca.pem", true, []string{`C:\Users\me\my ca.pem`}},
		{"file://server/share/ca.pem", true, []string{`\\server\share\ca.pem`}},
		{`\\server\share\ca.pem`, true, []string{`\\server\share\ca.pem`}},
		{"/home/me/ca.pem", true, nil},
		{"file:///home/me/ca.pem", true, nil},
		{strings.Repeat("/a\n", 40000), false, nil},
	} {
		if got := pastedPaths(c.text, c.windows); !slices.Equal(got, c.want) {
			t.Errorf("on Windows %v, %.60q is %q, want %q", c.windows, c.text, got, c.want)
		}
	}
}

// TestFileURL: a path becomes the address that leads back to it.
func TestFileURL(t *testing.T) {
	for path, want := range map[string]string{"/home/me/my ca": "file:///home/me/my%20ca", "C:/Users/me": "file:///C:/Users/me"} {
		if got := fileURL(path); got.String() != want {
			t.Errorf("%s has the address %s, want %s", path, got, want)
		}
	}
	if got := pathOf(fileURL("C:/Users/me"), true); got != `C:\Users\me` {
		t.Errorf("the path is %s", got)
	}
}
