package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/pki"
	"mutual/core/store"
)

func newACME(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "acme",
		Short: "Get, renew and revoke certificates from Let's Encrypt",
		Long: `acme gets certificates for a broker's name from Let's Encrypt, or from any other authority that speaks RFC 8555. The
name is proved by a DNS record (DNS-01), which is created and removed again, or through port 80 (HTTP-01). An order that was
interrupted is gone on with by the same command. Let's Encrypt's certificates are for servers only; the clients' come from
an authority of your own (mutualctl cert).`,
		Example: `  mutualctl acme obtain --name mqtt.example.org --contact admin@example.org --agree-terms
  mutualctl acme renew`,
	}
	group(cmd)
	cmd.AddCommand(newACMEObtain(t), newACMERenew(t), newACMEList(t), newACMEChains(t), newACMERevoke(t), newACMEPolicy(t), newACMEProfiles(t))
	return cmd
}

// acmeFlags are those of every command that works on the folder of certificates.
type acmeFlags struct {
	dir      string
	resolver string
	port     string
	json     bool
	solverFlags
}

// register adds the flags of a command that proves names or changes records.
func (f *acmeFlags) register(cmd *cobra.Command) {
	f.registerFolder(cmd)
	f.registerResolver(cmd)
	f.solverFlags.register(cmd)
}

func (f *acmeFlags) registerFolder(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "keep accounts, keys and certificates in `DIR` (default: acme in Mutual's own folder)")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
}

func (f *acmeFlags) registerResolver(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.resolver, "resolver", "", "ask the recursive name server at this `ADDRESS` (host:port) instead of the system's")
	flags.StringVar(&f.port, "name-server-port", "", "ask the domain's name servers at this `PORT` instead of 53")
	_ = flags.MarkHidden("name-server-port") // a name server elsewhere than on port 53 is nobody's but a laboratory's
}

func (f *acmeFlags) folder() (acme.Folder, error) {
	if f.dir != "" {
		return acme.Folder{Path: f.dir}, nil
	}
	dir, err := store.DefaultDir()
	if err != nil {
		return acme.Folder{}, usage("--dir DIR", "%s", err)
	}
	return acme.Folder{Path: filepath.Join(dir, "acme")}, nil
}

func (f *acmeFlags) dns() acme.Resolver {
	var r acme.Resolver
	if f.resolver != "" {
		r = acme.SystemAt(f.resolver)
	}
	r.Port = f.port
	return r
}

// steps tells on standard error how far it is.
func (t *terminal) steps() acme.Report {
	last := ""
	return func(p acme.Progress) {
		line := p.Detail
		if name := withoutDot(p.Name); name != "" && !strings.Contains(line, name) {
			line = name + ": " + line
		}
		if p.Done {
			line += fmt.Sprintf(" (%.1f s)", p.Took.Seconds())
		}
		if p.Detail != "" && line != last {
			last = line
			t.note("%s", line)
		}
	}
}

// acmeEnd turns the end of an order into the exit status: 3 where the user ended it, 1 where somebody refused.
func (t *terminal) acmeEnd(ctx context.Context, err error, asJSON bool) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		t.noteCleanUp(err)
		return &stopped{sentence: "interrupted", hint: "the same command goes on with the order"}
	}
	var terms *acme.TermsError
	if errors.As(err, &terms) {
		return usage("--agree-terms, when you have read them", "%s", err)
	}
	var name *acme.NameError
	if errors.As(err, &name) {
		return usage("--name mqtt.example.org", "%s", err)
	}
	hint := ""
	var p *acme.Problem
	if errors.As(err, &p) && p.Type == "externalAccountRequired" {
		hint = "--eab-id ID --eab-hmac-file FILE"
	}
	t.complain(err.Error(), hint, asJSON)
	return ended(statusFound)
}

// noteCleanUp says what could not be removed after an interruption.
func (t *terminal) noteCleanUp(err error) {
	var left *acme.LeftoverError
	if errors.As(err, &left) {
		for _, problem := range left.Problems {
			t.note("%s", problem)
		}
	}
}

type obtainFlags struct {
	acmeFlags
	names, contact []string
	solver         string
	directory      string
	directoryCA    string
	staging        bool
	agree          bool
	algorithm      string
	profile        string
	preferred      string
	eabID, eabFile string
	newOrder       bool
	keepSecrets    bool
	seenTimeout    time.Duration
}

