package chain

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"time"
)

// mutation is one way of spoiling a chain. plant changes the blueprint and says what finding must name it, on which
// certificate; false: it does not fit this chain, or its place is taken.
type mutation struct {
	name  string
	plant func(*blueprint) bool
}

// mutationTable is every fault that the generator knows. What is refused is what RFC 5280 and the documentation of
// crypto/x509 say is refused, not what the judge under test says.
var mutationTable = slices.Concat(dateMutations, usageMutations, formMutations, signatureMutations, nameMutations, trustMutations, orderMutations, profileMutations)

// anyTier, issuer and intermediate choose a tier; intermediate returns 0, false where there is none.
func (b *blueprint) anyTier() int { return b.IntN(len(b.tiers)) }
func (b *blueprint) issuer() int  { return b.IntN(len(b.tiers) - 1) }
func (b *blueprint) intermediate() (int, bool) {
	if len(b.tiers) < 3 {
		return 0, false
	}
	return 1 + b.IntN(len(b.tiers)-2), true
}

var dateMutations = []mutation{
	{"expired", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "date") {
			return false
		}
		b.tiers[i].until = noon.Add(-time.Duration(1+b.IntN(100)) * day)
		return b.blame("certificate-expired", i, true)
	}},
	{"not yet valid", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "date") {
			return false
		}
		b.tiers[i].from = noon.Add(time.Duration(1+b.IntN(100)) * day)
		return b.blame("certificate-not-yet-valid", i, true)
	}},
}

var usageMutations = []mutation{
	{"keyUsage of an issuer lacks keyCertSign", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "usage", "basic") {
			return false
		}
		b.tiers[i].usage = ku(one(b.mutator, byte(digitalSignature), cRLSign, digitalSignature|cRLSign))
		return b.blame("issuer-cannot-sign", i, true)
	}},
	{"keyUsage of the end entity lacks digitalSignature", func(b *blueprint) bool {
		if !b.takes(b.leaf(), "usage") {
			return false
		}
		b.tiers[b.leaf()].usage = ku(one(b.mutator, byte(0x40), 0x10, 0x50))
		return b.blame("key-usage", b.leaf(), false)
	}},
	{"extendedKeyUsage leaves the purpose out", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "extended") {
			return false
		}
		other := oidClientAuth
		if b.purpose == ClientAuth {
			other = oidServerAuth
		}
		b.tiers[i].extended = eku(one(b.mutator, []string{other}, []string{other, "1.3.6.1.5.5.7.3.4"}, []string{"1.3.6.1.5.5.7.3.3"})...)
		return b.blame("extended-key-usage", i, true)
	}},
	{"extendedKeyUsage is any", func(b *blueprint) bool {
		if !b.takes(b.leaf(), "extended") {
			return false
		}
		b.tiers[b.leaf()].extended = eku(anyExtendedKeyUse)
		return b.blame("extended-key-usage", b.leaf(), false)
	}},
	{"basicConstraints of an issuer says CA:FALSE", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "basic", "usage") {
			return false
		}
		b.tiers[i].basic, b.tiers[i].usage = ca(false, -1), one(b.mutator, ku(digitalSignature), nil)
		return b.blame("issuer-not-ca", i, true)
	}},
	{"issuer without basicConstraints", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "basic") {
			return false
		}
		b.tiers[i].basic = nil
		return b.blame("issuer-not-ca", i, true)
	}},
	{"path length too short", func(b *blueprint) bool {
		i := b.issuer()
		below := b.leaf() - i - 1 // authorities below it
		if below < 1 || !b.takes(i, "basic") {
			return false
		}
		b.tiers[i].basic = ca(true, b.IntN(below))
		return b.blame("path-length-exceeded", i, true)
	}},
	{"name constraint", func(b *blueprint) bool {
		i := b.issuer()
		names := b.tiers[b.leaf()].names
		if len(names) == 0 || !b.takes(i, "constraints") || !b.takes(b.leaf(), "constrained") {
			return false
		}
		b.tiers[i].constraints = one(b.mutator, constraintsExt([]string{"other.test"}, nil), constraintsExt(nil, []string{"example.test"}))
		b.blame("name-constraint", b.leaf(), true)
		b.planted[len(b.planted)-1].by = i
		return true
	}},
}

