package ui

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
	"mutual/core/deploy"
	"mutual/core/progress"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// TestGuideTurn: what was said of one certificate is not said of the next, and what is still being done for it ends
// without a word; the step then does what it does when it opens.
func TestGuideTurn(t *testing.T) {
	r := newRig(t, nil)
	r.tabs.Select(guidePage)
	g := r.guide
	g.plan.Name = "a.example.org"
	for _, s := range g.steps {
		s.say(widgets.Bad, "of a")
		s.steps.tell(progress.Event{Step: progress.Order, Detail: "of a"})
	}
	opened := 0
	g.files.opened = func() { opened++ }
	left := &acme.LeftoverError{What: []string{"the record of a"}, Problems: []error{context.Canceled}}
	begin(g.files.guideStep, func(ctx context.Context, _ progress.Report) (int, error) {
		<-ctx.Done()
		return 0, left
	}, func(int, error) { t.Error("it is told what came of it") })
	g.kept.onContinue(acme.Kept{Name: "b.example.org", Request: acme.Request{Names: []string{"b.example.org"}, Solver: solver.Manual}, NotAfter: keptOf("b").NotAfter})
	opened = 0
	r.ended(g.files.guideStep)
	for _, s := range g.steps {
		if s.said.Text != "" || s.steps.text() != "" {
			t.Errorf("of the other certificate the step %s says %q and %q", s.stage, s.said.Text, s.steps.text())
		}
	}
	if opened != 1 {
		t.Errorf("the step at hand has opened %d times since", opened)
	}
	if !r.told("The next try begins with that") {
		t.Error("what is left behind of the other certificate is not told")
	}
}

// TestGuideUnopened: the authority is asked when the page is opened, and not by every window that opens on another one.
func TestGuideUnopened(t *testing.T) {
	dir := t.TempDir()
	plan := acme.Plan{Name: "a.example.org", Provider: solver.Manual, Directory: silentAuthority(t), Passed: acme.Stages[:3]}
	if err := (acme.Folder{Path: filepath.Join(dir, "acme")}).SavePlan(plan); err != nil {
		t.Fatal(err)
	}
	r := rigOn(t, dir, nil, nil)
	if r.guide.order.stop != nil {
		t.Error("it is asked by a window that shows another page")
	}
	r.tabs.Select(guidePage)
	if r.guide.order.stop == nil {
		t.Error("it is not asked by the page")
	}
}

// TestGuideMoved: with another deployment, nobody waits for the name to lead to the one before, and what was prepared for
// it goes; an order goes on.
func TestGuideMoved(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	d.world.Set(0, "cd5678.emqx.cloud.", "A", "127.0.0.1")
	r := d.open(t, t.TempDir())
	g := r.guide
	r.playAddress()
	g.rights.how.SetSelected("By hand")
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	test.Tap(g.alias.apply)
	r.until("the wait", func() bool { return strings.Contains(g.alias.steps.text(), "Still without the record") })
	begin(g.order.guideStep, func(ctx context.Context, _ progress.Report) (int, error) {
		<-ctx.Done()
		return 0, nil
	}, func(int, error) {})
	g.handover.prepared = &deploy.Handover{}
	g.connect.say(widgets.Bad, "of the one before")
	test.Tap(g.address.change)
	r.addressed("cd5678.emqx.cloud", "mqtt.example.org")
	r.ended(g.alias.guideStep)
	if g.plan.Next() != acme.StageAlias || g.alias.said.Text != "" || g.alias.steps.text() != "" || !g.alias.apply.Visible() || g.alias.apply.Disabled() {
		t.Errorf("next is %q, and the alias says %q", g.plan.Next(), g.alias.said.Text)
	}
	if g.handover.prepared != nil || g.connect.said.Text != "" {
		t.Errorf("prepared is %v, and the last step says %q", g.handover.prepared, g.connect.said.Text)
	}
	if g.order.stop == nil {
		t.Error("the order has ended")
	} else {
		g.order.stop()
	}
}

// TestGuideOtherWay: a check that ends when another way was chosen passes nothing, and says nothing.
func TestGuideOtherWay(t *testing.T) {
	r := newRig(t, nil)
	g := r.guide
	g.plan.Name, g.plan.Passed = "a.example.org", []acme.Stage{acme.StageAddress}
	g.refresh()
	g.rights.how.SetSelected("Cloudflare")
	release := make(chan struct{})
	begin(g.rights.guideStep, func(context.Context, progress.Report) (rights, error) {
		<-release
		return rights{settings: map[string]string{"CLOUDFLARE_DNS_API_TOKEN": "token"}}, nil
	}, g.rights.onChecked)
	g.rights.how.SetSelected("By hand")
	close(release)
	r.ended(g.rights.guideStep)
	if g.plan.Has(acme.StageCredentials) || g.rights.checked.settings != nil || g.rights.said.Text != "" {
		t.Errorf("passed are %v; %q", g.plan.Passed, g.rights.said.Text)
	}
}

// TestGuideAliasAgain: after a change that was cancelled, it is looked again what is there before anything is changed: the
// records that were to be replaced may be gone.
func TestGuideAliasAgain(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	d.aws.Put("mqtt.example.org.", "A", "192.0.2.1")
	r := d.open(t, t.TempDir())
	g := r.guide
	r.playTo(d, acme.StageAlias)
	d.aws.Mu.Lock()
	d.aws.Delay = longest // the record is not seen for as long
	d.aws.Mu.Unlock()
	test.Tap(g.alias.look)
	r.ended(g.alias.guideStep)
	test.Tap(g.alias.apply)
	r.until("the wait for the record", func() bool { return strings.Contains(g.alias.steps.text(), "The record is changed.") })
	test.Tap(g.alias.cancel)
	r.ended(g.alias.guideStep)
	if said := g.alias.said.Text; said != "Cancelled. A record that was changed already stays so." {
		t.Errorf("it says %q", said)
	}
	test.Tap(g.alias.look)
	r.ended(g.alias.guideStep)
	if g.alias.plan == nil || !g.alias.plan.Done {
		t.Errorf("planned is %+v; %q", g.alias.plan, g.alias.said.Text)
	}
}
