package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/route53"
	"mutual/core/solver"
	"mutual/core/store"
)

// solverFlags say where what a solver needs comes from.
type solverFlags struct {
	environment bool
	passphrase  string
}

// settingsHelp stands in the help of every command that proves names or changes records.
const settingsHelp = `What a DNS service needs is taken, each value apart, from what is kept with the certificate (settings beside its files;
secrets in the keyring, or in the file of secrets that takes its place), and what is not kept there from the environment.
The window and obtain --keep-secrets keep secrets; settings that are no secrets are always kept. --from-environment turns
to the environment alone. With Route 53 the credentials are kept, or else all of the environment and the shared files, in
the order of Amazon's SDK.`

func (f *solverFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.environment, "from-environment", false, "take what the DNS service needs from the environment, not what is kept with the certificate")
	flags.StringVar(&f.passphrase, "secrets-passphrase-file", "", "open the file of secrets, where there is no keyring, with the passphrase in `FILE`")
}

// secrets opens the place of the secrets. A passphrase of --secrets-passphrase-file is told once: one that does not open
// would be asked for again.
func (t *terminal) secrets(ctx context.Context, f *solverFlags) (*store.Secrets, error) {
	s, err := t.openStore()
	if err != nil {
		return nil, err
	}
	if f.passphrase == "" {
		return s.Secrets(t.storePassphrase), nil
	}
	passphrase, err := t.secretFile(ctx, "--secrets-passphrase-file", f.passphrase)
	if err != nil {
		return nil, err
	}
	return s.Secrets(func(_ context.Context, _, again bool) (string, bool) { return passphrase, !again && passphrase != "" }), nil
}

// settings are what the solver of the certificate is made with.
func (t *terminal) settings(ctx context.Context, f *acmeFlags, folder acme.Folder, name, provider string) (map[string]string, error) {
	if f.environment {
		return nil, nil
	}
	secrets, err := t.secrets(ctx, &f.solverFlags)
	if err != nil {
		return nil, err
	}
	settings, err := folder.Settings(ctx, name, provider, nil, secrets)
	switch {
	case err == nil:
		t.noteKept(solver.ProviderNamed(provider), settings)
		return settings, nil
	case interruption(ctx) != nil:
		return nil, interruption(ctx)
	case errors.Is(err, store.ErrLocked):
		return nil, usage("", "a secret that is kept for %s is locked, and nobody gives its passphrase; run it in a terminal, or give --secrets-passphrase-file or --from-environment", name)
	}
	return nil, usage("--from-environment", "%s", err)
}

// solverNamed makes what proves names in a way, with the settings of the certificate.
func (t *terminal) solverNamed(f *acmeFlags, folder acme.Folder, name string) func(context.Context, string) (solver.Solver, error) {
	return func(ctx context.Context, provider string) (solver.Solver, error) {
		settings, err := t.settings(ctx, f, folder, name, provider)
		if err != nil {
			return nil, err
		}
		return solver.New(ctx, provider, settings, f.dns())
	}
}

// noteKept says where what is kept goes before another value of the environment: nobody who has just set that expects it.
func (t *terminal) noteKept(p solver.Provider, settings map[string]string) {
	for _, s := range p.Settings {
		if other := os.Getenv(s.Variable); !s.Secret && other != "" && settings[s.Variable] != "" && settings[s.Variable] != other {
			t.note("%s is %s, as kept with the certificate, and not what the environment has; --from-environment takes that.", s.Variable, settings[s.Variable])
		}
	}
}

// route53 is Route 53 with what is kept for the name, or the environment's credentials.
func (t *terminal) route53(ctx context.Context, f *acmeFlags, name string) (*route53.Client, error) {
	folder, err := f.folder()
	if err != nil {
		return nil, err
	}
	settings, err := t.settings(ctx, f, folder, name, "route53")
	if err != nil {
		return nil, err
	}
	s, err := solver.New(ctx, "route53", settings, f.dns())
	if err != nil {
		return nil, usage("", "%s", err)
	}
	return s.(solver.Route53).Client, nil
}

// keepSecrets keeps the secrets in effect before an order: were there no place for them, or nothing to keep, renewals would
// come to nothing long after somebody was there to see it.
func (t *terminal) keepSecrets(ctx context.Context, f *acmeFlags, name, provider string) error {
	values := map[string]string{}
	p := solver.ProviderNamed(provider)
	for _, s := range p.Settings {
		values[s.Variable] = os.Getenv(s.Variable)
	}
	if err := nothingToKeep(p, values); err != nil {
		return err
	}
	secrets, err := t.secrets(ctx, &f.solverFlags)
	if err != nil {
		return err
	}
	if err := acme.KeepSecrets(ctx, name, provider, values, secrets); err != nil {
		if err := interruption(ctx); err != nil {
			return err
		}
		return usage("--secrets-passphrase-file FILE, or leave out --keep-secrets", "%s", err)
	}
	return nil
}

// nothingToKeep is wrong usage where values has no secret of p's.
func nothingToKeep(p solver.Provider, values map[string]string) error {
	var variables []string
	for _, s := range p.Settings {
		switch {
		case !s.Secret:
		case values[s.Variable] != "" && p.Name != "route53":
			return nil
		default:
			variables = append(variables, s.Variable)
		}
	}
	if len(variables) == 0 {
		return usage("leave it out: what else a renewal needs is kept beside the certificate", "--keep-secrets: %s has no secret that could be kept", p.Name)
	}
	hint := "set " + variables[0] + ", or leave out --keep-secrets"
	if p.Name == "route53" {
		if values["AWS_ACCESS_KEY_ID"] != "" && values["AWS_SECRET_ACCESS_KEY"] != "" {
			return nil
		}
		hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or leave out --keep-secrets: a renewal reads the shared files again"
	}
	return usage(hint, "--keep-secrets: the environment has no secret of %s to keep (%s)", p.Name, strings.Join(variables, ", "))
}
