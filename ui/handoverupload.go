package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// handoverUpload is the part that gives the certificate to a deployment over EMQX Platform's interface.
type handoverUpload struct {
	h          *handover
	api        *widgets.Entry
	key        *widgets.Entry
	secret     *widgets.Entry
	keep       *widget.Check
	list       *widget.Button
	deployment *widget.Select
	there      *widget.Label // what the chosen deployment has now
	upload     *widget.Button
	remove     *widget.Button // the certificate that the chosen deployment has
	cancel     *widget.Button
	progress   *widget.ProgressBarInfinite
	said       *widget.Label
	icon       *widget.Icon
	saidRow    *fyne.Container
	whyNot     *widget.Label // why nothing can be uploaded
	form       *fyne.Container
	box        *fyne.Container

	deployments []deploy.Deployment
	chosen      *deploy.Deployment // whose certificate there tells; nil: none
	installed   *deploy.Installed  // nil: it has none, or none is known
	known       bool               // installed is what EMQX said
	kept        deploy.Credentials // from the keyring
	keptFor     string             // the interface that kept was looked up for
	stop        context.CancelFunc // of the call that runs; nil: none does
	pause       time.Duration      // before asking whether the certificate is in use; 0: deploy's own
}

func newHandoverUpload(h *handover) *handoverUpload {
	u := &handoverUpload{h: h}
	u.buildUI()
	return u
}

func (u *handoverUpload) buildUI() {
	u.api, u.key, u.secret = widgets.NewEntry(), widgets.NewEntry(), widgets.NewPassword()
	u.api.SetText(u.h.w.app.Preferences().StringWithFallback(prefAPI, deploy.DefaultAPI))
	u.api.SetPlaceHolder(deploy.DefaultAPI)
	u.api.OnLeft = u.onAPI
	u.key.SetPlaceHolder("Platform API key")
	u.secret.SetPlaceHolder("Its secret")
	for _, e := range []*widgets.Entry{u.api, u.key, u.secret} {
		e.OnEscape = u.h.close
		e.OnSubmitted = func(string) { u.onList() }
		e.OnChanged = func(string) { u.forgetList() }
	}
	u.keep = widget.NewCheck("Keep key and secret in this computer's keyring", nil)
	u.list = widget.NewButtonWithIcon("List deployments", theme.ListIcon(), u.onList)
	u.deployment = widget.NewSelect(nil, func(string) { u.onDeployment() })
	u.deployment.PlaceHolder = "List the deployments first"
	u.there = widget.NewLabel("")
	u.there.Wrapping, u.there.Selectable = fyne.TextWrapWord, true
	u.upload = widget.NewButtonWithIcon("Upload", theme.UploadIcon(), u.onUpload)
	u.upload.Importance = widget.HighImportance
	u.remove = widget.NewButtonWithIcon("Remove from the deployment…", theme.DeleteIcon(), u.onRemove)
	u.remove.Importance = widget.LowImportance
	u.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), u.onCancel)
	u.progress = widget.NewProgressBarInfinite()
	u.progress.Stop()
	u.said, u.icon = widget.NewLabel(""), widget.NewIcon(nil)
	u.said.Wrapping, u.said.Selectable = fyne.TextWrapWord, true
	u.saidRow = container.NewBorder(nil, nil, container.NewVBox(widgets.NewPadded(8, 0, 0, 0, u.icon)), nil, u.said)
	u.whyNot = widget.NewLabel("")
	u.whyNot.Wrapping = fyne.TextWrapWord
	intro := words("EMQX Platform's interface puts certificate, chain, key and client CA into a Dedicated deployment. An administrator makes the API key in the console, with the function TLS and the deployment's project.")
	limits := widget.NewLabel("EMQX takes 6 uploads of each kind, 6 removals and 60 questions in 60 minutes; calls beyond that are kept back here, with the time when the next is free.")
	limits.Wrapping, limits.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	u.form = widgets.NewRows(8, intro, labelled("Address of the interface", u.api),
		container.NewGridWithColumns(2, labelled("API key", u.key), labelled("Secret", u.secret)), u.keep,
		container.NewBorder(nil, nil, u.list, nil, widgets.Framed(u.deployment)), u.there,
		widgets.NewFlow(6, widgets.NewFixedWidth(150, u.upload), u.remove, u.cancel, widgets.NewFixedWidth(140, u.progress)), u.saidRow, limits)
	u.box = widgets.NewRows(8, u.whyNot, u.form)
	setVisible(u.there, false)
	u.saidRow.Hide()
	u.busy(false)
}

// show says what can be uploaded, after something else was prepared.
func (u *handoverUpload) show() {
	b := u.h.files.chosen()
	plan := u.h.files.chosenPlan()
	why := ""
	switch {
	case b.ID != "emqx":
		why = b.Title + " takes files, not an upload: save them under Hand over."
	case plan.ID == "byoc":
		why = "BYOC takes its certificate when it is installed: save the files under Hand over."
	}
	u.whyNot.SetText(why)
	setVisible(u.whyNot, why != "")
	setVisible(u.form, why == "")
	u.enableUpload()
	u.box.Refresh()
}

