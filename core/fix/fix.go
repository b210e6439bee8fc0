// Package fix carries out the repair that was chosen; nothing else in core changes a user's files or profile because of
// a finding. What it writes it can take back to the byte.
package fix

import (
	"context"

	"mutual/core/diagnose"
	"mutual/core/profile"
)

// Options of one repair.
type Options struct {
	Out string // path of the file that the fix writes; empty: beside the one it replaces, under a free name
	Dir string // where a new CA file goes when the profile has none yet
}

// Change is what a repair did: shown as before and after, and undone.
type Change struct {
	Before, After profile.Profile
	Written       []string // new files
}

// Apply carries out f for p.
func Apply(ctx context.Context, p profile.Profile, f diagnose.Fix, o Options) (Change, error) {
	panic("skeleton")
}

// Undo removes the files that were written, if they are unchanged since, and returns the profile as it was.
func (c Change) Undo() (profile.Profile, error) { panic("skeleton") }

// Line is one changed setting.
type Line struct{ Setting, Before, After string }

// Lines lists what changed between Before and After, for people.
func (c Change) Lines() []Line { panic("skeleton") }
