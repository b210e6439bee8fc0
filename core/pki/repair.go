package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"mutual/core/evidence"
	"mutual/core/expression"
)

// Damage is what an editor, a shell or a chat program did to PEM text. The values are those of evidence.File.Encoding.
const (
	damageUTF16    = "utf-16"
	damageMark     = "byte-order-mark"
	damageEscaped  = "escaped-line-ends" // \n written out
	damageReturns  = "carriage-returns"  // the line ends of old Macs
	damageOneLine  = "one-line"
	damageIndented = "indented"
	damageDashes   = "dashes"
	damageNoEnd    = "end-missing"
	damageSpaces   = "foreign-characters" // no-break and zero-width spaces, quotation marks
	damageCodePage = "code-page"          // Windows-1252 or Mac OS Roman
	damageQuoted   = "program-text"       // strings of source code, elements of a web page
)

// dashLike are the characters that editors and word processors put in the place of hyphens, and the hyphen.
const dashLike = `\-‐‑‒–—―−⸺⸻`

// marker is a BEGIN or END line in whatever state, with no more dashes than it should have: another mark may follow. The
// labels are RFC 7468 §2's, capitals, digits and spaces, and what a word processor makes of them.
var marker = expression.New(`(?i)[` + dashLike + `]{1,5}[ \t\x{00a0}]*(BEGIN|END)[ \t\x{00a0}]+([A-Z0-9][A-Z0-9#. ]{0,62}[A-Z0-9])[ \t\x{00a0}]*[` + dashLike + `]{1,5}`)

// maxRepair is the largest file, in bytes, that is searched for damaged blocks: text that somebody has edited is small.
const maxRepair = 1 << 20

// repair looks for PEM blocks in damaged text, and returns them as they should have been written, with what was damaged.
// A block counts only when what stands in it is one whole DER structure, so that nothing is made up. no damage: nothing
// that was found there would be written in another way.
func repair(data []byte) (repaired []byte, damage []string) {
	if len(data) > maxRepair {
		return nil, nil
	}
	text, damage := plainText(data)
	text, more := plainLines(text)
	damage = append(damage, more...)
	marks := marker.FindAllStringSubmatchIndex(text, maxBlocks)
	isBegin := func(m []int) bool { return strings.EqualFold(text[m[2]:m[3]], "BEGIN") }
	if !slices.ContainsFunc(marks, isBegin) {
		if len(marks) > 0 { // only an END line
			text = text[:marks[0][0]]
		}
		if block := readBare(text); block != nil {
			damage = append(damage, damageArmor)
			slices.Sort(damage)
			return pem.EncodeToMemory(block), slices.Compact(damage)
		}
		return nil, nil
	}
	var out bytes.Buffer
	for i, m := range marks {
		if !isBegin(m) {
			continue
		}
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		before := text[strings.LastIndexByte(text[:m[0]], '\n')+1 : m[0]]
		headers, body := splitHeaders(withoutPrefix(before, text[m[1]:end]))
		block := readDamaged(strings.ToUpper(text[m[4]:m[5]]), headers, body)
		if block == nil {
			continue
		}
		var closing string
		if i+1 < len(marks) {
			closing = text[marks[i+1][0]:marks[i+1][1]]
		}
		damage = append(damage, blockDamage(text, m, closing, block.Type, body)...)
		pem.Encode(&out, block) // a buffer takes everything
	}
	slices.Sort(damage)
	damage = slices.Compact(damage)
	if out.Len() == 0 {
		return nil, nil
	}
	return out.Bytes(), damage
}

// plainText undoes UTF-16 and takes a byte order mark away.
func plainText(data []byte) (text string, damage []string) {
	if isUTF16(data) {
		return fromUTF16(data), []string{damageUTF16}
	}
	if rest, ok := bytes.CutPrefix(data, []byte(byteOrderMark)); ok {
		return string(rest), []string{damageMark}
	}
	if !utf8.Valid(data) {
		return fromCodePage(data), []string{damageCodePage}
	}
	return string(data), nil
}

