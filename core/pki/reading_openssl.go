package pki

import (
	"bytes"
	"encoding/base64"
	"strings"

	"mutual/core/evidence"
)

// The reasons that OpenSSL gives (crypto/pem/pem_err.c).
const (
	opensslBadEnd    = "bad end line"
	opensslBadBase64 = "bad base64 decode"
	opensslNotProc   = "not proc type"
	opensslNoData    = "PEM lib" // a block with nothing in it: no reason but the caller's
)

// readLikeOpenSSL is PEM_X509_INFO_read_bio of OpenSSL 3.0 on a file, which X509_load_cert_crl_file asks. What it finds
// broken, and a fault, make the whole file unreadable to it.
func readLikeOpenSSL(data []byte) evidence.Reading {
	out := evidence.Reading{Reader: evidence.OpenSSLReader}
	lines := &opensslLines{rest: data}
	for {
		block, fault := lines.block()
		if block == nil {
			out.Fault = fault
			return out
		}
		found := evidence.Found{Label: knownLabel(block.label)}
		looks := true
		switch {
		case block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE":
			found = foundCertificate(found.Label, block.der, true)
		case block.label == "TRUSTED CERTIFICATE":
			found = foundCertificate(found.Label, block.der, true)
			var b evidence.Block
			readTrusted(&b, block.der)
			found.Broken = found.Broken || b.Error == "malformed trust settings"
		case block.label == "X509 CRL":
			found.Broken = !isRevocationList(firstSequence(block.der))
		case privateKeyLabel(block.label):
			if looks = len(block.header) <= 10; !looks { // taken for encrypted, and kept as it is
				break
			}
			_, _, ok := privateKeyAlgorithm(block.der)
			found.Broken = !ok
		default:
			looks = false
		}
		if looks && block.header != "" && block.header != "\n" { // PEM_get_EVP_CIPHER_INFO
			out.Fault = opensslNotProc
			if strings.HasPrefix(block.header, "Proc-Type:") {
				out.Fault = opensslNoData // encrypted, and nobody has a passphrase for it
			}
			return out
		}
		if looks || found.Broken {
			out.Found = append(out.Found, found)
		}
	}
}

// privateKeyLabel reports whether OpenSSL parses the block as a key: "PRIVATE KEY" with any word before it.
func privateKeyLabel(label string) bool {
	return label == "PRIVATE KEY" || strings.HasSuffix(label, " PRIVATE KEY") && label != "ENCRYPTED PRIVATE KEY"
}

// opensslLine is the size of the buffer for a line, with the zero octet that ends it (LINESIZE).
const opensslLine = 255

// opensslLines are the lines of a file as BIO_gets returns them.
type opensslLines struct{ rest []byte }

// next is the next line, or the next part of a long one; nil at the end. A zero octet ends a line, and at the start of
// one the file.
func (l *opensslLines) next() []byte {
	n := min(len(l.rest), opensslLine-1)
	if end := bytes.IndexByte(l.rest[:n], '\n'); end >= 0 {
		n = end + 1
	}
	line := l.rest[:n]
	l.rest = l.rest[n:]
	if zero := bytes.IndexByte(line, 0); zero >= 0 {
		line = line[:zero]
	}
	if len(line) == 0 {
		return nil
	}
	return line
}

// trimmed is sanitize_line: octets above 0x7f are negative numbers to it, and so go with the white space.
func trimmed(line []byte) string {
	return string(bytes.TrimRightFunc(line, func(r rune) bool { return r <= ' ' || r > 0x7f }))
}

type opensslBlock struct {
	label, header string
	der           []byte
}

// block is PEM_read_bio; nil with no fault at the end of the file.
func (l *opensslLines) block() (*opensslBlock, string) {
	b := &opensslBlock{}
	for first := true; ; first = false {
		line := l.next()
		if line == nil {
			return nil, ""
		}
		if first {
			line = bytes.TrimPrefix(line, []byte(byteOrderMark))
		}
		text := trimmed(line)
		if label, ok := strings.CutPrefix(text, string(beginMark)); ok && strings.HasSuffix(label, string(dashes)) {
			b.label = strings.TrimSuffix(label, string(dashes))
			break
		}
	}
	body, fault := l.body(b)
	if fault != "" {
		return nil, fault
	}
	if fault := b.decode(body); fault != "" {
		return nil, fault
	}
	return b, ""
}

// body is get_header_and_data: an empty line ends what is then a header, and after it only the last line may be short.
func (l *opensslLines) body(b *opensslBlock) (text, fault string) {
	var parts [2]strings.Builder // before the first empty line, and after it
	part, short, partial := 0, false, false
	for {
		line := l.next()
		if line == nil {
			return "", opensslBadEnd
		}
		wasPartial := partial
		partial = len(line) == opensslLine-1 && line[len(line)-1] != '\n'
		clean := trimmed(line)
		if clean == "" {
			if !wasPartial {
				if part == 1 {
					return "", opensslBadEnd
				}
				part = 1
			}
			continue
		}
		if end, ok := strings.CutPrefix(clean, string(endMark)); ok {
			if !strings.HasPrefix(end+"\n", b.label+string(dashes)+"\n") {
				return "", opensslBadEnd
			}
			if part == 0 {
				return parts[0].String(), ""
			}
			b.header = parts[0].String()
			return parts[1].String(), ""
		}
		if short {
			return "", opensslBadEnd
		}
		parts[part].WriteString(clean + "\n")
		if part == 1 {
			if len(clean) > 64 {
				return "", opensslNoData
			}
			short = len(clean) < 64
		}
	}
}

// decode is EVP_DecodeUpdate: a hyphen ends the data.
func (b *opensslBlock) decode(body string) (fault string) {
	body, _, _ = strings.Cut(body, "-")
	body = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(body)
	der, err := base64.StdEncoding.DecodeString(body)
	switch {
	case err != nil:
		return opensslBadBase64
	case len(der) == 0:
		return opensslNoData
	}
	b.der = der
	return ""
}
