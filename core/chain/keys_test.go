package chain

import (
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"mutual/core/evidence"
)

// TestOtherKeysAgreeWithOpenSSL has openssl itself make roots and end-entity certificates with keys that Go cannot
// make, or cannot use.
func TestOtherKeysAgreeWithOpenSSL(t *testing.T) {
	program := opensslProgram(t)
	kinds := map[string][]string{
		"RSA 512":              {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"},
		"RSA 1962":             {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1962"},
		"RSA 1963":             {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1963"},
		"RSA 2048, exponent 3": {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:3"},
		"RSA-PSS":              {"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"},
		"P-192":                {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime192v1"},
		"P-224":                {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1"},
		"P-384":                {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp384r1"},
		"P-521":                {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp521r1"},
		"secp256k1":            {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"},
		"brainpoolP256r1":      {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"},
		"brainpoolP512r1":      {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP512r1"},
		"P-256, written out":   {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-pkeyopt", "ec_param_enc:explicit"},
		"DSA":                  {"-paramfile", "dsa.params"},
		"Ed25519":              {"-algorithm", "ED25519"},
		"Ed448":                {"-algorithm", "ED448"},
	}
	var asked []Question
	var labels []string
	var mu sync.Mutex
	ask := func(label string, q Question) {
		mu.Lock()
		defer mu.Unlock()
		asked, labels = append(asked, q), append(labels, label)
	}
	t.Run("kinds", func(t *testing.T) { otherKeys(t, program, kinds, ask) })
	t.Run("java", func(t *testing.T) { askEach(t, asked, func(i int) string { return labels[i] }) })
}

// otherKeys compares with openssl, and passes on what else may be asked about.
func otherKeys(t *testing.T, program string, kinds map[string][]string, ask func(label string, q Question)) {
	for name, options := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run := func(args ...string) {
				c := exec.Command(program, args...)
				c.Dir = dir
				if out, err := c.CombinedOutput(); err != nil {
					t.Fatalf("openssl %v: %v\n%s", args, err, out)
				}
			}
			if options[0] == "-paramfile" {
				run("genpkey", "-genparam", "-out", "dsa.params", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024")
			}
			run(append([]string{"genpkey", "-out", "odd.key"}, options...)...)
			run("genpkey", "-out", "plain.key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1")
			extensions := "basicConstraints=CA:FALSE\nsubjectAltName=DNS:" + host + "\nauthorityKeyIdentifier=keyid\n"
			if err := os.WriteFile(filepath.Join(dir, "leaf.ext"), []byte(extensions), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"odd", "plain"} {
				run("req", "-x509", "-key", key+".key", "-subj", "/CN="+key+" root", "-days", "30", "-out", key+"-root.pem")
			}
			pairs := []struct{ root, leaf string }{{"odd", "plain"}, {"plain", "odd"}}
			for _, p := range pairs {
				run("req", "-new", "-key", p.leaf+".key", "-subj", "/CN="+host, "-out", "leaf.csr")
				run("x509", "-req", "-in", "leaf.csr", "-CA", p.root+"-root.pem", "-CAkey", p.root+".key", "-CAcreateserial",
					"-days", "20", "-extfile", "leaf.ext", "-out", "leaf.pem")
				leaf, anchor := readPEM(t, filepath.Join(dir, "leaf.pem"), evidence.Sent), readPEM(t, filepath.Join(dir, p.root+"-root.pem"), evidence.CAFile)
				q := Question{Sent: leaf, Anchors: anchor, Name: host, Purpose: ServerAuth, At: leaf[0].read().notBefore.time.Add(day)}
				o := compare(t, program, dir, name+": "+p.root+" over "+p.leaf, q, flags{partial: p.root == "odd"})
				t.Logf("%s over %s: %v", p.root, p.leaf, o)
				checkBoth(t, leaf[0], anchor[0])
				ask(name+": "+p.root+" over "+p.leaf, q)
				if p.root == "plain" {
					continue
				}
				q.Sent = []Certificate{Parse(evidence.Certificate{Source: evidence.Sent, DER: altered(leaf[0].DER)})}
				compare(t, program, dir, name+", altered: "+p.root+" over "+p.leaf, q, fullChains)
				checkConsistent(t, q, Analyse(q))
			}
		})
	}
}

// checkBoth: issuer's key made leaf's signature, and not that of an altered one.
func checkBoth(t *testing.T, leaf, issuer Certificate) {
	t.Helper()
	k := issuer.read().key
	if k.explicit {
		return // nobody goes on to check its signature
	}
	if got := checkSignature(leaf.read(), k); got != signatureGood {
		t.Errorf("the signature is %v", got)
	}
	if got := checkSignature(readCertificate(altered(leaf.DER)), k); got != signatureBad {
		t.Errorf("the altered signature is %v", got)
	}
}

// altered changes the last octet of the signature.
func altered(der []byte) []byte {
	der = append([]byte(nil), der...)
	der[len(der)-1] ^= 1
	return der
}

func readPEM(t *testing.T, path string, source evidence.Source) []Certificate {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return all
		}
		if block.Type == "CERTIFICATE" {
			all = append(all, Parse(evidence.Certificate{Source: source, File: filepath.Base(path), Block: len(all), DER: block.Bytes}))
		}
		text = rest
	}
}

// TestCurves: the generator lies on its curve and has the order that is said.
func TestCurves(t *testing.T) {
	for oid, c := range curves() {
		if square := new(big.Int).Mul(c.gy, c.gy); square.Mod(square, c.p).Cmp(c.right(c.gx)) != 0 {
			t.Errorf("%s: the generator is not on the curve", oid)
		}
		g := &point{c.gx, c.gy}
		if c.multiply(g, c.n) != nil {
			t.Errorf("%s: the order is wrong", oid)
		}
		if !c.p.ProbablyPrime(10) || !c.n.ProbablyPrime(10) {
			t.Errorf("%s: not a prime", oid)
		}
	}
}

func TestSecurityBits(t *testing.T) {
	// NIST SP 800-57 part 1, table 2, as OpenSSL rounds it.
	for bits, want := range map[int]int{512: 56, 1024: 80, 2048: 112, 3072: 128, 4096: 152, 6144: 176, 7680: 192, 8192: 200, 15360: 256} {
		if got := integerSecurityBits(bits); got != want {
			t.Errorf("%d bits: %d, want %d", bits, got, want)
		}
	}
}
