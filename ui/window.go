package ui

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/assets"
	"mutual/core/diagnose"
	"mutual/core/nameserver"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// Options of the window. Store is needed; the zero value of the rest is what the program uses.
type Options struct {
	Store   *store.Store
	Dir     string         // the store's folder: new certificates go below it
	Notices []store.Notice // what opening the store came upon; shown once
	Poster  Poster         // nil: FynePoster
	Now     func() time.Time
	Roots   func() *pki.Roots // nil: the public roots of this machine
	// Resolver asks the DNS for the page Let's Encrypt; the zero value asks the system's.
	Resolver nameserver.Resolver
	Notify   func(title, text string) // to the desktop, from any goroutine; nil: as the system does
	Redraw   time.Duration            // how often messages and countdowns are redrawn; 0: 5 times a second
	// Closing is called once everything is put away, just before the window goes; nil: nobody is told.
	Closing func()
}

// redraw is what 50,000 messages a second cost a fifth of one core at; twice as often costs a third.
const redraw = 200 * time.Millisecond

// Names of the pages, in the order of the tabs.
const (
	messagesPage = iota
	diagnosisPage
	certificatesPage
	settingsPage
	practicePage
	guidePage
	pageCount
)

// pageNames are the tabs' names.
var pageNames = [pageCount]string{"Messages", "Diagnosis", "Certificates", "Settings", "Practice", "Let's Encrypt"}

// needsConnection are the pages that show nothing without one.
var needsConnection = [pageCount]bool{messagesPage: true, diagnosisPage: true, settingsPage: true}

// page is one page of the window.
type page interface {
	content() fyne.CanvasObject
	// show is called whenever something about the connection may have changed; with nil where there is none, unless the
	// page needs one.
	show(c *connection)
}

// Window is the program's one window.
type Window struct {
	app  fyne.App
	win  fyne.Window
	env  *environment
	dir  string
	stop context.CancelFunc
	// closing is Options.Closing.
	closing func()

	connections map[string]*connection // by profile ID
	current     *connection            // nil: there is none

	sidebar     *sidebar
	header      *header
	tabs        *widgets.Tabs
	messages    *messages
	pages       [pageCount]page
	diagnosis   *diagnosis
	certs       *certificates
	certPage    *certPage
	workshop    *workshop
	maker       *maker
	offered     *offerDialog // the one shown last; nil: none
	settings    *settings
	lessons     *lessons
	guide       *guide
	resolver    nameserver.Resolver
	stack       *fyne.Container
	bars        *fyne.Container
	right       *fyne.Container
	brow        *fyne.Container // air above the tabs where there is no header
	empty       *fyne.Container // in the place of a page that needs a connection
	closed      bool
	open        dialog.Dialog // the dialog on top; nil: none
	asked       *asked
	checks      map[*widgets.FileField]int // counts the checks of a field, so that a late answer is not shown
	secret      *widgets.Entry             // of the secret asked for last
	secretAgain *widgets.Entry
	handing     *handover // the hand-over that is open; nil: none
	expiry      *expiry
	importing   *importer // the import that is open; nil: none
	exporting   *exporter // the export that was shown last; nil: none
}

// New builds the window; Show it, and run the application.
func New(app fyne.App, o Options) *Window {
	if o.Poster == nil {
		o.Poster = FynePoster
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Redraw == 0 {
		o.Redraw = redraw
	}
	if o.Notify == nil {
		o.Notify = desktopNotice(app)
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Window{app: app, stop: stop, closing: o.Closing, dir: o.Dir, resolver: o.Resolver, connections: map[string]*connection{}, checks: map[*widgets.FileField]int{}}
	w.env = &environment{ctx: ctx, async: newAsync(ctx, o.Poster), store: o.Store, dir: o.Dir, now: o.Now, roots: o.Roots, notify: o.Notify}
	w.env.secrets = o.Store.Secrets(w.askSecrets)
	w.env.passphrase = w.askPassphrase
	w.env.tell = func(text string) { w.tell(widgets.Bad, text) }
	app.Settings().SetTheme(widgets.NewTheme(widgets.Variant(app.Preferences().String(prefTheme))))

	w.win = app.NewWindow("Mutual")
	w.win.SetIcon(Icon())
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.buildUI()
	w.win.SetMainMenu(w.mainMenu())
	w.win.SetOnDropped(w.onDropped)
	w.win.SetCloseIntercept(w.Close)
	w.win.Canvas().SetOnTypedKey(w.onKey)
	app.Lifecycle().SetOnExitedForeground(w.onAway)
	w.win.Canvas().AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) { w.certPage.onPaste() })
	w.win.Resize(w.rememberedSize())
	w.win.CenterOnScreen()

	w.load()
	w.notices(o.Notices)
	w.expiry.begin()
	w.env.async.every(ctx, o.Redraw, w.onTick)
	w.guide.begin()
	return w
}

