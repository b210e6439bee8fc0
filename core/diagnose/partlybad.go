package diagnose

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// partlyBad is about files that can be used, though some blocks cannot: what is missing may be what was needed, and
// other programs take nothing at all from such a file. They may also stumble over what this program reads.
func partlyBad(c *Case) []Finding {
	return c.eachFile(func(f evidence.File) (Finding, bool) {
		var bad []string
		for _, b := range f.Blocks {
			if b.Error != "" {
				bad = append(bad, fmt.Sprintf("block %d (%s): %s", b.Index+1, b.Label, b.Error))
			}
		}
		if len(refused(f)) > 0 || len(f.Encoding) > 0 {
			return Finding{}, false
		}
		if essential := f.Problem == evidence.WrongContent && len(lost(f)) > 0 || c.ownIsLost(f); essential && len(bad) > 0 {
			return Finding{
				Title:  fmt.Sprintf("%s holds %s that cannot be read.", named(f), kinds[lost(f)[0].Kind]),
				Detail: "It may have been cut off or changed while it was copied; fetch or copy it again, from the BEGIN line to the END line. " + strings.Join(bad, "; ") + ".",
			}, true
		}
		o := c.othersOf(f)
		if f.Problem != evidence.Readable || len(bad) == 0 && len(o.refusers) == 0 {
			return Finding{}, false
		}
		out := Finding{
			Title:   fmt.Sprintf("%s has %d of %d blocks that cannot be read.", named(f), len(bad), len(f.Blocks)),
			Clients: o.refusers,
		}
		out.Detail = sentences("This program uses the rest.", o.words,
			"What cannot be read is "+strings.Join(bad, "; ")+". If it is needed, copy it in again from where it came from, from the BEGIN line to the END line.")
		if len(bad) == 0 {
			out.Title = fmt.Sprintf("%s is written so that not every program can read it.", named(f))
			out.Detail = sentences("This program reads all of it.", o.words, foreignBlocks(f))
		}
		out.Severity, out.Evidence = c.severity(o.refusers, Warning), o.facts
		if f.Role == evidence.RoleCA && len(f.UsableCertificates()) > 0 {
			out.Fixes = []Fix{{
				ID: "keep-readable", Title: "Save a readable copy", Risk: NoRisk, Automatic: true,
				Action: Action{Convert: f.Path},
			}}
		}
		return out, true
	})
}

// foreignBlocks says what may be in the way of others in a CA file that this program reads.
func foreignBlocks(f evidence.File) string {
	var held []string
	for _, b := range f.Blocks {
		if b.Label != "CERTIFICATE" {
			held = append(held, fmt.Sprintf("block %d is %s", b.Index+1, strings.TrimSpace("labelled "+b.Label)))
		}
	}
	if len(held) > 0 && f.Role == evidence.RoleCA {
		return "Some programs take every block in a CA file for a certificate, and " + list(held) + ". A CA file needs only the certificates of authorities."
	}
	return "Empty lines and headers inside a block, text behind its BEGIN and END lines, and marks before them are read by some programs and not by others."
}

// loaderNames are the programs that load CA files as a judge says. Node.js, for which the judge of OpenSSL speaks elsewhere,
// has a way of its own.
var loaderNames = map[string]string{
	"openssl":         "OpenSSL (with mosquitto and older Python)",
	"openssl-partial": "curl",
	"python313":       "Python 3.13",
	"java":            "Java",
	"mbedtls":         "mbedTLS",
	"gnutls":          "GnuTLS",
}

// others are what other clients make of a CA file.
type others struct {
	refusers []string // who refuse to connect because of it
	words    string
	facts    []Fact
}

// othersOf says who takes nothing from f, who misses what is needed, and who passes over it without a word.
func (c *Case) othersOf(f evidence.File) (o others) {
	var nothing []string
	less := map[string][]string{} // clients, by what they do not take
	for _, l := range chain.Loads(f) {
		if l.Refused {
			o.refusers = append(o.refusers, l.Client)
			nothing = append(nothing, loaderNames[l.Client])
			o.facts = append(o.facts, Fact{"refused by " + clientName(l.Client), strings.TrimPrefix(l.Code+": "+l.Text, ": ")})
			continue
		}
		if c.misses(l.Client, f) {
			o.refusers = append(o.refusers, l.Client)
		}
		if blocks := missed(f, l); blocks != "" {
			less[blocks] = append(less[blocks], loaderNames[l.Client])
		}
	}
	var words []string
	if len(nothing) > 0 {
		words = append(words, "Others take nothing from such a file, and do not connect: "+list(nothing)+".")
	}
	for _, blocks := range slices.Sorted(maps.Keys(less)) {
		words = append(words, fmt.Sprintf("%s is passed over by %s, without a word.", upper(blocks), list(less[blocks])))
	}
	if f.Role == evidence.RoleCertificate && len(nothing) > 0 {
		words = append(words, "Neither does Node.js.")
	} else if _, cut := chain.NodeAnchors(f); cut {
		words = append(words, "Node.js takes only what stands before the damage, without a word about the rest.")
	}
	o.words = sentences(words...)
	return o
}

// missed are the blocks of f that this program takes and the client of l does not, in words; empty: there are none.
func missed(f evidence.File, l chain.Load) string {
	var numbers []string
	for _, b := range f.UsableCertificates() {
		if !slices.ContainsFunc(l.Anchors, func(a chain.Certificate) bool { return bytes.Equal(a.DER, b.Certificate) }) {
			numbers = append(numbers, fmt.Sprintf("certificate %d", b.Index+1))
		}
	}
	return list(numbers)
}

// misses reports whether client refuses the chain because of what it does not take from f.
func (c *Case) misses(client string, f evidence.File) bool {
	return slices.ContainsFunc(c.Verdicts, func(v chain.Verdict) bool {
		return v.Client == client && slices.ContainsFunc(v.Reasons, func(r chain.Reason) bool { return r.ID == chain.FilePartlyBad && r.File == f.Path })
	})
}
