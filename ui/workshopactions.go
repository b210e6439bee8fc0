package ui

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"mutual/core/chain"
	"mutual/core/pki"
)

// action is something that can be saved of what is here.
type action struct {
	title string
	make  func(ctx context.Context, m material) offer
}

// material is what an action works on.
type material struct {
	inv    *pki.Inventory
	item   int // -1: everything
	node   *pki.Node
	roots  *pki.Roots
	now    time.Time
	folder string
}

// offers are the menu of actions.
func (s *workshop) offers(actions []action) []*fyne.MenuItem {
	var out []*fyne.MenuItem
	for _, a := range actions {
		out = append(out, fyne.NewMenuItem(a.title, func() { s.do(a) }))
	}
	return out
}

// do prepares what a is for, and offers it.
func (s *workshop) do(a action) {
	if s.inv == nil {
		return
	}
	m := material{inv: s.inv, item: -1, now: s.w.env.now(), folder: filepath.Dir(s.lastPath())}
	if r := s.row(); r != nil && r.item >= 0 {
		m.item, m.node = r.item, r.node
		if _, pasted := s.texts[r.path]; !pasted {
			m.folder = filepath.Dir(r.path)
		}
	}
	env := s.w.env
	s.w.prepare(strings.TrimSuffix(a.title, "…"), func(ctx context.Context) offer {
		m.roots = env.publicRoots()
		o := a.make(ctx, m)
		if o.title == "" {
			o.title = strings.TrimSuffix(a.title, "…")
		}
		if o.folder == "" {
			o.folder = m.folder
		}
		return o
	})
}

// rowActions are those for the thing that is chosen.
func (s *workshop) rowActions() []action {
	r := s.row()
	if r == nil || r.item < 0 {
		return nil
	}
	i := s.inv.Items[r.item]
	switch {
	case i.Certificate != nil:
		out := []action{
			{"The certificate alone, as PEM…", single(pki.PEM)},
			{"The certificate alone, as DER…", single(pki.DER)},
			{"Chain in order, as a broker sends it…", chainOffer},
			{"Split: certificate, chain, root, key…", splitOffer},
		}
		if r.node != nil && len(r.node.Keys) > 0 {
			out = append(out, action{"With key and chain, as PKCS #12…", withKey(pki.PKCS12)},
				action{"With key and chain, as PKCS #12 for Java 8 and older programs…", withKey(pki.PKCS12Java)})
		}
		return out
	case i.Locked() || i.Block.Error != "":
		return nil
	case i.IsPrivateKey():
		out := []action{{"As PEM, with a new passphrase…", keyOffer(pki.PEM, true)}, {"As PEM, without a passphrase…", keyOffer(pki.PEM, false)},
			{"As DER, without a passphrase…", keyOffer(pki.DER, false)}, {"As PKCS #1 or SEC 1, for older programs…", traditionalOffer}}
		return out
	case i.Request != nil || i.List != nil || i.Block.Kind == blockPublic:
		return []action{{"As PEM…", single(pki.PEM)}, {"As DER…", single(pki.DER)}}
	}
	return nil
}

// allActions are those for everything that is here.
func (s *workshop) allActions() []action {
	if s.inv == nil {
		return nil
	}
	return []action{
		{"A CA bundle that works everywhere…", bundleOffer},
		{"Everything in one PEM file…", everything(pki.PEM)},
		{"Certificates as PKCS #7…", everything(pki.PKCS7)},
		{"Key, certificate and chain as PKCS #12…", everything(pki.PKCS12)},
		{"The same for Java 8 and older programs…", everything(pki.PKCS12Java)},
	}
}

// fileName makes a file's name of what a thing is called.
func fileName(name string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(name, "*", "wildcard") {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	const longest = 60 // with an ending it fits every file system
	out := b.String()
	out = strings.Trim(out[:min(len(out), longest)], "-.")
	if out == "" {
		return "unnamed"
	}
	return out
}

// baseName is the name of the files for item n.
func (m material) baseName(n int) string {
	switch i := m.inv.Items[n]; {
	case i.Certificate != nil:
		return fileName(pki.CommonName(i.Certificate))
	case i.Request != nil:
		return fileName(requestName(i.Request))
	case i.List != nil:
		return fileName(listName(i.List))
	default:
		base := filepath.Base(i.File)
		return fileName(strings.TrimSuffix(base, filepath.Ext(base)))
	}
}

// judge asks every client about a chain and what is trusted.
func (m material) judge(about string, sent, anchors []*x509.Certificate) clientVerdicts {
	return clientVerdicts{about, chain.Verdicts(chain.Ask(sent, anchors, m.now))}
}

// judgePath judges p with its root trusted; without a root there is nobody to trust.
func (m material) judgePath(p pki.Path) (all []clientVerdicts, notes []string) {
	root := p.Root()
	if root == nil {
		return nil, []string{"The chain is not complete, so every client would refuse it: it would continue with " + p.Missing() + "."}
	}
	return []clientVerdicts{m.judge(pki.CommonName(p.Certificates[0].Certificate), p.Sent(), []*x509.Certificate{root.Certificate})}, nil
}

// same is an encode without a passphrase.
func same(files ...pki.OutputFile) func(string) ([]pki.OutputFile, []string, error) {
	return func(string) ([]pki.OutputFile, []string, error) { return slices.Clone(files), nil, nil }
}
