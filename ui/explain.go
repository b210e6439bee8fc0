package ui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/explain"
	"mutual/ui/widgets"
)

// maxPasted is, in bytes, what explain reads of a text: a field that held more would only be slow.
const maxPasted = 64 << 10

// explainer is the dialog that says what a message of another program can mean.
type explainer struct {
	w      *Window
	entry  *widgets.Entry
	paste  *widget.Button
	clear  *widget.Button
	busy   *widget.Activity
	said   *widgets.Text
	rows   *fyne.Container
	scroll *container.Scroll
	checks []*widget.Button // one a match
	found  []explain.Match
	dialog *dialog.CustomDialog
	ctx    context.Context
	seek   func(explain.Match) // "Check my connection for this"
	asked  string              // the text that is being explained, or was last
	runs   bool
}

// explainMessage opens the dialog; seek is called, once it is closed, with the match that the connection is to be checked
// for; nil: there is no connection.
func (w *Window) explainMessage(seek func(explain.Match)) *explainer {
	ctx, stop := context.WithCancel(w.env.ctx)
	e := &explainer{w: w, ctx: ctx, seek: seek}
	e.buildUI()
	w.showDialog(e.dialog, stop)
	e.dialog.Resize(w.dialogSize())
	w.win.Canvas().Focus(e.entry)
	return e
}

func (e *explainer) buildUI() {
	e.entry = widgets.NewMultiLine(5)
	e.entry.TextStyle.Monospace = true
	e.entry.Wrapping, e.entry.Scroll = fyne.TextWrapOff, container.ScrollBoth
	e.entry.SetPlaceHolder("Paste an error text or log lines here")
	e.entry.OnChanged = func(string) { e.explain() }
	e.paste = widget.NewButtonWithIcon("Paste", theme.ContentPasteIcon(), e.onPaste)
	e.clear = widget.NewButtonWithIcon("Clear", theme.ContentClearIcon(), func() { e.entry.SetText("") })
	e.clear.Importance = widget.LowImportance
	e.busy, e.said = widget.NewActivity(), widgets.Muted("").CutTo(0)
	e.busy.Hide()
	buttons := container.NewBorder(nil, nil, container.NewHBox(e.paste, e.clear), container.NewGridWrap(fyne.NewSquareSize(22), e.busy),
		widgets.NewPadded(0, 0, 8, 8, e.said))
	e.rows = widgets.NewRows(10)
	e.scroll = container.NewVScroll(widgets.NewPadded(2, 4, 0, 14, e.rows))
	content := container.NewBorder(widgets.NewRows(8, e.entry, buttons), nil, nil, nil, widgets.NewPadded(6, 0, 0, 0, e.scroll))
	e.dialog = dialog.NewCustomWithoutButtons("Explain a message", content, e.w.win)
	e.dialog.SetButtons([]fyne.CanvasObject{widget.NewButton("Close", e.close)})
	e.entry.OnEscape = e.close
	e.draw()
}

func (e *explainer) close() { e.dialog.Hide() }

// onPaste puts the clipboard in the place of what stands in the field: whoever taps it means the whole message.
func (e *explainer) onPaste() {
	e.entry.SetText(firstBytes(e.w.app.Clipboard().Content(), maxPasted))
}

