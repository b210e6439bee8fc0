package ui

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"mutual/core/deploy"
	"mutual/core/deploy/deploytest"
	"mutual/core/pki"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// toHandOver writes a CA, a broker's and a client's certificate into a folder, with the usual names.
func toHandOver(t *testing.T, days int) string {
	t.Helper()
	dir := t.TempDir()
	o := order{folder: dir, algorithm: pki.ECDSAP256, days: days, newCA: true, caSubject: "Plant CA", server: true,
		serverNames: []string{"broker.example"}, client: "sensor"}
	if m := o.make(t.Context(), false); m.err != nil {
		t.Fatal(m.err)
	}
	return dir
}

func handoverFromFolder(dir string) handoverFrom {
	return handoverFrom{Broker: "emqx", Certificate: filepath.Join(dir, "server.crt"), Key: filepath.Join(dir, "server.key"),
		ClientCA: []string{filepath.Join(dir, pki.CACertificateName)}, Client: filepath.Join(dir, "client.crt"), Host: "broker.example"}
}

// handOver opens the dialog and waits until everything is prepared.
func (r *rig) handOver(from handoverFrom) *handover {
	r.t.Helper()
	h := r.handover(from)
	r.until("the hand-over", func() bool { return h.result != nil })
	return h
}

// shownIn is all text that the card shows of a field.
func (h *handover) cardOf(t *testing.T, id string) *fieldCard {
	t.Helper()
	for _, c := range h.fields.cards {
		if c.field.ID == id {
			return c
		}
	}
	t.Fatalf("no field %q", id)
	return nil
}

// TestHandover: the dialog's fields are those of EMQX, each is copied by its own button, and the key is neither shown
// nor copied by anything else.
func TestHandover(t *testing.T) {
	dir := toHandOver(t, 365)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(dir))
	if h.result.Failed() {
		t.Errorf("checks failed: %s", checksText(*h.result))
	}
	r.shoot("h1-files")
	h.tabs.Select(handChecks)
	r.shoot("h2-checks")
	h.tabs.Select(handFields)
	r.shoot("h3-fields")
	for _, id := range []string{deploy.FieldBody, deploy.FieldChain, deploy.FieldClientCA, deploy.FieldMerged} {
		c := h.cardOf(t, id)
		test.Tap(c.copy)
		if got := r.app.Clipboard().Content(); got != c.field.Value || !strings.HasPrefix(got, "-----BEGIN CERTIFICATE") || strings.Contains(got, "PRIVATE") {
			t.Errorf("%s: the clipboard has %.60q", id, got)
		}
		if c.lines.Text() != c.field.Value || !c.value.Visible() {
			t.Errorf("%s is not shown", id)
		}
	}
	key := h.cardOf(t, deploy.FieldKey)
	if key.value.Visible() || key.lines.Text() != "" {
		t.Error("the key is shown unasked")
	}
	h.tabs.Select(handChecks)
	test.Tap(h.checks.copy)
	if got := r.app.Clipboard().Content(); strings.Contains(got, "PRIVATE KEY-") || !strings.Contains(got, "✓ Met") {
		t.Errorf("the copied checks are %.80q", got)
	}
	test.Tap(key.show)
	if !key.value.Visible() || key.lines.Text() != key.field.Value {
		t.Error("the key is not shown when it is asked for")
	}
	test.Tap(key.show)
	if key.value.Visible() || key.lines.Text() != "" {
		t.Error("the key stays shown")
	}
	test.Tap(key.copy)
	if got := r.app.Clipboard().Content(); got != key.field.Value {
		t.Errorf("the clipboard has %.40q", got)
	}
	r.onKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.handing != nil {
		t.Error("Escape does not close it")
	}
}

