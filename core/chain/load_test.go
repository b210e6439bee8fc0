package chain

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// damagedFiles are files of three authorities, "A0" to "A2", with "A3" in every state before, between and after them.
type damagedFiles struct {
	dir    string
	files  []string // paths
	labels []string
	leaves []*forged
}

func makeDamagedFiles(t *testing.T) damagedFiles {
	t.Helper()
	d := damagedFiles{dir: t.TempDir()}
	write := func(name string, data []byte) string {
		path := filepath.Join(d.dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var authorities []*forged
	for i := range 4 {
		a := forge(spec{subject: dn(fmt.Sprintf("CN=A%d", i)), from: noon.Add(-20 * year), until: noon.Add(20 * year), ext: [][]byte{ca(true, -1)}, auto: true})
		l := forge(spec{subject: dn("CN=leaf"), by: a, from: noon.Add(-20 * year), until: noon.Add(20 * year), ext: [][]byte{san(host)}, auto: true})
		key, err := x509.MarshalPKCS8PrivateKey(l.key)
		if err != nil {
			t.Fatal(err)
		}
		authorities, d.leaves = append(authorities, a), append(d.leaves, l)
		write(fmt.Sprintf("leaf-%d.key", i), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
		write(fmt.Sprintf("leaf-%d.pem", i), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.der}))
	}
	key, err := x509.MarshalPKCS8PrivateKey(authorities[3].key)
	if err != nil {
		t.Fatal(err)
	}
	all := damages(authorities[3], key, emptyCRL(t, authorities[3]))
	for i, what := range slices.Sorted(maps.Keys(all)) {
		for position := range 3 {
			text := []string{}
			for _, a := range authorities[:3] {
				text = append(text, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.der})))
			}
			text = slices.Insert(text, []int{0, 1, 3}[position], all[what])
			d.files = append(d.files, write(fmt.Sprintf("ca-%d-%d.pem", i, position), []byte(strings.Join(text, ""))))
			d.labels = append(d.labels, fmt.Sprintf("%s, place %d", what, position))
		}
	}
	return d
}

