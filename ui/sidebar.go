package ui

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// sidebar is the list of connections at the left.
type sidebar struct {
	w      *Window
	search *widgets.Entry
	list   *widget.List
	shown  []*connection // in the list's order
	none   *widget.Label
	hint   *fyne.Container // while there is no connection of the user's own
	add    *widget.Button
	take   *widget.Button
	box    *fyne.Container
	quiet  bool // a selection made by the program
}

func newSidebar(w *Window) *sidebar {
	s := &sidebar{w: w, search: widgets.NewEntry()}
	s.buildUI()
	return s
}

func (s *sidebar) buildUI() {
	s.search.SetPlaceHolder("Search")
	s.search.Icon = theme.SearchIcon()
	s.search.OnChanged = func(string) { s.refresh() }
	s.search.OnEscape = func() { s.search.SetText("") }
	s.search.OnStep = s.step
	s.search.OnSubmitted = func(string) { s.onFound() }
	s.list = widget.NewList(func() int { return len(s.shown) },
		func() fyne.CanvasObject { return widgets.NewProfileRow() }, s.update)
	s.list.HideSeparators = true
	s.list.OnSelected = s.onSelected
	s.none = widget.NewLabelWithStyle("Nothing matches.", fyne.TextAlignCenter, fyne.TextStyle{})
	s.none.Hide()
	s.add = widget.NewButtonWithIcon("New connection", theme.ContentAddIcon(), s.w.onNew)
	s.take = widget.NewButton("Import…", s.w.onImport)
	coming := wrapped(comingWords)
	coming.SizeName = theme.SizeNameCaptionText
	s.hint = container.NewVBox(coming)

	brand := widgets.NewPadded(2, 6, 6, 0, widgets.NewRow(8, newLogo(26), widgets.Heading("Mutual", theme.SizeNameSubHeadingText)))
	s.box = container.NewBorder(container.NewVBox(brand, s.search), container.NewVBox(s.hint, s.w.expiry.button, container.NewBorder(nil, nil, nil, s.take, s.add)), nil, nil, container.NewStack(s.list, container.NewVBox(s.none)))
}

// refresh fills the list anew, by name. It asks the store nothing: that may be waiting for the disk.
func (s *sidebar) refresh() {
	s.w.expiry.changed()
	want := strings.ToLower(strings.TrimSpace(s.search.Text))
	s.shown = s.shown[:0]
	for _, c := range s.w.byName() {
		text := strings.ToLower(c.profile.Name + " " + c.profile.Server.Host)
		if strings.Contains(text, want) {
			s.shown = append(s.shown, c)
		}
	}
	s.none.Hidden = len(s.shown) > 0 || want == ""
	s.none.Refresh()
	setVisible(s.hint, !slices.ContainsFunc(slices.Collect(maps.Values(s.w.connections)), func(c *connection) bool { return !c.profile.Practice }))
	s.list.Refresh()
	if s.w.current != nil {
		s.highlight(s.w.current.profile.ID)
	}
}

func (s *sidebar) update(i widget.ListItemID, o fyne.CanvasObject) {
	if i >= len(s.shown) {
		return
	}
	c, row := s.shown[i], o.(*widgets.ProfileRow)
	row.Set(c.status(s.w.env.now()).tone, c.profile.Name, note(c.inForce()))
	row.OnTap = func() { s.list.Select(i) }
	row.OnMore = func(at fyne.Position) { s.onMore(c, at) }
}

func (s *sidebar) onSelected(i widget.ListItemID) {
	if !s.quiet && i < len(s.shown) {
		s.w.selectProfile(s.shown[i].profile.ID)
	}
}

// step chooses the next connection shown, or the one before.
func (s *sidebar) step(way int) {
	i := slices.Index(s.shown, s.w.current)
	switch {
	case len(s.shown) == 0:
		return
	case i >= 0:
		i = min(max(i+way, 0), len(s.shown)-1)
	case way < 0:
		i = len(s.shown) - 1
	default:
		i = 0
	}
	s.list.Select(i)
}

// onFound chooses the first of what was searched for, unless one of it is chosen.
func (s *sidebar) onFound() {
	if len(s.shown) > 0 && !slices.Contains(s.shown, s.w.current) {
		s.list.Select(0)
	}
}

