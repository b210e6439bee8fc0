package pki

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// addReadings notes how other libraries read data, a file of trust anchors, unless it is written so that all of them
// come upon the same blocks; and how OpenSSL reads a client certificate file. Larger files than maxRepair are left alone:
// GnuTLS goes through the rest of a file for each block.
func (c *contents) addReadings(data []byte) {
	if c.Role != evidence.RoleCA && c.Role != evidence.RoleCertificate || c.Format != formatPEM || len(data) > maxRepair || c.allRead() && plainlyWritten(data, len(c.Blocks)) {
		return
	}
	if c.Role == evidence.RoleCertificate {
		c.Readings = []evidence.Reading{readLikeOpenSSL(data)}
		return
	}
	c.Readings = []evidence.Reading{readLikeOpenSSL(data), readLikeJava(data), readLikeMbedTLS(data), readLikeGnuTLS(data)}
}

// allRead reports whether each block is a certificate, and was read.
func (c *contents) allRead() bool {
	for _, b := range c.Blocks {
		if b.Label != "CERTIFICATE" || b.Error != "" {
			return false
		}
	}
	return true
}

// plainlyWritten reports whether data is as RFC 7468 §3 wants it written, with just blocks CERTIFICATE, and with text
// between them that nobody can take for the beginning of a block.
func plainlyWritten(data []byte, blocks int) bool {
	inside, ended := false, true // ended: a shorter line came, which is a block's last
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		switch {
		case !inside && string(line) == "-----BEGIN CERTIFICATE-----":
			inside, ended = true, false
			blocks--
		case !inside:
			if bytes.Contains(line, dashes) || bytes.ContainsAny(line, "\r\x00") || len(line) > 250 || len(line) > 0 && line[0] == '0' {
				return false
			}
		case string(line) == "-----END CERTIFICATE-----":
			inside = false
		default:
			if ended || len(line) == 0 || len(line) > 76 || len(bytes.Trim(line, base64Letters)) > 0 {
				return false
			}
			ended = len(line) != 64 && len(line) != 76
		}
	}
	return !inside && blocks == 0
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// foundCertificate is a block in which a certificate is looked for. Where tail is set, what follows it in the block does
// not matter to the library.
func foundCertificate(label string, der []byte, tail bool) evidence.Found {
	if tail {
		der = firstSequence(der)
	}
	if _, ok := outlineOf(der); !ok {
		return evidence.Found{Label: label, Broken: true}
	}
	return evidence.Found{Label: label, Certificate: der}
}

// firstSequence is the structure that der begins with; nil: with none.
func firstSequence(der []byte) []byte {
	in := cryptobyte.String(der)
	var first cryptobyte.String
	if !in.ReadASN1Element(&first, cbasn1.SEQUENCE) {
		return nil
	}
	return first
}

// knownLabel is label where it is one that this program knows: anything else might be part of something that is to stay
// in the file.
func knownLabel(label string) string {
	if _, ok := labelKinds[label]; ok {
		return label
	}
	return ""
}
