// Package ui is the window: one file a page, small structs with a buildUI and on… methods. It shows snapshots of what
// core knows and carries out what the user asks for through async.go, the only file with `go` or `fyne.Do`; nothing in
// it waits. A connection (connection.go) holds one profile's session, attempt and findings; pages are shown one.
package ui
