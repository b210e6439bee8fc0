package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// CRL is a certificate revocation list (RFC 5280 §5), read leniently: version 1, a missing next update, extensions that
// nobody knows and entries that cannot be read are no obstacle, because a list that others act upon has to be shown.
// Whether it may be believed is not judged here.
type CRL struct {
	Raw        []byte
	TBS        []byte // what is signed
	RawIssuer  []byte
	ThisUpdate time.Time
	NextUpdate time.Time // zero: it does not say
	Number     *big.Int  // nil: none
	// AuthorityKeyID is the key identifier of the key that signed it; empty: it does not say.
	AuthorityKeyID []byte
	Algorithm      x509.SignatureAlgorithm // 0: not known here
	Signature      []byte
	// Delta says that it holds only what changed since another list (RFC 5280 §5.2.4).
	Delta bool
	// Scope says for which certificates it is; nil: for all of its issuer's.
	Scope *CRLScope
	// UnknownCritical are the critical extensions that nobody here knows, as dotted numbers.
	UnknownCritical []string

	entries cryptobyte.String // revokedCertificates, walked through when asked
}

// CRLScope is the issuing distribution point (RFC 5280 §5.2.5).
type CRLScope struct {
	Points [][]byte // the GeneralNames of the distribution point, each as DER; none: any
	// OnlyUser, OnlyCA and OnlyAttribute limit it to one sort of certificate, SomeReasons to some reasons.
	OnlyUser, OnlyCA, OnlyAttribute, SomeReasons bool
	Indirect                                     bool // it lists other issuers' certificates as well
}

// CRLEntry is one revoked certificate.
type CRLEntry struct {
	Serial  *big.Int
	Revoked time.Time // zero: it cannot be read
	Reason  int       // RFC 5280 §5.3.1; 0: unspecified
}

var (
	oidCRLNumber       = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidReasonCode      = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidDeltaIndicator  = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidCRLScope        = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidCRLAuthorityKey = asn1.ObjectIdentifier{2, 5, 29, 35}
)

var errCRL = errors.New("it is not a certificate revocation list")

// ReadCRL reads DER; what follows the list is passed over. It allocates little more than der is long, whatever der is.
func ReadCRL(der []byte) (*CRL, error) {
	in := cryptobyte.String(der)
	var whole, list, tbs, algorithm cryptobyte.String
	if !in.ReadASN1Element(&whole, cbasn1.SEQUENCE) {
		return nil, errCRL
	}
	l := &CRL{Raw: whole}
	if !whole.ReadASN1(&list, cbasn1.SEQUENCE) || !list.ReadASN1Element(&tbs, cbasn1.SEQUENCE) || !list.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) {
		return nil, errCRL
	}
	var signature asn1.BitString
	if !list.ReadASN1BitString(&signature) {
		return nil, errCRL
	}
	l.TBS, l.Signature, l.Algorithm = tbs, signature.RightAlign(), signatureAlgorithm(algorithm)
	if !tbs.ReadASN1(&tbs, cbasn1.SEQUENCE) || !l.readFields(tbs) {
		return nil, errCRL
	}
	return l, nil
}

func (l *CRL) readFields(tbs cryptobyte.String) bool {
	if tbs.PeekASN1Tag(cbasn1.INTEGER) && !tbs.SkipASN1(cbasn1.INTEGER) { // version 1 has none
		return false
	}
	var issuer cryptobyte.String
	if !tbs.SkipASN1(cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) {
		return false
	}
	l.RawIssuer = issuer
	var ok bool
	if l.ThisUpdate, ok = readTime(&tbs); !ok {
		return false
	}
	if tbs.PeekASN1Tag(cbasn1.UTCTime) || tbs.PeekASN1Tag(cbasn1.GeneralizedTime) {
		if l.NextUpdate, ok = readTime(&tbs); !ok {
			return false
		}
	}
	if tbs.PeekASN1Tag(cbasn1.SEQUENCE) && !tbs.ReadASN1(&l.entries, cbasn1.SEQUENCE) {
		return false
	}
	extensions := cbasn1.Tag(0).Constructed().ContextSpecific()
	var wrapped, all cryptobyte.String
	if !tbs.PeekASN1Tag(extensions) {
		return true
	}
	return tbs.ReadASN1(&wrapped, extensions) && wrapped.ReadASN1(&all, cbasn1.SEQUENCE) && l.readExtensions(all)
}

