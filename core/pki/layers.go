package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"mutual/core/evidence"
	"mutual/core/expression"
)

// maxLayers bounds how many wrappings of a text are undone: base64 of a PEM file with a byte order mark has two.
const maxLayers = 3

// readRepaired reads a file without a role; what is damaged text is read as it should have been written.
func readRepaired(path, passphrase string, work int) (contents, []string) {
	c := contents{File: evidence.File{Path: path}, passphrase: passphrase}
	data, err := readBounded(path, &c.File)
	if err != nil {
		c.Detail = err.Error()
		return c, nil
	}
	return repairedText(path, data, passphrase, work)
}

// repairedText is readRepaired of what was read already.
func repairedText(path string, data []byte, passphrase string, work int) (contents, []string) {
	first := contents{File: evidence.File{Path: path, Size: int64(len(data))}, passphrase: passphrase, work: work}
	if len(data) > MaxFileSize {
		first.Problem, first.Detail = evidence.TooLarge, fmt.Sprintf("%s has %d bytes; at most %d are read", path, len(data), MaxFileSize)
		return first, nil
	}
	first.parse(data, passphrase)
	c := first
	var all []string
	for range maxLayers {
		var damage []string
		if len(c.Encoding) > 0 {
			data, damage = repair(data)
		} else if c.Format == formatUnknown && len(c.Blocks) == 0 {
			data, damage = withoutArmor(data)
		}
		if len(damage) == 0 {
			break
		}
		next := contents{File: evidence.File{Path: path, Size: c.Size}, passphrase: passphrase, work: work}
		if next.parse(data, passphrase); len(next.Blocks) == 0 && !next.locked() {
			break
		}
		c, all = next, append(all, damage...)
	}
	if len(all) == 0 {
		return first, nil
	}
	slices.Sort(all)
	c.Encoding = first.Encoding
	return c, slices.Compact(all)
}

// Values of InventoryFile.Repaired.
const (
	damageArmor = "armor-missing"
	damageHex   = "hexadecimal"
)

// withoutArmor decodes text that is nothing but base64 or hexadecimal of a DER structure or of PEM, or that has such values
// in it.
func withoutArmor(data []byte) ([]byte, []string) {
	if len(data) > maxRepair {
		return nil, nil
	}
	known := func(der []byte) bool {
		if len(der) == 0 || bytes.Contains(der, beginMark) {
			return len(der) > 0
		}
		var first asn1.RawValue
		if _, err := asn1.Unmarshal(der, &first); err == nil && formatOf(first.FullBytes) != formatUnknown { // more may follow it
			return true
		}
		return formatOf(der) != formatUnknown
	}
	if der := hexadecimal(string(data)); known(der) {
		return der, []string{damageHex}
	}
	der := decodeBase64(string(bytes.TrimPrefix(data, []byte(byteOrderMark))))
	if again := decodeBase64(string(der)); known(again) { // a secret whose value was encoded by hand as well
		der = again
	}
	if !known(der) {
		der = encodedPEM(string(data))
	}
	if !known(der) {
		return nil, nil
	}
	return der, []string{damageArmor}
}

// decodeBase64 decodes text that is base64 and white space, in either alphabet of RFC 4648; nil: it is not.
func decodeBase64(text string) []byte {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		}
		return r
	}, text)
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return out
}

var (
	// encodedStart is how the base64 of a PEM block begins: "-----BEGIN " is LS0tLS1CRUdJTi.
	encodedStart = expression.New(`LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}={0,2}`)
	// encodedLine is a line that goes on with it.
	encodedLine = expression.New(`^[ \t]*[A-Za-z0-9+/]+={0,2}[ \t]*$`)
)

// encodedPEM collects PEM text that stands in a file as base64, on one line or on several, as the values of Kubernetes
// secrets and of cloud-init do; nil: there is none.
func encodedPEM(text string) []byte {
	var out []byte
	var value strings.Builder
	flush := func() {
		if plain := decodeBase64(value.String()); plain != nil {
			out = append(append(out, bytes.TrimRight(plain, "\n")...), '\n')
		}
		value.Reset()
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch word := encodedStart.FindString(line); {
		case word != "":
			flush()
			for _, word := range encodedStart.FindAllString(line, maxKeys) {
				flush()
				value.WriteString(word)
			}
			if !strings.HasSuffix(line, word) || strings.HasSuffix(word, "=") {
				flush()
			}
		case value.Len() > 0 && encodedLine.MatchString(line):
			value.WriteString(line)
		default:
			flush()
		}
	}
	flush()
	return out
}

// hexByte is one byte of an array in the source code of a device, as xxd -i writes it.
var hexByte = expression.New(`0[xX][0-9A-Fa-f]{2}\b`)

// minHexBytes is the least number of bytes that are taken for a file: any certificate or key has more.
const minHexBytes = 32

// hexadecimal decodes the bytes of arrays (0x30, 0x82, …), or text that is only hexadecimal digits with spaces or colons;
// nil: it is neither.
func hexadecimal(text string) []byte {
	if all := hexByte.FindAllString(text, -1); len(all) >= minHexBytes {
		var digits strings.Builder
		for _, b := range all {
			digits.WriteString(b[2:])
		}
		out, _ := hex.DecodeString(digits.String())
		return out
	}
	out, err := hex.DecodeString(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ':' {
			return -1
		}
		return r
	}, text))
	if err != nil || len(out) < minHexBytes {
		return nil
	}
	return out
}
