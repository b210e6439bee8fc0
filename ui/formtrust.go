package ui

import (
	"strings"

	"mutual/core/profile"
)

func (f *form) setTrust(t profile.Trust) {
	f.trustBefore, f.choiceBefore = t, trustChoice(t)
	f.caFields, f.caBox.Objects = nil, nil
	for _, path := range t.Files {
		f.addCAField(path)
	}
	f.trust.SetSelected(f.choiceBefore)
	f.onTrust()
}

func trustChoice(t profile.Trust) string {
	file, system, mozilla := t.Sources()
	switch {
	case file && (system || mozilla):
		return trustBoth
	case file:
		return trustOwn
	}
	return trustPublic
}

// offerCA fills in CA files that were left for public authorities, for the case that they are wanted again.
func (f *form) offerCA(paths []string) {
	if f.trust.Selected != trustPublic {
		return
	}
	for _, path := range paths {
		f.addCAField(path)
	}
}

// caPaths are the CA files named, whether they count or not.
func (f *form) caPaths() (paths []string) {
	for _, field := range f.caFields {
		if path := strings.TrimSpace(field.Entry.Text); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// chosenTrust keeps which public authorities are meant for as long as they are; only when they are new, it is all of them.
func (f *form) chosenTrust() profile.Trust {
	t := profile.Trust{DoNotVerify: !f.verify.Checked, CheckRevocation: f.revocation.Checked}
	before := f.trustBefore
	switch {
	case f.trust.Selected == trustOwn:
	case f.trust.Selected == f.choiceBefore, before.System, before.Mozilla:
		t.System, t.Mozilla = before.System, before.Mozilla
	default:
		t.System, t.Mozilla = true, true
	}
	if f.trust.Selected != trustPublic {
		t.Files = f.caPaths()
	}
	return t
}
