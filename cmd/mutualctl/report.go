package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"mutual/core/evidence"
)

// report is a saved attempt: everything that was seen, so that it can be judged again. It holds no secret, because
// evidence has no field for one.
type report struct {
	Schema  int               `json:"schema"`
	Clients []string          `json:"clients,omitempty"` // those that had to accept too
	Attempt *evidence.Attempt `json:"attempt"`
}

// maxReport bounds what --replay reads. A report of a server that sends a hundred certificates has about 1 MiB.
const maxReport = 64 << 20

// reportFormat is the ending of a report's name.
func reportFormat(path string) (string, error) {
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".json", ".md":
		return ending, nil
	case ".html", ".htm":
		return "", usage("--report FILE.md", "a report as HTML is not in this version")
	}
	return "", usage("--report FILE.json", "%s does not end in .json or .md, so it does not say what to write", path)
}

// writeReport writes a as the ending of path says, all or nothing. A report of the same name is replaced: the command
// line names it.
func writeReport(path string, a attempt, o object) error {
	format, err := reportFormat(path)
	if err != nil {
		return err
	}
	data := markdown(o, a.conclusion())
	if format == ".json" {
		if data, err = indented(report{schema, a.clients, a.evidence}); err != nil {
			return fmt.Errorf("writing the report %s: %w", path, err)
		}
	}
	// 0600: a report names hosts, files and authorities that are nobody else's business until it is sent.
	if err := replaceFile(path, data, 0o600); err != nil {
		return usage("", "writing the report %s: %s", path, reason(err))
	}
	return nil
}

// readReport reads what writeReport wrote as JSON.
func readReport(path string) (report, error) {
	data, err := readLimited(path, maxReport)
	if err != nil {
		return report{}, usage("", "reading the report: %s", reason(err))
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		return r, usage("a report is written by diagnose --report FILE.json", "reading the report %s: %s", path, err)
	}
	if r.Schema == 0 && r.Attempt == nil { // an attempt by itself, as programs that use core write it
		var bare evidence.Attempt
		if err := json.Unmarshal(data, &bare); err == nil && !bare.Started.IsZero() {
			return report{Schema: schema, Attempt: &bare}, nil
		}
	}
	switch {
	case r.Schema > schema:
		return r, usage("use the version of mutualctl that wrote it", "the report %s is of a newer format (%d) than this version reads (%d)", path, r.Schema, schema)
	case r.Schema < 1 || r.Attempt == nil:
		return r, usage("a report is written by diagnose --report FILE.json", "%s holds JSON, but no report", path)
	}
	return r, nil
}

// markdown is the page for people, for a ticket.
func markdown(o object, conclusion string) []byte {
	var b bytes.Buffer
	title := "Certificates"
	if o.Target != nil {
		title = "Connection to " + o.Target.URL
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", title, conclusion)
	for _, f := range o.Findings {
		fmt.Fprintf(&b, "\n## %s: %s\n\n**%s**\n\n%s\n", f.Severity, f.ID, escaped(f.Title), escaped(f.Detail))
		if len(f.Clients) > 0 {
			fmt.Fprintf(&b, "\nRefused by: %s\n", strings.Join(f.Clients, ", "))
		}
		if len(f.Evidence)+len(f.Fixes) > 0 {
			b.WriteString("\n")
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "- %s: %s\n", escaped(e.Name), code(e.Value))
		}
		for _, fix := range f.Fixes {
			fmt.Fprintf(&b, "- → %s\n", escaped(strings.TrimSpace(fix.Title+". "+fix.Action.Text)))
		}
	}
	rest := &page{out: &b, width: 100}
	b.WriteString("\n## What was seen\n\n```text\n")
	rest.stages(o.Stages)
	for _, part := range []struct {
		there bool
		write func()
	}{
		{len(o.Chain) > 0, func() { rest.chain(o) }},
		{len(o.Verdicts) > 0, func() { rest.verdicts(o.Verdicts) }},
		{len(o.Probes) > 0, func() { rest.probes(o.Probes) }},
	} {
		if part.there {
			b.WriteString("\n")
			part.write()
		}
	}
	b.WriteString("```\n")
	return b.Bytes()
}

// escaped keeps what a server or a file says from being read as Markdown or HTML.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*_[]<>#|", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// code is a value as Markdown code, which cannot hold the character that ends it.
func code(value string) string {
	return "`" + strings.NewReplacer("`", "'", "\n", " ", "\r", " ").Replace(value) + "`"
}
