package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"

	"mutual/ui/widgets"
)

// Keys of what is remembered between runs.
const (
	prefTheme   = "theme"
	prefProfile = "profile"
	prefPage    = "page"
	prefWidth   = "window.width"
	prefHeight  = "window.height"
	prefTopic   = "publish.topic"
	prefCA      = "ca." // and the profile's ID: CA files that were left for public authorities
)

// Smallest and first size of the window.
const (
	firstWidth, firstHeight = 1280, 800
	leastWidth, leastHeight = 860, 560
)

// mainMenu holds every shortcut: those of the menu work while an entry has the focus, those of the canvas do not.
func (w *Window) mainMenu() *fyne.MainMenu {
	item := func(name string, key fyne.KeyName, do func()) *fyne.MenuItem {
		m := fyne.NewMenuItem(name, do)
		if key != "" {
			m.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
		}
		return m
	}
	quit := item("Quit", fyne.KeyQ, w.Close)
	quit.IsQuit = true
	file := fyne.NewMenu("File",
		item("New connection", fyne.KeyN, w.onNew),
		item("Find a connection", fyne.KeyF, func() { w.win.Canvas().Focus(w.sidebar.search) }),
		fyne.NewMenuItemSeparator(),
		item("Import connections…", fyne.KeyO, w.onImport),
		item("Export this connection…", "", w.onExportCurrent),
		item("Export all connections…", "", w.onExportAll),
		fyne.NewMenuItemSeparator(),
		item("Connect, or publish", fyne.KeyReturn, w.onCtrlReturn),
		item("Disconnect", fyne.KeyD, w.header.onDisconnect),
		fyne.NewMenuItemSeparator(),
		item("Hand over to a broker…", fyne.KeyB, w.onHandover),
		item("Certificates in use…", fyne.KeyE, w.expiry.open),
		fyne.NewMenuItemSeparator(), quit)
	view := fyne.NewMenu("View")
	for i, key := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6} {
		view.Items = append(view.Items, item(pageNames[i], key, func() { w.tabs.Select(i) }))
	}
	look := fyne.NewMenuItem("Theme", nil)
	look.ChildMenu = fyne.NewMenu("", w.themeItems()...)
	view.Items = append(view.Items, fyne.NewMenuItemSeparator(), look)
	return fyne.NewMainMenu(file, view, fyne.NewMenu("Help", fyne.NewMenuItem("About Mutual", w.onAbout)))
}

func (w *Window) themeItems() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	now := widgets.Variant(w.app.Preferences().StringWithFallback(prefTheme, string(widgets.FollowSystem)))
	for _, c := range []struct {
		name string
		v    widgets.Variant
	}{{"As the system", widgets.FollowSystem}, {"Light", widgets.Light}, {"Dark", widgets.Dark}} {
		m := fyne.NewMenuItem(c.name, func() { w.setTheme(c.v) })
		m.Checked = c.v == now
		items = append(items, m)
	}
	return items
}

func (w *Window) setTheme(v widgets.Variant) {
	w.app.Preferences().SetString(prefTheme, string(v))
	w.app.Settings().SetTheme(widgets.NewTheme(v))
	w.win.SetMainMenu(w.mainMenu())
}

// onCtrlReturn does what the page is for.
func (w *Window) onCtrlReturn() {
	switch c := w.current; {
	case c == nil:
	case c.connected() && w.tabs.Selected() == messagesPage:
		w.messages.compose.onPublish()
	case !c.live() && !c.busy():
		w.header.onConnect()
	}
}

// onKey closes what is on top, which Fyne's dialogs do not do by themselves.
func (w *Window) onKey(k *fyne.KeyEvent) {
	if k.Name != fyne.KeyEscape {
		return
	}
	if d := w.open; d != nil {
		d.Hide()
		return
	}
	if top := w.win.Canvas().Overlays().Top(); top != nil {
		top.Hide()
		return
	}
	w.messages.closeDetail()
}

// onAway is called when another program's window takes the focus.
func (w *Window) onAway() {
	if e, ok := w.win.Canvas().Focused().(*widgets.Entry); ok {
		e.Away()
	}
}

func (w *Window) onAbout() {
	meta := w.app.Metadata()
	w.showDialog(dialog.NewInformation("About Mutual",
		"Mutual "+meta.Version+"\n\nA desktop MQTT client that gets two-way TLS working and says why it does not.", w.win))
}

func (w *Window) rememberedSize() fyne.Size {
	p := w.app.Preferences()
	return fyne.NewSize(
		float32(max(p.FloatWithFallback(prefWidth, firstWidth), leastWidth)),
		float32(max(p.FloatWithFallback(prefHeight, firstHeight), leastHeight)))
}

func (w *Window) rememberSize() {
	size := w.win.Canvas().Size()
	w.app.Preferences().SetFloat(prefWidth, float64(size.Width))
	w.app.Preferences().SetFloat(prefHeight, float64(size.Height))
}
