package pki

import (
	"bytes"
	"encoding/base64"
	"strings"

	"mutual/core/evidence"
)

// gnutlsBadBlock is what gnutls_strerror says of text that it cannot decode.
const gnutlsBadBlock = "Base64 unexpected header error."

// readLikeGnuTLS is gnutls_x509_crt_list_import of GnuTLS 3.7: it looks for its marks anywhere in a line, at requests too,
// and not at the labels of END lines. A block that it cannot read makes the whole file unreadable to it.
func readLikeGnuTLS(data []byte) evidence.Reading {
	out := evidence.Reading{Reader: evidence.GnuTLSReader}
	const old, usual = "X509 CERTIFICATE", "CERTIFICATE"
	next := func(from []byte) []byte {
		for _, label := range []string{usual, old} {
			if i := bytes.Index(from, append([]byte("-----BEGIN "), label...)); i >= 0 {
				return from[i:]
			}
		}
		return nil
	}
	for at := next(data); at != nil; at = next(at[1:]) {
		der, ok := gnutlsDecode(at, usual)
		if !ok {
			der, ok = gnutlsDecode(at, old)
		}
		if !ok {
			out.Fault = gnutlsBadBlock
			return out
		}
		found := foundCertificate(usual, der, false)
		out.Found = append(out.Found, found)
		if found.Broken {
			return out
		}
	}
	return out
}

// gnutlsDecode is _gnutls_fbase64_decode: white space counts for nothing, and a hyphen ends the data.
func gnutlsDecode(data []byte, label string) (der []byte, ok bool) {
	begin := bytes.Index(data, append([]byte("-----BEGIN "), label...))
	if begin < 0 {
		return nil, false
	}
	_, rest, ok := bytes.Cut(data[begin+1:], dashes)
	if !ok {
		return nil, false
	}
	end := bytes.Index(rest, []byte("-----END"))
	if end < 4 {
		return nil, false
	}
	text, _, _ := bytes.Cut(rest[:end], []byte("-"))
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f' && !strings.ContainsRune(base64Letters, rune(c)) {
			return nil, false
		}
	}
	der, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(text), nil)))
	return der, err == nil && len(der) > 0
}

// readLikeMbedTLS is mbedtls_x509_crt_parse of mbedTLS 2.28: it counts blocks that it cannot decode and passes over them,
// and ends at one whose marks are not as it wants them, without a word.
func readLikeMbedTLS(data []byte) evidence.Reading {
	out := evidence.Reading{Reader: evidence.MbedTLSReader}
	begin, end := []byte("-----BEGIN CERTIFICATE-----"), []byte("-----END CERTIFICATE-----")
	whole := data
	data, _, _ = bytes.Cut(data, []byte{0})
	if !bytes.Contains(data, begin) { // no text to it
		if found := foundCertificate("CERTIFICATE", whole, true); !found.Broken {
			out.Found = append(out.Found, found)
		}
		return out
	}
	for {
		from, to := bytes.Index(data, begin), bytes.Index(data, end)
		if from < 0 || to <= from {
			return out
		}
		text := bytes.TrimPrefix(bytes.TrimPrefix(data[from+len(begin):], []byte(" ")), []byte("\r"))
		if len(text) == 0 || text[0] != '\n' {
			return out
		}
		body := text[1 : len(text)-(len(data)-to)]
		data = data[to+len(end):]
		der, ok := mbedtlsBase64(body)
		if !ok {
			out.Passed++
			continue
		}
		found := foundCertificate("CERTIFICATE", der, true)
		out.Found = append(out.Found, found)
	}
}

// mbedtlsBase64 is mbedtls_base64_decode: blanks may stand only at the end of a line.
func mbedtlsBase64(body []byte) (der []byte, ok bool) {
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), " ")
		if bytes.ContainsAny(line, " \t\r\v") {
			return nil, false
		}
	}
	der, err := base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(body, []byte(" "), nil)))
	return der, err == nil && len(der) > 0
}
