package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/deploy"
	"mutual/core/evidence"
	"mutual/core/pki"
)

func newExport(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Prepare what a broker has to be given: checked, as files or to paste",
		Long: `export puts a certificate, its chain, its key and the clients' authority into the form that a broker takes, and checks
them against what that broker demands. The files given may hold more than is needed, in any order; the chain is put in
order, and completed from the public certificates that are known. A failed check is exit status 1; what was made is there
all the same.`,
		Example: `  mutualctl export emqx --cert fullchain.pem --key privkey.pem --client-ca client-ca.crt --host broker.example
  mutualctl export mosquitto --cert server.crt --key server.key --chain client-ca.crt --client-ca client-ca.crt --out broker
  mutualctl export aws-iot --cert client.crt --key client.key --client-ca client-ca.crt --out aws`,
	}
	group(cmd)
	for _, b := range deploy.Brokers() {
		cmd.AddCommand(newExportTo(t, b))
	}
	return cmd
}

// exportFlags are those of all brokers, and of those that have them.
type exportFlags struct {
	sources        deploy.Sources
	options        deploy.Options
	passphraseFile string
	at             string
	out            string
	force          bool
	field          string
	json           bool
	upload         uploadFlags // of EMQX Cloud only
}

func newExportTo(t *terminal, b deploy.Broker) *cobra.Command {
	f := &exportFlags{}
	cmd := &cobra.Command{
		Use:     b.ID,
		Short:   b.Title + ": " + strings.ToLower(b.About[:1]) + strings.TrimSuffix(b.About[1:], "."),
		Long:    b.About + "\nWhat the broker takes: " + b.Source,
		Example: exportExample(b.ID),
		Args:    operands(0, 0, ""),
	}
	f.register(cmd, b.ID)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		if f.options.At, err = pointInTime(f.at); err != nil {
			return err
		}
		if b.ID == "emqx" && f.upload.wanted() {
			return t.platform(cmd, b, f)
		}
		h, err := t.prepare(cmd, b, f)
		if err != nil {
			return err
		}
		return t.handOver(h, f, nil)
	}
	return cmd
}

func exportExample(id string) string {
	switch id {
	case "emqx":
		return `  mutualctl export emqx --cert fullchain.pem --key privkey.pem --client-ca client-ca.crt --host broker.example
  mutualctl export emqx --cert fullchain.pem --key privkey.pem --one-way --field certificate-chain
  mutualctl export emqx --cert fullchain.pem --key privkey.pem --client-ca client-ca.crt --upload --deployment ge6a1a75 --key-file platform.key`
	case "aws-iot":
		return "  mutualctl export aws-iot --cert client.crt --key client.key --client-ca client-ca.crt --out aws"
	}
	return "  mutualctl export " + id + " --cert fullchain.pem --key privkey.pem --client-ca client-ca.crt --host broker.example --out broker"
}

func (f *exportFlags) register(cmd *cobra.Command, id string) {
	flags := cmd.Flags()
	whose := "the broker's certificate"
	if id == "aws-iot" {
		whose = "the client's certificate"
	}
	flags.StringVar(&f.sources.Certificate, "cert", "", "`FILE` with "+whose+", alone or with its chain")
	flags.StringVar(&f.sources.Key, "key", "", "`FILE` with its private key (default: the key stands in the --cert file)")
	flags.StringArrayVar(&f.sources.Chain, "chain", nil, "`FILE` with further certificates of authorities (repeatable)")
	flags.StringArrayVar(&f.sources.ClientCA, "client-ca", nil, "`FILE` with the authority that issues the clients' certificates (repeatable)")
	flags.StringVar(&f.passphraseFile, "passphrase-file", "", "read the key's passphrase from the first line of `FILE`")
	flags.StringVar(&f.at, "at", "", "check the dates at this `TIME` (RFC 3339) instead of now")
	flags.StringVar(&f.out, "out", "", "write the files into `DIR`, which is made when it is not there")
	flags.BoolVar(&f.force, "force", false, "replace files that are there already")
	flags.StringVar(&f.field, "field", "", "print the value of this `FIELD` alone, a private key too")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	if id == "aws-iot" {
		return
	}
	flags.StringVar(&f.sources.Client, "client-cert", "", "a client's certificate `FILE`, to see whether --client-ca issued it")
	flags.StringVar(&f.options.Host, "host", "", "the `NAME` or address that clients connect to (default: no name is checked)")
	flags.BoolVar(&f.options.OneWay, "one-way", false, "clients show no certificate")
	if id != "emqx" {
		flags.StringVar(&f.options.Folder, "folder", "", "the `DIR` of the files on the broker's machine, for its settings (default: --out, else the broker's customary one)")
		flags.IntVar(&f.options.Port, "port", 8883, "the `PORT` of the listener")
		return
	}
	var plans []string
	for _, p := range deploy.Plans() {
		plans = append(plans, p.ID)
	}
	flags.StringVar(&f.options.Plan, "plan", "", "`KIND` of deployment: "+strings.Join(plans, ", ")+" (default: "+plans[0]+", or what --deployment is)")
	complete(cmd, "plan", func() []string { return plans })
	f.upload.register(cmd)
}

