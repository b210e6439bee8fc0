package ui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/ui/widgets"
)

// presetFields are what certificates are made for, and the kind of key and the validity that this allows.
type presetFields struct {
	preset, algorithm *widget.Select
	days              *widgets.Entry
	changed           func() // nil: nothing is to be done
	box               *fyne.Container
}

const anyPreset = "Any broker"

// algorithmNames words pki.KeyAlgorithms for people, in their order.
var algorithmNames = map[pki.KeyAlgorithm]string{
	pki.RSA2048: "RSA 2048 (works everywhere)", pki.RSA3072: "RSA 3072", pki.RSA4096: "RSA 4096 (slow)",
	pki.ECDSAP256: "ECDSA P-256 (small and fast)", pki.ECDSAP384: "ECDSA P-384", pki.ECDSAP521: "ECDSA P-521", pki.Ed25519: "Ed25519 (newest programs only)",
}

func newPresetFields(changed func()) *presetFields {
	f := &presetFields{days: widgets.NewEntry(), algorithm: widget.NewSelect(keyNames(pki.KeyAlgorithms), nil)}
	presets := []string{anyPreset}
	for _, p := range pki.Presets {
		presets = append(presets, "For "+p.Title)
	}
	f.preset = widget.NewSelect(presets, func(string) { f.onPreset() })
	f.algorithm.SetSelectedIndex(0)
	f.days.SetText("365")
	f.preset.SetSelectedIndex(0)
	f.changed = changed
	f.box = container.NewGridWithColumns(2, labelled("Made for", widgets.Framed(f.preset)), labelled("Kind of key", widgets.Framed(f.algorithm)))
	return f
}

func keyNames(kinds []pki.KeyAlgorithm) []string {
	var out []string
	for _, a := range kinds {
		name := algorithmNames[a]
		if name == "" {
			name = string(a)
		}
		out = append(out, name)
	}
	return out
}

// onPreset chooses the kind of key and the validity that are recommended.
func (f *presetFields) onPreset() {
	p := f.chosen()
	f.algorithm.SetOptions(keyNames(f.algorithms()))
	if p.ID != "" || f.algorithm.SelectedIndex() < 0 { // the one that was chosen is not among them
		f.algorithm.SetSelectedIndex(0)
	}
	if p.ID != "" {
		f.days.SetText(strconv.Itoa(p.Days))
	}
	if f.changed != nil {
		f.changed()
	}
}

// chosen is the preset; an empty one: any broker.
func (f *presetFields) chosen() pki.Preset {
	if n := f.preset.SelectedIndex(); n > 0 {
		return pki.Presets[n-1]
	}
	return pki.Preset{}
}

// algorithms are those that can be chosen from.
func (f *presetFields) algorithms() []pki.KeyAlgorithm {
	if p := f.chosen(); p.ID != "" {
		return p.Algorithms
	}
	return pki.KeyAlgorithms
}

func (f *presetFields) chosenAlgorithm() pki.KeyAlgorithm {
	return f.algorithms()[max(f.algorithm.SelectedIndex(), 0)]
}

// chosenDays is 0 where no number stands.
func (f *presetFields) chosenDays() int {
	days, err := strconv.Atoi(strings.TrimSpace(f.days.Text))
	if err != nil {
		return 0
	}
	return days
}
