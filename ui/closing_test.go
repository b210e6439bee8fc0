package ui

import "testing"

func TestClosingIsToldOnceAllIsPutAway(t *testing.T) {
	told, put := 0, false
	var r *rig
	r = rigOn(t, t.TempDir(), nil, func(o *Options) {
		o.Closing = func() { told++; put = r.env.ctx.Err() != nil }
	})
	r.settle()
	if told != 0 {
		t.Fatal("told while the window is open")
	}
	r.Close()
	r.Close() // a second click on the cross
	r.until("the word that the window goes", func() bool { return told > 0 })
	r.settle()
	if told != 1 || !put {
		t.Errorf("told %d times; everything put away: %v", told, put)
	}
}
