//go:build !windows

package tlsdial

import "syscall"

var (
	refusedErrors = []error{syscall.ECONNREFUSED}
	resetErrors   = []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
	// EADDRNOTAVAIL and EAFNOSUPPORT are what a machine without IPv6 says of an IPv6 address.
	unreachableErrors = []error{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
	}
)
