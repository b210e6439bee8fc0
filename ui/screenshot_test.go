package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"mutual/ui/widgets"
)

// shoot writes the window to the folder that MUTUAL_SCREENSHOTS names.
func (r *rig) shoot(name string) {
	r.t.Helper()
	dir := os.Getenv("MUTUAL_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
	for _, v := range []widgets.Variant{widgets.Light, widgets.Dark} {
		r.setTheme(v)
		r.settle()
		r.relayout()
		r.relayout()
		f, err := os.Create(filepath.Join(dir, name+"-"+string(v)+".png"))
		if err != nil {
			r.t.Fatal(err)
		}
		if err := png.Encode(f, r.win.Canvas().Capture()); err != nil {
			r.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestScreenshotsIdle(t *testing.T) {
	r := newRig(t, nil)
	for i, name := range []string{"messages", "diagnosis", "certificates", "settings"} {
		r.tabs.Select(i)
		r.shoot("idle-" + name)
	}
}