// Icon is the program's icon.
func Icon() fyne.Resource { return icon }

var icon = fyne.NewStaticResource("mutual.png", assets.Icon)

// logo is the icon for drawing, decoded once: as a resource it is decoded again at every refresh.
var logo = sync.OnceValue(func() image.Image {
	p, err := png.Decode(bytes.NewReader(assets.Icon))
	if err != nil {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1)) // it is embedded: a test sees to it
	}
	return p
})

// newLogo draws the icon in a square.
func newLogo(side float32) fyne.CanvasObject {
	l := canvas.NewImageFromImage(logo())
	l.FillMode = canvas.ImageFillContain
	l.ScaleMode = canvas.ImageScaleSmooth
	l.SetMinSize(fyne.NewSquareSize(side))
	return l
}

// Show shows the window.
func (w *Window) Show() { w.win.Show() }

func (w *Window) buildUI() {
	w.expiry = newExpiry(w)
	w.sidebar = newSidebar(w)
	w.header = newHeader(w)
	w.messages, w.diagnosis, w.certs, w.settings = newMessages(w), newDiagnosis(w), newCertificates(w), newSettings(w)
	w.lessons, w.guide = newLessons(w), newGuide(w)
	w.certPage = newCertPage(w, w.certs)
	w.pages = [pageCount]page{w.messages, w.diagnosis, w.certPage, w.settings, w.lessons, w.guide}
	w.stack = container.NewStack()
	for _, p := range w.pages {
		w.stack.Add(p.content())
	}
	w.tabs = widgets.NewTabs(pageNames[:], w.onPage)
	w.bars = widgets.NewRows(4)

	w.brow = widgets.NewFixedHeight(6, layout.NewSpacer())
	head := widgets.NewPanel(widgets.NewRows(8, w.header.box, w.brow, w.tabs), widgets.ColorSurface)
	head.Radius, head.PadX, head.PadY = 0, 22, 0
	top := container.NewVBox(widgets.NewRows(0, head, widget.NewSeparator()), widgets.NewPadded(0, 0, 16, 16, w.bars))
	w.empty = w.buildEmpty()
	w.stack.Add(w.empty)

	w.right = container.NewBorder(top, nil, nil, nil, w.stack)

	side := widgets.NewPanel(w.sidebar.box, widgets.ColorSidebar)
	side.Radius, side.PadX, side.PadY = 0, 10, 12
	w.win.SetContent(container.NewBorder(nil, nil, widgets.NewFixedWidth(272, side), nil, w.right))
}

// buildEmpty is what stands in the place of a page that needs a connection when there is none at all.
func (w *Window) buildEmpty() *fyne.Container {
	title := widgets.Heading("No connections yet", theme.SizeNameHeadingText)
	add := widget.NewButtonWithIcon("New connection", theme.ContentAddIcon(), w.onNew)
	add.Importance = widget.HighImportance
	try := widget.NewButton("Try the practice broker", w.onAddPractice)
	take := widget.NewButtonWithIcon("Import connections…", theme.DownloadIcon(), w.onImport)
	explain := newExplainButton(w.diagnosis)
	explain.Importance = widget.LowImportance
	text := widget.NewLabelWithStyle("Connect to your broker, or try everything with one that runs on this computer.",
		fyne.TextAlignCenter, fyne.TextStyle{})
	coming := widget.NewLabelWithStyle(comingWords, fyne.TextAlignCenter, fyne.TextStyle{})
	e := container.NewCenter(widgets.NewRows(12, newLogo(96), container.NewCenter(title), text,
		container.NewCenter(container.NewHBox(add, try)), coming, container.NewCenter(take), container.NewCenter(explain)))
	e.Hide()
	return e
}

// load fills the list and selects the connection that was shown last.
func (w *Window) load() {
	for _, p := range w.env.store.Profiles() {
		w.connection(p)
	}
	w.sidebar.refresh()
	last := w.app.Preferences().String(prefProfile)
	if _, ok := w.connections[last]; !ok {
		last = ""
		if all := w.sidebar.shown; len(all) > 0 {
			last = all[0].profile.ID
		}
	}
	w.selectProfile(last)
	w.tabs.Select(min(max(w.app.Preferences().Int(prefPage), 0), pageCount-1))
}

