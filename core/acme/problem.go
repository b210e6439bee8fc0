package acme

import (
	"cmp"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/remote"
)

// Problem is what the authority said against a request, in its own words, with what to do about it.
type Problem struct {
	Type   string // "rateLimited", "caa", "dns", …: the last part of RFC 8555 §6.7's names
	Detail string // the authority's own sentence
	Name   string // the name it is about, where it says one
	Advice string // a sentence: what to do next
	// RetryAt is when the authority allows the next try; zero where it does not say.
	RetryAt time.Time
	Status  int // of HTTP; 0 where the problem is an authorization's
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.Name != "" {
		b.WriteString(p.Name + ": ")
	}
	b.WriteString(strings.TrimSuffix(p.Detail, "."))
	b.WriteString(". ")
	b.WriteString(p.Advice)
	if !p.RetryAt.IsZero() {
		b.WriteString(" The next try is allowed at " + p.RetryAt.Local().Format("2006-01-02 15:04:05 MST") + ".")
	}
	return strings.TrimSpace(b.String())
}

const problemPrefix = "urn:ietf:params:acme:error:"

// newProblem takes the sub-problem where there is one: it is what names the culprit.
func newProblem(d *lego.ProblemDetails) *Problem {
	p := &Problem{Type: typeOf(d.Type), Detail: d.Detail, Status: d.HTTPStatus}
	kinds := []string{p.Type}
	if len(d.SubProblems) > 0 {
		kinds = kinds[:0]
	}
	var all []string
	for _, sub := range d.SubProblems {
		kind := typeOf(sub.Type)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(sub.Identifier.Value+": "+sub.Detail, ": "), "."))
	}
	switch len(d.SubProblems) {
	case 0:
	case 1:
		sub := d.SubProblems[0]
		p.Detail, p.Name = sub.Detail, sub.Identifier.Value
		fallthrough
	default:
		if kinds[0] != "" {
			p.Type = kinds[0]
		}
		if len(d.SubProblems) > 1 {
			p.Detail = strings.Join(all, "; ")
		}
	}
	said := p.Detail != ""
	if !said {
		p.Detail = "The authority answered " + cmp.Or(p.Type, remote.Status(p.Status)) + " and gives no reason"
	}
	p.Advice = adviceFor(kinds, d, said)
	return p
}

// typeOf is the last part of RFC 8555 §6.7's names; empty where the document has none of its own (RFC 9457 §4.2.1).
func typeOf(name string) string {
	if name == "about:blank" {
		return ""
	}
	return strings.TrimPrefix(name, problemPrefix)
}
