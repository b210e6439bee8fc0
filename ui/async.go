package ui

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// Poster hands a function to the goroutine that owns the window, and returns at once.
type Poster func(func())

// FynePoster is the Poster of the running program; tests inject a queue that they drain.
func FynePoster(f func()) { fyne.Do(f) }

// async runs what would make the window wait. It is the only place in ui with goroutines.
type async struct {
	post     Poster
	profiles lane // writing profiles, and what goes with them
	secrets  lane // writing secrets, which may wait for the user's answer
}

// lane does one thing after the other.
type lane chan func()

func (l lane) run(ctx context.Context) {
	for {
		select {
		case f := <-l:
			f()
		case <-ctx.Done():
			return
		}
	}
}

func newAsync(ctx context.Context, post Poster) *async {
	a := &async{post: post, profiles: make(lane, 256), secrets: make(lane, 256)}
	go a.profiles.run(ctx)
	go a.secrets.run(ctx)
	return a
}

// run calls work off the window's goroutine and done, on it, with what work returned. done is called even when ctx has
// ended meanwhile: it may have something to put away.
func run[T any](a *async, ctx context.Context, work func(context.Context) T, done func(T)) {
	go func() {
		v := work(ctx)
		a.post(func() { done(v) })
	}()
}

// inOrder is run for work that must happen in the order asked for.
func inOrder[T any](a *async, l lane, work func() T, done func(T)) {
	l <- func() {
		v := work()
		a.post(func() { done(v) })
	}
}

// flush waits until what inOrder was given has been done, at most limit for each lane, side by side.
func (a *async) flush(limit time.Duration) {
	together([]func(){func() { a.profiles.flush(limit) }, func() { a.secrets.flush(limit) }})
}

func (l lane) flush(limit time.Duration) {
	done := make(chan struct{})
	select {
	case l <- func() { close(done) }:
	case <-time.After(limit):
		return
	}
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// coalesced returns a function, for any goroutine, that posts f unless it is posted already.
func (a *async) coalesced(f func()) func() {
	var pending atomic.Bool
	return func() {
		if pending.CompareAndSwap(false, true) {
			a.post(func() {
				pending.Store(false)
				f()
			})
		}
	}
}

// every posts f each interval until ctx ends, never twice at a time.
func (a *async) every(ctx context.Context, interval time.Duration, f func()) {
	tick := a.coalesced(f)
	go func() {
		t := time.NewTicker(interval)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				tick()
			case <-ctx.Done():
				return
			}
		}
	}()
}

// after posts f once, unless stop is called first.
func (a *async) after(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, func() { a.post(f) }).Stop
}

// ask shows a question from a working goroutine and waits for its answer, or for ctx. show runs on the window's
// goroutine and calls answer at most once.
func ask[T any](a *async, ctx context.Context, show func(ctx context.Context, answer func(T))) (v T, ok bool) {
	answers := make(chan T, 1)
	a.post(func() { show(ctx, func(v T) { answers <- v }) })
	select {
	case v = <-answers:
		return v, true
	case <-ctx.Done():
		return v, false
	}
}

// within calls work off the window's goroutine and posts done when it has returned, or after limit.
func (a *async) within(limit time.Duration, work, done func()) {
	finished := make(chan struct{})
	go func() {
		work()
		close(finished)
	}()
	go func() {
		select {
		case <-finished:
		case <-time.After(limit):
		}
		a.post(done)
	}()
}

// together calls fs side by side and waits for all of them.
func together(fs []func()) {
	var group sync.WaitGroup
	for _, f := range fs {
		group.Go(f)
	}
	group.Wait()
}
