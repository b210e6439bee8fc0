package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/ui/widgets"
)

// ShowProblem shows, instead of the window, why there is none.
func ShowProblem(app fyne.App, title, detail string) {
	app.Settings().SetTheme(widgets.NewTheme(widgets.FollowSystem))
	w := app.NewWindow("Mutual")
	w.SetIcon(Icon())
	head := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	text := widget.NewLabel(detail)
	head.Wrapping, text.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	text.Selectable = true
	closing := widget.NewButton("Close", w.Close)
	icon := widget.NewIcon(widgets.Tinted(theme.ErrorIcon(), widgets.Bad.Strong()))
	w.SetContent(container.NewBorder(nil, container.NewHBox(closing), container.NewVBox(icon), nil, container.NewVBox(head, text)))
	w.Resize(fyne.NewSize(560, 220))
	w.SetMaster()
	w.Show()
}
