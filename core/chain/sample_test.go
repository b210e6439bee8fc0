package chain

import (
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What the samples have to be, in parts of a hundred.
const (
	leastOutcome = 2  // of each outcome there is
	leastDouble  = 30 // with two faults or more

	firstExtra = 1_000_000 // the numbers of mutants that are drawn beyond the pool
)

var (
	mutantCount = flag.Int("mutants", 2000, "how many mutants each judge is compared on with the real thing")
	seed        = flag.Uint64("seed", 20261122, "where the random chains start")
)

// sampleSize is less in -short tests.
func sampleSize() int {
	if testing.Short() {
		return min(*mutantCount, 200)
	}
	return *mutantCount
}

// pool are mutants as they come, the same for every judge.
var pool = sync.OnceValue(func() []mutant {
	var all []mutant
	for i := range sampleSize() {
		all = append(all, newMutant(*seed, i, ""))
	}
	return all
})

// sampler picks the mutants on which one judge is compared: so many of the pool, and as many more as it takes for every
// outcome that was ever seen to be there often enough. It learns which mutations lead to an outcome, and begins with one
// of those where more of it are wanted.
type sampler struct {
	judge    Judge
	taken    []mutant
	counts   map[string]int      // of the outcomes among those taken
	leads    map[string][]string // outcome to the mutations that were there
	outcomes map[int][]string    // by the mutant's number
	drawn    int
}

var samples = struct {
	sync.Mutex
	of map[string][]mutant
}{of: map[string][]mutant{}}

// sample is the judge's mutants; the same ones whenever it is asked for.
func sample(t *testing.T, name string) []mutant {
	t.Helper()
	samples.Lock()
	defer samples.Unlock()
	if samples.of[name] == nil {
		judge, ok := Named(name)
		if !ok {
			t.Fatalf("there is no judge %s", name)
		}
		s := &sampler{judge: judge, counts: map[string]int{}, leads: map[string][]string{}, outcomes: map[int][]string{}}
		samples.of[name] = s.draw(t, sampleSize())
	}
	return samples.of[name]
}

func (s *sampler) draw(t *testing.T, n int) []mutant {
	t.Helper()
	enough := n*leastOutcome/100 + n/200 + 1
	for _, m := range pool() {
		s.look(m)
	}
	// What is rare is looked for until there is enough of it; looking for it may bring up more that is rare.
	for {
		rare := s.rarest(enough)
		if rare == "" {
			break
		}
		if s.drawn++; s.drawn > 20*n {
			t.Fatalf("%s: after %d mutants %q came %d times, and %d are wanted", s.judge.Name(), s.drawn, rare, s.counts[rare], enough)
		}
		lead := s.leads[rare]
		m := newMutant(*seed, firstExtra+s.drawn, lead[s.drawn%len(lead)])
		s.look(m)
		if slices.ContainsFunc(s.outcomes[m.number], func(o string) bool { return s.counts[o] < enough }) {
			s.take(m)
		}
	}
	for _, m := range pool() {
		if len(s.taken) < n && !slices.ContainsFunc(s.taken, func(other mutant) bool { return other.number == m.number }) {
			s.take(m)
		}
	}
	return s.taken
}

// look notes what comes of m.
func (s *sampler) look(m mutant) {
	s.outcomes[m.number] = outcomes(s.judge.Judge(m.q))
	for _, o := range s.outcomes[m.number] {
		for _, p := range m.planted {
			s.leads[o] = append(s.leads[o], p.mutation)
		}
	}
}

func (s *sampler) take(m mutant) {
	s.taken = append(s.taken, m)
	for _, o := range s.outcomes[m.number] {
		s.counts[o]++
	}
}

// rarest is the outcome that is wanted most. What the pool has of it is taken first.
func (s *sampler) rarest(enough int) string {
	for _, o := range slices.Sorted(maps.Keys(s.leads)) {
		if s.counts[o] >= enough {
			continue
		}
		for _, m := range pool() {
			if s.counts[o] < enough && slices.Contains(s.outcomes[m.number], o) && !slices.ContainsFunc(s.taken, func(other mutant) bool { return other.number == m.number }) {
				s.take(m)
			}
		}
		if s.counts[o] < enough {
			return o
		}
	}
	return ""
}

// outcomes are what is counted of a verdict: the code and the words with which its client refuses, without names and
// dates. GnuTLS and mbedTLS raise several flags at once, each of which counts.
func outcomes(v Verdict) []string {
	if v.Accepted {
		return []string{"accepted"}
	}
	text := particulars.ReplaceAllString(v.Text, "…")
	switch v.Client {
	case "gnutls":
		if v.Code == gnutlsVerification {
			return flagsOf(text, ". ")
		}
		return []string{v.Code}
	case "mbedtls":
		if v.Code == mbedtlsRefused {
			return flagsOf(text, "; ")
		}
		return []string{v.Code}
	case "go":
		return []string{goParses.ReplaceAllString(text, "")}
	case "java":
		return []string{v.Code + ": " + javaKind(v.Text)}
	}
	return []string{v.Code + " " + text}
}

const mbedtlsRefused = "-0x2700" // MBEDTLS_ERR_X509_CERT_VERIFY_FAILED

func flagsOf(text, separator string) []string {
	all := strings.Split(text, separator)
	for i := range all {
		all[i] = strings.TrimSuffix(all[i], ".")
	}
	return all
}

var goParses = regexp.MustCompile(`^tls: failed to parse .*certificate( from server)?: `)

var particulars = regexp.MustCompile(`"[^"]*"|'[^']*'|current time .*|valid for .*|wanted to match .*|certificate for .* because| ?\(possibly because .*`)

// tally counts what the real thing said about a sample, prints it and demands that all of it is there often enough.
type tally struct {
	sync.Mutex
	counts map[string]int
	double int
	all    int
}

func (y *tally) add(m mutant, said ...string) {
	y.Lock()
	defer y.Unlock()
	if y.counts == nil {
		y.counts = map[string]int{}
	}
	y.all++
	if len(m.planted) > 1 {
		y.double++
	}
	for _, o := range said {
		y.counts[o]++
	}
}

func (y *tally) check(t *testing.T) {
	t.Helper()
	percent := func(n int) float64 { return 100 * float64(n) / float64(y.all) }
	t.Logf("%d chains, %d of them (%.1f %%) with two faults or more, %d outcomes:", y.all, y.double, percent(y.double), len(y.counts))
	for _, o := range slices.Sorted(maps.Keys(y.counts)) {
		t.Logf("%5d  %4.1f %%  %s", y.counts[o], percent(y.counts[o]), o)
		if percent(y.counts[o]) < leastOutcome {
			t.Errorf("%q came in %.1f %% of the chains, and %d %% are wanted", o, percent(y.counts[o]), leastOutcome)
		}
	}
	if percent(y.double) < leastDouble {
		t.Errorf("%.1f %% of the chains have two faults or more, and %d %% are wanted", percent(y.double), leastDouble)
	}
	if y.all < sampleSize() {
		t.Errorf("%d chains, and %d are wanted", y.all, sampleSize())
	}
}

func (m mutant) label() string { return fmt.Sprintf("mutant %d of seed %d", m.number, *seed) }
