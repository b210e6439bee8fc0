package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colour names beyond Fyne's own.
const (
	ColorSurface fyne.ThemeColorName = "mutualSurface" // cards, the page itself
	ColorSidebar fyne.ThemeColorName = "mutualSidebar"
	ColorMuted   fyne.ThemeColorName = "mutualMuted" // secondary text, at least 4.5:1 on every surface
	ColorCode    fyne.ThemeColorName = "mutualCode"  // background of payloads and technical text

	colorGood        fyne.ThemeColorName = "mutualGood"
	colorGoodSoft    fyne.ThemeColorName = "mutualGoodSoft"
	colorWarn        fyne.ThemeColorName = "mutualWarn"
	colorWarnSoft    fyne.ThemeColorName = "mutualWarnSoft"
	colorBad         fyne.ThemeColorName = "mutualBad"
	colorBadSoft     fyne.ThemeColorName = "mutualBadSoft"
	colorAccent      fyne.ThemeColorName = "mutualAccent"
	colorAccentSoft  fyne.ThemeColorName = "mutualAccentSoft"
	colorNeutral     fyne.ThemeColorName = "mutualNeutral"
	colorNeutralSoft fyne.ThemeColorName = "mutualNeutralSoft"
)

// Tone is what a colour means.
type Tone int

const (
	Neutral Tone = iota // nothing to say
	Accent              // information, not judgement
	Good
	Warn
	Bad
)

// Strong is the tone's colour for text, icons and lines; Soft its background.
func (t Tone) Strong() fyne.ThemeColorName {
	return [...]fyne.ThemeColorName{colorNeutral, colorAccent, colorGood, colorWarn, colorBad}[t]
}

// Soft is the tone's background colour.
func (t Tone) Soft() fyne.ThemeColorName {
	return [...]fyne.ThemeColorName{colorNeutralSoft, colorAccentSoft, colorGoodSoft, colorWarnSoft, colorBadSoft}[t]
}

// Variant is the user's choice of theme.
type Variant string

const (
	FollowSystem Variant = "system"
	Light        Variant = "light"
	Dark         Variant = "dark"
)

// Theme is the program's look: Fyne's default with its own palette and spacing, and one accent colour.
type Theme struct {
	fyne.Theme
	choice Variant
}

// NewTheme returns the theme for a choice; anything but Light and Dark follows the system.
func NewTheme(choice Variant) *Theme { return &Theme{Theme: theme.DefaultTheme(), choice: choice} }

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.choice {
	case Light:
		v = theme.VariantLight
	case Dark:
		v = theme.VariantDark
	}
	pair, ok := palette[name]
	if !ok {
		return t.Theme.Color(name, v)
	}
	if v == theme.VariantLight {
		return rgba(pair.light)
	}
	return rgba(pair.dark)
}

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := sizes[name]; ok {
		return s
	}
	return t.Theme.Size(name)
}

var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:            14,
	theme.SizeNameCaptionText:     12,
	theme.SizeNameSubHeadingText:  16,
	theme.SizeNameHeadingText:     21,
	theme.SizeNamePadding:         5,
	theme.SizeNameInnerPadding:    8,
	theme.SizeNameInputRadius:     7,
	theme.SizeNameSelectionRadius: 7,
	theme.SizeNameInlineIcon:      18,
	theme.SizeNameModalBlurRadius: 0, // blurring the window behind a dialog costs a second without a GPU
}

type pair struct{ light, dark uint32 } // 0xRRGGBBAA

var palette = map[fyne.ThemeColorName]pair{
	theme.ColorNameBackground:          {0xf4f6f9ff, 0x14181fff},
	theme.ColorNameForeground:          {0x1a2330ff, 0xe7ebf1ff},
	theme.ColorNamePlaceHolder:         {0x616c7cff, 0x8a96a7ff},
	theme.ColorNameDisabled:            {0x8d97a5ff, 0x66707fff},
	theme.ColorNamePrimary:             {0x2f5bd7ff, 0x86a5ffff},
	theme.ColorNameForegroundOnPrimary: {0xffffffff, 0x0e1530ff},
	theme.ColorNameHyperlink:           {0x2f5bd7ff, 0x86a5ffff},
	theme.ColorNameFocus:               {0x0b1f5c60, 0xf0f4ff48}, // not the accent: on a button that has it, it would not be seen
	theme.ColorNameSelection:           {0x2f5bd726, 0x86a5ff30},
	theme.ColorNameHover:               {0x1a233010, 0xffffff10},
	theme.ColorNamePressed:             {0x1a233024, 0xffffff22},
	theme.ColorNameButton:              {0xe6eaf0ff, 0x2b333fff},
	theme.ColorNameDisabledButton:      {0xeceff3ff, 0x222932ff},
	theme.ColorNameInputBackground:     {0xffffffff, 0x10141aff},
	theme.ColorNameInputBorder:         {0xc6cedaff, 0x3a4452ff},
	theme.ColorNameSeparator:           {0xdce1e8ff, 0x2c3440ff},
	theme.ColorNameMenuBackground:      {0xffffffff, 0x232a34ff},
	theme.ColorNameOverlayBackground:   {0xffffffff, 0x1f262fff},
	theme.ColorNameHeaderBackground:    {0xffffffff, 0x1c222bff},
	theme.ColorNameScrollBar:           {0x1a233055, 0xffffff44},
	theme.ColorNameScrollBarBackground: {0x00000000, 0x00000000},
	theme.ColorNameShadow:              {0x1a233022, 0x00000066},
	theme.ColorNameError:               {0xb42318ff, 0xff8f85ff},
	theme.ColorNameForegroundOnError:   {0xffffffff, 0x2b0906ff},
	theme.ColorNameWarning:             {0x94580aff, 0xf5b95bff},
	theme.ColorNameForegroundOnWarning: {0xffffffff, 0x2a1a02ff},
	theme.ColorNameSuccess:             {0x167a3eff, 0x63d18fff},
	theme.ColorNameForegroundOnSuccess: {0xffffffff, 0x052211ff},

	ColorSurface:     {0xffffffff, 0x1c222bff},
	ColorSidebar:     {0xe9edf3ff, 0x0f1319ff},
	ColorMuted:       {0x566173ff, 0x9ba7b7ff},
	ColorCode:        {0xf4f6f9ff, 0x12161cff},
	colorGood:        {0x14703aff, 0x63d18fff},
	colorGoodSoft:    {0xd9f3e3ff, 0x15372aff},
	colorWarn:        {0x8a5209ff, 0xf5b95bff},
	colorWarnSoft:    {0xfdeecdff, 0x3b2d14ff},
	colorBad:         {0xb42318ff, 0xff958bff},
	colorBadSoft:     {0xfde3e0ff, 0x431f1fff},
	colorAccent:      {0x2f5bd7ff, 0x93b0ffff},
	colorAccentSoft:  {0xe1e9fcff, 0x1e2a4aff},
	colorNeutral:     {0x566173ff, 0x9ba7b7ff},
	colorNeutralSoft: {0xe6eaf0ff, 0x2b333fff},
}

func rgba(c uint32) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 24), G: uint8(c >> 16), B: uint8(c >> 8), A: uint8(c)}
}
