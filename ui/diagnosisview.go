package ui

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// stagesOf words the stages of an attempt.
func stagesOf(a *evidence.Attempt) []widgets.Stage {
	parts := [5]*evidence.Stage{}
	if a.Files != nil {
		parts[0] = &a.Files.Stage
	}
	if a.Resolve != nil {
		parts[1] = &a.Resolve.Stage
	}
	if a.Dial != nil {
		parts[2] = &a.Dial.Stage
	}
	if a.TLS != nil {
		parts[3] = &a.TLS.Stage
	}
	if a.MQTT != nil {
		parts[4] = &a.MQTT.Stage
	}
	out := make([]widgets.Stage, len(parts))
	for i, p := range parts {
		out[i] = widgets.Stage{Name: stageNames[i], Note: "not reached"}
		if p == nil {
			continue
		}
		switch p.Status {
		case evidence.OK:
			out[i].Tone, out[i].Note = widgets.Good, report.Took(p.Duration)
		case evidence.Failed:
			out[i].Tone, out[i].Note = widgets.Bad, report.Took(p.Duration)
		default:
			out[i].Note = "not needed"
		}
	}
	return out
}

// linksOf draws the path from the end-entity certificate to the root, and what is missing at its end.
func linksOf(a *evidence.Attempt, r *diagnose.Result) []widgets.Link {
	path := r.Chain.Path
	if len(path) == 0 && a.TLS != nil {
		for _, c := range a.TLS.Sent {
			path = append(path, chain.Parse(c))
		}
	}
	var out []widgets.Link
	for i, c := range path {
		out = append(out, linkOf(c, i, len(path), r))
	}
	if missing, ok := missingLink(path, r); ok {
		out = append(out, missing)
	}
	return out
}

func linkOf(c chain.Certificate, i, n int, r *diagnose.Result) widgets.Link {
	l := widgets.Link{Name: report.NameOf(c), From: report.SourceWords(c.Certificate), Tone: widgets.Good}
	if c.X != nil {
		l.Dates = report.Day(c.X.NotBefore) + " to " + report.Day(c.X.NotAfter)
		if !c.SelfSigned() {
			l.Issuer = report.ShortName(c.Issuer())
		}
	}
	for _, f := range r.Chain.Faults {
		finding, shown := findingOf(f, r)
		if f.Index != i || !shown || finding.Severity == diagnose.Info {
			continue // what is only worth knowing is told on the finding's own card
		}
		if i == n-1 && !r.Chain.Anchored && issuerMissing(f, c) {
			continue
		}
		l.Tone, l.Fault = widgets.SeverityTone(finding.Severity), finding.Title
		break
	}
	if l.Fault == "" { // what is no fault of the path, such as an end that is near
		if f, ok := findingAbout(c, r); ok {
			l.Tone, l.Fault = widgets.SeverityTone(f.Severity), f.Title
		}
	}
	l.Role = roleOf(c, i, n, r.Chain.Anchored, l.Tone != widgets.Good)
	if !r.Chain.Anchored && i == n-1 && l.Tone == widgets.Good {
		l.Tone = widgets.Neutral
	}
	return l
}

func roleOf(c chain.Certificate, i, n int, anchored, faulty bool) string {
	switch {
	case i == 0 && n == 1 && c.SelfSigned():
		return "Broker's certificate, signed by itself"
	case i == 0:
		return "Broker's certificate"
	case i == n-1 && anchored && c.SelfSigned():
		return "Root, trusted"
	case i == n-1 && anchored && faulty:
		return "Trusted, but not a root"
	case i == n-1 && anchored:
		return "Trusted"
	case c.SelfSigned():
		return "Root, not trusted"
	}
	return "Intermediate"
}

// findingOf is the finding that words a fault. There is none where another one says it all.
func findingOf(f chain.Fault, r *diagnose.Result) (diagnose.Finding, bool) {
	sum := hex.EncodeToString(f.Certificate.SHA256[:])
	for _, x := range r.Findings {
		if x.ID == f.ID && x.Subject.SHA256 == sum {
			return x, true
		}
	}
	return diagnose.Finding{}, false
}

