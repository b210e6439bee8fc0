package ui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/report"
	"mutual/ui/widgets"
)

// prefReports is the key of the folder that the last report was saved in.
const prefReports = "reports.folder"

// reporter is the dialog that saves a report.
type reporter struct {
	w      *Window
	report report.Report
	file   *widgets.FileField
	folder string // where a bare name goes
	mask   *widget.Check
	save   *widget.Button
	copy   *widget.Button
	said   *widget.Label
	busy   *widget.ProgressBarInfinite
	dialog *dialog.CustomDialog
	ctx    context.Context
	shut   bool
}

func (d *diagnosis) onReport() {
	if d.conn != nil && d.conn.result != nil {
		d.reporter = d.w.reportDialog(d.w.report(d.conn))
	}
}

func (w *Window) reportDialog(r report.Report) *reporter {
	ctx, stop := context.WithCancel(w.env.ctx)
	p := &reporter{w: w, report: r, ctx: ctx}
	p.buildUI()
	w.showDialog(p.dialog, func() { p.shut = true; stop() })
	w.win.Canvas().Focus(p.file.Entry)
	return p
}

func (p *reporter) buildUI() {
	p.file = widgets.NewFileField("File to write", p.onBrowse, nil)
	p.file.OnChanged = func(string) { p.check() }
	p.file.Entry.OnSubmitted = func(string) {
		if !p.save.Disabled() {
			p.onSave(false)
		}
	}
	p.file.Entry.OnEscape = p.close
	p.mask = widget.NewCheck("Mask names and addresses", func(bool) { p.check() })
	p.said = widget.NewLabel("")
	p.said.Wrapping, p.said.Importance = fyne.TextWrapWord, widget.DangerImportance
	p.said.Hide()
	p.busy = widget.NewProgressBarInfinite()
	p.busy.Hide()
	p.save = widget.NewButtonWithIcon("Save", theme.DocumentSaveIcon(), func() { p.onSave(false) })
	p.save.Importance = widget.HighImportance
	p.copy = widget.NewButtonWithIcon("Copy as Markdown", theme.ContentCopyIcon(), func() { p.w.copyReport(p.report, p.options(), p.close) })
	masking := widgets.Muted("Stand-ins take the place of hosts, addresses, files and people; the same name gets the same one.")
	rows := widgets.NewRows(8,
		paragraph("A report says what was tried, what was seen and what is in the way, for somebody else to read. It holds no passwords and no keys."),
		p.file, widgets.NewRows(-4, p.mask, widgets.NewPadded(0, 0, 36, 0, masking)), p.said, p.busy, container.NewHBox())
	// the empty row keeps the buttons off the text
	p.dialog = dialog.NewCustomWithoutButtons("Save a report", widgets.NewFixedWidth(dialogWidth+40, rows), p.w.win)
	p.dialog.SetButtons([]fyne.CanvasObject{widget.NewButton("Cancel", p.close), p.copy, p.save})
	p.suggestFolder()
}

// suggestFolder fills in where the last report went, if that is still there, else the user's own folder.
func (p *reporter) suggestFolder() {
	own, err := os.UserHomeDir()
	if err != nil {
		own = p.w.dir
	}
	use := func(folder string) {
		p.folder = folder
		p.file.Entry.SetText(filepath.Join(folder, reportName(p.report)))
	}
	use(own)
	last, before := p.w.app.Preferences().String(prefReports), p.file.Entry.Text
	if last == "" {
		return
	}
	run(p.w.env.async, p.w.env.ctx, func(context.Context) bool { return isFolder(last) }, func(there bool) {
		if there && p.file.Entry.Text == before {
			use(last)
		}
	})
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (p *reporter) close() { p.dialog.Hide() }

func (p *reporter) options() report.Options { return report.Options{Mask: p.mask.Checked} }

// path is where to write. A bare name goes to the folder of the reports, not to wherever the program was started.
func (p *reporter) path() string {
	path := strings.TrimSpace(p.file.Entry.Text)
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(p.folder, path)
	}
	return path
}

