package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// onHost takes a pasted URL apart at once; one that is typed when the field is left, for until then it is not whole.
func (f *form) onHost(text string) {
	before := f.hostBefore
	f.hostBefore = text
	if f.quiet {
		return
	}
	if pasted := len(text) > len(before)+1; pasted {
		f.takeApart(text)
	}
	f.edited()
}

// takeApart puts the parts of a URL, or of "host:port", where they belong.
func (f *form) takeApart(text string) {
	s, err := profile.ParseURL(text)
	scheme := strings.Contains(text, "://")
	if err == nil && s.Host != "" && s.Host != text && (s.Port != 0 || scheme) {
		f.split(s, scheme)
	}
}

func (f *form) split(s profile.Server, scheme bool) {
	f.quiet = true
	f.host.SetText(s.Host)
	f.host.CursorColumn = len([]rune(s.Host))
	f.port.SetText(numberOrNone(s.Port))
	if scheme {
		f.showTransport(s.Transport)
		if s.Transport.WebSocket() {
			f.path.SetText(s.Path)
		}
	}
	f.quiet = false
	f.onTransport()
}

// rename shows the name that a connection was given by itself.
func (f *form) rename(name string) {
	f.quiet = true
	f.name.SetText(name)
	f.quiet = false
}

// onTransport shows what the transport has settings for.
func (f *form) onTransport() {
	if f.tls == nil {
		return
	}
	t := f.chosenTransport()
	setVisible(f.tls, t.Encrypted())
	setVisible(f.pathRow, t.WebSocket())
	f.port.SetPlaceHolder(numberOrNone(t.DefaultPort()))
	f.box.Refresh()
	f.edited()
}

// onTrust shows the CA files where they count.
func (f *form) onTrust() {
	if f.caBox == nil || f.addCA == nil {
		return
	}
	own := f.trust.Selected != trustPublic
	if own && len(f.caFields) == 0 {
		f.addCAField("")
	}
	setVisible(f.caBox, own)
	setVisible(f.addCA, own)
	if f.box != nil {
		f.box.Refresh()
	}
	f.edited()
}

// onVerify asks before the broker's certificate is no longer looked at.
func (f *form) onVerify(on bool) {
	if f.quiet || on {
		f.edited()
		return
	}
	f.quiet = true
	f.verify.SetChecked(true)
	f.quiet = false
	text := "Then anybody between you and the broker can read and change your messages and take your password. " +
		"The badge stays amber for as long as this is off. The Diagnosis page usually finds what to trust instead."
	f.w.question("Connect without verifying the broker?", "Do not verify", "Keep verifying", paragraph(text), widget.WarningImportance, func(yes bool) {
		if yes {
			f.quiet = true
			f.verify.SetChecked(false)
			f.quiet = false
			f.edited()
		}
	})
}

// checkPair says beside the fields what the certificate and the key are.
func (f *form) checkPair() {
	if f.quiet || f.certificate == nil || f.key == nil {
		return
	}
	p := profile.ClientCertificate{CertificateFile: strings.TrimSpace(f.certificate.Entry.Text), KeyFile: strings.TrimSpace(f.key.Entry.Text)}
	passphrase := f.passphrase.Text
	if passphrase == "" && f.w.current != nil {
		passphrase = f.w.current.passphrase
	}
	f.w.checkPair(f.certificate, f.key, p, passphrase)
}

// restrict leaves only the name to be changed.
func (f *form) restrict(on bool) { setVisible(f.rest, !on) }

// focus puts the cursor into the field that a profile's problem is about.
func (f *form) focus(canvas fyne.Canvas, field string) {
	target := map[string]*widgets.Entry{
		"name": f.name, "server.host": f.host, "server.port": f.port, "server.name": f.serverName,
		"mqtt.client_id": f.clientID, "mqtt.user_name": f.user, "mqtt.keep_alive_seconds": f.keepAlive,
	}[field]
	if target == nil {
		f.advanced.Open(true)
		return
	}
	if target == f.serverName || target == f.keepAlive {
		f.advanced.Open(true)
	}
	canvas.Focus(target)
}