// highlight marks the row of a connection without choosing it again.
func (s *sidebar) highlight(id string) {
	s.quiet = true
	defer func() { s.quiet = false }()
	for i, c := range s.shown {
		if c.profile.ID == id {
			s.list.Select(i)
			return
		}
	}
	s.list.UnselectAll()
}

func (s *sidebar) onMore(c *connection, at fyne.Position) {
	menu := fyne.NewMenu("",
		fyne.NewMenuItemWithIcon("Duplicate", theme.ContentCopyIcon(), func() { s.w.onDuplicate(c) }),
		fyne.NewMenuItemWithIcon("Export…", theme.UploadIcon(), func() { s.w.onExport(c) }),
		fyne.NewMenuItemWithIcon("Delete", theme.DeleteIcon(), func() { s.w.onDelete(c) }))
	widget.ShowPopUpMenuAtPosition(menu, s.w.win.Canvas(), at)
}

// byName returns all connections in the list's order.
func (w *Window) byName() []*connection {
	return slices.SortedFunc(maps.Values(w.connections), func(a, b *connection) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.profile.Name), strings.ToLower(b.profile.Name)), cmp.Compare(a.profile.ID, b.profile.ID))
	})
}

// added stores a new profile, shows it, and calls then.
func (w *Window) added(p profile.Profile, then func()) {
	inOrder(w.env.async, w.env.async.profiles, func() stored {
		q, err := w.env.store.Save(p)
		return stored{q, err}
	}, func(r stored) {
		if r.err != nil {
			w.tell(widgets.Bad, "The connection was not saved: "+r.err.Error()+".")
			return
		}
		c := w.connection(r.profile)
		w.sidebar.search.SetText("")
		w.sidebar.refresh()
		w.selectProfile(c.profile.ID)
		if then != nil {
			then()
		}
	})
}

// newName is what a connection is called until it has an address.
const newName = "New connection"

func (w *Window) onNew() {
	w.added(profile.New(newName), func() {
		w.tabs.Select(settingsPage)
		w.settings.focusHost()
	})
}

func (w *Window) onAddPractice() {
	p := profile.Practice()
	p.ID = ""
	w.added(p, func() { w.tabs.Select(messagesPage) })
}

func (w *Window) onDuplicate(c *connection) {
	w.settings.leave()
	p := c.profile.Clone()
	if p.Practice { // the copy is a connection of the user's own: to the broker that runs, or to one that is to be named
		subscriptions := p.Subscriptions
		if p = profile.New(p.Name); c.practice != nil {
			p = c.effective().Clone()
		}
		p.Name, p.Practice, p.Subscriptions = c.profile.Name, false, subscriptions
	}
	p.ID, p.Name = "", p.Name+" (copy)"
	w.added(p, func() {
		if p.Server.Host == "" {
			w.tabs.Select(settingsPage)
			w.settings.focusHost()
		}
	})
}

func (w *Window) onDelete(c *connection) {
	w.settings.leave()
	id, name := c.profile.ID, c.profile.Name
	c.disconnect()
	inOrder(w.env.async, w.env.async.profiles, func() error { return w.env.store.Remove(id) }, func(err error) {
		if err != nil {
			w.tell(widgets.Bad, "“"+name+"” was not deleted: "+err.Error()+".")
			return
		}
		delete(w.connections, id)
		w.app.Preferences().RemoveValue(prefCA + id)
		w.sidebar.refresh()
		if w.current == c {
			next := ""
			if len(w.sidebar.shown) > 0 {
				next = w.sidebar.shown[0].profile.ID
			}
			w.selectProfile(next)
		}
		undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), nil)
		bar := w.tell(widgets.Neutral, "Deleted “"+name+"”.", undo)
		undo.OnTapped = func() { w.dismiss(bar); w.restore(id) }
	})
}

func (w *Window) restore(id string) {
	run(w.env.async, w.env.ctx, func(context.Context) stored {
		p, err := w.env.store.Restore(id)
		return stored{p, err}
	}, func(r stored) {
		if r.err != nil {
			w.tell(widgets.Bad, "The connection could not be brought back: "+r.err.Error()+".")
			return
		}
		w.connection(r.profile)
		w.sidebar.refresh()
		w.selectProfile(id)
	})
}
