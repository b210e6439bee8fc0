package ui

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/chain"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// tried is a window whose practice broker has a certificate for another name.
func tried(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, nil)
	r.app.Preferences().SetString(prefReports, t.TempDir())
	r.chooseFault("name-mismatch")
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(r.current.result, "name-mismatch") && r.current.trying == "" })
	test.Tap(r.tabs.Tab(diagnosisPage))
	return r
}

// saved waits for the bar that says so, and returns it and the file.
func (r *rig) saved(path string) (*widgets.Bar, string) {
	r.t.Helper()
	var bar *widgets.Bar
	r.until("the report to be saved", func() bool {
		for _, o := range r.bars.Objects {
			if b := o.(*widgets.Bar); strings.HasSuffix(b.Label.Text, path) {
				bar = b
			}
		}
		return bar != nil
	})
	data, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return bar, string(data)
}

// TestReport saves each form, asks before replacing a file, and copies what was saved as Markdown.
func TestReport(t *testing.T) {
	r := tried(t)
	dir := t.TempDir()
	for _, c := range []struct{ name, begins, holds string }{
		{"page.html", "<!DOCTYPE html>", "name-mismatch"}, {"ticket.md", "#", "name-mismatch"}, {"data.JSON", "{", `"attempt"`},
	} {
		test.Tap(r.diagnosis.save)
		p := r.diagnosis.reporter
		r.until("the folder of the last report", func() bool { return filepath.Dir(p.file.Entry.Text) == r.app.Preferences().String(prefReports) })
		if first := p.file.Entry.Text; filepath.Ext(first) != ".html" {
			t.Errorf("%s is offered", first)
		}
		path := filepath.Join(dir, c.name)
		p.file.Entry.SetText(path)
		if c.name == "page.html" {
			r.shoot("report")
		}
		test.Tap(p.save)
		_, text := r.saved(path)
		if !strings.HasPrefix(strings.ToLower(text), strings.ToLower(c.begins)) || !strings.Contains(text, c.holds) {
			t.Errorf("%s begins with %.60q", c.name, text)
		}
		if r.open != nil {
			t.Error("the dialog stays open")
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", c.name, info.Mode(), err)
		}
	}
	if r.app.Preferences().String(prefReports) != dir {
		t.Error("the folder is not remembered")
	}
	data, err := os.ReadFile(filepath.Join(dir, "data.JSON"))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := report.Read(data); err != nil || !has(&back.Result, "name-mismatch") {
		t.Errorf("the data reads back as %v, %v", back.Result.Findings, err)
	}
	r.shoot("report-saved")
	entries, _ := os.ReadDir(dir)
	if len(entries) != 3 {
		t.Errorf("%d files are left in the folder", len(entries))
	}
}

// TestReportAsksBeforeReplacing: a file that is there is left alone until the user says otherwise.
func TestReportAsksBeforeReplacing(t *testing.T) {
	r := tried(t)
	path := filepath.Join(t.TempDir(), "mine.md")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	test.Tap(r.diagnosis.save)
	p := r.diagnosis.reporter
	p.file.Entry.SetText(path)
	test.Tap(p.save)
	r.until("the question", func() bool { return r.asked != nil })
	r.asked.answer(false)
	if data, _ := os.ReadFile(path); string(data) != "mine" {
		t.Fatal("the file was replaced without being told to")
	}
	if r.open != p.dialog || p.save.Disabled() {
		t.Fatal("the dialog of the report cannot be used any more")
	}
	test.Tap(p.save)
	r.until("the question", func() bool { return r.asked != nil })
	test.Tap(r.asked.yes)
	if _, text := r.saved(path); !strings.Contains(text, "name-mismatch") {
		t.Errorf("the file holds %.60q", text)
	}
}

// TestReportMasked: with the check, neither the file nor the clipboard names the broker.
func TestReportMasked(t *testing.T) {
	r := tried(t)
	secret := strings.TrimPrefix(chain.Parse(r.current.attempt.TLS.Sent[0]).X.DNSNames[0], "*.")
	test.Tap(r.diagnosis.save)
	p := r.diagnosis.reporter
	path := filepath.Join(t.TempDir(), "masked.html")
	p.file.Entry.SetText(path)
	p.mask.SetChecked(true)
	test.Tap(p.save)
	bar, text := r.saved(path)
	if strings.Contains(text, secret) {
		t.Errorf("the page names %s", secret)
	}
	for name, want := range map[string]widgets.Tone{"x.json": widgets.Warn, "x.md": widgets.Neutral} {
		p.file.Entry.SetText(filepath.Join(t.TempDir(), name))
		if tone, said := p.file.Status(); tone != want {
			t.Errorf("%s, masked: %q", name, said)
		}
	}
	copied := func(tap func()) string {
		r.app.Clipboard().SetContent("")
		tap()
		r.until("the clipboard", func() bool { return r.app.Clipboard().Content() != "" })
		return r.app.Clipboard().Content()
	}
	if text := copied(func() { test.Tap(bar.Actions[0]) }); strings.Contains(text, secret) || !strings.Contains(text, "name-mismatch") {
		t.Errorf("the clipboard has %.80q", text)
	}
	test.Tap(r.diagnosis.save)
	p = r.diagnosis.reporter
	if text := copied(func() { test.Tap(p.copy) }); !strings.Contains(text, secret) {
		t.Error("without the check, the clipboard does not name the broker")
	}
	if !p.shut {
		t.Error("the dialog stays open")
	}
}

// TestReportRefusals: what cannot be written is said in the dialog, which stays open.
func TestReportRefusals(t *testing.T) {
	r := tried(t)
	test.Tap(r.diagnosis.save)
	p := r.diagnosis.reporter
	dir := t.TempDir()
	for _, path := range []string{"", filepath.Join(dir, "report"), filepath.Join(dir, "report.pdf")} {
		p.file.Entry.SetText(path)
		if tone, _ := p.file.Status(); !p.save.Disabled() || tone != widgets.Warn {
			t.Errorf("%q may be saved", path)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "nowhere", "report.md"), filepath.Join(dir, "folder.md")} {
		p.file.Entry.SetText(path)
		test.Tap(p.save)
		r.until("the reason", func() bool { return p.said.Visible() })
		if p.shut || p.save.Disabled() || strings.Contains(p.said.Text, ".mutual-report") {
			t.Errorf("the dialog says %q", p.said.Text)
		}
		t.Log(p.said.Text)
	}
}
