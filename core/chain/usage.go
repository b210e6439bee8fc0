package chain

// usage is what OpenSSL makes of a certificate's extensions (ossl_x509v3_cache_extensions).
type usage struct {
	invalid    bool // an extension it needs is malformed or repeated: EXFLAG_INVALID
	critical   bool // a critical extension that it does not know: EXFLAG_CRITICAL
	unhandled  string
	proxy      bool
	selfSigned bool // EXFLAG_SS: self-issued, and nothing in it says that another key signed it

	hasBasicConstraints bool
	ca                  bool
	pathLength          int // -1: none

	hasKeyUsage bool
	keyUsage    int // first octet, second octet shifted left by eight

	hasExtendedKeyUsage bool
	extendedKeyUsage    []string

	hasNetscapeType bool
	netscapeType    byte

	subjectKeyID    []byte
	hasSubjectKeyID bool
	authority       authorityKeyID

	hasAlternativeNames bool
	alternativeNames    []generalName
	constraints         *nameConstraints
	caIssuers           []string // URLs of authorityInfoAccess
}

// authorityKeyID is the extension of that name (RFC 5280 §4.2.1.1).
type authorityKeyID struct {
	present   bool
	keyID     []byte
	hasKeyID  bool
	issuer    *name // the first directoryName of authorityCertIssuer
	serial    []byte
	hasSerial bool
}

const (
	oidBasicConstraints  = "2.5.29.19"
	oidKeyUsage          = "2.5.29.15"
	oidExtendedKeyUsage  = "2.5.29.37"
	oidSubjectKeyID      = "2.5.29.14"
	oidAuthorityKeyID    = "2.5.29.35"
	oidAlternativeName   = "2.5.29.17"
	oidIssuerAlternative = "2.5.29.18"
	oidNameConstraints   = "2.5.29.30"
	oidDistribution      = "2.5.29.31"
	oidNetscapeType      = "2.16.840.1.113730.1.1"
	oidProxyInfo         = "1.3.6.1.5.5.7.1.14"
	oidAuthorityInfo     = "1.3.6.1.5.5.7.1.1"
	oidCAIssuers         = "1.3.6.1.5.5.7.48.2"
)

// handled are the critical extensions that OpenSSL 3.0 knows (X509_supported_extension).
var handled = map[string]bool{
	oidNetscapeType: true, oidKeyUsage: true, oidAlternativeName: true, oidBasicConstraints: true,
	"2.5.29.32": true, oidDistribution: true, oidExtendedKeyUsage: true, "1.3.6.1.5.5.7.1.7": true,
	"1.3.6.1.5.5.7.1.8": true, "1.3.6.1.5.5.7.48.1.5": true, "2.5.29.36": true, oidProxyInfo: true,
	oidNameConstraints: true, "2.5.29.33": true, "2.5.29.54": true,
}

// Bits of keyUsage as usage.keyUsage holds them.
const (
	digitalSignature = 0x80
	keyEncipherment  = 0x20
	keyAgreement     = 0x08
	keyCertSign      = 0x04
)

// extensionReader reads the extension with its object identifier; false: it cannot.
type extensionReader struct {
	oid  string
	read func([]byte) bool
}

// readers are the extensions that u has fields for, in the order in which OpenSSL reads them.
func (u *usage) readers(v *view) []extensionReader {
	return []extensionReader{
		{oidBasicConstraints, u.readBasicConstraints},
		{oidProxyInfo, func(b []byte) bool { return u.readProxy(v, b) }},
		{oidKeyUsage, u.readKeyUsage},
		{oidExtendedKeyUsage, u.readExtendedKeyUsage},
		{oidNetscapeType, u.readNetscapeType},
		{oidSubjectKeyID, u.readSubjectKeyID},
		{oidAuthorityKeyID, u.readAuthorityKeyID},
		{oidAlternativeName, u.readAlternativeNames},
		{oidNameConstraints, u.readNameConstraints},
		{oidDistribution, readDistribution},
	}
}

func readUsage(v *view) usage {
	u := usage{pathLength: -1}
	for _, r := range u.readers(v) {
		value, _, times := v.extension(r.oid)
		if times > 1 || times == 1 && !r.read(value) {
			u.invalid = true
		}
	}
	for _, x := range v.extensions {
		if x.critical && !handled[x.oid] {
			u.critical, u.unhandled = true, x.oid
			break
		}
	}
	if value, _, times := v.extension(oidAuthorityInfo); times == 1 {
		u.readAuthorityInfo(value)
	}
	u.selfSigned = v.selfIssued() && u.authority.matches(v, u) && algorithmFits(v.key, v.innerAlgorithm)
	return u
}

