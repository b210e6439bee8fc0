package main

import (
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/chain"
	"mutual/core/pki"
)

func newCertSplit(t *terminal) *cobra.Command {
	var f convertFlags
	var outDir string
	cmd := &cobra.Command{
		Use:   "split FILE…",
		Short: "Take a chain apart: certificate, chain, root",
		Long: `split writes the parts of a chain to files of their own, in order: cert.pem (the end-entity certificate), chain.pem
(what stands between it and the root, cross-certificates too), root.pem, and key.pem when its key is there. A root that
is not in the files is taken from Mozilla's, this computer's or the built-in certificates: it is never simply the last
one of the file, which today is often a cross-certificate. What does not belong to the chain is left out, and named.`,
		Example: `  mutualctl cert split fullchain.pem
  mutualctl cert split server.p12 --passphrase-file passphrase.txt --out-dir broker`,
		Args: operands(1, -1, "a file"),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&outDir, "out-dir", ".", "write the files into `DIR`, which is made when it is not there")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		inv, err := f.read(cmd.Context(), t, args)
		if err != nil {
			return err
		}
		path, item, left, err := onePath(inv)
		if err != nil {
			return err
		}
		files := []pki.OutputFile{{Path: filepath.Join(outDir, "cert.pem"), Data: pki.EncodeCertificates(path.Certificates[0].Certificate)}}
		if c := pki.Plain(path.Chain()); len(c) > 0 {
			files = append(files, pki.OutputFile{Path: filepath.Join(outDir, "chain.pem"), Data: pki.EncodeCertificates(c...)})
		}
		if root := path.Root(); root == nil {
			left = append(left, fmt.Sprintf("There is no root.pem: no root is known for this chain. It would continue with %s.", path.Missing()))
		} else if len(path.Certificates) > 1 {
			files = append(files, pki.OutputFile{Path: filepath.Join(outDir, "root.pem"), Data: pki.EncodeCertificates(root.Certificate)})
		}
		p, err := f.protection(cmd.Context(), t)
		if err != nil {
			return err
		}
		key, err := inv.EncodeKeyOf(item, p)
		if err != nil {
			return conversionError(err)
		}
		if key != nil {
			files = append(files, pki.OutputFile{Path: filepath.Join(outDir, "key.pem"), Data: key, Private: true})
		}
		if err := writeFiles(files, f.force); err != nil {
			return err
		}
		t.convertedTo(f.json, written(files), left)
		return nil
	}
	return cmd
}

func newCertBundle(t *terminal) *cobra.Command {
	var f convertFlags
	var out string
	var authorities bool
	cmd := &cobra.Command{
		Use:   "bundle --out FILE FILE…",
		Short: "Put a chain in order, or make a CA file that works everywhere",
		Long: `bundle writes a chain as servers send it: the end-entity certificate, then each issuer in turn, without the root, and
without what does not belong. With --ca it writes a CA file that every client takes: the self-signed roots first (OpenSSL
accepts no chain that ends before one; a root that is missing is added from Mozilla's or this computer's), then the other
authorities of the files. Either is then judged as each client would judge it.`,
		Example: `  mutualctl cert bundle --out fullchain.pem server.crt intermediate.crt
  mutualctl cert bundle --ca --out ca.pem root-yr.pem fullchain.pem`,
		Args: operands(1, -1, "a file"),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write to `FILE`")
	cmd.Flags().BoolVar(&authorities, "ca", false, "make a CA file and not a server's chain")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" {
			return usage("--out FILE", "bundle needs the name of the file to write")
		}
		inv, err := f.read(cmd.Context(), t, args)
		if err != nil {
			return err
		}
		assemble := bundleChain
		if authorities {
			assemble = bundleAuthorities
		}
		b, err := assemble(inv)
		if err != nil {
			return err
		}
		if out == "-" {
			return t.bundledHere(f.json, b)
		}
		files := []pki.OutputFile{{Path: out, Data: pki.EncodeCertificates(b.certificates...)}}
		if err := writeFiles(files, f.force); err != nil {
			return err
		}
		judged, refused := b.judged()
		if f.json {
			t.object(bundleObject{conversion{Schema: schema, Files: written(files), Left: append([]string{}, b.left...)}, judged})
			return refusedHere(refused)
		}
		t.convertedTo(false, written(files), b.left)
		for _, j := range judged {
			t.verdicts(j, len(judged) > 1)
		}
		return refusedHere(refused)
	}
	return cmd
}

// bundledHere writes to standard output, and who refuses what was written on standard error.
func (t *terminal) bundledHere(asJSON bool, b bundled) error {
	if err := t.convertedHere(asJSON, pki.Converted{Data: pki.EncodeCertificates(b.certificates...), Left: b.left}); err != nil {
		return err
	}
	_, refused := b.judged()
	for _, r := range refused {
		t.note("Refused by %s: %s", r.Client, r.Text)
	}
	return refusedHere(refused)
}

