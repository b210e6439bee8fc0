// Command mutual opens the window. It is the only place where core and ui are wired together and Fyne's driver is
// imported. Its exit statuses: 0 done, 1 the window could not be opened for another reason, 2 wrong usage, 4 there is
// no display or no OpenGL (then `mutualctl lab --tour` tells the same story in a terminal).
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	_ "mutual/cmd/mutual/fynecache"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"mutual/core/store"
	"mutual/ui"
)

// Exit statuses. Scripts depend on NoDisplay: `make run` falls back to the terminal with it.
const (
	exitFailed    = 1
	exitUsage     = 2
	exitNoDisplay = 4
)

// Set when the program is built: -ldflags "-X main.version=… -X main.commit=…".
var (
	version string
	commit  string
)

// appID names the folder of the window's preferences.
const appID = "io.mutual.client"

// release is FyneApp.toml's version, which the program sees only when the fyne tool builds it.
const release = "0.1.0"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	if os.Getenv(checkVariable) != "" {
		return checkDisplay(errs)
	}
	flags := flag.NewFlagSet("mutual", flag.ContinueOnError)
	flags.SetOutput(errs)
	showVersion := flags.Bool("version", false, "print the version and end")
	flags.Usage = func() {
		fmt.Fprint(errs, "mutual opens the window of Mutual, the MQTT client; mutualctl is its twin for the terminal.\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return 0
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(errs, "mutual: unexpected %q\n", flags.Arg(0))
		return exitUsage
	}
	if *showVersion {
		fmt.Fprintf(out, "mutual %s (%s, %s, %s/%s)\n", versionText(), commitText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return 0
	}
	if problem := findDisplay(); problem != "" {
		fmt.Fprint(errs, noDisplayText(problem))
		return exitNoDisplay
	}
	return open(errs)
}

func open(errs io.Writer) int {
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Mutual", Version: versionText(), Build: 1, Icon: ui.Icon(),
		Migrations: map[string]bool{"fyneDo": true}})
	if cache, err := os.UserCacheDir(); err == nil {
		os.MkdirAll(cache, 0o700) // Fyne makes its folder in it, but not this one, and complains in a new account
	}
	a := app.NewWithID(appID)
	a.SetIcon(ui.Icon())
	dir, err := store.DefaultDir()
	if err != nil {
		fmt.Fprintf(errs, "mutual: %v\n", err)
		return exitFailed
	}
	s, notices, err := store.Open(dir)
	if err != nil {
		fmt.Fprintf(errs, "mutual: %v\n", err)
		ui.ShowProblem(a, "Mutual cannot open its folder "+dir+".", err.Error())
		a.Run()
		return exitFailed
	}
	ui.New(a, ui.Options{Store: s, Dir: dir, Notices: notices, Closing: endWithin(exitLimit, os.Exit)}).Show()
	a.Run()
	return 0
}

// exitLimit is how long Fyne may take to end after the window has gone; it needs a few milliseconds.
const exitLimit = 2 * time.Second

// endWithin ends the program a while after it was called, unless it has ended by itself. Fyne 2.8.1 does not always: an
// event of the last window that reaches its queue between the last look at the queue and its end is waited for without
// end (internal/driver/glfw, runGL and Run), and a program without a window would stay behind.
func endWithin(limit time.Duration, exit func(status int)) func() {
	return func() { time.AfterFunc(limit, func() { exit(0) }) }
}

func versionText() string {
	if version != "" {
		return version
	}
	return release
}

func commitText() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown commit"
}