func fromUTF16(data []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order, data = binary.BigEndian, data[2:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		data = data[2:]
	case data[0] == 0:
		order = binary.BigEndian
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// plainLines undoes line ends that were written out, as in JSON and environment files, or that are carriage returns, and
// the strings of source code.
func plainLines(text string) (string, []string) {
	var damage []string
	text, escaped := unwritten(text)
	if escaped {
		damage = append(damage, damageEscaped)
	}
	if strings.Contains(text, "\r") && (!strings.Contains(text, "\n") || strings.Contains(text, "\r\r\n") || strings.Contains(text, "\n\r")) {
		damage = append(damage, damageReturns)
	}
	text = strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\n\r", "\n", "\r", "\n").Replace(text)
	text, quoted := unquoted(text)
	if quoted {
		damage = append(damage, damageQuoted)
	}
	return text, damage
}

// pemHeader is a line of RFC 1421 §4.4, as in keys that OpenSSL encrypted in its old form.
var pemHeader = expression.New(`^[ \t]*(Proc-Type|DEK-Info)[ \t]*:[ \t]*([0-9A-Za-z,\-]+)[ \t]*$`)

// splitHeaders takes the headers out of what follows a BEGIN mark.
func splitHeaders(text string) (headers map[string]string, body string) {
	headers = map[string]string{}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if h := pemHeader.FindStringSubmatch(strings.TrimRight(line, "\n")); h != nil {
			headers[h[1]] = h[2]
		} else {
			rest.WriteString(line)
		}
	}
	return headers, rest.String()
}

// readDamaged reads what stands between a BEGIN mark and the next one; nil when it is not one whole structure.
func readDamaged(label string, headers map[string]string, body string) *pem.Block {
	block := &pem.Block{Type: label, Headers: headers}
	encoded, ok := onlyBase64(strings.Trim(body, strings.ReplaceAll(dashLike, `\`, "")+" \t\n"))
	if !ok {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(der) == 0 {
		return nil
	}
	block.Bytes = der
	if len(block.Headers) > 0 { // encrypted as a whole: there is no structure to be seen
		return block
	}
	if label == labelOpenSSH {
		return block
	}
	var whole asn1.RawValue
	rest, err := asn1.Unmarshal(der, &whole)
	if err != nil || whole.Tag != asn1.TagSequence && label != "EC PARAMETERS" || len(rest) > 0 && label != "TRUSTED CERTIFICATE" {
		return nil
	}
	return block
}

// readBare reads text that is nothing but the base64 of one structure, as some consoles show certificates and some
// configurations want them; nil when it is not one whose kind can be told for certain.
func readBare(text string) *pem.Block {
	encoded, ok := onlyBase64(text)
	if !ok {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(der) == 0 {
		return nil
	}
	for _, kind := range []struct {
		label string
		reads func([]byte) error
	}{
		{"CERTIFICATE", func(b []byte) error { _, err := x509.ParseCertificate(b); return err }},
		{"PRIVATE KEY", func(b []byte) error { _, err := x509.ParsePKCS8PrivateKey(b); return err }},
		{"EC PRIVATE KEY", func(b []byte) error { _, err := x509.ParseECPrivateKey(b); return err }},
		{"RSA PRIVATE KEY", func(b []byte) error { _, err := x509.ParsePKCS1PrivateKey(b); return err }},
		{"CERTIFICATE REQUEST", func(b []byte) error { _, err := x509.ParseCertificateRequest(b); return err }},
		{"X509 CRL", func(b []byte) error { _, err := x509.ParseRevocationList(b); return err }},
	} {
		if kind.reads(der) == nil {
			return &pem.Block{Type: kind.label, Bytes: der}
		}
	}
	return nil
}

// onlyBase64 leaves out what cannot be part of base64 and that people do not see, or take for ornament. Anything else
// between the marks means that the text is not this program's to repair.
func onlyBase64(body string) (string, bool) {
	foreign := false
	text := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/', r == '=':
			return r
		case unicode.IsSpace(r), isOrnament(r):
			return -1
		}
		foreign = true
		return -1
	}, body)
	return text, !foreign
}

// isOrnament: quotation marks, the comma after them, what stands before quoted lines, and characters without a width.
func isOrnament(r rune) bool {
	return strings.ContainsRune("\x00\"'`,>|\\\u200b\u200c\u200d\u2060\ufeff\u00ad\u201c\u201d", r)
}

// blockDamage says what was wrong with a block that could be read. at are the places of its BEGIN mark in text, closing
// is the mark that follows.
func blockDamage(text string, at []int, closing, label, body string) (damage []string) {
	begin := text[at[0]:at[1]]
	end, ended := "-----END "+label+"-----", strings.Contains(strings.ToUpper(closing), "END ")
	before := text[strings.LastIndexByte(text[:at[0]], '\n')+1 : at[0]]
	line := strings.TrimRight(before, "-")
	if begin != "-----BEGIN "+label+"-----" || closing != end && ended || line == "" && before != "" {
		damage = append(damage, damageDashes)
	}
	if !ended {
		damage = append(damage, damageNoEnd)
	}
	switch first, _, _ := strings.Cut(body, "\n"); {
	case strings.Trim(first, "- \t\u00a0") != "":
		damage = append(damage, damageOneLine)
	case line != "" && strings.TrimSpace(line) == "", strings.Contains(body, "\n ") || strings.Contains(body, "\n\t"):
		damage = append(damage, damageIndented)
	case line != "":
		damage = append(damage, damageSpaces)
	}
	if strings.IndexFunc(body, func(r rune) bool { return isOrnament(r) || r == '\u00a0' }) >= 0 {
		damage = append(damage, damageSpaces)
	}
	return damage
}

// findDamage notes in c when more of data could be read if it were repaired.
func (c *contents) findDamage(data []byte, scanned []pemBlock) {
	readable := 0
	for _, p := range scanned {
		if p.block != nil {
			readable++
		}
	}
	if readable > 0 && bytes.Count(bytes.ToUpper(data), []byte("BEGIN")) == readable {
		return // every block that was begun, in whatever state, is read already
	}
	repaired, damage := repair(data)
	whole := scanPEM(repaired)
	if len(damage) == 0 || len(whole) <= readable || slices.ContainsFunc(whole, func(p pemBlock) bool { return p.err != nil }) {
		return
	}
	c.Encoding = damage
}

// ErrNothingToRepair is for a file in which a repair would change nothing.
var ErrNothingToRepair = errors.New("there is nothing to repair")

// Repaired returns the PEM blocks of a file that findings call damaged, as they should have been written. Text between
// the blocks is left out. private says that a private key is among them.
func Repaired(path string) (text []byte, private bool, err error) {
	var f evidence.File
	data, err := readBounded(path, &f)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", path, err)
	}
	text, damage := repair(data)
	if len(damage) == 0 {
		return nil, false, fmt.Errorf("repairing %s: %w", path, ErrNothingToRepair)
	}
	return text, bytes.Contains(text, []byte("PRIVATE KEY-----")), nil
}
