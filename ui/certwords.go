package ui

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/report"
)

// described is what the workshop says of one thing.
type described struct {
	summary  []string // sentences
	repaired string
	sha256   string // of the whole, in hex; empty: there is none to compare
	spki     string // of its public key
	fields   string
	text     string // as openssl prints it; empty: it is no certificate
}

// describe is what is said of a row. It looks for the rest of the chain, so it is not for the window's goroutine.
func describe(_ context.Context, inv *pki.Inventory, r certRow, roots *pki.Roots, now time.Time) described {
	var d described
	file := fileOf(inv, r.path)
	if file != nil && len(file.Repaired) > 0 {
		d.repaired = "The text of " + report.Base(r.path) + " was damaged (" + repairWords(file.Repaired) + ") and is shown as it should have been written. What you save from here is whole again."
	}
	if r.item < 0 {
		if file != nil {
			d.summary = []string{upperFirst(pki.Summary(file.File)) + "."}
		}
		return d
	}
	i := inv.Items[r.item]
	d.spki = hex.EncodeToString(i.Block.PublicKeySHA256)
	switch {
	case i.Certificate != nil:
		sum := sha256.Sum256(i.Certificate.Raw)
		d.sha256 = hex.EncodeToString(sum[:])
		d.summary = certificateSentences(inv, r, roots, now)
		d.fields, d.text = fieldText(certificateFields(i.Certificate)), pki.Text(i.Certificate)
	case i.Request != nil:
		d.summary = requestSentences(i.Request)
		d.fields = fieldText(requestFields(i.Request))
	case i.List != nil:
		sum := sha256.Sum256(i.List.Raw)
		d.sha256 = hex.EncodeToString(sum[:])
		d.summary = listSentences(i.List, now)
		d.fields = fieldText(listFields(i.List))
	default:
		d.summary = otherSentences(inv, i)
	}
	d.summary = append(d.summary, placeSentence(inv, r))
	return d
}

func fileOf(inv *pki.Inventory, path string) *pki.InventoryFile {
	for n := range inv.Files {
		if inv.Files[n].Path == path {
			return &inv.Files[n]
		}
	}
	return nil
}

// repairNames word the values of InventoryFile.Repaired.
var repairNames = map[string]string{
	"armor-missing": "its BEGIN and END lines are missing", "byte-order-mark": "it begins with a byte order mark", "utf-16": "it is in UTF-16",
	"carriage-returns": "its lines end as on old Macs", "indented": "its lines are indented", "escaped-line-ends": `its line ends are written out as \n`,
	"one-line": "it is all on one line", "dashes": "its dashes are not five hyphens", "end-missing": "its END line is missing",
	"foreign-characters": "it has characters that do not belong there", "program-text": "it stands in source code or a web page",
	"code-page": "it is in an old code page (Windows-1252 or Mac OS Roman)", "hexadecimal": "it is written in hexadecimal",
}

func repairWords(repaired []string) string {
	var out []string
	for _, r := range repaired {
		words := repairNames[r]
		if words == "" {
			words = strings.ReplaceAll(r, "-", " ")
		}
		out = append(out, words)
	}
	return strings.Join(out, "; ")
}

// placeSentence says where it stands.
func placeSentence(inv *pki.Inventory, r certRow) string {
	i := inv.Items[r.item]
	text := "It stands in " + r.path
	if i.Block.Index > 0 {
		text += fmt.Sprintf(", block %d", i.Block.Index+1)
	}
	if i.Block.Name != "" {
		text += fmt.Sprintf(", under the name “%s”", i.Block.Name)
	}
	if r.node != nil {
		shown := r.node.Also[:min(len(r.node.Also), shownPlaces)]
		for _, also := range shown {
			text += ", and again in " + report.Base(inv.Items[also].File)
		}
		if more := len(r.node.Also) - len(shown); more > 0 {
			text += ", and in " + countWords(more, "more place")
		}
	}
	return text + "."
}

// shownPlaces bounds a sentence: what stands ten thousand times in a file is not listed ten thousand times.
const shownPlaces = 5

