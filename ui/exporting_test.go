package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/exchange"
	"mutual/core/profile"
)

// exportedTo reads what was exported.
func exportedTo(t *testing.T, path string) (names []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, format, err := exchange.Read(data)
	if err != nil || format != exchange.Mutual {
		t.Fatalf("%s: %v", format, err)
	}
	for _, c := range list {
		names = append(names, c.Profile.Name)
	}
	return names
}

// TestExport writes the connection that is shown, and all, for their owner alone; a file that is there is replaced only when
// that is said.
func TestExport(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	home, dir := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	r := newRig(t, nil)
	r.onExportCurrent()
	if r.exporting != nil || !r.told("practice broker needs no export") {
		t.Error("the practice broker is exported")
	}
	r.onExportAll()
	if r.exporting != nil || !r.told("no connection of your own yet") {
		t.Error("nothing is exported")
	}
	r.app.Preferences().SetString(prefImports, t.TempDir())
	a := profile.New("Plant/7")
	a.Server.Host, a.MQTT.UserName = "a.example", "sensor"
	c := r.add(a)
	c.password = "s3cret"
	r.onExportCurrent()
	x := r.exporting
	if got, want := x.file.Entry.Text, filepath.Join(home, "Plant-7.json"); got != want {
		t.Errorf("proposed is %q, want %q", got, want)
	}
	r.shoot("export")
	path := filepath.Join(dir, "plant.json")
	x.file.Entry.SetText(path)
	test.Tap(x.save)
	r.until("the file", func() bool { return r.told("Exported to " + path) })
	if names := exportedTo(t, path); !slices.Equal(names, []string{"Plant/7"}) || r.open != nil {
		t.Errorf("it holds %v", names)
	}
	data, _ := os.ReadFile(path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || strings.Contains(string(data), "s3cret") {
		t.Errorf("%v, %v:\n%s", info.Mode(), err, data)
	}

	r.add(profile.New("b"))
	r.onExportAll()
	x = r.exporting
	r.until("the folder of before", func() bool { return x.file.Entry.Text == filepath.Join(dir, "connections.json") })
	x.file.Entry.SetText("plant.json") // there already
	test.Tap(x.save)
	r.until("the question", func() bool { return r.asked != nil })
	r.asked.answer(false)
	if now, _ := os.ReadFile(path); string(now) != string(data) {
		t.Error("it is replaced")
	}
	test.Tap(x.save)
	r.until("the question again", func() bool { return r.asked != nil })
	r.asked.answer(true)
	r.until("the end", func() bool { return r.told("“b” and “Plant/7”") })
	if names := exportedTo(t, path); !slices.Equal(names, []string{"b", "Plant/7"}) {
		t.Errorf("it holds %v", names)
	}
	r.shoot("export-done")

	r.importFrom(path)
	i := r.previewed()
	if len(i.chosen()) != 0 || !strings.Contains(i.noted("b (2)"), "You have it already") {
		t.Errorf("imported here again, %d are ticked; %q", len(i.chosen()), i.noted("b (2)"))
	}
}

// TestExportNowhere: what cannot be written is said in the dialog, which stays.
func TestExportNowhere(t *testing.T) {
	r := newRig(t, nil)
	r.add(profile.New("a"))
	r.onExportCurrent()
	x := r.exporting
	for _, path := range []string{filepath.Join(t.TempDir(), "none", "a.json"), t.TempDir()} {
		x.file.Entry.SetText(path)
		test.Tap(x.save)
		r.until("the answer", func() bool { return !x.busy.Visible() })
		if !strings.Contains(x.said.Text, "Nothing was exported: ") || r.open == nil {
			t.Errorf("to %s it says %q", path, x.said.Text)
		}
	}
	x.file.Entry.SetText("  ")
	if !x.save.Disabled() {
		t.Error("it is exported to no file")
	}
}
