package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/diagnose"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// repairable is a window on a broker of one's own, with the automatic fix of a fault that writes a new CA file.
func repairable(t *testing.T) (*rig, diagnose.Fix) {
	t.Helper()
	l := broker(t, "anchor-not-root")
	r := newRig(t, nil)
	r.env.roots = l.Roots
	c := r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(c.result, "anchor-not-root") && c.trying == "" })
	for _, f := range r.findingOf("anchor-not-root").Fixes {
		if f.Automatic {
			return r, f
		}
	}
	t.Fatal("there is no automatic fix")
	return nil, diagnose.Fix{}
}

func (r *rig) findingOf(id string) diagnose.Finding {
	for _, f := range r.current.result.Findings {
		if f.ID == id {
			return f
		}
	}
	r.t.Fatalf("no finding %s", id)
	return diagnose.Finding{}
}

// told says whether a bar says so.
func (r *rig) told(part string) bool {
	return slices.ContainsFunc(r.bars.Objects, func(o fyne.CanvasObject) bool {
		b, ok := o.(*widgets.Bar)
		return ok && strings.Contains(b.Label.Text, part)
	})
}

// TestUndoKeepsLaterChanges: taking a repair back leaves alone what was changed since.
func TestUndoKeepsLaterChanges(t *testing.T) {
	r, f := repairable(t)
	c := r.current
	before := c.profile.Clone()
	c.apply(f)
	r.until("the repair", func() bool { return c.change != nil && c.trying == "" && !has(c.result, "anchor-not-root") })
	written := c.change.Written
	c.remember(func(p *profile.Profile) {
		p.Name, p.Subscriptions = "renamed", []profile.Subscription{{Filter: "later/#", QoS: 1}}
	})
	c.undo()
	r.until("the finding to be back", func() bool { return has(c.result, "anchor-not-root") && c.trying == "" })
	got, _ := r.env.store.Named(c.profile.ID)
	if !slices.Equal(got.Trust.Files, before.Trust.Files) {
		t.Errorf("undo left the CA files %v", got.Trust.Files)
	}
	if got.Name != "renamed" || len(got.Subscriptions) != 1 || got.Subscriptions[0].Filter != "later/#" {
		t.Errorf("undo lost the name (%q) or the subscriptions (%v)", got.Name, got.Subscriptions)
	}
	if _, err := os.Stat(written[0]); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", written[0], err)
	}
}

// TestUndoKeepsAnotherTrust: trust that was changed after the repair stays, and so does the repair's file that it names.
func TestUndoKeepsAnotherTrust(t *testing.T) {
	r, f := repairable(t)
	c := r.current
	c.apply(f)
	r.until("the repair", func() bool { return c.change != nil && c.trying == "" && !has(c.result, "anchor-not-root") })
	c.remember(func(p *profile.Profile) { p.Trust.System = !p.Trust.System })
	want := c.profile.Trust
	c.undo()
	r.until("it to be told", func() bool { return r.told("changed again") })
	r.env.async.flush(longest)
	r.settle()
	got, _ := r.env.store.Named(c.profile.ID)
	if !slices.Equal(got.Trust.Files, want.Files) || got.Trust.System != want.System {
		t.Errorf("undo left %+v instead of %+v", got.Trust, want)
	}
	if _, err := os.Stat(want.Files[0]); err != nil {
		t.Errorf("the profile names a file that is gone: %v", err)
	}
}

// TestRepairKeepsMeanwhile: what changes while a fix is carried out is not lost.
func TestRepairKeepsMeanwhile(t *testing.T) {
	r, f := repairable(t)
	c := r.current
	c.apply(f)
	c.remember(func(p *profile.Profile) { p.Subscriptions = []profile.Subscription{{Filter: "meanwhile/#"}} })
	r.until("the repair", func() bool { return c.change != nil })
	r.env.async.flush(longest)
	got, _ := r.env.store.Named(c.profile.ID)
	if len(got.Subscriptions) != 1 || got.Subscriptions[0].Filter != "meanwhile/#" || !slices.Equal(got.Trust.Files, c.change.After.Trust.Files) {
		t.Errorf("stored %v and %v", got.Subscriptions, got.Trust.Files)
	}
}

