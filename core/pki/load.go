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
	m.Roots.readAhead()
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
	m.findIssuers(ctx)
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
	var certificate, key contents
	if certificate = readContents(named.CertificateFile, evidence.RoleCertificate, ""); certificate.Format == formatPKCS12 && oneFile(named) {
		certificate, key = readBoth(ctx, named.CertificateFile, o)
	} else {
		certificate, key = readEach(ctx, certificate, named, o)
	}
	if certificate.Problem == evidence.Readable && key.Problem == evidence.Readable {
		m.Certificate = pairUp(&certificate, &key)
		if m.Certificate == nil {
			explainMismatch(ctx, &certificate, &key)
		}
	}
	m.Files.Files = append(m.Files.Files, certificate.File)
	if certificate.containerError == nil { // else it would be said twice of the same file
		m.Files.Files = append(m.Files.Files, key.File)
	}
}

// oneFile says whether certificate and key are to come from the same file.
func oneFile(named profile.ClientCertificate) bool {
	return named.KeyFile == "" || named.KeyFile == named.CertificateFile
}

// readEach reads the key beside a certificate that is read already.
func readEach(ctx context.Context, certificate contents, named profile.ClientCertificate, o LoadOptions) (contents, contents) {
	keyFile := named.KeyFile
	if keyFile == "" {
		keyFile = named.CertificateFile
	}
	if named.CertificateFile == "" {
		certificate.Detail = "a key file is named, but no certificate file"
	}
	if certificate.Format == formatPKCS12 { // beside a key of its own: nobody would know which passphrase is asked for
		certificate.Problem, certificate.Detail, certificate.containerError = evidence.NotPEM, "", nil
	}
	if certificate.Problem != evidence.Readable {
		o.Prompt = nil // no answer would help
	}
	return certificate, readAsking(ctx, keyFile, evidence.RoleKey, o)
}

// readBoth reads a PKCS #12 file once for both roles.
func readBoth(ctx context.Context, path string, o LoadOptions) (certificate, key contents) {
	key = readAsking(ctx, path, evidence.RoleKey, o)
	certificate = key
	certificate.Role, certificate.Problem, certificate.Detail = evidence.RoleCertificate, evidence.Readable, ""
	certificate.judge()
	return certificate, key
}

// readAsking reads a file in that role, and asks for the passphrase until it fits or nobody answers.
func readAsking(ctx context.Context, path string, role evidence.Role, o LoadOptions) contents {
	file := readContents(path, role, o.Passphrase)
	for n := 0; n < maxPrompts && o.Prompt != nil && ctx.Err() == nil; n++ {
		if file.Problem != evidence.PassphraseNone && file.Problem != evidence.PassphraseBad {
			break
		}
		again := n > 0 || file.Problem == evidence.PassphraseBad
		passphrase, ok := o.Prompt(ctx, PassphraseRequest{File: path, Again: again})
		if !ok {
			break
		}
		file = readContents(path, role, passphrase)
	}
	return file
}
