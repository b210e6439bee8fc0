package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// What is remembered of imports: the folder of the last file, and whether passwords were kept.
const (
	prefImports = "imports.folder"
	prefSecrets = "imports.secrets"
)

// importer is the dialog that shows what exported files hold, and imports what is chosen.
type importer struct {
	w       *Window
	file    *widgets.FileField
	more    []string // files that were dropped together with the one in the field
	hint    *fyne.Container
	own     *widget.Button // MQTT Explorer's settings on this computer
	rows    []*importRow
	list    *fyne.Container
	scroll  *container.Scroll
	secrets *widget.Check
	keeping *fyne.Container
	folder  *widgets.FileField
	placing *fyne.Container
	said    *widget.Label
	busy    *widget.ProgressBarInfinite
	take    *widget.Button
	box     *fyne.Container
	dialog  *dialog.CustomDialog

	ctx     context.Context
	shut    bool
	reading context.CancelFunc // nil: nothing is being read
	writing bool
}

// onImport asks for a file.
func (w *Window) onImport() { w.importFrom() }

// importFrom shows what the files hold; with none, it asks for one.
func (w *Window) importFrom(paths ...string) {
	if w.open != nil { // the menu works while a dialog is open
		return
	}
	w.settings.leave()
	ctx, stop := context.WithCancel(w.env.ctx)
	i := &importer{w: w, ctx: ctx}
	w.importing = i
	i.buildUI()
	w.showDialog(i.dialog, func() {
		i.shut = true
		stop()
		w.importing = nil // it holds the passwords and keys of the file
	})
	i.fit()
	w.win.Canvas().Focus(i.file.Entry)
	i.offerOwn()
	i.dropped(paths)
}

func (i *importer) buildUI() {
	w := i.w
	i.file = widgets.NewFileField("File of connections; drop it here", i.onBrowse, nil)
	i.file.OnChanged = func(string) {
		i.more = nil
		i.read()
	}
	i.file.Entry.OnEscape, i.file.Entry.OnSubmitted = i.close, func(string) { i.onImport() }
	i.own = widget.NewButton("Take MQTT Explorer's own settings", func() { i.file.Entry.SetText(explorerSettings()) })
	i.own.Hide()
	i.hint = widgets.NewRows(8, wrapped(whereExports), container.NewHBox(i.own))
	i.list = widgets.NewRows(8)
	i.scroll = container.NewVScroll(widgets.NewPadded(0, 0, 0, 14, i.list))
	i.secrets = widget.NewCheck("", nil)
	i.secrets.Checked = w.app.Preferences().Bool(prefSecrets)
	i.keeping = widgets.NewRows(-4, i.secrets, widgets.NewPadded(0, 0, 36, 0,
		widgets.Muted("In the keyring of this computer, or in an encrypted file where it has none. Without the tick, none is kept.").CutTo(0)))
	i.folder = widgets.NewFileField("Folder", func() {
		w.browseFolder(i.folder.Entry.Text, func(path string) { i.folder.Entry.SetText(path) })
	}, nil)
	i.folder.Folder = true
	i.folder.Entry.SetText(filepath.Join(w.dir, "certificates"))
	i.folder.Entry.OnEscape = i.close
	i.placing = labelled("The certificates and keys of the file go to a folder for each connection, in", i.folder)
	i.said = wrapped("")
	i.said.Importance = widget.DangerImportance
	i.said.Hide()
	i.folder.OnChanged = func(string) { i.say("") }
	i.busy = widget.NewProgressBarInfinite()
	i.busy.Hide()
	i.take = widget.NewButtonWithIcon("Import", theme.DownloadIcon(), i.onImport)
	i.take.Importance = widget.HighImportance
	top := widgets.NewRows(6, i.file, i.busy, i.hint)
	i.box = container.NewBorder(top, widgets.NewRows(8, i.keeping, i.placing, i.said, container.NewHBox()), nil, nil, i.scroll)
	i.dialog = dialog.NewCustomWithoutButtons("Import connections", i.box, w.win)
	i.dialog.SetButtons([]fyne.CanvasObject{widget.NewButton("Cancel", i.close), i.take})
	i.show()
}

func (i *importer) close() { i.dialog.Hide() }

// explorerSettings is where MQTT Explorer keeps its connections, as a program made with Electron.
func explorerSettings() string {
	folder, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "MQTT-Explorer", "settings.json")
}

// offerOwn offers MQTT Explorer's settings where they are on this computer.
func (i *importer) offerOwn() {
	path := explorerSettings()
	run(i.w.env.async, i.ctx, func(context.Context) bool { return isFile(path) }, func(there bool) {
		setVisible(i.own, there)
		i.hint.Refresh()
	})
}

