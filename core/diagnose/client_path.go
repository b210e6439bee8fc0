package diagnose

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// clientPath is the client's certification path as far as it can be seen from here.
type clientPath struct {
	file evidence.File // the client certificate file
	// sent are the client's own certificate and its issuers in turn, as far as the file holds them: what the server is
	// shown, in that order (see pki.Load).
	sent []chain.Certificate
	// beyond are further issuers, from other sources. The server was not shown them.
	beyond []chain.Certificate
	// namesake is a certificate with the name of the issuer that is looked for, but another key; nil: there is none.
	namesake *chain.Certificate
}

// maxBeyond bounds the path through other sources. Real ones have two authorities or three.
const maxBeyond = 8

// ofClient is the client's path, worked out once.
func (c *Case) ofClient() clientPath {
	if c.client == nil {
		c.client = &clientCase{path: c.clientPath()}
	}
	return c.client.path
}

func (c *Case) clientPath() clientPath {
	var p clientPath
	files := c.files(evidence.RoleCertificate)
	if len(files) == 0 {
		return p
	}
	p.file = files[0]
	var held []chain.Certificate
	for _, b := range p.file.Blocks {
		if len(b.Certificate) == 0 {
			continue
		}
		x := c.parse(evidence.Certificate{Source: evidence.ClientFile, File: p.file.Path, Block: b.Index, DER: b.Certificate})
		if x.X != nil {
			held = append(held, x)
		}
	}
	if len(held) == 0 {
		return p
	}
	own := c.ownCertificate(held)
	p.sent = climb([]chain.Certificate{held[own]}, slices.Delete(slices.Clone(held), own, own+1))
	others := c.otherCertificates()
	p.beyond = climb([]chain.Certificate{p.top()}, others)[1:]
	if !p.complete() {
		for _, o := range slices.Concat(others, held) {
			if o.X != nil && o.SHA256 != p.last().SHA256 && sameName(o.X.RawSubject, p.last().X.RawIssuer) {
				p.namesake = &o
				break
			}
		}
	}
	return p
}

// ownCertificate is the index of the certificate that the key belongs to; the first when no key is known.
func (c *Case) ownCertificate(held []chain.Certificate) int {
	for _, f := range c.files(evidence.RoleKey) {
		for _, key := range f.Blocks {
			if key.Kind == "certificate" || len(key.PublicKeySHA256) == 0 {
				continue
			}
			for _, f := range c.files(evidence.RoleCertificate) {
				for _, b := range f.Blocks {
					i := slices.IndexFunc(held, func(h chain.Certificate) bool { return bytes.Equal(h.DER, b.Certificate) })
					if i >= 0 && bytes.Equal(b.PublicKeySHA256, key.PublicKeySHA256) {
						return i
					}
				}
			}
		}
	}
	return 0
}

// otherCertificates are those of authorities that are known from anywhere but the client certificate file.
func (c *Case) otherCertificates() []chain.Certificate {
	var out []chain.Certificate
	for _, from := range []struct {
		role   evidence.Role
		source evidence.Source
	}{{evidence.RoleCA, evidence.CAFile}, {evidence.RoleUntrusted, evidence.UntrustedFile}, {evidence.RoleNearby, evidence.UntrustedFile}} {
		for _, f := range c.files(from.role) {
			for _, b := range f.Blocks {
				if len(b.Certificate) > 0 {
					out = append(out, c.parse(evidence.Certificate{Source: from.source, File: f.Path, Block: b.Index, DER: b.Certificate}))
				}
			}
		}
	}
	if c.TLS != nil {
		for _, s := range c.TLS.Sent {
			out = append(out, c.parse(s))
		}
	}
	for _, k := range c.Trust.Candidates {
		out = append(out, c.parse(k))
	}
	return out
}

// climb adds to path the issuer of its last certificate, and so on, from those in from.
func climb(path, from []chain.Certificate) []chain.Certificate {
	for len(path) <= maxBeyond {
		last := path[len(path)-1]
		if last.SelfSigned() {
			break
		}
		issuers := slices.DeleteFunc(slices.Clone(from), func(c chain.Certificate) bool {
			return c.X == nil || !sameName(c.X.RawSubject, last.X.RawIssuer) || !signed(c.X, last.X) ||
				slices.ContainsFunc(path, func(p chain.Certificate) bool { return p.SHA256 == c.SHA256 })
		})
		// A root before a cross-certificate of the same key: a server needs no more.
		i := max(0, slices.IndexFunc(issuers, chain.Certificate.SelfSigned))
		if len(issuers) == 0 {
			break
		}
		path = append(path, issuers[i])
	}
	return path
}

// signed says whether issuer's key signed x. What Go cannot check, or does not want to, counts: the names agree.
func signed(issuer, x *x509.Certificate) bool {
	err := issuer.CheckSignature(x.SignatureAlgorithm, x.RawTBSCertificate, x.Signature)
	if _, weak := err.(x509.InsecureAlgorithmError); weak {
		return true
	}
	return err == nil || err == x509.ErrUnsupportedAlgorithm
}

// own is the client's own certificate; nil when it is not known.
func (p clientPath) own() *x509.Certificate {
	if len(p.sent) == 0 {
		return nil
	}
	return p.sent[0].X
}

// top is the last certificate that the server is shown; last is the last that is known.
func (p clientPath) top() chain.Certificate { return p.sent[len(p.sent)-1] }

func (p clientPath) last() chain.Certificate {
	if len(p.beyond) > 0 {
		return p.beyond[len(p.beyond)-1]
	}
	return p.top()
}

