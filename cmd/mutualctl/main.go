// Command mutualctl is the window's headless twin for support staff, scripts and CI machines: it tries a connection and
// explains it, judges chains offline, makes and inspects certificates, publishes and subscribes, and runs a practice
// broker. It holds no judgement of its own: package core decides, this package reads flags and prints.
//
// Standard output carries the answer, standard error everything else. With --json the answer is one JSON object.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// startHeap is the garbage collector's percentage: it first runs at 16 MiB instead of 4, which most commands never reach.
const startHeap = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(startHeap)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	status := run(ctx, os.Args[1:], &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(status)
}
