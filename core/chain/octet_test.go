package chain

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
)

var (
	octetCount = flag.Int("octets", 80, "how many chains with an altered octet are compared with openssl")
	// A certificate altered as a whole differs from run to run with its keys, so it is left to those who explore.
	anywhere = flag.Bool("anywhere", false, "alter octets outside of extensions too")
)

// TestAlteredOctetsAgreeWithOpenSSL changes single octets of a certificate, and signs it anew where that can be done:
// what still reads as a certificate, and what its extensions then mean, must come out as openssl has it.
func TestAlteredOctetsAgreeWithOpenSSL(t *testing.T) {
	program := opensslProgram(t)
	h := newHierarchy()
	rich := intermediate("O=Acme,CN=Acme Issuing CA R", h.root, constraintsExt([]string{"example.test", "10.0.0.0/8"}, []string{"uri:x.test"}))
	dir := t.TempDir()
	counts := map[string]int{}
	for i := range *octetCount {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		ext := [][]byte{
			san(host, "10.1.2.3", "mail:a@b.test", "dir:CN=x"), eku(oidServerAuth), ku(digitalSignature), ca(false, -1), aia("http://x.test"),
			rawExt(oidNetscapeType, false, []byte{3, 2, 6, 0x40}), akidSerial(rich.issuer, rich.serial), skidExt([]byte("some identifier")),
			rawExt(oidDistribution, false, []byte{0x30, 0x10, 0x30, 0x0e, 0xa0, 0x0c, 0xa0, 0x0a, 0x86, 8, 'h', 't', 't', 'p', ':', '/', '/', 'x'}),
		}
		by, chosen := rich, r.IntN(len(ext)+1)
		if chosen < len(ext) {
			ext[chosen] = alter(r, ext[chosen])
		} else {
			e := constraintsExt([]string{"example.test", "10.0.0.0/8"}, []string{"mail:x.test"})
			by = intermediate("O=Acme,CN=Acme Issuing CA S", h.root, alter(r, e))
		}
		leaf := forge(spec{subject: dn("CN=" + host), by: by, ext: ext})
		if *anywhere && r.IntN(2) == 0 {
			leaf = endEntity(by)
			leaf.der = alter(r, leaf.der)
		}
		if len(leaf.der) == 0 {
			continue
		}
		q := question(chainOf(leaf, by), h.root)
		o := compare(t, program, dir, fmt.Sprintf("octet %d", i), q, fullChains)
		counts[o.String()]++
		if t.Failed() {
			t.Fatalf("extension %d: %x\nleaf %x\nissuer %x", chosen, append(ext, nil)[chosen], leaf.der, by.der)
		}
	}
	t.Log(counts)
}

// alter changes one octet of b to another value that is likely to matter.
func alter(r *rand.Rand, b []byte) []byte {
	b = append([]byte(nil), b...)
	at := r.IntN(len(b))
	switch r.IntN(4) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
	case 1:
		b[at] = byte(r.IntN(256))
	case 2:
		b[at]++
	case 3:
		b[at] = []byte{0, 1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x16, 0x30, 0x31, 0x80, 0x81, 0xa0, 0xff}[r.IntN(16)]
	}
	return b
}
