package ui

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// makeOne makes what the form says, and saves it to dir.
func (r *rig) makeOne(dir string) *offerDialog {
	r.t.Helper()
	r.offered = nil
	test.Tap(r.maker.start)
	if r.maker.said.Visible() {
		r.t.Fatalf("the form says %q", r.maker.said.Text)
	}
	r.saveOffer(dir, "")
	return r.offered
}

// TestMakeHierarchy makes an authority, one below it, and a broker's certificate, and openssl accepts them.
func TestMakeHierarchy(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Server.Host = "mqtt.house.example"
	r.add(p)
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(makePart)
	m := r.maker
	m.preset.algorithm.SetSelectedIndex(3) // ECDSA P-256: the quickest
	m.subject.SetText("House Root")
	r.makeOne(dir)
	if m.caFile.Entry.Text != filepath.Join(dir, "client-ca.crt") {
		t.Errorf("the next one would be signed by %s", m.caFile.Entry.Text)
	}
	m.what.SetSelected(makeIntermediate)
	m.subject.SetText("House Issuer")
	m.pathLength.SetText("0")
	m.permit.SetText("house.example, 10.0.0.0/8")
	r.shoot("50-make-intermediate")
	r.makeOne(dir)
	if c := certificateIn(t, filepath.Join(dir, "intermediate-ca.crt")); !c.MaxPathLenZero || len(c.PermittedDNSDomains) != 1 || len(c.PermittedIPRanges) != 1 {
		t.Errorf("the intermediate authority has %d, %v, %v", c.MaxPathLen, c.PermittedDNSDomains, c.PermittedIPRanges)
	}
	m.what.SetSelected(makeServer)
	if m.names.Text != "mqtt.house.example" {
		t.Errorf("the names suggested are %q", m.names.Text)
	}
	m.preset.preset.SetSelected("For EMQX Cloud")
	m.preset.algorithm.SetSelectedIndex(1)
	r.offered = nil
	test.Tap(m.start)
	r.until("the offer", func() bool { return r.offered != nil })
	var refuse []string
	for _, v := range r.offered.o.judged[0].verdicts {
		if !v.Accepted {
			refuse = append(refuse, v.Client)
		}
	}
	if !slices.Equal(refuse, []string{"mbedtls"}) { // it knows no name constraints, and they are critical
		t.Errorf("%v refuse it", refuse)
	}
	r.shoot("51-make-offer")
	r.saveOffer(dir, "geheim")
	openssl(t, dir, "verify", "-CAfile", "client-ca.crt", "-untrusted", "server.crt", "-purpose", "sslserver", "-verify_hostname", "mqtt.house.example", "server.crt")
	openssl(t, dir, "pkey", "-in", "server.key", "-passin", "pass:geheim", "-noout")
	if info, err := os.Stat(filepath.Join(dir, "server.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
}

// TestMakeSaysWhoRefuses: a name that the authority may not sign is said before anything is written.
func TestMakeSaysWhoRefuses(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(makePart)
	m := r.maker
	m.preset.algorithm.SetSelectedIndex(3)
	m.subject.SetText("Narrow CA")
	m.permit.SetText("house.example")
	r.makeOne(dir)
	m.what.SetSelected(makeServer)
	m.names.SetText("elsewhere.example")
	r.offered = nil
	test.Tap(m.start)
	r.until("the offer", func() bool {
		return r.offered != nil || len(r.bars.Objects) > 0 && strings.Contains(lastBar(r), "elsewhere.example")
	})
	if r.offered == nil {
		return // it was not made at all, and the reason names the name
	}
	if n := refusals(r.offered.o.judged); n < 5 {
		t.Errorf("only %d clients refuse a name that the authority may not sign", n)
	}
	r.win.Resize(fyne.NewSize(860, 640))
	r.shoot("52-make-refused")
}

func lastBar(r *rig) string {
	return r.bars.Objects[len(r.bars.Objects)-1].(*widgets.Bar).Label.Text
}

// TestMakeSigns signs a request that openssl made, goes on from the workshop, and revokes the certificate again.
func TestMakeSigns(t *testing.T) {
	dir := house(t)
	r := newRig(t, nil)
	r.drop(dir, "broker.csr")
	r.pick("Request for broker.example")
	test.Tap(r.workshop.detail.sign)
	if r.certPage.tabs.Selected() != makePart || r.maker.what.Selected != makeSigned {
		t.Fatal("the request was not taken along")
	}
	m := r.maker
	m.caFile.Entry.SetText(filepath.Join(dir, "root.crt"))
	m.caKey.Entry.SetText(filepath.Join(dir, "root.key"))
	m.purpose.SetSelected(forServer)
	m.names.SetText("broker.example")
	out := t.TempDir()
	r.makeOne(out)
	openssl(t, out, "verify", "-CAfile", filepath.Join(dir, "root.crt"), "-purpose", "sslserver", "broker.example.crt")

	m.what.SetSelected(makeRevocation)
	m.revoke.Entry.SetText(filepath.Join(out, "broker.example.crt"))
	m.reason.SetSelected("key-compromise")
	test.Tap(m.start)
	r.until("the question", func() bool { return r.asked != nil })
	r.shoot("53-make-revoke")
	if _, err := os.Stat(filepath.Join(dir, "root.crl")); err == nil {
		t.Error("the list was written before the answer")
	}
	test.Tap(r.asked.yes)
	r.until("the list", func() bool {
		_, err := os.Stat(filepath.Join(dir, "root.crl"))
		return err == nil && !m.start.Disabled()
	})
	text := openssl(t, dir, "crl", "-in", "root.crl", "-noout", "-text", "-CAfile", "root.crt")
	serial := strings.ToUpper(certificateIn(t, filepath.Join(out, "broker.example.crt")).SerialNumber.Text(16))
	if !strings.Contains(text, serial) || !strings.Contains(text, "Key Compromise") {
		t.Errorf("openssl reads %s", text)
	}
	r.until("the offer to look", func() bool { return len(r.bars.Objects) > 0 && strings.Contains(lastBar(r), "holds 1 certificate") })
	test.Tap(m.look)
	r.read()
	if got := r.tree(); !strings.Contains(got, "CRL: Revoked by House Root") || !strings.Contains(got, "cert: broker.example | revoked "+time.Now().UTC().Format("2006-01-02")) {
		t.Errorf("the tree is\n%s", got)
	}
	r.pick("broker.example")
	r.shoot("54-revoked")
	if got := r.workshop.detail.summary.Text; !strings.Contains(got, "It is revoked since ") || !strings.Contains(got, "the key was compromised") {
		t.Errorf("the summary is %q", got)
	}
}

// TestRevokePlan: what comes of revoking is said before it is done.
func TestRevokePlan(t *testing.T) {
	dir := toHandOver(t, 365)
	file := func(name string) string { return filepath.Join(dir, name) }
	j := job{what: makeRevocation, caFile: file(pki.CACertificateName), caKey: file("client-ca.key"), revoke: []string{file("client.crt")}, days: 30, now: time.Now()}
	p := j.planRevocation(t.Context())
	text := joinSentences(p.sentences)
	if p.problem != "" || !strings.Contains(text, "sensor is put on the list client-ca.crl") || !strings.Contains(text, "the list was tried") || !strings.Contains(text, "then holds 1 certificate") {
		t.Fatalf("planned: %q, %q", p.problem, text)
	}
	if len(p.judged) != 1 || refusals(p.judged) != 0 || len(p.judged[0].verdicts) < 5 {
		t.Errorf("the clients say %+v", p.judged)
	}
	if r := p.carryOut(t.Context()); r.problem != "" || r.count != 1 {
		t.Fatalf("carried out: %+v", r)
	}
	later := j
	later.now = j.now.Add(48 * time.Hour)
	if text := joinSentences(later.planRevocation(t.Context()).sentences); !strings.Contains(text, "is on the list client-ca.crl already, since ") {
		t.Errorf("the second time: %q", text)
	}
	for _, c := range []struct {
		change func(*job)
		want   string
	}{
		{func(j *job) { j.revoke = []string{file("client.key")} }, "client.key holds 0 certificates"},
		{func(j *job) { j.caKey = file("client.key") }, "is not that of the certificate"},
		{func(j *job) { j.caFile, j.caKey = file("server.crt"), file("server.key") }, "authority"},
	} {
		other := j
		c.change(&other)
		if p := other.planRevocation(t.Context()); !strings.Contains(p.problem, c.want) {
			t.Errorf("%q lacks %q", p.problem, c.want)
		}
	}
}

// TestRevokeCancel: planning a revocation can be cancelled above the page, and nothing is asked then.
func TestRevokeCancel(t *testing.T) {
	dir := toHandOver(t, 365)
	r := newRig(t, nil)
	m := r.maker
	m.what.SetSelected(makeRevocation)
	m.caFile.Entry.SetText(filepath.Join(dir, pki.CACertificateName))
	m.caKey.Entry.SetText(filepath.Join(dir, "client-ca.key"))
	test.Tap(m.start)
	if len(r.bars.Objects) != 1 || !m.start.Disabled() {
		t.Fatalf("nothing says that it is being prepared, only %q", m.said.Text)
	}
	test.Tap(r.bars.Objects[0].(*widgets.Bar).Actions[0])
	r.until("it to end", func() bool { return !m.start.Disabled() })
	if r.asked != nil || len(r.bars.Objects) != 0 {
		t.Error("it goes on although it was cancelled")
	}
}

// TestMakeRequest makes a request that openssl can check, and its key.
func TestMakeRequest(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	m := r.maker
	m.what.SetSelected(makeRequest)
	m.preset.algorithm.SetSelectedIndex(3)
	m.subject.SetText("/O=House/CN=sensor 7")
	r.makeOne(dir)
	if got := openssl(t, dir, "req", "-in", "client.csr", "-verify", "-noout", "-subject"); !strings.Contains(got, "sensor 7") {
		t.Errorf("openssl reads %s", got)
	}
}

// TestMakeChecks: what is missing is said before anything begins.
func TestMakeChecks(t *testing.T) {
	for _, c := range []struct {
		j    job
		want string
	}{
		{job{what: makeServer, caFile: "a", caKey: "b", days: 1}, "The broker's certificate needs at least one name or address."},
		{job{what: makeClient, subject: "x", days: 1}, "Choose the certificate and the key of the authority that signs."},
		{job{what: makeAuthority, subject: " ", days: 1}, "The authority needs a name."},
		{job{what: makeAuthority, subject: "x"}, "The validity is 1 to 36525 days."},
		{job{what: makeSigned, caFile: "a", caKey: "b", days: 1}, "Choose the file with the request."},
		{job{what: makeSigned, caFile: "a", caKey: "b", days: 1, request: &x509.CertificateRequest{}}, ""},
		{job{what: makeRequest, names: []string{"x"}, days: 1}, ""},
	} {
		if got := c.j.check(); got != c.want {
			t.Errorf("%s: %q, want %q", c.j.what, got, c.want)
		}
	}
	for _, p := range pki.Presets {
		if got := keyNames(p.Algorithms); len(got) != len(p.Algorithms) {
			t.Errorf("%s offers %v", p.ID, got)
		}
	}
}