func (l *CRL) readExtensions(all cryptobyte.String) bool {
	for !all.Empty() {
		oid, critical, value, ok := readCRLExtension(&all)
		if !ok {
			return false
		}
		switch {
		case oid.Equal(oidCRLNumber):
			l.Number = new(big.Int)
			if !value.ReadASN1Integer(l.Number) {
				l.Number = nil
			}
		case oid.Equal(oidCRLAuthorityKey):
			l.AuthorityKeyID = keyIdentifierIn(value)
		case oid.Equal(oidDeltaIndicator):
			l.Delta = true
		case oid.Equal(oidCRLScope):
			if l.Scope, ok = readScope(value); !ok {
				l.UnknownCritical = append(l.UnknownCritical, oid.String())
			}
		case critical:
			l.UnknownCritical = append(l.UnknownCritical, oid.String())
		}
	}
	return true
}

// readCRLExtension reads one extension, of a list or of an entry: they are of one form.
func readCRLExtension(all *cryptobyte.String) (oid asn1.ObjectIdentifier, critical bool, value cryptobyte.String, ok bool) {
	var x cryptobyte.String
	ok = all.ReadASN1(&x, cbasn1.SEQUENCE) && x.ReadASN1ObjectIdentifier(&oid) &&
		(!x.PeekASN1Tag(cbasn1.BOOLEAN) || x.ReadASN1Boolean(&critical)) && x.ReadASN1(&value, cbasn1.OCTET_STRING)
	return oid, critical, value, ok
}

func keyIdentifierIn(value cryptobyte.String) []byte {
	var s, id cryptobyte.String
	if tag := cbasn1.Tag(0).ContextSpecific(); value.ReadASN1(&s, cbasn1.SEQUENCE) && s.PeekASN1Tag(tag) {
		s.ReadASN1(&id, tag)
	}
	return id
}

func readScope(value cryptobyte.String) (*CRLScope, bool) {
	var s cryptobyte.String
	if !value.ReadASN1(&s, cbasn1.SEQUENCE) {
		return nil, false
	}
	scope := &CRLScope{}
	for !s.Empty() {
		var field cryptobyte.String
		var tag cbasn1.Tag
		if !s.ReadAnyASN1(&field, &tag) {
			return nil, false
		}
		on := len(field) == 1 && field[0] != 0
		switch tag {
		case cbasn1.Tag(0).ContextSpecific().Constructed():
			names, ok := pointNames(field)
			if !ok {
				return nil, false
			}
			scope.Points = names
		case cbasn1.Tag(1).ContextSpecific():
			scope.OnlyUser = on
		case cbasn1.Tag(2).ContextSpecific():
			scope.OnlyCA = on
		case cbasn1.Tag(3).ContextSpecific():
			scope.SomeReasons = true
		case cbasn1.Tag(4).ContextSpecific():
			scope.Indirect = on
		case cbasn1.Tag(5).ContextSpecific():
			scope.OnlyAttribute = on
		default:
			return nil, false
		}
	}
	return scope, true
}

// pointNames are the names of a DistributionPointName. One relative to the issuer's name, which nobody uses, is not read.
func pointNames(name cryptobyte.String) ([][]byte, bool) {
	var full cryptobyte.String
	if !name.ReadASN1(&full, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return nil, false
	}
	var names [][]byte
	for !full.Empty() {
		var one cryptobyte.String
		var tag cbasn1.Tag
		if !full.ReadAnyASN1Element(&one, &tag) {
			return nil, false
		}
		names = append(names, one)
	}
	return names, len(names) > 0
}

