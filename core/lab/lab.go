// Package lab is a practice broker in this process, sound or broken on purpose: the demo, the teaching aid and the
// tests' opponent. Its names, keys and dates are fresh in every run, and it is the only package that imports the
// embedded broker.
package lab

import (
	"context"

	"mutual/core/pki"
	"mutual/core/profile"
)

// Options of a lab. The zero value is a sound server with two-way TLS.
type Options struct {
	Fault string // an id of Faults; empty: nothing is broken
	Dir   string // where the certificate files go; empty: a temporary folder that Close removes
}

// Fault is one way to be broken: the finding that it leads to.
type Fault struct{ ID, Title string }

// Faults lists them, in the order of teaching.
func Faults() []Fault { panic("skeleton") }

// Lab is a running practice broker.
type Lab struct{}

// Start starts one on a free loopback port.
func Start(ctx context.Context, o Options) (*Lab, error) { panic("skeleton") }

// Profile connects to it, with the files in Dir (and, for faults of files, with the broken ones).
func (l *Lab) Profile() profile.Profile { panic("skeleton") }

// Roots are this machine's public roots, and the lab's own root among the built-in ones: it plays the part of a
// publicly known root.
func (l *Lab) Roots() *pki.Roots { panic("skeleton") }

// Passphrase is the right one for the lab's encrypted key; empty where none is encrypted.
func (l *Lab) Passphrase() string { panic("skeleton") }

func (l *Lab) Dir() string { panic("skeleton") }

// Close stops the server, waits for its goroutines and removes a temporary folder.
func (l *Lab) Close() { panic("skeleton") }
