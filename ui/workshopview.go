package ui

import (
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/ui/widgets"
)

// paneWide is the width from which the tree stands beside what is shown of a thing.
const paneWide = 820

func (s *workshop) buildUI() {
	s.list = widgets.NewList(func() int { return len(s.rows) }, func() fyne.CanvasObject { return widgets.NewTreeRow() }, s.update)
	s.list.HideSeparators = true
	s.list.OnSelected = s.onSelected
	s.list.OnStep, s.list.OnDelete = s.step, s.onRemove
	s.detail = newWorkshopDetail(s)

	s.everything = widget.NewButtonWithIcon("Everything here…", theme.DocumentSaveIcon(), func() { s.w.menuBelow(s.everything, s.offers(s.allActions())) })
	s.remove = widget.NewButtonWithIcon("Remove", theme.DeleteIcon(), s.onRemove)
	s.clear = widget.NewButtonWithIcon("Clear", theme.ContentClearIcon(), s.onClear)
	s.count = widgets.Muted("").CutTo(0)
	s.progress = widget.NewProgressBarInfinite()
	s.progress.Stop()
	s.busy = container.NewHBox(widgets.NewFixedWidth(120, s.progress), widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), s.onCancel))
	s.busy.Hide()
	bar := widgets.NewFlow(6, append(s.sources(), s.everything, s.remove, s.clear, s.busy)...)
	tree := widgets.NewCard(container.NewBorder(nil, widgets.NewPadded(4, 0, 4, 4, s.count), nil, nil, s.list))
	tree.PadX, tree.PadY = 4, 4
	s.full = container.NewBorder(widgets.NewPadded(0, 8, 0, 0, bar), nil, nil, nil, widgets.NewPanes(paneWide, 0.44, tree, s.detail.card))
	s.empty = s.buildEmpty()
	s.box = widgets.NewPadded(10, 16, 16, 20, container.NewStack(s.empty, s.full))
	s.showState()
}

// sources are the ways to bring files here.
func (s *workshop) sources() []fyne.CanvasObject {
	open := widget.NewButtonWithIcon("Open files…", theme.FolderOpenIcon(), s.onOpen)
	folder := widget.NewButtonWithIcon("Open a folder…", theme.FolderIcon(), s.onOpenFolder)
	paste := widget.NewButtonWithIcon("Paste text", theme.ContentPasteIcon(), s.paste)
	return []fyne.CanvasObject{open, folder, paste}
}

// buildEmpty says what to do.
func (s *workshop) buildEmpty() *fyne.Container {
	title := widgets.Heading("Drop files here: certificates, keys, requests, revocation lists", theme.SizeNameSubHeadingText).CutTo(560)
	text := widget.NewLabel("Any number of them, in any format: PEM, DER, PKCS #7, PKCS #12, Java keystores. You see what each one holds, " +
		"what belongs together and until when it is valid, and can save it in the form that is needed. Nothing is changed or sent anywhere.")
	text.Wrapping, text.Alignment = fyne.TextWrapWord, fyne.TextAlignCenter
	frame := widgets.NewPanel(widgets.NewMiddle(widgets.NewRows(10, container.NewCenter(title), text, container.NewCenter(container.NewHBox(s.sources()...)))), "")
	frame.Stroke, frame.Dashed = theme.ColorNameInputBorder, true
	return container.NewStack(frame)
}

// showState shows the files, or what to do where there are none.
func (s *workshop) showState() {
	none := s.inv == nil && s.reading == nil
	setVisible(s.empty, none)
	setVisible(s.full, !none)
	if s.inv != nil {
		s.count.Set(countWords(len(s.inv.Files), "file") + ", " + countWords(len(s.inv.Items), "block"))
	}
}

// countWords is "1 file", "3 files".
func countWords(n int, noun string) string { return countOf(n, noun, noun+"s") }

// countOf is countWords for a noun with a plural of its own.
func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (s *workshop) working(on bool) {
	setVisible(s.busy, on)
	if on {
		s.progress.Start()
	} else {
		s.progress.Stop()
	}
	s.showState()
	s.full.Refresh()
}

func (s *workshop) update(n widget.ListItemID, o fyne.CanvasObject) {
	row := o.(*widgets.TreeRow)
	if n >= len(s.rows) {
		return
	}
	if r := s.rows[n]; r.group {
		row.SetGroup(r.title)
	} else {
		row.Set(r.depth, r.kind, r.title, r.tone, r.mark)
	}
}

func (s *workshop) onOpen() {
	s.w.browse(s.lastPath(), func(path string) { s.add([]string{path}) })
}

func (s *workshop) onOpenFolder() {
	s.w.browseFolder(filepath.Dir(s.lastPath()), func(path string) { s.add([]string{path}) })
}

// lastPath is the file that came last, which the next one is often beside.
func (s *workshop) lastPath() string {
	for i := len(s.paths) - 1; i >= 0; i-- {
		if _, pasted := s.texts[s.paths[i]]; !pasted {
			return s.paths[i]
		}
	}
	return filepath.Join(s.w.dir, "certificates", "-")
}

// menuBelow shows choices below a button; arrows and Enter choose too.
func (w *Window) menuBelow(button fyne.CanvasObject, items []*fyne.MenuItem) {
	if len(items) == 0 {
		return
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	menu.ShowAtRelativePosition(fyne.NewPos(0, button.Size().Height), button)
	w.win.Canvas().Focus(menu)
}