// bundleObject is what cert bundle prints with --json.
type bundleObject struct {
	conversion
	Judged []judgedChain `json:"judged"` // each end-entity certificate of the files, with what was written
}

// judgedChain is what the clients say of one certificate's chain.
type judgedChain struct {
	Certificate string          `json:"certificate"` // its common name
	SHA256      string          `json:"sha256"`
	Verdicts    []chain.Verdict `json:"verdicts"`
}

// judged asks the clients, and lists those that refuse.
func (b bundled) judged() (out []judgedChain, refused []refusal) {
	out = []judgedChain{}
	for _, q := range b.questions {
		j := judgedChain{Verdicts: chain.Verdicts(q)}
		if len(q.Sent) > 0 && q.Sent[0].X != nil {
			j.Certificate, j.SHA256 = pki.CommonName(q.Sent[0].X), fingerprint(q.Sent[0].X.Raw)
		}
		for _, v := range j.Verdicts {
			if !v.Accepted {
				refused = append(refused, refusal{v.Client, v.Text})
			}
		}
		out = append(out, j)
	}
	return out, refused
}

// bundled is what bundle writes, what it leaves out, and the questions that clients will be asked with it.
type bundled struct {
	certificates []*x509.Certificate
	left         []string
	questions    []chain.Question
}

func bundleChain(inv *pki.Inventory) (bundled, error) {
	path, _, left, err := onePath(inv)
	if err != nil {
		return bundled{}, err
	}
	b := bundled{certificates: path.Sent(), left: left}
	root := path.Root()
	if root == nil {
		b.left = append(b.left, fmt.Sprintf("The chain is not complete: it would continue with %s.", path.Missing()))
		return b, nil
	}
	b.questions = append(b.questions, chain.Ask(b.certificates, []*x509.Certificate{root.Certificate}, time.Now()))
	return b, nil
}

// bundleAuthorities makes a CA file, and asks about the certificates that came with its authorities.
func bundleAuthorities(inv *pki.Inventory) (bundled, error) {
	a := inv.Authorities(pki.PublicRoots())
	b := bundled{certificates: a.Certificates, left: a.Left}
	if len(b.certificates) == 0 {
		return b, usage("", "there is no authority's certificate in these files")
	}
	for _, n := range a.Ends {
		b.questions = append(b.questions, chain.Ask(inv.Path(n, pki.PublicRoots()).Sent(), b.certificates, time.Now()))
	}
	return b, nil
}

// onePath is the path of the only end-entity certificate in the files, and what does not belong to it.
func onePath(inv *pki.Inventory) (path pki.Path, item int, left []string, err error) {
	ends := inv.EndEntities()
	if len(ends) == 0 {
		return path, 0, nil, usage("", "there is no certificate in these files")
	}
	if own := withKey(inv, ends); len(ends) > 1 && len(own) == 1 { // the one that somebody can use
		ends = own
	}
	if len(ends) > 1 {
		var names []string
		for _, n := range ends {
			names = append(names, pki.CommonName(inv.Items[n].Certificate))
		}
		return path, 0, nil, usage("name the files of one chain only", "there are several chains, of %s", strings.Join(names, ", "))
	}
	path = inv.Path(ends[0], pki.PublicRoots())
	return path, ends[0], inv.LeftOut(path), nil
}

// withKey are those of the certificates whose key is in the files.
func withKey(inv *pki.Inventory, ends []int) (own []int) {
	for _, n := range ends {
		if slices.ContainsFunc(inv.Pairs(), func(p pki.Pair) bool {
			return inv.Items[p.Certificate].Certificate != nil && inv.Items[p.Certificate].Certificate.Equal(inv.Items[n].Certificate)
		}) {
			own = append(own, n)
		}
	}
	return own
}

func written(files []pki.OutputFile) []writtenFile {
	var out []writtenFile
	for _, f := range files {
		out = append(out, writtenFile{f.Path, f.Private})
	}
	return out
}

// verdicts says which clients accept, and why the others do not; several: there are other certificates beside this one.
func (t *terminal) verdicts(j judgedChain, several bool) {
	subject := ""
	if several {
		subject = j.Certificate + ": "
	}
	var accepted []string
	for _, v := range j.Verdicts {
		if v.Accepted {
			accepted = append(accepted, v.Client)
		} else {
			fmt.Fprintf(t.out, "%sRefused by %s: %s\n", subject, v.Client, v.Text)
		}
	}
	if len(accepted) > 0 {
		fmt.Fprintf(t.out, "%sAccepted by %s.\n", subject, strings.Join(accepted, ", "))
	}
}
