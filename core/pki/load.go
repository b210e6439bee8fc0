package pki

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// LoadOptions says how to load a profile's files. The zero value asks nobody and uses the public roots of this machine.
type LoadOptions struct {
	Passphrase string // known already (from the store or a file); empty: none
	Prompt     Prompt // nil: nobody to ask
	Roots      *Roots // nil: PublicRoots()
}

// maxPrompts bounds how often one key's passphrase is asked for, so that a Prompt that always gives the same answer
// comes to an end.
const maxPrompts = 10

// Load reads what p names. It does not fail: what is wrong stands in Material.Files, and its Status is Failed when no
// connection can be tried: a CA file that is named must be readable, and so must the client certificate and its key.
// For a transport without TLS nothing is read and the Status is Skipped.
func Load(ctx context.Context, p profile.Profile, o LoadOptions) Material {
	m := Material{Trust: p.Trust, Roots: o.Roots, Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.Skipped}}}
	if m.Roots == nil {
		m.Roots = PublicRoots()
	}
	if !p.Server.Transport.Encrypted() {
		return m
	}
	started := time.Now()
	for _, path := range p.Trust.Files {
		m.Files.Files = append(m.Files.Files, ReadFile(path, evidence.RoleCA, ""))
	}
	if p.ClientCertificate.Named() {
		m.loadClient(ctx, p.ClientCertificate, o)
	}
	m.Files.Status, m.Files.Error = filesStatus(ctx, m.Files.Files)
	if m.Files.Status != evidence.OK {
		m.Certificate = nil
	}
	m.Files.Duration = time.Since(started)
	return m
}

// filesStatus sums up the problems of files.
func filesStatus(ctx context.Context, files []evidence.File) (evidence.Status, string) {
	var faults []string
	for _, f := range files {
		if f.Problem != evidence.Readable {
			fault := fmt.Sprintf("%s %q: %s", f.Role, f.Path, f.Problem)
			if f.Detail != "" {
				fault += ": " + f.Detail
			}
			faults = append(faults, fault)
		}
	}
	if err := ctx.Err(); err != nil {
		faults = append(faults, err.Error())
	}
	if len(faults) > 0 {
		return evidence.Failed, strings.Join(faults, "; ")
	}
	return evidence.OK, ""
}

// loadClient reads the client certificate and its key and puts them together.
func (m *Material) loadClient(ctx context.Context, named profile.ClientCertificate, o LoadOptions) {
	keyFile := named.KeyFile
	if keyFile == "" {
		keyFile = named.CertificateFile
	}
	certificate := readContents(named.CertificateFile, evidence.RoleCertificate, "")
	if named.CertificateFile == "" {
		certificate.Detail = "a key file is named, but no certificate file"
	}
	if certificate.Problem != evidence.Readable {
		o.Prompt = nil // no answer would help
	}
	key := readKeyAsking(ctx, keyFile, o)
	if certificate.Problem == evidence.Readable && key.Problem == evidence.Readable {
		m.Certificate = pairUp(&certificate, &key)
		if m.Certificate == nil {
			explainMismatch(ctx, &certificate, &key)
		}
	}
	m.Files.Files = append(m.Files.Files, certificate.File, key.File)
}

// readKeyAsking reads a key file, and asks for the passphrase until it fits or nobody answers.
func readKeyAsking(ctx context.Context, path string, o LoadOptions) contents {
	key := readContents(path, evidence.RoleKey, o.Passphrase)
	for n := 0; n < maxPrompts && o.Prompt != nil && ctx.Err() == nil; n++ {
		if key.Problem != evidence.PassphraseNone && key.Problem != evidence.PassphraseBad {
			break
		}
		again := n > 0 || key.Problem == evidence.PassphraseBad
		passphrase, ok := o.Prompt(ctx, PassphraseRequest{File: path, Again: again})
		if !ok {
			break
		}
		key = readContents(path, evidence.RoleKey, passphrase)
	}
	return key
}
