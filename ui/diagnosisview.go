package ui

import (
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
		said.Color, said.Cut, said.Limit = tone.Strong(), true, 200
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
	for _, s := range []string{f.Title, f.Detail, upperFirst(strings.Join(refusedBy(f), ", "))} {
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
