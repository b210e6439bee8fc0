package chain

import (
	"testing"

	"mutual/core/evidence"
)

// FuzzAnalyse feeds foreign octets to the reader and to everybody who judges what it read.
func FuzzAnalyse(f *testing.F) {
	h := newHierarchy()
	f.Add(h.leaf.der, h.inter.der, h.root.der)
	f.Add(endEntity(h.root, constraintsExt([]string{"a.test", "10.0.0.0/8", "dir:O=x", "uri:b", "mail:c"}, nil), san("uri:x://y", "rid:1")).der,
		forge(spec{subject: dn("CN=bmp:x,E=ia5:y"), key: rsaKeys()[1024], sign: "pss", ext: [][]byte{akidSerial(dn("CN=z"), 4), aia("http://x")}}).der,
		forge(spec{subject: dn(""), version: 1}).der)
	f.Add([]byte{0x30, 0x80}, []byte{}, []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, leaf, inter, anchor []byte) {
		q := Question{Name: host, At: noon, Purpose: ServerAuth}
		q.Sent = []Certificate{Parse(evidence.Certificate{DER: leaf}), Parse(evidence.Certificate{DER: inter})}
		q.Anchors = []Certificate{Parse(evidence.Certificate{DER: anchor})}
		checkConsistent(t, q, Analyse(q))
	})
}

// FuzzParse feeds foreign octets to the lenient reader, which shows a certificate also where crypto/x509 does not.
func FuzzParse(f *testing.F) {
	h := newHierarchy()
	f.Add(h.leaf.der)
	f.Add(forge(spec{subject: dn("CN=bmp:x,E=ia5:y"), key: rsaKeys()[1024], sign: "pss", ext: [][]byte{akidSerial(dn("CN=z"), 4), aia("http://x")}}).der)
	f.Add(forge(spec{subject: dn(""), version: 1}).der)
	f.Fuzz(func(t *testing.T, der []byte) {
		c := Parse(evidence.Certificate{DER: der})
		names := len(c.Subject()) + len(c.Issuer()) + len(c.CommonName())
		for _, flaw := range c.Flaws() {
			if flaw == "" {
				t.Error("a flaw without words")
			}
		}
		c.SelfSigned()
		if from, until := c.Validity(); c.X != nil && (!from.Equal(c.X.NotBefore) || !until.Equal(c.X.NotAfter)) {
			t.Errorf("valid from %s to %s, by crypto/x509 from %s to %s", from, until, c.X.NotBefore, c.X.NotAfter)
		}
		if names > 40*len(der)+100 {
			t.Errorf("%d octets of names from %d", names, len(der))
		}
	})
}
