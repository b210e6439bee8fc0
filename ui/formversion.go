package ui

import (
	"slices"

	"fyne.io/fyne/v2/widget"

	"mutual/core/profile"
)

// mqttVersions are the choices of the version of MQTT, in the order of their names.
var (
	mqttVersions     = []profile.Version{profile.Version5, profile.Version311}
	mqttVersionNames = []string{"5.0", "3.1.1"}
)

// usualMin and usualMax are the choices that set no bound.
var (
	usualMin = "The usual (" + string(profile.DefaultMinTLS) + ")"
	usualMax = "The newest (" + string(profile.DefaultMaxTLS) + ")"
)

// buildVersions makes the fields that say which versions of the protocols are spoken.
func (f *form) buildVersions() {
	f.version = widget.NewSelect(mqttVersionNames, func(string) { f.touched() })
	var names []string
	for _, v := range profile.TLSVersions() {
		names = append(names, string(v))
	}
	f.minTLS = widget.NewSelect(append([]string{usualMin}, names...), func(string) { f.touched() })
	f.maxTLS = widget.NewSelect(append([]string{usualMax}, names...), func(string) { f.touched() })
	f.smallHello = widget.NewCheck("Small TLS hello: for networks that drop the usual one; without post-quantum key exchange", func(bool) { f.touched() })
}

func (f *form) showVersions(p profile.Profile) {
	f.version.SetSelectedIndex(max(slices.Index(mqttVersions, p.MQTT.VersionOrDefault()), 0))
	f.minTLS.SetSelectedIndex(slices.Index(profile.TLSVersions(), p.TLS.Min) + 1)
	f.maxTLS.SetSelectedIndex(slices.Index(profile.TLSVersions(), p.TLS.Max) + 1)
	f.smallHello.SetChecked(p.TLS.SmallHello)
}

// chooseVersions writes the choices into p. The usual version of MQTT is not written down, unless it was.
func (f *form) chooseVersions(p *profile.Profile) {
	if v := mqttVersions[max(f.version.SelectedIndex(), 0)]; v != p.MQTT.VersionOrDefault() {
		p.MQTT.Version = v
	}
	bound := func(s *widget.Select) profile.TLSVersion {
		if i := s.SelectedIndex(); i > 0 {
			return profile.TLSVersions()[i-1]
		}
		return ""
	}
	p.TLS = profile.TLS{Min: bound(f.minTLS), Max: bound(f.maxTLS), SmallHello: f.smallHello.Checked}
}
