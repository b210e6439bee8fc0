package ui

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"mutual/core/evidence"
	"mutual/core/exchange"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// use is the field that a dropped file belongs to.
type use int

const (
	useNone use = iota
	useCA
	useCertificate
	useKey
)

// dropped is one dropped file and what it is for.
type dropped struct {
	path string
	use  use
	text string
}

// onDropped puts one file that is dropped on a field into that field. Other files go into the fields that they belong to by
// what they are; on the page Certificates it is shown what they hold. Exported connections are imported, wherever they are
// dropped but there; the list of connections takes them on every page.
func (w *Window) onDropped(pos fyne.Position, uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	if w.closed || len(paths) == 0 {
		return
	}
	if f := w.fieldAt(pos); f != nil && len(paths) == 1 {
		w.dropOn(f, paths[0])
		return
	}
	c, onList := w.current, w.covers(w.sidebar.box, pos)
	switch {
	case w.importing != nil && w.open == w.importing.dialog:
		w.importing.dropped(paths)
		return
	case w.handing != nil && w.open == w.handing.dialog:
		w.handing.dropped(paths)
		return
	case w.open != nil: // a dialog that waits for something else
		return
	case w.tabs.Selected() == certificatesPage && !onList:
		w.certPage.onDropped(paths)
		return
	}
	w.settings.leave()
	run(w.env.async, w.env.ctx, func(ctx context.Context) received { return receive(ctx, paths) }, func(r received) {
		if w.closed || w.open != nil {
			return
		}
		if len(r.exports) > 0 {
			w.importFrom(r.exports...)
		}
		if len(r.others) > 0 {
			w.takeDropped(c, r.others, onList)
		}
	})
}

// received are dropped files: exported connections, and others.
type received struct {
	exports []string
	others  []dropped
}

func receive(ctx context.Context, paths []string) (r received) {
	var others []string
	for _, p := range paths {
		if isExport(ctx, p) {
			r.exports = append(r.exports, p)
		} else {
			others = append(others, p)
		}
	}
	r.others = classify(others)
	return r
}

// takeDropped takes files that hold no connections.
func (w *Window) takeDropped(c *connection, ds []dropped, onList bool) {
	if unknown := slices.IndexFunc(ds, func(d dropped) bool { return d.use == useNone }); onList && unknown >= 0 {
		w.tell(widgets.Warn, exportWords(ds[unknown].path, exchange.ErrUnknown)+" "+whereExports)
		return
	}
	switch {
	case c == nil:
		w.tell(widgets.Neutral, "There is no connection yet that could use the files. Make a new one, or drop them on the page Certificates.")
	case c.profile.Practice:
		w.tell(widgets.Neutral, "The practice broker brings its own files. Choose or add another connection to use yours.")
	default:
		w.useDropped(c, ds)
	}
}

// classify says what each file is for.
func classify(paths []string) []dropped {
	out := make([]dropped, 0, len(paths))
	for _, p := range paths {
		f := pki.ReadFile(p, evidence.RoleCertificate, "")
		d := dropped{path: p, use: useOf(f), text: pki.Summary(f)}
		out = append(out, d)
	}
	return out
}

// useOf tells by content: a key, an authority's certificate, or a client's.
func useOf(f evidence.File) use {
	key := false
	for _, b := range f.Blocks {
		switch b.Kind {
		case "private-key", "encrypted-private-key":
			key = true
		case "certificate", "trusted-certificate":
			c, err := x509.ParseCertificate(b.Certificate)
			if err != nil || !c.IsCA {
				return useCertificate
			}
			return useCA
		}
	}
	if key {
		return useKey
	}
	return useNone
}

func (w *Window) useDropped(c *connection, ds []dropped) {
	p := c.profile.Clone()
	var good []string
	for _, d := range ds {
		name := report.Base(d.path)
		switch d.use {
		case useCA:
			if !slices.Contains(p.Trust.Files, d.path) {
				p.Trust.Files = append(p.Trust.Files, d.path)
			}
			good = append(good, name+" is now trusted for the broker.")
		case useCertificate:
			p.ClientCertificate.CertificateFile = d.path
			good = append(good, name+" is now your certificate.")
		case useKey:
			p.ClientCertificate.KeyFile = d.path
			good = append(good, name+" is now your private key.")
		default:
			w.tell(widgets.Warn, name+" was not used: "+d.text+".")
		}
	}
	if len(good) > 0 {
		w.tell(widgets.Good, strings.Join(good, " "))
		c.save(p, nil)
	}
	w.tabs.Select(settingsPage)
}
