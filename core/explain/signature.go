package explain

import "strings"

// tier says how exact a signature is. Matches of a lower tier are dropped when there is one of a higher: "A TLS error
// occurred" adds nothing to "certificate has expired".
type tier int

const (
	faint  tier = iota + 1 // there is no connection, and not even the stage is named
	vague                  // the program says that something went wrong, not what
	coarse                 // one of a few faults
	exact                  // the program names the fault
)

// confidence is how sure a cause is, given the text.
type confidence int

const (
	possible confidence = iota + 1
	likely
	certain
)

func (c confidence) String() string { return [...]string{"", Possible, Likely, Certain}[c] }

// cause is one finding that a signature can stand for.
type cause struct {
	id         string
	confidence confidence
	why        string
}

// is, may and could make a cause of each confidence.
func is(id, why string) cause    { return cause{id, certain, why} }
func may(id, why string) cause   { return cause{id, likely, why} }
func could(id, why string) cause { return cause{id, possible, why} }

// hit is a place in the text where a signature matched.
type hit struct {
	start, end   int
	tier         tier
	client, code string // client empty: the program that the text around shows
	nodeCode     string // what Node calls it, where that differs from code
	causes       []cause
}

// signature is a phrase that a program prints and what it can mean. In phrase a blank stands for blanks, underscores
// and hyphens, since versions and languages differ in them; otherwise it is a regular expression over lower-case text.
type signature struct {
	tier   tier
	client string
	code   string // may be "$1": what the first group matched
	phrase string
	causes []cause
	// broker is what it means in a broker's own log, where the certificate that was judged is the client's. Nil: the same.
	broker []cause
}

// matcher is a signature made ready.
type matcher struct {
	signature
	pattern pattern
}

func compile(families ...[]signature) []matcher {
	var ready []matcher
	for _, family := range families {
		for _, s := range family {
			ready = append(ready, matcher{s, newPattern(words(s.phrase))})
		}
	}
	return ready
}

func (m matcher) find(t *text) []hit {
	var hits []hit
	for _, at := range m.pattern.find(t.s, maxHits) {
		h := hit{start: at[0], end: at[1], tier: m.tier, client: m.client, code: m.code, causes: m.causes}
		if strings.HasPrefix(m.code, "$1") && len(at) > 3 && at[2] >= 0 {
			h.code = strings.ToUpper(t.s[at[2]:at[3]])
		}
		if m.broker != nil {
			h.causes = m.said(t.speaker(at[0]))
		}
		hits = append(hits, h)
	}
	return hits
}

// said is what the signature means from that speaker. Erlang's terms mostly come from brokers: when a line does not say
// who wrote it, both readings count, the broker's first.
func (m matcher) said(who speaker) []cause {
	switch {
	case who == broker:
		return m.broker
	case who == unknown && m.client == "erlang":
		return either(m.broker, m.causes)
	}
	return m.causes
}
