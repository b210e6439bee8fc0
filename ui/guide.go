package ui

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/core/remote"
	"mutual/core/solver"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// guide is the page Let's Encrypt: from a deployment's address to a client that has met its new certificate. How far it
// is stands in the plan, which is written after every step.
type guide struct {
	w      *Window
	folder acme.Folder
	plan   acme.Plan
	unread error                        // why the plan of before is not there; nil: it is, or there was none
	typed  map[string]string            // secrets that were typed in this run, by variable
	others map[string]map[string]string // those for certificates that the steps were about before, by name

	kept     *guideKept
	address  *guideAddress
	rights   *guideRights
	alias    *guideAlias
	order    *guideOrder
	files    *guideFiles
	handover *guideHandover
	connect  *guideConnect
	steps    []*guideStep
	again    *widget.Button
	scroll   *container.Scroll
	shown    bool           // the page has been opened; until then no step asks anybody for anything
	working  sync.WaitGroup // what steps do off the window's goroutine
}

func newGuide(w *Window) *guide {
	g := &guide{w: w, folder: acme.Folder{Path: filepath.Join(w.dir, "acme")}, typed: map[string]string{}, others: map[string]map[string]string{}}
	g.plan, g.unread = g.folder.Plan()
	g.buildUI()
	return g
}

// begin says what the page came upon when it was made; the window has to be whole for that.
func (g *guide) begin() {
	if g.unread != nil {
		g.w.tell(widgets.Warn, "How far you were with the certificate cannot be read: "+sentence(g.unread))
	}
	g.kept.watch()
}

func (g *guide) buildUI() {
	title := widgets.Heading("A certificate for your broker's own name", theme.SizeNameSubHeadingText)
	intro := widget.NewLabel("From a deployment's address to a client that trusts it: a name of your own domain, certified by Let's Encrypt and renewed in time. " +
		"Close the window at any time; it goes on from here.")
	intro.Wrapping = fyne.TextWrapWord
	g.again = widget.NewButtonWithIcon("Begin anew", theme.ContentAddIcon(), g.onAnew)
	g.again.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, nil, g.again, title)
	rows := widgets.NewRows(10, head, widgets.NewPadded(-8, 0, -6, 0, intro))
	g.kept = newGuideKept(g)
	rows.Add(g.kept.box)
	g.address, g.rights, g.alias, g.order = newGuideAddress(g), newGuideRights(g), newGuideAlias(g), newGuideOrder(g)
	g.files, g.handover, g.connect = newGuideFiles(g), newGuideHandover(g), newGuideConnect(g)
	g.steps = []*guideStep{g.address.guideStep, g.rights.guideStep, g.alias.guideStep, g.order.guideStep, g.files.guideStep,
		g.handover.guideStep, g.connect.guideStep}
	for _, s := range g.steps {
		rows.Add(s.box)
	}
	turn(g.steps...) // while there is no page yet, which each change would lay out again
	g.scroll = container.NewVScroll(widgets.NewPadded(14, 20, 16, 20, widgets.NewColumn(900, rows)))
	g.refresh()
}

// load fills every step from the plan.
func (g *guide) load() {
	turn(g.steps...)
	g.refresh()
	g.kept.show() // which of them the steps are about
}

// turn makes steps be about what the plan is about now.
func turn(steps ...*guideStep) {
	for _, s := range steps {
		s.turn()
		s.load()
	}
}

func (g *guide) content() fyne.CanvasObject { return g.scroll }

// show is called when anything about the connection has changed, which matters to the last step; and when the page is
// opened.
func (g *guide) show(c *connection) {
	g.connect.met(c)
	if g.w.tabs.Selected() != guidePage {
		return
	}
	before := g.shown
	g.shown = true
	g.refresh()
	g.handover.offerMade()
	g.kept.read()
	if !before {
		g.revealNext()
	}
}