func newACMEObtain(t *terminal) *cobra.Command {
	f := &obtainFlags{}
	cmd := &cobra.Command{
		Use:   "obtain",
		Short: "Get a certificate, or go on with an order that was interrupted",
		Long: `obtain gets a certificate for the names given with --name. The first names the folder of the files: cert.pem,
chain.pem, fullchain.pem, privkey.pem and, where the root is a public one, root.pem.

How the names are proved (--solver), and the variables that hold what each needs:
` + solverHelp() + `

` + settingsHelp,
		Example: `  mutualctl acme obtain --name mqtt.example.org --contact admin@example.org --agree-terms
  mutualctl acme obtain --name mqtt.example.org --solver manual --staging --agree-terms
  mutualctl acme obtain --name "*.example.org" --name example.org --algorithm rsa:2048 --profile tlsserver --agree-terms`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.names, "name", nil, "DNS `NAME` (also *.example.org) or, where the authority has it, IP address (repeatable)")
	flags.StringArrayVar(&f.contact, "contact", nil, "e-mail `ADDRESS` for the account (repeatable)")
	flags.StringVar(&f.solver, "solver", "route53", "how the names are proved: "+strings.Join(solvers(), ", "))
	f.registerDirectory(cmd)
	flags.BoolVar(&f.agree, "agree-terms", false, "agree to the authority's terms of service")
	flags.StringVar(&f.algorithm, "algorithm", string(acme.DefaultKeyType), "key algorithm: rsa:2048, rsa:3072, rsa:4096, ecdsa:p256, ecdsa:p384")
	flags.StringVar(&f.profile, "profile", "", "`NAME` of one of the authority's profiles, such as classic, tlsserver, shortlived (default: the authority's)")
	flags.StringVar(&f.preferred, "preferred-chain", "", "take the chain that leads to the root with this common `NAME`, where there is one")
	flags.StringVar(&f.eabID, "eab-id", "", "key `ID` of an external account binding")
	flags.StringVar(&f.eabFile, "eab-hmac-file", "", "read the binding's HMAC key from `FILE`")
	flags.BoolVar(&f.newOrder, "new-order", false, "give up an order that was begun earlier")
	flags.BoolVar(&f.keepSecrets, "keep-secrets", false, "keep the secrets of the environment in the keyring, for renewals without it; they take the place of those kept before")
	flags.DurationVar(&f.seenTimeout, "dns-timeout", 5*time.Minute, "wait this long until the domain's name servers answer with the record")
	complete(cmd, "solver", solvers)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return t.obtain(cmd.Context(), f) }
	return cmd
}

func solvers() (names []string) {
	for _, p := range acme.Providers {
		names = append(names, p.Name)
	}
	return names
}