// pointInTime reads --at; empty is now.
func pointInTime(text string) (time.Time, error) {
	if text == "" {
		return time.Now().UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usage("--at 2027-01-31T12:00:00Z", "--at: %q is not a time in RFC 3339", text)
	}
	return at.UTC(), nil
}

// prepare reads the files and makes the hand-over.
func (t *terminal) prepare(cmd *cobra.Command, b deploy.Broker, f *exportFlags) (deploy.Handover, error) {
	if err := f.check(cmd, b); err != nil {
		return deploy.Handover{}, err
	}
	if f.passphraseFile != "" {
		var err error
		if f.sources.Passphrase, err = t.secretFile(cmd.Context(), "--passphrase-file", f.passphraseFile); err != nil {
			return deploy.Handover{}, err
		}
	}
	f.sources.At = f.options.At
	m, err := t.material(cmd.Context(), f.sources)
	if err != nil {
		return deploy.Handover{}, err
	}
	h, err := b.Prepare(m, f.options)
	if err != nil {
		return h, usage("", "%s", err)
	}
	return h, nil
}

// check refuses flags that do not go together, and fills in the folder.
func (f *exportFlags) check(cmd *cobra.Command, b deploy.Broker) error {
	if f.sources.Certificate == "" {
		return usage("--cert FILE", "%s needs a certificate", cmd.CommandPath())
	}
	if flag := cmd.Flags().Lookup("host"); flag != nil && flag.Changed && f.options.Host == "" {
		return usage("leave --host out if that is what is meant", "--host is empty")
	}
	if strings.ContainsAny(f.options.Host, " \t\r\n/\\@?#[]") || strings.Contains(f.options.Host, ":") && net.ParseIP(f.options.Host) == nil {
		return usage("give the name or the address alone, as in --host broker.example", "--host: %q is not a host name or an address", f.options.Host)
	}
	if f.options.OneWay && (len(f.sources.ClientCA) > 0 || f.sources.Client != "") {
		return usage("leave out --one-way, or --client-ca and --client-cert", "with --one-way no client shows a certificate")
	}
	if f.options.Port < 0 || f.options.Port > 65535 {
		return usage("--port 8883", "--port must be 1 to 65535, and is %d", f.options.Port)
	}
	if _, ok := deploy.PlanNamed(f.options.Plan); !ok {
		return usage(cmd.CommandPath()+" --help", "--plan: no kind of deployment is called %q", f.options.Plan)
	}
	if f.field != "" && (f.json || f.out != "") {
		return usage("", "--field prints one value alone, and goes with neither --json nor --out")
	}
	if b.ID != "emqx" && f.options.Folder == "" && f.out != "" {
		dir, err := filepath.Abs(f.out)
		if err != nil {
			return usage("", "--out: %s", err)
		}
		f.options.Folder = filepath.ToSlash(dir)
	}
	return nil
}

// material reads the files, and asks for the key's passphrase where it is needed.
func (t *terminal) material(ctx context.Context, s deploy.Sources) (deploy.Material, error) {
	for again := false; ; again = true {
		m, err := deploy.Read(ctx, s)
		var file *pki.FileError
		if !errors.As(err, &file) {
			if err != nil && ctx.Err() == nil {
				err = usage("", "%s", err)
			}
			return m, err
		}
		p := file.File.Problem
		if p == evidence.PassphraseNone || p == evidence.PassphraseBad && again {
			var ok bool
			if s.Passphrase, ok = t.passphrase(ctx, pki.PassphraseRequest{File: file.File.Path, Again: again}); ok {
				continue
			}
		}
		hint := ""
		if p == evidence.PassphraseNone || p == evidence.PassphraseBad {
			hint = "--passphrase-file FILE"
		}
		return m, usage(hint, "%s", err)
	}
}