// leave is called when the window closes: what was filled in is kept, and what is being done ends. The function that it
// returns waits until that has put away what it created.
func (g *guide) leave() (wait func()) {
	for _, s := range g.steps {
		if s.draft != nil && !g.plan.Has(s.stage) && s.whole.Visible() {
			s.draft()
			g.save()
		}
	}
	for _, s := range append(slices.Clone(g.steps), g.kept.guideStep) {
		if s.stop != nil {
			s.stop()
		}
	}
	return g.working.Wait
}

// refresh shows each step as it stands: passed, at hand, or still to come.
func (g *guide) refresh() {
	next := g.plan.Next()
	setVisible(g.again, len(g.plan.Passed) > 0)
	for i, s := range g.steps {
		passed := g.plan.Has(s.stage)
		s.set(passed, s.stage == next, i > 0 && !passed && s.stage != next)
	}
	g.scroll.Refresh()
}

// pass marks a step as done, writes that down, and opens the next.
func (g *guide) pass(s *guideStep) {
	g.plan.Pass(s.stage)
	s.chosen = false
	switch s.stage {
	case acme.StageCredentials:
		g.forgetFormer()
	case acme.StageCertificate: // it is this name's own
		g.plan.Certificate = ""
	}
	g.save()
	g.refresh()
	g.revealNext()
}

// forgetFormer removes what is kept for an earlier name that came to nothing, when this one has secrets of its own.
func (g *guide) forgetFormer() {
	former, name, provider := g.plan.Formerly, g.plan.Name, g.plan.Provider
	if former == "" {
		return
	}
	folder, ctx, secrets := g.folder, g.w.env.ctx, g.silent()
	// What cannot be removed stays locked away as it is: nothing is to be done about it.
	inOrder(g.w.env.async, g.w.env.async.secrets, func() error { return folder.ForgetFormer(ctx, former, name, provider, secrets) }, func(error) {})
}

// revealNext scrolls to the step at hand.
func (g *guide) revealNext() {
	for _, s := range g.steps {
		if s.stage == g.plan.Next() {
			g.reveal(s)
		}
	}
}

// reveal scrolls to a step.
func (g *guide) reveal(s *guideStep) {
	g.scroll.Refresh()
	y := float32(0)
	for _, x := range g.steps {
		if x == s {
			break
		}
		y = x.box.Position().Y + x.box.MinSize().Height
	}
	g.scroll.ScrollToOffset(fyne.NewPos(0, max(0, y-40)))
}

// revealEnd scrolls down to what a step says at its end, unless it can be seen.
func (g *guide) revealEnd(s *guideStep) {
	bottom := s.box.Position().Y + s.box.Size().Height + 24 - g.scroll.Size().Height
	if s.box.Visible() && g.scroll.Offset.Y < bottom {
		g.scroll.ScrollToOffset(fyne.NewPos(0, bottom))
	}
}

// save writes the plan. Its copy shares nothing that is changed meanwhile.
func (g *guide) save() {
	p := g.plan
	p.Passed, p.ClientCA, p.Settings = slices.Clone(p.Passed), slices.Clone(p.ClientCA), maps.Clone(p.Settings)
	inOrder(g.w.env.async, g.w.env.async.profiles, func() error { return g.folder.SavePlan(p) }, func(err error) {
		if err != nil {
			g.w.tell(widgets.Warn, "How far you are could not be written down: "+sentence(err))
		}
	})
}

// onAnew begins with another name; what was obtained stays.
func (g *guide) onAnew() {
	if len(g.plan.Passed) == 0 {
		g.address.focus()
		return
	}
	g.w.question("Begin with another name?", "Begin anew", "Go on here",
		paragraph("The certificates that you have stay, and stay in the list. Only the steps begin again from the first."), widget.HighImportance, func(yes bool) {
			if !yes {
				return
			}
			old := g.plan
			g.others[old.CertificateName()], g.typed = g.typed, maps.Clone(g.typed)
			g.plan = acme.Plan{Formerly: old.Former(), RenewWhenDue: old.RenewWhenDue, Provider: old.Provider, Settings: old.Settings, Typed: old.Typed, Directory: old.Directory, Contact: old.Contact,
				KeyType: old.KeyType, Profile: old.Profile, Broker: old.Broker, Kind: old.Kind, OneWay: old.OneWay, ClientCA: old.ClientCA,
				Port: old.Port, UserName: old.UserName, ClientCertificate: old.ClientCertificate, ClientKey: old.ClientKey}
			g.save()
			g.load()
			g.scroll.ScrollToTop()
			g.address.focus()
		})
}

