package diagnose

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// refused are the certificates of a file of which no block is of use because Go parses none of them, where all are
// whole certificates all the same: nothing was cut off or changed in copying, and other programs may accept them. nil
// for any other file.
func refused(f evidence.File) []chain.Certificate {
	if f.Problem != evidence.WrongContent && f.Problem != evidence.KeyUnsupported {
		return nil
	}
	var source evidence.Source
	switch f.Role {
	case evidence.RoleCA:
		source = evidence.CAFile
	case evidence.RoleUntrusted:
		source = evidence.UntrustedFile
	default:
		return nil
	}
	var all []chain.Certificate
	for _, b := range lost(f) {
		x := chain.Parse(evidence.Certificate{Source: source, File: f.Path, Block: b.Index, DER: b.Certificate})
		if !x.Legible() {
			return nil
		}
		all = append(all, x)
	}
	return all
}

// Judgeable reports whether a chain can be judged with files: each was read, or holds trust anchors or intermediates
// that Go alone cannot parse, so that what is wrong with them, and who minds, is said of the path.
func Judgeable(files *evidence.Files) bool {
	return files == nil || !slices.ContainsFunc(files.Files, func(f evidence.File) bool {
		return f.Problem != evidence.Readable && len(refused(f)) == 0
	})
}

// refusedAnchors speaks of such files where no chain was judged: no connection is tried with them.
func refusedAnchors(c *Case) []Finding {
	if c.Files == nil || c.Verdicts != nil {
		return nil
	}
	var out []Finding
	for _, file := range c.Files.Files {
		for _, x := range refused(file) {
			f := certificateMalformed(c, chain.Fault{ID: "certificate-malformed", Certificate: x, Index: -1, Clients: []string{"go"}})
			f.Severity, f.Subject, f.Clients = Error, certificateSubject(x), []string{"go"}
			f.Evidence = append([]Fact{{"file", file.Path}}, f.Evidence...)
			out = append(out, f)
		}
	}
	return out
}

// toldOf reports whether f says of a file's blocks only what errors among found say of the certificates in them.
func (c *Case) toldOf(f Finding, found []Finding) bool {
	if f.ID != "file-partly-bad" || c.Files == nil {
		return false
	}
	for _, file := range c.Files.Files {
		if file.Path != f.Subject.File {
			continue
		}
		untold := slices.ContainsFunc(file.Blocks, func(b evidence.Block) bool {
			sum := fmt.Sprintf("%x", sha256.Sum256(b.Certificate))
			return b.Error != "" && !slices.ContainsFunc(found, func(f Finding) bool { return f.Severity == Error && f.Subject.SHA256 == sum })
		})
		whole := !slices.ContainsFunc(file.Blocks, func(b evidence.Block) bool { return b.Error != "" })
		if untold || whole {
			return false
		}
	}
	return true
}
