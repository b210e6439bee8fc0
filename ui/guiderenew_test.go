package ui

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/pki"
	"mutual/core/solver"
	"mutual/core/store"
)

// silentAuthority takes connections and never answers, until the test ends.
func silentAuthority(t *testing.T) acme.Directory {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return acme.Directory{URL: "https://" + l.Addr().String()}
}

// shelve puts a certificate for names into the folder of dir, and how it is renewed.
func shelve(t *testing.T, dir string, r acme.Renewal) {
	t.Helper()
	folder := acme.Folder{Path: filepath.Join(dir, "acme")}
	name := r.Request.Names[0]
	made := t.TempDir()
	o := order{folder: made, algorithm: pki.ECDSAP256, days: 90, newCA: true, caSubject: "Plant CA", server: true, serverNames: r.Request.Names, client: "x"}
	if m := o.make(t.Context(), false); m.err != nil {
		t.Fatal(m.err)
	}
	text, err := os.ReadFile(filepath.Join(made, "server.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	r.Schema = 1
	how, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder.Dir(name), "renewal.json", string(how))
	write(t, folder.Dir(name), "cert.pem", string(text))
	write(t, folder.Dir(name), "fullchain.pem", string(text))
}

// dueNow is a renewal that is due, of which the authority does not want to be asked for now.
func dueNow(d acme.Directory, solver string, names ...string) acme.Renewal {
	return acme.Renewal{Request: acme.Request{Names: names, Solver: solver, Directory: d},
		Due: acme.Due{At: time.Now().Add(-time.Hour), AskAgain: time.Now().Add(12 * time.Hour)}}
}

// looked waits until it has been looked what is due.
func (r *rig) looked() {
	r.t.Helper()
	k := r.guide.kept
	k.askDue()
	r.until("it to be looked what is due", func() bool { return !k.looking })
}

// TestRenewalCancelled: one that is cancelled is offered again, does not begin again by itself, and holds up no other.
func TestRenewalCancelled(t *testing.T) {
	dir, d := t.TempDir(), silentAuthority(t)
	for _, name := range []string{"a.example.org", "b.example.org"} {
		shelve(t, dir, dueNow(d, solver.HTTP01, name))
	}
	r := rigOn(t, dir, nil, nil)
	k := r.guide.kept
	r.guide.plan.RenewWhenDue = true
	r.looked()
	for _, name := range []string{"a.example.org", "b.example.org"} {
		r.until("the renewal of "+name, func() bool { return k.stop != nil && k.current == name })
		test.Tap(k.cancel)
		r.until("the offer of "+name, func() bool { return k.offers[name] != nil })
	}
	r.until("the list", func() bool { return k.stop == nil && !k.reading })
	r.looked()
	if k.stop != nil || len(k.queue) > 0 {
		t.Error("what was cancelled begins again by itself")
	}
	test.Tap(k.offers["a.example.org"].bar.Actions[0])
	if k.stop == nil || k.current != "a.example.org" || k.offers["a.example.org"] != nil {
		t.Error("it cannot be begun again")
	}
}

// TestRenewalOneAtATime: while one is renewed, nothing else that is pressed is taken for it, and what is queued is not begun
// once renewing without asking is switched off.
func TestRenewalOneAtATime(t *testing.T) {
	dir, d := t.TempDir(), silentAuthority(t)
	for _, name := range []string{"a.example.org", "b.example.org"} {
		shelve(t, dir, dueNow(d, solver.HTTP01, name))
	}
	r := rigOn(t, dir, nil, nil)
	k := r.guide.kept
	k.read()
	r.until("the list", func() bool { return len(k.list) == 2 })
	k.unasked.SetChecked(true)
	r.until("the renewal", func() bool { return k.stop != nil && k.current == "a.example.org" })
	row := k.drawn["b.example.org"]
	if !row.renew.Disabled() || !row.revoke.Disabled() || !row.giveUp.Disabled() {
		t.Error("a button can be pressed that would do nothing")
	}
	k.onGiveUp(row.c) // as from an offer above the page
	if !r.told("Something else is being done with your certificates") {
		t.Error("it is not said why nothing happens")
	}
	k.unasked.SetChecked(false)
	test.Tap(k.cancel)
	r.ended(k.guideStep)
	r.settle()
	if k.stop != nil || k.cancelled["a.example.org"].IsZero() {
		t.Errorf("cancelled are %v, and being renewed is %q", k.cancelled, k.current)
	}
	if row.renew.Disabled() {
		t.Error("afterwards it cannot be renewed")
	}
}

// TestRenewalSpaced: what did not come about is tried again by itself no sooner than that is sensible, also in a new
// window; a person may at any time.
func TestRenewalSpaced(t *testing.T) {
	dir, name := t.TempDir(), "a.example.org"
	failed := dueNow(silentAuthority(t), solver.HTTP01, name)
	failed.Problem, failed.ProblemAt, failed.Failures = "the signer is away", time.Now().Add(-2*time.Hour), 4
	shelve(t, dir, failed)
	for _, c := range []struct {
		later time.Duration
		tried bool
	}{{0, false}, {21 * time.Hour, false}, {23 * time.Hour, true}} {
		r := rigOn(t, dir, nil, nil)
		k := r.guide.kept
		r.guide.plan.RenewWhenDue = true
		r.env.now = func() time.Time { return time.Now().Add(c.later) }
		if c.later < 12*time.Hour { // later, it asks the authority, which takes its time to say nothing
			r.looked()
		} else {
			k.read()
			r.until("the list", func() bool { return len(k.list) == 1 })
			k.remind(r.env.now(), nil)
		}
		if tried := k.stop != nil; tried != c.tried {
			t.Errorf("%v later it is tried: %v", c.later, tried)
		}
		if !c.tried {
			r.tabs.Select(guidePage)
			if o := k.offers[name]; o == nil || !strings.Contains(o.bar.Label.Text, "the next one by itself is from ") {
				t.Fatalf("%v later it is not offered", c.later)
			}
			if text := labels(k.rows); !strings.Contains(text, "The signer is away. It is tried again by itself from ") {
				t.Errorf("listed as %q", text)
			}
			test.Tap(k.offers[name].bar.Actions[0])
			if k.stop == nil {
				t.Error("a person has to wait as well")
			}
		}
		r.shut()
	}
}

// TestRenewalLocked: a secret that only a passphrase opens is not asked for unless somebody wants the renewal.
func TestRenewalLocked(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	t.Setenv("CLOUDFLARE_DNS_API_TOKEN", "")
	dir, name := t.TempDir(), "a.example.org"
	shelve(t, dir, dueNow(silentAuthority(t), "cloudflare", name))
	s, _, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.SetPassphraseWork(10)
	secrets := s.Secrets(func(context.Context, bool, bool) (string, bool) { return "horse battery", true })
	if err := acme.KeepSecrets(t.Context(), name, "cloudflare", map[string]string{"CLOUDFLARE_DNS_API_TOKEN": "token"}, secrets); err != nil {
		t.Fatal(err)
	}
	r := rigOn(t, dir, nil, nil)
	k := r.guide.kept
	r.guide.plan.RenewWhenDue = true
	r.looked()
	r.looked()
	if r.asked != nil || k.stop != nil {
		t.Fatal("a passphrase is asked for, or waited for, that nobody caused")
	}
	if o := k.offers[name]; o == nil || !strings.Contains(o.bar.Label.Text, "waits for the passphrase of your saved passwords: press Renew now") {
		t.Fatalf("it does not say what to do: %+v", o)
	}
	r.shoot("guide-renewal-locked")
	test.Tap(k.offers[name].bar.Actions[0])
	r.until("the question for the passphrase", func() bool { return r.asked != nil })
	r.asked.answer(false)
	r.ended(k.guideStep)
}

// TestOfferTakenBack: what is due no more, because it was obtained in another way, or is gone, is not offered any longer.
func TestOfferTakenBack(t *testing.T) {
	dir, d := t.TempDir(), silentAuthority(t)
	for _, name := range []string{"a.example.org", "b.example.org"} {
		shelve(t, dir, dueNow(d, solver.HTTP01, name))
	}
	r := rigOn(t, dir, nil, nil)
	k := r.guide.kept
	r.looked()
	if !r.told("certificate of a.example.org ends on") || !r.told("certificate of b.example.org ends on") {
		t.Fatal("they are not offered")
	}
	renewed := dueNow(d, solver.HTTP01, "a.example.org")
	renewed.Due.At = time.Now().AddDate(0, 2, 0)
	shelve(t, dir, renewed)
	if err := os.RemoveAll(filepath.Join(dir, "acme", "live", "b.example.org")); err != nil {
		t.Fatal(err)
	}
	k.read()
	r.until("the list", func() bool { return len(k.list) == 1 })
	if r.told("certificate of a.example.org ends on") || r.told("certificate of b.example.org ends on") {
		t.Error("a renewal is offered that nothing is to be done about")
	}
}

// TestKeptRows: a row that stays keeps the focus, and its objects, whatever becomes of the others.
func TestKeptRows(t *testing.T) {
	dir := t.TempDir()
	d := acme.Directory{URL: "https://ca.example"}
	later := func(names ...string) acme.Renewal {
		return acme.Renewal{Request: acme.Request{Names: names, Solver: solver.Manual, Directory: d}}
	}
	shelve(t, dir, later("a.example.org"))
	shelve(t, dir, later("c.example.org"))
	r := rigOn(t, dir, nil, nil)
	k := r.guide.kept
	r.tabs.Select(guidePage)
	r.until("the list", func() bool { return len(k.list) == 2 })
	button := k.drawn["c.example.org"].renew
	r.win.Canvas().Focus(button)
	shelve(t, dir, later("a.example.org", "further.example.org"))
	shelve(t, dir, later("b.example.org"))
	k.read()
	r.until("the other list", func() bool { return len(k.list) == 3 })
	if r.win.Canvas().Focused() != button || k.drawn["c.example.org"].renew != button {
		t.Error("the focus is lost")
	}
	if text := labels(k.rows); !strings.Contains(text, "a.example.org, further.example.org") || strings.Index(text, "b.example.org") > strings.Index(text, "c.example.org") {
		t.Errorf("listed are %q", text)
	}
	r.shoot("guide-kept")
	r.win.Resize(fyne.NewSize(leastWidth, 700))
	r.shoot("guide-kept-narrow")
}
