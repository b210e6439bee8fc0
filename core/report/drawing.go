package report

import (
	"strings"
	"unicode"
)

// drawing is the certification path as an SVG: cards from the server's certificate down to the root, in user units that
// are pixels when the page is as wide as the drawing.
type drawing struct {
	Width, Height int
	Cards         []card
	Lines         []joint
	Label         string // for people who do not see it
}

// card is one certificate, with the places of its lines of text, counted from its own corner.
type card struct {
	Link
	Tone                    tone
	Sign                    tone
	X, Y, W, H              int
	TextX, RightX           int
	RoleY, NameY            int
	IssuerY, DatesY         int
	ShortName               string
	ShortIssuer, Origin     string
	PillX, PillW, PillTextX int
	FaultLines              []textLine
}

type textLine struct {
	X, Y int
	Text string
}

// joint is the line between two cards: the lower one signed the upper one.
type joint struct {
	X, Y1, Y2 int
	Tone      tone
	Dashed    bool
}

const (
	drawingWidth = 880
	textX        = 50 // from the card's left edge: room for the sign
	lineHeight   = 19
	gap          = 16
)

// draw places links one below the other. SVG neither wraps nor cuts text, so both are done here.
func draw(links []Link) drawing {
	d := drawing{Width: drawingWidth}
	y := 1
	var words []string
	for i, l := range links {
		c := place(l, y)
		if i > 0 {
			d.Lines = append(d.Lines, joint{X: 24, Y1: y - gap, Y2: y, Tone: lineTone(l), Dashed: l.Missing})
		}
		d.Cards = append(d.Cards, c)
		y += c.H + gap
		words = append(words, join(" ", l.Role+":", l.Name, l.Fault))
	}
	d.Height = max(0, y-gap+1)
	d.Label = strings.Join(words, "; ")
	return d
}

func lineTone(l Link) tone {
	if t := l.tone(); t == bad || t == warn {
		return t
	}
	return neutral
}

func place(l Link, y int) card {
	c := card{Link: l, Tone: l.tone(), X: 1, Y: y, W: drawingWidth - 2, TextX: textX, RoleY: 23, NameY: 45, DatesY: 26}
	c.RightX = c.W - 16
	if c.Sign = c.Tone; c.Sign == neutral && !l.Missing {
		c.Sign = note // nothing is known against it, and nothing for it
	}
	if l.From != "" {
		c.Origin = cut(l.From, 330, 12)
		c.PillW = width(c.Origin, 12) + 22
		c.PillX = c.W - 14 - c.PillW
		c.PillTextX = c.PillX + c.PillW/2
		c.DatesY = 54
	}
	room := c.W - textX - 30 - max(c.PillW, 190)
	c.ShortName = cut(l.Name, room, 17)
	bottom := c.NameY
	if l.Issuer != "" {
		c.ShortIssuer = cut("Issued by "+l.Issuer, room+20, 13)
		bottom += 21
		c.IssuerY = bottom
	}
	if l.Fault != "" {
		bottom += 5
		for _, t := range wrap(l.Fault, c.W-textX-24, 14, 4) {
			bottom += lineHeight
			c.FaultLines = append(c.FaultLines, textLine{textX, bottom, t})
		}
	}
	if l.Dates != "" {
		bottom = max(bottom, c.DatesY)
	}
	c.H = bottom + 16
	return c
}

// width estimates how wide a text is in a font of that size, on the wide side: the reader's font is not known.
func width(s string, size int) int {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljI.,:;'|!()[] \"", r):
			w += 0.36
		case r > 0x2e80: // CJK and other wide scripts
			w += 1.05
		case unicode.IsUpper(r) || strings.ContainsRune("mwMW@%_", r):
			w += 0.74
		default:
			w += 0.58
		}
	}
	return int(w*float64(size)) + 1
}

// cut shortens s to a width, from its end.
func cut(s string, room, size int) string {
	if width(s, size) <= room {
		return s
	}
	out := []rune(s)
	for len(out) > 1 && width(string(out)+"…", size) > room {
		out = out[:len(out)-1]
	}
	return string(out) + "…"
}

// wrap breaks s into lines of a width, between words where there are any; at most that many lines.
func wrap(s string, room, size, most int) (lines []string) {
	words := strings.Fields(s)
	for len(words) > 0 {
		line := words[0]
		words = words[1:]
		for len(words) > 0 && width(line+" "+words[0], size) <= room {
			line += " " + words[0]
			words = words[1:]
		}
		if len(lines) == most-1 && len(words) > 0 {
			return append(lines, cut(line+" "+strings.Join(words, " "), room, size))
		}
		lines = append(lines, cut(line, room, size))
	}
	return lines
}
