package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

// labFlags say which practice broker is started.
type labFlags struct {
	fault   string
	variant string
	dir     string
	tour    bool
	json    bool
}

func newLab(t *terminal) *cobra.Command {
	var f labFlags
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Start a practice broker on this computer, sound or broken on purpose",
		Long: `lab starts an MQTT 5 broker with two-way TLS on a free port of this computer, with certificates made for this run,
prints where it is and how to connect, and runs until it is interrupted. With --fault ID it is broken in that way, for
practice. With --tour nothing needs to be typed: the whole story is played, from certificates to a wrong CA file, its
diagnosis and its repair.`,
		Example: `  mutualctl lab --tour
  mutualctl lab
  mutualctl lab list
  mutualctl lab --fault certificate-expired
  mutualctl lab --fault certificate-expired --variant root`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.fault, "fault", "", "break the broker, or its files, in the way of this `ID` (see lab list)")
	flags.StringVar(&f.variant, "variant", "", "break it in this `FORM` of the fault (see lab list; default: the plain one)")
	flags.StringVar(&f.dir, "dir", "", "write the certificates into `DIR` and leave them there (default: a temporary folder)")
	flags.BoolVar(&f.tour, "tour", false, "play the whole story and end")
	flags.BoolVar(&f.json, "json", false, "print one JSON object when the broker is ready")
	complete(cmd, "fault", faultIDs)
	complete(cmd, "variant", func() []string { return lab.Variants(f.fault) })
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if f.tour {
			return t.tour(cmd.Context())
		}
		return t.lab(cmd.Context(), f)
	}
	cmd.AddCommand(newLabList(t))
	return cmd
}

func (f labFlags) check() error {
	if f.tour && (f.fault != "" || f.variant != "" || f.dir != "" || f.json) {
		return usage("mutualctl lab --tour", "--tour plays its own story and takes no other flag")
	}
	if f.fault == "" && f.variant != "" {
		return usage("mutualctl lab --fault certificate-expired --variant root", "--variant is a form of a fault, which --fault has to name")
	}
	if f.fault != "" && !slices.Contains(faultIDs(), f.fault) {
		return usage("mutualctl lab list", "--fault: the practice broker knows no fault %q", f.fault)
	}
	if f.variant != "" && !slices.Contains(lab.Variants(f.fault), f.variant) {
		return usage("mutualctl lab list", "--variant: the fault %s has no form %q", f.fault, f.variant)
	}
	return nil
}

func faultIDs() []string {
	var ids []string
	for _, f := range lab.Faults() {
		ids = append(ids, f.ID)
	}
	return ids
}

func newLabList(t *terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the faults that the practice broker can have",
		Example: "  mutualctl lab list",
		Args:    operands(0, 0, ""),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.RunE = func(*cobra.Command, []string) error {
		type fault struct {
			ID     string    `json:"id"`
			Group  lab.Group `json:"group"`
			Title  string    `json:"title"`
			Lesson string    `json:"lesson"`
			// Variants are what --variant takes.
			Variants []string `json:"variants"`
		}
		faults := []fault{}
		for _, f := range lab.Faults() {
			faults = append(faults, fault{f.ID, f.Group, f.Title, f.Lesson, append([]string{}, lab.Variants(f.ID)...)})
		}
		if asJSON {
			t.object(struct {
				Schema int     `json:"schema"`
				Faults []fault `json:"faults"`
			}{schema, faults})
			return nil
		}
		for _, f := range faults {
			fmt.Fprintf(t.out, "%-32s %s\n", f.ID, f.Title)
			if len(f.Variants) > 0 {
				fmt.Fprintf(t.out, "%-32s   --variant %s\n", "", strings.Join(f.Variants, ", "))
			}
		}
		return nil
	}
	return cmd
}

// labObject is what lab --json prints.
type labObject struct {
	Schema         int             `json:"schema"`
	URL            string          `json:"url"`
	Fault          string          `json:"fault"`
	Variant        string          `json:"variant"`
	Dir            string          `json:"dir"`
	Profile        profile.Profile `json:"profile"`
	PassphraseFile string          `json:"passphrase_file"` // holds the passphrase of the client key, where it has one
	// PublicRootsFile holds the root that plays the part of a publicly known one, where the fault needs it. Other
	// processes know it when SSL_CERT_FILE names this file.
	PublicRootsFile string   `json:"public_roots_file"`
	Arguments       []string `json:"arguments"` // for diagnose, pub and sub; with --replay for diagnose alone
}

// lab runs a practice broker until ctx ends.
func (t *terminal) lab(ctx context.Context, f labFlags) error {
	l, err := lab.Start(ctx, lab.Options{Fault: f.fault, Variant: f.variant, Dir: f.dir})
	if err != nil {
		if err := interruption(ctx); err != nil {
			return err
		}
		return usage("", "starting the practice broker: %s", err)
	}
	defer l.Close()
	o, err := newLabObject(l, f)
	if err != nil {
		return usage("", "writing the files of the practice broker: %s", reason(err))
	}
	if lab.NeedsOwnRoots(f.fault) {
		if err := o.record(ctx, l); err != nil {
			return err
		}
	}
	if f.json {
		t.object(o)
	} else {
		o.print(newPage(t.out))
	}
	<-ctx.Done()
	return ended(statusInterrupted)
}

