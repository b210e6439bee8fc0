package ui

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// order is what the certificates page was asked to make.
type order struct {
	folder      string
	algorithm   pki.KeyAlgorithm
	days        int
	preset      string // the ID; empty: none
	newCA       bool
	caSubject   string
	caFile      string // of an authority that is there already
	caKey       string
	server      bool
	serverNames []string
	client      string
}

// made is what came of it.
type made struct {
	authority pki.Issued
	caFile    string
	server    *pki.FilePaths
	client    pki.FilePaths
	files     []madeFile
	judged    []clientVerdicts // of the broker's certificate and the client's
	existing  []string         // in the way; nothing was written
	err       error
}

// madeFile is one written file and what it is.
type madeFile struct{ path, summary, text string }

// paths are the files that the order would write, in the order of writing.
func (o order) paths() []string {
	var out []string
	add := func(p pki.FilePaths) {
		for _, s := range []string{p.Certificate, p.Key, p.Request} {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	if o.newCA {
		add(pki.Paths(o.folder, pki.CA))
	}
	if o.server {
		add(pki.Paths(o.folder, pki.Server))
	}
	add(pki.Paths(o.folder, pki.Client))
	return out
}

// make makes the certificates and writes the files. Without overwrite it writes nothing when one of them exists.
func (o order) make(ctx context.Context, overwrite bool) (m made) {
	for _, p := range o.paths() {
		if _, err := os.Lstat(p); err == nil && !overwrite {
			m.existing = append(m.existing, p)
		}
	}
	if len(m.existing) > 0 {
		return m
	}
	if m.err = os.MkdirAll(o.folder, 0o700); m.err != nil {
		return m
	}
	issued, err := o.issue(ctx, &m)
	if err == nil {
		m.judge(ctx, issued)
		err = ctx.Err() // cancelled: nothing is written
	}
	for _, i := range issued {
		if err != nil {
			break
		}
		err = i.issued.Write(i.paths, overwrite)
	}
	var exists *pki.ExistsError
	if errors.As(err, &exists) { // somebody else was faster
		m.existing, err = exists.Paths, nil
	}
	m.err = err
	if err == nil && len(m.existing) == 0 {
		m.describe(issued)
	}
	return m
}

// toWrite is one certificate and its files.
type toWrite struct {
	issued pki.Issued
	paths  pki.FilePaths
}

func (o order) issue(ctx context.Context, m *made) (out []toWrite, err error) {
	if m.authority, err = o.authority(ctx); err != nil {
		return nil, err
	}
	m.caFile = o.caFile
	if o.newCA {
		p := pki.Paths(o.folder, pki.CA)
		m.caFile = p.Certificate
		out = append(out, toWrite{m.authority, p})
	}
	if o.server {
		i, err := o.sign(ctx, m.authority, pki.Server, o.serverNames[0], o.serverNames)
		if err != nil {
			return nil, err
		}
		p := pki.Paths(o.folder, pki.Server)
		m.server = &p
		out = append(out, toWrite{i, p})
	}
	i, err := o.sign(ctx, m.authority, pki.Client, o.client, nil)
	m.client = pki.Paths(o.folder, pki.Client)
	return append(out, toWrite{i, m.client}), err
}

func (o order) authority(ctx context.Context) (pki.Issued, error) {
	if !o.newCA {
		return pki.ReadAuthority(o.caFile, o.caKey, "")
	}
	r, err := o.request(ctx, pki.CA, o.caSubject, nil, nil)
	if err != nil {
		return pki.Issued{}, err
	}
	return pki.NewAuthority(r)
}

func (o order) sign(ctx context.Context, authority pki.Issued, kind pki.Kind, subject string, names []string) (pki.Issued, error) {
	r, err := o.request(ctx, kind, subject, names, &authority)
	if err != nil {
		return pki.Issued{}, err
	}
	return pki.Issue(authority, r)
}

// request is one of those that the order comes to, as the preset has it. It is the last moment to cancel: the next thing
// is a key, which can take a while.
func (o order) request(ctx context.Context, kind pki.Kind, subject string, names []string, authority *pki.Issued) (pki.Request, error) {
	r := pki.Request{Kind: kind, Names: names, Algorithm: o.algorithm, Days: o.days}
	var err error
	if r.Subject, err = pki.ParseSubject(subject); err != nil {
		return r, err
	}
	if p, ok := pki.FindPreset(o.preset); ok {
		if err := p.Check(r, authority); err != nil {
			return r, err
		}
	}
	return r, ctx.Err()
}

// judge asks every client about what was made.
func (m *made) judge(ctx context.Context, issued []toWrite) {
	above := []*x509.Certificate{m.authority.Certificate}
	for _, i := range issued {
		c := i.issued.Certificate
		switch {
		case c.Equal(m.authority.Certificate):
			continue
		case len(issued) > 0 && !issued[0].issued.Certificate.Equal(m.authority.Certificate):
			above = pki.AuthorityPath(ctx, m.caFile, m.authority.Certificate)
		}
		kind := pki.Client
		if slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) {
			kind = pki.Server
		}
		m.judged = append(m.judged, job{kind: kind, now: c.NotBefore}.judge(i.issued, above))
	}
}

// describe reads back what was written.
func (m *made) describe(written []toWrite) {
	for _, i := range written {
		role := evidence.RoleCertificate
		if i.issued.RequestPEM == nil {
			role = evidence.RoleCA
		}
		m.files = append(m.files,
			madeFile{i.paths.Certificate, pki.Summary(pki.ReadFile(i.paths.Certificate, role, "")), pki.Text(i.issued.Certificate)},
			madeFile{path: i.paths.Key, summary: pki.Summary(pki.ReadFile(i.paths.Key, evidence.RoleKey, ""))})
		if i.paths.Request != "" {
			m.files = append(m.files, madeFile{path: i.paths.Request, summary: "the certificate request, kept for renewing"})
		}
	}
}

// check says in one sentence what is missing from the order; empty: nothing.
func (o order) check() string {
	switch {
	case strings.TrimSpace(o.folder) == "":
		return "Choose the folder that the files go to."
	case o.newCA && strings.TrimSpace(o.caSubject) == "":
		return "The authority needs a name."
	case !o.newCA && (o.caFile == "" || o.caKey == ""):
		return "Choose the authority's certificate and its key."
	case o.server && len(o.serverNames) == 0:
		return "The broker's certificate needs at least one name or address."
	case strings.TrimSpace(o.client) == "":
		return "The client certificate needs a name."
	case o.days < 1 || o.days > maxDays:
		return fmt.Sprintf("The validity is 1 to %d days.", maxDays)
	}
	return ""
}

// maxDays is a hundred years: more than that no clock of today reaches.
const maxDays = 36525
