// Package widgets holds the window's own parts: badge, chain drawing, finding card, stage line, message row, file
// field. A widget shows what it is given and calls back what the user meant; it decides nothing, and never starts a
// goroutine. Colours come from the theme under the names in theme.go, so that light and dark both hold.
package widgets
