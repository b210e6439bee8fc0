package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
	"mutual/ui/widgets"
)

// seen are o and what is shown in it, as it was drawn: test.LaidOutObjects makes other renderers, and labels then change
// in those only.
func seen(o fyne.CanvasObject) (all []fyne.CanvasObject) {
	if !o.Visible() {
		return nil
	}
	all = append(all, o)
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	case *fyne.Container:
		inside = o.Objects
	}
	for _, x := range inside {
		all = append(all, seen(x)...)
	}
	return all
}

// buttonsNamed are the buttons in o with this text that can be pressed, from the top; empty: with any text.
func buttonsNamed(o fyne.CanvasObject, text string) (list []*widget.Button) {
	for _, x := range seen(o) {
		if b, ok := x.(*widget.Button); ok && !b.Disabled() && b.Text != "" && (text == "" || b.Text == text) {
			list = append(list, b)
		}
	}
	return list
}

// offered are those by their text.
func offered(o fyne.CanvasObject) map[string]*widget.Button {
	all := map[string]*widget.Button{}
	for _, b := range buttonsNamed(o, "") {
		all[b.Text] = b
	}
	return all
}

// texts is what the lines in o say.
func texts(o fyne.CanvasObject) string {
	var all []string
	for _, x := range seen(o) {
		if l, ok := x.(*widgets.Text); ok {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

// press presses the button of a step that has this text.
func (r *rig) press(s *guideStep, text string) {
	r.t.Helper()
	all := offered(s.box)
	if all[text] == nil {
		r.t.Fatalf("the step %s has no button %q, only %v", s.stage, text, all)
	}
	test.Tap(all[text])
}

// TestGuideFilesGone: a file that is gone is named with what it means, nothing that cannot work is offered, and what is
// offered brings it back: from the other files, from the authority, or with another certificate.
func TestGuideFilesGone(t *testing.T) {
	d := newDomain(t, acmetest.Options{})
	dir := t.TempDir()
	r := d.open(t, dir)
	g := r.guide
	r.playToFiles(d)
	r.shut()
	gone := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(filepath.Join(g.folder.Dir("mqtt.example.org"), name)); err != nil {
				t.Fatal(err)
			}
		}
		r = d.open(t, dir)
		g = r.guide
		r.ended(g.files.guideStep)
		said := labels(g.files.box)
		if !strings.Contains(said, names[0]+" is gone: ") || strings.Contains(said, "no such file") {
			t.Fatalf("without %v it says %q", names, said)
		}
		if all := offered(g.files.box); all["Understood"] != nil || all["List the chains on offer"] != nil || all["Open"] == nil || all["Look again"] == nil {
			t.Errorf("without %v it offers %v", names, all)
		}
	}
	back := func() {
		t.Helper()
		r.ended(g.files.guideStep)
		if g.files.got == nil || g.files.said.Visible() {
			t.Fatalf("the files are not back: %q", labels(g.files.box))
		}
		r.shut()
	}
	gone("root.pem", "cert.pem")
	r.shoot("guide-5-gone")
	r.press(g.files.guideStep, "Write from the other files")
	back()

	gone("fullchain.pem", "chain.pem")
	r.press(g.files.guideStep, "List the chains, to take one again")
	r.ended(g.files.guideStep)
	r.shoot("guide-5-again")
	r.press(g.files.guideStep, "Use this one")
	r.until("the files", func() bool { return g.files.got != nil })
	back()

	gone("privkey.pem")
	r.shoot("guide-5-no-key")
	r.press(g.files.guideStep, "Obtain the certificate again")
	r.ended(g.order.guideStep)
	if g.plan.Next() != acme.StageCertificate || g.order.info == nil {
		t.Fatalf("it goes on with %q; %q", g.plan.Next(), g.order.said.Text)
	}
	r.press(g.order.guideStep, "Get the certificate")
	r.passed(g.order.guideStep)
	r.until("the files", func() bool { return g.files.got != nil })
	back()

	if err := os.RemoveAll(g.folder.Dir("mqtt.example.org")); err != nil {
		t.Fatal(err)
	}
	r = d.open(t, dir)
	g = r.guide
	r.ended(g.files.guideStep)
	if said, all := labels(g.files.box), offered(g.files.box); !strings.Contains(said, "The folder of mqtt.example.org is gone") || all["Open"] != nil || all["Obtain the certificate again"] == nil {
		t.Errorf("without the folder it says %q and offers %v", said, all)
	}
}

// TestGuideFilesLookAgain: reading that was cancelled leaves a way to go on, and no button that does nothing.
func TestGuideFilesLookAgain(t *testing.T) {
	r := newRig(t, nil)
	r.tabs.Select(guidePage)
	g := r.guide
	g.plan.Name = "a.example.org"
	g.plan.Passed = acme.Stages[:4]
	g.refresh() // reads what is not there
	r.ended(g.files.guideStep)
	if said := labels(g.files.box); !strings.Contains(said, "The folder of a.example.org is gone") {
		t.Errorf("it says %q", said)
	}
	test.Tap(g.files.mend.look)
	test.Tap(g.files.cancel)
	r.ended(g.files.guideStep)
	if all := offered(g.files.box); all["Understood"] != nil || all["Look again"] == nil {
		t.Errorf("it offers %v", all)
	}
}

// TestGuideFolderShut: where nothing can be written, the folder and the system's reason are said, once, and what to do.
func TestGuideFolderShut(t *testing.T) {
	place := filepath.Join("acme", "live", "a.example.org")
	for _, err := range []error{
		fmt.Errorf("placing the order: %w", errors.Join(
			&fs.PathError{Op: "remove", Path: filepath.Join(place, "privkey.new.pem"), Err: syscall.EROFS},
			fmt.Errorf("writing it: %w", &fs.PathError{Op: "open", Path: filepath.Join(place, "renewal.json"), Err: syscall.EROFS}))),
		fmt.Errorf("writing it: %w", &os.LinkError{Op: "rename", Old: "x", New: filepath.Join(place, "cert.pem"), Err: syscall.EROFS}),
	} {
		want := "The folder " + place + " cannot be used: " + syscall.EROFS.Error() + ". See that you may write in it, and that there is room, and try again."
		if got := problemWords(err); got != want {
			t.Errorf("it says %q", got)
		}
	}
	if got := problemWords(&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}); strings.Contains(got, "cannot be used") {
		t.Errorf("of a file that is gone it says %q", got)
	}
}
