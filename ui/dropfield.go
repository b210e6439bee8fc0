package ui

import (
	"context"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"

	"mutual/ui/widgets"
)

// fielded is what has file fields to drop a file on: a page, a part of one, or a dialog. They can be seen only within area.
type fielded interface {
	fileFields() (area fyne.CanvasObject, fields []*widgets.FileField)
}

// onTop is what a drop is for: the dialog on top, else the page that is shown; nil: it has no file fields.
func (w *Window) onTop() fielded {
	switch {
	case w.handing != nil && w.open == w.handing.dialog:
		return w.handing
	case w.offered != nil && w.open == w.offered.dialog:
		return w.offered
	case w.importing != nil && w.open == w.importing.dialog:
		return w.importing
	case w.open != nil:
		return nil
	}
	f, _ := w.pages[w.tabs.Selected()].(fielded)
	return f
}

// fieldAt is the file field that is seen at pos and can be changed; nil: there is none.
func (w *Window) fieldAt(pos fyne.Position) *widgets.FileField {
	top := w.onTop()
	if top == nil {
		return nil
	}
	area, fields := top.fileFields()
	if !w.covers(area, pos) {
		return nil // what is scrolled out of sight is no target
	}
	i := slices.IndexFunc(fields, func(f *widgets.FileField) bool { return !f.Entry.Disabled() && w.covers(f, pos) })
	if i < 0 {
		return nil
	}
	return fields[i]
}

// covers says whether o is shown and pos lies in it.
func (w *Window) covers(o fyne.CanvasObject, pos fyne.Position) bool {
	at := w.app.Driver().AbsolutePositionForObject(o)
	if at.IsZero() { // Fyne's answer about what is not shown; nothing of ours lies in the window's corner
		return false
	}
	d, size := pos.Subtract(at), o.Size()
	return d.X >= 0 && d.Y >= 0 && d.X < size.Width && d.Y < size.Height
}

// dropOn puts path into f, whatever it is: the field's own line says what that is, or that it is not what belongs there.
func (w *Window) dropOn(f *widgets.FileField, path string) {
	if !f.Folder {
		f.Entry.SetText(path)
		return
	}
	run(w.env.async, w.env.ctx, func(context.Context) string { return folderOf(path) }, f.Entry.SetText)
}

// folderOf is path where that is a folder, else the one that it lies in.
func folderOf(path string) string {
	if isFolder(path) {
		return path
	}
	return filepath.Dir(path)
}

func (s *settings) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	return s.scroll, append(slices.Clone(s.form.caFields), s.form.certificate, s.form.key)
}

func (p *certPage) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	switch c, m := p.w.certs, p.w.maker; p.tabs.Selected() {
	case wizardPart:
		return c.scroll, []*widgets.FileField{c.caFile, c.caKey, c.folder}
	case makePart:
		return m.box, []*widgets.FileField{m.caFile, m.caKey, m.requestFile, m.revoke, m.folder}
	}
	return p.box, nil
}

func (g *guide) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	return g.scroll, []*widgets.FileField{g.order.caFile, g.handover.clientCA, g.connect.certificate, g.connect.key}
}

func (h *handover) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	f := h.files
	fields := slices.Concat([]*widgets.FileField{f.certificate, f.key, f.client, h.fields.folder}, f.clientCA.fields, f.chain.fields)
	return h.parts[h.tabs.Selected()], fields
}

func (d *offerDialog) fileFields() (fyne.CanvasObject, []*widgets.FileField) {
	return d.folder, []*widgets.FileField{d.folder}
}
