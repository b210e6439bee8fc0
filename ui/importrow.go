package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// importRow is one connection of the file.
type importRow struct {
	x     importable
	check *widget.Check
	box   fyne.CanvasObject
}

func newImportRow(x importable, changed func()) *importRow {
	r := &importRow{x: x}
	r.check = widget.NewCheck(cutTo(x.Profile.Name, longestName), nil)
	r.check.Checked = x.Problem == "" && x.same == ""
	r.check.OnChanged = func(bool) { changed() }
	if x.Problem != "" {
		r.check.Disable()
	}
	head := container.NewBorder(nil, nil, r.check, nil, widgets.NewPadded(0, 0, 8, 0, widgets.Muted(whither(x.Profile)).CutTo(0)))
	rows := widgets.NewRows(-8, head)
	for _, part := range []struct {
		sentences  []string
		importance widget.Importance
	}{{x.todo(), widget.WarningImportance}, {x.notes(), widget.MediumImportance}} {
		if len(part.sentences) == 0 {
			continue
		}
		label := wrapped(strings.Join(part.sentences, "\n"))
		label.SizeName, label.Selectable, label.Importance = theme.SizeNameCaptionText, true, part.importance
		rows.Add(widgets.NewPadded(0, 0, 28, 0, label))
	}
	r.box = rows
	return r
}

// whither is where a connection of a file leads.
func whither(p profile.Profile) string {
	if p.Server.Host == "" {
		return note(p)
	}
	return p.Server.URL()
}

// longestName is, in letters, what leaves room for the address beside it in a narrow window.
const longestName = 44

func cutTo(s string, letters int) string {
	if r := []rune(s); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return s
}
