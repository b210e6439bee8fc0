package tlsdial

import "syscall"

// Winsock's numbers; syscall's names of POSIX do not match them. From winerror.h.
var (
	refusedErrors     = []error{syscall.Errno(10061)}                                             // WSAECONNREFUSED
	resetErrors       = []error{syscall.WSAECONNRESET, syscall.WSAECONNABORTED}                   // 10054, 10053
	unreachableErrors = []error{syscall.Errno(10050), syscall.Errno(10051), syscall.Errno(10065), // WSAENETDOWN, WSAENETUNREACH, WSAEHOSTUNREACH
		syscall.Errno(10049), syscall.Errno(10047)} // WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT: no IPv6 here
)
