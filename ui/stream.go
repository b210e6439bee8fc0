package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/history"
	"mutual/ui/widgets"
)

// stream is the list of messages. It shows a snapshot of the live window: while the user reads further up the snapshot
// stands still, and a button tells how many came since.
type stream struct {
	window  *history.Window
	version uint64
	shown   []history.Message
	total   uint64 // ever appended, when shown was taken
	filter  *widgets.Entry
	count   *widgets.Text
	clear   *widget.Button
	newer   *widget.Button
	list    *widgets.List
	open    func(history.Message)
	box     *fyne.Container
}

func newStream(open func(history.Message)) *stream {
	s := &stream{open: open, filter: widgets.NewEntry(), count: widgets.Muted("").CutTo(200)}
	s.buildUI()
	return s
}

func (s *stream) buildUI() {
	s.filter.SetPlaceHolder("Filter by topic or payload")
	s.filter.Icon = theme.SearchIcon()
	s.filter.OnChanged = func(string) { s.take(); s.list.ScrollToBottom() }
	s.filter.OnEscape = func() { s.filter.SetText("") }
	s.clear = widget.NewButtonWithIcon("Clear", theme.ContentClearIcon(), s.onClear)
	s.clear.Importance = widget.LowImportance
	s.newer = widget.NewButtonWithIcon("", theme.MoveDownIcon(), s.follow)
	s.newer.Importance = widget.HighImportance
	s.newer.Hide()
	s.list = widgets.NewList(func() int { return len(s.shown) },
		func() fyne.CanvasObject { return widgets.NewMessageRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(s.shown) {
				o.(*widgets.MessageRow).Set(s.shown[i])
			}
		})
	s.list.OnSelected = func(i widget.ListItemID) {
		if i < len(s.shown) {
			s.open(s.shown[i])
		}
	}
	top := container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(s.count), s.clear), s.filter)
	bottom := widgets.NewPadded(0, 8, 0, 0, container.NewVBox(container.NewCenter(s.newer)))
	s.box = container.NewBorder(top, nil, nil, nil, container.NewStack(s.list, container.NewBorder(nil, bottom, nil, nil)))
}

// attach shows another connection's messages.
func (s *stream) attach(w *history.Window) {
	s.window, s.shown = w, nil
	s.take()
	s.list.ScrollToBottom()
}

// held is how many messages there are, shown or not.
func (s *stream) held() int {
	if s.window == nil {
		return 0
	}
	return s.window.Len()
}

// bottomSlack is how far from the end, in pixels, still counts as the end: half a row.
const bottomSlack = 24

// atBottom says whether the newest message is in sight.
func (s *stream) atBottom() bool {
	rows := float32(len(s.shown))
	row := widgets.NewMessageRow().MinSize().Height + theme.Padding()
	return s.list.GetScrollOffset()+s.list.Size().Height >= rows*row-bottomSlack
}

// redraw takes a new snapshot if anything changed and the end is in sight.
func (s *stream) redraw() {
	if s.window == nil || s.window.Version() == s.version {
		return
	}
	if len(s.shown) > 0 && s.window.Len() > 0 && !s.atBottom() {
		if n := s.window.Total() - s.total; n > 0 {
			s.newer.SetText(fmt.Sprintf("%d new", n))
			s.newer.Show()
		}
		return
	}
	s.take()
	s.list.ScrollToBottom()
}

// follow goes to the newest message and stays there.
func (s *stream) follow() {
	s.take()
	s.list.ScrollToBottom()
}

// take makes the snapshot.
func (s *stream) take() {
	s.newer.Hide()
	if s.window == nil {
		return
	}
	s.version, s.total = s.window.Version(), s.window.Total()
	s.shown = s.shown[:0]
	want := strings.ToLower(strings.TrimSpace(s.filter.Text))
	n := s.window.Len()
	for i := range n {
		if m, ok := s.window.At(i); ok && matches(m, want) {
			s.shown = append(s.shown, m)
		}
	}
	s.countText(n, want != "")
	s.list.Refresh()
}

func (s *stream) countText(n int, filtered bool) {
	text := fmt.Sprintf("%d messages", n)
	switch {
	case n == 1:
		text = "1 message"
	case n == 0:
		text = ""
	}
	if filtered {
		text = fmt.Sprintf("%d of %d", len(s.shown), n)
	} else if s.total > uint64(n) {
		text = fmt.Sprintf("newest %d of %d", n, s.total)
	}
	if s.count.Text != text {
		s.count.Set(text)
		s.box.Refresh()
	}
}

// filterBytes bounds how far into a payload the filter looks, so that a keystroke stays cheap with long payloads.
const filterBytes = 4096

func matches(m history.Message, want string) bool {
	if want == "" {
		return true
	}
	return strings.Contains(strings.ToLower(m.Topic), want) ||
		strings.Contains(strings.ToLower(string(m.Payload[:min(len(m.Payload), filterBytes)])), want)
}

func (s *stream) onClear() {
	if s.window != nil {
		s.window.Clear()
		s.list.UnselectAll()
		s.take()
	}
}
