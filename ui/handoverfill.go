package ui

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"slices"
	"strings"

	"mutual/core/deploy"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// handoverFrom is what a hand-over begins with. What is empty is filled in from the certificates made last and from the
// connection that is shown.
type handoverFrom struct {
	Broker           string // deploy.Broker's ID; empty: the one chosen last
	Certificate, Key string // of the broker, or for AWS IoT of the client
	Chain, ClientCA  []string
	Client           string // a client's certificate
	Host             string
}

// suggestion is what could be handed over: the broker's files, and for AWS IoT the client's.
type suggestion struct{ broker, client handoverFrom }

// lastMade are the files that the certificates page made last, in this run of the program or into the folder that it
// still names; empty paths: none are known.
func (w *Window) lastMade() (server, client pki.FilePaths, ca string) {
	if m := w.certs.made; m != nil {
		if m.server != nil {
			server = *m.server
		}
		return server, m.client, m.caFile
	}
	folder := w.certs.order().folder
	return pki.Paths(folder, pki.Server), pki.Paths(folder, pki.Client), pki.Paths(folder, pki.CA).Certificate
}

// suggest looks which of the files are there, and which authority issued the client's certificate.
func suggest(server, client pki.FilePaths, ca string, p profile.Profile) (s suggestion) {
	if isFile(server.Certificate) && isFile(server.Key) {
		s.broker.Certificate, s.broker.Key = server.Certificate, server.Key
		if isFile(ca) {
			s.broker.ClientCA = []string{ca}
			s.broker.Chain = []string{ca}
		}
	}
	if !p.Practice {
		s.broker.Host = p.Server.Host
		s.client.Certificate, s.client.Key = p.ClientCertificate.CertificateFile, p.ClientCertificate.KeyFile
	}
	candidates := slices.Clone(p.Trust.Files)
	if s.client.Certificate == "" && isFile(client.Certificate) {
		s.client.Certificate, s.client.Key = client.Certificate, client.Key
	}
	if isFile(ca) {
		candidates = append(candidates, ca)
	}
	s.broker.Client = s.client.Certificate
	if issuer := issuerAmong(candidates, s.client.Certificate); issuer != "" {
		s.client.ClientCA, s.broker.ClientCA = []string{issuer}, []string{issuer}
	}
	return s
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Mode().IsRegular()
}

// issuerAmong is the first file with a certificate whose key signed the first certificate of path; empty: none.
func issuerAmong(files []string, path string) string {
	mine := certificatesOf(path)
	if len(mine) == 0 {
		return ""
	}
	for _, file := range files {
		if slices.ContainsFunc(certificatesOf(file), func(c *x509.Certificate) bool { return mine[0].CheckSignatureFrom(c) == nil }) {
			return file
		}
	}
	return ""
}

// certificatesOf are those that can be read without a passphrase.
func certificatesOf(path string) (out []*x509.Certificate) {
	if path == "" {
		return nil
	}
	for _, b := range pki.ReadFile(path, "", "").Blocks {
		if c, err := x509.ParseCertificate(b.Certificate); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// fill fills the fields in: at once with what is given, and what it leaves empty when the rest has been looked for.
func (f *handoverFiles) fill(from handoverFrom) {
	prefs := f.h.w.app.Preferences()
	f.quiet = true
	id := from.Broker
	if id == "" {
		id = prefs.String(prefBroker)
	}
	f.broker.SetSelectedIndex(max(slices.IndexFunc(f.brokers, func(b deploy.Broker) bool { return b.ID == id }), 0))
	f.plan.SetSelectedIndex(max(slices.IndexFunc(f.plans, func(p deploy.Plan) bool { return p.ID == prefs.String(prefPlan) }), 0))
	f.twoWay.SetChecked(true)
	f.use(from)
	f.quiet = false
	var p profile.Profile
	if c := f.h.w.current; c != nil {
		p = c.profile.Clone()
	}
	server, client, ca := f.h.w.lastMade()
	run(f.h.w.env.async, f.h.ctx, func(context.Context) suggestion { return suggest(server, client, ca, p) }, func(s suggestion) {
		if f.h.ctx.Err() != nil {
			return
		}
		f.suggested = s
		f.suggest()
		f.changed()
	})
}

// suggest fills in what is empty, or was suggested for another kind of broker.
func (f *handoverFiles) suggest() {
	mine, other := f.suggested.broker, f.suggested.client
	if f.chosen().ID == "aws-iot" {
		mine, other = other, mine
	}
	quiet := f.quiet
	f.quiet = true
	defer func() { f.quiet = quiet }()
	if now := f.certificate.Entry.Text; now == "" || now == other.Certificate {
		f.certificate.Entry.SetText(mine.Certificate)
		f.key.Entry.SetText(mine.Key)
		for _, path := range mine.Chain {
			f.chain.use(path)
		}
	}
	if len(f.clientCA.paths()) == 0 {
		for _, path := range mine.ClientCA {
			f.clientCA.use(path)
		}
	}
	if f.client.Entry.Text == "" {
		f.client.Entry.SetText(mine.Client)
	}
	if f.host.Text == "" {
		f.host.SetText(mine.Host)
	}
}

// use fills in what from has.
func (f *handoverFiles) use(from handoverFrom) {
	set := func(e *widgets.Entry, text string) {
		if text != "" {
			e.SetText(text)
		}
	}
	set(f.certificate.Entry, from.Certificate)
	set(f.key.Entry, from.Key)
	set(f.client.Entry, from.Client)
	set(f.host, from.Host)
	for _, path := range from.ClientCA {
		f.clientCA.use(path)
	}
	for _, path := range from.Chain {
		f.chain.use(path)
	}
}

// droppedFor is one dropped file and its field.
type droppedFor struct {
	path string
	use  use
	self bool // an authority's own certificate, signed by itself
	ends bool // a certificate for clients alone
}

// dropped puts files that were dropped on the dialog into the fields that they belong to by what they are.
func (h *handover) dropped(paths []string) {
	run(h.w.env.async, h.ctx, func(context.Context) (out []droppedFor) {
		for _, d := range classify(paths) {
			o := droppedFor{path: d.path, use: d.use}
			if all := certificatesOf(d.path); len(all) > 0 {
				o.self = all[0].CheckSignatureFrom(all[0]) == nil
				o.ends = len(all[0].ExtKeyUsage) > 0 && !slices.Contains(all[0].ExtKeyUsage, x509.ExtKeyUsageServerAuth)
			}
			out = append(out, o)
		}
		return out
	}, func(all []droppedFor) {
		if h.ctx.Err() != nil {
			return
		}
		h.tabs.Select(handFiles)
		f := h.files
		for _, d := range all {
			switch {
			case d.use == useKey:
				f.key.Entry.SetText(d.path)
			case d.use == useCA && (d.self || f.chosen().ID == "aws-iot"):
				f.clientCA.use(d.path)
			case d.use == useCA:
				f.chain.use(d.path)
				f.more.Open(true)
			case d.ends && f.chosen().ID != "aws-iot":
				f.client.Entry.SetText(d.path)
				f.more.Open(true)
			default: // what is none of them says so in the field's own line
				f.certificate.Entry.SetText(d.path)
			}
		}
	})
}

// addressText is what is wrong with an address that was typed, a sentence.
func addressText(err error) string {
	var wrong *profile.AddressError
	if errors.As(err, &wrong) {
		return wrong.Text
	}
	return strings.TrimSpace(upperFirst(err.Error()))
}