func solverHelp() string {
	var b strings.Builder
	for _, p := range acme.Providers {
		var variables []string
		for _, s := range p.Settings {
			variables = append(variables, s.Variable)
		}
		fmt.Fprintf(&b, "  %-11s %s", p.Name, p.Title)
		if variables != nil {
			fmt.Fprintf(&b, ": %s", strings.Join(variables, ", "))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func (f *obtainFlags) request(ctx context.Context, t *terminal) (acme.Request, error) {
	r := acme.Request{
		Directory: f.chosenDirectory(), Names: f.names, Contact: f.contact,
		KeyType: pki.KeyAlgorithm(f.algorithm), Profile: f.profile, PreferredChain: f.preferred, NewOrder: f.newOrder,
	}
	if len(f.names) == 0 {
		return r, usage("--name mqtt.example.org", "a certificate needs a name")
	}
	if f.eabID != "" {
		hmac, err := t.secretFile(ctx, "--eab-hmac-file", f.eabFile)
		if err != nil {
			return r, err
		}
		r.External = &acme.ExternalAccount{KeyID: f.eabID, HMAC: strings.TrimSpace(hmac)}
	}
	info, err := acme.Ask(ctx, r.Directory)
	if err != nil {
		return r, err
	}
	if f.agree {
		r.AgreedTerms = info.Terms
	}
	if f.profile != "" && info.Profiles[f.profile] == "" && info.Profiles != nil {
		known := slices.Sorted(maps.Keys(info.Profiles))
		return r, usage("", "--profile: this authority has no %q, only %s", f.profile, strings.Join(known, ", "))
	}
	return r, nil
}

func (t *terminal) obtain(ctx context.Context, f *obtainFlags) error {
	folder, err := f.folder()
	if err != nil {
		return err
	}
	r, err := f.request(ctx, t)
	var use *usageError
	if errors.As(err, &use) {
		return err
	}
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	solver, err := t.obtainSolver(ctx, f, folder, &r)
	if err != nil {
		return err
	}
	got, err := folder.Obtain(ctx, r, acme.Options{Solver: solver, Resolver: f.dns(), SeenTimeout: f.seenTimeout, Report: t.steps()})
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	return t.tellObtained(got, f.json)
}

// obtainSolver is what proves the names, and puts what is to be kept of its settings into r.
func (t *terminal) obtainSolver(ctx context.Context, f *obtainFlags, folder acme.Folder, r *acme.Request) (acme.Solver, error) {
	if !slices.Contains(solvers(), f.solver) {
		return nil, usage("mutualctl acme obtain --help", "--solver: %q is not one of %s", f.solver, strings.Join(solvers(), ", "))
	}
	var settings map[string]string
	var err error
	if !f.keepSecrets {
		if settings, err = t.settings(ctx, &f.acmeFlags, folder, f.names[0], f.solver); err != nil {
			return nil, err
		}
	}
	solver, err := acme.NewSolver(ctx, f.solver, settings, f.dns())
	if err != nil {
		return nil, usage("mutualctl acme obtain --help", "%s", err)
	}
	provider := acme.ProviderNamed(f.solver)
	values := provider.InEffect(settings)
	if f.keepSecrets {
		if err := t.keepSecrets(ctx, &f.acmeFlags, f.names[0], f.solver); err != nil {
			return nil, err
		}
		values["AWS_ACCESS_KEY_ID"] = os.Getenv("AWS_ACCESS_KEY_ID") // which the secret goes with
	}
	r.Settings = provider.Open(values)
	return solver, nil
}

// obtainedObject is what obtain --json prints.
type obtainedObject struct {
	Schema     int               `json:"schema"`
	Names      []string          `json:"names"`
	NotAfter   time.Time         `json:"not_after"`
	Files      map[string]string `json:"files"`
	Root       string            `json:"root"` // its common name; empty: none was found
	Alternates []alternateObject `json:"alternates"`
}

type alternateObject struct {
	Anchor string `json:"anchor"`
	Chosen bool   `json:"chosen"`
	Length int    `json:"length"`
}

func (t *terminal) tellObtained(got acme.Obtained, asJSON bool) error {
	leaf := got.Certificates[0]
	o := obtainedObject{Schema: schema, Names: leaf.DNSNames, NotAfter: leaf.NotAfter.UTC(), Files: map[string]string{}, Alternates: []alternateObject{}}
	for _, ip := range leaf.IPAddresses {
		o.Names = append(o.Names, ip.String())
	}
	for _, p := range []string{got.Files.Certificate, got.Files.Chain, got.Files.FullChain, got.Files.Key, got.Files.Root} {
		if p != "" && (p != got.Files.Root || got.Root != nil) {
			o.Files[filepath.Base(p)] = p
		}
	}
	if got.Root != nil {
		o.Root = pki.CommonName(got.Root)
	}
	for _, a := range got.Alternates {
		o.Alternates = append(o.Alternates, alternateObject{Anchor: a.Anchor, Chosen: a.Chosen, Length: len(a.Certificates)})
	}
	if asJSON {
		t.object(o)
		return nil
	}
	fmt.Fprintf(t.out, "%s, valid until %s\n\n", strings.Join(o.Names, ", "), leaf.NotAfter.Local().Format("2006-01-02 15:04"))
	for _, l := range acme.Explain(got) {
		fmt.Fprintf(t.out, "%s\n    %s\n", l.Path, l.Text)
	}
	fmt.Fprintf(t.out, "\n%s\n", taken(leaf.NotAfter.Sub(leaf.NotBefore))[0])
	fmt.Fprintf(t.out, "\nNext: mutualctl export emqx --cert %s --key %s --host %s\n", quoted(got.Files.FullChain), quoted(got.Files.Key), o.Names[0])
	return nil
}

// readable says whether somebody may go into dir; a folder that is not there is one without certificates.
func readable(dir string) error {
	if _, err := os.ReadDir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return usage("", "reading %s: %s", dir, reason(err))
	}
	return nil
}
