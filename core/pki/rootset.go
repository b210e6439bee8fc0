package pki

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"hash/maphash"
)

// rootSet collects certificates, each once.
type rootSet struct {
	roots []Root
	seen  map[[sha256.Size]byte]bool
	texts texts
}

// addBundle adds what crypto/x509's AppendCertsFromPEM would, and what looks like a certificate and is not parsed by Go:
// see Root.Certificate. Systems have each root in a bundle and in a file of its own, so the bundle's texts are remembered;
// data must not change afterwards.
func (s *rootSet) addBundle(data []byte) {
	s.texts = texts{seed: maphash.MakeSeed(), known: map[uint64][]byte{}}
	for _, der := range certificatesOf(data, s.texts.learn) {
		s.addDER(der)
	}
}

// addPEM is addBundle for a file beside it: a text that stands in the bundle is not read again.
func (s *rootSet) addPEM(data []byte) {
	for _, der := range certificatesOf(data, s.texts.has) {
		s.addDER(der)
	}
}

// texts are the base64 texts of certificates. The zero value has none.
type texts struct {
	seed  maphash.Seed
	known map[uint64][]byte
}

// learn remembers body, and says whether it was known.
func (t texts) learn(body []byte) bool {
	known := t.has(body)
	t.known[maphash.Bytes(t.seed, body)] = body
	return known
}

func (t texts) has(body []byte) bool {
	return len(t.known) > 0 && bytes.Equal(t.known[maphash.Bytes(t.seed, body)], body)
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

// certificatesOf returns the CERTIFICATE blocks without headers, as encoding/pem reads them, but for plain ones whose text
// known knows.
func certificatesOf(data []byte, known func(body []byte) bool) [][]byte {
	var all [][]byte
	for len(data) > 0 {
		if body, rest, plain := plainCertificate(data); plain {
			if known(body) {
				data = rest
				continue
			}
			if der, ok := decodePlain(body); ok {
				all, data = append(all, der), rest
				continue
			}
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

// plainCertificate finds the text of the first block of data where it is written in the plainest way: nothing but base64
// and line ends between the two lines, if decodePlain agrees.
func plainCertificate(data []byte) (body, rest []byte, plain bool) {
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
	return body[:end], rest, true
}

// decodePlain reads what plainCertificate found. encoding/pem gives the same of it, and takes five times as long.
func decodePlain(body []byte) (der []byte, ok bool) {
	der = make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(der, body)
	return der[:n], err == nil && n > 0
}
