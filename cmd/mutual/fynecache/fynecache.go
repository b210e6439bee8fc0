// Package fynecache shortens the time that Fyne keeps the picture of a text that is no longer shown. Fyne reads the
// setting when its packages are initialised, so this one imports nothing but os: it is initialised before them. With
// the usual minute a stream of messages, each a new text, costs gigabytes; with 8 seconds a third of that.
package fynecache

import "os"

func init() {
	if os.Getenv("FYNE_CACHE") == "" {
		_ = os.Setenv("FYNE_CACHE", "8s") // without it the program is larger, not wrong
	}
}
