package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"fmt"

	"mutual/core/evidence"
)

// armoredPKCS12 is the container of a file that is one PEM block with PKCS #12 in it, as certtool writes it; else nil.
func armoredPKCS12(scanned []pemBlock) []byte {
	if len(scanned) == 1 && scanned[0].block != nil && scanned[0].label == "PKCS12" {
		return scanned[0].block.Bytes
	}
	return nil
}

// addSequence reads a file that begins with a DER certificate, key, request or list and goes on: with more of them, with
// PEM, or with what nobody knows. It says whether data is such a file; else nothing is changed.
func (c *contents) addSequence(data []byte, passphrase string) bool {
	var first string
	rest := data
	for len(rest) > 0 && rest[0] == 0x30 && len(c.Blocks) < maxBlocks {
		var whole asn1.RawValue
		after, err := asn1.Unmarshal(rest, &whole)
		if err != nil {
			break
		}
		format := derFormat(whole.FullBytes)
		kind := kindCertificate
		switch format {
		case formatDERCertificate:
		case formatDERRequest:
			kind = kindRequest
		case formatDERKey, formatDERCRL:
			kind, _ = derKind(whole.FullBytes)
		default:
			kind = ""
		}
		if kind == "" {
			break
		}
		if first == "" {
			first = format
		}
		b := evidence.Block{Index: len(c.Blocks), Kind: kind}
		c.read(&b, &pem.Block{Bytes: whole.FullBytes}, passphrase)
		c.Blocks = append(c.Blocks, b)
		rest = bytes.TrimLeft(after, "\r\n")
	}
	if first == "" {
		return false
	}
	c.Format = first
	blocks := len(c.Blocks)
	for _, p := range scanPEM(rest) {
		c.addPEM(p, passphrase)
	}
	if len(rest) > 0 && len(c.Blocks) == blocks {
		c.Blocks = append(c.Blocks, evidence.Block{Index: blocks, Kind: kindUnknown, Error: fmt.Sprintf("%d bytes that are of no known format follow", len(rest))})
	}
	c.judge()
	return true
}
