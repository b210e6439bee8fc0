package ui

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/deploy"
	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// guideOrder is the step of the authority, the account and the order.
type guideOrder struct {
	*guideStep
	directory   *widget.Select
	other       *fyne.Container
	url         *widgets.Entry
	caFile      *widgets.FileField
	more        *widgets.Fold
	further     *widgets.Entry
	contact     *widgets.Entry
	agree       *widget.Check
	terms       *fyne.Container
	external    *widgets.Fold
	eabID       *widgets.Entry
	eabKey      *widgets.Entry
	keyType     *widget.Select
	profile     *widget.Select
	preferred   *widgets.Entry
	means       *widget.Label
	get         *widget.Button
	info        *acme.Info // what the authority says of itself; nil: it was not asked
	askedOf     acme.Directory
	loading     bool
	pendingNote *widgets.Text
}

// directoryNames are the choices, the last one with an address of its own.
var directoryNames = []string{"Let's Encrypt", "Let's Encrypt, staging: for trying out, trusted by nobody", "Another authority (RFC 8555)"}

// orderKey is a kind of key, as brokers' rules name it.
type orderKey struct {
	algorithm pki.KeyAlgorithm
	title     string
}

// orderKeys are those that public authorities certify.
var orderKeys = []orderKey{{pki.ECDSAP256, "ECDSA P-256"}, {pki.RSA2048, "RSA 2048"}, {pki.ECDSAP384, "ECDSA P-384"}, {pki.RSA3072, "RSA 3072"}, {pki.RSA4096, "RSA 4096"}}

// readTerms is said until the terms are agreed to.
const readTerms = "Read the terms of service and agree to them first."

const defaultProfile = "The authority's default"

func newGuideOrder(g *guide) *guideOrder {
	o := &guideOrder{guideStep: newGuideStep(g, "4", "The certificate", acme.StageCertificate)}
	o.buildFields()
	o.other = widgets.NewRows(8, labelled("Address of its directory", o.url),
		labelled("CA file for the directory's own HTTPS, where no public authority certified it", o.caFile))
	o.more = widgets.NewFold("More: further names, chain, a customer's account", widgets.NewRows(8,
		labelled("Further names, also wildcards such as *.example.org, separated by commas", o.further),
		labelled("Preferred root, by its name; the chains on offer are listed when the certificate is there", o.preferred), o.external), g.refreshSoon)
	o.add(labelled("Authority", widgets.Framed(o.directory)), o.other,
		container.NewGridWithColumns(2, labelled("Kind of key", widgets.Framed(o.keyType)), labelled("Profile", widgets.Framed(o.profile))),
		o.means, labelled("E-mail address for the account; the authority may write to it", o.contact), o.more, o.terms, o.pendingNote)
	o.buttons.Add(o.get)
	o.load = o.fill
	o.opened = o.onOpened
	o.summary = o.sum
	o.ended = o.onEnded
	o.draft = func() { o.request() }
	o.awaits = func() bool { return o.folds && g.plan.Provider == solver.Manual }
	return o
}

func (o *guideOrder) buildFields() {
	g := o.g
	o.url, o.further, o.contact, o.preferred = widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry()
	o.eabID, o.eabKey = widgets.NewEntry(), widgets.NewPassword()
	o.url.SetPlaceHolder("https://ca.example.org/acme/directory")
	o.contact.SetPlaceHolder("admin@example.org; may stay empty")
	o.further.SetPlaceHolder("none")
	o.preferred.SetPlaceHolder("ISRG Root X1; empty: the authority's default chain")
	o.caFile = widgets.NewFileField("PEM; empty: the public authorities", func() {
		g.w.browse(o.caFile.Entry.Text, func(path string) { o.caFile.Entry.SetText(path) })
	}, nil)
	o.url.OnChanged = func(string) { o.onOther() }
	o.caFile.OnChanged = func(string) { o.onOther() }
	o.url.OnSubmitted = func(string) { o.onAsk() }
	o.directory = widget.NewSelect(directoryNames, func(string) { o.onDirectory() })
	var keys []string
	for _, k := range orderKeys {
		keys = append(keys, k.title)
	}
	o.keyType = widget.NewSelect(keys, func(string) { o.showMeans() })
	o.profile = widget.NewSelect([]string{defaultProfile}, func(string) { o.showMeans() })
	o.means = widget.NewLabel("")
	o.means.Wrapping, o.means.Selectable, o.means.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	o.agree = widget.NewCheck("I have read the terms of service and agree to them:", func(on bool) {
		if on && o.said.Text == readTerms {
			o.say(widgets.Neutral, "")
		}
	})
	o.terms = widgets.NewRows(0)
	o.external = widgets.NewFold("The authority serves only its customers (external account binding)", widgets.NewRows(8,
		labelled("Key identifier", o.eabID), labelled("HMAC key; used once, and kept nowhere", o.eabKey)), g.refreshSoon)
	o.get = widget.NewButtonWithIcon("", nil, o.onGet)
	o.get.Importance = widget.HighImportance
	o.pendingNote = widgets.Muted("").CutTo(0)
}