// check says below the name what would be written.
func (p *reporter) check() {
	form, ok := reportFormOf(p.path())
	p.say("")
	if !ok {
		p.file.SetStatus(widgets.Warn, "The ending says what is written: .html, .md or .json.")
		p.save.Disable()
		return
	}
	if p.mask.Checked && form.namesStay {
		p.file.SetStatus(widgets.Warn, form.what+" The names in the certificates stay: changed, they could not be judged.")
	} else {
		p.file.SetStatus(widgets.Neutral, form.what)
	}
	p.save.Enable()
}

func (p *reporter) say(text string) {
	p.said.SetText(text)
	setVisible(p.said, text != "")
}

// onBrowse chooses the folder; the name stays.
func (p *reporter) onBrowse() {
	now := p.path()
	name := filepath.Base(now)
	if now == "" {
		name = reportName(p.report)
	}
	p.w.browseFolder(filepath.Dir(now), func(folder string) { p.file.Entry.SetText(filepath.Join(folder, name)) })
}

func (p *reporter) working(on bool) {
	setVisible(p.busy, on)
	p.file.SetDisabled(on)
	for _, w := range []fyne.Disableable{p.mask, p.copy, p.save} {
		if on {
			w.Disable()
		} else {
			w.Enable()
		}
	}
}

func (p *reporter) onSave(overwrite bool) {
	path, r, o := p.path(), p.report, p.options()
	p.say("")
	p.working(true)
	run(p.w.env.async, p.ctx, func(ctx context.Context) error { return saveReport(ctx, path, r, o, overwrite) }, func(err error) {
		p.working(false)
		if p.shut && err != nil {
			return
		}
		switch {
		case errors.Is(err, errFileThere):
			p.askOverwrite(path)
		case err != nil:
			p.say("The report was not saved: " + plainReason(err) + ".")
		default:
			p.close()
			p.w.app.Preferences().SetString(prefReports, filepath.Dir(path))
			p.w.savedReport(path, r, o)
		}
	})
}

// plainReason leaves out the name of a temporary file, which nobody has seen.
func plainReason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return "in the folder " + filepath.Dir(at.Path) + ": " + at.Err.Error()
	}
	return err.Error()
}

func (p *reporter) askOverwrite(path string) {
	text := "There is a file " + filepath.Base(path) + " in " + filepath.Dir(path) + " already. The report would take its place."
	p.w.question("Replace the file?", "Replace it", "Keep it", paragraph(text), widget.DangerImportance, func(yes bool) {
		if yes {
			p.onSave(true)
		}
	})
}

// savedReport says where it is, and offers it for pasting too.
func (w *Window) savedReport(path string, r report.Report, o report.Options) {
	what := "The report is saved: "
	if o.Mask {
		what = "The report is saved, masked: "
	}
	w.tell(widgets.Good, what+path, widget.NewButtonWithIcon("Copy as Markdown", theme.ContentCopyIcon(), func() { w.copyReport(r, o, nil) }))
}

// copyReport puts the Markdown form on the clipboard; then, if not nil, runs once it is there.
func (w *Window) copyReport(r report.Report, o report.Options, then func()) {
	type written struct {
		text []byte
		err  error
	}
	run(w.env.async, w.env.ctx, func(context.Context) written {
		text, err := r.Markdown(o)
		return written{text, err}
	}, func(m written) {
		if m.err != nil {
			w.tell(widgets.Bad, "The report was not copied: "+m.err.Error()+".")
			return
		}
		w.app.Clipboard().SetContent(string(m.text))
		if then != nil {
			then()
		}
		w.tell(widgets.Good, "The report is on the clipboard, as Markdown.")
	})
}

func newReportButton(d *diagnosis) *widget.Button {
	return widget.NewButtonWithIcon("Report…", theme.DocumentSaveIcon(), d.onReport)
}
