package chain

import (
	"crypto/sha256"
	"testing"
)

// Expectation is what a diagnosis of a mutant has to say first: this id, about the certificate at fault.
type Expectation struct {
	ID     string
	SHA256 [32]byte // zero: no certificate is at fault
}

// Mutant is a mutant for tests that look at the chain from outside.
type Mutant struct {
	Question Question
	Visible  int           // how many of the planted faults can be seen
	Refused  bool          // this program refuses because of one of them
	First    []Expectation // each of them is right; see mutant.first
	Describe func() string
}

// Mutants are all mutants on which the judges are compared with the real things.
func Mutants(t *testing.T) []Mutant {
	t.Helper()
	var all []Mutant
	for _, m := range pool() {
		all = append(all, m.exported())
	}
	for _, j := range judges {
		for _, m := range sample(t, j.Name()) {
			if m.number >= firstExtra { // the others are of the pool
				all = append(all, m.exported())
			}
		}
	}
	return all
}

func (m mutant) exported() Mutant {
	x := Mutant{Question: m.q, Describe: m.describe}
	for _, p := range m.planted {
		if !p.hidden {
			x.Visible++
			x.Refused = x.Refused || p.refused
		}
	}
	if m.clockWrong() { // then nothing on the certificates needs repair
		x.First = []Expectation{{ID: "clock-wrong"}}
		return x
	}
	for _, p := range m.first() {
		x.First = append(x.First, Expectation{p.id, hashOf(p.at)})
		if anchor, may := m.rekeyed(p); may {
			x.First = append(x.First, Expectation{"ca-rotated", hashOf(anchor)})
		}
	}
	return x
}

func hashOf(f *forged) [32]byte { return sha256.Sum256(f.der) }
