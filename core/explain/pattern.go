package explain

import (
	"regexp/syntax"
	"strings"
	"sync"

	"mutual/core/expression"
)

// pattern is a regular expression with the texts one of which every match contains. It runs only on the lines around
// those, so that hundreds of patterns and a long log cost little.
type pattern struct {
	re      expression.Expression
	anchors *lazyAnchors
}

// lazyAnchors are the texts, worked out when they are first asked for.
type lazyAnchors struct {
	source string
	once   sync.Once
	texts  []string // nil: the pattern runs on the whole text
}

// maxHits bounds the places that one pattern is looked for: a log repeats itself.
const maxHits = 20

// nearby is how many lines before and after an anchor a match may reach: Erlang's terms run over several.
const nearby = 3

func newPattern(source string) pattern {
	return pattern{re: expression.New(source), anchors: &lazyAnchors{source: source}}
}

func (l *lazyAnchors) all() []string {
	l.once.Do(func() {
		if tree, err := syntax.Parse(l.source, syntax.Perl); err == nil { // else re panics
			l.texts = anchors(tree.Simplify())
		}
	})
	return l.texts
}

// words lets each blank of a phrase stand for what different versions put between words.
func words(phrase string) string {
	return strings.NewReplacer(" ?", `[\s_-]*`, " ", `[\s_-]+`).Replace(phrase)
}

// anchors returns texts of which every match of an expression contains one, or nil when there are none.
func anchors(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		return []string{string(tree.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return anchors(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return anchors(tree.Sub[0])
		}
	case syntax.OpAlternate:
		var all []string
		for _, sub := range tree.Sub {
			of := anchors(sub)
			if of == nil {
				return nil
			}
			all = append(all, of...)
		}
		return all
	case syntax.OpConcat:
		var best []string
		for _, sub := range tree.Sub {
			if of := anchors(sub); of != nil && shortest(of) > shortest(best) {
				best = of
			}
		}
		return best
	}
	return nil
}

// shortest is the length of the shortest text; none is shorter than any.
func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	n := len(texts[0])
	for _, s := range texts {
		n = min(n, len(s))
	}
	return n
}

func (p pattern) match(s string) bool { return len(p.find(s, 1)) > 0 }

// find returns the places of up to n matches, as FindAllStringSubmatchIndex does.
func (p pattern) find(s string, n int) [][]int {
	anchors := p.anchors.all()
	if anchors == nil {
		return p.re.FindAllStringSubmatchIndex(s, n)
	}
	var found [][]int
	for _, r := range regions(s, anchors) {
		for _, at := range p.re.FindAllStringSubmatchIndex(s[r.from:r.to], n-len(found)) {
			for i := range at {
				if at[i] >= 0 {
					at[i] += r.from
				}
			}
			found = append(found, at)
		}
		if len(found) >= n {
			break
		}
	}
	return found
}

type region struct{ from, to int }

// regions are the lines around the first occurrences of the texts, in order and apart from each other.
func regions(s string, texts []string) []region {
	var list []region
	for from := 0; from < len(s) && len(list) < maxHits; {
		at := -1
		for _, text := range texts {
			if i := strings.Index(s[from:], text); i >= 0 && (at < 0 || from+i < at) {
				at = from + i
			}
		}
		if at < 0 {
			break
		}
		r := region{linesBefore(s, at), linesAfter(s, at)}
		if last := len(list) - 1; last >= 0 && r.from <= list[last].to {
			list[last].to = r.to
		} else {
			list = append(list, r)
		}
		if total(list) > maxRegion {
			break
		}
		from = r.to
	}
	return list
}

// maxRegion bounds what one pattern reads beyond the lines of its first anchor.
const maxRegion = 4 << 10

func total(list []region) int {
	n := 0
	for _, r := range list {
		n += r.to - r.from
	}
	return n
}

func linesBefore(s string, at int) int {
	for range nearby + 1 {
		i := strings.LastIndexByte(s[:at], '\n')
		if i < 0 {
			return 0
		}
		at = i
	}
	return at + 1
}

func linesAfter(s string, at int) int {
	for range nearby + 1 {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			return len(s)
		}
		at += i + 1
	}
	return at
}