func (u *handoverUpload) enableUpload() {
	setEnabled(u.upload, u.stop == nil && u.h.result != nil && len(u.h.result.Fields) > 0 && u.chosen != nil && u.known)
	setVisible(u.remove, u.stop == nil && u.chosen != nil && u.known && u.installed != nil)
}

func (u *handoverUpload) busy(on bool) {
	setVisible(u.cancel, on)
	setVisible(u.progress, on)
	if on {
		u.progress.Start()
	} else {
		u.progress.Stop()
	}
	for _, w := range []fyne.Disableable{u.list, u.api, u.key, u.secret, u.keep, u.deployment} {
		setEnabled(w, !on)
	}
	u.enableUpload()
}

func (u *handoverUpload) say(tone widgets.Tone, text string) {
	u.said.SetText(text)
	u.icon.SetResource(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
	setVisible(u.saidRow, text != "")
	u.box.Refresh()
}

// shown looks for the key that was kept, the first time that the part is shown.
func (u *handoverUpload) shown() {
	base := u.base()
	if u.keptFor == base || u.h.files.chosen().ID != "emqx" {
		return
	}
	u.keptFor = base
	secrets := u.h.w.env.secrets
	u.keep.SetChecked(true)
	run(u.h.w.env.async, u.h.ctx, func(ctx context.Context) deploy.Credentials {
		text, err := secrets.Get(ctx, deploy.SecretID(base), store.PlatformKey)
		c, ok := deploy.ParseCredentials(text)
		if err != nil || !ok {
			return deploy.Credentials{}
		}
		return c
	}, func(c deploy.Credentials) {
		if u.h.ctx.Err() != nil || u.keptFor != base {
			return
		}
		u.kept = c
		if c.Key != "" {
			u.key.SetPlaceHolder("Kept. Type to change")
			u.secret.SetPlaceHolder("Kept. Type to change")
		}
	})
}

// base is the address of the interface.
func (u *handoverUpload) base() string {
	if text := strings.TrimSpace(u.api.Text); text != "" {
		return text
	}
	return deploy.DefaultAPI
}

// onAPI remembers the address, and looks for the key of another one.
func (u *handoverUpload) onAPI() {
	base := u.base()
	if base == u.keptFor {
		return
	}
	if _, err := deploy.CheckAPI(base); err != nil {
		return // the call will say so
	}
	u.h.w.app.Preferences().SetString(prefAPI, base)
	u.kept = deploy.Credentials{}
	u.key.SetPlaceHolder("Platform API key")
	u.secret.SetPlaceHolder("Its secret")
	u.shown()
}

// credentials are those typed, else those kept.
func (u *handoverUpload) credentials() (deploy.Credentials, bool) {
	key, secret := strings.TrimSpace(u.key.Text), strings.TrimSpace(u.secret.Text)
	if key == "" && secret == "" {
		return u.kept, u.kept.Key != ""
	}
	return deploy.Credentials{Key: key, Secret: secret}, key != "" && secret != ""
}

// client is what calls the interface with what is filled in; problem says what is missing, a sentence.
func (u *handoverUpload) client() (api *deploy.API, problem string) {
	credentials, ok := u.credentials()
	if !ok {
		return nil, "Fill in the API key and its secret."
	}
	if _, err := deploy.CheckAPI(u.base()); err != nil {
		return nil, upperFirst(err.Error()) + "."
	}
	return &deploy.API{Base: u.base(), Credentials: credentials, Calls: u.h.w.env.store.Calls()}, ""
}

// begin starts what is to be shown as running; the context ends when it is cancelled or the dialog closed.
func (u *handoverUpload) begin(doing string) context.Context {
	ctx, cancel := context.WithCancel(u.h.ctx)
	u.stop = cancel
	u.busy(true)
	u.say(widgets.Neutral, doing)
	return ctx
}

// end is called when it has ended; it says whether there is anybody left to show it to.
func (u *handoverUpload) end() bool {
	if u.h.ctx.Err() != nil {
		return false
	}
	u.stop()
	u.stop = nil
	u.busy(false)
	return true
}

func (u *handoverUpload) onCancel() {
	if u.stop != nil {
		u.stop()
	}
}

// forget takes the secret out of the fields when the dialog is closed.
func (u *handoverUpload) forget() {
	u.secret.OnChanged, u.key.OnChanged = nil, nil
	u.secret.SetText("")
	u.key.SetText("")
	u.kept = deploy.Credentials{}
}

// forgetList is called when key or address have changed: what was listed belongs to another.
func (u *handoverUpload) forgetList() {
	if len(u.deployments) == 0 && u.chosen == nil {
		return
	}
	u.deployments, u.chosen, u.installed, u.known = nil, nil, nil, false
	u.deployment.PlaceHolder = "List the deployments first"
	u.deployment.SetOptions(nil)
	u.deployment.ClearSelected()
	setVisible(u.there, false)
	u.enableUpload()
}

// fail says why a call did not succeed.
func (u *handoverUpload) fail(err error, cancelled string) {
	var refused *deploy.APIError
	switch {
	case errors.As(err, &refused):
		text := refused.Text
		if refused.Message != "" {
			text += fmt.Sprintf(" It says %q.", refused.Message)
		}
		u.say(widgets.Bad, text+" "+refused.Do)
	case errors.Is(err, context.Canceled):
		u.say(widgets.Neutral, cancelled)
	default:
		u.say(widgets.Bad, upperFirst(err.Error())+".")
	}
}

// onList lists the deployments, and keeps the key once it has worked.
func (u *handoverUpload) onList() {
	api, problem := u.client()
	if problem != "" || u.stop != nil {
		u.say(widgets.Bad, problem)
		return
	}
	type listed struct {
		all  []deploy.Deployment
		err  error
		kept error
	}
	keep := u.keep.Checked && api.Credentials != u.kept
	secrets := u.h.w.env.secrets
	ctx := u.begin("Asking EMQX for the deployments…")
	run(u.h.w.env.async, ctx, func(ctx context.Context) (l listed) {
		if l.all, l.err = api.Deployments(ctx); l.err == nil && keep {
			l.kept = secrets.Set(ctx, deploy.SecretID(api.Base), store.PlatformKey, api.Credentials.Text())
		}
		return l
	}, func(l listed) {
		if !u.end() {
			return
		}
		if l.err != nil {
			u.fail(l.err, "Cancelled.")
			return
		}
		if keep && l.kept == nil {
			u.kept, u.keptFor = api.Credentials, api.Base
		}
		u.onListed(l.all, l.kept)
	})
}

func (u *handoverUpload) onListed(all []deploy.Deployment, kept error) {
	u.forgetList()
	u.deployments = all
	var names []string
	for _, d := range all {
		names = append(names, deploymentText(d))
	}
	u.deployment.SetOptions(names)
	switch {
	case kept != nil:
		u.say(widgets.Warn, "The key works, and could not be kept: "+upperFirst(kept.Error())+".")
	case len(all) == 0:
		u.say(widgets.Warn, "The API key works and may see no deployment: give it the deployment's project in the console.")
	default:
		u.say(widgets.Good, fmt.Sprintf("The API key works. Choose the deployment: %d may be seen.", len(all)))
	}
	u.deployment.PlaceHolder = "Choose a deployment"
	u.deployment.Refresh()
	if len(all) == 1 {
		u.deployment.SetSelectedIndex(0)
	}
}

// deploymentText names a deployment as the console does, with its identifier.
func deploymentText(d deploy.Deployment) string {
	parts := []string{d.Name}
	for _, p := range []string{kindText(d.Type), d.Region, d.Project, d.Status, d.ID} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "  ·  ")
}

