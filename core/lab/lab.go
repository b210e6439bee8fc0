// Package lab is a practice broker in this process, sound or broken on purpose: the demo, the teaching aid and the
// tests' opponent. Its names, keys and dates are fresh in every run, and it is the only package that imports the
// embedded broker.
package lab

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"mutual/core/pki"
	"mutual/core/profile"
)

// Options of a lab. The zero value is a sound server with two-way TLS.
type Options struct {
	Fault   string // an id of Faults; empty: nothing is broken
	Variant string // one of the fault's Variants; empty: its plain form
	Dir     string // where the certificate files go, made if absent; empty: a temporary folder that Close removes
}

// Lab is a running practice broker.
type Lab struct {
	fault  string
	scene  *scene
	server *server
	roots  func() *pki.Roots
	remove bool // the folder, on Close
	close  sync.Once

	serving sync.WaitGroup // the authority's web server
}

// Start starts one on a free loopback port. It can be reached when Start returns; ctx bounds the start only. Files of
// an earlier lab in Options.Dir are replaced.
func Start(ctx context.Context, o Options) (*Lab, error) {
	c, err := prepare(o)
	if err != nil {
		return nil, fmt.Errorf("preparing the practice broker: %w", err)
	}
	l := &Lab{fault: o.Fault, scene: c, roots: sync.OnceValue(c.roots), remove: o.Dir == ""}
	if l.remove {
		if c.dir, err = makeFolder(os.TempDir()); err != nil {
			c.responder.close()
			return nil, fmt.Errorf("making a folder for the practice broker: %w", err)
		}
	} else if err := os.MkdirAll(c.dir, 0o700); err != nil {
		c.responder.close()
		return nil, fmt.Errorf("making a folder for the practice broker: %w", err)
	}
	if c.responder != nil {
		l.serving.Go(c.responder.serve)
	}
	c.inDir()
	if err = c.write(); err == nil {
		l.server, err = serve(ctx, c)
	}
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("starting the practice broker: %w", err)
	}
	c.profile.Server.Port, c.profile.Server.Proxy = l.server.port, l.server.proxyURL
	return l, nil
}

// prepare makes the certificates and sets the stage, without touching disk or network, except that an authority's web server has its
// port from the beginning: certificates name it.
func prepare(o Options) (*scene, error) {
	f, known := faultOf(o.Fault)
	if o.Fault != "" && !known {
		return nil, fmt.Errorf("there is no fault %q", o.Fault)
	}
	if o.Variant != "" && !slices.Contains(f.variants, o.Variant) {
		return nil, fmt.Errorf("there is no variant %q of the fault %q", o.Variant, o.Fault)
	}
	org, now := newOrganisation(), time.Now()
	s := soundSpecs(org, now)
	if f.specs != nil {
		f.specs(&s, o.Variant)
	}
	c, err := newScene(o.Dir, now, s)
	if err == nil && f.scene != nil {
		err = f.scene(c, o.Variant)
	}
	if err != nil && c != nil {
		c.responder.close()
	}
	return c, err
}

// Profile connects to it, with the files in Dir (and, for faults of files, with the broken ones). Each call returns a
// copy of the same profile.
func (l *Lab) Profile() profile.Profile { return l.scene.profile.Clone() }

// Roots are this machine's public roots, and the lab's own root among the built-in ones: it plays the part of a
// publicly known root.
func (l *Lab) Roots() *pki.Roots { return l.roots() }

// NeedsOwnRoots says that a fault lies in what a public root program says of the lab's root, and shows only to who
// takes Roots for the public ones: not to another process.
func NeedsOwnRoots(fault string) bool {
	f, _ := faultOf(fault)
	return f.ownRoots
}

// Passphrase is the right one for the lab's encrypted key; empty where none is encrypted.
func (l *Lab) Passphrase() string { return l.scene.passphrase }

// GivenPassphrase is what the user of this story would give: nothing, or, where the fault is a wrong passphrase, that.
func (l *Lab) GivenPassphrase() string { return l.scene.given }

// Dir is the folder of the certificate files.
func (l *Lab) Dir() string { return l.scene.dir }

// Close stops the server, waits for its goroutines and removes a temporary folder.
func (l *Lab) Close() {
	l.close.Do(func() {
		if l.server != nil {
			l.server.close()
		}
		l.scene.responder.close()
		l.serving.Wait()
		if l.remove && l.scene.dir != "" {
			os.RemoveAll(l.scene.dir)
		}
	})
}