func (o *guideOrder) fill() {
	p := o.g.plan
	o.loading = true
	index := 0
	switch p.Directory.URL {
	case "", acme.LetsEncrypt.URL:
	case acme.LetsEncryptStaging.URL:
		index = 1
	default:
		index = 2
		o.url.SetText(p.Directory.URL)
		o.caFile.Entry.SetText(p.Directory.CAFile)
	}
	o.directory.SetSelectedIndex(index)
	o.contact.SetText(p.Contact)
	o.further.SetText(p.Further)
	o.preferred.SetText(p.PreferredChain)
	o.eabID.SetText(p.ExternalID)
	o.keyType.SetSelectedIndex(max(0, slices.IndexFunc(orderKeys, func(k orderKey) bool { return k.algorithm == p.KeyType })))
	o.info = nil
	o.showInfo()
	o.loading = false
	setVisible(o.other, index == 2)
}

func (o *guideOrder) sum() string {
	name := directoryNames[max(0, o.directory.SelectedIndex())]
	if o.directory.SelectedIndex() == 2 {
		if u, err := url.Parse(o.g.plan.Directory.URL); err == nil {
			name = u.Host
		}
	}
	return "From " + strings.SplitN(name, ":", 2)[0]
}

// onOpened asks the authority for its terms and profiles, unless it is one whose address is still to be entered.
func (o *guideOrder) onOpened() {
	o.showPending(time.Time{})
	o.readPending()
	if o.info == nil && o.chosen().URL != "" {
		o.onAsk()
	}
}

// readPending looks whether an order is under way.
func (o *guideOrder) readPending() {
	name, folder := o.g.plan.Name, o.g.folder
	run(o.g.w.env.async, o.g.w.env.ctx, func(context.Context) (begun time.Time) {
		_, begun, _ = folder.Pending(name)
		return begun
	}, func(begun time.Time) {
		if o.g.plan.Name == name {
			o.showPending(begun)
		}
	})
}

// showPending says that an order is under way since begun; zero: none is.
func (o *guideOrder) showPending(begun time.Time) {
	text := ""
	if !begun.IsZero() {
		text = "An order of " + begun.Local().Format("2006-01-02 15:04") + " is under way, and goes on from where it is."
	}
	o.pendingNote.Set(text)
	setVisible(o.pendingNote, text != "")
	o.showGet()
}

func (o *guideOrder) chosen() acme.Directory {
	switch o.directory.SelectedIndex() {
	case 1:
		return acme.LetsEncryptStaging
	case 2:
		return acme.Directory{URL: strings.TrimSpace(o.url.Text), CAFile: strings.TrimSpace(o.caFile.Entry.Text)}
	}
	return acme.LetsEncrypt
}

func (o *guideOrder) onDirectory() {
	if o.loading || o.get == nil {
		return
	}
	setVisible(o.other, o.directory.SelectedIndex() == 2)
	o.info = nil
	if o.stop == nil { // what another one said is past
		o.say(widgets.Neutral, "")
	}
	o.showInfo()
	if o.directory.SelectedIndex() != 2 && o.wasOpen {
		o.onAsk()
	}
	o.g.refreshSoon()
}

// onOther is called when another authority's address is edited: what the one before said does not count for it.
func (o *guideOrder) onOther() {
	if o.loading || o.get == nil || o.info == nil || o.chosen() == o.askedOf {
		return
	}
	o.info = nil
	o.showInfo()
}

