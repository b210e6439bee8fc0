package chain

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// noon is the clock of the generated chains.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	day  = 24 * time.Hour
	year = 365 * day
	host = "broker.example.test"
)

// forged is a certificate made for a test, with what is needed to sign another.
type forged struct {
	der     []byte
	key     crypto.Signer
	subject []byte
	skid    []byte
	serial  int64
	issuer  []byte
}

func (f *forged) certificate(source evidence.Source, position int) Certificate {
	c := evidence.Certificate{Source: source, DER: f.der}
	if source == evidence.Sent {
		c.Position = position
	}
	if source == evidence.CAFile {
		c.File, c.Block = "ca.pem", position
	}
	return Parse(c)
}

// spec says what to forge. Zero values make an ordinary version 3 certificate without extensions, valid at noon.
type spec struct {
	subject []byte // DER; see dn
	issuer  []byte // nil: the signer's subject
	by      *forged
	key     crypto.Signer // nil: a fresh one of the pool
	signKey crypto.Signer // nil: by's
	version int           // 0: version 3; 1: version 1
	serial  int64
	padded  bool // the serial number's INTEGER has an octet that DER leaves out
	from    time.Time
	until   time.Time
	ext     [][]byte
	skid    []byte // with auto: nil derives it
	auto    bool   // adds subjectKeyIdentifier and authorityKeyIdentifier
	sign    string // "", "sha1", "md5", "sha224", "sha384", "pss", "pss-odd", "mismatch"
	corrupt bool
}

var serials = struct {
	sync.Mutex
	n int64
}{n: 1000}

func nextSerial() int64 {
	serials.Lock()
	defer serials.Unlock()
	serials.n++
	return serials.n
}

func forge(s spec) *forged {
	if s.key == nil {
		s.key = freshKey()
	}
	f := &forged{key: s.key, subject: s.subject, serial: s.serial}
	if f.serial == 0 {
		f.serial = nextSerial()
	}
	by := s.by
	if by == nil {
		by = f
	}
	signer := by.key
	if s.signKey != nil {
		signer = s.signKey
	}
	if f.issuer = s.issuer; f.issuer == nil {
		f.issuer = by.subject
	}
	ext := s.ext
	if s.auto {
		if f.skid = s.skid; f.skid == nil {
			f.skid = keyID(s.key)
		}
		ext = append([][]byte{skidExt(f.skid)}, ext...)
		if len(by.skid) > 0 {
			ext = append(ext, akidExt(by.skid))
		}
	}
	if s.from.IsZero() {
		s.from = noon.Add(-30 * day)
	}
	if s.until.IsZero() {
		s.until = noon.Add(2 * year)
	}
	algorithm, hash := signatureAlgorithm(signer, s.sign)
	inner := algorithm
	if s.sign == "mismatch" {
		inner, _ = signatureAlgorithm(signer, "sha384")
	}
	spki, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		panic(err)
	}
	if k, ok := s.key.(oddKey); ok {
		spki = k.spki
	}
	tbs := build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if s.version != 1 {
				b.AddBytes([]byte{0xa0, 3, 2, 1, 2})
			}
			if s.padded {
				b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddUint64(uint64(f.serial)) })
			} else {
				b.AddASN1Int64(f.serial)
			}
			b.AddBytes(inner)
			b.AddBytes(f.issuer)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addTime(b, s.from)
				addTime(b, s.until)
			})
			b.AddBytes(f.subject)
			b.AddBytes(spki)
			if s.version != 1 && len(ext) > 0 {
				b.AddASN1(cbasn1.Tag(3).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						for _, e := range ext {
							b.AddBytes(e)
						}
					})
				})
			}
		})
	})
	signature := signWith(signer, hash, s.sign, tbs)
	if s.corrupt {
		signature[len(signature)-1] ^= 1
	}
	f.der = build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(tbs)
			b.AddBytes(algorithm)
			b.AddASN1BitString(signature)
		})
	})
	return f
}

// oddKey is a key whose SubjectPublicKeyInfo is replaced.
type oddKey struct {
	crypto.Signer
	spki []byte
}

func build(f func(*cryptobyte.Builder)) []byte {
	b := cryptobyte.NewBuilder(nil)
	f(b)
	return b.BytesOrPanic()
}

func addTime(b *cryptobyte.Builder, t time.Time) {
	if t.Year() < 2050 {
		b.AddASN1UTCTime(t.UTC())
	} else {
		b.AddASN1GeneralizedTime(t.UTC())
	}
}

func keyID(k crypto.Signer) []byte {
	spki, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		panic(err)
	}
	e, _, _ := readElement(spki)
	public, _ := readPublicKey(e)
	sum := sha1.Sum(public.bits)
	return sum[:]
}

