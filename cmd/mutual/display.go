package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// checkVariable makes the program look for a display and OpenGL instead of opening its window.
const checkVariable = "MUTUAL_CHECK_DISPLAY"

// checkLimit bounds the check: a display server that answers does so in a fraction of a second.
const checkLimit = 5 * time.Second

// findDisplay says what stands in the way of a window; empty: nothing. It looks in a child process, because Fyne
// panics without a display, goes on without a window where OpenGL is missing, and a broken driver may crash.
func findDisplay() string {
	self, err := os.Executable()
	if err != nil {
		return "" // then Fyne has to find out
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), checkVariable+"=1")
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	switch err := cmd.Run(); {
	case err == nil:
		return ""
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("The display did not answer within %s.", checkLimit)
	case runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "":
		return "There is no display (DISPLAY is not set)."
	}
	if text := strings.TrimSpace(said.String()); text != "" && !strings.Contains(text, "\n") {
		return text
	}
	return "The graphics driver could not open an OpenGL window."
}

// noDisplayText says what to do.
func noDisplayText(problem string) string {
	text := "mutual: no window can be opened here. " + problem + "\n"
	switch runtime.GOOS {
	case "windows":
		text += "hint: Mutual needs OpenGL 2.1. Install the graphics card's own driver; in a virtual machine or over Remote Desktop,\n" +
			"      put Mesa's opengl32.dll beside mutual.exe.\n"
	case "darwin":
		text += "hint: start Mutual from a desktop session, not over ssh.\n"
	default:
		text += "hint: start Mutual in a desktop session, or over `ssh -X`. It needs OpenGL 2.1: on Debian and Ubuntu the package\n" +
			"      libgl1-mesa-dri; LIBGL_ALWAYS_SOFTWARE=1 makes do without a graphics card.\n"
	}
	return text + "hint: everything but the pixels works in the terminal: `mutualctl lab --tour` shows it.\n"
}
