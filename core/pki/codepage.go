package pki

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// windows1252 are the characters of the bytes 0x80 to 0x9F in Windows-1252 (WHATWG Encoding, index-windows-1252); the other
// bytes are Latin-1, whose numbers are Unicode's.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// macRoman are the characters of Mac OS Roman that stand where hyphens, quotation marks and spaces were: the dashes are
// letters in Windows-1252.
var macRoman = map[byte]rune{0xD0: '–', 0xD1: '—', 0xD2: '“', 0xD3: '”', 0xD4: '‘', 0xD5: '’', 0xCA: '\u00a0'}

// fromCodePage reads text that is not UTF-8 as Windows-1252, or as Mac OS Roman where that makes dashes of what stands
// before BEGIN or END.
func fromCodePage(data []byte) string {
	mac := false
	for _, word := range []string{"BEGIN ", "END "} {
		at := bytes.Index(data, []byte(word))
		mac = mac || at > 0 && (data[at-1] == 0xD0 || data[at-1] == 0xD1)
	}
	var out strings.Builder
	for len(data) > 0 {
		if r, size := utf8.DecodeRune(data); r != utf8.RuneError || size > 1 { // both can stand in one file
			out.WriteRune(r)
			data = data[size:]
			continue
		}
		b := data[0]
		r := rune(b)
		if m, ok := macRoman[b]; ok && mac {
			r = m
		} else if b >= 0x80 && b <= 0x9F {
			r = windows1252[b-0x80]
		}
		out.WriteRune(r)
		data = data[1:]
	}
	return out.String()
}
