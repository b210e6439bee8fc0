package acme

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"mutual/core/nameserver"
	"mutual/core/solver"
	"mutual/core/store"
)

// sharedSecretID is where versions before kept the secrets of all certificates together. It is still read.
const sharedSecretID = "acme"

// SecretID is under which ID of the store a certificate's secrets are kept: one certificate's account need not be another's.
// The sum tells a-b.example and a.b.example apart.
func SecretID(name string) string {
	if n, err := nameserver.CertificateName(name); err == nil {
		name = n
	}
	sum := sha256.Sum256([]byte(name))
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
	return "acme-" + readable[:min(len(readable), 40)] + "-" + hex.EncodeToString(sum[:4])
}

// SecretName is a variable as the store names it.
func SecretName(variable string) store.SecretName {
	return store.SecretName(strings.ReplaceAll(strings.ToLower(variable), "_", "-"))
}

// Settings collects what the solver of a certificate is made with, for solver.New: what is typed now, else what is kept
// with the certificate, else, where the environment has nothing either, what earlier versions kept for all of them. What
// is missing in the result is left to the environment, which also goes before what only an unfinished order has kept.
//
// typed is a whole form, in which an empty field is meant so, but for secrets, which forms do not show again; nil: there
// is none. A secret that follows another, as a session token does its key, is from where that is: beside another's it
// would be refused. It may wait for the keyring, and ask for a passphrase.
func (f Folder) Settings(ctx context.Context, name, provider string, typed map[string]string, secrets *store.Secrets) (map[string]string, error) {
	kept, tentative, ids := f.keptSettings(name, provider)
	values := map[string]string{}
	for _, s := range solver.ProviderNamed(provider).Settings {
		if values[s.Variable] = typed[s.Variable]; values[s.Variable] != "" {
			if s.Secret {
				ids = nil
			}
			continue
		}
		if !s.Secret {
			if typed == nil && !(tentative && os.Getenv(s.Variable) != "") {
				values[s.Variable] = kept[s.Variable]
			}
			continue
		}
		// A secret of Amazon's belongs to the access key beside it; without one, the environment has both.
		if provider == "route53" && values["AWS_ACCESS_KEY_ID"] == "" {
			continue
		}
		value, id, err := keptSecret(ctx, secrets, ids, s)
		if err != nil {
			return nil, err
		}
		if values[s.Variable] = value; value != "" {
			ids = []string{id}
		}
	}
	if provider == "route53" && values["AWS_SECRET_ACCESS_KEY"] == "" {
		delete(values, "AWS_ACCESS_KEY_ID")
		delete(values, "AWS_SESSION_TOKEN")
	}
	return values, nil
}

// keptSettings are those that are no secrets, and under which IDs the secrets may be. tentative: they are those of an
// order that has come to nothing yet, perhaps because of them, so that the environment goes first. With Route 53 they are
// never: what is kept there is half of a secret.
func (f Folder) keptSettings(name, provider string) (kept map[string]string, tentative bool, ids []string) {
	ids = []string{SecretID(name)}
	if r, err := f.Renewal(name); err == nil && r.Request.Solver == provider && r.Request.Settings != nil {
		kept = r.Request.Settings
	} else if o, err := f.pending(name); err == nil && o.Request.Solver == provider {
		kept, tentative = o.Request.Settings, provider != "route53"
	}
	if p, err := f.Plan(); err == nil && p.Provider == provider {
		own, _ := nameserver.CertificateName(p.Name)
		if p.Formerly != "" && own == name {
			ids = append(ids, SecretID(p.Formerly))
		}
		// Versions before kept the settings in the plan only.
		if kept == nil {
			kept = p.SolverSettings()
		}
	}
	return kept, tentative, append(ids, sharedSecretID)
}

// keptSecret reads a secret from the first of ids that has it, and says from which. That of all certificates counts only
// where the environment has none.
func keptSecret(ctx context.Context, secrets *store.Secrets, ids []string, s solver.Setting) (value, from string, err error) {
	if secrets == nil {
		return "", "", nil
	}
	inEnvironment := os.Getenv(s.Variable) != ""
	for _, id := range ids {
		if id == sharedSecretID && inEnvironment {
			break
		}
		value, err := secrets.Get(ctx, id, SecretName(s.Variable))
		switch {
		case err == nil:
			return value, id, nil
		case errors.Is(err, store.ErrNoSecret) || inEnvironment && ctx.Err() == nil:
		default:
			return "", "", fmt.Errorf("%s, which is kept for renewals: %w", s.Title, err)
		}
	}
	return "", "", nil
}

// KeepSecrets keeps those of values that are secrets, for the certificate's renewals. They take the place of all that were
// kept before: a session token is of no use beside another key. Where values has none, what is kept stays.
func KeepSecrets(ctx context.Context, name, provider string, values map[string]string, secrets *store.Secrets) error {
	settings := slices.DeleteFunc(slices.Clone(solver.ProviderNamed(provider).Settings), func(s solver.Setting) bool { return !s.Secret })
	if !slices.ContainsFunc(settings, func(s solver.Setting) bool { return values[s.Variable] != "" }) {
		return nil
	}
	for _, s := range settings {
		value := values[s.Variable]
		err := secrets.Set(ctx, SecretID(name), SecretName(s.Variable), value)
		if err != nil && (value != "" || !errors.Is(err, store.ErrKeyringSilent)) { // nothing is read from a silent keyring either
			return fmt.Errorf("keeping %s: %w", s.Title, err)
		}
	}
	return nil
}

// SolverSettings are those of the plan's provider that are no secrets. With Route 53 the access key counts only where
// credentials are typed.
func (p Plan) SolverSettings() map[string]string {
	open := solver.ProviderNamed(p.Provider).Open(p.Settings)
	if p.Provider == "route53" && !p.Typed {
		delete(open, "AWS_ACCESS_KEY_ID")
	}
	return open
}
