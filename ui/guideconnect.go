package ui

import (
	"cmp"
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/progress"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// guideConnect is the step in which a connection is made ready and tried.
type guideConnect struct {
	*guideStep
	port        *widgets.Entry
	certificate *widgets.FileField
	key         *widgets.FileField
	client      *fyne.Container
	user        *widgets.Entry
	password    *widgets.Entry
	make        *widget.Button
	why         *widget.Button // leads to the page Diagnosis
	tried       *connection    // that was made in this run and has not been met yet; nil: none
	comparing   bool           // what a broker has sent is being looked at
	changed     *connection    // the one of which something has changed since that began; nil: none
}

func newGuideConnect(g *guide) *guideConnect {
	c := &guideConnect{guideStep: newGuideStep(g, "7", "Connect", acme.StageConnect)}
	text := widget.NewLabel("A connection to the new name is made, and tried. The page Diagnosis then shows the chain that the broker really sends, judged as each client would judge it.")
	text.Wrapping = fyne.TextWrapWord
	c.port = widgets.NewEntry()
	c.certificate = widgets.NewFileField("Your certificate", func() {
		g.w.browse(c.certificate.Entry.Text, func(path string) { c.certificate.Entry.SetText(path) })
	}, nil)
	c.key = widgets.NewFileField("Its private key", func() {
		g.w.browse(c.key.Entry.Text, func(path string) { c.key.Entry.SetText(path) })
	}, nil)
	c.client = labelled("What you show to the broker; both may stay empty", widgets.NewRows(4, c.certificate, c.key))
	c.user, c.password = widgets.NewEntry(), widgets.NewPassword()
	c.user.SetPlaceHolder("may stay empty")
	c.password.SetPlaceHolder("may stay empty")
	c.why = widget.NewButtonWithIcon("See why", theme.SearchIcon(), func() {
		if c.tried != nil {
			g.w.selectProfile(c.tried.profile.ID)
		}
		g.w.tabs.Select(diagnosisPage)
	})
	c.why.Hide()
	c.make = widget.NewButtonWithIcon("Make the connection and try it", theme.MediaPlayIcon(), c.onMake)
	c.make.Importance = widget.HighImportance
	c.add(text, container.NewBorder(nil, nil, labelled("Port", widgets.NewFixedWidth(110, c.port)), nil,
		widgets.NewPadded(0, 0, 8, 0, container.NewGridWithColumns(2, labelled("User name", c.user), labelled("Password", c.password)))), c.client)
	c.buttons.Add(c.make)
	c.buttons.Add(c.why)
	c.load, c.opened, c.draft = c.onLoad, c.fill, c.keep
	c.port.OnChanged, c.user.OnChanged, c.certificate.OnChanged, c.key.OnChanged = c.onTyped, c.onTyped, c.onTyped, c.onTyped
	c.summary = func() string { return "The connection stands in the list at the left" }
	return c
}

// onLoad fills the fields from the plan.
func (c *guideConnect) onLoad() {
	c.tried = nil
	c.why.Hide()
	p := c.g.plan // a copy: each field that is set is taken over into the plan with those that are still to be set
	c.port.SetText(cmp.Or(p.Port, strconv.Itoa(profile.MQTTS.DefaultPort())))
	c.user.SetText(p.UserName)
	c.certificate.Entry.SetText(p.ClientCertificate)
	c.key.Entry.SetText(p.ClientKey)
}

func (c *guideConnect) onTyped(string) { c.keep() }

// keep takes the fields over into the plan, all but the password.
func (c *guideConnect) keep() {
	p := &c.g.plan
	p.Port, p.UserName = strings.TrimSpace(c.port.Text), strings.TrimSpace(c.user.Text)
	p.ClientCertificate, p.ClientKey = c.certificate.Entry.Text, c.key.Entry.Text
}

// fill offers the client's certificate that lies beside its authority.
func (c *guideConnect) fill() {
	setVisible(c.client, !c.g.plan.OneWay)
	if c.certificate.Entry.Text != "" || len(c.g.plan.ClientCA) == 0 {
		return
	}
	made := pki.Paths(filepath.Dir(c.g.plan.ClientCA[0]), pki.Client)
	run(c.g.w.env.async, c.g.w.env.ctx, func(context.Context) bool { return isFile(made.Certificate) && isFile(made.Key) }, func(there bool) {
		if there && c.certificate.Entry.Text == "" {
			c.certificate.Entry.SetText(made.Certificate)
			c.key.Entry.SetText(made.Key)
		}
	})
}

// profileFor is the connection to the certificate's name. Where its root is a public one, the public authorities are
// trusted: authorities change their intermediates and roots, and clients that trust them all do not notice.
func (c *guideConnect) profileFor(port int, trust profile.Trust) profile.Profile {
	p := profile.New(c.g.plan.Name)
	p.Server.Transport, p.Server.Host = profile.MQTTS, c.g.plan.Name
	if port != profile.MQTTS.DefaultPort() {
		p.Server.Port = port
	}
	p.Trust, p.MQTT.UserName = trust, strings.TrimSpace(c.user.Text)
	if !c.g.plan.OneWay {
		p.ClientCertificate = profile.ClientCertificate{CertificateFile: c.certificate.Entry.Text, KeyFile: c.key.Entry.Text}
	}
	return p
}

// trustFor says what is to be trusted for a certificate of the folder.
func trustFor(folder acme.Folder, name string) (profile.Trust, error) {
	got, err := folder.Read(name)
	if err != nil || got.Root == nil || acme.RootOf(got.Certificates) != nil {
		return profile.Trust{System: true, Mozilla: true}, err
	}
	return profile.Trust{Files: []string{got.Files.Root}}, nil
}

func (c *guideConnect) onMake() {
	n, err := strconv.Atoi(strings.TrimSpace(c.port.Text))
	if err != nil || n < 1 || n > 65535 {
		c.say(widgets.Bad, "The port is a number from 1 to 65535.")
		return
	}
	g := c.g
	folder, name := g.folder, g.plan.CertificateName()
	begin(c.guideStep, func(context.Context, progress.Report) (profile.Trust, error) { return trustFor(folder, name) }, func(t profile.Trust, err error) {
		if err != nil {
			c.refuse(err, "")
			return
		}
		c.connect(c.profileFor(n, t))
	})
}

// connect stores the profile and connects with it.
func (c *guideConnect) connect(p profile.Profile) {
	g, w := c.g, c.g.w
	if old, ok := w.connections[g.plan.ProfileID]; ok && old.profile.Server.Host == p.Server.Host {
		// It was made before: its own settings, such as its subscriptions, stay.
		q := old.profile.Clone()
		q.Server.Port, q.Trust, q.ClientCertificate = p.Server.Port, p.Trust, p.ClientCertificate
		if p.MQTT.UserName != "" {
			q.MQTT.UserName = p.MQTT.UserName
		}
		old.save(q, func(bool) { c.try(old) })
		return
	}
	w.added(p, func() { c.try(w.current) })
}

// try connects with what is stored now, whatever is shown meanwhile. A session from before has not met the certificate.
func (c *guideConnect) try(conn *connection) {
	g, w := c.g, c.g.w
	if w.closed {
		return
	}
	g.plan.ProfileID = conn.profile.ID
	g.plan.Back(acme.StageConnect) // until it has been met
	g.save()
	c.tried = conn
	if password := c.password.Text; password != "" {
		c.password.SetText("")
		conn.password = password
		conn.storeSecret(store.Password, password, func(bool) {})
	}
	w.selectProfile(conn.profile.ID)
	w.tabs.Select(diagnosisPage)
	if conn.live() && !conn.busy() {
		conn.wanted = true
		conn.reconnect()
		return
	}
	w.header.onConnect()
}