// firstBytes are those of s, at most n, without the half of a letter at the end.
func firstBytes(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// explain reads the field off the window's goroutine, one text at a time: what is typed meanwhile is read next.
func (e *explainer) explain() {
	text := e.entry.Text
	if e.runs || text == e.asked {
		return
	}
	e.asked, e.runs = text, true
	e.busy.Show()
	e.busy.Start()
	run(e.w.env.async, e.ctx, func(context.Context) []explain.Match { return explain.Explain(text) }, func(found []explain.Match) {
		e.runs = false
		if e.ctx.Err() != nil {
			return
		}
		if e.entry.Text != text {
			e.explain()
			return
		}
		e.busy.Stop()
		e.busy.Hide()
		e.found = found
		e.draw()
	})
}

func (e *explainer) draw() {
	e.rows.Objects, e.checks = nil, nil
	setVisible(e.clear, e.entry.Text != "")
	switch n := len(e.found); {
	case strings.TrimSpace(e.entry.Text) == "":
		e.said.Set("")
		e.rows.Add(whatToPaste())
	case n == 0:
		e.said.Set("")
		e.rows.Add(nothingKnown())
	case n == 1:
		e.said.Set("This message can mean one thing.")
	default:
		e.said.Set(fmt.Sprintf("This message can mean %d things, the likeliest first.", n))
	}
	for _, m := range e.found {
		e.rows.Add(e.card(m))
	}
	e.rows.Refresh()
	e.scroll.ScrollToTop()
	e.scroll.Refresh()
}

// whatToPaste is the empty state.
func whatToPaste() fyne.CanvasObject {
	rows := widgets.NewRows(-4, widgets.NewPadded(0, 6, 6, 0, widgets.Heading("What another program said, and what it can mean", theme.SizeNameText)))
	for _, s := range []string{
		"Any error text or log line will do: of a client, of a library or of the broker.",
		"Known are MQTT X, MQTT Explorer, Node.js, OpenSSL, Python, Java, mosquitto, EMQX and other Erlang brokers, mbedTLS (ESP32), GnuTLS, Go and curl.",
		"A whole log is better than one line: the lines around an error say who refused whom. The first 64 KiB are read.",
		"Nothing that you paste leaves this window.",
	} {
		text := widget.NewLabel(s)
		text.Wrapping = fyne.TextWrapWord
		rows.Add(text)
	}
	return widgets.NewPanel(rows, widgets.ColorCode)
}

func nothingKnown() fyne.CanvasObject {
	head := widget.NewLabelWithStyle("This message names no fault that is known here.", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	text := widget.NewLabel("Paste the whole line with the error and the lines around it, from the client and from the broker's log; " +
		"or close this and let Try now look at the connection itself.")
	head.Wrapping, text.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	return widgets.NewPanel(widgets.NewRows(-6, head, text), widgets.ColorCode)
}

// card shows one match.
func (e *explainer) card(m explain.Match) fyne.CanvasObject {
	tone := confidenceTone(m.Confidence)
	source := m.ID + "  ·  " + programName(m.Client)
	if m.Code != "" {
		source += ", code " + m.Code
	}
	title := widget.NewLabelWithStyle(m.Title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.Wrapping, title.SizeName, title.Selectable = fyne.TextWrapWord, theme.SizeNameSubHeadingText, true
	named := widgets.Quiet(source)
	head := container.NewBorder(nil, nil, nil, container.NewVBox(widgets.NewPadded(9, 0, 8, 4, widgets.NewPill(tone, m.Confidence))), title)
	why := widget.NewLabel(m.Why)
	why.Wrapping, why.Selectable = fyne.TextWrapWord, true
	rows := widgets.NewRows(-4, head, widgets.NewPadded(-8, 0, 0, 0, named), why)
	if m.Check != "" {
		check := widget.NewLabel(m.Check)
		check.Wrapping, check.Selectable = fyne.TextWrapWord, true
		rows.Add(container.NewBorder(nil, nil, container.NewVBox(widgets.NewPadded(8, 0, 8, 0, widgets.Heading("To check:", ""))), nil, check))
	}
	if e.seek != nil {
		rows.Add(widgets.NewPadded(8, 6, 8, 0, container.NewHBox(e.checkButton(m))))
	}
	card := widgets.NewCard(rows)
	card.Edge, card.PadY = tone.Strong(), 6
	return card
}

func (e *explainer) checkButton(m explain.Match) *widget.Button {
	button := widget.NewButtonWithIcon("Check my connection for this", theme.SearchIcon(), func() {
		e.close()
		e.seek(m)
	})
	if len(e.checks) == 0 {
		button.Importance = widget.HighImportance
	}
	e.checks = append(e.checks, button)
	return button
}

func confidenceTone(confidence string) widgets.Tone {
	switch confidence {
	case explain.Certain:
		return widgets.Bad
	case explain.Likely:
		return widgets.Warn
	}
	return widgets.Neutral
}
