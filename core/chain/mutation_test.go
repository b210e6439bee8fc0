package chain

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

var mutations = flag.Int("mutations", 600, "how many chains of any faults whatever are compared with the real programs")

// mutator makes chains with random faults. The same seed makes the same faults, with new keys.
type mutator struct {
	*rand.Rand
	calm int // how many times rarer than usual a fault is: some chains have one fault, some many
}

func newMutator(seed uint64, i int) mutator {
	m := mutator{Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
	m.calm = one(m, 1, 3, 6, 12)
	return m
}

// one picks one of the values.
func one[T any](m mutator, values ...T) T { return values[m.IntN(len(values))] }

// rarely is true once in n times.
func (m mutator) rarely(n int) bool { return m.IntN(n*m.calm) == 0 }

// fault chooses one of n kinds of fault; a number that is none most of the time.
func (m mutator) fault(n int) int { return m.IntN(n * m.calm) }

func (m mutator) name(tier int) string {
	return fmt.Sprintf(one(m, "O=Acme,CN=Tier %d", "CN=Tier %d", "O=Acme,CN=printable:Tier %d", "CN=bmp:Tier %d", "C=printable:US,O=Acme+OU=x,CN=Tier  %d"), tier)
}

func (m mutator) times() (from, until time.Time) {
	from, until = noon.Add(-30*day), noon.Add(time.Duration(1+m.IntN(4))*year)
	if m.rarely(14) {
		from, until = noon.Add(-2*year), noon.Add(-time.Duration(1+m.IntN(100))*day)
	} else if m.rarely(20) {
		from = noon.Add(time.Duration(1+m.IntN(100)) * day)
	}
	return from, until
}

func (m mutator) authority(name string, by *forged, tier int) *forged {
	s := spec{subject: dn(name), by: by, auto: !m.rarely(6)}
	s.from, s.until = m.times()
	s.ext = append(s.ext, m.authorityUse(tier)...)
	switch m.fault(30) {
	case 0:
		s.version = 1
	case 1:
		s.ext = append(s.ext, rawExt("1.2.3.4", m.rarely(2), []byte{5, 0}))
	case 2:
		s.ext = append(s.ext, constraintsExt(one(m, []string{"example.test"}, []string{"other.test", "10.0.0.0/8"}, nil), one(m, nil, []string{"broker.example.test"}, []string{"uri:x.test", "mail:.test"})))
	case 3:
		s.ext = append(s.ext, eku(one(m, oidServerAuth, oidClientAuth, anyExtendedKeyUse)))
	case 4:
		s.auto = false
		s.ext = append(s.ext, skidExt([]byte("own")), akidExt([]byte("other")))
	case 5:
		s.auto = false
		s.ext = append(s.ext, akidSerial(dn(name), int64(m.IntN(5))))
	case 6:
		s.ext = append(s.ext, rawExt(one(m, oidBasicConstraints, oidAlternativeName, oidNetscapeType), false, []byte{0x30, 1}))
	case 7:
		s.sign = "sha1"
	case 8:
		s.corrupt = true
	case 9:
		s.key = rsaKeys()[one(m, 1024, 2048)]
	case 10:
		s.ext = append(s.ext, rawExt(oidNetscapeType, false, []byte{3, 2, 0, byte(m.IntN(256))}))
	case 11:
		s.ext = append(s.ext, san("ca.example.test"))
	case 12:
		if by != nil {
			s.signKey = freshKey()
		}
	}
	return forge(s)
}

func (m mutator) authorityUse(tier int) [][]byte {
	length := -1
	if m.rarely(5) {
		length = m.IntN(3)
	}
	switch m.fault(24) {
	case 0:
		return nil
	case 1:
		return [][]byte{ca(false, -1)}
	case 2:
		return [][]byte{ku(keyCertSign)}
	case 3:
		return [][]byte{ca(true, length), ku(digitalSignature)}
	case 4:
		return [][]byte{ca(true, length)}
	}
	_ = tier
	return [][]byte{ca(true, length), ku(keyCertSign | 2)}
}

func (m mutator) endEntity(by *forged) *forged {
	s := spec{subject: dn(one(m, "CN="+host, "CN=x", "O=Acme,CN=Broker", "", "CN=x,CN="+host, "CN=*.example.test")), by: by, auto: !m.rarely(8)}
	s.from, s.until = m.times()
	names := one(m, []string{host}, []string{host, "10.1.2.3"}, []string{"*.example.test", "10.1.2.3"})
	if m.rarely(2) {
		names = one(m, []string{"other.test"}, []string{"b*.example.test", "uri:http://x.test/"}, []string{"mail:a@example.test"},
			[]string{"10.1.2.3"}, nil)
	}
	if names != nil {
		s.ext = append(s.ext, san(names...))
	}
	switch m.fault(24) {
	case 0:
		s.version = 1
	case 1:
		s.ext = append(s.ext, ca(true, -1))
	case 2:
		s.ext = append(s.ext, eku(one(m, oidClientAuth, anyExtendedKeyUse, oidNetscapeSGC)))
	case 3:
		s.ext = append(s.ext, ku(one(m, byte(keyEncipherment), 2, 0x40)))
	case 4:
		s.ext = append(s.ext, rawExt("1.2.3.4", true, []byte{5, 0}))
	case 5:
		s.corrupt = true
	case 6:
		s.key = rsaKeys()[one(m, 1024, 2048)]
	case 7:
		s.sign = one(m, "sha1", "sha384", "mismatch")
	case 8:
		s.serial = -7
	case 9:
		s.issuer = dn(one(m, "CN=Tier 1", "CN=nobody"))
	case 10:
		s.ext = append(s.ext, san("again.test"))
	case 11:
		s.auto = false
		s.ext = append(s.ext, akidExt([]byte("nobody")))
	default:
		s.ext = append(s.ext, ca(false, -1), ku(digitalSignature), eku(oidServerAuth, oidClientAuth))
	}
	return forge(s)
}

// question makes a whole chain and asks about it.
func (m mutator) question() Question {
	top := m.authority(m.name(0), nil, 0)
	tiers := []*forged{top}
	for i := range m.IntN(4) {
		tiers = append(tiers, m.authority(m.name(i+1), tiers[i], i+1))
	}
	leaf := m.endEntity(tiers[len(tiers)-1])
	if m.rarely(12) {
		leaf = m.endEntity(nil) // self-signed
	}
	sent := []*forged{leaf}
	for i := len(tiers) - 1; i >= 0; i-- {
		if i > 0 && !m.rarely(8) || i == 0 && m.rarely(4) {
			sent = append(sent, tiers[i])
		}
	}
	anchors := []*forged{top}
	var untrusted []*forged
	for i := range tiers {
		if m.rarely(6) {
			sent, untrusted = m.variant(tiers, i, sent, untrusted)
		}
	}
	switch m.fault(12) {
	case 0:
		anchors = nil
	case 1:
		anchors = []*forged{tiers[m.IntN(len(tiers))]}
	case 2:
		anchors = []*forged{root("CN=Unrelated")}
	case 3:
		anchors = []*forged{leaf}
	case 4:
		anchors = []*forged{forge(spec{subject: top.subject, skid: one(m, top.skid, nil), auto: true, ext: [][]byte{ca(true, -1)}})}
	case 5:
		anchors = append(anchors, tiers...)
	case 6:
		again := forge(spec{subject: top.subject, key: top.key, skid: top.skid, auto: len(top.skid) > 0, ext: m.authorityUse(0),
			from: noon.Add(-2 * year), until: noon.Add(one(m, -day, year, 9*year))})
		anchors = one(m, []*forged{again}, []*forged{again, top}, []*forged{top, again})
	}
	if m.rarely(8) {
		m.Shuffle(len(sent)-1, func(i, j int) { sent[i+1], sent[j+1] = sent[j+1], sent[i+1] })
	}
	if m.rarely(20) {
		slices.Reverse(sent)
	}
	q := question(sent, slices.DeleteFunc(anchors, func(f *forged) bool { return f == nil })...).with(untrusted...)
	q.Name = one(m, host, host, "", "BROKER.example.test")
	if m.rarely(2) {
		q.Name = one(m, "a.b.example.test", "example.test", "10.1.2.3", "10.9.9.9", "example.com")
	}
	q.Purpose = one(m, ServerAuth, ServerAuth, ServerAuth, ClientAuth, AnyPurpose)
	return q
}

// variant adds another certificate of the authority at i: renewed, cross-signed, or only of the same name.
func (m mutator) variant(tiers []*forged, i int, sent, untrusted []*forged) (_, _ []*forged) {
	s := spec{subject: tiers[i].subject, key: tiers[i].key, skid: tiers[i].skid, auto: true, ext: m.authorityUse(i)}
	s.from, s.until = m.times()
	switch m.IntN(3) {
	case 0:
		if i > 0 {
			s.by = tiers[i-1]
		}
	case 1:
		s.by = root("CN=Cross")
		untrusted = append(untrusted, s.by)
	case 2:
		s.key = nil
		s.skid = one(m, tiers[i].skid, nil)
	}
	f := forge(s)
	if m.rarely(2) {
		return append(sent, f), untrusted
	}
	return sent, append(untrusted, f)
}

// TestRandomChainsAgreeWithOpenSSL demands the same verdict, first error and depth of every one of them.
func TestRandomChainsAgreeWithOpenSSL(t *testing.T) {
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
					q := newMutator(*seed, i).question()
					modes := []flags{fullChains}
					if i/shards%4 == 0 {
						modes = append(modes, partialChains)
					}
					o := compare(t, program, dir, fmt.Sprintf("chain %d", i), q, modes...)
					mu.Lock()
					if o.accepted {
						counts["accepted"]++
					} else {
						counts[fmt.Sprintf("error %d", o.code)]++
					}
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

// TestRandomChainsAreConsistent holds the faults against the verdicts on chains that need no openssl.
func TestRandomChainsAreConsistent(t *testing.T) {
	for i := range *mutations / 3 {
		q := newMutator(*seed+1, i).question()
		checkConsistent(t, q, Analyse(q))
		if t.Failed() {
			t.Fatalf("chain %d of seed %d", i, *seed+1)
		}
	}
}
