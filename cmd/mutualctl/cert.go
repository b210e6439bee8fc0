package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/evidence"
	"mutual/core/pki"
)

func newCert(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cert",
		Short: "Make and check certificates",
		Long: `cert makes the certificates of two-way TLS: an authority, a server's, a client's. The files have the names of the
openssl commands that it stands for: client-ca.crt, client-ca.key, server.*, client.*.`,
		Example: `  mutualctl cert ca --subject "/C=US/O=Test Org/CN=Test CA"
  mutualctl cert server --name broker.example --name 192.0.2.7
  mutualctl cert client --subject /CN=Client
  mutualctl cert verify --ca client-ca.crt client.crt`,
	}
	group(cmd)
	cmd.AddCommand(newCertCA(t), newCertServer(t), newCertClient(t), newCertRequest(t), newCertSign(t), newCertRevoke(t), newCertVerify(t),
		newCertConvert(t), newCertSplit(t), newCertBundle(t), newCertList(t))
	return cmd
}

// certFlags are those of the commands that make certificates.
type certFlags struct {
	subject        string
	names          []string
	algorithm      string
	days           int
	ca, caKey      string
	passphraseFile string
	outDir         string
	force          bool
	json           bool
	preset         string
	note           string // of the preset

	authorityPath []*x509.Certificate // the authority and what issued it, as far as its file says
	refused       []refusal           // who would not accept what was made
}

func (f *certFlags) register(cmd *cobra.Command, subject string) {
	flags := cmd.Flags()
	flags.StringVar(&f.subject, "subject", subject, "`NAME` of the holder, as openssl writes it (/C=US/O=Test Org/CN=Test CA) or a common name")
	flags.StringVar(&f.algorithm, "algorithm", string(pki.RSA2048), "`KIND` of key: "+strings.Join(algorithms(), ", "))
	flags.IntVar(&f.days, "days", 365, "`DAYS` until it expires")
	flags.StringVar(&f.outDir, "out-dir", ".", "write the files into `DIR`, which is made when it is not there")
	flags.BoolVar(&f.force, "force", false, "replace files that are there already")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.StringVar(&f.preset, "preset", "", "make what `BROKER` takes: "+strings.Join(presetNames(), ", ")+"; --algorithm and --days have to fit")
	complete(cmd, "algorithm", algorithms)
	complete(cmd, "preset", presetNames)
}

// registerSigning gives cmd the flags of a command that signs and makes no key.
func (f *certFlags) registerSigning(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.outDir = "."
	flags.IntVar(&f.days, "days", 365, "`DAYS` until it expires")
	flags.StringVar(&f.ca, "ca", "", "`FILE` with the authority's certificate (default: "+pki.CACertificateName+")")
	flags.StringVar(&f.caKey, "ca-key", "", "`FILE` with the authority's key (default: "+pki.CAKeyName+")")
	flags.StringVar(&f.passphraseFile, "passphrase-file", "", "read the passphrase of the authority's key from the first line of `FILE`")
	flags.BoolVar(&f.force, "force", false, "replace files that are there already")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
}

func presetNames() []string {
	var names []string
	for _, p := range pki.Presets {
		names = append(names, p.ID)
	}
	return names
}

// applyPreset chooses what the preset recommends where nothing was said, and holds what was said against it.
func (f *certFlags) applyPreset(cmd *cobra.Command, kind pki.Kind, authority *pki.Issued) error {
	if f.preset == "" {
		return nil
	}
	p, ok := pki.FindPreset(f.preset)
	if !ok {
		return usage("known are "+strings.Join(presetNames(), ", "), "--preset: nothing is known of %q", f.preset)
	}
	if !cmd.Flags().Changed("days") {
		f.days = p.Days
	}
	if !cmd.Flags().Changed("algorithm") {
		for _, a := range p.Algorithms { // the first one that fits the authority too
			f.algorithm = string(a)
			if p.Check(pki.Request{Kind: kind, Algorithm: a, Days: f.days}, authority) == nil {
				break
			}
		}
	}
	if err := p.Check(pki.Request{Kind: kind, Algorithm: pki.KeyAlgorithm(strings.ToLower(f.algorithm)), Days: f.days}, authority); err != nil {
		return usage("", "--preset %s: %s", f.preset, err)
	}
	f.note = p.Note
	return nil
}

// authorityFile is the file with the authority's certificate.
func (f *certFlags) authorityFile() string {
	if f.ca != "" {
		return f.ca
	}
	return pki.Paths(f.outDir, pki.CA).Certificate
}

// registerAuthority gives cmd the flags that name who signs.
func (f *certFlags) registerAuthority(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.ca, "ca", "", "`FILE` with the authority's certificate (default: "+pki.CACertificateName+" in --out-dir)")
	flags.StringVar(&f.caKey, "ca-key", "", "`FILE` with the authority's key (default: "+pki.CAKeyName+" in --out-dir)")
	flags.StringVar(&f.passphraseFile, "passphrase-file", "", "read the passphrase of the authority's key from the first line of `FILE`")
}

func algorithms() []string {
	var names []string
	for _, a := range pki.KeyAlgorithms {
		names = append(names, string(a))
	}
	return names
}

// request is what the flags ask for.
func (f *certFlags) request(kind pki.Kind) (pki.Request, error) {
	r := pki.Request{Kind: kind, Names: f.names, Algorithm: pki.KeyAlgorithm(strings.ToLower(f.algorithm)), Days: f.days}
	known := false
	for _, a := range pki.KeyAlgorithms {
		known = known || a == r.Algorithm
	}
	if !known {
		return r, usage("known are "+strings.Join(algorithms(), ", "), "--algorithm: no kind of key is called %q", f.algorithm)
	}
	if f.days < 1 {
		return r, usage("--days 365", "--days must be 1 or more, and is %d", f.days)
	}
	if f.subject == "" && len(f.names) > 0 {
		return r, nil // the first name becomes the subject, where it is short enough
	}
	var err error
	if r.Subject, err = pki.ParseSubject(f.subject); err != nil {
		return r, usage("--subject \"/O=Test Org/CN=Name\"", "--subject: %s", err)
	}
	return r, nil
}