func certificateSentences(inv *pki.Inventory, r certRow, roots *pki.Roots, now time.Time) []string {
	c := inv.Items[r.item].Certificate
	out := []string{whatFor(c) + ".", validitySentence(c, now)}
	if r.revoked != nil {
		out = append(out, r.revoked.sentence)
	}
	path := inv.Path(r.item, roots)
	switch root := path.Root(); {
	case len(path.Certificates) == 1 && root != nil:
		out = append(out, "It signed itself: who accepts it has to trust it by name.")
	case root != nil:
		out = append(out, "The chain is complete: "+pathWords(path)+".")
	default:
		out = append(out, "The chain is not complete: it would continue with "+path.Missing()+", which is neither here nor among the public authorities.")
	}
	if r.node != nil {
		switch n := len(r.node.Keys); {
		case n > 0:
			out = append(out, "Its private key is here, in "+report.Base(inv.Items[r.node.Keys[0]].File)+".")
		case !c.IsCA:
			out = append(out, "Its private key is not here.")
		}
	}
	return out
}

// pathWords names a path, and where what is not in the files comes from.
func pathWords(p pki.Path) string {
	var names []string
	for _, c := range p.Certificates {
		name := pki.CommonName(c.Certificate)
		if c.Source != "" {
			name += " (" + report.SourceWords(evidence.Certificate{Source: c.Source}) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", signed by ")
}

// whatFor says whose certificate c is and who issued it.
func whatFor(c *x509.Certificate) string {
	server, client := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth), slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	kind := "A certificate"
	switch {
	case c.IsCA:
		kind = "The certificate of an authority"
	case server && client:
		kind = "A certificate for brokers and for clients"
	case server:
		kind = "A broker's certificate"
	case client:
		kind = "A client's certificate"
	}
	text := kind + ", " + pki.CommonName(c)
	if names := subjectNames(c); len(names) > 0 && !c.IsCA {
		const most = 6
		shown := strings.Join(names[:min(len(names), most)], ", ")
		if more := len(names) - most; more > 0 {
			shown += fmt.Sprintf(" and %d more", more)
		}
		text += ", for " + shown
	}
	if string(c.RawIssuer) != string(c.RawSubject) {
		text += ", issued by " + pki.CommonName(&x509.Certificate{Subject: c.Issuer})
	}
	return text
}

func subjectNames(c *x509.Certificate) []string {
	out := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return append(out, c.EmailAddresses...)
}

func validitySentence(c *x509.Certificate, now time.Time) string {
	from, to := report.Day(c.NotBefore), report.Day(c.NotAfter)
	switch {
	case now.After(c.NotAfter):
		return "It expired on " + to + "."
	case now.Before(c.NotBefore):
		return "It is valid only from " + from + " until " + to + "."
	}
	return "It is valid from " + from + " until " + to + ", and ends " + inDays(c.NotAfter.Sub(now)) + "."
}

func requestSentences(r *x509.CertificateRequest) []string {
	out := []string{"A request for a certificate, for " + requestName(r) + ": an authority has to sign it."}
	if r.CheckSignature() != nil {
		out = append(out, "Its signature does not fit its own key, so no authority should sign it.")
	}
	return out
}

func listSentences(l *pki.CRL, now time.Time) []string {
	out := []string{fmt.Sprintf("A revocation list of %s with %s.", listName(l), countWords(l.Len(), "certificate"))}
	if l.Delta {
		out = append(out, "It holds only what changed since another list, and counts for nothing without that one.")
	}
	switch {
	case l.NextUpdate.IsZero():
		out = append(out, "It is of "+report.Day(l.ThisUpdate)+" and does not say when the next one comes.")
	case now.After(l.NextUpdate):
		out = append(out, "It ran out on "+report.Day(l.NextUpdate)+": brokers that use it refuse everybody until it is made anew.")
	default:
		out = append(out, "It is of "+report.Day(l.ThisUpdate)+", and the next one is due on "+report.Day(l.NextUpdate)+".")
	}
	return out
}

func otherSentences(inv *pki.Inventory, i pki.Item) []string {
	switch {
	case i.Locked():
		return []string{"A private key that is encrypted with a passphrase."}
	case i.Block.Error != "":
		return []string{upperFirst(i.Block.Error) + "."}
	case !i.IsPrivateKey():
		return []string{upperFirst(strings.ReplaceAll(i.Block.Kind, "-", " ")) + " " + i.Block.KeyType + "."}
	}
	text := "A private key, " + i.Block.KeyType + ". Keep it secret."
	if i.Protected() {
		text = "A private key, " + i.Block.KeyType + ", encrypted where it stands. Its passphrase opened it."
	}
	for _, p := range inv.Pairs() {
		if k := inv.Items[p.Key]; k.File == i.File && k.Block.Index == i.Block.Index && inv.Items[p.Certificate].Certificate != nil {
			return []string{text, "It belongs to the certificate " + pki.CommonName(inv.Items[p.Certificate].Certificate) + "."}
		}
	}
	return []string{text, "No certificate here belongs to it."}
}
