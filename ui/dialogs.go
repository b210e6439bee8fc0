package ui

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/ui/widgets"
)

// showDialog shows d so that Escape closes it, and then the one below it. closed are called when it is closed.
func (w *Window) showDialog(d dialog.Dialog, closed ...func()) {
	below := w.open
	w.open = d
	d.SetOnClosed(func() {
		if w.open == d {
			w.open = below
		}
		for _, f := range closed {
			f()
		}
	})
	d.Show()
}

// question shows content with two buttons; answer is called once.
func (w *Window) question(title, yes, no string, content fyne.CanvasObject, importance widget.Importance, answer func(bool)) {
	d := dialog.NewCustomWithoutButtons(title, content, w.win)
	answered := false
	say := func(v bool) {
		if !answered {
			answered = true
			w.asked = nil
			d.Hide()
			answer(v)
		}
	}
	ok := widget.NewButton(yes, func() { say(true) })
	ok.Importance = importance
	d.SetButtons([]fyne.CanvasObject{widget.NewButton(no, func() { say(false) }), ok})
	w.showDialog(d, func() { say(false) })
	w.asked = &asked{yes: ok, answer: say}
}

// asked is the question that is open, so that a test and Enter can answer it.
type asked struct {
	yes    *widget.Button
	answer func(bool)
}

// dialogWidth fits a path and reads well.
const dialogWidth = 600

// paragraph is wrapped text of a width that reads well in a dialog.
func paragraph(text string) fyne.CanvasObject {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return widgets.NewFixedWidth(dialogWidth, l)
}

// secretDialog asks for one secret. answer gets ok false when the user gave up.
func (w *Window) secretDialog(ctx context.Context, title, text, yes string, twice bool, answer func(string, bool)) {
	entry, again := widgets.NewPassword(), widgets.NewPassword()
	entry.SetPlaceHolder("Passphrase")
	again.SetPlaceHolder("The same again")
	wrong := widget.NewLabel("The two are not the same.")
	wrong.Importance = widget.DangerImportance
	wrong.Hide()
	rows := widgets.NewRows(6, paragraph(text), entry)
	if twice {
		rows.Add(again)
	}
	rows.Add(wrong)
	w.question(title, yes, "Cancel", rows, widget.HighImportance, func(ok bool) {
		answer(entry.Text, ok && entry.Text != "")
	})
	q := w.asked
	check := func(string) {
		different := twice && entry.Text != again.Text
		wrong.Hidden = !different || again.Text == ""
		wrong.Refresh()
		if different || entry.Text == "" {
			q.yes.Disable()
		} else {
			q.yes.Enable()
		}
	}
	entry.OnChanged, again.OnChanged = check, check
	check("")
	submit := func(string) {
		if !q.yes.Disabled() {
			q.answer(true)
		}
	}
	entry.OnSubmitted, again.OnSubmitted = submit, submit
	escape := func() { q.answer(false) }
	entry.OnEscape, again.OnEscape = escape, escape
	w.secret, w.secretAgain = entry, again
	w.win.Canvas().Focus(entry)
	context.AfterFunc(ctx, func() { w.env.async.post(func() { q.answer(false) }) })
}

type secretAnswer struct {
	text string
	ok   bool
}

// askPassphrase is pki.Prompt: it waits, off the window's goroutine, for the user.
func (w *Window) askPassphrase(ctx context.Context, q pki.PassphraseRequest) (string, bool) {
	a, ok := ask(w.env.async, ctx, func(ctx context.Context, answer func(secretAnswer)) {
		text := "The private key in " + filepath.Base(q.File) + " is encrypted. Its passphrase is needed to connect."
		if q.Again {
			text = "That passphrase does not open " + filepath.Base(q.File) + ". Try another one."
		}
		if c := w.current; c != nil && c.practice != nil && c.practice.lab.Passphrase() != "" {
			text += "\n\nThis is a practice key: its passphrase is " + c.practice.lab.Passphrase()
		}
		w.secretDialog(ctx, "Passphrase of the key", text, "Use it", false, func(s string, ok bool) { answer(secretAnswer{s, ok}) })
	})
	return a.text, ok && a.ok
}

// askSecrets is store.Ask: the passphrase of the secrets file, where the system has no keyring.
func (w *Window) askSecrets(ctx context.Context, create, again bool) (string, bool) {
	a, ok := ask(w.env.async, ctx, func(ctx context.Context, answer func(secretAnswer)) {
		title, text, yes := "Unlock your saved passwords", "This computer has no keyring, so passwords are kept in an encrypted file. Its passphrase opens it.", "Unlock"
		if create {
			title, yes = "Protect your saved passwords", "Protect"
			text = "This computer has no keyring. Choose a passphrase: passwords are kept in a file that is encrypted with it."
		}
		if again {
			text = "That passphrase does not open the file. Try another one."
		}
		w.secretDialog(ctx, title, text, yes, create, func(s string, ok bool) { answer(secretAnswer{s, ok}) })
	})
	return a.text, ok && a.ok
}

// browse shows the file dialog, in the folder of the file that is named now. It shows every file: certificates and keys
// have all kinds of endings, and the field says what was chosen.
func (w *Window) browse(now string, chosen func(path string)) {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			return
		}
		path := f.URI().Path()
		_ = f.Close() // only its name is wanted
		chosen(path)
	}, w.win)
	w.locate(d, now)
	w.showDialog(d)
	d.Resize(w.dialogSize()) // before Show it panics
}

// browseFolder shows the folder dialog.
func (w *Window) browseFolder(now string, chosen func(path string)) {
	d := dialog.NewFolderOpen(func(f fyne.ListableURI, err error) {
		if err == nil && f != nil {
			chosen(f.Path())
		}
	}, w.win)
	if u, err := storage.ListerForURI(storage.NewFileURI(now)); now != "" && err == nil {
		d.SetLocation(u)
	}
	w.showDialog(d)
	d.Resize(w.dialogSize())
}

func (w *Window) locate(d *dialog.FileDialog, now string) {
	if now == "" {
		return
	}
	if u, err := storage.ListerForURI(storage.NewFileURI(filepath.Dir(now))); err == nil {
		d.SetLocation(u)
	}
}

func (w *Window) dialogSize() fyne.Size {
	s := w.win.Canvas().Size()
	return fyne.NewSize(min(s.Width-80, 900), min(s.Height-80, 640))
}

// textDialog shows text to read and copy.
func (w *Window) textDialog(title, text string) {
	words := widget.NewLabel(text)
	words.Wrapping, words.Selectable = fyne.TextWrapWord, true
	copyAll := widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { w.app.Clipboard().SetContent(text) })
	d := dialog.NewCustomWithoutButtons(title, container.NewVScroll(words), w.win)
	d.SetButtons([]fyne.CanvasObject{copyAll, widget.NewButton("Close", func() { d.Hide() })})
	w.showDialog(d)
	d.Resize(fyne.NewSize(min(w.dialogSize().Width, 680), 340))
}

// passphraseText explains what the passphrase is for.
func (w *Window) passphraseText(c *connection) string {
	text := "The private key " + filepath.Base(c.effective().ClientCertificate.KeyFile) + " is encrypted."
	if c.practice != nil && c.practice.lab.Passphrase() != "" {
		text += "\n\nThis is a practice key: its passphrase is " + c.practice.lab.Passphrase()
	}
	return text
}
