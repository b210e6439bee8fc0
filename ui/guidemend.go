package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/ui/widgets"
)

// filesMend says which of a certificate's files are gone, what that means, and brings them back.
type filesMend struct {
	f     *guideFiles
	flaws []acme.Flaw
	rows  *fyne.Container
	do    *widget.Button // what mends all of them
	anew  *widget.Button // another certificate, where the authority may still have this one
	look  *widget.Button // once somebody has put them back
}

func newFilesMend(f *guideFiles) *filesMend {
	m := &filesMend{f: f, rows: widgets.NewRows(4)}
	m.do = widget.NewButton("", m.onMend)
	m.do.Importance = widget.HighImportance
	m.anew = widget.NewButton(mendTitles[acme.MendObtain], m.onAnew)
	m.look = widget.NewButtonWithIcon("Look again", theme.ViewRefreshIcon(), f.read)
	return m
}

var mendTitles = map[acme.Mend]string{acme.MendWrite: "Write from the other files", acme.MendFetch: "List the chains, to take one again",
	acme.MendObtain: "Obtain the certificate again"}

// needed is what mends all flaws.
func (m *filesMend) needed() (most acme.Mend) {
	for _, flaw := range m.flaws {
		most = max(most, flaw.Mend)
	}
	return most
}

func (m *filesMend) show(flaws []acme.Flaw) {
	m.flaws = flaws
	m.rows.RemoveAll()
	setVisible(m.rows, len(flaws) > 0)
	if len(flaws) == 0 {
		return
	}
	for _, flaw := range flaws {
		m.rows.Add(widgets.NewBar(widgets.Bad, flaw.Text, nil))
	}
	m.do.SetText(mendTitles[m.needed()])
	if dir := m.f.dir(); flaws[0].Path != dir {
		m.rows.Add(m.f.folderRow("The folder", dir))
	}
}

// showButtons offers what mends; unread: the files may be looked at again.
func (m *filesMend) showButtons(unread bool) {
	setVisible(m.do, len(m.flaws) > 0)
	setVisible(m.anew, len(m.flaws) > 0 && m.needed() == acme.MendFetch)
	setVisible(m.look, unread)
}

func (m *filesMend) onMend() {
	switch m.needed() {
	case acme.MendWrite:
		m.onWrite()
	case acme.MendFetch:
		m.f.onList()
	default:
		m.onAnew()
	}
}

func (m *filesMend) onWrite() {
	f := m.f
	name, host, folder := f.g.plan.CertificateName(), f.g.plan.Name, f.g.folder
	begin(f.guideStep, func(context.Context, progress.Report) (judgement, error) {
		got, err := folder.Rewrite(name)
		if err != nil {
			return judgement{flaws: folder.Check(name)}, err
		}
		return f.g.judge(host, got), nil
	}, f.onRead)
}

// onAnew leads back to the order.
func (m *filesMend) onAnew() {
	g := m.f.g
	g.plan.Back(acme.StageCertificate)
	g.save()
	g.refresh()
	g.revealNext()
}

func (f *guideFiles) dir() string { return f.g.folder.Dir(f.g.plan.CertificateName()) }

// folderRow is a folder, to copy its path and to open it.
func (f *guideFiles) folderRow(title, dir string) fyne.CanvasObject {
	open := widget.NewButtonWithIcon("Open", theme.FolderOpenIcon(), func() { f.g.w.openFolder(dir) })
	return labelled(title, container.NewBorder(nil, nil, nil, container.NewCenter(open), copyRow(dir, f.g.copy)))
}

// openFolder shows a folder in the desktop's file manager.
func (w *Window) openFolder(dir string) {
	run(w.env.async, w.env.ctx, func(context.Context) error { return w.app.OpenURL(fileURL(dir)) }, func(err error) {
		if err != nil {
			w.tell(widgets.Warn, dir+" was not opened: "+sentence(err))
		}
	})
}
