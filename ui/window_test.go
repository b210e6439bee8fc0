package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// TestOnlyAsyncHasGoroutines: one file decides what runs off the window's goroutine.
func TestOnlyAsyncHasGoroutines(t *testing.T) {
	for _, dir := range []string{".", "widgets"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(err, files)
		}
		for _, name := range files {
			if name == "async.go" || strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(data), "\n") {
				code := strings.TrimSpace(line)
				if strings.HasPrefix(code, "//") {
					continue
				}
				if strings.HasPrefix(code, "go ") || strings.Contains(code, "fyne.Do") {
					t.Errorf("%s:%d: %s", name, i+1, code)
				}
			}
		}
	}
}

func TestDeleteAndUndo(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("doomed")
	p.Server.Host = "doomed.example"
	c := r.add(p)
	r.onDelete(c)
	r.until("it to be gone", func() bool { return r.current != c })
	if _, ok := r.env.store.Named(c.profile.ID); ok {
		t.Fatal("the store still has it")
	}
	bar := r.bars.Objects[len(r.bars.Objects)-1].(*widgets.Bar)
	r.shoot("12-deleted")
	test.Tap(bar.Actions[0])
	r.until("it to be back", func() bool { return r.current != nil && r.current.profile.Name == "doomed" })
	if got, ok := r.env.store.Named(c.profile.ID); !ok || got.Server.Host != "doomed.example" {
		t.Errorf("brought back %+v", got)
	}
}

// TestDeleteTheLast: without any connection, the pages that need one say how to get one; the others are there and work,
// and a message can be explained.
func TestDeleteTheLast(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	dir := t.TempDir()
	r := rigOn(t, dir, nil, nil)
	r.onDelete(r.current)
	r.until("the empty state", func() bool { return r.current == nil && r.empty.Visible() })
	r.shoot("13-nothing")
	for i, p := range r.pages {
		r.tabs.Select(i)
		r.settle()
		needs := i == messagesPage || i == diagnosisPage || i == settingsPage
		if r.empty.Visible() != needs || p.content().Visible() == needs {
			t.Errorf("without a connection, %s is shown: %v, the empty state: %v", pageNames[i], p.content().Visible(), r.empty.Visible())
		}
	}
	r.shoot("13-nothing-guide")
	test.Tap(r.guide.address.check)
	if !strings.Contains(r.guide.address.said.Text, "Enter the address") {
		t.Errorf("the guide says %q", r.guide.address.said.Text)
	}
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(filesPart)
	r.app.Clipboard().SetContent("nothing much")
	r.certPage.onPaste()
	if len(r.workshop.paths) != 1 {
		t.Errorf("what is pasted is not looked into: %v", r.workshop.paths)
	}
	r.tabs.Select(diagnosisPage)
	test.Tap(offered(r.empty)["Explain message…"])
	e := r.diagnosis.explainer
	e.entry.SetText("tls: bad certificate")
	r.until("the explanation", func() bool { return len(e.found) > 0 })
	if len(e.checks) != 0 {
		t.Error("a connection that is not there is to be checked")
	}
	e.close()
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(wizardPart)
	r.shoot("13-nothing-certificates")
	r.shut()

	r = rigOn(t, dir, nil, nil) // the store is empty from the beginning
	if r.current != nil || r.messages.content().Visible() || !r.empty.Visible() || r.header.box.Visible() {
		t.Errorf("a new window shows messages: %v, the empty state: %v, a header: %v", r.messages.content().Visible(), r.empty.Visible(), r.header.box.Visible())
	}
	r.tabs.Select(practicePage)
	r.lessons.onStart()
	r.badge(widgets.Good, "Two-way TLS")
	if !r.header.box.Visible() || r.empty.Visible() {
		t.Error("the practice broker that was started is not shown")
	}
}

func TestDuplicate(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("one")
	p.Server.Host = "one.example"
	c := r.add(p)
	r.onDuplicate(c)
	r.until("the copy", func() bool { return r.current.profile.Name == "one (copy)" })
	if r.current.profile.ID == c.profile.ID || r.current.profile.Server.Host != "one.example" {
		t.Errorf("copied to %+v", r.current.profile)
	}
}

