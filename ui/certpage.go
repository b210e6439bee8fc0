package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"mutual/ui/widgets"
)

// Parts of the page Certificates, in the order of its tabs.
const (
	wizardPart = iota
	filesPart
	makePart
	certPartCount
)

var certPartNames = [certPartCount]string{"Two-way TLS", "Look into files", "Make one thing"}

// prefCertPart is the part that was shown last.
const prefCertPart = "certificates.part"

// certPage is the page Certificates: the wizard for two-way TLS, the workshop for files, and the making of single things.
type certPage struct {
	w     *Window
	tabs  *widgets.Tabs
	parts [certPartCount]page
	box   *fyne.Container
}

func newCertPage(w *Window, wizard *certificates) *certPage {
	p := &certPage{w: w}
	w.workshop, w.maker = newWorkshop(w), newMaker(w)
	p.parts = [certPartCount]page{wizard, w.workshop, w.maker}
	stack := container.NewStack()
	for _, part := range p.parts {
		stack.Add(part.content())
	}
	p.tabs = widgets.NewTabs(certPartNames[:], p.onPart)
	p.box = container.NewBorder(widgets.NewPadded(8, 0, 14, 20, p.tabs), nil, nil, nil, stack)
	p.tabs.Select(min(max(w.app.Preferences().Int(prefCertPart), 0), certPartCount-1))
	return p
}

func (p *certPage) content() fyne.CanvasObject { return p.box }

func (p *certPage) show(c *connection) {
	for _, part := range p.parts {
		part.show(c)
	}
}

func (p *certPage) onPart(n int) {
	for i, part := range p.parts {
		setVisible(part.content(), i == n)
	}
	p.w.app.Preferences().SetInt(prefCertPart, n)
}

// onDropped shows the files that were dropped on the page.
func (p *certPage) onDropped(paths []string) {
	p.tabs.Select(filesPart)
	p.w.workshop.add(paths)
}

// onPaste reads text that is pasted while no field has the focus.
func (p *certPage) onPaste() {
	if p.w.tabs.Selected() == certificatesPage && p.tabs.Selected() == filesPart {
		p.w.workshop.paste()
	}
}
