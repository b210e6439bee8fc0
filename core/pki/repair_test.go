package pki

import (
	"bytes"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// pemBlocks are the blocks that encoding/pem reads.
func pemBlocks(text []byte) (blocks []*pem.Block) {
	for {
		var b *pem.Block
		if b, text = pem.Decode(text); b == nil {
			return blocks
		}
		blocks = append(blocks, b)
	}
}

func TestRepair(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	client := issue(t, ca, Client, "/CN=Client")
	both := string(join(ca.CertificatePEM, client.KeyPEM))
	lines := strings.SplitAfter(both, "\n")
	replace := func(from, to string) string { return strings.ReplaceAll(both, from, to) }
	utf16BE := utf16LE([]byte(both))
	for i := 0; i+1 < len(utf16BE); i += 2 {
		utf16BE[i], utf16BE[i+1] = utf16BE[i+1], utf16BE[i]
	}
	for _, c := range []struct {
		name, data string
		want       string
	}{
		{"UTF-16, little-endian", string(utf16LE([]byte(both))), "utf-16"},
		{"UTF-16, big-endian", string(utf16BE), "utf-16"},
		{"UTF-16, without a mark", string(utf16BE[2:]), "utf-16"},
		{"byte order mark", "\ufeff" + both, "byte-order-mark"},
		{"line ends written out", replace("\n", `\n`), "escaped-line-ends"},
		{"Windows line ends written out", replace("\n", `\r\n`), "escaped-line-ends"},
		{"a JSON string", `{"ca": "` + replace("\n", `\n`) + `"}`, "escaped-line-ends foreign-characters"},
		{"carriage returns", replace("\n", "\r"), "carriage-returns"},
		{"one line", replace("\n", " "), "one-line"},
		{"one line without spaces", replace("\n", ""), "one-line"},
		{"indented", "    " + replace("\n", "\n    "), "indented"},
		{"tabs", "\t" + replace("\n", "\n\t"), "indented"},
		{"em dashes", replace("-----", "—–-"), "dashes"},
		{"four dashes", replace("-----", "----"), "dashes"},
		{"spaces around the marks", replace("-----BEGIN ", "----- BEGIN "), "dashes"},
		{"last END lost", strings.Join(lines[:len(lines)-2], ""), "end-missing"},
		{"first END lost", strings.Replace(both, "-----END CERTIFICATE-----\n", "", 1), "end-missing"},
		{"quoted in mail", "> " + replace("\n", "\n> "), "foreign-characters"},
		{"no-break spaces", replace("\n", "\u00a0\n"), "foreign-characters"},
		{"zero-width spaces", replace("M", "\u200bM"), "foreign-characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, damage := repair([]byte(c.data))
			if got := strings.Join(damage, " "); got != c.want {
				t.Errorf("damage %q, want %q", got, c.want)
			}
			blocks := pemBlocks(text)
			if len(blocks) != 2 || !bytes.Equal(blocks[0].Bytes, ca.Certificate.Raw) || blocks[1].Type != "PRIVATE KEY" ||
				!bytes.Equal(blocks[1].Bytes, pemBlocks(client.KeyPEM)[0].Bytes) {
				t.Errorf("repaired to\n%s", text)
			}
			path := writeFile(t, t.TempDir(), "file", []byte(c.data))
			f := ReadFile(path, evidence.RoleCA, "")
			if c.name == "no-break spaces" || c.name == "first END lost" || c.name == "last END lost" || c.name == "zero-width spaces" {
				return // something can be read as it is, or the other block cannot
			}
			if f.Problem != evidence.BadEncoding {
				t.Errorf("problem %q (%s)", f.Problem, f.Detail)
			}
			again, private, err := Repaired(path)
			if err != nil || !private || !bytes.Equal(again, text) {
				t.Errorf("private %v, %v", private, err)
			}
		})
	}
}

