package chain

import (
	"bytes"
	"fmt"
	"testing"
)

// maze is a hundred certificates that all certify each other: one name, one key, and a name of its own in each so that
// none is taken for another.
func maze(n int) []*forged {
	key := freshKey()
	first := forge(spec{subject: dn("CN=Maze"), key: key, ext: [][]byte{ca(true, -1), san("0.test")}})
	all := []*forged{first}
	for i := 1; i < n; i++ {
		all = append(all, forge(spec{subject: dn("CN=Maze"), key: key, by: first, ext: [][]byte{ca(true, -1), san(fmt.Sprintf("%d.test", i))}}))
	}
	return all
}

// impostors is a hundred authorities of one name, each with a key of its own.
func impostors(n int) []*forged {
	var all []*forged
	for range n {
		all = append(all, forge(spec{subject: dn("CN=Impostor"), ext: [][]byte{ca(true, -1)}}))
	}
	return all
}

// long is a chain of n authorities.
func long(n int, ext ...[]byte) []*forged {
	top := forge(spec{subject: dn("CN=Long 0"), ext: append([][]byte{ca(true, -1)}, ext...)})
	all := []*forged{top}
	for i := 1; i < n; i++ {
		all = append([]*forged{forge(spec{subject: dn(fmt.Sprintf("CN=Long %d", i)), by: all[0], ext: append([][]byte{ca(true, -1)}, ext...)})}, all...)
	}
	return all
}

func under(authorities []*forged, ext ...[]byte) []*forged {
	leaf := forge(spec{subject: dn("CN=" + host), by: authorities[0], ext: append([][]byte{san(host)}, ext...)})
	return append([]*forged{leaf}, authorities...)
}

func manyConstraints(n int) []byte {
	var permitted []string
	for i := range n {
		permitted = append(permitted, fmt.Sprintf("n%d.example.test", i))
	}
	return constraintsExt(append(permitted, "test"), nil)
}

func manyNames(n int) []byte {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("x%d.test", i))
	}
	return san(append(names, host)...)
}

func hostile() map[string]Question {
	large := rawExt("1.2.3.4", false, bytes.Repeat([]byte{0x05, 0x00}, 32<<10))
	other := root("CN=Other")
	mazed, lost, lined := maze(100), impostors(100), long(99)
	constrained := long(20, manyConstraints(2000))
	return map[string]Question{
		"maze":                  question(under(mazed), other),
		"maze, trusted":         question(under(mazed), mazed[50]),
		"maze of anchors":       question(under(mazed[:1]), mazed...),
		"impostors":             question(under(lost), other),
		"impostors trusted":     question(under(lost[:1]), lost[1:]...),
		"long":                  question(under(lined), lined[len(lined)-1]),
		"long, not trusted":     question(under(lined), other),
		"too long":              question(under(long(150)), other),
		"constraints":           question(under(constrained), constrained[len(constrained)-1]),
		"constraints and names": question([]*forged{forge(spec{subject: dn("CN=x"), by: constrained[0], ext: [][]byte{manyNames(1000)}}), constrained[0], constrained[1]}, constrained[2]),
		"large extensions":      question(under(long(40, large)), other),
		"many names":            question([]*forged{forge(spec{subject: dn("CN=x"), by: constrained[0], ext: [][]byte{manyNames(3000)}})}, constrained...),
	}
}

// TestHostileChainsAreBounded counts work, not time: signatures, comparisons of names, steps of the search.
func TestHostileChainsAreBounded(t *testing.T) {
	for name, q := range hostile() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(q)
			for _, examine := range []func(*world) Verdict{goJudge{}.examine, opensslJudge{}.examine, opensslJudge{partial: true}.examine} {
				w = newWorld(q)
				examine(w)
				if w.work > maxSignatureWork {
					t.Errorf("%d units of signatures", w.work)
				}
				if w.comparisons > maxComparisons+maxNamesTimesConstraints {
					t.Errorf("%d comparisons", w.comparisons)
				}
			}
			s := &search{w: newWorld(q)}
			s.extend([]*member{s.w.leaf})
			if s.steps > maxSteps+1 || len(s.found) > maxPaths {
				t.Errorf("%d steps, %d routes", s.steps, len(s.found))
			}
			a := Analyse(q)
			checkConsistent(t, q, a)
			t.Logf("signatures %d, comparisons %d, steps %d, routes %d; %.160v", w.work, w.comparisons, s.steps, len(s.found), faultIDs(a))
		})
	}
}

// TestHostileChainsAgreeWithOpenSSL: what is bounded is still right.
func TestHostileChainsAgreeWithOpenSSL(t *testing.T) {
	program := opensslProgram(t)
	for name, q := range hostile() {
		t.Run(name, func(t *testing.T) { compare(t, program, t.TempDir(), name, q, fullChains) })
	}
}

func BenchmarkOrdinary(b *testing.B) {
	h := newHierarchy()
	q := question(chainOf(h.leaf, h.inter), h.inter).known(h.root)
	b.ReportAllocs()
	for b.Loop() {
		Analyse(q)
	}
}