// TestRepairNotSaved: a repair whose settings cannot be saved is taken back, and that is told.
func TestRepairNotSaved(t *testing.T) {
	r, f := repairable(t)
	c := r.current
	before := c.profile.Clone()
	folder := filepath.Dir(before.Trust.Files[0])
	files := listing(t, folder)
	path := filepath.Join(r.dir, "profiles", before.ID+".json")
	if err := os.WriteFile(path, fmt.Appendf(nil, `{"version": 99, "id": %q, "name": "mine"}`, before.ID), 0o600); err != nil {
		t.Fatal(err)
	}
	c.apply(f)
	r.until("it to be told", func() bool { return r.told("The repair was taken back") })
	if !slices.Equal(c.profile.Trust.Files, before.Trust.Files) || c.change != nil {
		t.Errorf("the profile names %v; undo is offered: %v", c.profile.Trust.Files, c.change != nil)
	}
	if now := listing(t, folder); !slices.Equal(now, files) {
		t.Errorf("the folder holds %v instead of %v", now, files)
	}
}

func listing(t *testing.T, folder string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestUnuseKeepsLaterChanges: taking the wizard's certificates out of a profile leaves alone what was changed since.
func TestUnuseKeepsLaterChanges(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	c := r.add(profile.New("mine"))
	r.tabs.Select(certificatesPage)
	w := r.certs
	w.folder.Entry.SetText(dir)
	w.preset.algorithm.SetSelectedIndex(3) // ECDSA: the quickest
	test.Tap(w.make)
	r.until("the certificates", func() bool { return w.made != nil })
	test.Tap(w.use)
	if c.profile.ClientCertificate.CertificateFile != pki.Paths(dir, pki.Client).Certificate {
		t.Fatalf("the profile uses %q", c.profile.ClientCertificate.CertificateFile)
	}
	c.remember(func(p *profile.Profile) { p.Server.Host = "later.example" })
	bar := r.bars.Objects[len(r.bars.Objects)-1].(*widgets.Bar)
	test.Tap(bar.Actions[0])
	if p := c.profile; p.ClientCertificate.Named() || len(p.Trust.Files) > 0 || p.Server.Host != "later.example" {
		t.Errorf("undo left %+v, %+v and the host %q", p.ClientCertificate, p.Trust, p.Server.Host)
	}
}

// TestStandsBeside: where the connection stands and a new one would be refused, as after a repair is taken back, the page
// says so beside the green badge, and offers to connect anew.
func TestStandsBeside(t *testing.T) {
	r := newRig(t, nil)
	c := r.current
	r.chooseFault("name-mismatch")
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(c.result, "name-mismatch") && c.trying == "" })
	if r.diagnosis.stands.Visible() {
		t.Error("a connection that does not stand is said to stand")
	}
	test.Tap(r.tabs.Tab(diagnosisPage))
	test.Tap(r.card("name-mismatch").Buttons[0])
	r.until("the question", func() bool { return r.asked != nil })
	test.Tap(r.asked.yes)
	r.badge(widgets.Good, "Two-way TLS")
	c.undo()
	r.until("the finding to be back", func() bool { return has(c.result, "name-mismatch") && c.trying == "" })
	if !c.connected() || !r.diagnosis.stands.Visible() {
		t.Fatalf("connected: %v, said: %v", c.connected(), r.diagnosis.stands.Visible())
	}
	test.Tap(r.diagnosis.stands.Actions[0])
	r.until("it to be refused", func() bool { return !c.connected() && !c.busy() && c.trying == "" })
	if r.diagnosis.stands.Visible() {
		t.Error("it is still said to stand")
	}
}