// What is in order, cannot be made whole, or is no PEM at all is left alone.
func TestNothingToRepair(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	text := string(ca.CertificatePEM)
	half := strings.Index(text, "\n") + 130
	for name, data := range map[string]string{
		"sound":            text,
		"CRLF":             strings.ReplaceAll(text, "\n", "\r\n"),
		"text around":      "Bag Attributes\n    a: b\n" + text + "more\n",
		"cut off":          "  " + text[:half],
		"letters lost":     "  " + strings.Replace(text, "MII", "M", 1),
		"foreign letters":  "  " + strings.Replace(text, "MII", "M*I", 1),
		"prose":            "- BEGIN here - and - END there -",
		"only marks":       " -----BEGIN X----- -----END X-----",
		"no PEM":           "hello",
		"UTF-16 of little": "\xff\xfe-\x00",
	} {
		path := writeFile(t, t.TempDir(), "file", []byte(data))
		if f := ReadFile(path, evidence.RoleCA, ""); len(f.Encoding) > 0 || f.Problem == evidence.BadEncoding {
			t.Errorf("%s: %q, %v", name, f.Problem, f.Encoding)
		}
	}
	path := writeFile(t, t.TempDir(), "file", []byte(text))
	if _, _, err := Repaired(path); !errors.Is(err, ErrNothingToRepair) {
		t.Errorf("got %v", err)
	}
}

// An encrypted key of OpenSSL's old form keeps its headers.
// TestRepairBare: base64 without BEGIN and END is what it decodes to, and nothing is made of anything else.
func TestRepairBare(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	bare := func(text []byte) string {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		return strings.Join(lines[1:len(lines)-1], "\n")
	}
	for _, want := range [][]byte{ca.CertificatePEM, ca.KeyPEM} {
		text, damage := repair([]byte(bare(want)))
		if string(text) != string(want) || strings.Join(damage, " ") != "armor-missing" {
			t.Errorf("damage %v:\n%s", damage, text)
		}
	}
	for _, other := range []string{"hello", "MAA=", bare(ca.CertificatePEM)[:400], bare(ca.CertificatePEM) + "AAAA", "see: " + bare(ca.CertificatePEM) + "?"} {
		if text, damage := repair([]byte(other)); len(text) > 0 || len(damage) > 0 {
			t.Errorf("%.20q: %v\n%s", other, damage, text)
		}
	}
}

func TestRepairKeepsHeaders(t *testing.T) {
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: bytes.Repeat([]byte{7}, 100),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00112233445566778899AABBCCDDEEFF"}}
	text, _ := repair(append([]byte("\ufeff"), pem.EncodeToMemory(block)...))
	got := pemBlocks(text)
	if len(got) != 1 || got[0].Headers["DEK-Info"] != block.Headers["DEK-Info"] || !bytes.Equal(got[0].Bytes, block.Bytes) {
		t.Errorf("got\n%s", text)
	}
}

// FuzzRepair: whatever comes in, what comes out is PEM that needs no further repair.
func FuzzRepair(f *testing.F) {
	ca, err := NewAuthority(Request{Algorithm: Ed25519, Subject: mustName(f, "/CN=Fuzz CA")})
	if err != nil {
		f.Fatal(err)
	}
	text := string(ca.CertificatePEM)
	for _, seed := range []string{
		text, "\ufeff" + text, strings.ReplaceAll(text, "\n", `\n`), strings.ReplaceAll(text, "-----", "—"), strings.ReplaceAll(text, "\n", " "),
		string(utf16LE([]byte(text))), strings.TrimSpace(text) + text, "----BEGIN X----\nMAA=", "\xff\xfe\x00", "\x00-",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\nAAAA",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, damage := repair(data)
		if len(text) == 0 {
			if len(damage) > 0 {
				t.Errorf("damage %v of nothing", damage)
			}
			return
		}
		if !slices.IsSorted(damage) {
			t.Errorf("damage %v", damage)
		}
		blocks := pemBlocks(text)
		if len(blocks) == 0 {
			t.Fatalf("not PEM: %q", text)
		}
		again, more := repair(text)
		if len(more) > 0 || !bytes.Equal(again, text) {
			t.Errorf("a repair of %q is in need of another: %v, %q", text, more, again)
		}
	})
}
