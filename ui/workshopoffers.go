package ui

import (
	"context"
	"fmt"
	"strings"

	"mutual/core/pki"
)

// single writes one thing alone.
func single(f pki.Format) func(context.Context, material) offer {
	return func(ctx context.Context, m material) offer {
		c, err := m.inv.Only(ctx, m.item).Convert(f, pki.Protection{})
		if err != nil {
			return offer{problem: upperFirst(err.Error()) + "."}
		}
		i := m.inv.Items[m.item]
		ending := map[bool]string{true: ".pem", false: ".der"}[f == pki.PEM]
		switch {
		case i.Certificate != nil && f == pki.PEM:
			ending = ".crt"
		case i.Request != nil && f == pki.PEM:
			ending = ".csr"
		case i.List != nil:
			ending = ".crl"
		}
		o := offer{names: []string{m.baseName(m.item) + ending}, notes: c.Left, encode: same(pki.OutputFile{Data: c.Data})}
		if i.Certificate != nil {
			var more []string
			o.judged, more = m.judgePath(m.inv.Path(m.item, m.roots))
			o.notes = append(o.notes, more...)
			o.text = "It is judged with the chain that belongs to it, which has to be sent beside it."
		}
		return o
	}
}

// chainOffer is the chain in order, complete, without the root and without what does not belong.
func chainOffer(_ context.Context, m material) offer {
	p := m.inv.Path(m.item, m.roots)
	o := offer{
		text:  "First the certificate, then each issuer in turn; without the root, which the other side has to have: " + pathWords(p) + ".",
		names: []string{m.baseName(m.item) + "-fullchain.pem"}, encode: same(pki.OutputFile{Data: pki.EncodeCertificates(p.Sent()...)}),
	}
	o.judged, o.notes = m.judgePath(p)
	o.notes = append(o.notes, m.leftOut(p)...)
	return o
}

// leftOut names what does not belong to p. Of a large number one sentence has to do.
func (m material) leftOut(p pki.Path) []string {
	const most = 6
	var names []string
	for _, n := range p.Left[:min(len(p.Left), most)] {
		name := "a certificate that cannot be read"
		if c := m.inv.Items[n].Certificate; c != nil {
			name = pki.CommonName(c)
		}
		names = append(names, name)
	}
	if more := len(p.Left) - most; more > 0 {
		names = append(names, countWords(more, "further certificate"))
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"Left out, because it does not belong to the chain: " + strings.Join(names, ", ") + "."}
}

// splitOffer takes the chain apart. The root is taken from public authorities where it is not in the files.
func splitOffer(_ context.Context, m material) offer {
	p := m.inv.Path(m.item, m.roots)
	o := offer{text: "The certificate alone, what stands between it and the root, and the root: " + pathWords(p) + "."}
	o.judged, o.notes = m.judgePath(p)
	o.notes = append(o.notes, m.leftOut(p)...)
	var files []pki.OutputFile
	add := func(name string, data []byte) {
		o.names, files = append(o.names, name), append(files, pki.OutputFile{Data: data})
	}
	add("cert.pem", pki.EncodeCertificates(p.Certificates[0].Certificate))
	if c := p.Chain(); len(c) > 0 {
		add("chain.pem", pki.EncodeCertificates(pki.Plain(c)...))
	}
	if root := p.Root(); root != nil && len(p.Certificates) > 1 {
		add("root.pem", pki.EncodeCertificates(root.Certificate))
	}
	inv, item := m.inv, m.item
	withKey := m.node != nil && len(m.node.Keys) > 0
	if withKey {
		o.names, o.secret = append(o.names, "key.pem"), mayHaveOne
	}
	o.encode = func(passphrase string) ([]pki.OutputFile, []string, error) {
		out := append([]pki.OutputFile(nil), files...)
		if !withKey {
			return out, nil, nil
		}
		key, err := inv.EncodeKeyOf(item, pki.Protection{Passphrase: passphrase, Plain: passphrase == ""})
		if err != nil {
			return nil, nil, err
		}
		if key == nil {
			return nil, nil, fmt.Errorf("the key is locked: choose it in the list and type its passphrase first")
		}
		return append(out, pki.OutputFile{Data: key, Private: true}), nil, nil
	}
	return o
}

// withKey is a certificate with its key and the chain, complete, in one container.
func withKey(f pki.Format) func(context.Context, material) offer {
	return func(ctx context.Context, m material) offer {
		p := m.inv.Path(m.item, m.roots)
		key, err := m.inv.EncodeKeyOf(m.item, pki.Protection{Plain: true})
		switch {
		case err != nil:
			return offer{problem: upperFirst(err.Error()) + "."}
		case key == nil:
			return offer{problem: "The private key is locked: choose it in the list and type its passphrase first."}
		}
		const name = "together"
		together := append(pki.EncodeCertificates(p.Sent()...), key...)
		inv := pki.ReadInventory(ctx, []string{name}, pki.InventoryOptions{Texts: map[string][]byte{name: together}})
		o := offer{text: containerText(f), names: []string{m.baseName(m.item) + pki.PKCS12.Ending()}, secret: emptyAllowed}
		o.judged, o.notes = m.judgePath(p)
		o.notes = append(o.notes, m.leftOut(p)...)
		o.encode = encodeContainer(inv, f)
		return o
	}
}

