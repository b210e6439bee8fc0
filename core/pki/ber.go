package pki

import (
	"errors"
)

var errBER = errors.New("damaged ASN.1")

// maxBERDepth bounds the nesting that is followed. PKCS #7 and #12 have less than half of it.
const maxBERDepth = 32

// toDER rewrites the first BER element of data with definite lengths and whole strings, as PKCS #7 and #12 containers
// of older programs need before encoding/asn1 reads them (X.690 §8.1.3.6, §8.7.3). What is in a primitive OCTET STRING
// stays as it is. rest is what follows the element.
func toDER(data []byte) (der, rest []byte, err error) { return berElement(data, 0) }

// header is the identifier and the length of one element.
type header struct {
	tag        byte // of one byte: no other is in these containers
	length     int  // bytes of content; -1: up to an end-of-contents mark
	headerSize int
}

func readHeader(data []byte) (header, error) {
	if len(data) < 2 || data[0]&0x1F == 0x1F {
		return header{}, errBER
	}
	h := header{tag: data[0], headerSize: 2}
	switch n := int(data[1]); {
	case n < 0x80:
		h.length = n
	case n == 0x80:
		h.length = -1
		if h.tag&0x20 == 0 {
			return header{}, errBER
		}
	default:
		n &= 0x7F
		if n > 4 || len(data) < 2+n {
			return header{}, errBER
		}
		for _, b := range data[2 : 2+n] {
			h.length = h.length<<8 | int(b)
		}
		h.headerSize += n
	}
	if h.length > len(data)-h.headerSize {
		return header{}, errBER
	}
	return h, nil
}

// berElement rewrites one element.
func berElement(data []byte, depth int) (der, rest []byte, err error) {
	h, err := readHeader(data)
	if err != nil || depth > maxBERDepth {
		return nil, nil, errBER
	}
	content := data[h.headerSize:]
	if h.length >= 0 {
		content, rest = content[:h.length], content[h.length:]
	}
	const constructed = 0x20
	if h.tag&constructed == 0 {
		return append(derHeader(h.tag, len(content)), content...), rest, nil
	}
	var inner []byte
	wholeString := h.tag == constructed|0x04 // OCTET STRING in parts
	for {
		if h.length < 0 && len(content) >= 2 && content[0] == 0 && content[1] == 0 {
			rest = content[2:]
			break
		}
		if h.length >= 0 && len(content) == 0 {
			break
		}
		var part []byte
		if part, content, err = berElement(content, depth+1); err != nil {
			return nil, nil, err
		}
		if wholeString {
			p, err := readHeader(part)
			if err != nil || p.tag != 0x04 {
				return nil, nil, errBER
			}
			part = part[p.headerSize:]
		}
		inner = append(inner, part...)
	}
	if wholeString {
		h.tag &^= constructed
	}
	return append(derHeader(h.tag, len(inner)), inner...), rest, nil
}

// derHeader is an identifier and the shortest length.
func derHeader(tag byte, length int) []byte {
	if length < 0x80 {
		return []byte{tag, byte(length)}
	}
	var size []byte
	for n := length; n > 0; n >>= 8 {
		size = append([]byte{byte(n)}, size...)
	}
	return append([]byte{tag, 0x80 | byte(len(size))}, size...)
}
