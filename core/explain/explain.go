// Package explain says what an error text or a log line of another program can mean: MQTT X, Node, OpenSSL, mosquitto,
// Java, Erlang brokers, mbedTLS, Python and others. It maps text to the ids of findings, likeliest first.
//
// It is pure: it reads its argument and nothing else, and depends on no other package. Programs that say one thing for
// many causes ("certificate verify failed") get many matches with little confidence, and only when the text says nothing
// more exact. The signatures stand in one file per family of programs.
package explain

import (
	"cmp"
	"slices"
)

// Match is one thing that the text can mean.
type Match struct {
	ID         string `json:"id"`         // of a finding
	Client     string `json:"client"`     // the family of the program that says so: openssl, node, java, mosquitto…
	Code       string `json:"code"`       // that program's own code: "2", "UNABLE_TO_GET_ISSUER_CERT", "48"; empty: it has none
	Confidence string `json:"confidence"` // certain, likely or possible
	Title      string `json:"title"`      // of the finding: one sentence
	Why        string `json:"why"`        // one or two sentences on the text
	Check      string `json:"check"`      // what to look at next
}

// The values of Match.Confidence.
const (
	Certain  = "certain"
	Likely   = "likely"
	Possible = "possible"
)

// maxMatches bounds the answer: a person reads the first few, and a long log could name every fault there is.
const maxMatches = 12

// Explain returns what text can mean, likeliest first, and an empty list when it means nothing that is known here. Of a
// long text only the first 64 KiB are read. The same text always gets the same answer.
func Explain(text string) []Match {
	t := newText(text)
	hits := uncovered(t.find())
	best := topTier(hits)
	var found []ranked
	for _, h := range best {
		for n, c := range h.causes {
			found = append(found, ranked{h, c, n})
		}
	}
	slices.SortStableFunc(found, func(a, b ranked) int {
		return cmp.Or(
			cmp.Compare(b.cause.confidence, a.cause.confidence),
			cmp.Compare(a.place, b.place),
			cmp.Compare(a.hit.start, b.hit.start),
			cmp.Compare(b.hit.end, a.hit.end),
		)
	})
	return distinct(t, found)
}

// ranked is one cause with what it is sorted by.
type ranked struct {
	hit   hit
	cause cause
	place int // among the causes of its hit
}

// distinct names each id once, as its best match does.
func distinct(t *text, found []ranked) []Match {
	matches := []Match{}
	seen := map[string]bool{}
	for _, r := range found {
		if seen[r.cause.id] || len(matches) == maxMatches {
			continue
		}
		seen[r.cause.id] = true
		client := r.hit.client
		if client == "" {
			client = t.program(r.hit.start)
		}
		code := r.hit.code
		if client == "node" && r.hit.nodeCode != "" {
			code = r.hit.nodeCode
		}
		matches = append(matches, Match{
			ID: r.cause.id, Client: client, Code: code, Confidence: r.cause.confidence.String(),
			Title: titles[r.cause.id], Why: r.cause.why, Check: checks[r.cause.id],
		})
	}
	return matches
}

// uncovered drops a hit that lies within a longer one: "self-signed certificate" within "self-signed certificate in
// certificate chain" is not a second fault.
func uncovered(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	var kept []hit
	end := -1 // the furthest end of those kept so far, which all start no later
	for _, h := range hits {
		if h.end <= end && (len(kept) == 0 || !sameSpan(h, kept)) {
			continue
		}
		kept = append(kept, h)
		end = max(end, h.end)
	}
	return kept
}

// sameSpan reports whether h covers exactly what the last one kept covers: two readings of the same words both count.
func sameSpan(h hit, kept []hit) bool {
	last := kept[len(kept)-1]
	return last.start == h.start && last.end == h.end
}

// topTier keeps the hits of the most exact tier that has any.
func topTier(hits []hit) []hit {
	var top tier
	for _, h := range hits {
		top = max(top, h.tier)
	}
	return slices.DeleteFunc(hits, func(h hit) bool { return h.tier < top })
}