// connection returns the live connection of a stored profile.
func (w *Window) connection(p profile.Profile) *connection {
	c, ok := w.connections[p.ID]
	if !ok {
		c = newConnection(w.env, p, nil)
		c.changed = func() { w.onChanged(c) }
		c.concluded = func() { w.onConcluded(c) }
		c.caFiles = w.app.Preferences().StringList(prefCA + p.ID)
		w.connections[p.ID] = c
	}
	return c
}

// selectProfile shows the connection with that ID; with an unknown one, none is shown.
func (w *Window) selectProfile(id string) {
	c := w.connections[id]
	if c != w.current {
		w.settings.leave()
		w.settings.unpoint()
	}
	w.current = c
	w.app.Preferences().SetString(prefProfile, id)
	w.sidebar.highlight(id)
	w.header.box.Hidden, w.brow.Hidden = c == nil, c != nil
	w.showPage()
	w.show()
}

// show draws everything about the current connection.
func (w *Window) show() {
	w.mark()
	if w.current != nil {
		w.header.show(w.current)
	}
	for i, p := range w.pages {
		w.fill(i, p)
	}
}

// fill draws a page, unless it needs a connection and there is none.
func (w *Window) fill(i int, p page) {
	if w.current != nil || !needsConnection[i] {
		p.show(w.current)
	}
}

// showPage shows the page that is chosen, or in its place how to get the connection that it needs.
func (w *Window) showPage() {
	missing := w.current == nil && needsConnection[w.tabs.Selected()]
	for i, p := range w.pages {
		setVisible(p.content(), i == w.tabs.Selected() && !missing)
	}
	setVisible(w.empty, missing)
	w.right.Refresh()
}

// mark counts the findings beside the page's name.
func (w *Window) mark() {
	var severity diagnose.Severity
	text := ""
	if w.current != nil {
		var n int
		if severity, n = w.current.worst(); n > 0 {
			text = countText(n)
		}
	}
	w.tabs.Mark(diagnosisPage, widgets.SeverityTone(severity), text)
	running := ""
	if c := w.lessons.practising(); c != nil && c.fault != "" {
		running = "•"
	}
	w.tabs.Mark(practicePage, widgets.Accent, running)
}

func (w *Window) onChanged(c *connection) {
	if w.closed {
		return
	}
	w.sidebar.refresh()
	if c == w.current {
		w.show()
		return
	}
	w.guide.connect.met(c) // the last step waits for its connection, whichever is shown
	if c.profile.Practice {
		w.mark()
		w.lessons.show(w.current)
	}
}

// onConcluded shows why a connection that the user asked for did not come about.
func (w *Window) onConcluded(c *connection) {
	if c == w.current && !c.live() && diagnose.Failed(c.result.Findings) && w.tabs.Selected() == messagesPage {
		w.tabs.Select(diagnosisPage)
	}
}

func (w *Window) onPage(i int) {
	if i != settingsPage && w.current != nil {
		w.settings.leave()
	}
	w.showPage()
	w.app.Preferences().SetInt(prefPage, i)
	w.fill(i, w.pages[i])
	if w.current != nil {
		w.header.show(w.current)
	}
}

// onTick redraws what changes by itself: messages and countdowns.
func (w *Window) onTick() {
	if w.closed || w.current == nil {
		return
	}
	if w.tabs.Selected() == messagesPage {
		w.messages.redraw()
	}
	w.header.tick(w.current)
}

// Close ends all sessions, waiting for them no longer than a goodbye takes, and then the program. The window stays
// alive meanwhile.
func (w *Window) Close() {
	if w.closed {
		return
	}
	w.settings.leave()
	guideEnds := w.guide.leave()
	w.closed = true
	w.rememberSize()
	w.header.farewell()
	type running struct {
		session  *session.Session
		practice *practice
		cancel   context.CancelFunc
	}
	var left []running
	for _, c := range w.connections {
		c.stopTry()
		left = append(left, running{c.session, c.practice, c.cancel})
	}
	w.env.async.within(closeLimit, func() {
		ends := []func(){guideEnds, func() { w.env.async.flush(closeLimit) }}
		for _, c := range left {
			ends = append(ends, func() { closeAll(c.session, c.practice, c.cancel) })
		}
		together(ends)
	}, func() {
		w.stop()
		if w.closing != nil {
			w.closing()
		}
		w.win.SetCloseIntercept(nil)
		w.win.Close()
	})
}

// closeLimit is a little more than Session.Close's own bound.
const closeLimit = 3 * time.Second
