package pki

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// The authorities that the client certificate file lacks are found beside it and beside the CA file, and none that is
// not above it.
func TestIssuersNearby(t *testing.T) {
	root := newCA(t, "/CN=Hazel Root")
	issuing := issue(t, root, CA, "/CN=Hazel Issuing CA")
	client := issue(t, issuing, Client, "/CN=client")
	stranger, namesake := newCA(t, "/CN=Birch Root"), newCA(t, "/CN=Hazel Issuing CA")
	for _, c := range []struct {
		name  string
		ca    Issued
		files map[string]Issued
		want  []string
	}{
		{"nothing lies there", stranger, nil, nil},
		{"the intermediate", stranger, map[string]Issued{"issuing.crt": issuing, "birch.crt": stranger}, []string{"issuing.crt"}},
		{"intermediate and root", stranger, map[string]Issued{"issuing.crt": issuing, "root.crt": root}, []string{"issuing.crt", "root.crt"}},
		{"the root in the CA file", root, map[string]Issued{"issuing.crt": issuing}, []string{"issuing.crt"}},
		{"the intermediate in the CA file", issuing, map[string]Issued{"issuing.crt": issuing}, nil},
		{"of the name, with another key", stranger, map[string]Issued{"a.crt": namesake}, nil},
		{"beside the CA file", stranger, map[string]Issued{"trust/issuing.crt": issuing}, []string{"issuing.crt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "trust"), 0o700); err != nil {
				t.Fatal(err)
			}
			for name, i := range c.files {
				writeFile(t, dir, name, i.CertificatePEM)
			}
			p := profile.New("test")
			p.Trust.Files = []string{writeFile(t, dir, "trust/ca.pem", c.ca.CertificatePEM)}
			p.ClientCertificate.CertificateFile = writeFile(t, dir, "client.pem", client.CertificatePEM)
			p.ClientCertificate.KeyFile = writeFile(t, dir, "client.key", client.KeyPEM)
			m := Load(t.Context(), p, noRoots)
			var got []string
			for _, f := range m.Files.Files {
				if f.Role == evidence.RoleNearby {
					got = append(got, filepath.Base(f.Path))
				}
			}
			if !slices.Equal(got, c.want) || m.Files.Status != evidence.OK {
				t.Errorf("found %q, want %q; %s", got, c.want, m.Files.Error)
			}
			if m.Certificate == nil || len(m.Certificate.Certificate) != 1 {
				t.Errorf("%+v would be sent", m.Certificate)
			}
		})
	}
}
