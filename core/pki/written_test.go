package pki

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

// eachLine writes the lines of text, each in a format, with something between them.
func eachLine(text, format, between string) string {
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		out = append(out, fmt.Sprintf(format, line))
	}
	return strings.Join(out, between)
}

// What source code, data formats, mail and editors make of PEM text is read as it was before, and it is said what it was.
func TestReadWrittenText(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=Test CA")
	client := issue(t, ca, Client, "/CN=Client")
	both := string(join(client.CertificatePEM, client.KeyPEM))
	quoted := func(line, between string) string { return eachLine(both, line, between) }
	jsonText, err := json.Marshal(map[string]string{"cert": both})
	if err != nil {
		t.Fatal(err)
	}
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	wrapped := func(s, prefix string) string {
		var out strings.Builder
		for ; len(s) > 72; s = s[72:] {
			out.WriteString(prefix + s[:72] + "\n")
		}
		return out.String() + prefix + s + "\n"
	}
	array := func(data []byte) string {
		return "const unsigned char x[] = {\n" + wrapped(strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("% #x", data), " ", ", "), ", "), "  ") + "};\n"
	}
	for _, c := range []struct{ name, data, want string }{
		{"C strings", "const char* x =\n" + quoted(`"%s\n"`, "\n") + ";\n", "escaped-line-ends foreign-characters program-text"},
		{"C strings with Windows line ends", "const char x[] PROGMEM =\r\n" + quoted(`  "%s\r\n"`, "\r\n") + ";\r\n", "escaped-line-ends foreign-characters program-text"},
		{"C strings with continued lines", "static const char x[] = \\\n" + quoted(`    "%s\n"`, " \\\n") + ";\n", "escaped-line-ends foreign-characters program-text"},
		{"C++ raw string", `const char x[] = R"EOF(` + "\n" + quoted("    %s", "\n") + "\n    )EOF\";\n", "indented"},
		{"C++ raw string from its first line", `const char x[] PROGMEM = R"EOF(` + both + ")EOF\";\n", "foreign-characters"},
		{"Python, next to each other", "X = (" + quoted(`    '%s\n'`, "\n") + ")\n", "escaped-line-ends foreign-characters program-text"},
		{"Python, bytes", "X = (" + quoted(`    b'%s\n'`, "\n") + ")\n", "escaped-line-ends foreign-characters program-text"},
		{"Python, plus", "X = " + quoted(`"%s\n"`, " + \\\n") + "\n", "escaped-line-ends foreign-characters program-text"},
		{"JavaScript, plus behind", "const x = " + quoted(`'%s\n'`, " +\n  ") + ";\n", "escaped-line-ends foreign-characters program-text"},
		{"JavaScript, plus before", "const x = " + quoted(`'%s\n'`, "\n  + ") + ";\n", "escaped-line-ends foreign-characters program-text"},
		{"JavaScript, template", "const x = `" + both + "`;\n", "foreign-characters"},
		{"JavaScript, joined", "const x = [\n" + quoted(`  '%s'`, ",\n") + "\n].join('\\n');\n", "escaped-line-ends foreign-characters one-line program-text"},
		{"Visual Basic", "x = " + quoted(`"%s"`, " & vbCrLf & _\n") + "\n", "foreign-characters program-text"},
		{"Perl", "$x = " + quoted(`"%s\n"`, " .\n") + ";\n", "escaped-line-ends foreign-characters program-text"},
		{"Rust", `const X: &str = "` + quoted(`%s`, "\\n\\\n     ") + `";`, "escaped-line-ends foreign-characters indented"},
		{"comment", quoted("# %s", "\n") + "\n", "foreign-characters"},
		{"comment of C", quoted("// %s", "\n") + "\n", "foreign-characters"},
		{"difference", quoted("+%s", "\n") + "\n", "foreign-characters"},
		{"JSON", string(jsonText), "escaped-line-ends foreign-characters"},
		{"JSON, by number", strings.ReplaceAll(strings.ReplaceAll(string(jsonText), `\n`, `\u000a`), "+", `\u002b`), "escaped-line-ends foreign-characters"},
		{"JSON, slashes", strings.ReplaceAll(string(jsonText), "/", `\/`), "escaped-line-ends foreign-characters"},
		{"YAML block", "tls:\n  cert: |\n" + quoted("    %s", "\n") + "\n", "indented"},
		{"XML", "<c>" + strings.ReplaceAll(html.EscapeString(both), "\n", "&#10;") + "</c>", "escaped-line-ends program-text"},
		{"web page", "<html><body><pre>" + both + "</pre></body></html>", "program-text"},
		{"URL", "x=" + url.QueryEscape(both), "escaped-line-ends foreign-characters"},
		{"URL path", url.PathEscape(both), "escaped-line-ends"},
		{"mail", strings.ReplaceAll(strings.ReplaceAll(both, "=", "=3D"), "\n", "=0A=\n"), "escaped-line-ends"},
		{"Windows-1252 dashes", strings.ReplaceAll(both, "-----", "\x97\x97\x96"), "code-page dashes"},
		{"Mac OS Roman dashes", strings.ReplaceAll(both, "-----", "\xd1\xd0"), "code-page dashes"},
		{"Windows-1252 no-break spaces", strings.ReplaceAll(both, "BEGIN ", "BEGIN\xa0"), "code-page dashes"},
		{"small letters", strings.NewReplacer("BEGIN CERTIFICATE", "Begin Certificate", "BEGIN PRIVATE KEY", "begin private key").Replace(both), "dashes"},
		{"six dashes", strings.ReplaceAll(both, "-----", "------"), "dashes"},
		{"carriage returns twice", strings.ReplaceAll(both, "\n", "\r\r\n"), "carriage-returns"},
		{"zero bytes", strings.ReplaceAll(both, "\n", "\n\x00"), "foreign-characters"},
		{"secret of several lines", "data:\n  tls.pem: |\n" + wrapped(encode(both), "    ") + "  other: x\n", "armor-missing"},
		{"secrets of several lines", "data:\n  a: |\n" + wrapped(encode(string(client.CertificatePEM)), "    ") + "  b: |\n" + wrapped(encode(string(client.KeyPEM)), "    "), "armor-missing"},
		{"base64 in the alphabet of URLs", strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(both)), "="), "armor-missing"},
		{"base64 twice", encode(encode(both)), "armor-missing"},
		{"base64 of a file with a byte order mark", encode("\ufeff" + both), "armor-missing byte-order-mark"},
		{"hexadecimal", hex.EncodeToString([]byte(both)), "hexadecimal"},
		{"array of PEM", array([]byte(both)), "hexadecimal"},
		{"arrays of DER", array(client.Certificate.Raw) + array(pemBlocks(client.KeyPEM)[0].Bytes), "hexadecimal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := ReadInventory(t.Context(), []string{"text"}, InventoryOptions{Texts: map[string][]byte{"text": []byte(c.data)}})
			if got := kindsOf(inv); got != "certificate private-key" || len(inv.Pairs()) != 1 {
				t.Fatalf("read as %q, repaired %v, %s:\n%.300s", got, inv.Files[0].Repaired, inv.Files[0].Detail, c.data)
			}
			if !bytes.Equal(inv.Items[0].Certificate.Raw, client.Certificate.Raw) {
				t.Error("another certificate has been read")
			}
			if got := strings.Join(inv.Files[0].Repaired, " "); got != c.want {
				t.Errorf("repaired %q, not %q", got, c.want)
			}
		})
	}
}

// What only looks like a prefix, an array or base64 is left alone.
func TestNotWrittenText(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=Test CA")
	text := string(ca.CertificatePEM)
	lines := strings.SplitAfter(text, "\n")
	for name, data := range map[string]string{
		"one line without its sign": "# " + strings.Join(lines[:2], "# ") + strings.Join(lines[2:], "# !"),
		"few bytes":                 "{0x30, 0x82, 0x01}",
		"bytes of nothing":          strings.Repeat("0x41, ", 100),
		"digits":                    strings.Repeat("41", 100),
		"letters":                   strings.Repeat("abcd", 100),
		"strings of nothing":        strings.Repeat(`"-----BEGIN "`+" +\n", 100),
	} {
		inv := ReadInventory(t.Context(), []string{"text"}, InventoryOptions{Texts: map[string][]byte{"text": []byte(data)}})
		for _, i := range inv.Items {
			if i.Certificate != nil {
				t.Errorf("%s: a certificate was made up", name)
			}
		}
	}
}
