package ui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/core/pki"
	"mutual/ui/widgets"
)

// handoverFields is the part with what is handed over: each field to copy, and all of them as files.
type handoverFields struct {
	h      *handover
	folder *widgets.FileField
	save   *widget.Button
	saver  *fyne.Container
	rows   *fyne.Container
	cards  []*fieldCard
	empty  fyne.CanvasObject
	box    *fyne.Container
}

func newHandoverFields(h *handover) *handoverFields {
	f := &handoverFields{h: h, rows: widgets.NewRows(10)}
	f.folder = widgets.NewFileField("Folder for the files", func() {
		h.w.browseFolder(f.folder.Entry.Text, func(path string) { f.folder.Entry.SetText(path) })
	}, nil)
	f.folder.Folder = true
	f.folder.Entry.OnEscape = h.close
	f.folder.Entry.OnSubmitted = func(string) { f.onSave(false) }
	f.folder.Entry.SetText(h.w.app.Preferences().StringWithFallback(prefHandFolder, filepath.Join(h.w.dir, "hand-over")))
	f.save = widget.NewButtonWithIcon("Save files", theme.DocumentSaveIcon(), func() { f.onSave(false) })
	f.saver = widgets.NewRows(6, widgets.Heading("All of it as files", theme.SizeNameText), f.folder, container.NewHBox(f.save))
	f.empty = words("Nothing is ready yet: choose the files first.")
	f.box = widgets.NewRows(10, f.empty, f.rows)
	return f
}

func (f *handoverFields) show(made *deploy.Handover) {
	f.rows.RemoveAll()
	f.cards = nil
	setVisible(f.empty, made == nil)
	if made != nil {
		if len(made.Steps) > 0 {
			f.rows.Add(stepsCard(made.Steps))
		}
		for _, field := range made.Fields {
			card := f.card(field)
			f.cards = append(f.cards, card)
			f.rows.Add(card.box)
		}
		if len(made.Fields) > 0 {
			f.rows.Add(widgets.NewCard(f.saver))
		}
	}
	f.box.Refresh()
}

// stepsCard says what to do with the fields.
func stepsCard(steps []string) fyne.CanvasObject {
	rows := widgets.NewRows(-6)
	for i, step := range steps {
		text := step
		if len(steps) > 1 {
			text = fmt.Sprintf("%d.  %s", i+1, step)
		}
		rows.Add(words(text))
	}
	card := widgets.NewPanel(rows, widgets.Accent.Soft())
	card.PadY = 4
	return card
}

// fieldCard is one field: its name, where it goes, its value, and a button that copies it. A secret value is neither
// shown nor copied but by its own button.
type fieldCard struct {
	field deploy.Field
	copy  *widget.Button
	show  *widget.Button // nil unless the field is secret
	lines *widgets.Lines
	value *fyne.Container
	said  *widgets.Text // in the place of a value that is not shown
	box   fyne.CanvasObject
}

// Rows of a value that are shown at once; more of them scroll.
const fieldRows = 6

func (f *handoverFields) card(field deploy.Field) *fieldCard {
	c := &fieldCard{field: field, lines: widgets.NewLines()}
	name := "Copy"
	if field.Secret {
		name = "Copy the key"
	}
	c.copy = widget.NewButtonWithIcon(name, theme.ContentCopyIcon(), func() { f.onCopy(field) })
	setEnabled(c.copy, field.Value != "")
	right := container.NewHBox(c.copy)
	n := strings.Count(strings.TrimSuffix(field.Value, "\n"), "\n") + 1
	c.value = widgets.NewFixedHeight(float32(min(n, fieldRows))*18+14, c.lines)
	c.said = widgets.Muted("Empty: there is nothing to put here.")
	switch {
	case field.Value == "":
		c.value.Hide()
	case field.Secret:
		c.said.Text = fmt.Sprintf("••••••••  %d lines, not shown", n)
		c.value.Hide()
		c.show = widget.NewButtonWithIcon("Show", theme.VisibilityIcon(), c.onShow)
		c.show.Importance = widget.LowImportance
		right.Objects = append([]fyne.CanvasObject{c.show}, right.Objects...)
	default:
		c.said.Hide()
		c.lines.Set(field.Value)
	}
	title := widgets.Heading(field.Title, theme.SizeNameText).CutTo(0)
	if field.File != "" {
		title.Text += "  ·  " + field.File
	}
	c.box = widgets.NewCard(widgets.NewRows(4, container.NewBorder(nil, nil, nil, container.NewCenter(right),
		widgets.NewRows(0, title, widgets.Muted(field.Help).CutTo(0))), c.said, c.value))
	return c
}

// onShow shows the key, or hides it again.
func (c *fieldCard) onShow() {
	on := !c.value.Visible()
	if on {
		c.lines.Set(c.field.Value)
		c.show.SetText("Hide")
		c.show.SetIcon(theme.VisibilityOffIcon())
	} else {
		c.lines.Set("")
		c.show.SetText("Show")
		c.show.SetIcon(theme.VisibilityIcon())
	}
	setVisible(c.value, on)
	setVisible(c.said, !on)
	c.box.Refresh()
}

func (f *handoverFields) onCopy(field deploy.Field) {
	f.h.w.app.Clipboard().SetContent(field.Value)
	text := field.Title + " is on the clipboard."
	if field.Secret {
		text = field.Title + " is on the clipboard until something else is copied: paste it where it belongs, then copy something else."
	}
	f.h.say(widgets.Good, text)
}

// onSave writes the files; those that are there already only after a question.
func (f *handoverFields) onSave(overwrite bool) {
	if f.h.result == nil {
		return
	}
	made, folder := *f.h.result, strings.TrimSpace(f.folder.Entry.Text)
	if !filepath.IsAbs(folder) {
		f.h.say(widgets.Bad, "Choose the folder for the files.")
		return
	}
	type saved struct {
		paths []string
		err   error
	}
	f.save.Disable()
	run(f.h.w.env.async, f.h.ctx, func(context.Context) saved {
		paths, err := made.Write(folder, overwrite)
		return saved{paths, err}
	}, func(s saved) {
		f.save.Enable()
		var there *pki.ExistsError
		switch {
		case f.h.ctx.Err() != nil && s.err == nil:
			f.h.w.tell(widgets.Good, filesText(s.paths))
		case f.h.ctx.Err() != nil:
			f.h.w.tell(widgets.Bad, "The files were not saved: "+plainReason(s.err)+".")
		case errors.As(s.err, &there):
			f.askReplace(there.Paths)
		case s.err != nil:
			f.h.say(widgets.Bad, "The files were not saved: "+plainReason(s.err)+".")
		default:
			f.h.w.app.Preferences().SetString(prefHandFolder, folder)
			f.h.say(widgets.Good, filesText(s.paths))
		}
	})
}

func filesText(paths []string) string {
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	return "Saved in " + filepath.Dir(paths[0]) + ": " + strings.Join(names, ", ") + ". Keys are readable for you alone."
}

func (f *handoverFields) askReplace(paths []string) {
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	text := "These files are in " + filepath.Dir(paths[0]) + " already: " + strings.Join(names, ", ") + ". Replacing a key cannot be undone."
	f.h.w.question("Replace the files?", "Replace them", "Keep them", paragraph(text), widget.DangerImportance, func(yes bool) {
		if yes {
			f.onSave(true)
		} else {
			f.h.say(widgets.Neutral, "Nothing was saved: the files that were there are as they were.")
		}
	})
}
