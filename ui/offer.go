package ui

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/ui/widgets"
)

// secrecy says whether an offer takes a passphrase.
type secrecy int

const (
	noSecret     secrecy = iota
	mayHaveOne           // empty: the key is written without one
	needsOne             // nothing is written without one
	emptyAllowed         // a container, whose passphrase may be empty
)

// offer is files that could be written, judged before they are offered. It says what they are, and who would refuse them.
type offer struct {
	title   string
	text    string // what they are for, or what else is to be known; sentences
	folder  string // where they are proposed to go
	names   []string
	secret  secrecy
	notes   []string // what was left out: a sentence each
	judged  []clientVerdicts
	problem string // why there is nothing to offer, a sentence
	// encode makes the contents, in the order of names, and further notes. It can take a second.
	encode func(passphrase string) (files []pki.OutputFile, notes []string, err error)
	// saved is called with the paths that were written; nil: nothing is to be done.
	saved func(paths []string)
}

// offerDialog shows an offer and writes its files.
type offerDialog struct {
	w       *Window
	o       offer
	dialog  dialog.Dialog
	folder  *widgets.FileField
	names   []*widgets.Entry
	secret  *widgets.Entry
	again   *widgets.Entry
	said    *widget.Label
	save    *widget.Button
	writing bool
}

// prepare makes an offer off the window's goroutine, and shows it.
func (w *Window) prepare(title string, make func(context.Context) offer) {
	judging(w, title, make, func(o offer, cancelled bool) {
		if !cancelled {
			w.offer(o)
		}
	})
}

// judging calls work off the window's goroutine with a bar above the page that can cancel it, and done, always, with what
// came of it.
func judging[T any](w *Window, title string, work func(context.Context) T, done func(v T, cancelled bool)) {
	ctx, cancel := context.WithCancel(w.env.ctx)
	bar := w.tell(widgets.Accent, title+" is being prepared and judged as each client would…", widget.NewButton("Cancel", cancel))
	run(w.env.async, ctx, work, func(v T) {
		cancelled := ctx.Err() != nil
		cancel()
		w.dismiss(bar)
		done(v, cancelled)
	})
}

// offer shows o.
func (w *Window) offer(o offer) {
	if o.problem != "" {
		w.tell(widgets.Warn, o.problem)
		return
	}
	d := &offerDialog{w: w, o: o}
	w.offered = d
	d.buildUI()
}

