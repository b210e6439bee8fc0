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
	cmd.AddCommand(newACMEObtain(t), newACMERenew(t), newACMEList(t), newACMERevoke(t), newACMEPolicy(t))
	return cmd
}

// acmeFlags are those of every command that works on the folder of certificates.
type acmeFlags struct {
	dir      string
	resolver string
	port     string
	json     bool
}

func (f *acmeFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "keep accounts, keys and certificates in `DIR` (default: acme in Mutual's own folder)")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	f.registerResolver(cmd)
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
		if p.Name != "" && !strings.Contains(line, p.Name) {
			line = p.Name + ": " + line
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
	if errors.As(err, &p) && !p.RetryAt.IsZero() {
		hint = "the next try is allowed at " + p.RetryAt.Local().Format("2006-01-02 15:04:05")
	}
	t.complain(err.Error(), hint, asJSON)
	return ended(statusFound)
}

// noteCleanUp says what could not be removed after an interruption.
func (t *terminal) noteCleanUp(err error) {
	if text := err.Error(); strings.Contains(text, "removing the record") {
		t.note("%s", text[strings.Index(text, "removing the record"):])
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
	seenTimeout    time.Duration
}

func newACMEObtain(t *terminal) *cobra.Command {
	f := &obtainFlags{}
	cmd := &cobra.Command{
		Use:   "obtain",
		Short: "Get a certificate, or go on with an order that was interrupted",
		Long: `obtain gets a certificate for the names given with --name. The first names the folder of the files: cert.pem,
chain.pem, fullchain.pem, privkey.pem and, where the root is a public one, root.pem.

How the names are proved (--solver), and the variables of the environment that hold what each needs:
` + solverHelp(),
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
	flags.StringVar(&f.directory, "directory", acme.LetsEncrypt.URL, "`URL` of the authority's directory")
	flags.StringVar(&f.directoryCA, "directory-ca", "", "trust the certificates in `FILE` for the directory's own HTTPS")
	flags.BoolVar(&f.staging, "staging", false, "use Let's Encrypt's staging directory: wide limits, certificates that nobody trusts")
	flags.BoolVar(&f.agree, "agree-terms", false, "agree to the authority's terms of service")
	flags.StringVar(&f.algorithm, "algorithm", string(acme.DefaultKeyType), "key algorithm: rsa:2048, rsa:3072, rsa:4096, ecdsa:p256, ecdsa:p384")
	flags.StringVar(&f.profile, "profile", "", "`NAME` of one of the authority's profiles, such as classic, tlsserver, shortlived (default: the authority's)")
	flags.StringVar(&f.preferred, "preferred-chain", "", "take the chain that leads to the root with this common `NAME`, where there is one")
	flags.StringVar(&f.eabID, "eab-id", "", "key `ID` of an external account binding")
	flags.StringVar(&f.eabFile, "eab-hmac-file", "", "read the binding's HMAC key from `FILE`")
	flags.BoolVar(&f.newOrder, "new-order", false, "give up an order that was begun earlier")
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
		Directory: acme.Directory{URL: f.directory, CAFile: f.directoryCA}, Names: f.names, Contact: f.contact,
		KeyType: pki.KeyAlgorithm(f.algorithm), Profile: f.profile, PreferredChain: f.preferred, NewOrder: f.newOrder,
	}
	if f.staging {
		r.Directory = acme.LetsEncryptStaging
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
	solver, err := acme.NewSolver(ctx, f.solver, nil, f.dns())
	if err != nil {
		return usage("mutualctl acme obtain --help", "%s", err)
	}
	got, err := folder.Obtain(ctx, r, acme.Options{Solver: solver, Resolver: f.dns(), SeenTimeout: f.seenTimeout, Report: t.steps()})
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	return t.tellObtained(got, f.json)
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
	fmt.Fprintf(t.out, "\nNext: mutualctl export emqx --cert %s --key %s --host %s\n", quoted(got.Files.FullChain), quoted(got.Files.Key), o.Names[0])
	return nil
}

func newACMEPolicy(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	var try bool
	cmd := &cobra.Command{
		Use:   "policy NAME",
		Short: "Print the IAM policy that Route 53 needs for a name's zone",
		Long: `policy looks for the hosted zone that NAME is in and prints the IAM policy (JSON) that allows just what obtain, renew
and dns cname do in it. With --try each of these is tried, with a record that is removed again.`,
		Example: `  mutualctl acme policy mqtt.example.org
  mutualctl acme policy mqtt.example.org --try`,
		Args: operands(1, 1, "NAME"),
	}
	f.registerResolver(cmd)
	cmd.Flags().BoolVar(&try, "try", false, "try what the policy allows")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.policy(cmd.Context(), f, args[0], try) }
	return cmd
}

func (t *terminal) policy(ctx context.Context, f *acmeFlags, name string, try bool) error {
	r, err := acme.NewRoute53(ctx, acme.AWSCredentials{})
	if err != nil {
		return usage("", "%s", err)
	}
	r.Resolver = f.dns()
	if arn, err := r.Identity(ctx); err == nil {
		t.note("These are the credentials of %s.", arn)
	}
	zone, err := r.FindZone(ctx, name)
	if err != nil {
		return t.acmeEnd(ctx, err, false)
	}
	t.note("%s is in the hosted zone %s (%s).", name, strings.TrimSuffix(zone.Name, "."), zone.ID)
	fmt.Fprintln(t.out, acme.Policy(zone))
	if !try {
		return nil
	}
	failed := false
	for _, p := range r.Try(ctx, zone, name) {
		switch {
		case p.Untried:
			t.note("  ?  %s: not tried, since a change comes before it", p.Action)
		case p.Err != nil:
			failed = true
			t.note("  ✗  %s: %s", p.Action, p.Err)
		default:
			t.note("  ✓  %s", p.Action)
		}
	}
	if d, err := r.Delegation(ctx, zone); err == nil && d.Problem(zone) != "" {
		failed = true
		t.note("  ✗  %s", d.Problem(zone))
	}
	if err := interruption(ctx); err != nil {
		return err
	}
	if failed {
		return ended(statusFound)
	}
	return nil
}

// readable says whether somebody may go into dir; a folder that is not there is one without certificates.
func readable(dir string) error {
	if _, err := os.ReadDir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return usage("", "reading %s: %s", dir, reason(err))
	}
	return nil
}
