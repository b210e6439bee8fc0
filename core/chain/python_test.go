package chain

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
)

// TestRandomChainsAgreeWithStrictOpenSSL holds the checks of python313 against `openssl verify -partial_chain
// -x509_strict`: verdict, first error and depth.
func TestRandomChainsAgreeWithStrictOpenSSL(t *testing.T) {
	program := opensslProgram(t)
	if testing.Short() {
		*mutations = min(*mutations, 100)
	}
	counts := map[string]int{}
	var mu sync.Mutex
	const shards = 4
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for i := shard; i < *mutations; i += shards {
					o := compare(t, program, dir, fmt.Sprintf("chain %d", i), newMutator(*seed+2, i).question(), strictChains)
					mu.Lock()
					counts[fmt.Sprintf("%2d %s", o.code, o.text)]++
					mu.Unlock()
				}
			})
		}
	})
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d %s", counts[k], k)
	}
	if *mutations >= 600 && len(counts) < 15 {
		t.Errorf("only %d kinds of outcome: the chains are not various enough", len(counts))
	}
}

// TestPythonWords are what Python 3.13 printed for these.
func TestPythonWords(t *testing.T) {
	h := newHierarchy()
	partial := forge(spec{subject: dn("CN=x"), by: h.inter, auto: true, ext: [][]byte{ca(false, -1), san("b*.example.test")}})
	for _, c := range []struct {
		name, text string
		q          Question
	}{
		{"sound", "", question(chainOf(h.leaf, h.inter), h.root)},
		{"host", "Hostname mismatch, certificate is not valid for 'other.test'.", question(chainOf(h.leaf, h.inter), h.root).named("other.test")},
		{"address", "IP address mismatch, certificate is not valid for '10.0.0.1'.", question(chainOf(h.leaf, h.inter), h.root).named("10.0.0.1")},
		{"part of a label", "Hostname mismatch, certificate is not valid for '" + host + "'.", question(chainOf(partial, h.inter), h.root)},
		{"root", "unable to get local issuer certificate", question(chainOf(h.leaf, h.inter), h.other)},
		{"intermediate trusted", "", question(chainOf(h.leaf), h.inter)},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := python313Judge{}.Judge(c.q)
			if v.Text != c.text || v.Accepted != (c.text == "") {
				t.Errorf("%v %q, want %q", v.Accepted, v.Text, c.text)
			}
		})
	}
}
