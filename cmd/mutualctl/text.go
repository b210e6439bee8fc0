package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// page writes an object for people: plain lines that can be copied into a mail.
type page struct {
	out    io.Writer
	colour bool
	width  int
}

func newPage(w io.Writer) *page { return &page{out: w, colour: colours(w), width: width(w)} }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// The colours of states; nothing is said by colour alone.
const (
	green  = "32"
	amber  = "33"
	red    = "31"
	dimmed = "2"
	bold   = "1"
)

func (p *page) paint(colour, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// object writes everything: the answer first, then what it rests on.
func (p *page) object(o object, conclusion string) {
	if o.Target != nil && o.Target.URL != "" {
		p.line("%s", p.paint(bold, o.Target.URL))
	}
	p.line("%s", conclusion)
	p.findings(o.Findings)
	p.line("")
	p.line("Stages")
	p.stages(o.Stages)
	if len(o.Chain) > 0 {
		p.line("")
		p.chain(o)
	}
	if len(o.Verdicts) > 0 {
		p.line("")
		p.verdicts(o.Verdicts)
	}
	if len(o.Probes) > 0 {
		p.line("")
		p.probes(o.Probes)
	}
}

func (p *page) stages(stages []stageObject) {
	for _, s := range stages {
		duration := ""
		if s.Status != evidence.Skipped {
			duration = fmt.Sprintf("%.1f ms", s.Duration)
		}
		text := fmt.Sprintf("  %s  %-8s %10s  %s", p.status(s.Status), s.Name, duration, s.Detail)
		p.line("%s", strings.TrimRight(text, " "))
	}
}

func (p *page) status(s evidence.Status) string {
	text := fmt.Sprintf("%-7s", s)
	switch s {
	case evidence.OK:
		return p.paint(green, text)
	case evidence.Failed:
		return p.paint(red, text)
	}
	return p.paint(dimmed, text)
}

// chain writes the certification path from the end-entity certificate up, and what was sent but is not on it.
func (p *page) chain(o object) {
	byHash := map[string]certificateObject{}
	for _, c := range o.Chain {
		byHash[c.SHA256] = c
	}
	onPath := map[string]bool{}
	if len(o.Path) > 0 {
		p.line("Certification path, the end-entity certificate first")
	}
	for _, hash := range o.Path {
		onPath[hash] = true
		p.certificate(byHash[hash])
	}
	title := "Sent, but not on the path"
	for _, c := range o.Chain {
		if onPath[c.SHA256] {
			continue
		}
		if title != "" {
			p.line("%s", title)
			title = ""
		}
		p.certificate(c)
	}
}

func (p *page) certificate(c certificateObject) {
	subject := c.Subject
	if subject == "" {
		subject = "(a certificate without a name)"
	}
	p.line("  %s", subject)
	until := ""
	if c.NotAfter != "" {
		until = fmt.Sprintf(", from %s until %s", day(c.NotBefore), day(c.NotAfter))
	}
	from := origin(c)
	if c.trusted != "" {
		from += ", and trusted " + c.trusted
	}
	p.line("      %s%s", from, until)
	if c.Issuer != "" {
		p.line("      issued by %s", c.Issuer)
	}
	p.line("      SHA-256 %s", c.SHA256)
}

// day is the date of an RFC 3339 time.
func day(t string) string { return strings.SplitN(t, "T", 2)[0] }

// origin says where a certificate came from.
func origin(c certificateObject) string {
	switch c.Source {
	case evidence.Sent:
		if c.File != "" { // verify: it was read from a file in place of being sent
			return "from " + c.File
		}
		return "sent by the broker"
	case evidence.System:
		return "from the system's trust store"
	case evidence.Mozilla:
		return "from Mozilla's roots"
	case evidence.BuiltIn:
		return "known to this program"
	}
	if c.File != "" {
		return "from " + c.File
	}
	return "from " + string(c.Source)
}

func (p *page) verdicts(verdicts []chain.Verdict) {
	p.line("What each program says of the certificate")
	for _, v := range verdicts {
		if v.Accepted {
			p.line("  %-16s %s", v.Client, p.paint(green, "accepts"))
			continue
		}
		text := strings.TrimSpace(v.Code + " " + v.Text)
		if v.Depth >= 0 {
			text += fmt.Sprintf(" (depth %d)", v.Depth)
		}
		p.line("  %-16s %s: %s", v.Client, p.paint(red, "refuses"), text)
	}
}

func (p *page) probes(probes []probeObject) {
	p.line("Experiments")
	for _, probe := range probes {
		text := fmt.Sprintf("  %s  %-13s %8.1f ms  %s", p.status(probe.Status), probe.Name, probe.Duration, probe.Detail)
		p.line("%s", strings.TrimRight(text, " "))
	}
}

func (p *page) findings(findings []diagnose.Finding) {
	for _, f := range findings {
		p.line("")
		p.finding(f)
	}
}

func (p *page) finding(f diagnose.Finding) {
	colour := map[diagnose.Severity]string{diagnose.Error: red, diagnose.Warning: amber}[f.Severity]
	label := strings.ToUpper(string(f.Severity))
	if colour != "" {
		label = p.paint(colour, label)
	}
	p.line("%s %s", label, f.ID)
	p.wrapped("  ", f.Title)
	p.wrapped("  ", f.Detail)
	if len(f.Clients) > 0 {
		p.line("  Refused by: %s", strings.Join(f.Clients, ", "))
	}
	for _, e := range f.Evidence {
		p.line("    %s: %s", e.Name, e.Value)
	}
	if f.Spec != "" {
		p.line("    see %s", f.Spec)
	}
	for _, fix := range f.Fixes {
		p.fix(fix)
	}
}

func (p *page) fix(f diagnose.Fix) {
	risk := ""
	switch f.Risk {
	case diagnose.AddsTrust:
		risk = " (adds trust)"
	case diagnose.Weakens:
		risk = " (weakens the protection)"
	case diagnose.SystemRisk:
		risk = " (changes the system)"
	}
	how := ""
	if f.Automatic {
		how = "  --fix " + f.ID
	}
	p.line("  → %s%s%s", f.Title, risk, how)
	if !f.Automatic {
		p.wrapped("      ", f.Action.Text)
	}
}

// wrapped writes text within the width, and keeps the line breaks that it has.
func (p *page) wrapped(indent, text string) {
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len(indent)+len([]rune(line))+1+len([]rune(word)) > p.width {
				p.line("%s%s", indent, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		if line != "" {
			p.line("%s%s", indent, line)
		}
	}
}

// quoted is a word for a shell, for commands to copy.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	if os.PathSeparator == '\\' {
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