// TestHandoverSave: files are written with the right modes, and replaced only after a question.
func TestHandoverSave(t *testing.T) {
	dir, out := toHandOver(t, 365), filepath.Join(t.TempDir(), "new")
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(dir))
	h.tabs.Select(handFields)
	h.fields.folder.Entry.SetText(out)
	test.Tap(h.fields.save)
	r.until("the files", func() bool { return strings.HasPrefix(h.said.Text, "Saved in ") })
	path := filepath.Join(out, "private-key.pem")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key: %v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, yes := range []bool{false, true} {
		test.Tap(h.fields.save)
		r.until("the question", func() bool { return r.asked != nil })
		r.asked.answer(yes)
		r.until("the answer", func() bool {
			return strings.HasPrefix(h.said.Text, "Nothing was saved") != yes && !h.fields.save.Disabled()
		})
		data, err := os.ReadFile(path)
		if err != nil || (string(data) == "other") == yes {
			t.Errorf("after %v the file holds %.20q, %v", yes, data, err)
		}
	}
}

// TestHandoverBrokers: every broker can be chosen, and each shows its own fields; the choice is remembered.
func TestHandoverBrokers(t *testing.T) {
	dir := toHandOver(t, 365)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(dir))
	for i, b := range deploy.Brokers() {
		h.files.broker.SetSelectedIndex(i)
		r.until(b.Title, func() bool { return h.result != nil && h.result.Broker == b.ID })
		if len(h.fields.cards) == 0 || len(h.checks.rows.Objects) == 0 {
			t.Errorf("%s: nothing is shown", b.Title)
		}
		for _, c := range h.fields.cards {
			if c.field.Secret && (c.value.Visible() || c.lines.Text() != "") {
				t.Errorf("%s: %s is shown unasked", b.Title, c.field.Title)
			}
		}
		if cloud := b.ID == "emqx"; h.upload.form.Visible() != cloud || h.files.planRow.Visible() != cloud {
			t.Errorf("%s: upload %v, kind of deployment %v", b.Title, h.upload.form.Visible(), h.files.planRow.Visible())
		}
		if b.ID == "mosquitto" {
			h.tabs.Select(handFields)
			r.shoot("h4-mosquitto")
			settings := h.cardOf(t, deploy.FieldConfiguration)
			test.Tap(settings.copy)
			if got := r.app.Clipboard().Content(); !strings.Contains(got, "require_certificate true") {
				t.Errorf("the settings are %q", got)
			}
			h.files.twoWay.SetChecked(false)
			r.until("one-way", func() bool { return h.result != nil && !h.result.TwoWay })
			h.files.twoWay.SetChecked(true)
			h.files.port.SetText("x")
			r.until("the port", func() bool { return strings.HasPrefix(h.problem, "The port is") })
			h.files.port.SetText("")
			h.tabs.Select(handFiles)
		}
	}
	h.close()
	if h = r.handover(handoverFrom{}); h.files.chosen().ID != "aws-iot" {
		t.Errorf("%s is chosen, not the one before", h.files.chosen().Title)
	}
}

// TestHandoverFailed: what is not met stands first, with what to do, and colour is not its only sign.
func TestHandoverFailed(t *testing.T) {
	dir := toHandOver(t, 40) // within EMQX's 60 days
	r := newRig(t, nil)
	from := handoverFromFolder(dir)
	from.Host = "other.example"
	h := r.handOver(from)
	h.tabs.Select(handChecks)
	r.shoot("h5-failed")
	if !strings.Contains(h.said.Text, "demands are not met") {
		t.Errorf("said %q", h.said.Text)
	}
	text := checksText(*h.result)
	if !strings.HasPrefix(strings.SplitN(text, "\n", 2)[1], "✗ Not met: ") || !strings.Contains(text, "other.example") {
		t.Errorf("the checks are %s", text)
	}
}

