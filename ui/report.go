package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mutual/core/report"
)

// reportForm is one of the forms a report can have.
type reportForm struct {
	write func(report.Report, report.Options) ([]byte, error)
	what  string // what it is good for
	// namesStay: masking leaves the names in the certificates, see report.Report.JSON
	namesStay bool
}

// reportForms are the forms by the ending of the file's name.
var reportForms = map[string]reportForm{
	".html": {write: report.Report.HTML, what: "A page to read, to print and to send."},
	".htm":  {write: report.Report.HTML, what: "A page to read, to print and to send."},
	".md":   {write: report.Report.Markdown, what: "Text for a ticket, in Markdown."},
	".json": {write: report.Report.JSON, what: "Data that mutualctl diagnose --replay judges again without a network.", namesStay: true},
}

// reportFormOf finds the form that path asks for.
func reportFormOf(path string) (reportForm, bool) {
	f, ok := reportForms[strings.ToLower(filepath.Ext(path))]
	return f, ok
}

// report is what is shown of c, to be handed to somebody else.
func (w *Window) report(c *connection) report.Report {
	return report.Report{Attempt: c.attempt, Result: *c.result, Clients: c.effective().AlsoFor, Program: strings.TrimSpace("Mutual " + w.app.Metadata().Version)}
}

// errFileThere says that a file has the name already, and that nobody said to replace it.
var errFileThere = errors.New("a file has that name already")

// saveReport writes r where path says, all or nothing. Without overwrite a file that is there is errFileThere.
func saveReport(ctx context.Context, path string, r report.Report, o report.Options, overwrite bool) error {
	form, ok := reportFormOf(path)
	if !ok {
		return errors.New("the name does not end in .html, .md or .json")
	}
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case !overwrite:
		return errFileThere
	}
	data, err := form.write(r, o)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return placeFile(ctx, path, data, overwrite)
}

// placeFile writes a file beside path and gives it its name when it is whole. Only the owner may read it: a report names
// hosts, files and authorities that are nobody else's business until it is sent.
func placeFile(ctx context.Context, path string, data []byte, overwrite bool) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".mutual-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there any more once it is renamed
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close(), ctx.Err())
	if err != nil {
		return err
	}
	if overwrite {
		return os.Rename(f.Name(), path)
	}
	err = os.Link(f.Name(), path) // fails where the name has been taken meanwhile
	if err == nil {
		return nil
	}
	if _, there := os.Lstat(path); there == nil {
		return errFileThere
	}
	return os.Rename(f.Name(), path) // a file system without links
}

// reportName is the name first offered: the time of the attempt tells one report from the next, and names nobody.
func reportName(r report.Report) string {
	return "mutual-report-" + r.Attempt.Started.Local().Format("2006-01-02-150405") + ".html"
}
