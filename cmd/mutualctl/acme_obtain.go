package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/pki"
	"mutual/core/solver"
)

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

How the names are proved (--solver), and the variables that hold what each needs, in brackets what can be left out:
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
	flags.StringVar(&f.solver, "solver", "route53", "`WAY` in which the names are proved: "+strings.Join(solvers(), ", "))
	f.registerDirectory(cmd)
	flags.BoolVar(&f.agree, "agree-terms", false, "agree to the authority's terms of service")
	flags.StringVar(&f.algorithm, "algorithm", string(acme.DefaultKeyType), "`KIND` of key: "+strings.Join(keyTypes(), ", ")+"; Let's Encrypt takes neither of the last two")
	flags.StringVar(&f.profile, "profile", "", "`NAME` of one of the authority's profiles, such as classic, tlsserver, shortlived (default: the authority's)")
	flags.StringVar(&f.preferred, "preferred-chain", "", "take the chain that leads to the root with this common `NAME`, where there is one")
	flags.StringVar(&f.eabID, "eab-id", "", "key `ID` of an external account binding")
	flags.StringVar(&f.eabFile, "eab-hmac-file", "", "read the binding's HMAC key from `FILE`")
	flags.BoolVar(&f.newOrder, "new-order", false, "give up an order that was begun earlier")
	flags.BoolVar(&f.keepSecrets, "keep-secrets", false, "keep the secrets of the environment in the keyring, for renewals without it; they take the place of those kept before")
	flags.DurationVar(&f.seenTimeout, "dns-timeout", 5*time.Minute, "wait this long until the domain's name servers answer with the record")
	complete(cmd, "solver", solvers)
	complete(cmd, "algorithm", keyTypes)
	complete(cmd, "profile", func() []string { return []string{"classic", "tlsserver", "shortlived"} })
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		return t.obtain(cmd.Context(), f)
	}
	return cmd
}

func solvers() (names []string) {
	for _, p := range solver.Providers {
		names = append(names, p.Name)
	}
	return names
}

func solverHelp() string {
	var b strings.Builder
	for _, p := range solver.Providers {
		var variables []string
		for _, s := range p.Settings {
			if s.Optional {
				s.Variable = "[" + s.Variable + "]"
			}
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

// check refuses flags that do not go together, before anybody is asked for anything.
func (f *obtainFlags) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case len(f.names) == 0:
		return usage("--name mqtt.example.org", "a certificate needs a name")
	case f.eabID == "" && f.eabFile != "":
		return usage("--eab-id ID", "--eab-hmac-file needs the key identifier that goes with it")
	case f.eabID != "" && f.eabFile == "":
		return usage("--eab-hmac-file FILE", "--eab-id needs the HMAC key that goes with it")
	case f.seenTimeout <= 0:
		return usage("--dns-timeout 5m", "--dns-timeout must be longer than nothing, and is %s", f.seenTimeout)
	case f.staging && (given("directory") || given("directory-ca")):
		return usage("leave out one of them", "--staging and --directory name two authorities")
	}
	for _, address := range f.contact {
		if a, err := mail.ParseAddress(strings.TrimPrefix(address, "mailto:")); err != nil || a.Name != "" {
			return usage("--contact admin@example.org", "--contact: %q is not an e-mail address", address)
		}
	}
	return f.checkResolver()
}

func (f *obtainFlags) request(ctx context.Context, t *terminal) (acme.Request, error) {
	r := acme.Request{
		Directory: f.chosenDirectory(), Names: f.names, Contact: f.contact,
		KeyType: pki.KeyAlgorithm(strings.ToLower(f.algorithm)), Profile: f.profile, PreferredChain: f.preferred, NewOrder: f.newOrder,
	}
	if err := r.Check(f.challenge()); err != nil {
		return r, err
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
	if _, known := info.Profiles[f.profile]; !known && f.profile != "" && info.Profiles != nil {
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
	if !slices.Contains(solvers(), f.solver) {
		return usage("mutualctl acme obtain --help", "--solver: %q is not one of %s", f.solver, strings.Join(solvers(), ", "))
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
	got, err := folder.Obtain(ctx, r, acme.Options{Solver: solver, SolverNamed: t.solverNamed(&f.acmeFlags, folder, f.names[0]),
		Resolver: f.dns(), SeenTimeout: f.seenTimeout, Report: t.steps()})
	if err != nil {
		return t.orderEnd(ctx, err, f.json)
	}
	if f.preferred != "" && !slices.ContainsFunc(got.Alternates, func(a acme.Alternate) bool { return a.Chosen && strings.EqualFold(a.Anchor, f.preferred) }) {
		t.note("No chain leads to %q, only to %s: the authority's own choice is taken.", f.preferred, strings.Join(anchors(got.Alternates), ", "))
	}
	return t.tellObtained(got, f.json)
}

// challenge is the type by which the solver proves names.
func (f *obtainFlags) challenge() string {
	if f.solver == solver.HTTP01 {
		return solver.HTTP01
	}
	return solver.DNS01
}

// obtainSolver is what proves the names, and puts what is to be kept of its settings into r.
func (t *terminal) obtainSolver(ctx context.Context, f *obtainFlags, folder acme.Folder, r *acme.Request) (solver.Solver, error) {
	if err := os.MkdirAll(folder.Path, 0o700); err != nil { // before somebody is asked for anything
		return nil, usage("--dir DIR names another folder", "preparing the folder %s: %s", folder.Path, cause(err))
	}
	var settings map[string]string
	var err error
	if !f.keepSecrets {
		if settings, err = t.settings(ctx, &f.acmeFlags, folder, f.names[0], f.solver); err != nil {
			return nil, err
		}
	}
	s, err := solver.New(ctx, f.solver, settings, f.dns())
	if err != nil {
		return nil, usage("mutualctl acme obtain --help", "%s", err)
	}
	provider := solver.ProviderNamed(f.solver)
	values := provider.InEffect(settings)
	if f.keepSecrets {
		if err := t.keepSecrets(ctx, &f.acmeFlags, f.names[0], f.solver); err != nil {
			return nil, err
		}
		values["AWS_ACCESS_KEY_ID"] = os.Getenv("AWS_ACCESS_KEY_ID") // which the secret goes with
	}
	r.Settings = provider.Open(values)
	return s, nil
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
	fmt.Fprintf(t.out, "\nNext: mutualctl export emqx --cert %s --key %s --host %s\n", quoted(got.Files.FullChain), quoted(got.Files.Key), quoted(o.Names[0]))
	return nil
}