// issuerMissing says that a fault of the path's last certificate is that its issuer is not there, which is drawn as a
// card of its own behind it.
func issuerMissing(f chain.Fault, last chain.Certificate) bool {
	return !last.SelfSigned() && (f.IssuerName != "" || f.Issuer.X != nil)
}

// missingLink is the certificate that should follow the last one of the path.
func missingLink(path []chain.Certificate, r *diagnose.Result) (widgets.Link, bool) {
	if len(path) == 0 {
		return widgets.Link{}, false
	}
	last := len(path) - 1
	for _, f := range r.Chain.Faults {
		if f.Index != last || !issuerMissing(f, path[last]) {
			continue
		}
		l := widgets.Link{Role: "Missing", Name: report.ShortName(f.IssuerName), Tone: widgets.Warn, Missing: true, From: "not sent, and in no trusted source"}
		if finding, ok := findingOf(f, r); ok {
			l.Tone = widgets.SeverityTone(finding.Severity)
		}
		if f.Issuer.X != nil {
			l.Name, l.From = report.NameOf(f.Issuer), "not trusted here; "+report.SourceWords(f.Issuer.Certificate)
			l.Dates = report.Day(f.Issuer.X.NotBefore) + " to " + report.Day(f.Issuer.X.NotAfter)
		} else if len(f.IssuerKeyID) > 0 {
			l.Fault = fmt.Sprintf("Key identifier %X", f.IssuerKeyID)
		}
		return l, true
	}
	return widgets.Link{}, false
}

// verdictRows lists what each modelled client would say.
func verdictRows(vs []chain.Verdict) fyne.CanvasObject {
	if len(vs) == 0 {
		return nil
	}
	rows := widgets.NewRows(6)
	for _, v := range vs {
		tone, text := widgets.Good, verdictWords(v)
		if !v.Accepted {
			tone = widgets.Bad
		}
		name := widgets.Heading(report.ClientName(v.Client), "")
		said := widgets.NewText(text)
		said.Color, said.Cut, said.Limit = tone.Strong(), true, 460
		rows.Add(container.NewBorder(nil, nil, container.NewHBox(widget.NewIcon(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong())), name), nil, said))
	}
	return widgets.NewCard(rows)
}

// verdictWords is what a client says, in its own words.
func verdictWords(v chain.Verdict) string {
	if v.Accepted {
		return "accepts"
	}
	if _, err := strconv.Atoi(v.Code); err == nil { // a number that people look for; Go has the names of its types
		return "refuses: error " + v.Code + ", " + v.Text
	}
	return "refuses: " + v.Text
}

// verdictText is all verdicts, to be copied.
func verdictText(vs []chain.Verdict) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, "%s %s\n", report.ClientName(v.Client), verdictWords(v))
	}
	return b.String()
}

// findingText is all of a finding, to be copied.
func findingText(f diagnose.Finding) string {
	var b strings.Builder
	for _, s := range []string{f.Title, f.Detail, upperFirst(refusedBy(f))} {
		if s != "" {
			fmt.Fprintln(&b, s)
		}
	}
	for _, e := range f.Evidence {
		fmt.Fprintf(&b, "%s: %s\n", e.Name, e.Value)
	}
	if f.Spec != "" {
		fmt.Fprintln(&b, f.Spec)
	}
	fmt.Fprintf(&b, "(%s %s)\n", f.Severity, f.ID)
	return b.String()
}

// technicalText is everything that was seen: it holds no secret, as evidence has no field for one.
func technicalText(a *evidence.Attempt, r *diagnose.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s  %s\n  %s\n", f.Severity, f.ID, f.Title)
	}
	for _, v := range r.Verdicts {
		fmt.Fprintf(&b, "%s: accepted %v %s %s (depth %d)\n", v.Client, v.Accepted, v.Code, v.Text, v.Depth)
	}
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return b.String()
	}
	return b.String() + "\n" + string(data)
}