func containerText(f pki.Format) string {
	if f == pki.PKCS12Java {
		return "In the weak encryption (3DES) that Java 8, old Android and old macOS read. Choose it only for those."
	}
	return "In AES-256, for OpenSSL 1.1.1, Java 12, Windows Server 2019 and later."
}

func encodeContainer(inv *pki.Inventory, f pki.Format) func(string) ([]pki.OutputFile, []string, error) {
	return func(passphrase string) ([]pki.OutputFile, []string, error) {
		c, err := inv.Convert(f, pki.Protection{Passphrase: passphrase, Plain: passphrase == ""})
		return []pki.OutputFile{{Data: c.Data, Private: c.Private}}, c.Left, err
	}
}

// keyOffer writes a private key, with a new passphrase or with none.
func keyOffer(f pki.Format, encrypted bool) func(context.Context, material) offer {
	return func(ctx context.Context, m material) offer {
		inv := m.inv.Only(ctx, m.item)
		o := offer{names: []string{m.baseName(m.item) + "-key" + f.Ending()}, secret: noSecret, text: "The file can be read only by you."}
		if encrypted {
			o.secret, o.text = needsOne, "Encrypted with AES-256. Brokers mostly want a key without a passphrase."
		}
		o.encode = func(passphrase string) ([]pki.OutputFile, []string, error) {
			c, err := inv.Convert(f, pki.Protection{Passphrase: passphrase, Plain: passphrase == ""})
			return []pki.OutputFile{{Data: c.Data, Private: true}}, c.Left, err
		}
		return o
	}
}

// traditionalOffer writes a private key in the form of its kind.
func traditionalOffer(ctx context.Context, m material) offer {
	c, err := m.inv.Only(ctx, m.item).Convert(pki.PEM, pki.Protection{Plain: true, Traditional: true})
	if err != nil {
		return offer{problem: upperFirst(err.Error()) + "."}
	}
	return offer{
		names: []string{m.baseName(m.item) + "-key.pem"}, text: "Without a passphrase. The file can be read only by you.",
		encode: same(pki.OutputFile{Data: c.Data, Private: true}),
	}
}

// everything writes all that is here in one file.
func everything(f pki.Format) func(context.Context, material) offer {
	return func(_ context.Context, m material) offer {
		o := offer{names: []string{"everything" + f.Ending()}}
		for _, n := range firstFew(m.inv.EndEntities()) {
			more, notes := m.judgePath(m.inv.Path(n, m.roots))
			o.judged, o.notes = append(o.judged, more...), append(o.notes, notes...)
		}
		if f == pki.PKCS12 || f == pki.PKCS12Java {
			o.text, o.secret, o.encode = containerText(f), emptyAllowed, encodeContainer(m.inv, f)
			return o
		}
		c, err := m.inv.Convert(f, pki.Protection{})
		if err != nil {
			return offer{problem: upperFirst(err.Error()) + "."}
		}
		if c.Private {
			o.text = "A private key is in it: the file can be read only by you. A key that has a passphrase keeps it."
		}
		o.notes = append(o.notes, c.Left...)
		o.encode = same(pki.OutputFile{Data: c.Data, Private: c.Private})
		return o
	}
}

// firstFew bounds how many certificates clients are asked about: each takes some ten milliseconds.
func firstFew(items []int) []int {
	const few = 4
	return items[:min(len(items), few)]
}

// bundleOffer is a CA file that every client takes.
func bundleOffer(_ context.Context, m material) offer {
	a := m.inv.Authorities(m.roots)
	if len(a.Certificates) == 0 {
		return offer{problem: "There is no authority's certificate here. Add the chain that the broker sends, or its authority."}
	}
	o := offer{
		text:  fmt.Sprintf("%s, the roots first: OpenSSL accepts no chain that ends before one. A root that is missing here is taken from the public authorities.", countWords(len(a.Certificates), "certificate")),
		names: []string{"ca-bundle.pem"}, notes: a.Left, encode: same(pki.OutputFile{Data: pki.EncodeCertificates(a.Certificates...)}),
	}
	ends := a.Ends
	if len(ends) == 0 {
		ends = m.inv.EndEntities() // authorities that issued nothing here
	}
	for _, n := range firstFew(ends) {
		p := m.inv.Path(n, nil)
		o.judged = append(o.judged, m.judge(pki.CommonName(p.Certificates[0].Certificate), p.Sent(), a.Certificates))
	}
	return o
}