// TestHandoverEmpty: with nothing chosen the dialog says what to do; files that are dropped find their fields.
func TestHandoverEmpty(t *testing.T) {
	dir := toHandOver(t, 365)
	r := newRig(t, nil)
	h := r.handover(handoverFrom{})
	r.until("the invitation", func() bool { return !h.busy.Visible() && h.said.Text != "" })
	if h.said.Text != h.files.invitation() || h.result != nil {
		t.Errorf("said %q", h.said.Text)
	}
	for i, name := range handNames {
		h.tabs.Select(i)
		r.shoot("h0-empty-" + strings.ReplaceAll(strings.ToLower(name), " ", ""))
	}
	var uris []fyne.URI
	for _, name := range []string{pki.CACertificateName, "client.crt", "server.key", "server.crt"} {
		uris = append(uris, storage.NewFileURI(filepath.Join(dir, name)))
	}
	r.onDropped(fyne.Position{}, uris)
	r.until("the hand-over", func() bool { return h.result != nil })
	want := handoverFromFolder(dir)
	f := h.files
	if f.certificate.Entry.Text != want.Certificate || f.key.Entry.Text != want.Key || f.client.Entry.Text != want.Client ||
		len(f.clientCA.paths()) != 1 || f.clientCA.paths()[0] != want.ClientCA[0] {
		t.Errorf("dropped into %q, %q, %q, %q", f.certificate.Entry.Text, f.key.Entry.Text, f.client.Entry.Text, f.clientCA.paths())
	}
	f.certificate.Entry.SetText(filepath.Join(dir, "nothing.crt"))
	r.until("the problem", func() bool { return h.problem != "" })
	if tone, text := f.certificate.Status(); h.result != nil || tone != widgets.Bad || text != h.problem {
		t.Errorf("result %v, the field says %q, the dialog %q", h.result, text, h.problem)
	}
}

