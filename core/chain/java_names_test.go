package chain

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// askEach compares the judge with java on all questions.
func askEach(t *testing.T, questions []Question, label func(i int) string) {
	t.Helper()
	counts := map[string]int{}
	for i, said := range askJava(t, questions) {
		compareJava(t, label(i), questions[i], said)
		counts[javaKind(said)]++
	}
	t.Log(counts)
}

// TestNamesAgreeWithJava asks for every host of a certificate with every name. The certificate is trusted itself, so that
// nothing but the name counts.
func TestNamesAgreeWithJava(t *testing.T) {
	hosts := []string{
		host, "BROKER.example.test", "broker.example.test.", "example.test", "a.b.example.test", "localhost", "10.1.2.3", "[2001:db8::1]",
		"2001:DB8:0::1", "::ffff:10.1.2.3", "under_score.test", "-x.test", "x-.test", "a..test", "xn--bcher-kva.test", "test", "1.2.3.4.5", "*.example.test",
	}
	names := [][]string{
		{host}, {"*.example.test"}, {"b*.example.test"}, {"*r.example.test"}, {"b*r.example.test"}, {"b*o*r.example.test"}, {"*.*.test"}, {"*"},
		{"*."}, {"*.test"}, {"broker.*.test"}, {"broker.example.*"}, {"*broker.example.test"}, {"BROKER.EXAMPLE.TEST"}, {"broker.example.test."},
		{"10.1.2.3", "2001:db8::1"}, {"dns:10.1.2.3"}, {"uri:http://broker.example.test/"}, {"uri:x y", "mail:a@b"}, {"mail:a@b.test"}, {"dns:"}, {"under_score.test"},
		{"*_score.test"}, {"xn--bcher-kva.test"}, {"dns: broker.example.test"}, {"other.test", host}, {"*.localhost"}, {"localhost"}, {"rid:1", host}, {"dir:CN=x"}, {}, nil,
	}
	subjects := []string{"CN=" + host, "CN=*.example.test,CN=x", "CN=x,CN=" + host, "CN=10.1.2.3", "O=none", "CN=bmp:" + host, "CN=t61:" + host, "CN= " + host}
	var questions []Question
	var labels []string
	for i, n := range names {
		for j, s := range subjects {
			if n != nil && j > 1 && i%7 != j {
				continue // the common name hardly matters
			}
			x := spec{subject: dn(s)}
			if n != nil {
				x.ext = [][]byte{san(n...)}
			}
			leaf := forge(x)
			for _, h := range hosts {
				questions = append(questions, question(chainOf(leaf), leaf).named(h))
				labels = append(labels, fmt.Sprintf("%s of %q, %s", h, n, s))
			}
		}
	}
	askEach(t, questions, func(i int) string { return labels[i] })
}

// TestConstraintsAgreeWithJava merges random name constraints of up to three authorities.
func TestConstraintsAgreeWithJava(t *testing.T) {
	pool := []string{
		"example.test", "broker.example.test", "test", "other.test", "ample.test", ".example.test", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "mail:example.test",
		"mail:.test", "mail:zebra.test", "uri:zebra.test", "rid:1", "mail:a@example.test", "uri:example.test", "uri:.test", "dir:O=Acme", "dir:O=acme,CN=x", "dir:O=Zebra",
	}
	names := []string{host, "a.test", "10.1.2.3", "10.9.2.3", "mail:a@example.test", "mail:b@x.example.test", "uri:http://example.test/a", "uri:mqtt://x.test:99", "dir:O=Acme,CN=x"}
	var questions []Question
	for i := range *mutations / 4 {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		some := func(from []string, most int) []string {
			var all []string
			for range r.IntN(most + 1) {
				all = append(all, from[r.IntN(len(from))])
			}
			return all
		}
		top := root("CN=Top")
		by, sent := top, []*forged(nil)
		for n := range 1 + r.IntN(3) {
			x := spec{subject: dn(fmt.Sprintf("O=Acme,CN=Tier %d", n)), by: by, auto: true, ext: [][]byte{ca(true, -1)}}
			if p, e := some(pool, 3), some(pool, 1); len(p)+len(e) > 0 {
				x.ext = append(x.ext, constraintsExt(p, e))
			}
			by = forge(x)
			sent = append([]*forged{by}, sent...)
		}
		x := spec{subject: dn([]string{"O=Acme,CN=x", "CN=" + host, "O=acme,CN=10.1.2.3", "CN=x,E=ia5:a@example.test", "O=Zebra"}[r.IntN(5)]), by: by, auto: true}
		if s := some(names, 2); len(s) > 0 {
			x.ext = append(x.ext, san(s...))
		}
		leaf := forge(x)
		questions = append(questions, question(append([]*forged{leaf}, sent...), top).named([]string{"", host, "10.1.2.3"}[r.IntN(3)]))
	}
	askEach(t, questions, func(i int) string { return fmt.Sprintf("constraints %d", i) })
}
