package report

import (
	"bytes"
	"fmt"
	"strings"

	"mutual/core/expression"
)

// Markdown is r as text for a ticket: to be read as it stands, or set by whatever shows Markdown (CommonMark with
// GitHub's tables).
func (r Report) Markdown(o Options) ([]byte, error) {
	if r.Attempt == nil {
		return nil, errNothing
	}
	s := r.sheet(o)
	m := &markdown{}
	m.printf("# %s\n\n", escape(s.Verdict))
	if s.Cause != "" {
		m.printf("**%s**\n\n", escape(s.Cause))
	}
	masked := ""
	if s.Masked {
		masked = "names and addresses masked"
	}
	m.printf("%s\n", escape(join(" · ", s.Target, "tried "+s.Started, s.Program, masked)))
	if s.Clients != "" {
		m.printf("\nMust also work with: %s\n", escape(s.Clients))
	}
	m.stages(s)
	m.findings(s)
	m.path("The certificate that the client presents", s.Mine)
	m.path("The broker's certificate and who vouches for it", s.Links)
	m.rest(s)
	m.printf("\n---\n\n")
	for _, n := range s.Notes {
		m.printf("%s\n", escape(n))
	}
	return m.b.Bytes(), nil
}

type markdown struct{ b bytes.Buffer }

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

// table writes cells that are Markdown already.
func (m *markdown) table(head []string, rows [][]string) {
	m.printf("\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, r := range rows {
		m.printf("| %s |\n", strings.Join(r, " | "))
	}
}

func (m *markdown) stages(s sheet) {
	var rows [][]string
	for _, x := range s.Stages {
		rows = append(rows, []string{x.Name, strings.TrimSpace(signs[x.Tone] + " " + x.Note), escape(x.Detail)})
	}
	m.table([]string{"Stage", "", "What"}, rows)
}

// signs stand where there is no colour.
var signs = map[tone]string{good: "✓", warn: "⚠", bad: "✗"}

func (m *markdown) findings(s sheet) {
	for _, f := range s.Findings {
		m.printf("\n## %s\n\n%s: `%s`", escape(f.Title), f.Severity, f.ID)
		if f.Refused != "" {
			m.printf(" · refused by: %s", escape(f.Refused))
		}
		if f.Spec != "" {
			m.printf(" · %s", escape(f.Spec))
		}
		m.printf("\n\n%s\n", escape(f.Detail))
		if len(f.Fixes) > 0 {
			m.printf("\nWhat helps:\n\n")
		}
		for _, x := range f.Fixes {
			m.printf("- **%s**", escape(x.Title))
			if x.Risk != "" {
				m.printf(" (%s)", x.Risk)
			}
			if x.Text != "" {
				m.printf(": %s", escape(x.Text))
			}
			m.printf("\n")
		}
		if len(f.Facts) > 0 {
			m.printf("\nHow we know:\n\n")
		}
		for _, e := range f.Facts {
			m.printf("- %s: %s\n", escape(e.Name), code(e.Value))
		}
	}
}

// path lists certificates; what is said against one is above, among the findings.
func (m *markdown) path(title string, links []Link) {
	if len(links) == 0 {
		return
	}
	m.printf("\n## %s\n", title)
	var rows [][]string
	for _, l := range links {
		rows = append(rows, []string{strings.TrimSpace(signs[l.tone()] + " " + l.Role), code(l.Name), escape(l.From), l.Dates})
	}
	m.table([]string{"", "Certificate", "From", "Valid"}, rows)
}

func (m *markdown) rest(s sheet) {
	if len(s.Verdicts) > 0 {
		m.printf("\n## Would other programs accept it?\n")
		var rows [][]string
		for _, v := range s.Verdicts {
			rows = append(rows, []string{escape(v.Client), signs[v.Tone] + " " + escape(v.Said)})
		}
		m.table([]string{"Program", "Verdict"}, rows)
	}
	if len(s.Probes) > 0 {
		m.printf("\n## What was tried besides\n")
		var rows [][]string
		for _, p := range s.Probes {
			rows = append(rows, []string{escape(p.Question), p.Status, escape(p.Detail), p.Took})
		}
		m.table([]string{"Question", "", "Answer", "Time"}, rows)
	}
	m.printf("\n## Technical details\n")
	for _, x := range s.Details {
		m.printf("\n**%s**\n\n", escape(x.Title))
		for _, r := range x.Rows {
			m.printf("- %s: %s\n", escape(r.Name), code(r.Value))
		}
	}
}

var (
	// bareLink is what renderers turn into a link by themselves (GFM §6.9).
	bareLink = expression.New(`(?i)\b(https?|ftp|mailto|xmpp):|\bwww\.`)
	// person is a mail address or calls people: "@all".
	person = expression.New(`@([\pL\pN_-])`)
	// ticket names another one.
	ticket = expression.New(`(^|[^\pL\pN])([#!])(\pN)`)
	// ordered begins a numbered list.
	ordered = expression.New(`^(\d+)([.)])(\s|$)`)
)

// escape keeps foreign text from being read as Markdown or HTML: nothing in it is set, linked, or calls anybody.
func escape(text string) string {
	text = ordered.ReplaceAllString(strings.TrimSpace(text), "${1}\x00${2}${3}")
	text = bareLink.ReplaceAllStringFunc(text, func(l string) string { return l[:len(l)-1] + "\x00" + l[len(l)-1:] })
	text = person.ReplaceAllString(text, "@\u2060${1}") // a word joiner: not seen, and nobody is called
	text = ticket.ReplaceAllString(text, "${1}${2}\u2060${3}")
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == 0:
			r = '\\'
		case r == '_' && inner(text, i): // "my_ca.pem": no mark there, and easier to read without
		case strings.ContainsRune("&<>\\`*_[]|~$", r), r == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '#'), i == 0 && strings.ContainsRune("+-=", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inner says whether a letter or digit stands on both sides of text[i].
func inner(text string, i int) bool {
	return i > 0 && i+1 < len(text) && asciiWord(text[i-1]) && asciiWord(text[i+1])
}

func asciiWord(c byte) bool { return c < 0x80 && letterOrDigit(c) }

// code is a value as it is, set as code. A run of the character that ends code is fenced by a longer one.
func code(value string) string {
	if value = strings.TrimSpace(value); value == "" {
		return ""
	}
	value = strings.ReplaceAll(value, "|", "¦") // in a table nothing else is certain not to end the cell
	longest := 0
	for run, rest := 0, value; rest != ""; rest = rest[1:] {
		if rest[0] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		value = " " + value + " "
	}
	return fence + value + fence
}