func (d *offerDialog) buildUI() {
	rows := widgets.NewRows(8)
	if d.o.text != "" {
		rows.Add(wrapped(d.o.text))
	}
	if tone, line := judgedLine(d.o.judged); line != "" {
		label := wrapped(line)
		label.TextStyle.Bold = true
		icon := widget.NewIcon(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
		rows.Add(container.NewBorder(nil, nil, icon, nil, label))
		rows.Add(judgedTable(d.o.judged, wouldAccept))
	}
	for _, n := range d.o.notes {
		note := wrapped(n)
		note.Importance = widget.WarningImportance
		rows.Add(note)
	}
	d.folder = widgets.NewFileField("The folder that the files go to", func() {
		d.w.browseFolder(d.folder.Entry.Text, func(path string) { d.folder.Entry.SetText(path) })
	}, nil)
	d.folder.Folder = true
	d.folder.Entry.SetText(d.o.folder)
	rows.Add(labelled("Folder", d.folder))
	rows.Add(labelled("Files in it", d.buildNames()))
	rows.Add(d.buildSecret())
	d.said = widget.NewLabel("")
	d.said.Wrapping, d.said.Importance = fyne.TextWrapWord, widget.DangerImportance
	d.said.Hide()
	rows.Add(d.said)

	custom := dialog.NewCustomWithoutButtons(d.o.title, container.NewVScroll(widgets.NewPadded(0, 0, 0, 14, rows)), d.w.win)
	d.dialog = custom
	d.save = widget.NewButtonWithIcon("Save", theme.DocumentSaveIcon(), func() { d.onSave(false) })
	d.save.Importance = widget.HighImportance
	custom.SetButtons([]fyne.CanvasObject{widget.NewButton("Close", func() { custom.Hide() }), d.save})
	d.w.showDialog(custom)
	size := d.w.dialogSize()
	custom.Resize(fyne.NewSize(min(size.Width, 720), min(size.Height, rows.MinSize().Height+200)))
}

func (d *offerDialog) buildNames() fyne.CanvasObject {
	names := widgets.NewRows(4)
	for _, n := range d.o.names {
		e := widgets.NewEntry()
		e.SetText(n)
		e.OnEscape = func() { d.dialog.Hide() }
		d.names = append(d.names, e)
		names.Add(e)
	}
	return names
}

func (d *offerDialog) buildSecret() fyne.CanvasObject {
	d.secret, d.again = widgets.NewPassword(), widgets.NewPassword()
	d.again.SetPlaceHolder("The same again")
	for _, e := range []*widgets.Entry{d.secret, d.again} {
		e.OnSubmitted = func(string) { d.onSave(false) }
		e.OnEscape = func() { d.dialog.Hide() }
	}
	name := map[secrecy]string{
		mayHaveOne: "Passphrase for the key; most brokers want it without one", needsOne: "New passphrase", emptyAllowed: "Passphrase of the file; empty is possible, and protects nothing",
	}[d.o.secret]
	box := labelled(name, container.NewGridWithColumns(2, d.secret, d.again))
	setVisible(box, d.o.secret != noSecret)
	return box
}

// wrapped is a label whose text wraps.
func wrapped(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

func (d *offerDialog) say(text string) {
	d.said.SetText(text)
	setVisible(d.said, text != "")
}

// problem is what is missing before anything can be written.
func (d *offerDialog) problem() string {
	if strings.TrimSpace(d.folder.Entry.Text) == "" {
		return "Choose the folder that the files go to."
	}
	for _, e := range d.names {
		if name := strings.TrimSpace(e.Text); name == "" || name != filepath.Base(name) {
			return "Each file needs a name, without a folder."
		}
	}
	switch {
	case d.secret.Text != d.again.Text:
		return "The two passphrases are not the same."
	case d.o.secret == needsOne && d.secret.Text == "":
		return "Choose a passphrase."
	}
	return ""
}

// onSave writes the files; one that is there is replaced only with overwrite.
func (d *offerDialog) onSave(overwrite bool) {
	text := d.problem()
	d.say(text)
	if text != "" || d.writing {
		return
	}
	d.writing = true
	d.save.Disable()
	folder, passphrase := strings.TrimSpace(d.folder.Entry.Text), d.secret.Text
	var names []string
	for _, e := range d.names {
		names = append(names, strings.TrimSpace(e.Text))
	}
	o := d.o
	run(d.w.env.async, d.w.env.ctx, func(context.Context) saved { return o.write(folder, names, passphrase, overwrite) }, func(s saved) {
		d.writing = false
		d.save.Enable()
		d.onSaved(s)
	})
}

// saved is what writing came to.
type saved struct {
	paths []string
	there []string // in the way; nothing was written
	notes []string
	err   error
}

func (o offer) write(folder string, names []string, passphrase string, overwrite bool) (s saved) {
	files, notes, err := o.encode(passphrase)
	if err != nil {
		return saved{err: err}
	}
	s.notes = notes
	for n := range files {
		files[n].Path = filepath.Join(folder, names[n])
		s.paths = append(s.paths, files[n].Path)
	}
	err = pki.WriteFiles(files, overwrite)
	var exists *pki.ExistsError
	if errors.As(err, &exists) {
		s.there, err = exists.Paths, nil
	}
	s.err = err
	return s
}

func (d *offerDialog) onSaved(s saved) {
	switch {
	case s.err != nil:
		d.say(upperFirst(s.err.Error()) + ".")
	case len(s.there) > 0:
		var names []string
		for _, p := range s.there {
			names = append(names, filepath.Base(p))
		}
		text := "These files are in the folder already: " + strings.Join(names, ", ") + ". What they hold now is lost when they are replaced."
		d.w.question("Replace the files?", "Replace them", "Keep them", paragraph(text), widget.DangerImportance, func(yes bool) {
			if yes {
				d.onSave(true)
			}
		})
	default:
		d.dialog.Hide()
		var names []string
		for _, p := range s.paths {
			names = append(names, filepath.Base(p))
		}
		text := "Saved in " + filepath.Dir(s.paths[0]) + ": " + strings.Join(names, ", ") + "."
		if len(s.notes) > 0 {
			text += " " + strings.Join(s.notes, " ")
		}
		d.w.tell(widgets.Good, text)
		if d.o.saved != nil {
			d.o.saved(s.paths)
		}
	}
}