func (u *usage) readBasicConstraints(b []byte) bool {
	parts, ok := sequence(b)
	if !ok {
		return false
	}
	if len(parts) > 0 && parts[0].tag == tagBoolean {
		if len(parts[0].body) != 1 {
			return false
		}
		u.ca = parts[0].body[0] != 0
		parts = parts[1:]
	}
	u.hasBasicConstraints = true
	if len(parts) > 0 && parts[0].tag == tagInteger && len(parts[0].body) > 0 {
		if parts[0].body[0]&0x80 != 0 {
			return false
		}
		u.pathLength = smallInteger(parts[0].body)
		parts = parts[1:]
	}
	if len(parts) > 0 {
		u.ca, u.hasBasicConstraints, u.pathLength = false, false, -1
		return false
	}
	return true
}

func (u *usage) readProxy(v *view, b []byte) bool {
	if _, ok := sequence(b); !ok {
		return false
	}
	u.proxy = true
	_, _, names := v.extension(oidAlternativeName)
	_, _, issuers := v.extension(oidIssuerAlternative)
	return !u.ca && names == 0 && issuers == 0
}

func (u *usage) readKeyUsage(b []byte) bool {
	e, _, ok := readElement(b)
	if !ok || e.tag != tagBitString {
		return false
	}
	bits, ok := bitString(e.body)
	if !ok {
		return false
	}
	u.hasKeyUsage = true
	if len(bits) > 0 {
		u.keyUsage = int(bits[0])
	}
	if len(bits) > 1 {
		u.keyUsage |= int(bits[1]) << 8
	}
	return u.keyUsage != 0
}

func (u *usage) readExtendedKeyUsage(b []byte) bool {
	all, ok := sequence(b)
	if !ok {
		return false
	}
	for _, e := range all {
		if !validOID(e) {
			u.extendedKeyUsage = nil
			return false
		}
		u.extendedKeyUsage = append(u.extendedKeyUsage, oidText(e.body))
	}
	u.hasExtendedKeyUsage = true
	return true
}

func (u *usage) readNetscapeType(b []byte) bool {
	e, _, ok := readElement(b)
	if !ok || e.tag != tagBitString {
		return false
	}
	bits, ok := bitString(e.body)
	if !ok {
		return false
	}
	u.hasNetscapeType = true
	if len(bits) > 0 {
		u.netscapeType = bits[0]
	}
	return true
}

func (u *usage) readSubjectKeyID(b []byte) bool {
	e, _, ok := readElement(b)
	if !ok || e.tag != tagOctetString {
		return false
	}
	u.subjectKeyID, u.hasSubjectKeyID = e.body, true
	return true
}

func (u *usage) readAuthorityKeyID(b []byte) bool {
	parts, ok := sequence(b)
	if !ok {
		return false
	}
	a := authorityKeyID{present: true}
	last := byte(0)
	for _, e := range parts {
		if number := e.tag&0x1f + 1; number <= last {
			return false
		} else {
			last = number
		}
		switch e.tag {
		case 0x80:
			a.keyID, a.hasKeyID = e.body, true
		case 0xa1:
			names, ok := readGeneralNames(e.body)
			if !ok {
				return false
			}
			for _, g := range names {
				if g.tag == directoryName {
					a.issuer = g.name
					break
				}
			}
		case 0x82:
			if len(e.body) == 0 {
				return false
			}
			a.serial, a.hasSerial = e.body, true
		default:
			return false
		}
	}
	u.authority = a
	return true
}

// matches reports whether nothing in a speaks against issuer (X509_check_akid).
func (a authorityKeyID) matches(issuer *view, of usage) bool {
	if a.hasKeyID && of.hasSubjectKeyID && string(a.keyID) != string(of.subjectKeyID) {
		return false
	}
	if a.hasSerial && string(a.serial) != string(issuer.serial) {
		return false
	}
	return a.issuer == nil || a.issuer.same(issuer.issuer)
}

func (u *usage) readAlternativeNames(b []byte) bool {
	e, _, ok := readElement(b)
	if !ok || e.tag != tagSequence {
		return false
	}
	names, ok := readGeneralNames(e.body)
	if !ok {
		return false
	}
	u.alternativeNames, u.hasAlternativeNames = names, true
	return true
}

func (u *usage) readAuthorityInfo(b []byte) {
	all, _ := sequence(b)
	for _, e := range all {
		parts, ok := elements(e.body)
		if ok && len(parts) == 2 && oidText(parts[0].body) == oidCAIssuers && parts[1].tag == 0x80|uriName {
			u.caIssuers = append(u.caIssuers, string(parts[1].body))
		}
	}
}