// TestDuplicatePractice: the copy is the user's own, and leads to the broker that runs, or asks where to.
func TestDuplicatePractice(t *testing.T) {
	r := newRig(t, nil)
	practice := r.current
	r.onDuplicate(practice)
	r.until("the copy", func() bool { return r.current != practice })
	if p := r.current.profile; p.Practice || p.Server.Host != "" || p.Name != "Practice broker (copy)" || r.tabs.Selected() != settingsPage {
		t.Errorf("copied to %+v, page %d", p, r.tabs.Selected())
	}
	r.selectProfile(practice.profile.ID)
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.onDuplicate(practice)
	r.until("the second copy", func() bool { return r.current != practice })
	if p := r.current.profile; p.Practice || address(p) != address(practice.effective()) {
		t.Errorf("copied to %+v", p)
	}
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
}

func TestSearch(t *testing.T) {
	r := newRig(t, func(s *store.Store) {
		for _, name := range []string{"alpha", "beta"} {
			p := profile.New(name)
			p.Server.Host = name + ".example"
			if _, err := s.Save(p); err != nil {
				t.Fatal(err)
			}
		}
	})
	r.sidebar.search.SetText("BETA.ex")
	if len(r.sidebar.shown) != 1 || r.sidebar.shown[0].profile.Name != "beta" {
		t.Errorf("%d are shown", len(r.sidebar.shown))
	}
	r.sidebar.search.SetText("")
	if len(r.sidebar.shown) != 3 {
		t.Errorf("%d are shown", len(r.sidebar.shown))
	}
}

// TestUnreadableProfile: what the store came upon is said once, above the page.
func TestUnreadableProfile(t *testing.T) {
	app := test.NewTempApp(t)
	dir := t.TempDir()
	if _, _, err := store.Open(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "profiles", "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, notices, err := store.Open(dir)
	if err != nil || len(notices) == 0 {
		t.Fatal(err, notices)
	}
	queue := make(chan func(), 1000)
	w := New(app, Options{Store: s, Dir: dir, Notices: notices, Poster: func(f func()) { queue <- f }})
	bar := w.bars.Objects[0].(*widgets.Bar)
	if bar.Label.Text != notices[0].Text {
		t.Errorf("the bar says %q", bar.Label.Text)
	}
	test.Tap(bar.Close)
	if len(w.bars.Objects) != 0 {
		t.Error("the bar cannot be dismissed")
	}
}

// TestEscape closes what is on top.
func TestEscape(t *testing.T) {
	r := newRig(t, nil)
	r.onAbout()
	if r.open == nil {
		t.Fatal("nothing was opened")
	}
	r.onKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.open != nil || r.win.Canvas().Overlays().Top() != nil {
		t.Error("the dialog is still open")
	}
}

// TestShortcuts: all of them are in the menu, where they work while a field has the focus.
func TestShortcuts(t *testing.T) {
	r := newRig(t, nil)
	seen := map[string]bool{}
	for _, m := range r.win.MainMenu().Items {
		for _, i := range m.Items {
			if i.Shortcut == nil {
				continue
			}
			if name := i.Shortcut.ShortcutName(); seen[name] {
				t.Errorf("%s twice", name)
			} else {
				seen[name] = true
			}
		}
	}
	if len(seen) < 9 {
		t.Errorf("%d shortcuts: %v", len(seen), seen)
	}
}

// TestRemembered: the page and the profile of the last time are shown again.
func TestRemembered(t *testing.T) {
	r := newRig(t, nil)
	c := r.add(profile.New("mine"))
	r.tabs.Select(certificatesPage)
	p := r.app.Preferences()
	if p.String(prefProfile) != c.profile.ID || p.Int(prefPage) != certificatesPage {
		t.Errorf("remembered %q, %d", p.String(prefProfile), p.Int(prefPage))
	}
}
