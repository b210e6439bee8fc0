package widgets

import (
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"mutual/core/diagnose"
	"mutual/core/history"
)

func TestCut(t *testing.T) {
	test.NewTempApp(t)
	long := strings.Repeat("wide ", 400)
	for _, width := range []float32{0, 10, 50, 333} {
		got := cut(long, width, 14, fyne.TextStyle{})
		if w := fyne.MeasureText(got, 14, fyne.TextStyle{}).Width; w > width+0.5 {
			t.Errorf("cut to %v it is %v wide: %q", width, w, got)
		}
		if width >= 50 && !strings.HasSuffix(got, "…") {
			t.Errorf("the cut is not marked: %q", got)
		}
	}
	if got := cut("short", 500, 14, fyne.TextStyle{}); got != "short" {
		t.Errorf("cut needlessly to %q", got)
	}
}

func TestSplitLines(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"ab\r\nc", []string{"ab", "c"}},
		{"abcdefgh", []string{"abc", "def", "gh"}},
		{"äöüß", []string{"äöü", "ß"}},
		{"abc", []string{"abc"}},
		{"\xff\xfe\xfd\xfc", []string{"\xff\xfe\xfd", "\xfc"}},
	} {
		if got := SplitLines(c.text, 3); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q became %q", c.text, got)
		}
	}
}

func TestHexDump(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a\x00~": "00000000  61 00 7e                 |a.~|",
		"01234567\xff": "00000000  30 31 32 33 34 35 36 37  |01234567|\n00000008  ff                       |.|",
	} {
		if got := HexDump([]byte(text)); got != want {
			t.Errorf("%q became\n%s", text, got)
		}
	}
}

func TestTextual(t *testing.T) {
	for text, want := range map[string]bool{"": true, "warm\n": true, "grün": true, "gr\xc3": true, "\xffabc": false, "a\x00": false, "\x1b[0m": false} {
		if got := Textual([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMessageRow(t *testing.T) {
	test.NewTempApp(t)
	r := NewMessageRow()
	for _, c := range []struct {
		m              history.Message
		payload, marks string
	}{
		{history.Message{Payload: []byte("one\ntwo"), QoS: 2, Retained: true}, "one …", "retained  ·  QoS 2"},
		{history.Message{Payload: []byte{0, 0xff}}, "00 ff", "QoS 0"},
		{history.Message{}, "(empty)", "QoS 0"},
		{history.Message{Direction: history.SentOut, QoS: 1}, "(empty)", "sending…  ·  QoS 1"},
		{history.Message{Direction: history.SentOut, Refused: true, Reason: "Not authorized (0x87)"}, "(empty)", "Not authorized (0x87)  ·  QoS 0"},
	} {
		r.Set(c.m)
		if _, payload, marks := r.Texts(); payload != c.payload || marks != c.marks {
			t.Errorf("%+v is shown as %q, %q", c.m, payload, marks)
		}
	}
}

func TestFlowWraps(t *testing.T) {
	test.NewTempApp(t)
	box := NewFlow(10)
	for range 3 {
		r := canvas.NewRectangle(nil)
		r.SetMinSize(fyne.NewSize(40, 20))
		box.Add(r)
	}
	box.Resize(fyne.NewSize(100, 100))
	if p := box.Objects[2].Position(); p != fyne.NewPos(0, 30) {
		t.Errorf("the third is at %v", p)
	}
	if h := box.MinSize().Height; h != 50 {
		t.Errorf("the height is %v", h)
	}
}

// TestContrast: text can be read on every ground it stands on, in both themes (WCAG 2.1 §1.4.3: 4.5 to 1).
func TestContrast(t *testing.T) {
	app := test.NewTempApp(t)
	for _, v := range []Variant{Light, Dark} {
		app.Settings().SetTheme(NewTheme(v))
		check := func(text fyne.ThemeColorName, grounds ...fyne.ThemeColorName) {
			for _, g := range grounds {
				if c := contrast(theme.Color(text), theme.Color(g)); c < 4.5 {
					t.Errorf("%s: %s on %s is %.1f to 1", v, text, g, c)
				}
			}
		}
		plain := []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface, ColorSidebar, ColorCode, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground}
		check(theme.ColorNameForeground, plain...)
		check(ColorMuted, plain...)
		check(theme.ColorNamePlaceHolder, plain...)
		check(theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary)
		check(theme.ColorNameForegroundOnError, theme.ColorNameError)
		check(theme.ColorNameForegroundOnWarning, theme.ColorNameWarning)
		check(theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess)
		for _, tone := range []Tone{Neutral, Accent, Good, Warn, Bad} {
			check(tone.Strong(), tone.Soft(), ColorSurface, theme.ColorNameBackground)
			check(theme.ColorNameForeground, tone.Soft())
		}
	}
}

// TestFocusIsSeen: a button of either kind looks different when it has the focus, and its text can still be read.
func TestFocusIsSeen(t *testing.T) {
	app := test.NewTempApp(t)
	for _, v := range []Variant{Light, Dark} {
		app.Settings().SetTheme(NewTheme(v))
		for ground, text := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameButton: theme.ColorNameForeground, theme.ColorNamePrimary: theme.ColorNameForegroundOnPrimary,
		} {
			plain, focus := color.NRGBAModel.Convert(theme.Color(ground)).(color.NRGBA), color.NRGBAModel.Convert(theme.Color(theme.ColorNameFocus)).(color.NRGBA)
			blend := func(a, b uint8) uint8 { return uint8((int(a)*(255-int(focus.A)) + int(b)*int(focus.A)) / 255) }
			focused := color.NRGBA{blend(plain.R, focus.R), blend(plain.G, focus.G), blend(plain.B, focus.B), 255}
			if c := contrast(focused, plain); c < 1.25 {
				t.Errorf("%s: %s with the focus differs %.2f to 1 from without", v, ground, c)
			}
			if c := contrast(focused, theme.Color(text)); c < 4.5 {
				t.Errorf("%s: %s on %s with the focus is %.1f to 1", v, text, ground, c)
			}
		}
	}
}

// contrast is WCAG 2.1's ratio.
func contrast(a, b interface{ RGBA() (r, g, b, a uint32) }) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c interface{ RGBA() (r, g, b, a uint32) }) float64 {
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func linear(v uint32) float64 {
	c := float64(v) / 0xffff
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// TestFindingCardIsNarrow: neither a long list of clients nor a repair with a long name in it makes the card wider than
// the narrowest window has room for.
func TestFindingCardIsNarrow(t *testing.T) {
	test.NewTempApp(t)
	long := `Expect "broker-with-a-long-name.assembly-hall-3.plants.practice.example" instead`
	c := NewFindingCard(diagnose.Finding{Title: "A title.", Fixes: []diagnose.Fix{{ID: "expect-name", Title: long, Automatic: true, Risk: diagnose.AddsTrust}}},
		[]string{"refused by OpenSSL", "OpenSSL with partial chains", "Python 3.13", "Java", "mbedTLS", "GnuTLS too"}, func(diagnose.Fix) {})
	if width := c.MinSize().Width; width > 500 {
		t.Errorf("the card asks for %v", width)
	}
	if text := c.Buttons[0].Text; !strings.HasPrefix(text, `Expect "broker`) || !strings.HasSuffix(text, `example" instead`) {
		t.Errorf("the button says %q", text)
	}
}