// provider is how the names are proved.
func provider(name string) solver.Provider { return solver.ProviderNamed(name) }

// settingsFor collects what a provider asks for: what was typed, the plan's, and what is kept with the certificate. It
// waits, off the window's goroutine, where the keyring asks for something.
func (g *guide) settingsFor(ctx context.Context, p acme.Plan, typed map[string]string) (map[string]string, error) {
	return g.settingsWith(ctx, p, typed, g.w.env.secrets)
}

// settingsWith is settingsFor with other secrets.
func (g *guide) settingsWith(ctx context.Context, p acme.Plan, typed map[string]string, secrets *store.Secrets) (map[string]string, error) {
	now := p.SolverSettings()
	for variable, value := range typed {
		if p.Provider != "route53" || p.Typed {
			now[variable] = value
		}
	}
	return g.folder.Settings(ctx, p.Name, p.Provider, now, secrets)
}

// snapshot is what a working goroutine may read.
func (g *guide) snapshot() (acme.Plan, map[string]string) {
	p := g.plan
	p.Settings = maps.Clone(p.Settings)
	return p, maps.Clone(g.typed)
}

func (g *guide) solver(ctx context.Context, p acme.Plan, typed map[string]string) (solver.Solver, error) {
	settings, err := g.settingsFor(ctx, p, typed)
	if err != nil {
		return nil, err
	}
	return solver.New(ctx, p.Provider, settings, g.w.resolver)
}

// sentence is an error as people read it.
func sentence(err error) string {
	return progress.Sentence(strings.ReplaceAll(err.Error(), "\n", " "))
}

// problemWords is what kept an order from going on, in the authority's own words where it is the authority's, with what to
// do and from when.
func problemWords(err error) string {
	var n *remote.NetworkError
	if errors.As(err, &n) {
		return n.Host + " could not be asked. " + n.Advice + " In the words of the network: " + sentenceOf(n.Err.Error())
	}
	var p *acme.Problem
	if !errors.As(err, &p) {
		if text := shutWords(err); text != "" {
			return text
		}
		return sentence(err)
	}
	text := "The authority says"
	if p.Name != "" {
		text += " of " + p.Name
	}
	text += ": “" + strings.TrimSuffix(p.Detail, ".") + ".” " + p.Advice
	if !p.RetryAt.IsZero() {
		text += " The next try is allowed at " + p.RetryAt.Local().Format("2006-01-02 15:04:05") + "."
	}
	return text
}

// shutWords says which folder could not be used, where the system did not let it: what a step made of that names only its
// own files. Empty: it is something else.
func shutWords(err error) string {
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) && !errors.Is(err, syscall.ENOSPC) {
		return ""
	}
	var file *fs.PathError
	var moved *os.LinkError
	switch {
	case errors.As(err, &file):
		return "The folder " + filepath.Dir(file.Path) + " cannot be used: " + file.Err.Error() + ". See that you may write in it, and that there is room, and try again."
	case errors.As(err, &moved):
		return "The folder " + filepath.Dir(moved.New) + " cannot be used: " + moved.Err.Error() + ". See that you may write in it, and that there is room, and try again."
	}
	return ""
}

func (g *guide) copy(text string) { g.w.app.Clipboard().SetContent(text) }

// refreshSoon lays the page out again after a part of it has grown; it may be called while the page is being built.
func (g *guide) refreshSoon() {
	if g.scroll != nil {
		g.scroll.Refresh()
	}
}
