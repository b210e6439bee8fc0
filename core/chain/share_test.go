package chain_test

import (
	"encoding/hex"
	"slices"
	"sync"
	"testing"

	"mutual/core/chain"
	"mutual/core/diagnose"
)

// leastShare is how many of a hundred mutants with a fault must have it named first, on the right certificate.
const leastShare = 98

// TestFirstFindingNamesThePlantedFault diagnoses all mutants on which the judges are compared. Where nothing that this
// program refuses for was planted, there must be no error at all.
func TestFirstFindingNamesThePlantedFault(t *testing.T) {
	mutants := chain.Mutants(t)
	var lock sync.Mutex
	var work sync.WaitGroup
	right, asked, sound := 0, 0, 0
	const shards = 2
	for shard := range shards {
		work.Go(func() {
			for i := shard; i < len(mutants); i += shards {
				m := mutants[i]
				r := diagnose.Verify(m.Question, nil, nil)
				lock.Lock()
				switch {
				case !m.Refused && diagnose.Failed(r.Findings):
					t.Errorf("%s on a chain that is fine here: %s\n%s", r.Findings[0].ID, r.Findings[0].Title, m.Describe())
				case m.Visible == 0:
					sound++
				default:
					asked++
					if namesFirst(r, m.First) {
						right++
					} else {
						t.Logf("another finding is first: %s\n%s", described(r), m.Describe())
					}
				}
				lock.Unlock()
			}
		})
	}
	work.Wait()
	share := 100 * float64(right) / float64(asked)
	t.Logf("the first finding names the planted fault on the planted certificate in %d of %d mutants: %.2f %%; %d more are sound",
		right, asked, share, sound)
	if share <= leastShare {
		t.Errorf("%.2f %%, and more than %d %% are wanted", share, leastShare)
	}
}

func namesFirst(r diagnose.Result, wanted []chain.Expectation) bool {
	if len(r.Findings) == 0 {
		return false
	}
	first := r.Findings[0]
	return slices.ContainsFunc(wanted, func(e chain.Expectation) bool {
		sha := ""
		if e.SHA256 != ([32]byte{}) {
			sha = hex.EncodeToString(e.SHA256[:])
		}
		return e.ID == first.ID && sha == first.Subject.SHA256
	})
}

func described(r diagnose.Result) (s string) {
	for _, f := range r.Findings {
		s += "\n  " + string(f.Severity) + " " + f.ID + " on " + f.Subject.CommonName + " " + f.Subject.SHA256[:min(8, len(f.Subject.SHA256))]
	}
	return s
}
