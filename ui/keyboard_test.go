package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"mutual/core/profile"
)

// TestFocusStaysInSight: what is typed after another page was chosen does not go on into the page that is hidden.
func TestFocusStaysInSight(t *testing.T) {
	r := newRig(t, nil)
	canvas := r.win.Canvas()
	r.tabs.Select(messagesPage)
	canvas.Focus(r.messages.compose.topic)
	r.tabs.Select(practicePage)
	if f := canvas.Focused(); f != nil {
		t.Errorf("on another page the focus is on a hidden %T", f)
	}
	canvas.Focus(r.sidebar.search)
	r.tabs.Select(messagesPage)
	if f := canvas.Focused(); f != r.sidebar.search {
		t.Errorf("the focus went from the search, which can be seen, to %T", f)
	}
}

// TestSamePageAgain: the key of the page that is shown already does not end what is being typed: half a password would be kept.
func TestSamePageAgain(t *testing.T) {
	r := newRig(t, nil)
	r.add(profile.New("mine"))
	r.tabs.Select(settingsPage)
	password := r.settings.form.password
	r.win.Canvas().Focus(password)
	password.SetText("ses")
	r.tabs.Select(settingsPage)
	if password.Text != "ses" || r.win.Canvas().Focused() != password || r.current.password != "" {
		t.Errorf("the field holds %q, the connection %q", password.Text, r.current.password)
	}
	password.SetText("")
}

// TestPageStaysWhileAway: a window that comes back shows the page as it was left, wherever the focus is on it.
func TestPageStaysWhileAway(t *testing.T) {
	r := newRig(t, nil)
	r.add(profile.New("mine"))
	r.tabs.Select(settingsPage)
	r.settings.form.advanced.Open(true)
	r.relayout()
	host, page := r.settings.form.host, r.settings.scroll
	r.win.Canvas().Focus(host)
	page.ScrollToBottom()
	before := page.Offset
	if before.Y == 0 {
		t.Fatal("there is nothing to scroll")
	}
	host.FocusLost()
	r.app.Lifecycle().(interface{ OnExitedForeground() func() }).OnExitedForeground()()
	host.FocusGained()
	if page.Offset != before {
		t.Errorf("the page went from %v to %v", before, page.Offset)
	}
}

// TestTabsByKeyboard: the pages, which are chosen with the mouse, are reached with the keyboard too.
func TestTabsByKeyboard(t *testing.T) {
	r := newRig(t, nil)
	canvas := r.win.Canvas()
	first, ok := r.tabs.Tab(diagnosisPage).(fyne.Focusable)
	if !ok {
		t.Fatal("a tab takes no focus")
	}
	canvas.Focus(first)
	first.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if r.tabs.Selected() != diagnosisPage || canvas.Focused() != first {
		t.Fatalf("Space chose page %d, the focus is on %T", r.tabs.Selected(), canvas.Focused())
	}
	canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if r.tabs.Selected() != certificatesPage {
		t.Errorf("the arrow went to page %d", r.tabs.Selected())
	}
	canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if r.tabs.Selected() != diagnosisPage {
		t.Errorf("the arrow went back to page %d", r.tabs.Selected())
	}
}

// TestTabLeavesEveryField: the keyboard gets out of a field of several lines.
func TestTabLeavesEveryField(t *testing.T) {
	r := newRig(t, nil)
	canvas := r.win.Canvas()
	r.tabs.Select(messagesPage)
	payload := r.messages.compose.payload
	if payload.AcceptsTab() {
		t.Error("Tab stays in the message")
	}
	canvas.Focus(payload)
	canvas.FocusNext()
	if canvas.Focused() == payload {
		t.Error("nothing comes after the message")
	}
}

// TestFoundByKeyboard: Enter takes the first of what was searched for, the arrows go through the list.
func TestFoundByKeyboard(t *testing.T) {
	r := newRig(t, nil)
	for _, name := range []string{"alpha", "beta", "gamma"} {
		p := profile.New(name)
		p.Server.Host = name + ".example"
		r.add(p)
	}
	search := r.sidebar.search
	search.SetText("beta")
	search.OnSubmitted(search.Text)
	if r.current.profile.Name != "beta" {
		t.Fatalf("Enter chose %s", r.current.profile.Name)
	}
	search.SetText("")
	for _, c := range []struct {
		key  fyne.KeyName
		want string
	}{{fyne.KeyUp, "alpha"}, {fyne.KeyUp, "alpha"}, {fyne.KeyDown, "beta"}, {fyne.KeyDown, "gamma"}} {
		search.TypedKey(&fyne.KeyEvent{Name: c.key})
		if r.current.profile.Name != c.want {
			t.Errorf("after %s it is %s, want %s", c.key, r.current.profile.Name, c.want)
		}
	}
}
