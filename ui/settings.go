package ui

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// settings is the page with a profile's form. What is typed is saved by itself, a moment after the last change and
// whenever the page is left; Undo goes back to how the page was opened.
type settings struct {
	w       *Window
	conn    *connection
	form    *form
	opened  profile.Profile // for undo
	loaded  profile.Profile // what the form shows, if nothing was typed since
	loading bool            // the program fills the form
	dirty   bool
	stop    func() bool // the save that is pending
	state   *widgets.Text
	undo    *widget.Button
	stale   *widgets.Bar // the connection stands with older settings
	pointed *widgets.Bar // what is to be filled in before connecting; nil: nothing was said
	note    fyne.CanvasObject
	scroll  *container.Scroll
	box     *fyne.Container
}

// saveDelay is long enough not to write at every letter.
const saveDelay = 600 * time.Millisecond

func newSettings(w *Window) *settings {
	s := &settings{w: w, state: widgets.Muted("").CutTo(420)}
	s.form = newForm(w, s.onEdited)
	s.form.password.OnLeft = s.saveSecrets
	s.form.proxyPassword.OnLeft = s.saveSecrets
	s.form.passphrase.OnLeft = func() { s.form.checkPair(); s.saveSecrets() }
	s.buildUI()
	return s
}

func (s *settings) buildUI() {
	s.undo = widget.NewButtonWithIcon("Undo changes", theme.ContentUndoIcon(), s.onUndo)
	s.undo.Importance = widget.LowImportance
	s.undo.Hide()
	reconnect := widget.NewButtonWithIcon("Reconnect", theme.ViewRefreshIcon(), s.onReconnect)
	s.stale = widgets.NewBar(widgets.Accent, "The connection still runs with the settings it was made with.", nil, reconnect)
	s.stale.Hide()
	text := widget.NewLabel("The practice broker runs on this computer and brings its own address and certificates, new ones each time. Only its name can be changed here.")
	text.Wrapping = fyne.TextWrapWord
	s.note = widgets.NewColumn(820, widgets.NewPanel(text, widgets.Accent.Soft()))
	s.scroll = container.NewVScroll(widgets.NewPadded(0, 20, 16, 20, widgets.NewRows(10, s.note, widgets.NewColumn(820, s.form.box))))
	top := widgets.NewPadded(10, 8, 16, 16, widgets.NewRows(6, container.NewBorder(nil, nil, s.state, s.undo), s.stale))
	s.box = container.NewBorder(top, nil, nil, nil, s.scroll)
}

func (s *settings) content() fyne.CanvasObject { return s.box }

func (s *settings) show(c *connection) {
	if c != s.conn {
		s.conn = c
		s.opened = c.profile.Clone()
		s.load()
		s.scroll.ScrollToTop()
	} else if !s.dirty && !reflect.DeepEqual(s.loaded, c.profile) {
		s.load()
	}
	s.showState()
}

// load fills the form from the profile.
func (s *settings) load() {
	p := s.conn.profile.Clone()
	s.loading = true
	s.form.set(p)
	s.form.offerCA(s.conn.caFiles)
	s.loading = false
	s.loaded, s.dirty = p, false
	setVisible(s.note, p.Practice)
	s.form.restrict(p.Practice)
	s.box.Refresh()
}

func (s *settings) showState() {
	if s.conn == nil {
		return
	}
	text := "Changes are saved as you type."
	if s.dirty {
		text = "Saving…"
	}
	if problems := s.conn.profile.Validate(); !s.dirty && !s.conn.profile.Practice && len(problems) > 0 && s.conn.profile.Server.Host != "" {
		text = problems[0].Text
	}
	if bad := s.form.badNumber(); bad != nil {
		text = bad.problem()
	}
	s.state.Set(text)
	setVisible(s.undo, s.dirty || !reflect.DeepEqual(withoutSubscriptions(s.opened), withoutSubscriptions(s.conn.profile)))
	setVisible(s.stale, s.conn.outdated())
}

// withoutSubscriptions leaves out what the Messages page changes.
func withoutSubscriptions(p profile.Profile) profile.Profile {
	p.Subscriptions = nil
	return p
}

// onEdited is called by the form at every change.
func (s *settings) onEdited() {
	if s.loading || s.conn == nil {
		return
	}
	s.dirty = true
	s.unpoint()
	if s.stop != nil {
		s.stop()
	}
	s.stop = s.w.env.async.after(saveDelay, s.saveTyped)
	s.showState()
}

// leave saves what was typed. It is called by whatever would otherwise lose it.
func (s *settings) leave() {
	s.saveTyped()
	s.saveSecrets()
}

// saveSecrets is called when a secret's field is left, never by the clock: half a password is none, and the keyring may
// ask for something.
func (s *settings) saveSecrets() {
	c := s.conn
	if c == nil {
		return
	}
	for name, value := range s.form.secrets() {
		switch name {
		case store.Passphrase:
			c.passphrase = value
		case store.ProxyPassword:
			c.proxy = value
		default:
			c.password = value
		}
		s.form.hint(name, "Saving…")
		c.storeSecret(name, value, func(ok bool) {
			switch {
			case s.conn != c:
			case ok:
				s.form.hint(name, "Saved. Type to change")
			default:
				s.form.hint(name, "Not saved. Used until the program ends")
			}
		})
	}
	s.form.forgetSecrets()
}

// saveTyped saves all but the secrets.
func (s *settings) saveTyped() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	c := s.conn
	if c == nil || !s.dirty {
		return
	}
	s.dirty = false
	p := s.form.profile(c.profile)
	c.caFiles = s.form.caPaths()
	s.w.rememberCA(c, p)
	s.loaded = p.Clone()
	s.form.rename(p.Name)
	if !reflect.DeepEqual(p, c.profile) {
		c.save(p, nil)
	} else {
		s.showState()
	}
}

// rememberCA keeps the CA files that are named and do not count, so that they are there when they are wanted again.
func (w *Window) rememberCA(c *connection, p profile.Profile) {
	if len(p.Trust.Files) == 0 && len(c.caFiles) > 0 {
		w.app.Preferences().SetStringList(prefCA+p.ID, c.caFiles)
	} else {
		w.app.Preferences().RemoveValue(prefCA + p.ID)
	}
}

func (s *settings) onUndo() {
	s.leave()
	p := s.opened.Clone()
	p.Subscriptions = s.conn.profile.Subscriptions
	s.conn.save(p, nil)
}

func (s *settings) onReconnect() {
	s.leave()
	s.conn.reconnect()
}

// focusHost puts the cursor where a new connection begins.
func (s *settings) focusHost() { s.w.win.Canvas().Focus(s.form.host) }

// point shows what must be filled in before connecting.
func (s *settings) point(p profile.Problem) {
	s.pointed = s.w.tell(widgets.Warn, p.Text)
	s.form.focus(s.w.win.Canvas(), p.Field)
}

// unpoint takes back what point said: it is being filled in, or another connection is looked at.
func (s *settings) unpoint() {
	if s.pointed != nil {
		s.w.dismiss(s.pointed)
		s.pointed = nil
	}
}

// pointNumber shows a field whose number the connection would not be made with.
func (s *settings) pointNumber(n *numberField) {
	s.pointed = s.w.tell(widgets.Warn, n.problem())
	if n.entry != s.form.port {
		s.form.advanced.Open(true)
	}
	s.w.win.Canvas().Focus(n.entry)
}