// TestHandoverPassphrase: an encrypted key asks for its passphrase in the page; a wrong one can be tried again.
func TestHandoverPassphrase(t *testing.T) {
	dir := toHandOver(t, 365)
	path := filepath.Join(dir, "server.key")
	keys, _, _ := pki.ReadKeys(path, "")
	sealed, err := pki.EncodeKey(keys[0], pki.PEM, "horse", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	h := r.handover(handoverFromFolder(dir))
	r.until("the question", func() bool { return h.files.passRow.Visible() })
	r.shoot("h6-passphrase")
	test.Type(h.files.passphrase, "cow")
	h.files.passphrase.OnSubmitted("")
	r.until("the refusal", func() bool { return h.problem != "" && !h.busy.Visible() })
	if h.result != nil || h.files.certificate.Entry.Text == "" {
		t.Error("the page is lost")
	}
	h.files.passphrase.SetText("horse")
	h.files.passphrase.OnSubmitted("")
	r.until("the hand-over", func() bool { return h.result != nil })
	if key := h.cardOf(t, deploy.FieldKey); !strings.HasPrefix(key.field.Value, "-----BEGIN PRIVATE KEY") {
		t.Errorf("the key that is handed over begins with %.40q", key.field.Value)
	}
}

// platform starts the stand-in for EMQX's interface.
func platform(t *testing.T) (*deploytest.Platform, string) {
	t.Helper()
	p := &deploytest.Platform{Key: "apikey", Secret: "api-s3cret", Pending: 2, Forbidden: []string{"theirs"}, Deployments: []deploytest.Deployment{
		{ID: "ded1", Name: "plant", Type: "dedicated", Region: "eu-central-1", Project: "default", Status: "running"},
		{ID: "srv1", Name: "toy", Type: "serverless", Project: "default", Status: "running"},
		{ID: "theirs", Name: "other", Type: "dedicated", Status: "running"},
	}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL + "/public_api/v1"
}

// TestHandoverUpload uploads to a deployment, sees what is there before it is replaced, and keeps the key.
func TestHandoverUpload(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	p, base := platform(t)
	dir := toHandOver(t, 365)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(dir))
	h.tabs.Select(handUpload)
	u := h.upload
	u.pause = time.Millisecond
	u.api.SetText(base)
	u.api.OnLeft()
	r.shoot("h7-upload")
	test.Tap(u.list)
	if u.said.Text != "Fill in the API key and its secret." {
		t.Errorf("said %q", u.said.Text)
	}
	u.key.SetText("apikey")
	u.secret.SetText("wrong")
	u.keep.SetChecked(false)
	said := func(text string) {
		t.Helper()
		r.until(text, func() bool { return strings.Contains(u.said.Text, text) && u.stop == nil })
	}
	test.Tap(u.list)
	said("EMQX does not know this API key and secret.")
	r.shoot("h8-refused")
	u.secret.SetText("api-s3cret")
	u.keep.SetChecked(true)
	test.Tap(u.list)
	r.until("the question", func() bool { return r.asked != nil })
	test.Type(r.secret, "horse battery")
	test.Type(r.secretAgain, "horse battery")
	test.Tap(r.asked.yes)
	said("The API key works.")
	u.deployment.SetSelectedIndex(2)
	said("The API key may not do this")
	if !u.upload.Disabled() {
		t.Error("it can be uploaded to somebody else's deployment")
	}
	u.deployment.SetSelectedIndex(0)
	r.until("what is there", func() bool { return u.known && u.stop == nil && h.result != nil })
	if !strings.Contains(u.there.Text, "no certificate of its own") {
		t.Errorf("there: %q", u.there.Text)
	}
	test.Tap(u.upload)
	said("plant uses the new two-way certificate")
	r.shoot("h9-uploaded")
	if got, _, _ := p.Certificate("ded1"); got != h.cardOf(t, deploy.FieldMerged).field.Value {
		t.Error("something else arrived")
	}
	if !strings.Contains(u.there.Text, "it is running. Uploading replaces it.") {
		t.Errorf("there: %q", u.there.Text)
	}
	calls := len(p.Calls())
	test.Tap(u.upload)
	r.shoot("h10-replace")
	r.asked.answer(false)
	said("Nothing was changed.")
	if len(p.Calls()) != calls {
		t.Errorf("EMQX was called: %q", p.Calls()[calls:])
	}
	for range 6 { // POST was one of its own kind; the limit of PUT is 6
		test.Tap(u.upload)
		r.asked.answer(true)
		said("plant uses the new two-way certificate")
		u.say(widgets.Neutral, "")
	}
	test.Tap(u.upload)
	r.asked.answer(true)
	said("EMQX takes 6 such calls in 60 minutes, and this would be one more. Try again after ")
	r.shoot("h11-limit")
	h.close()
	for _, path := range secretFiles(t, r.dir) {
		if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), "api-s3cret") {
			t.Errorf("%s holds the secret, or cannot be read: %v", path, err)
		}
	}
	h = r.handOver(handoverFromFolder(dir))
	h.tabs.Select(handUpload)
	r.until("the key that was kept", func() bool { return h.upload.kept.Key == "apikey" && h.upload.kept.Secret == "api-s3cret" })
	if h.upload.key.Text != "" || h.upload.secret.Text != "" {
		t.Error("the key is shown again")
	}
	if text, err := r.env.secrets.Get(t.Context(), deploy.SecretID(base), store.PlatformKey); err != nil || text != "apikey:api-s3cret" {
		t.Errorf("kept %q, %v", text, err)
	}
}

// TestHandoverRemove takes a certificate from a deployment, after a question.
func TestHandoverRemove(t *testing.T) {
	p, base := platform(t)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(toHandOver(t, 365)))
	u := h.upload
	u.pause = time.Millisecond
	u.api.SetText(base)
	h.tabs.Select(handUpload)
	u.key.SetText("apikey")
	u.secret.SetText("api-s3cret")
	u.keep.SetChecked(false)
	test.Tap(u.list)
	r.until("the list", func() bool { return len(u.deployments) == 3 && u.stop == nil })
	u.deployment.SetSelectedIndex(0)
	r.until("what is there", func() bool { return u.known && u.stop == nil && h.result != nil })
	if u.remove.Visible() {
		t.Error("it offers to remove what is not there")
	}
	test.Tap(u.upload)
	r.until("the upload", func() bool { return u.stop == nil && strings.Contains(u.said.Text, "uses the new") })
	if !u.remove.Visible() {
		t.Fatal("it does not offer to remove the certificate")
	}
	for _, yes := range []bool{false, true} {
		test.Tap(u.remove)
		r.shoot("h13-remove")
		r.asked.answer(yes)
		r.until("the answer", func() bool { return u.stop == nil })
		if _, _, there := p.Certificate("ded1"); there == yes {
			t.Fatalf("after the answer %v the certificate is there: %v; it says %q", yes, there, u.said.Text)
		}
	}
	if u.remove.Visible() || !strings.Contains(u.there.Text, "no certificate of its own") || !strings.Contains(u.said.Text, "any more") {
		t.Errorf("it says %q, %q", u.there.Text, u.said.Text)
	}
	test.Tap(u.upload)
	r.until("the upload", func() bool { return u.stop == nil && strings.Contains(u.said.Text, "uses the new") })
	if _, _, there := p.Certificate("ded1"); !there {
		t.Error("nothing can be uploaded afterwards")
	}
}

