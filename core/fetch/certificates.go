package fetch

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"

	"github.com/smallstep/pkcs7"
)

// maxCertificates bounds what is taken from one answer: a bundle of cross-certificates holds a few.
const maxCertificates = 32

// certificates are those in an answer, in DER: one certificate, or PEM, or a PKCS #7 container in either.
func certificates(body []byte) [][]byte {
	var ders [][]byte
	add := func(der []byte) {
		if _, err := x509.ParseCertificate(der); err == nil && len(ders) < maxCertificates {
			ders = append(ders, der)
		}
	}
	for rest := body; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
			add(block.Bytes)
		case "PKCS7", "CMS":
			fromPKCS7(block.Bytes, add)
		}
	}
	if len(ders) > 0 {
		return ders
	}
	if add(body); len(ders) == 0 {
		fromPKCS7(body, add)
	}
	return ders
}

// fromPKCS7 takes certificates out of a container whose signature, if it has any, means nothing here.
func fromPKCS7(der []byte, add func([]byte)) {
	defer func() { _ = recover() }() // the parser meets foreign bytes, and is not ours
	container, err := pkcs7.Parse(der)
	if err != nil {
		return
	}
	for _, c := range container.Certificates {
		add(c.Raw)
	}
}

// fromPEM is the DER of a PEM block of that type, if body is PEM; else body itself.
func fromPEM(body []byte, label string) []byte {
	if !bytes.Contains(body[:min(len(body), 4096)], []byte("-----BEGIN ")) {
		return body
	}
	if block, _ := pem.Decode(body); block != nil && block.Type == label {
		return block.Bytes
	}
	return body
}
