package pki

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// addPKCS7 reads the certificates and CRLs of a SignedData (RFC 2315 §9.1, RFC 5652 §5.1), which is all that such a file
// is used for here; signatures are not looked at. It is read here, because the library that writes it gives nothing at
// all when one of its certificates is of a kind that Go does not know.
func (c *contents) addPKCS7(data []byte) error {
	certificates, crls, err := signedDataContents(data)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		kind string
		ders [][]byte
	}{{kindCertificate, certificates}, {kindCRL, crls}} {
		for _, der := range part.ders {
			if len(c.Blocks) >= maxBlocks {
				return errTooMany
			}
			b := evidence.Block{Index: len(c.Blocks), Kind: part.kind}
			c.read(&b, &pem.Block{Bytes: der}, "")
			c.Blocks = append(c.Blocks, b)
		}
	}
	return nil
}

var errPKCS7 = errors.New("damaged PKCS #7 container")

func signedDataContents(data []byte) (certificates, crls [][]byte, err error) {
	der, _, err := toDER(data)
	if err != nil {
		return nil, nil, errPKCS7
	}
	context := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).Constructed().ContextSpecific() }
	in := cryptobyte.String(der)
	var info, content, signed, set cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) {
		return nil, nil, errPKCS7
	}
	if !kind.Equal(oidSignedData) {
		return nil, nil, errors.New("a PKCS #7 container that holds no certificates (its content is " + kind.String() + ")")
	}
	if !info.ReadASN1(&content, context(0)) || !content.ReadASN1(&signed, cbasn1.SEQUENCE) || !signed.SkipASN1(cbasn1.INTEGER) || // version
		!signed.SkipASN1(cbasn1.SET) || !signed.SkipASN1(cbasn1.SEQUENCE) { // digestAlgorithms, contentInfo
		return nil, nil, errPKCS7
	}
	for n, out := range []*[][]byte{&certificates, &crls} {
		var present bool
		if !signed.ReadOptionalASN1(&set, &present, context(uint8(n))) {
			return nil, nil, errPKCS7
		}
		for !set.Empty() {
			var element cryptobyte.String
			var tag cbasn1.Tag
			if !set.ReadAnyASN1Element(&element, &tag) {
				return nil, nil, errPKCS7
			}
			if tag == cbasn1.SEQUENCE { // others are attribute certificates and OCSP answers (RFC 5652 §10.2)
				*out = append(*out, element)
			}
		}
	}
	return certificates, crls, nil
}