func (i *importer) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	return i.box, []*widgets.FileField{i.file, i.folder}
}

// dropped shows what other files hold, or the same ones by now.
func (i *importer) dropped(paths []string) {
	if len(paths) == 0 || i.writing {
		return
	}
	i.file.Entry.SetText(paths[0])
	i.more = paths[1:]
	i.read()
}

func (i *importer) onBrowse() {
	now := i.path()
	if now == "" {
		now = filepath.Join(i.w.app.Preferences().String(prefImports), "connections.json")
	}
	i.w.browse(now, func(path string) { i.file.Entry.SetText(path) })
}

// path is the file that is named. One without a folder is in that of the last file.
func (i *importer) path() string {
	path := strings.TrimSpace(i.file.Entry.Text)
	if folder := i.w.app.Preferences().String(prefImports); path != "" && !filepath.IsAbs(path) && folder != "" {
		path = filepath.Join(folder, path)
	}
	return path
}

// slow is from when on it is shown that something takes its time.
const slow = 400 * time.Millisecond

// read reads the files that are named. What is still being read is not wanted any more.
func (i *importer) read() {
	if i.reading != nil {
		i.reading()
		i.reading = nil
	}
	i.fill(gathered{})
	path := i.path()
	if path == "" {
		i.file.SetStatus(widgets.Neutral, "")
		i.busy.Hide()
		return
	}
	ctx, cancel := context.WithCancel(i.ctx)
	i.reading = cancel
	paths, have := append([]string{path}, i.more...), i.w.storedProfiles()
	stop := i.w.env.async.after(slow, func() { setVisible(i.busy, ctx.Err() == nil) })
	run(i.w.env.async, ctx, func(ctx context.Context) gathered { return gather(ctx, paths, have) }, func(g gathered) {
		wanted := ctx.Err() == nil
		stop()
		cancel()
		if !wanted {
			return
		}
		i.reading = nil
		i.busy.Hide()
		i.fill(g)
	})
}

// storedProfiles are copies of all connections, as they are stored.
func (w *Window) storedProfiles() (list []profile.Profile) {
	for _, c := range w.byName() {
		list = append(list, c.profile.Clone())
	}
	return list
}

// fill shows what was read.
func (i *importer) fill(g gathered) {
	i.rows = nil
	i.list.RemoveAll()
	for _, x := range g.list {
		r := newImportRow(x, i.show)
		i.rows = append(i.rows, r)
		i.list.Add(r.box)
	}
	switch {
	case g.problem != "":
		i.file.SetStatus(widgets.Warn, g.problem)
	case len(g.list) == 0:
		i.file.SetStatus(widgets.Neutral, "")
	default:
		i.file.SetStatus(widgets.Good, g.summary())
	}
	i.scroll.ScrollToTop()
	i.show()
}

// chosen are the connections that are ticked.
func (i *importer) chosen() (list []importable) {
	for _, r := range i.rows {
		if r.check.Checked && !r.check.Disabled() {
			list = append(list, r.x)
		}
	}
	return list
}

// show shows what is to be decided about what is ticked.
func (i *importer) show() {
	passwords, files := 0, false
	list := i.chosen()
	for _, x := range list {
		files = files || len(x.Files) > 0
		if x.Password != "" {
			passwords++
		}
	}
	i.secrets.Text = "Keep " + map[bool]string{true: "the password", false: "the passwords of " + counted(passwords, "connection")}[passwords == 1]
	i.secrets.Refresh()
	setVisible(i.keeping, passwords > 0)
	setVisible(i.placing, files)
	setVisible(i.hint, len(i.rows) == 0)
	setVisible(i.scroll, len(i.rows) > 0)
	i.say("")
	text := "Import"
	if len(list) > 0 {
		text += " " + counted(len(list), "connection")
	}
	i.take.SetText(text)
	if len(list) > 0 && !i.writing {
		i.take.Enable()
	} else {
		i.take.Disable()
	}
	i.fit()
}

// fit makes the dialog as high as what it shows, as far as the window reaches.
func (i *importer) fit() {
	if i.w.open != i.dialog {
		return
	}
	size := i.w.dialogSize()
	size.Width = min(size.Width, 760)
	i.dialog.Resize(fyne.NewSize(size.Width, size.Height)) // texts are as high as they are wide
	const frame = 110                                      // its title, its buttons and the air around them
	height := frame + i.box.MinSize().Height
	if len(i.rows) > 0 {
		height += i.list.MinSize().Height
	}
	i.dialog.Resize(fyne.NewSize(size.Width, min(size.Height, height)))
}

func (i *importer) say(text string) {
	i.said.SetText(text)
	setVisible(i.said, text != "")
}
