//go:build cgo && !ci

package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// checkDisplay opens a hidden window with the OpenGL that Fyne needs, as Fyne would.
func checkDisplay(errs io.Writer) (status int) {
	runtime.LockOSThread()
	defer func() {
		if r := recover(); r != nil { // the binding panics where it cannot return an error
			fmt.Fprintf(errs, "The display cannot be used: %v.\n", r)
			status = exitNoDisplay
		}
	}()
	if err := glfw.Init(); err != nil {
		fmt.Fprintf(errs, "The display cannot be used: %v.\n", err)
		return exitNoDisplay
	}
	defer glfw.Terminate()
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ContextVersionMajor, 2)
	glfw.WindowHint(glfw.ContextVersionMinor, 1)
	w, err := glfw.CreateWindow(64, 64, "Mutual", nil, nil)
	if err != nil {
		fmt.Fprintf(errs, "OpenGL 2.1 cannot be used: %v.\n", err)
		return exitNoDisplay
	}
	w.MakeContextCurrent()
	w.Destroy()
	return 0
}