func kindText(kind string) string {
	if p, ok := deploy.PlanNamed(kind); ok && kind != "" {
		return p.Title
	}
	return kind
}

// onDeployment takes the kind of the deployment, and asks what certificate it has.
func (u *handoverUpload) onDeployment() {
	i := u.deployment.SelectedIndex()
	if i < 0 || i >= len(u.deployments) || u.stop != nil {
		return
	}
	d := u.deployments[i]
	u.chosen, u.installed, u.known = &d, nil, false
	u.h.files.choosePlan(d.Type)
	u.look(d)
}

// look asks what certificate d has.
func (u *handoverUpload) look(d deploy.Deployment) {
	api, problem := u.client()
	if problem != "" {
		u.say(widgets.Bad, problem)
		return
	}
	type found struct {
		installed deploy.Installed
		ok        bool
		err       error
	}
	ctx := u.begin("Asking EMQX what certificate the deployment has…")
	run(u.h.w.env.async, ctx, func(ctx context.Context) (f found) {
		f.installed, f.ok, f.err = api.Installed(ctx, d.ID)
		return f
	}, func(f found) {
		if !u.end() {
			return
		}
		if f.err != nil {
			u.fail(f.err, "Cancelled: what certificate the deployment has is not known. Choose it again to ask.")
			u.deployment.ClearSelected() // so that choosing it again asks again
			u.chosen = nil
			setVisible(u.there, false)
			u.enableUpload()
			return
		}
		u.saw(f.installed, f.ok)
		u.say(widgets.Neutral, "")
	})
}

// saw shows what certificate the deployment has.
func (u *handoverUpload) saw(i deploy.Installed, ok bool) {
	u.installed, u.known = nil, true
	text := u.chosen.Name + " has no certificate of its own yet."
	if ok {
		u.installed = &i
		text = fmt.Sprintf("%s has a %s certificate until %s; it is %s. Uploading replaces it.", u.chosen.Name, i.Type, i.Expire, i.Status)
	}
	u.there.SetText(text)
	setVisible(u.there, true)
	u.enableUpload()
	u.box.Refresh()
}
