package pki

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"mutual/core/evidence"
)

// readLikeJava is CertificateFactory.generateCertificates of Java 17 (sun.security.provider.X509Factory): every block is
// taken for a certificate, whatever its label says, and the first may be a PKCS #7 container, of which alone it then
// takes certificates. What it cannot read is an exception, and nothing is read.
func readLikeJava(data []byte) evidence.Reading {
	out := evidence.Reading{Reader: evidence.JavaReader}
	in := &javaStream{rest: data}
	for first := true; ; first = false {
		label, der, fault := in.block()
		if der == nil {
			out.Fault = fault
			return out
		}
		if certificates, _, err := signedDataContents(der); first && err == nil {
			for _, c := range certificates {
				out.Found = append(out.Found, foundCertificate(label, c, false))
			}
			return out
		}
		out.Found = append(out.Found, foundCertificate(label, der, false))
	}
}

type javaStream struct{ rest []byte }

func (s *javaStream) read() int {
	if len(s.rest) == 0 {
		return -1
	}
	c := s.rest[0]
	s.rest = s.rest[1:]
	return int(c)
}

const javaIncomplete = "IOException: Incomplete data"

// block is readOneBlock; nil with no fault at the end.
func (s *javaStream) block() (label string, der []byte, fault string) {
	if len(s.rest) > 0 && s.rest[0] == 0x30 { // DER, without any text around it
		in := cryptobyte.String(s.rest)
		first := firstSequence(in)
		if first == nil {
			return "", nil, javaIncomplete
		}
		s.rest = s.rest[len(first):]
		return "", first, ""
	}
	if !s.find() {
		return "", nil, ""
	}
	header, end, data := s.header()
	for {
		c := s.read()
		if c < 0 || header == "" {
			return "", nil, javaIncomplete
		}
		if c == '-' {
			break
		}
		data = append(data, byte(c))
	}
	footer := []byte("-")
	for c := s.read(); c >= 0 && c != end && c != '\n'; c = s.read() {
		if c != '\r' {
			footer = append(footer, byte(c))
		}
	}
	label, fault = javaLabel(strings.TrimRight(header, " \t\r\n\f\v"), strings.TrimRight(string(footer), " \t\r\n\f\v"))
	if fault != "" {
		return "", nil, fault
	}
	der, fault = javaBase64(data)
	return knownLabel(label), der, fault
}

// find reads up to five hyphens at the start of a line; false: there are none.
func (s *javaStream) find() bool {
	hyphens, last := 0, -1
	for {
		c := s.read()
		switch {
		case c < 0:
			return false
		case c == '-':
			hyphens++
		default:
			hyphens, last = 0, c
		}
		if hyphens == 5 && (last < 0 || last == '\r' || last == '\n') {
			return true
		}
	}
}

// header reads the rest of the first line, and finds out how lines end; "": the data ended.
func (s *javaStream) header() (text string, end int, data []byte) {
	out := []byte("-----")
	for {
		switch c := s.read(); c {
		case -1:
			return "", 0, nil
		case '\n':
			return string(out), '\n', nil
		case '\r':
			c = s.read()
			if c == '\n' {
				return string(out), '\n', nil
			}
			if c < 0 {
				return "", 0, nil
			}
			return string(out), '\r', []byte{byte(c)}
		default:
			out = append(out, byte(c))
		}
	}
}

// shownMark is what an exception says of BEGIN and END lines; nothing where more stands in them, which may be a key.
func shownMark(line string) string {
	if len(line) > 100 || strings.Trim(line, "-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") != "" {
		return ""
	}
	return ": " + line
}

// javaLabel is checkHeaderFooter.
func javaLabel(header, footer string) (label, fault string) {
	begins, ok := strings.CutPrefix(header, string(beginMark))
	if !ok || len(header) < 16 || !strings.HasSuffix(header, string(dashes)) {
		return "", "IOException: Illegal header" + shownMark(header)
	}
	ends, ok := strings.CutPrefix(footer, string(endMark))
	if !ok || len(footer) < 14 || !strings.HasSuffix(footer, string(dashes)) {
		return "", "IOException: Illegal footer" + shownMark(footer)
	}
	label = strings.TrimSuffix(begins, string(dashes))
	if label != strings.TrimSuffix(ends, string(dashes)) {
		return "", "IOException: Header and footer do not match" + shownMark(header+" "+footer)
	}
	return label, ""
}

// javaBase64 is java.util.Base64's basic decoder, after blanks and line ends: it can do without padding, not with half of
// it.
func javaBase64(data []byte) (der []byte, fault string) {
	text := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(string(data))
	for i := range len(text) {
		if !strings.Contains(base64Letters, text[i:i+1]) {
			return nil, fmt.Sprintf("IllegalArgumentException: Illegal base64 character %x", text[i])
		}
	}
	encoding := base64.StdEncoding
	if !strings.HasSuffix(text, "=") {
		encoding = base64.RawStdEncoding
	}
	der, err := encoding.DecodeString(text)
	if err != nil {
		return nil, "IllegalArgumentException: Input byte array has wrong 4-byte ending unit"
	}
	if der == nil {
		der = []byte{}
	}
	return der, ""
}
