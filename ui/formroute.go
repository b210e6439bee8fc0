package ui

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// transports are the choices of transport, in the order of their names.
var (
	transports     = []profile.Transport{profile.MQTTS, profile.MQTT, profile.WSS, profile.WS}
	transportNames = []string{"Encrypted (mqtts)", "Not encrypted (mqtt)", "WebSocket, encrypted (wss)", "WebSocket, not encrypted (ws)"}
)

func (f *form) chosenTransport() profile.Transport {
	return transports[max(f.transport.SelectedIndex(), 0)]
}

func (f *form) showTransport(t profile.Transport) {
	f.transport.SetSelectedIndex(max(slices.Index(transports, t), 0))
}

// buildRoute makes the fields that say by which way the broker is reached.
func (f *form) buildRoute() {
	f.path = f.entry(profile.DefaultPath)
	f.proxy, f.proxyPassword = f.entry("None, or http://proxy.example:3128"), widgets.NewPassword()
	f.proxy.OnLeft = f.tidyProxy
	f.proxyPassword.SetPlaceHolder("Set or change")
	f.proxyPassword.OnChanged = func(string) { f.touched() }
}

// tidyProxy moves a password that was typed or pasted with the proxy's address to the field where secrets are kept.
func (f *form) tidyProxy() {
	u, err := url.Parse(strings.TrimSpace(f.proxy.Text))
	if err != nil || u.User == nil {
		return
	}
	if password, ok := u.User.Password(); ok {
		u.User = url.User(u.User.Username())
		f.proxyPassword.SetText(password)
		f.proxy.SetText(u.String())
		if f.proxyPassword.OnLeft != nil {
			f.proxyPassword.OnLeft()
		}
	}
}

// chosenProxy is the proxy as it is saved: never with a password in it.
func (f *form) chosenProxy(before string) string {
	text := strings.TrimSpace(f.proxy.Text)
	var wrong *profile.AddressError
	if _, err := profile.ParseProxy(text); errors.As(err, &wrong) && wrong.Part == profile.UserPart {
		return before
	}
	return text
}