// DistributionPoints are the names of a certificate's CRL distribution points (RFC 5280 §4.2.1.13), each as DER.
func DistributionPoints(c *x509.Certificate) [][]byte {
	var all [][]byte
	for _, e := range c.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 31}) {
			continue
		}
		value := cryptobyte.String(e.Value)
		var points cryptobyte.String
		if !value.ReadASN1(&points, cbasn1.SEQUENCE) {
			continue
		}
		for !points.Empty() {
			var point, name cryptobyte.String
			if !points.ReadASN1(&point, cbasn1.SEQUENCE) {
				break
			}
			if tag := cbasn1.Tag(0).ContextSpecific().Constructed(); point.PeekASN1Tag(tag) && point.ReadASN1(&name, tag) {
				names, _ := pointNames(name)
				all = append(all, names...)
			}
		}
	}
	return all
}

// Find looks a serial number up. ok is false when it is not on the list; readable is false when the list breaks off
// before that could be told.
func (l *CRL) Find(serial *big.Int) (entry CRLEntry, ok, readable bool) {
	want, err := asn1.Marshal(serial)
	if err != nil {
		return CRLEntry{}, false, false
	}
	readable = true
	rest := l.entries
	for !rest.Empty() {
		var e, number cryptobyte.String
		if !rest.ReadASN1(&e, cbasn1.SEQUENCE) {
			return CRLEntry{}, false, false
		}
		if !e.ReadASN1Element(&number, cbasn1.INTEGER) {
			readable = false
			continue
		}
		if bytes.Equal(number, want) {
			return readEntry(serial, e), true, true
		}
	}
	return CRLEntry{}, false, readable
}

// Len is how many entries the list has, as far as they can be read.
func (l *CRL) Len() int {
	n := 0
	for rest := l.entries; rest.SkipASN1(cbasn1.SEQUENCE); n++ {
	}
	return n
}

// Entries are the first entries of the list, at most that many, without those whose serial number cannot be read.
func (l *CRL) Entries(most int) []CRLEntry {
	var out []CRLEntry
	for rest := l.entries; !rest.Empty() && len(out) < most; {
		var e cryptobyte.String
		serial := new(big.Int)
		if !rest.ReadASN1(&e, cbasn1.SEQUENCE) {
			break
		}
		if e.ReadASN1Integer(serial) {
			out = append(out, readEntry(serial, e))
		}
	}
	return out
}

func readEntry(serial *big.Int, e cryptobyte.String) CRLEntry {
	entry := CRLEntry{Serial: serial}
	entry.Revoked, _ = readTime(&e)
	var extensions cryptobyte.String
	if !e.ReadASN1(&extensions, cbasn1.SEQUENCE) {
		return entry
	}
	for !extensions.Empty() {
		oid, _, value, ok := readCRLExtension(&extensions)
		if !ok {
			break
		}
		if oid.Equal(oidReasonCode) {
			value.ReadASN1Enum(&entry.Reason)
		}
	}
	return entry
}

// SameName says whether two names, as DER, are one as RFC 5280 §7.1 compares them.
func SameName(a, b []byte) bool { return bytes.Equal(a, b) || canonicalName(a) == canonicalName(b) }

// readTime reads a Time (RFC 5280 §4.1.2.5).
func readTime(s *cryptobyte.String) (time.Time, bool) {
	var t time.Time
	switch {
	case s.PeekASN1Tag(cbasn1.UTCTime):
		ok := s.ReadASN1UTCTime(&t)
		return t, ok
	case s.PeekASN1Tag(cbasn1.GeneralizedTime):
		ok := s.ReadASN1GeneralizedTime(&t)
		return t, ok
	}
	return t, false
}
