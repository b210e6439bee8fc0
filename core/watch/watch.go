// Package watch lists the certificates that profiles use and that brokers sent, by when they end. It reads the profiles'
// files and judges nothing but dates.
package watch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

// State says where a certificate stands in its validity.
type State string

const (
	Expired State = "expired"
	Due     State = "due" // for renewal: pki.RenewBy has passed
	Valid   State = "valid"
	Early   State = "not-yet-valid"
)

// Role is what a certificate is used for.
type Role string

const (
	CAFile Role = "ca-file"            // a profile's trust anchor
	Client Role = "client-certificate" // a profile's own, or of its chain
	Broker Role = "broker"             // a broker sent it
)

// manyInFile is from how many certificates on a CA file is a bundle of public roots, of which some are always about to
// end without anybody having to do anything.
const manyInFile = 20

// Use is one place where a certificate is used or was met.
type Use struct {
	Role      Role      `json:"role"`
	ProfileID string    `json:"profile_id,omitempty"`
	Profile   string    `json:"profile,omitempty"` // its name
	File      string    `json:"file,omitempty"`
	Block     int       `json:"block"`              // of File
	Address   string    `json:"address,omitempty"`  // host:port, for Broker
	LastSeen  time.Time `json:"last_seen,omitzero"` // for Broker
	// Bundle: File holds so many certificates that no reminder is due for one of them.
	Bundle bool `json:"bundle,omitempty"`
	// Replaced: the broker has sent another one since.
	Replaced bool `json:"replaced,omitempty"`
}

// Entry is one certificate with all its uses.
type Entry struct {
	Certificate *x509.Certificate
	SHA256      [32]byte
	RenewBy     time.Time
	State       State
	Uses        []Use
}

// Left is how long the certificate is still valid at that time; negative: for how long it has not been.
func (e Entry) Left(at time.Time) time.Duration { return e.Certificate.NotAfter.Sub(at) }

// NeedsAttention says that somebody should act: it has ended or is due, and is in use other than as one of a bundle.
func (e Entry) NeedsAttention() bool {
	return (e.State == Expired || e.State == Due) &&
		slices.ContainsFunc(e.Uses, func(u Use) bool { return !u.Bundle && !u.Replaced })
}

// Unread is a file of a profile that could not be read.
type Unread struct {
	ProfileID string           `json:"profile_id"`
	Profile   string           `json:"profile"`
	File      string           `json:"file"`
	Problem   evidence.Problem `json:"problem"`
}

// List is the answer.
type List struct {
	Entries []Entry // the one that ends first, first
	Unread  []Unread
}

// Attention are the entries that need it.
func (l List) Attention() []Entry {
	return slices.DeleteFunc(slices.Clone(l.Entries), func(e Entry) bool { return !e.NeedsAttention() })
}

// Of reads the files of profiles and puts them together with the certificates that were met. It stops early when ctx
// ends.
func Of(ctx context.Context, profiles []profile.Profile, met []store.Met, at time.Time) List {
	c := collection{at: at, byHash: map[[32]byte]int{}, files: map[string]evidence.File{}}
	for _, p := range profiles {
		if ctx.Err() != nil {
			break
		}
		c.profile(p)
	}
	c.met(met)
	slices.SortStableFunc(c.list.Entries, func(a, b Entry) int {
		return cmp.Or(a.Certificate.NotAfter.Compare(b.Certificate.NotAfter),
			strings.Compare(pki.CommonName(a.Certificate), pki.CommonName(b.Certificate)), bytes.Compare(a.SHA256[:], b.SHA256[:]))
	})
	return c.list
}

// collection is a List in the making.
type collection struct {
	at     time.Time
	list   List
	byHash map[[32]byte]int // index in list.Entries
	files  map[string]evidence.File
}

// profile adds what p names. A connection without TLS uses none of it.
func (c *collection) profile(p profile.Profile) {
	if !p.Server.Transport.Encrypted() || p.Practice {
		return
	}
	for _, path := range p.Trust.Files {
		c.file(p, path, CAFile)
	}
	if path := p.ClientCertificate.CertificateFile; path != "" {
		c.file(p, path, Client)
	}
}

func (c *collection) file(p profile.Profile, path string, role Role) {
	f, known := c.files[path]
	if !known {
		f = pki.ReadFile(path, "", "")
		c.files[path] = f
	}
	count := 0
	for _, b := range f.Blocks {
		if len(b.Certificate) > 0 {
			count++
		}
	}
	if f.Problem != evidence.Readable || count == 0 {
		problem := f.Problem
		if problem == evidence.Readable {
			problem = evidence.WrongContent
		}
		c.list.Unread = append(c.list.Unread, Unread{ProfileID: p.ID, Profile: p.Name, File: path, Problem: problem})
		return
	}
	for _, b := range f.Blocks {
		c.add(b.Certificate, Use{Role: role, ProfileID: p.ID, Profile: p.Name, File: path, Block: b.Index, Bundle: role == CAFile && count >= manyInFile})
	}
}

// met adds what brokers sent.
func (c *collection) met(all []store.Met) {
	latest := map[string]time.Time{} // by address
	for _, m := range all {
		if m.Last.After(latest[m.Address]) {
			latest[m.Address] = m.Last
		}
	}
	for _, m := range all {
		// The certificates of a broker's newest chain have one and the same time: see store.Meet.
		c.add(m.DER, Use{Role: Broker, Address: m.Address, LastSeen: m.Last, Replaced: m.Last.Before(latest[m.Address])})
	}
}

// add adds a use; what Go cannot parse has no dates to watch.
func (c *collection) add(der []byte, u Use) {
	if len(der) == 0 {
		return
	}
	sum := sha256.Sum256(der)
	i, known := c.byHash[sum]
	if !known {
		x, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		i = len(c.list.Entries)
		c.byHash[sum] = i
		c.list.Entries = append(c.list.Entries, Entry{Certificate: x, SHA256: sum, RenewBy: pki.RenewBy(x), State: stateOf(x, c.at)})
	}
	c.list.Entries[i].Uses = append(c.list.Entries[i].Uses, u)
}

func stateOf(x *x509.Certificate, at time.Time) State {
	switch {
	case at.After(x.NotAfter):
		return Expired
	case at.Before(x.NotBefore):
		return Early
	case !at.Before(pki.RenewBy(x)):
		return Due
	}
	return Valid
}
