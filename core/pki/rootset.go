package pki

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
)

// rootSet collects certificates, each once.
type rootSet struct {
	roots []Root
	seen  map[[sha256.Size]byte]bool
}

// addPEM adds what crypto/x509's AppendCertsFromPEM would, and what looks like a certificate and is not parsed by Go: see
// Root.Certificate.
func (s *rootSet) addPEM(data []byte) {
	for _, der := range certificatesOf(data) {
		s.addDER(der)
	}
}

func (s *rootSet) addDER(der []byte) {
	sum := sha256.Sum256(der)
	if _, ok := outlineOf(der); !ok || s.seen[sum] {
		return
	}
	if s.seen == nil {
		s.seen = map[[sha256.Size]byte]bool{}
	}
	s.seen[sum] = true
	s.roots = append(s.roots, NewRoot(der, nil))
}

// certificatesOf returns the CERTIFICATE blocks without headers, as encoding/pem reads them.
func certificatesOf(data []byte) [][]byte {
	var all [][]byte
	for len(data) > 0 {
		if der, rest, plain := plainCertificate(data); plain {
			all, data = append(all, der), rest
			continue
		}
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
			all = append(all, block.Bytes)
		}
	}
	return all
}

// The lines around a certificate as every tool writes them.
var (
	beginCertificate = []byte("-----BEGIN CERTIFICATE-----\n")
	endCertificate   = []byte("\n-----END CERTIFICATE-----")
)

// plainCertificate reads the first block of data where it is written in the plainest way: nothing but base64 and line
// ends between the two lines. encoding/pem gives the same of it, and takes five times as long.
func plainCertificate(data []byte) (der, rest []byte, plain bool) {
	if !bytes.HasPrefix(data, beginMark) {
		i := bytes.Index(data, []byte("\n-----BEGIN"))
		if i < 0 {
			return nil, nil, false
		}
		data = data[i+1:]
	}
	body, ok := bytes.CutPrefix(data, beginCertificate)
	end := bytes.Index(body, endCertificate)
	if !ok || end < 0 {
		return nil, nil, false
	}
	rest = body[end+len(endCertificate):]
	if len(rest) > 0 {
		if rest[0] != '\n' {
			return nil, nil, false
		}
		rest = rest[1:]
	}
	der = make([]byte, base64.StdEncoding.DecodedLen(end))
	n, err := base64.StdEncoding.Decode(der, body[:end])
	return der[:n], rest, err == nil && n > 0
}
