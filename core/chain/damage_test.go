package chain

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"
)

// damages are what can happen to a certificate in a file: made of a sound block, they stand before, between and after
// three others.
func damages(c *forged, key, crl []byte) map[string]string {
	der := c.der
	sound := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	lines := slices.Collect(strings.Lines(sound))
	last := len(lines) - 1
	joined := func(parts ...[]string) string { return strings.Join(slices.Concat(parts...), "") }
	changed := func(line int, from, to string) string {
		all := slices.Clone(lines)
		all[line] = strings.Replace(all[line], from, to, 1)
		return joined(all)
	}
	block := func(label string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	wrapped := func(width int) string {
		text := base64.StdEncoding.EncodeToString(der)
		var out strings.Builder
		for len(text) > width {
			out.WriteString(text[:width] + "\n")
			text = text[width:]
		}
		return lines[0] + out.String() + text + "\n" + lines[last]
	}
	garbage := []byte("what no program takes for a structure, however it looks at it")
	third := lines[2][:10]
	return map[string]string{
		"nothing": "", "sound": sound, "text outside": "Subject: CN = x\n  -- some text -----\n" + sound,
		"garbage":              block("CERTIFICATE", garbage),
		"cut DER":              block("CERTIFICATE", der[:len(der)/2]),
		"more DER":             block("CERTIFICATE", append(bytes.Clone(der), 5, 0)),
		"star":                 changed(2, third, third[:9]+"*"),
		"short":                changed(last-1, "\n", "")[:len(joined(lines[:last]))-2] + "\n" + lines[last],
		"lost line":            joined(lines[:2], lines[3:]),
		"no END":               joined(lines[:last]),
		"other END":            joined(lines[:last]) + "-----END X509 CERTIFICATE-----\n",
		"damaged END":          joined(lines[:last]) + "-----END CERTIFICATE----\n",
		"text at END":          joined(lines[:last]) + "-----END CERTIFICATE----- x\n",
		"END on the last line": strings.TrimSuffix(joined(lines[:last]), "\n") + lines[last],
		"cut off":              joined(lines[:3]) + lines[3][:30] + "\n",
		"cut off at a line":    joined(lines[:4]),
		"text inside":          joined(lines[:3]) + "hello world\n" + joined(lines[3:]),
		"comment inside":       joined(lines[:3]) + "# comment\n" + joined(lines[3:]),
		"empty line":           joined(lines[:3]) + "\n" + joined(lines[3:]),
		"empty first line":     lines[0] + "\n" + joined(lines[1:]),
		"two empty lines":      lines[0] + "\n\n" + joined(lines[1:]),
		"empty last line":      joined(lines[:last]) + "\n" + lines[last],
		"empty, and wide":      strings.Replace(wrapped(76), "-----\n", "-----\n\n", 1),
		"header":               lines[0] + "Subject: x\n\n" + joined(lines[1:]),
		"header alone":         lines[0] + "Subject: x\n" + joined(lines[1:]),
		"CRL":                  block("X509 CRL", crl),
		"CRL of garbage":       block("X509 CRL", garbage),
		"trusted":              block("TRUSTED CERTIFICATE", der),
		"trusted garbage":      block("TRUSTED CERTIFICATE", garbage),
		"key":                  block("PRIVATE KEY", key),
		"key of garbage":       block("PRIVATE KEY", garbage),
		"RSA key of garbage":   block("RSA PRIVATE KEY", garbage),
		"EC key of nothing":    block("EC PRIVATE KEY", []byte{0x30, 3, 2, 1, 0}),
		"locked garbage":       block("ENCRYPTED PRIVATE KEY", garbage),
		"damaged key":          strings.Replace(block("PRIVATE KEY", key), "M", "*", 1),
		"key cut off":          block("PRIVATE KEY", key)[:60] + "\n",
		"key as certificate":   block("CERTIFICATE", key),
		"parameters":           block("EC PARAMETERS", garbage),
		"request":              block("CERTIFICATE REQUEST", garbage),
		"unknown":              block("SOMETHING", garbage),
		"damaged unknown":      strings.Replace(block("SOMETHING", garbage), "d", "*", 1),
		"old label":            block("X509 CERTIFICATE", der),
		"byte order mark":      "\ufeff" + sound,
		"indented":             "  " + strings.ReplaceAll(strings.TrimSuffix(sound, "\n"), "\n", "\n  ") + "\n",
		"body indented":        lines[0] + "  " + strings.ReplaceAll(strings.TrimSuffix(joined(lines[1:last]), "\n"), "\n", "\n  ") + "\n" + lines[last],
		"body on a line":       lines[0] + strings.ReplaceAll(joined(lines[1:last]), "\n", "") + "\n" + lines[last],
		"on one line":          strings.ReplaceAll(strings.TrimSuffix(sound, "\n"), "\n", " ") + "\n",
		"carriage returns":     strings.ReplaceAll(sound, "\n", "\r"),
		"both line ends":       strings.ReplaceAll(sound, "\n", "\r\n"),
		"trailing blanks":      strings.ReplaceAll(sound, "\n", "  \n"),
		"one trailing blank":   strings.ReplaceAll(sound, "\n", " \n"),
		"wide":                 wrapped(76), "narrow": wrapped(20), "odd": wrapped(61), "254": wrapped(254), "300": wrapped(300),
		"four dashes":     strings.ReplaceAll(sound, "-----", "----"),
		"six dashes":      strings.Replace(sound, "CERTIFICATE-----", "CERTIFICATE------", 1),
		"a dash before":   "-" + sound,
		"text at BEGIN":   strings.Replace(sound, "CERTIFICATE-----", "CERTIFICATE----- x", 1),
		"dashes alone":    "-----\n" + sound,
		"BEGIN in text":   "see -----BEGIN CERTIFICATE----- below\n" + sound,
		"BEGIN twice":     lines[0] + sound,
		"empty":           lines[0] + lines[last],
		"small letters":   strings.ReplaceAll(sound, "BEGIN", "begin"),
		"no-break blank":  changed(2, third, third+"\u00a0"),
		"zero width":      changed(1, "\n", "\u200b\n"),
		"blank inside":    changed(2, third, third+" "),
		"tab first":       changed(2, third, "\t"+third),
		"vertical tab":    changed(2, third, "\v"+third),
		"dash inside":     changed(2, third, third[:7]+"-"+third[8:]),
		"padding inside":  changed(2, third, third[:6]+"=="+third[8:]),
		"no padding":      strings.ReplaceAll(sound, "=", ""),
		"more padding":    joined(lines[:last]) + "====\n" + lines[last],
		"digit in text":   "0 is where it begins\n" + sound,
		"form feed":       "\f" + sound,
		"DER":             string(der),
		"zero octet":      changed(2, third, third[:9]+"\x00"),
		"zero outside":    "\x00\n" + sound,
		"long text":       strings.Repeat("x", 254) + sound,
		"old label after": changed(2, third, third[:9]+"*") + block("X509 CERTIFICATE", der),
	}
}