var formMutations = []mutation{
	{"version 1 issuer", func(b *blueprint) bool {
		i, ok := b.intermediate()
		if !ok || !b.takes(i, "basic", "usage", "extended", "constraints", "extensions", "key identifier", "authority") {
			return false
		}
		b.tiers[i].version = 1
		return b.blame("certificate-version", i, true)
	}},
	{"version 1 end entity", func(b *blueprint) bool {
		i := b.leaf()
		if b.purpose != ServerAuth || !b.takes(i, "basic", "usage", "extended", "names", "constrained", "extensions", "key identifier", "authority") {
			return false
		}
		b.tiers[i].version, b.tiers[i].subject, b.tiers[i].names = 1, "CN="+host, nil
		// The version alone would do no harm: what is refused is that the names, for which it has no room, are missing.
		// Repairing those makes it a version 3 certificate, so certificate-version may only stand beside it.
		return b.blame("name-only-in-common-name", i, true)
	}},
	{"negative serial number", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "serial") {
			return false
		}
		b.tiers[i].serial = -int64(1 + b.IntN(1000))
		return b.blame("certificate-malformed", i, true)
	}},
	{"extension twice", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "extensions", "basic", "key identifier") {
			return false
		}
		b.tiers[i].more = append(b.tiers[i].more, one(b.mutator, skidExt([]byte("again")), rawExt("1.2.3.4.1", false, []byte{5, 0})))
		if b.tiers[i].more = append(b.tiers[i].more, b.tiers[i].more[0]); b.rarely(2) && b.tiers[i].basic != nil {
			b.tiers[i].more = [][]byte{b.tiers[i].basic}
		}
		return b.blame("certificate-malformed", i, true)
	}},
	{"extension that cannot be read", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "extensions", "basic") {
			return false
		}
		b.tiers[i].basic = rawExt(oidBasicConstraints, true, one(b.mutator, []byte{4, 0}, []byte{0x30, 1}, []byte{0x30, 3, 1, 1}))
		return b.blame("certificate-malformed", i, true)
	}},
	{"critical extension that nobody knows", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "extensions") {
			return false
		}
		b.tiers[i].more = append(b.tiers[i].more, rawExt("1.2.3.4.5", true, []byte{5, 0}))
		return b.blame("critical-extension-unknown", i, true)
	}},
}

// signer gives tier i an issuer whose key is RSA, so that its signature can be of the kinds that only RSA has.
func (b *blueprint) signer(i int, rsaOnly bool) bool {
	if i == 0 || !b.takes(i, "signature") || rsaOnly && !b.takes(i-1, "key") {
		return false
	}
	if rsaOnly {
		b.tiers[i-1].key = rsaKeys()[2048]
	}
	return true
}

var signatureMutations = []mutation{
	{"altered after signing", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.signer(i, false) {
			return false
		}
		b.tiers[i].corrupt = true
		return b.blame("signature-invalid", i, true)
	}},
	{"signed by another key", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.signer(i, false) || !b.takes(i-1, "key") {
			return false
		}
		b.tiers[i-1].key, b.tiers[i].signKey = freshKey(), freshKey()
		return b.blame("signature-invalid", i, true)
	}},
	{"SHA-1 or MD5", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.signer(i, true) {
			return false
		}
		b.tiers[i].sign = one(b.mutator, "sha1", "sha1", "md5")
		return b.blame("signature-algorithm-weak", i, true)
	}},
	{"signature that Go does not know", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.signer(i, true) {
			return false
		}
		b.tiers[i].sign = one(b.mutator, "sha224", "pss-odd")
		return b.blame("signature-algorithm-unsupported", i, true)
	}},
	{"algorithms within and without differ", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.signer(i, false) {
			return false
		}
		b.tiers[i].sign = "mismatch"
		return b.blame("certificate-malformed", i, true)
	}},
	{"RSA 1024", func(b *blueprint) bool {
		i := b.anyTier()
		if !b.takes(i, "key") {
			return false
		}
		b.tiers[i].key = rsaKeys()[1024]
		return b.blame("key-too-weak", i, false)
	}},
	{"end entity's key on a curve that Go does not offer", func(b *blueprint) bool {
		if b.purpose != ServerAuth || !b.take("order") || !b.takes(b.leaf(), "key", "issuer") {
			return false
		}
		key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
		if err != nil {
			panic(err)
		}
		b.tiers[b.leaf()].key = key
		return b.blame("server-key-unsupported", b.leaf(), true)
	}},
}

// nameMutation spoils the end-entity certificate's names.
func nameMutation(name, id, subject string, asked []string, names ...string) mutation {
	return mutation{name, func(b *blueprint) bool {
		i := b.leaf()
		if b.purpose != ServerAuth || !b.takes(i, "names", "constrained") {
			return false
		}
		b.tiers[i].subject, b.tiers[i].names = subject, names
		if len(asked) > 0 {
			b.name = one(b.mutator, asked...)
		}
		return b.blame(id, i, true)
	}}
}

var nameMutations = []mutation{
	nameMutation("another name", "name-mismatch", "CN=x", nil, "other.test", "mail:a@example.test"),
	nameMutation("another name, and an address", "name-mismatch", "CN=other.test", nil, "other.test", "10.1.2.3"),
	nameMutation("common name only", "name-only-in-common-name", "CN="+host, nil),
	nameMutation("no name", "name-missing", "O=Acme,CN=Broker", nil),
	nameMutation("address, but only names", "ip-address-not-in-certificate", "CN=x", []string{"10.1.2.3", "192.0.2.7", "2001:db8::1"}, host),
	nameMutation("another address", "ip-address-not-in-certificate", "CN=x", []string{"10.9.9.9", "2001:db8::1"}, host, "10.1.2.3", "2001:db8::7"),
	nameMutation("wildcard, other depth", "wildcard-mismatch", "CN=x", []string{"a.b.example.test", "example.test"}, "*.example.test"),
	nameMutation("wildcard, part of a label", "wildcard-mismatch", "CN=x", nil, "b*.example.test"),
}