// complete says that the path is known up to a root.
func (p clientPath) complete() bool { return len(p.sent) > 0 && p.last().SelfSigned() }

// selfSigned says that the client's certificate is its own issuer.
func (p clientPath) selfSigned() bool { return len(p.sent) > 0 && p.sent[0].SelfSigned() }

// untrustedSelf says that the client's certificate is its own issuer, and that the server does not name it among the
// authorities that it accepts.
func (c *Case) untrustedSelf() bool {
	p := c.ofClient()
	return p.selfSigned() && !c.listed(p.own())
}

// listed says whether the server's CA list names x or its issuer.
func (c *Case) listed(x *x509.Certificate) bool {
	return slices.ContainsFunc(c.TLS.AcceptableCAs, func(name []byte) bool {
		return sameName(name, x.RawIssuer) || sameName(name, x.RawSubject)
	})
}

// unlisted says that the server names the authorities that it accepts, and that nothing the client sends leads to one.
func (c *Case) unlisted() bool {
	p := c.ofClient()
	return len(c.TLS.AcceptableCAs) > 0 && len(p.sent) > 0 &&
		!slices.ContainsFunc(p.sent, func(s chain.Certificate) bool { return c.listed(s.X) })
}

// gap is what is missing between the client certificate file and a root.
type gap int

const (
	complete gap = iota // nothing, as far as can be told
	likely              // an intermediate, by what the certificate says of its issuer
	proven              // an intermediate that is known
)

// missingIssuer tells whether what the file lacks is an intermediate, as against the root, which servers have and
// clients need not send.
func (c *Case) missingIssuer() gap {
	p := c.ofClient()
	top := p.top()
	if top.SelfSigned() || c.listed(top.X) {
		return complete
	}
	if len(p.beyond) > 0 {
		if p.beyond[0].SelfSigned() {
			return complete
		}
		// Sending it helps only if it leads to an authority that the server accepts, where the server says which.
		if len(c.TLS.AcceptableCAs) == 0 || slices.ContainsFunc(p.beyond, func(b chain.Certificate) bool { return c.listed(b.X) }) {
			return proven
		}
		return complete
	}
	if p.namesake != nil {
		return complete
	}
	// What the issuer's issuer is called stands in some certificates (RFC 5280 §4.2.1.1, authorityCertIssuer).
	if name := authorityCertIssuer(top.X); name != nil {
		switch {
		case sameName(name, top.X.RawIssuer):
			return complete
		case len(c.TLS.AcceptableCAs) == 0:
			return likely
		case slices.ContainsFunc(c.TLS.AcceptableCAs, func(n []byte) bool { return sameName(n, name) }):
			return proven
		}
		return complete
	}
	return c.likelyIntermediate(top)
}

// likelyIntermediate goes by the same signs as for the server's chain: the issuer's name, and whether the certificate
// says where the issuer's certificate can be fetched.
func (c *Case) likelyIntermediate(top chain.Certificate) gap {
	a := chain.Analyse(chain.Question{Sent: c.ofClient().sent, At: c.Started, Purpose: chain.ClientAuth})
	if slices.ContainsFunc(a.Faults, func(f chain.Fault) bool {
		return f.ID == "intermediate-missing" && f.Certificate.SHA256 == top.SHA256
	}) {
		return likely
	}
	return complete
}

// authorityCertIssuer is the first directory name in the authority key identifier; nil when there is none.
func authorityCertIssuer(x *x509.Certificate) []byte {
	for _, e := range x.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 35}) {
			continue
		}
		var id struct {
			KeyID  []byte          `asn1:"optional,tag:0"`
			Issuer []asn1.RawValue `asn1:"optional,tag:1"`
			Serial asn1.RawValue   `asn1:"optional,tag:2"`
		}
		if _, err := asn1.Unmarshal(e.Value, &id); err != nil {
			return nil
		}
		for _, name := range id.Issuer {
			if name.Class == asn1.ClassContextSpecific && name.Tag == 4 { // directoryName
				return name.Bytes
			}
		}
	}
	return nil
}

// sharedRoot is the authority that the client's path leads to when the server's own certificate comes from it too:
// whoever runs such a server trusts it, as a rule. Nil when that is not so, or not known.
func (c *Case) sharedRoot() *chain.Certificate {
	p := c.ofClient()
	if !p.complete() {
		return nil
	}
	root := p.last()
	if slices.ContainsFunc(c.Analysis.Path, func(x chain.Certificate) bool { return x.SHA256 == root.SHA256 }) {
		return &root
	}
	return nil
}

// sameName compares names as RFC 5280 §7.1 does in the main: upper and lower case, spaces and the kind of string do not
// count.
func sameName(a, b []byte) bool {
	return bytes.Equal(a, b) || plainName(a) != "" && plainName(a) == plainName(b)
}

func plainName(der []byte) string {
	name, ok := readName(der)
	if !ok {
		return ""
	}
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}

// readName writes a name as RFC 4514 does.
func readName(der []byte) (name string, ok bool) {
	var seq pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &seq); err != nil || len(rest) > 0 {
		return "", false
	}
	return seq.String(), true
}

// acceptableNames writes the server's CA list as RFC 4514 names; one that cannot be read is shown in hex.
func acceptableNames(raw [][]byte) (out []string) {
	for _, der := range raw {
		name, ok := readName(der)
		if !ok {
			name = fmt.Sprintf("%x", der)
		}
		out = append(out, name)
	}
	return out
}
