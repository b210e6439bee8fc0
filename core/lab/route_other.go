//go:build !linux

package lab

// unroutable is empty: no address is known that this system has no route to on every network.
const unroutable = ""
