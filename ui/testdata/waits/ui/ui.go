// Package ui is a small window for the check of what the window may wait for: what its names say is what is to be found.
package ui

import (
	"context"
	"os"
)

type window struct{}

func run(ctx context.Context, work func(context.Context) int, done func(int)) {
	done(work(ctx))
}

func post(f func()) { f() }

// Waits is called by the window, and waits two calls further on.
func (w *window) Waits() { w.further() }

func (w *window) further() { _, _ = os.Stat("waits") }

// Runs lets what waits be done elsewhere, and then waits.
func (w *window) Runs() {
	run(context.Background(), func(context.Context) int { return aside() }, func(int) { _, _ = os.ReadFile("done") })
	run(context.Background(), asideWithContext, func(int) {})
}

func aside() int {
	_ = os.Mkdir("aside", 0o700)
	post(func() { _ = os.Remove("posted") })
	return 0
}

func asideWithContext(ctx context.Context) int { return aside() }

// AtOnce calls what takes a context, which then waits here.
func AtOnce() { asideAtOnce(context.Background()) }

func asideAtOnce(ctx context.Context) { _ = os.Chmod("at once", 0o600) }

// Only passes on what waits.
func Only() { passes(func() { _ = os.Truncate("passed", 0) }) }

func passes(f func()) { f() }
