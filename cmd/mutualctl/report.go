package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"mutual/core/report"
)

// reportWriters are the formats by the ending of a report's name.
var reportWriters = map[string]func(report.Report, report.Options) ([]byte, error){
	".html": report.Report.HTML,
	".htm":  report.Report.HTML,
	".md":   report.Report.Markdown,
	".json": report.Report.JSON,
}

func reportWriter(path string) (func(report.Report, report.Options) ([]byte, error), error) {
	write, ok := reportWriters[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return nil, usage("--report FILE.html", "%s does not end in .html, .md or .json, so it does not say what to write", path)
	}
	return write, nil
}

// writeReport writes a as the ending of path says, all or nothing. A report of the same name is replaced: the command
// line names it.
func writeReport(path string, a attempt, mask bool) error {
	write, err := reportWriter(path)
	if err != nil {
		return err
	}
	data, err := write(a.report(), report.Options{Mask: mask})
	if err != nil {
		return usage("", "writing the report %s: %s", path, err)
	}
	// 0600: a report names hosts, files and authorities that are nobody else's business until it is sent.
	if err := replaceFile(path, data, 0o600); err != nil {
		return usage("", "writing the report %s: %s", path, reason(err))
	}
	return nil
}

// report is a with what a report says besides.
func (a attempt) report() report.Report {
	return report.Report{Attempt: a.evidence, Result: a.result, Clients: a.clients, Program: "mutualctl " + thisBuild().Version, Kept: a.kept}
}

// readReport reads a report that was saved as JSON; "-" is standard input.
func (t *terminal) readReport(ctx context.Context, path string) (report.Report, error) {
	data, err := t.readFile(ctx, path, report.MaxSize)
	if err := interruption(ctx); err != nil {
		return report.Report{}, err
	}
	if err != nil {
		return report.Report{}, usage("", "reading the report: %s", reason(err))
	}
	r, err := report.Read(data)
	var newer report.NewerError
	switch {
	case errors.As(err, &newer):
		return r, usage("use the version of mutualctl that wrote it", "the report %s is %s", path, newer)
	case err != nil:
		return r, usage("a report is written by diagnose --report FILE.json", "reading the report %s: %s", path, err)
	}
	return r, nil
}
