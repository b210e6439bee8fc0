package ui

import (
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// form is the fields of a profile.
type form struct {
	w         *Window
	edited    func()
	name      *widgets.Entry
	host      *widgets.Entry
	port      *widgets.Entry
	transport *widget.Select
	clientID  *widgets.Entry
	user      *widgets.Entry
	password  *widgets.Entry

	trust    *widget.RadioGroup
	caFields []*widgets.FileField
	caBox    *fyne.Container
	addCA    *widget.Button

	trustBefore  profile.Trust // what set filled in
	choiceBefore string        // the choice that it was
	numbers      []*numberField

	certificate *widgets.FileField
	key         *widgets.FileField
	passphrase  *widgets.Entry

	version    *widget.Select // of MQTT
	minTLS     *widget.Select
	maxTLS     *widget.Select
	smallHello *widget.Check

	serverName *widgets.Entry
	alpn       *widgets.Entry
	verify     *widget.Check
	revocation *widget.Check
	judges     *widget.CheckGroup
	judgeNames []string // chain's names, in the order of the choices
	keepAlive  *widgets.Entry
	cleanStart *widget.Check
	expiry     *widgets.Entry
	advanced   *widgets.Fold

	path          *widgets.Entry // over WebSocket
	pathRow       fyne.CanvasObject
	proxy         *widgets.Entry
	proxyPassword *widgets.Entry

	tls        *fyne.Container // what plain MQTT does not have
	rest       *fyne.Container // all but the name
	box        *fyne.Container
	quiet      bool
	hostBefore string // what the host field held before the last change
}

// Choices of trust.
const (
	trustPublic = "Public authorities"
	trustOwn    = "My own CA file"
	trustBoth   = "Both"
)

func newForm(w *Window, edited func()) *form {
	f := &form{w: w, edited: func() {}}
	f.buildFields()
	f.buildUI()
	f.edited = edited
	return f
}

func (f *form) entry(hint string) *widgets.Entry {
	e := widgets.NewEntry()
	e.SetPlaceHolder(hint)
	e.OnChanged = func(string) { f.touched() }
	return e
}

// touched tells of a change that the user made.
func (f *form) touched() {
	if !f.quiet {
		f.edited()
	}
}

func (f *form) buildFields() {
	f.name, f.host, f.port = f.entry("A name for the list"), f.entry("broker.example, or paste mqtts://broker.example:8883"), f.entry("8883")
	f.host.OnChanged = f.onHost
	f.host.OnLeft = func() { f.takeApart(f.host.Text) }
	f.host.OnSubmitted = f.takeApart
	f.transport = widget.NewSelect(transportNames, func(string) { f.onTransport() })
	f.buildRoute()
	f.clientID, f.user = f.entry("Random each time"), f.entry("None")
	f.password, f.passphrase = widgets.NewPassword(), widgets.NewPassword()
	f.password.SetPlaceHolder("Set or change")
	f.passphrase.SetPlaceHolder("Only if the key is encrypted")

	f.trust = widget.NewRadioGroup([]string{trustPublic, trustOwn, trustBoth}, func(string) { f.onTrust() })
	f.trust.Horizontal, f.trust.Required = true, true
	f.caBox = container.NewVBox()
	f.addCA = widget.NewButtonWithIcon("Add another CA file", theme.ContentAddIcon(), func() { f.addCAField("") })
	f.addCA.Importance = widget.LowImportance
	f.certificate = widgets.NewFileField("Certificate file, for instance client.crt or client.p12", func() { f.browse(f.certificate) }, nil)
	f.key = widgets.NewFileField("client.key, or empty if the certificate file holds it", func() { f.browse(f.key) }, nil)
	f.certificate.OnChanged = func(string) { f.edited(); f.checkPair() }
	f.key.OnChanged = func(string) { f.edited(); f.checkPair() }

	f.buildVersions()
	f.serverName, f.alpn = f.entry("The host"), f.entry("None, or names separated by commas")
	f.verify = widget.NewCheck("Verify the broker", f.onVerify)
	f.revocation = widget.NewCheck("Check for revocation: refuse a broker whose certificate was taken back", func(bool) { f.touched() })
	f.judges = widget.NewCheckGroup(nil, func([]string) { f.edited() })
	for _, j := range chain.Judges() {
		if j.Name() != "go" {
			f.judgeNames = append(f.judgeNames, j.Name())
			f.judges.Options = append(f.judges.Options, report.ClientName(j.Name()))
		}
	}
	f.keepAlive, f.expiry = f.entry("60"), f.entry("0")
	f.cleanStart = widget.NewCheck("Clean start: forget what the broker kept for this client", func(bool) { f.edited() })
}

// leastAddress has room for the names that cloud services give their brokers, and the port.
const leastAddress = 360

func (f *form) buildUI() {
	hostRow := widgets.NewBehind(leastAddress, widgets.NewFixedWidth(255, labelled("Transport", widgets.Framed(f.transport))),
		container.NewBorder(nil, nil, nil, widgets.NewFixedWidth(100, f.number("Port", f.port, 1, math.MaxUint16)), labelled("Host", f.host)))
	nameCard := widgets.NewCard(labelled("Name", f.name))
	f.pathRow = labelled("Path", f.path)
	broker := formCard("Broker", hostRow, f.pathRow,
		container.NewGridWithColumns(3, labelled("User name", f.user), labelled("Password", f.password), labelled("Client identifier", f.clientID)))
	trust := formCard("Who vouches for the broker", f.trust, f.caBox, container.NewHBox(f.addCA))
	mine := formCard("Your certificate, for two-way TLS", labelled("Certificate", f.certificate), labelled("Private key", f.key),
		labelled("Passphrase of the key", f.passphrase))
	f.tls = widgets.NewRows(10, trust, mine)
	f.advanced = widgets.NewFold("More settings", formCard("More settings",
		container.NewGridWithColumns(2, labelled("Name that the broker's certificate must contain", f.serverName), labelled("Application protocols (ALPN)", f.alpn)),
		container.NewGridWithColumns(3, labelled("MQTT version", widgets.Framed(f.version)), labelled("Oldest TLS version", widgets.Framed(f.minTLS)), labelled("Newest TLS version", widgets.Framed(f.maxTLS))),
		f.smallHello,
		container.NewGridWithColumns(2, labelled("Proxy", f.proxy), labelled("Password of the proxy", f.proxyPassword)),
		f.verify,
		f.revocation,
		labelled("Must also work with", f.judges),
		container.NewGridWithColumns(2, f.number("Keep-alive, in seconds", f.keepAlive, 0, math.MaxUint16), f.number("Session expires after, in seconds", f.expiry, 0, math.MaxUint32)),
		f.cleanStart), nil)
	f.rest = widgets.NewRows(10, broker, f.tls, f.advanced)
	f.box = widgets.NewRows(10, nameCard, f.rest)
}

func formCard(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	box := widgets.NewRows(8, widgets.Heading(title, theme.SizeNameText))
	for _, r := range rows {
		box.Add(r)
	}
	return widgets.NewCard(box)
}

func (f *form) browse(field *widgets.FileField) {
	f.w.browse(field.Entry.Text, func(path string) { field.Entry.SetText(path) })
}

// set fills the fields.
func (f *form) set(p profile.Profile) {
	f.quiet = true
	f.name.SetText(p.Name)
	f.showTransport(p.Server.Transport)
	f.showVersions(p)
	f.path.SetText(p.Server.Path)
	f.proxy.SetText(p.Server.Proxy)
	f.proxyPassword.SetText("")
	f.proxyPassword.SetPlaceHolder("Set or change")
	f.host.SetText(p.Server.Host)
	f.port.SetText(numberOrNone(p.Server.Port))
	f.clientID.SetText(p.MQTT.ClientID)
	f.user.SetText(p.MQTT.UserName)
	f.password.SetText("")
	f.passphrase.SetText("")
	f.password.SetPlaceHolder("Set or change")
	f.passphrase.SetPlaceHolder("Only if the key is encrypted")
	f.setTrust(p.Trust)
	f.certificate.Entry.SetText(p.ClientCertificate.CertificateFile)
	f.key.Entry.SetText(p.ClientCertificate.KeyFile)
	f.serverName.SetText(p.Server.Name)
	f.alpn.SetText(strings.Join(p.Server.ALPN, ", "))
	f.verify.SetChecked(!p.Trust.DoNotVerify)
	f.revocation.SetChecked(p.Trust.CheckRevocation)
	var also []string
	for i, n := range f.judgeNames {
		for _, a := range p.AlsoFor {
			if a == n {
				also = append(also, f.judges.Options[i])
			}
		}
	}
	f.judges.SetSelected(also)
	f.keepAlive.SetText(strconv.Itoa(p.MQTT.KeepAlive))
	f.cleanStart.SetChecked(p.MQTT.CleanStart)
	f.expiry.SetText(strconv.FormatUint(uint64(p.MQTT.SessionExpiry), 10))
	f.quiet = false
	f.onTransport()
	f.checkPair()
}

func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// addCAField adds a line for one more CA file.
func (f *form) addCAField(path string) {
	var field *widgets.FileField
	field = widgets.NewFileField("CA file, for instance ca.crt", func() { f.browse(field) }, func() { f.removeCAField(field) })
	field.OnChanged = func(s string) {
		f.edited()
		f.w.checkFile(field, s, evidence.RoleCA)
	}
	f.caFields = append(f.caFields, field)
	f.caBox.Add(field)
	if path != "" {
		field.Entry.SetText(path)
	}
	f.box.Refresh()
}

func (f *form) removeCAField(field *widgets.FileField) {
	for i, x := range f.caFields {
		if x == field {
			f.caFields = append(f.caFields[:i], f.caFields[i+1:]...)
			break
		}
	}
	f.caBox.Remove(field)
	f.edited()
	f.box.Refresh()
}

// profile returns p with what the form says.
func (f *form) profile(p profile.Profile) profile.Profile {
	q := p.Clone()
	q.Name = strings.TrimSpace(f.name.Text)
	if q.Name == "" {
		q.Name = p.Name
	}
	if p.Practice {
		return q
	}
	q.Server = profile.Server{Transport: f.chosenTransport(), Host: strings.TrimSpace(f.host.Text), Port: int(f.numberOf(f.port, uint64(p.Server.Port))),
		Name: strings.TrimSpace(f.serverName.Text), ALPN: splitList(f.alpn.Text),
		Path: strings.TrimSpace(f.path.Text), Proxy: f.chosenProxy(p.Server.Proxy)}
	if len(q.Server.ALPN) == 0 {
		q.Server.ALPN = nil
	}
	if q.Name == newName && q.Server.Host != "" {
		q.Name = q.Server.Host
	}
	f.chooseVersions(&q)
	q.Trust = f.chosenTrust()
	q.ClientCertificate = profile.ClientCertificate{CertificateFile: strings.TrimSpace(f.certificate.Entry.Text), KeyFile: strings.TrimSpace(f.key.Entry.Text)}
	q.MQTT.ClientID, q.MQTT.UserName = f.clientID.Text, f.user.Text
	q.MQTT.KeepAlive = int(f.numberOf(f.keepAlive, uint64(p.MQTT.KeepAlive)))
	q.MQTT.CleanStart = f.cleanStart.Checked
	q.MQTT.SessionExpiry = uint32(f.numberOf(f.expiry, uint64(p.MQTT.SessionExpiry)))
	q.AlsoFor = nil
	for i, option := range f.judges.Options {
		for _, s := range f.judges.Selected {
			if s == option {
				q.AlsoFor = append(q.AlsoFor, f.judgeNames[i])
			}
		}
	}
	return q
}

// forgetSecrets empties the fields once their content is on its way.
func (f *form) forgetSecrets() {
	for _, e := range []*widgets.Entry{f.password, f.passphrase, f.proxyPassword} {
		if e.Text != "" {
			e.SetText("")
		}
	}
}

// hint says in a secret's empty field what has become of it.
func (f *form) hint(n store.SecretName, text string) {
	map[store.SecretName]*widgets.Entry{
		store.Password: f.password, store.Passphrase: f.passphrase, store.ProxyPassword: f.proxyPassword,
	}[n].SetPlaceHolder(text)
}

// secrets are those that were typed.
func (f *form) secrets() map[store.SecretName]string {
	out := map[store.SecretName]string{}
	if f.password.Text != "" {
		out[store.Password] = f.password.Text
	}
	if f.passphrase.Text != "" {
		out[store.Passphrase] = f.passphrase.Text
	}
	if f.proxyPassword.Text != "" {
		out[store.ProxyPassword] = f.proxyPassword.Text
	}
	return out
}
