package ui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/exchange"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// prefExports is the key of the folder of the last export: not that of imports, which may be another program's own.
const prefExports = "exports.folder"

// exporter is the dialog that writes connections to a file.
type exporter struct {
	w      *Window
	list   []*connection
	file   *widgets.FileField
	folder string // where a bare name goes
	save   *widget.Button
	said   *widget.Label
	busy   *widget.ProgressBarInfinite
	dialog *dialog.CustomDialog
	ctx    context.Context
	shut   bool
}

// onExportCurrent exports the connection that is shown.
func (w *Window) onExportCurrent() {
	if w.current == nil {
		w.tell(widgets.Neutral, "There is no connection yet to export. Make one, or import one.")
		return
	}
	w.onExport(w.current)
}

// onExport exports one connection.
func (w *Window) onExport(c *connection) {
	if c.profile.Practice {
		w.tell(widgets.Neutral, "The practice broker needs no export: every Mutual has one. Choose or add another connection to export yours.")
		return
	}
	w.export(c)
}

// onExportAll exports all but the practice broker.
func (w *Window) onExportAll() {
	list := slices.DeleteFunc(w.byName(), func(c *connection) bool { return c.profile.Practice })
	if len(list) == 0 {
		w.tell(widgets.Neutral, "There is no connection of your own yet to export. Make one, or import one.")
		return
	}
	w.export(list...)
}

func (w *Window) export(list ...*connection) {
	if w.open != nil { // the menu works while a dialog is open
		return
	}
	w.settings.leave()
	ctx, stop := context.WithCancel(w.env.ctx)
	x := &exporter{w: w, list: list, ctx: ctx}
	w.exporting = x
	x.buildUI()
	w.showDialog(x.dialog, func() {
		x.shut = true
		stop()
	})
	w.win.Canvas().Focus(x.file.Entry)
}

func (x *exporter) buildUI() {
	title, what := "Export “"+cutTo(x.list[0].profile.Name, longestName)+"”", "its settings"
	if len(x.list) > 1 {
		title, what = "Export "+counted(len(x.list), "connection"), "their settings"
	}
	x.file = widgets.NewFileField("File to write", x.onBrowse, nil)
	x.file.OnChanged = func(string) { x.check() }
	x.file.Entry.OnSubmitted = func(string) { x.onSave(false) }
	x.file.Entry.OnEscape = x.close
	x.said = wrapped("")
	x.said.Importance = widget.DangerImportance
	x.said.Hide()
	x.busy = widget.NewProgressBarInfinite()
	x.busy.Hide()
	x.save = widget.NewButtonWithIcon("Export", theme.DocumentSaveIcon(), func() { x.onSave(false) })
	x.save.Importance = widget.HighImportance
	text := "The file holds all of " + what + ", for another computer or another person: there, File, Import connections reads it. " +
		"Passwords and passphrases are not in it. Certificates and keys are named by their paths: hand them on yourself."
	rows := widgets.NewRows(8, paragraph(text), x.file, x.said, x.busy, container.NewHBox()) // the empty row keeps the buttons off the text
	x.dialog = dialog.NewCustomWithoutButtons(title, widgets.NewFixedWidth(dialogWidth+40, rows), x.w.win)
	x.dialog.SetButtons([]fyne.CanvasObject{widget.NewButton("Cancel", x.close), x.save})
	x.suggestFolder()
}

func (x *exporter) close() { x.dialog.Hide() }

// suggestFolder fills in the folder of the last file, if that is still there, else the user's own.
func (x *exporter) suggestFolder() {
	name := "connections.json"
	if len(x.list) == 1 {
		name = exchange.FileName(x.list[0].profile.Name)
	}
	own, err := os.UserHomeDir()
	if err != nil {
		own = x.w.dir
	}
	use := func(folder string) {
		x.folder = folder
		x.file.Entry.SetText(filepath.Join(folder, name))
	}
	use(own)
	last, before := x.w.app.Preferences().String(prefExports), x.file.Entry.Text
	if last == "" {
		return
	}
	run(x.w.env.async, x.ctx, func(context.Context) bool { return isFolder(last) }, func(there bool) {
		if there && x.file.Entry.Text == before {
			use(last)
		}
	})
}

// path is where to write. A bare name goes to the folder that was suggested, not to wherever the program was started.
func (x *exporter) path() string {
	path := strings.TrimSpace(x.file.Entry.Text)
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(x.folder, path)
	}
	return path
}

// onBrowse chooses the folder; the name stays.
func (x *exporter) onBrowse() {
	now := x.path()
	x.w.browseFolder(filepath.Dir(now), func(folder string) { x.file.Entry.SetText(filepath.Join(folder, filepath.Base(now))) })
}

// check is called when another name is typed.
func (x *exporter) check() {
	x.say("")
	if x.path() == "" {
		x.save.Disable()
	} else {
		x.save.Enable()
	}
}

func (x *exporter) say(text string) {
	x.said.SetText(text)
	setVisible(x.said, text != "")
}

func (x *exporter) working(on bool) {
	setVisible(x.busy, on)
	x.file.SetDisabled(on)
	if on {
		x.save.Disable()
	} else {
		x.save.Enable()
	}
}

func (x *exporter) onSave(overwrite bool) {
	path := x.path()
	if path == "" || x.busy.Visible() {
		return
	}
	var list []profile.Profile
	for _, c := range x.list {
		list = append(list, c.profile.Clone())
	}
	x.say("")
	x.working(true)
	run(x.w.env.async, x.ctx, func(ctx context.Context) error { return writeExport(ctx, path, list, overwrite) }, func(err error) {
		x.working(false)
		if x.shut && err != nil {
			return
		}
		switch {
		case errors.Is(err, errFileThere):
			x.askOverwrite(path)
		case err != nil:
			x.say("Nothing was exported: " + sentenceOf(plainReason(err)) + " Choose another folder or name.")
		default:
			x.close()
			x.w.app.Preferences().SetString(prefExports, filepath.Dir(path))
			x.w.tell(widgets.Good, exportedWords(list, path))
		}
	})
}

// writeExport writes a file, which only its owner may read: it names hosts and users.
func writeExport(ctx context.Context, path string, list []profile.Profile, overwrite bool) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return &fs.PathError{Op: "write", Path: filepath.Join(path, "name"), Err: errors.New("the name of the file is missing")}
	case !overwrite:
		return errFileThere
	}
	data, err := encodeExport(list)
	if err != nil {
		return err
	}
	return placeFile(ctx, path, data, overwrite)
}

func encodeExport(list []profile.Profile) ([]byte, error) {
	if len(list) == 1 {
		return exchange.Write(list[0])
	}
	return exchange.WriteAll(list)
}

func exportedWords(list []profile.Profile, path string) string {
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	return "Exported to " + path + ": " + listed(names) + ". Passwords are not in it."
}

func (x *exporter) askOverwrite(path string) {
	text := "There is a file " + filepath.Base(path) + " in " + filepath.Dir(path) + " already. The export would take its place."
	x.w.question("Replace the file?", "Replace it", "Keep it", paragraph(text), widget.DangerImportance, func(yes bool) {
		if yes {
			x.onSave(true)
		}
	})
}
