package chain

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
)

// publicChain reads one of the public certificates that the program carries.
func publicChain(t *testing.T, name string, source evidence.Source, position int) Certificate {
	t.Helper()
	path := filepath.Join("..", "..", "assets", "certificates", "letsencrypt", name+".pem")
	if old := filepath.Join("testdata", name+".pem"); exists(old) {
		path = old
	}
	c := readPEM(t, path, source)[0]
	if source == evidence.Sent {
		c.Position = position
	}
	return c
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestLetsEncrypt asks about the real certificates of a public authority. The private keys being theirs, the
// intermediate stands at the front where a server has its own certificate.
func TestLetsEncrypt(t *testing.T) {
	program := opensslProgram(t)
	everything := []string{
		"isrgrootx1", "isrg-root-x2", "isrg-root-x1-cross-signed", "gen-y_root-yr", "gen-y_root-yr-by-x1",
		"gen-y_root-ye", "gen-y_root-ye-by-x2", "gen-y_root-x2-by-x1", "gen-y_int-yr1", "gen-y_int-ye1", "2024_r10", "lets-encrypt-r3",
	}
	tests := []struct {
		name    string
		sent    string
		anchors string
		year    int
		first   string
		at      string
		issuer  string
		accepts string
	}{
		{"last of fullchain", "gen-y_int-yr1 gen-y_root-yr-by-x1", "gen-y_root-yr-by-x1", 2026, "anchor-not-root", "gen-y_root-yr-by-x1", "isrgrootx1", "go openssl-partial"},
		{"X1", "gen-y_int-yr1 gen-y_root-yr-by-x1", "isrgrootx1", 2026, "", "", "", everybody},
		{"YR", "gen-y_int-yr1 gen-y_root-yr-by-x1", "gen-y_root-yr", 2026, "", "", "", everybody},
		{"cross-certificate not sent", "gen-y_int-yr1", "isrgrootx1", 2026, "intermediate-missing", "gen-y_int-yr1", "gen-y_root-yr-by-x1", ""},
		{"nothing trusted", "gen-y_int-yr1", "", 2026, "root-unknown", "gen-y_int-yr1", "gen-y_root-yr", ""},
		{"ECDSA, last of fullchain", "gen-y_int-ye1 gen-y_root-ye-by-x2 gen-y_root-x2-by-x1", "gen-y_root-x2-by-x1", 2026, "anchor-not-root", "gen-y_root-x2-by-x1", "isrgrootx1", "go openssl-partial"},
		{"ECDSA, X2", "gen-y_int-ye1 gen-y_root-ye-by-x2 gen-y_root-x2-by-x1", "isrg-root-x2", 2026, "", "", "", everybody},
		{"ECDSA, X2 cross-certificate not sent", "gen-y_int-ye1 gen-y_root-ye-by-x2", "isrgrootx1", 2026, "intermediate-missing", "gen-y_root-ye-by-x2", "", ""},
		{"R3 in 2023", "lets-encrypt-r3 isrg-root-x1-cross-signed", "isrg-root-x1-cross-signed", 2023, "anchor-not-root", "isrg-root-x1-cross-signed", "isrgrootx1", "go openssl-partial"},
		{"R3 in 2025: the anchor has expired", "lets-encrypt-r3 isrg-root-x1-cross-signed", "isrg-root-x1-cross-signed", 2025, "certificate-expired", "isrg-root-x1-cross-signed", "", ""},
		{"retired intermediate", "2024_r10", "2024_r10", 2026, "ca-file-holds-leaf", "2024_r10", "isrgrootx1", "go openssl-partial"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := Question{Purpose: AnyPurpose, At: time.Date(test.year, 3, 1, 0, 0, 0, 0, time.UTC)}
			if test.year == 2026 {
				q.At = noon
			}
			for i, name := range strings.Fields(test.sent) {
				q.Sent = append(q.Sent, publicChain(t, name, evidence.Sent, i))
			}
			for _, name := range strings.Fields(test.anchors) {
				q.Anchors = append(q.Anchors, publicChain(t, name, evidence.CAFile, 0))
			}
			for _, name := range everything {
				q.Candidates = append(q.Candidates, publicChain(t, name, evidence.BuiltIn, 0))
			}
			compare(t, program, t.TempDir(), test.name, q, fullChains, partialChains)
			var accepts []string
			for _, j := range Judges() {
				if slices.Contains(strings.Fields(everybody), j.Name()) && j.Judge(q).Accepted {
					accepts = append(accepts, j.Name())
				}
			}
			if got := strings.Join(accepts, " "); got != test.accepts {
				t.Errorf("accepted by %q, want %q", got, test.accepts)
			}
			a := Analyse(q)
			checkConsistent(t, q, a)
			if test.first == "" {
				if len(a.Faults) > 0 {
					t.Errorf("faults: %v", faultIDs(a))
				}
				return
			}
			if len(a.Faults) == 0 || a.Faults[0].ID != test.first {
				t.Fatalf("faults %v, want %s first", faultIDs(a), test.first)
			}
			f := a.Faults[0]
			if f.Certificate.SHA256 != publicChain(t, test.at, evidence.Sent, 0).SHA256 {
				t.Errorf("at fault is %s <- %s", f.Certificate.Subject(), f.Certificate.Issuer())
			}
			if test.issuer != "" && f.Issuer.SHA256 != publicChain(t, test.issuer, evidence.Sent, 0).SHA256 {
				t.Errorf("issuer is %s <- %s", f.Issuer.Subject(), f.Issuer.Issuer())
			}
			if f.ID == "anchor-not-root" {
				if f.Certificate.Source != evidence.CAFile {
					t.Errorf("the anchor's source is %s", f.Certificate.Source)
				}
				checkRepair(t, q, f)
			}
		})
	}
}

// checkRepair: the root that the fault names, added to the anchors, loses nobody and gains openssl.
func checkRepair(t *testing.T, q Question, f Fault) {
	t.Helper()
	after := WithAnchors(q, f.Issuer)
	if f.Issuer.Subject() == f.Certificate.Subject() {
		// OpenSSL takes the first of the trusted certificates with a name: the root must stand before the
		// cross-certificate of its key to be found at all.
		behind := q
		behind.Anchors = append(slices.Clone(q.Anchors), f.Issuer)
		if lost, gained := Compare(q, behind); len(lost)+len(gained) > 0 {
			t.Errorf("with %s behind: lost %v, gained %v", f.Issuer.Subject(), lost, gained)
		}
	}
	lost, gained := Compare(q, after)
	if len(lost) > 0 || !slices.Contains(gained, "openssl") {
		t.Errorf("with %s: lost %v, gained %v", f.Issuer.Subject(), lost, gained)
	}
}