// record meets the broker in this process, which has the lab's own public roots, and saves what it saw: for diagnose
// --replay in another one.
func (o *labObject) record(ctx context.Context, l *lab.Lab) error {
	p := l.Profile()
	m := pki.Load(ctx, p, pki.LoadOptions{Roots: l.Roots()})
	seen := session.Try(ctx, p, m, "", session.Options{Timeout: recordTimeout})
	if err := interruption(ctx); err != nil {
		return err
	}
	path := filepath.Join(l.Dir(), "attempt.json")
	if err := writeReport(path, attempt{evidence: seen, result: diagnose.Diagnose(seen, nil)}, false); err != nil {
		return err
	}
	o.Arguments = []string{"--replay", path}
	return nil
}

// recordTimeout is diagnose's own for a connection, of which one on this computer needs a hundredth.
const recordTimeout = 10 * time.Second

// newLabObject describes a running lab, and writes the files that another process needs beside the lab's own.
func newLabObject(l *lab.Lab, f labFlags) (labObject, error) {
	p := l.Profile()
	o := labObject{Schema: schema, URL: p.Server.URL(), Fault: f.fault, Variant: f.variant, Dir: l.Dir(), Profile: p, Arguments: arguments(p)}
	write := func(name string, data []byte, path *string) error {
		if len(data) == 0 {
			return nil
		}
		*path = filepath.Join(l.Dir(), name)
		return replaceFile(*path, data, 0o600)
	}
	given := ""
	err := errors.Join(
		write("passphrase.txt", []byte(l.Passphrase()), &o.PassphraseFile),
		write("given-passphrase.txt", []byte(l.GivenPassphrase()), &given),
		write("public-roots.pem", knownRoots(l), &o.PublicRootsFile),
	)
	if given != "" {
		o.Arguments = append(o.Arguments, "--passphrase-file", given)
	}
	return o, err
}

// knownRoots are the roots that only this lab takes for public ones, as PEM.
func knownRoots(l *lab.Lab) []byte {
	public := map[string]bool{}
	for _, r := range pki.PublicRoots().BuiltIn() {
		public[string(r.DER)] = true
	}
	var all []byte
	for _, r := range l.Roots().BuiltIn() {
		if !public[string(r.DER)] {
			all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.DER})...)
		}
	}
	return all
}

// arguments are the operand and flags that stand for p.
func arguments(p profile.Profile) []string {
	args := []string{p.Server.URL()}
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	for _, file := range p.Trust.Files {
		add("--ca", file)
	}
	add("--cert", p.ClientCertificate.CertificateFile)
	add("--key", p.ClientCertificate.KeyFile)
	add("--server-name", p.Server.Name)
	add("--proxy", p.Server.Proxy)
	for _, name := range p.Server.ALPN {
		add("--alpn", name)
	}
	add("--mqtt", string(p.MQTT.Version))
	add("--min-tls", string(p.TLS.Min))
	add("--max-tls", string(p.TLS.Max))
	add("--client-id", p.MQTT.ClientID)
	add("--username", p.MQTT.UserName)
	if p.Trust.CheckRevocation {
		args = append(args, "--check-revocation")
	}
	return args
}

func (o labObject) print(p *page) {
	p.line("%s %s", "The practice broker is at", p.paint(bold, o.URL))
	for _, f := range lab.Faults() {
		if f.ID == o.Fault {
			form := ""
			if o.Variant != "" {
				form = " (" + o.Variant + ")"
			}
			p.line("It is broken on purpose: %s%s", f.Title, form)
		}
	}
	p.line("")
	p.line("Files in %s", o.Dir)
	printFiles(p, o.Profile)
	p.line("")
	p.line("Try it from another terminal:")
	p.line("  mutualctl diagnose %s", shell(o.Arguments))
	if lab.NeedsOwnRoots(o.Fault) {
		p.line("What this program saw of it is in that file: another process has other public roots.")
	} else {
		p.line("  mutualctl sub %s -t '#' -v", shell(o.Arguments))
		p.line("  mutualctl pub %s -t greetings -m hello -q 1", shell(o.Arguments))
	}
	if o.PassphraseFile != "" {
		p.line("The right passphrase is in %s: --passphrase-file.", o.PassphraseFile)
	}
	if o.Fault == "anchor-not-root" && o.PublicRootsFile != "" && runtime.GOOS == "linux" {
		p.line("With SSL_CERT_FILE=%s before it, diagnose knows the missing root and offers it.", quoted(o.PublicRootsFile))
	}
	p.line("")
	p.line("It runs until you press Ctrl-C.")
}

func shell(words []string) string {
	var list []string
	for _, w := range words {
		list = append(list, quoted(w))
	}
	return strings.Join(list, " ")
}

// printFiles says what each file of a profile is.
func printFiles(p *page, profile profile.Profile) {
	for _, path := range profile.Trust.Files {
		p.line("  %-18s %s", filepath.Base(path), pki.Summary(pki.ReadFile(path, evidence.RoleCA, "")))
	}
	c := profile.ClientCertificate
	if c.CertificateFile != "" {
		p.line("  %-18s %s", filepath.Base(c.CertificateFile), pki.Summary(pki.ReadFile(c.CertificateFile, evidence.RoleCertificate, "")))
	}
	if c.KeyFile != "" && c.KeyFile != c.CertificateFile {
		p.line("  %-18s %s", filepath.Base(c.KeyFile), pki.Summary(pki.ReadFile(c.KeyFile, evidence.RoleKey, "")))
	}
}