// TestHandoverUploadRefused: what EMQX takes not is told before, and can be tried all the same; EMQX's own words are
// shown. A serverless deployment takes none.
func TestHandoverUploadRefused(t *testing.T) {
	p, base := platform(t)
	dir := toHandOver(t, 40)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(dir))
	u := h.upload
	u.api.SetText(base)
	h.tabs.Select(handUpload)
	u.key.SetText("apikey")
	u.secret.SetText("api-s3cret")
	u.keep.SetChecked(false)
	test.Tap(u.list)
	r.until("the list", func() bool { return len(u.deployments) == 3 && u.stop == nil })
	u.deployment.SetSelectedIndex(0)
	r.until("what is there", func() bool { return u.known && u.stop == nil && h.result != nil })
	test.Tap(u.upload)
	if r.asked == nil || r.asked.yes.Text != "Upload all the same" {
		t.Fatal("it is not asked about the demand that is not met")
	}
	r.shoot("h12-anyway")
	r.asked.answer(true)
	r.until("the refusal", func() bool { return u.stop == nil && strings.Contains(u.said.Text, "It says ") })
	if !strings.Contains(u.said.Text, "ends within 60 days") || !strings.HasPrefix(u.said.Text, "EMQX does not take the certificate") {
		t.Errorf("said %q", u.said.Text)
	}
	if _, _, ok := p.Certificate("ded1"); ok {
		t.Error("it was taken")
	}
	u.deployment.SetSelectedIndex(1)
	r.until("the serverless deployment", func() bool { return u.known && u.stop == nil && h.result != nil && len(h.result.Fields) == 0 })
	if !u.upload.Disabled() {
		t.Error("it can be uploaded to a serverless deployment")
	}
}

// TestHandoverCancel: a call that takes long can be cancelled, and closing the dialog ends it.
func TestHandoverCancel(t *testing.T) {
	hold := make(chan struct{})
	_, base := slowPlatform(t, hold)
	r := newRig(t, nil)
	h := r.handOver(handoverFromFolder(toHandOver(t, 365)))
	u := h.upload
	u.api.SetText(base)
	h.tabs.Select(handUpload)
	u.key.SetText("apikey")
	u.secret.SetText("api-s3cret")
	u.keep.SetChecked(false)
	test.Tap(u.list)
	if !u.cancel.Visible() || !u.list.Disabled() {
		t.Error("nothing shows that it runs")
	}
	test.Tap(u.cancel)
	r.until("the end", func() bool { return u.stop == nil })
	if u.said.Text != "Cancelled." {
		t.Errorf("said %q", u.said.Text)
	}
	close(hold)
}

// slowPlatform answers only when hold is closed, or the call is given up.
func slowPlatform(t *testing.T, hold chan struct{}) (*deploytest.Platform, string) {
	t.Helper()
	p := &deploytest.Platform{Key: "apikey", Secret: "api-s3cret"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		select {
		case <-hold:
			p.ServeHTTP(w, q)
		case <-q.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	return p, server.URL + "/public_api/v1"
}
