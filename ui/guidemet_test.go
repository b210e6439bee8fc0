package ui

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/lab"
)

// toConnect leaves only the last step of the guide, which waits for c to meet the certificate in der.
func (r *rig) toConnect(c *connection, der []byte) {
	r.t.Helper()
	g := r.guide
	g.plan.Name, g.plan.ProfileID = "mqtt.example.org", c.profile.ID
	g.plan.Passed = acme.Stages[:len(acme.Stages)-1]
	r.inFolder(der)
	g.refresh()
}

// inFolder puts a certificate into cert.pem.
func (r *rig) inFolder(der []byte) {
	r.t.Helper()
	path := r.guide.folder.Files(r.guide.plan.Name).Certificate
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	write(r.t, filepath.Dir(path), filepath.Base(path), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// session connects with a profile of the practice broker as if it were the user's own.
func (r *rig) session(l *lab.Lab) *connection {
	r.t.Helper()
	c := r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.until("the session", c.connected)
	return c
}

// compared waits until the step has looked at what the broker has sent, whatever came of it.
func (r *rig) compared() {
	r.t.Helper()
	c := r.guide.connect
	r.guide.show(r.current)
	r.until("what the broker has sent", func() bool { return !c.comparing })
}

// TestGuideMet: the last step is passed by a session in which the broker has sent the certificate of the folder as it is
// now, and by no other: not by one that stands since before it was renewed.
func TestGuideMet(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	c := r.session(broker(t, ""))
	sent := c.state.Attempt.TLS.Sent[0].DER
	renewed := certificateIn(t, filepath.Join(toHandOver(t, 365), "server.crt"))
	g := r.guide
	r.toConnect(c, renewed.Raw)
	r.compared()
	if g.plan.Next() != acme.StageConnect {
		t.Fatal("a session from before the hand-over passes the step")
	}
	for _, want := range []string{"The broker sends the certificate of ", ", issued by ", " Practice ", ", which ends on 20", "not in use there yet: hand it over again, or have the broker reload or restart"} {
		if !strings.Contains(g.connect.said.Text, want) {
			t.Errorf("it says %q, without %q", g.connect.said.Text, want)
		}
	}
	if !g.connect.why.Visible() {
		t.Error("nothing leads to the diagnosis")
	}
	r.tabs.Select(guidePage)
	g.reveal(g.connect.guideStep)
	r.shoot("guide-7-another")

	r.inFolder(sent) // as if the broker had been given it
	r.compared()
	if g.plan.Next() != "" || !strings.Contains(g.connect.said.Text, "Two-way TLS") || g.connect.why.Visible() {
		t.Errorf("next is %q, and it says %q", g.plan.Next(), g.connect.said.Text)
	}

	// Passed once, it is open again when there is another certificate; what stands still does not pass it.
	g.plan.Back(acme.StageHandover)
	r.inFolder(renewed.Raw)
	g.pass(g.handover.guideStep)
	r.compared()
	if g.plan.Next() != acme.StageConnect {
		t.Error("after a renewal the session from before passes the step")
	}
}

// TestGuideMetRefused: where the client refuses the certificate that the broker still sends, the step says which it is.
func TestGuideMetRefused(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	c := r.add(own(broker(t, "certificate-expired"), "mine"))
	r.toConnect(c, certificateIn(t, filepath.Join(toHandOver(t, 365), "server.crt")).Raw)
	test.Tap(r.header.connect)
	said := func() string { return r.guide.connect.said.Text }
	r.until("the step to say it", func() bool { return strings.Contains(said(), "did not come about") })
	for _, want := range []string{"The broker sends the certificate of ", "restart"} {
		if !strings.Contains(said(), want) {
			t.Errorf("it says %q, without %q", said(), want)
		}
	}
	if r.guide.plan.Next() != acme.StageConnect {
		t.Error("the step is passed")
	}
}

// TestGuideMetUnread: what cannot be compared is not passed.
func TestGuideMetUnread(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	c := r.session(broker(t, ""))
	r.toConnect(c, c.state.Attempt.TLS.Sent[0].DER)
	if err := os.Remove(r.guide.folder.Files("mqtt.example.org").Certificate); err != nil {
		t.Fatal(err)
	}
	r.compared()
	if r.guide.plan.Next() != acme.StageConnect || !strings.Contains(r.guide.connect.said.Text, "cannot be read") {
		t.Errorf("without cert.pem, next is %q, and it says %q", r.guide.plan.Next(), r.guide.connect.said.Text)
	}
}

// TestGuideMetBehind: the step is passed by its connection while another one is shown, and while what yet another one has
// met is still being looked at.
func TestGuideMetBehind(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	other := r.current
	c := r.add(own(broker(t, ""), "mine"))
	r.toConnect(c, nil)
	g := r.guide
	g.connect.comparing = true // as if it took its time
	test.Tap(r.header.connect)
	r.selectProfile(other.profile.ID)
	r.until("the session behind", c.connected)
	if g.plan.Next() == "" || g.connect.changed != c {
		t.Fatalf("next is %q, and what has changed is forgotten: %v", g.plan.Next(), g.connect.changed == nil)
	}
	g.connect.comparing = false
	r.inFolder(c.state.Attempt.TLS.Sent[0].DER)
	c.changed()
	r.until("the step to be passed", func() bool { return g.plan.Next() == "" })
}