// authority reads the certificate and key that sign.
func (f *certFlags) authority(ctx context.Context, t *terminal) (pki.Issued, error) {
	usual := pki.Paths(f.outDir, pki.CA)
	certificate, key := f.ca, f.caKey
	if certificate == "" {
		certificate = usual.Certificate
	}
	if key == "" {
		key = usual.Key
	}
	if f.ca != "" && f.caKey == "" {
		return pki.Issued{}, usage("--ca-key FILE", "--ca %s signs only with its key", f.ca)
	}
	passphrase := ""
	if f.passphraseFile != "" {
		var err error
		if passphrase, err = t.secretFile(ctx, "--passphrase-file", f.passphraseFile); err != nil {
			return pki.Issued{}, err
		}
	}
	for again := false; ; again = true {
		a, err := pki.ReadAuthority(certificate, key, passphrase)
		var file *pki.FileError
		if !errors.As(err, &file) {
			if err != nil {
				return a, usage("", "%s", err)
			}
			f.authorityPath = pki.AuthorityPath(ctx, f.authorityFile(), a.Certificate)
			return a, nil
		}
		wanted := file.File.Problem == evidence.PassphraseNone || file.File.Problem == evidence.PassphraseBad && again
		if wanted {
			var ok bool
			if passphrase, ok = t.passphrase(ctx, pki.PassphraseRequest{File: key, Again: again}); ok {
				continue
			}
		}
		return a, usage(authorityHint(file.File.Problem), "%s", err)
	}
}

// authorityHint says what to do about an authority's file that cannot be used.
func authorityHint(p evidence.Problem) string {
	switch p {
	case evidence.Missing:
		return "mutualctl cert ca makes an authority; --ca FILE --ca-key FILE name another one"
	case evidence.PassphraseNone, evidence.PassphraseBad:
		return "--passphrase-file FILE"
	}
	return ""
}

// write writes what was made, and says what it is and how openssl can be asked about it.
func (f *certFlags) write(t *terminal, kind pki.Kind, i pki.Issued, check string) error {
	return f.writeTo(t, kind, i, pki.Paths(f.outDir, kind), check)
}

// writeTo is write with other names.
func (f *certFlags) writeTo(t *terminal, kind pki.Kind, i pki.Issued, paths pki.FilePaths, check string) error {
	if err := os.MkdirAll(filepath.Dir(paths.Certificate), 0o755); err != nil {
		return usage("", "making the folder: %s", err)
	}
	var there *pki.ExistsError
	switch err := i.Write(paths, f.force); {
	case errors.As(err, &there):
		return usage("--force replaces them; --out-dir DIR writes elsewhere", "already there: %s", strings.Join(there.Paths, ", "))
	case err != nil:
		return usage("", "%s", err)
	}
	if f.json {
		m := newMade(kind, i, paths, check)
		m.Refused = append(m.Refused, f.refused...)
		t.object(m)
		return refusedHere(f.refused)
	}
	subject := distinguishedName(i.Certificate.RawSubject)
	if subject == "" { // its name is too long for a subject
		subject = pki.CommonName(i.Certificate)
	}
	fmt.Fprintf(t.out, "%s\n", subject)
	fmt.Fprintf(t.out, "  certificate  %s  (until %s)\n", paths.Certificate, i.Certificate.NotAfter.UTC().Format("2006-01-02"))
	if i.KeyPEM != nil {
		fmt.Fprintf(t.out, "  key          %s  (keep it secret)\n", paths.Key)
	}
	if paths.Request != "" {
		fmt.Fprintf(t.out, "  request      %s\n", paths.Request)
	}
	fmt.Fprintf(t.out, "Check it with:\n  %s\n", check)
	for _, r := range f.refused {
		t.note("Refused by %s: %s", r.Client, r.Text)
	}
	if f.note != "" {
		t.note("%s", f.note)
	}
	return refusedHere(f.refused)
}

// refusedHere is exit status 1 where this program itself is among those who refuse what was made: by the contract that is an
// error, and what only other clients refuse is a warning.
func refusedHere(refused []refusal) error {
	for _, r := range refused {
		if r.Client == "go" {
			return ended(statusFound)
		}
	}
	return nil
}

// made is what cert ca, server and client print with --json.
type made struct {
	Schema      int               `json:"schema"`
	Kind        pki.Kind          `json:"kind"`
	Certificate string            `json:"certificate_file"`
	Key         string            `json:"key_file,omitempty"`
	Request     string            `json:"request_file,omitempty"`
	Holds       certificateObject `json:"certificate"`
	Check       string            `json:"check"`   // the openssl command that checks it
	Refused     []refusal         `json:"refused"` // by clients that trust the authority
}

func newMade(kind pki.Kind, i pki.Issued, p pki.FilePaths, check string) made {
	x := i.Certificate
	return made{
		Refused: []refusal{},
		Schema:  schema, Kind: kind, Certificate: p.Certificate, Key: p.Key, Request: p.Request, Check: check,
		Holds: certificateObject{
			Source: "", File: p.Certificate, SHA256: fingerprint(x.Raw),
			Subject: distinguishedName(x.RawSubject), Issuer: distinguishedName(x.RawIssuer),
			NotBefore: utc(x.NotBefore), NotAfter: utc(x.NotAfter),
		},
	}
}
