package report

import (
	"encoding/pem"
	"fmt"
	"strings"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// sheet is a report in words, ready to be set as HTML or Markdown. Whatever came from outside has gone through its
// writer's text, so that no renderer can forget to mask or to clean.
type sheet struct {
	Tone     tone
	Mark     string // the verdict in a word or two
	Verdict  string // in one sentence
	Cause    string // the first finding's title; empty: nothing stands in the way
	Target   string // "mqtts://broker.example:8883"
	Started  string
	Program  string
	Masked   bool
	Clients  string // those that had to accept too
	Stages   []stageRow
	Findings []findingCard
	Mine     []Link // the client certificate, where a finding is about it
	Links    []Link
	Verdicts []verdictRow
	Probes   []probeRow
	Details  []section
	PEMs     []pemBlock
	Notes    []string // what is in the report and what is not
}

type stageRow struct {
	Name, Note, Detail string // Note is how long it took, or why it took no time
	Tone               tone
}

type findingCard struct {
	Tone     tone
	Severity string
	ID       string
	Title    string
	Detail   string
	Refused  string // by whom
	Spec     string
	Facts    []row
	Fixes    []fixRow
}

type fixRow struct{ Title, Risk, Text string }

type verdictRow struct {
	Client, Said, Models string
	Tone                 tone
}

type probeRow struct {
	Question, Detail, Took string
	Tone                   tone
	Status                 string
}

// section is a table of the technical details.
type section struct {
	Title string
	Rows  []row
}

type row struct{ Name, Value string }

type pemBlock struct{ Title, Text string }

// writer turns a report into a sheet.
type writer struct {
	Report
	mask *mask // nil: nothing is masked
}

// text is foreign text as it may be shown.
func (w writer) text(s string) string { return clean(w.mask.text(s)) }

func (r Report) sheet(o Options) sheet {
	w := writer{Report: r}
	if o.Mask {
		w.mask = newMask(r.Attempt)
	}
	t, mark, _ := r.verdict()
	s := sheet{
		Masked: o.Mask, Tone: t, Mark: mark, Verdict: w.text(r.sentence()),
		Started: moment(r.Attempt.Started), Program: clean(r.Program), Clients: clean(strings.Join(clientNames(r.Clients), ", ")),
		Stages: w.stages(), Findings: w.findings(), Mine: w.cleaned(ClientLinks(r.Attempt, r.Result)), Links: w.cleaned(Links(r.Attempt, r.Result)), Verdicts: w.verdicts(), Probes: w.probes(),
		Details: w.details(), PEMs: w.pems(), Notes: w.notes(),
	}
	if r.Attempt.Target.Host != "" {
		s.Target = w.text(server(r.Attempt.Target).URL())
	}
	if len(r.Result.Findings) > 0 && r.Result.Findings[0].Severity != diagnose.Info {
		s.Cause = s.Findings[0].Title
	}
	return s
}

func (w writer) stages() (rows []stageRow) {
	details := w.stageDetails()
	for i, s := range stagesOf(w.Attempt) {
		r := stageRow{Name: s.name, Tone: neutral, Note: "not reached"}
		if s.stage != nil {
			r.Detail = w.text(details[i])
			switch s.stage.Status {
			case evidence.OK:
				r.Tone, r.Note = good, Took(s.stage.Duration)
			case evidence.Failed:
				r.Tone, r.Note = bad, join(", ", "stopped here", Took(s.stage.Duration))
			default:
				r.Note = "not needed"
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// stageDetails says in few words what each stage came to.
func (w writer) stageDetails() (d [5]string) {
	a := w.Attempt
	if a.Files != nil {
		d[0] = count(len(a.Files.Files), "file")
	}
	if a.Resolve != nil {
		d[1] = some(a.Resolve.Addresses, 2)
	}
	if a.Dial != nil {
		d[2] = a.Dial.Address
	}
	if t := a.TLS; t != nil {
		d[3] = join(", ", prefixed("TLS ", evidence.VersionName(t.Version)), alertWords(t.Alert))
	}
	if m := a.MQTT; m != nil {
		d[4] = "MQTT " + mqttVersion(m.Version)
		if m.ReasonCode != nil {
			d[4] = m.ReasonName()
		}
	}
	return d
}

func (w writer) findings() (cards []findingCard) {
	for _, f := range w.Result.Findings {
		c := findingCard{
			Tone: severityTone(f.Severity), Severity: string(f.Severity), ID: f.ID, Spec: f.Spec,
			Title: w.text(f.Title), Detail: w.text(f.Detail), Refused: clean(strings.Join(clientNames(f.Clients), ", ")),
		}
		if f.Subject.Setting != "" {
			c.Facts = append(c.Facts, row{"setting", w.text(f.Subject.Setting)})
		}
		for _, e := range f.Evidence {
			c.Facts = append(c.Facts, row{w.text(e.Name), w.text(e.Value)}) // a name may hold an address: "tried 192.0.2.7:8883"
		}
		for _, x := range f.Fixes {
			c.Fixes = append(c.Fixes, fixRow{w.text(x.Title), riskWords(x.Risk), w.text(x.Action.Text)})
		}
		cards = append(cards, c)
	}
	return cards
}

func riskWords(r diagnose.Risk) string {
	switch r {
	case diagnose.AddsTrust:
		return "adds trust"
	case diagnose.Weakens:
		return "weakens"
	case diagnose.SystemRisk:
		return "changes this computer"
	}
	return ""
}

func (w writer) cleaned(links []Link) []Link {
	for i := range links {
		l := &links[i]
		for _, s := range []*string{&l.Name, &l.Issuer, &l.From, &l.Fault} {
			*s = w.text(*s)
		}
	}
	return links
}

func (w writer) verdicts() (rows []verdictRow) {
	for _, v := range w.Result.Verdicts {
		r := verdictRow{Client: clean(ClientName(v.Client)), Said: w.text(said(v)), Tone: good}
		if !v.Accepted {
			r.Tone = bad
		}
		if j, ok := chain.Named(v.Client); ok {
			r.Models = j.Models()
		}
		rows = append(rows, r)
	}
	return rows
}

func (w writer) probes() (rows []probeRow) {
	for _, p := range w.Attempt.Probes {
		r := probeRow{Question: w.text(ProbeDoing(p.Name)), Detail: w.text(p.Detail), Took: Took(p.Duration), Tone: neutral, Status: "no"}
		if p.Status == evidence.OK {
			r.Tone, r.Status = note, "yes"
		}
		rows = append(rows, r)
	}
	return rows
}

// pems are the certificates that the server sent. A masked report leaves them out: whoever decodes one reads the names
// in it, and one that is changed is no evidence any more.
func (w writer) pems() (blocks []pemBlock) {
	if w.mask != nil || w.Attempt.TLS == nil {
		return nil
	}
	for i, c := range w.Attempt.TLS.Sent {
		name := w.text(NameOf(chain.Parse(c)))
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER})
		blocks = append(blocks, pemBlock{fmt.Sprintf("%d. %s", i+1, name), string(text)})
	}
	return blocks
}

func (w writer) notes() (notes []string) {
	notes = append(notes, "No password, passphrase, private key or message is in this report.")
	if w.mask != nil {
		notes = append(notes, maskedNote+" The certificates themselves are left out.")
	} else if w.Attempt.TLS != nil && len(w.Attempt.TLS.Sent) > 0 {
		notes = append(notes, "It names hosts, addresses, files and authorities, and holds the broker's certificates, which are public.")
	} else {
		notes = append(notes, "It names hosts, addresses and files.")
	}
	if w.Kept != "" {
		notes = append(notes, "It was written from a masked report. "+clean(w.Kept))
	}
	return notes
}

// count is "1 file", "2 files".
func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// some joins the first n of words and counts the rest.
func some(words []string, n int) string {
	if len(words) > n {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
	}
	return strings.Join(words, ", ")
}

// join joins what is not empty.
func join(separator string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, separator)
}

// prefixed is s behind a prefix, or nothing.
func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func alertWords(a *uint8) string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("alert %d (%s)", *a, evidence.AlertName(*a))
}
