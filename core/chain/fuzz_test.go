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