func signatureAlgorithm(k crypto.Signer, name string) ([]byte, crypto.Hash) {
	id := func(oid string, null bool) []byte {
		return build(func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidOf(oid))
				if null {
					b.AddASN1NULL()
				}
			})
		})
	}
	hash := map[string]crypto.Hash{
		"": crypto.SHA256, "mismatch": crypto.SHA256, "sha1": crypto.SHA1, "md5": crypto.MD5, "sha224": crypto.SHA224,
		"sha384": crypto.SHA384, "pss": crypto.SHA256, "pss-odd": crypto.SHA256,
	}[name]
	if _, ok := k.(oddKey); ok {
		k = k.(oddKey).Signer
	}
	switch k.(type) {
	case ed25519.PrivateKey:
		return id(oidEd25519, false), 0
	case *ecdsa.PrivateKey:
		oids := map[crypto.Hash]string{crypto.SHA1: "1.2.840.10045.4.1", crypto.SHA224: "1.2.840.10045.4.3.1",
			crypto.SHA256: "1.2.840.10045.4.3.2", crypto.SHA384: "1.2.840.10045.4.3.3"}
		if hash == crypto.MD5 {
			hash = crypto.SHA256
		}
		return id(oids[hash], false), hash
	}
	if strings.HasPrefix(name, "pss") {
		salt := 32
		if name == "pss-odd" {
			salt = 20
		}
		return pssAlgorithm(salt), hash
	}
	oids := map[crypto.Hash]string{crypto.MD5: "1.2.840.113549.1.1.4", crypto.SHA1: "1.2.840.113549.1.1.5",
		crypto.SHA224: "1.2.840.113549.1.1.14", crypto.SHA256: "1.2.840.113549.1.1.11", crypto.SHA384: "1.2.840.113549.1.1.12"}
	return id(oids[hash], true), hash
}

func pssAlgorithm(salt int) []byte {
	sha256 := func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidOf("2.16.840.1.101.3.4.2.1"))
			b.AddASN1NULL()
		})
	}
	tag := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).Constructed().ContextSpecific() }
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidOf(oidPSS))
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(tag(0), sha256)
				b.AddASN1(tag(1), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(oidOf("1.2.840.113549.1.1.8"))
						sha256(b)
					})
				})
				b.AddASN1(tag(2), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(salt)) })
			})
		})
	})
}

func signWith(k crypto.Signer, hash crypto.Hash, name string, tbs []byte) []byte {
	message := tbs
	var options crypto.SignerOpts = hash
	if hash != 0 {
		message = digest(hash, tbs)
	}
	switch name {
	case "pss":
		options = &rsa.PSSOptions{SaltLength: 32, Hash: hash}
	case "pss-odd":
		options = &rsa.PSSOptions{SaltLength: 20, Hash: hash}
	}
	signature, err := k.Sign(rand.Reader, message, options)
	if err != nil {
		panic(err)
	}
	return signature
}

func oidOf(dotted string) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	for _, arc := range strings.Split(dotted, ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			panic(err)
		}
		oid = append(oid, n)
	}
	return oid
}

// keys are made once: what matters in a chain is which key it is, not that it is new.
var keys = sync.OnceValue(func() []crypto.Signer {
	var all []crypto.Signer
	for range 40 {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		all = append(all, k)
	}
	return all
})

var nextKey = struct {
	sync.Mutex
	n int
}{}

func freshKey() crypto.Signer {
	nextKey.Lock()
	defer nextKey.Unlock()
	nextKey.n++
	return keys()[nextKey.n%len(keys())]
}

var rsaKeys = sync.OnceValue(func() map[int]*rsa.PrivateKey {
	all := map[int]*rsa.PrivateKey{}
	for _, bits := range []int{1024, 2048} {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		all[bits] = k
	}
	return all
})

// dn encodes "CN=a,O=b" with UTF8String; a prefix of "printable:", "t61:", "bmp:" or "ia5:" before a value chooses
// another type.
func dn(text string) []byte {
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if text == "" {
				return
			}
			for _, rdn := range strings.Split(text, ",") {
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
					for _, pair := range strings.Split(rdn, "+") {
						addAttribute(b, pair)
					}
				})
			}
		})
	})
}

func addAttribute(b *cryptobyte.Builder, pair string) {
	key, value, _ := strings.Cut(pair, "=")
	oid := map[string]string{"CN": oidCommonName, "O": oidOrganization, "C": "2.5.4.6", "OU": "2.5.4.11", "E": oidEmailAddress}[key]
	tag := cbasn1.UTF8String
	bytes := []byte(value)
	if kind, rest, ok := strings.Cut(value, ":"); ok {
		bytes = []byte(rest)
		switch kind {
		case "printable":
			tag = cbasn1.PrintableString
		case "t61":
			tag = cbasn1.T61String
		case "ia5":
			tag = cbasn1.IA5String
		case "bmp":
			tag = cbasn1.Tag(30)
			bytes = nil
			for _, r := range rest {
				bytes = append(bytes, byte(r>>8), byte(r))
			}
		default:
			panic(kind)
		}
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidOf(oid))
		b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(bytes) })
	})
}