func emptyCRL(t *testing.T, issuer *forged) []byte {
	t.Helper()
	parent, err := x509.ParseCertificate(issuer.der)
	if err != nil {
		t.Fatal(err)
	}
	parent.KeyUsage = x509.KeyUsageCRLSign // no program looks at who signed it
	crl, err := x509.CreateRevocationList(nil, &x509.RevocationList{Number: parent.SerialNumber, ThisUpdate: noon, NextUpdate: noon.AddDate(0, 1, 0)}, parent, issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	return crl
}

// anchorsTaken are what client takes of a file, by name, in its order; "refused" for a file that it takes nothing of.
func anchorsTaken(client, path string) string {
	f := pki.ReadFile(path, evidence.RoleCA, "")
	anchors := anchorsOf(f)
	for _, load := range Loads(f) {
		if load.Client != client {
			continue
		}
		if load.Refused {
			return "refused"
		}
		anchors = load.Anchors
	}
	var names []string
	for _, a := range anchors {
		names = append(names, a.CommonName())
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// compareLoads holds what client takes of each file against what the real thing said: an error, or names.
func (d damagedFiles) compareLoads(t *testing.T, client string, said func(path string) (problem string, names []string)) {
	t.Helper()
	refused := 0
	for i, path := range d.files {
		problem, names := said(path)
		slices.Sort(names)
		want := strings.Join(slices.Compact(names), " ") // a list keeps one of two that are the same
		if problem != "" {
			want = "refused"
			refused++
		}
		if got := anchorsTaken(client, path); got != want {
			text, _ := os.ReadFile(path)
			t.Errorf("%s: the real %s takes %q (%s), the judge %q", d.labels[i], client, want, problem, got)
			t.Logf("%s", text)
		}
	}
	t.Logf("%d of %d files refused", refused, len(d.files))
}

var cnPattern = regexp.MustCompile(`A\d`)

func fields(line string) (problem string, names []string) {
	problem, rest, _ := strings.Cut(line, "\t")
	return problem, cnPattern.FindAllString(rest, -1)
}

func TestOpenSSLLoadsDamagedFiles(t *testing.T) {
	program := opensslProgram(t)
	d := makeDamagedFiles(t)
	args := []string{}
	for i := range d.leaves {
		args = append(args, filepath.Join(d.dir, fmt.Sprintf("leaf-%d.pem", i)))
	}
	d.compareLoads(t, "openssl", func(path string) (string, []string) {
		at := fmt.Sprint(noon.Unix())
		out, _ := exec.Command(program, append([]string{"verify", "-attime", at, "-no-CAstore", "-no-CApath", "-CAfile", path}, args...)...).CombinedOutput()
		if strings.Contains(string(out), "Error loading file") {
			return string(out), nil
		}
		var names []string
		for i, leaf := range args {
			if strings.Contains(string(out), leaf+": OK") {
				names = append(names, fmt.Sprintf("A%d", i))
			}
		}
		return "", names
	})
}

func TestGnuTLSLoadsDamagedFiles(t *testing.T) {
	o := startOracle(t, "load_gnutls", "gnutls/gnutls.h", "3.7.", "-lgnutls")
	makeDamagedFiles(t).compareLoads(t, "gnutls", func(path string) (string, []string) { return fields(o.say(t, path)) })
}

func TestMbedTLSLoadsDamagedFiles(t *testing.T) {
	o := startOracle(t, "load_mbedtls", "mbedtls/x509_crt.h", "2.28.", "-lmbedx509", "-lmbedcrypto")
	makeDamagedFiles(t).compareLoads(t, "mbedtls", func(path string) (string, []string) { return fields(o.say(t, path)) })
}

func TestJavaLoadsDamagedFiles(t *testing.T) {
	program := javaProgram(t)
	d := makeDamagedFiles(t)
	cmd := exec.Command(program, "-XX:TieredStopAtLevel=1", filepath.Join("testdata", "java", "Load.java"))
	cmd.Stdin = strings.NewReader(strings.Join(d.files, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	d.compareLoads(t, "java", func(path string) (string, []string) { return fields(lines[slices.Index(d.files, path)]) })
}

// TestNodeLoadsDamagedFiles holds what is said of Node.js: it takes what stands before the damage.
func TestNodeLoadsDamagedFiles(t *testing.T) {
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("WHAT IS SAID OF NODE.JS IS NOT COMPARED WITH IT: there is no node program here")
	}
	d := makeDamagedFiles(t)
	out, err := exec.Command(program, append([]string{filepath.Join("testdata", "oracle", "load.js"), d.dir}, d.files...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	for i, path := range d.files {
		if strings.HasPrefix(d.labels[i], "zero ") || strings.HasPrefix(d.labels[i], "more DER") {
			continue // it reads memory, where a zero octet ends nothing, and looks for trust settings behind each certificate
		}
		f := pki.ReadFile(path, evidence.RoleCA, "")
		if len(f.Readings) == 0 {
			continue
		}
		var names []string
		anchors, _ := NodeAnchors(f)
		for _, a := range anchors {
			names = append(names, strings.TrimPrefix(a.CommonName(), "A"))
		}
		slices.Sort(names)
		if got := strings.Join(slices.Compact(names), " "); got != lines[i] {
			t.Errorf("%s: node takes %q, expected %q", d.labels[i], lines[i], got)
		}
	}
}

// say sends the oracle a line, and returns its answer.
func (o *cOracle) say(t *testing.T, line string) string {
	t.Helper()
	if _, err := fmt.Fprintln(o.in, line); err != nil {
		t.Fatal(err)
	}
	return o.line(t)
}

// TestOpenSSLLoadsDamagedClientFiles puts every damage behind a client's certificate, and behind its issuer's.
func TestOpenSSLLoadsDamagedClientFiles(t *testing.T) {
	o := startOracle(t, "load_openssl", "openssl/ssl.h", "3.0.", "-lssl", "-lcrypto")
	d := makeDamagedFiles(t)
	refused := 0
	for i, path := range d.files {
		if strings.HasSuffix(d.labels[i], "place 0") {
			continue // where the client's own certificate stands, this program does not take the file either
		}
		said := o.say(t, path)
		loads := Loads(pki.ReadFile(path, evidence.RoleCertificate, ""))
		if (said != "") != (len(loads) > 0) {
			t.Errorf("%s: openssl says %q, the judge %+v", d.labels[i], said, loads)
		}
		if said != "" {
			refused++
		}
	}
	t.Logf("%d files refused", refused)
}