// onAsk fetches what the authority says of itself.
func (o *guideOrder) onAsk() {
	d := o.chosen()
	switch {
	case o.stop != nil:
		return
	case d.URL == "":
		o.ask("Enter the address of the authority's directory, such as https://ca.example.org/acme/directory.", o.url)
		return
	case !strings.HasPrefix(d.URL, "https://"):
		o.ask("The address of a directory begins with https://.", o.url)
		return
	}
	begin(o.guideStep, func(ctx context.Context, report progress.Report) (acme.Info, error) {
		report(progress.Event{Step: progress.Account, Detail: "Asking the authority for its terms and profiles."})
		return acme.Ask(ctx, d)
	}, func(info acme.Info, err error) {
		o.steps.clear()
		if d != o.chosen() { // something else was chosen meanwhile
			o.onAsk()
			return
		}
		if err != nil {
			o.refuse(err, "")
			o.showGet()
			return
		}
		o.info, o.askedOf = &info, d
		o.showInfo()
	})
}

// showInfo shows the terms to agree to and the profiles on offer.
func (o *guideOrder) showInfo() {
	o.terms.RemoveAll()
	options := []string{defaultProfile}
	if o.info != nil {
		options = append(options, slices.Sorted(maps.Keys(o.info.Profiles))...)
		if o.info.Terms != "" {
			o.agree.Checked = o.g.plan.AgreedTerms == o.info.Terms
			u, _ := url.Parse(o.info.Terms)
			o.terms.Add(o.agree)
			o.terms.Add(widgets.NewPadded(-6, 0, 22, 0, widget.NewHyperlink(o.info.Terms, u)))
		}
		if o.info.ExternalRequired {
			o.more.Open(true)
			o.external.Open(true)
		}
	}
	o.profile.Options = options
	at := max(0, slices.Index(options, o.g.plan.Profile))
	o.profile.SetSelectedIndex(at)
	o.showMeans()
	o.showGet()
}

// onEnded shows the form again after an order.
func (o *guideOrder) onEnded() {
	o.folds = false
	setVisible(o.body, true)
	setVisible(o.buttons, true)
	o.showGet()
}

// showGet says what comes next: the authority has to be asked before it is ordered from.
func (o *guideOrder) showGet() {
	text, icon := "Get the certificate", theme.DownloadIcon()
	switch {
	case o.info == nil:
		text, icon = "Ask the authority", theme.SearchIcon()
	case o.pendingNote.Visible():
		text = "Go on with the order"
	}
	o.get.SetText(text)
	o.get.SetIcon(icon)
	o.g.refreshSoon()
}

func (o *guideOrder) chosenProfile() string {
	if o.profile.SelectedIndex() <= 0 {
		return ""
	}
	return o.profile.Selected
}

// showMeans says what key and profile mean for the broker.
func (o *guideOrder) showMeans() {
	if o.means == nil {
		return
	}
	var text []string
	profile := o.chosenProfile()
	if o.info != nil && o.info.Profiles[profile] != "" {
		text = append(text, sentenceOf("The authority says of "+profile+": “"+o.info.Profiles[profile]+"”"))
	}
	kind, _ := deploy.PlanNamed(o.g.plan.Kind)
	if o.g.plan.Broker == "" || o.g.plan.Broker == "emqx" {
		if long, ok := acme.Lifetime(o.chosen(), profile, o.g.w.env.now()); ok {
			text = append(text, kind.Takes(long))
		}
		key := orderKeys[max(0, o.keyType.SelectedIndex())].title
		if kind.Custom && !slices.Contains(kind.Keys, key) {
			text = append(text, fmt.Sprintf("%s does not take %s, only %s.", kind.Title, key, strings.Join(kind.Keys, ", ")))
		}
	}
	if profile == "tlsserver" || profile == "shortlived" {
		text = append(text, "Its certificates have no common name, which very old clients look for, and allow no RSA key exchange, the only kind that some old devices know.")
	}
	o.means.SetText(strings.Join(text, " "))
	setVisible(o.means, len(text) > 0)
	o.g.refreshSoon()
}

func sentenceOf(s string) string { return strings.TrimSuffix(s, ".") + "." }
