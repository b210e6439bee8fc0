package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// revealed is what stays in sight above and below: a field's name, and the begin of what comes next.
const revealed = 28

// Reveal scrolls the page around o so that o is in sight. Fyne's Tab goes on to what is out of sight, and leaves it there;
// its own buttons tell nobody that they were given the focus, the lines to type in do.
func Reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(o)
	if c == nil {
		return
	}
	root := c.Content()
	if top := c.Overlays().Top(); top != nil {
		root = top
	}
	at := driver.AbsolutePositionForObject(o)
	s := scrollAround(root, at)
	if s == nil {
		return
	}
	above := at.Y - driver.AbsolutePositionForObject(s).Y
	below := s.Size().Height - above - o.Size().Height
	switch {
	case above < revealed:
		s.ScrollToOffset(s.Offset.AddXY(0, above-revealed))
	case below < revealed:
		s.ScrollToOffset(s.Offset.AddXY(0, revealed-below))
	}
}

// scrollAround is the innermost scroller below o whose content lies at pos, relative to o's parent, in sight or not; nil:
// there is none.
func scrollAround(o fyne.CanvasObject, pos fyne.Position) *container.Scroll {
	if !o.Visible() {
		return nil
	}
	pos = pos.Subtract(o.Position())
	for _, child := range within(o) {
		if s := scrollAround(child, pos); s != nil {
			return s
		}
	}
	s, ok := o.(*container.Scroll)
	if !ok {
		return nil
	}
	in, size := pos.Subtract(s.Content.Position()), s.Content.Size()
	if in.X < 0 || in.Y < 0 || in.X >= size.Width || in.Y >= size.Height {
		return nil
	}
	return s
}
