package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// ReadCRLFile reads a file of certificate revocation lists, PEM (any number of them) or DER. It never fails: see
// evidence.File.Problem. Lists that cannot be read are there as blocks with an Error.
func ReadCRLFile(path string) evidence.File {
	f := evidence.File{Role: evidence.RoleCRL, Path: path}
	data, err := readBounded(path, &f)
	if err != nil {
		f.Detail = err.Error()
		return f
	}
	f.Size = int64(len(data))
	if len(bytes.TrimSpace(data)) == 0 {
		f.Problem = evidence.Empty
		return f
	}
	f.Format = formatPEM
	for _, p := range scanPEM(data) {
		b := evidence.Block{Index: len(f.Blocks), Label: p.label, Kind: kindUnknown}
		if kind, ok := labelKinds[p.label]; ok {
			b.Kind = kind
		}
		switch {
		case p.err != nil:
			b.Error = p.err.Error()
		case b.Kind == kindCRL:
			readCRLBlock(&b, p.block.Bytes)
		}
		f.Blocks = append(f.Blocks, b)
	}
	if len(f.Blocks) == 0 {
		b := evidence.Block{Kind: kindCRL}
		if readCRLBlock(&b, trimDER(data)); b.CRL != nil {
			f.Format, f.Blocks = formatDERCRL, []evidence.Block{b}
			return f
		}
		f.Format, f.Problem = formatOf(data), evidence.NotPEM
		return f
	}
	for _, b := range f.Blocks {
		if b.CRL != nil {
			return f
		}
	}
	f.Problem = evidence.WrongContent
	for _, b := range f.Blocks {
		if b.Error != "" {
			f.Detail = b.Error
			break
		}
	}
	return f
}

func readCRLBlock(b *evidence.Block, der []byte) {
	if _, err := ReadCRL(der); err != nil {
		b.Error = err.Error()
		return
	}
	b.CRL = der
}

// signatureAlgorithms are those of RFC 3279, 4055, 5758 and 8410 that Go can check.
var signatureAlgorithms = map[string]x509.SignatureAlgorithm{
	"1.2.840.113549.1.1.4": x509.MD5WithRSA, "1.2.840.113549.1.1.5": x509.SHA1WithRSA, "1.2.840.10045.4.1": x509.ECDSAWithSHA1,
	"1.2.840.113549.1.1.11": x509.SHA256WithRSA, "1.2.840.113549.1.1.12": x509.SHA384WithRSA, "1.2.840.113549.1.1.13": x509.SHA512WithRSA,
	"1.2.840.10045.4.3.2": x509.ECDSAWithSHA256, "1.2.840.10045.4.3.3": x509.ECDSAWithSHA384, "1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
	"1.3.101.112": x509.PureEd25519,
}

var (
	oidPSS        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	pssAlgorithms = map[crypto.Hash]x509.SignatureAlgorithm{
		crypto.SHA256: x509.SHA256WithRSAPSS, crypto.SHA384: x509.SHA384WithRSAPSS, crypto.SHA512: x509.SHA512WithRSAPSS,
	}
	pssHashes = map[string]crypto.Hash{
		"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
	}
)

// signatureAlgorithm is Go's name of an AlgorithmIdentifier; 0: it has none. Of the parameters of RSA-PSS only the hash
// is looked at: Go checks with the salt that goes with it, and nothing else verifies then.
func signatureAlgorithm(der cryptobyte.String) x509.SignatureAlgorithm {
	var id, parameters, hash cryptobyte.String
	var oid, of asn1.ObjectIdentifier
	if !der.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1ObjectIdentifier(&oid) {
		return x509.UnknownSignatureAlgorithm
	}
	if !oid.Equal(oidPSS) {
		return signatureAlgorithms[oid.String()]
	}
	if !id.ReadASN1(&parameters, cbasn1.SEQUENCE) || !parameters.ReadASN1(&hash, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!hash.ReadASN1(&hash, cbasn1.SEQUENCE) || !hash.ReadASN1ObjectIdentifier(&of) {
		return x509.UnknownSignatureAlgorithm
	}
	return pssAlgorithms[pssHashes[of.String()]]
}
