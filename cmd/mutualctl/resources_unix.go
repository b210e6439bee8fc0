//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// resources returns the processor time of this process in seconds, and the most memory that it ever held, in bytes.
func resources() (cpu float64, rss int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	cpu = float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	rss = int64(u.Maxrss)
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" { // getrusage(2): KiB everywhere but there
		rss *= 1024
	}
	return cpu, rss
}
