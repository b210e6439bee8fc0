package ui

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// showUse shows the button only where the profile has a place for what is chosen.
func (d *workshopDetail) showUse() {
	r := d.s.row()
	fits := r != nil && r.item >= 0 && d.s.inv.Items[r.item].Certificate != nil && (isAuthority(d.s.inv.Items[r.item]) || r.node != nil && len(r.node.Keys) > 0)
	setVisible(d.use, fits)
	setVisible(d.hand, fits && !isAuthority(d.s.inv.Items[r.item]))
	if d.s.conn == nil || d.s.conn.profile.Practice {
		d.use.Disable()
	} else {
		d.use.Enable()
	}
}

func isAuthority(i pki.Item) bool {
	return i.Certificate != nil && i.Certificate.BasicConstraintsValid && i.Certificate.IsCA
}

// asIs says whether a profile can name the file that an item stands in.
func (s *workshop) asIs(i pki.Item) bool {
	_, pasted := s.texts[i.File]
	f := fileOf(s.inv, i.File)
	return !pasted && f != nil && f.Format == "pem" && len(f.Repaired) == 0
}

// onUse puts the chosen certificate into the profile: an authority among those that are trusted, another one with its key
// as the client's. What stands in no file that a profile can name is saved as PEM first.
func (s *workshop) onUse() {
	r, conn := s.row(), s.conn
	if r == nil || r.item < 0 || conn == nil || conn.profile.Practice {
		return
	}
	i := s.inv.Items[r.item]
	if isAuthority(i) {
		if s.asIs(i) && len(fileOf(s.inv, i.File).Blocks) == 1 {
			s.w.useFiles(conn, nil, i.File)
			return
		}
		s.do(action{"Save the authority to use it", func(ctx context.Context, m material) offer {
			o := single(pki.PEM)(ctx, m)
			o.folder = filepath.Join(s.w.dir, "certificates")
			o.saved = func(paths []string) { s.w.useFiles(conn, nil, paths[0]) }
			return o
		}})
		return
	}
	if r.node == nil || len(r.node.Keys) == 0 {
		return
	}
	key := s.inv.Items[r.node.Keys[0]]
	if s.asIs(i) && s.asIs(key) {
		s.w.useFiles(conn, &profile.ClientCertificate{CertificateFile: i.File, KeyFile: key.File}, "")
		return
	}
	s.do(action{"Save the certificate and its key to use them", func(ctx context.Context, m material) offer { return clientOffer(ctx, m, s.w, conn) }})
}

// clientOffer saves a certificate with its chain, and its key, where a profile finds them.
func clientOffer(ctx context.Context, m material, w *Window, conn *connection) offer {
	o := chainOffer(ctx, m)
	name := m.baseName(m.item)
	chain := o.encode
	inv, item := m.inv, m.item
	if key, err := inv.EncodeKeyOf(item, pki.Protection{Plain: true}); err == nil && key == nil {
		return offer{problem: "The private key is locked: choose it in the list and type its passphrase first."}
	}
	o.names, o.secret, o.folder = []string{name + ".crt", name + ".key"}, mayHaveOne, filepath.Join(w.dir, "certificates")
	o.encode = func(passphrase string) ([]pki.OutputFile, []string, error) {
		files, notes, err := chain("")
		if err != nil {
			return nil, nil, err
		}
		key, err := inv.EncodeKeyOf(item, pki.Protection{Passphrase: passphrase, Plain: passphrase == ""})
		return append(files, pki.OutputFile{Data: key, Private: true}), notes, err
	}
	o.saved = func(paths []string) {
		w.useFiles(conn, &profile.ClientCertificate{CertificateFile: paths[0], KeyFile: paths[1]}, "")
	}
	return o
}

// useFiles puts a client certificate, or an authority to trust, into a profile, and can take it back.
func (w *Window) useFiles(conn *connection, client *profile.ClientCertificate, authority string) {
	if w.connections[conn.profile.ID] != conn || conn.profile.Practice {
		return // it was deleted meanwhile
	}
	before, p := conn.profile.Clone(), conn.profile.Clone()
	text := ""
	if client != nil {
		p.ClientCertificate = *client
		text = "This profile now shows " + report.Base(client.CertificateFile) + " to the broker."
	}
	if authority != "" {
		if !slices.Contains(p.Trust.Files, authority) {
			p.Trust.Files = append(p.Trust.Files, authority)
		}
		text = report.Base(authority) + " is now trusted for the broker."
	}
	conn.save(p, nil)
	undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), nil)
	bar := w.tell(widgets.Good, text, undo)
	undo.OnTapped = func() { w.dismiss(bar); w.unuse(conn, before, p) }
}

// onHandover opens the hand-over with the chosen certificate, its key and its issuers filled in.
func (s *workshop) onHandover() {
	r := s.row()
	if r == nil || r.item < 0 || r.node == nil || len(r.node.Keys) == 0 || s.w.handing != nil {
		return
	}
	from := handoverFrom{Certificate: r.path, Key: s.inv.Items[r.node.Keys[0]].File}
	for _, f := range []string{from.Certificate, from.Key} {
		if _, pasted := s.texts[f]; pasted {
			s.w.tell(widgets.Neutral, "What was pasted has to be saved as files first, with Save as….")
			return
		}
	}
	inv, item, texts := s.inv, r.item, maps.Clone(s.texts)
	run(s.w.env.async, s.w.env.ctx, func(context.Context) []string { return issuerFiles(inv, item, texts) }, func(files []string) {
		if from.Chain = files; s.w.handing == nil {
			s.w.handover(from)
		}
	})
}

// issuerFiles are the other files that hold the issuers of item. What was pasted is in none.
func issuerFiles(inv *pki.Inventory, item int, texts map[string][]byte) []string {
	var out []string
	for _, c := range inv.Path(item, nil).Certificates[1:] {
		for _, i := range inv.Items {
			if _, pasted := texts[i.File]; i.Certificate != nil && i.Certificate.Equal(c.Certificate) && !pasted {
				if i.File != inv.Items[item].File && !slices.Contains(out, i.File) {
					out = append(out, i.File)
				}
				break
			}
		}
	}
	return out
}

// onCopyKey puts the private key into the clipboard. Nothing else on this page does.
func (s *workshop) onCopyKey() {
	r := s.row()
	if r == nil || r.item < 0 || !s.inv.Items[r.item].IsPrivateKey() {
		return
	}
	inv, item := s.inv, r.item
	type copied struct {
		text []byte
		err  error
	}
	run(s.w.env.async, s.w.env.ctx, func(ctx context.Context) copied {
		c, err := inv.Only(ctx, item).Convert(pki.PEM, pki.Protection{})
		return copied{c.Data, err}
	}, func(c copied) {
		if c.err != nil {
			s.w.tell(widgets.Warn, upperFirst(c.err.Error())+".")
			return
		}
		s.w.app.Clipboard().SetContent(string(c.text))
		s.w.tell(widgets.Warn, "The private key is in the clipboard, where other programs can read it. Copy something else when you are done.")
	})
}

// onSign takes the chosen request to the part that signs it.
func (s *workshop) onSign() {
	if r := s.row(); r != nil && r.item >= 0 && s.inv.Items[r.item].Request != nil {
		s.w.maker.sign(report.Base(r.path), s.inv.Items[r.item].Request)
		s.w.certPage.tabs.Select(makePart)
	}
}
