package exchange

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mutual/core/profile"
)

func named(names ...string) (list []Connection) {
	for _, name := range names {
		list = append(list, Connection{Profile: profile.Profile{Name: name}})
	}
	return list
}

func TestNumber(t *testing.T) {
	for _, c := range []struct{ names, taken, want string }{
		{"a b", "", "a|b"},
		{"a a A", "", "a|a (2)|A (3)"},
		{"a b", "A", "a (2)|b"},
		{"a a", "a, a (2)", "a (3)|a (4)"},
		{"Plant Plant", "plant (3)", "Plant|Plant (2)"},
	} {
		taken := func(name string) bool {
			return slices.ContainsFunc(strings.Split(c.taken, ", "), func(t string) bool { return strings.EqualFold(t, name) })
		}
		list := named(strings.Fields(c.names)...)
		Number(list, taken)
		var got []string
		for _, l := range list {
			got = append(got, l.Profile.Name)
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("%s, where %q is taken: %s, want %s", c.names, c.taken, got, c.want)
		}
	}
}

// TestUnpack: each connection has a folder of its own whose name every system takes, no folder that is there is used, and only
// keys are private.
func TestUnpack(t *testing.T) {
	files := []File{{CA, "../../ca.pem", []byte("ca")}, {Certificate, "c", []byte("c")}, {Key, "k", []byte("k")}}
	list := named("a/b", `A\B`, "there", "..", "none")
	for n := range list[:4] {
		list[n].Files = files
	}
	dir := filepath.Join("x", "y")
	unpacked := Unpack(list, dir, func(path string) bool { return path == filepath.Join(dir, "there") })
	for n, folder := range []string{"a-b", "A-B (2)", "there (2)", "connection"} {
		for i, name := range []string{"ca.crt", "client.crt", "client.key"} {
			f := unpacked[n][i]
			if want := filepath.Join(dir, folder, name); f.Path != want || f.Private != (name == "client.key") || string(f.Data) != string(files[i].Data) {
				t.Errorf("%s, private %v, of %q, want %s", f.Path, f.Private, f.Data, want)
			}
		}
		p := list[n].Profile
		if p.Trust.Files[0] != unpacked[n][0].Path || p.ClientCertificate != (profile.ClientCertificate{CertificateFile: unpacked[n][1].Path, KeyFile: unpacked[n][2].Path}) {
			t.Errorf("the profile names %v and %v", p.Trust, p.ClientCertificate)
		}
	}
	if len(unpacked[4]) != 0 || list[4].Profile.Trust.Files != nil {
		t.Errorf("of nothing: %v", unpacked[4])
	}
}

func TestAbsent(t *testing.T) {
	p := profile.Profile{Trust: profile.Trust{Files: []string{"ca", "here"}}, ClientCertificate: profile.ClientCertificate{CertificateFile: "both", KeyFile: "both"}}
	if got := Absent(p, func(path string) bool { return path == "here" }); !slices.Equal(got, []string{"ca", "both"}) {
		t.Errorf("absent are %v", got)
	}
}
