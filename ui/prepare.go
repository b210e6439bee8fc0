package ui

import (
	"context"
	"errors"

	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

// practice is a running practice broker and the profile that reaches it, as the repairs have left it.
type practice struct {
	lab     *lab.Lab
	fault   string
	variant string
	profile profile.Profile
}

// prepared is everything that a connection needs, read off the window's goroutine.
type prepared struct {
	practice *practice
	profile  profile.Profile
	material pki.Material
	password string
	proxy    string // the proxy's password
	trouble  string
}

// prepare starts the practice broker where one is wanted and not running, and reads secrets and files.
func (c *connection) prepare(said func(string)) func(context.Context) prepared {
	env, p, running, fault, variant := c.env, c.profile, c.practice, c.fault, c.variant
	password, passphrase, proxy := c.password, c.passphrase, c.proxy
	return func(ctx context.Context) prepared {
		out := prepared{practice: running, profile: p}
		options := pki.LoadOptions{Passphrase: passphrase, Prompt: env.passphrase}
		if env.roots != nil {
			options.Roots = env.roots()
		}
		if p.Practice {
			if running == nil || running.fault != fault || running.variant != variant {
				said("Starting the practice broker")
				started, err := startPractice(ctx, p, fault, variant)
				if err != nil {
					out.trouble = "The practice broker did not start: " + err.Error() + "."
					return out
				}
				if running != nil {
					running.lab.Close()
				}
				out.practice = started
			}
			out.profile = out.practice.profile
			options.Roots, options.Prompt = out.practice.lab.Roots(), nil // what is missing is what is practised
			if options.Passphrase == "" {
				options.Passphrase = out.practice.lab.GivenPassphrase()
			}
		} else {
			var err error
			if out.password, options.Passphrase, err = readSecrets(ctx, env.secrets, p, password, passphrase); err != nil {
				out.trouble = "The saved password could not be read: " + err.Error() + "."
				return out
			}
			if out.proxy, err = readProxyPassword(ctx, env.secrets, p, proxy); err != nil {
				out.trouble = "The saved password of the proxy could not be read: " + err.Error() + "."
				return out
			}
		}
		said("Reading certificates")
		out.material = pki.Load(ctx, out.profile, options)
		return out
	}
}

func startPractice(ctx context.Context, p profile.Profile, fault, variant string) (*practice, error) {
	l, err := lab.Start(ctx, lab.Options{Fault: fault, Variant: variant})
	if err != nil {
		return nil, err
	}
	q := l.Profile()
	q.ID, q.Name, q.Practice = p.ID, p.Name, true
	q.Subscriptions = p.Subscriptions
	if q.AlsoFor == nil {
		q.AlsoFor = p.AlsoFor
	}
	return &practice{lab: l, fault: fault, variant: variant, profile: q}, nil
}

// readSecrets reads only what p needs, so that nothing is asked for a profile without secrets.
func readSecrets(ctx context.Context, s *store.Secrets, p profile.Profile, password, passphrase string) (string, string, error) {
	var err error
	get := func(n store.SecretName) (string, error) { return readSecret(ctx, s, p, n) }
	if password == "" && p.MQTT.UserName != "" {
		if password, err = get(store.Password); err != nil {
			return "", passphrase, err
		}
	}
	if passphrase == "" && p.ClientCertificate != (profile.ClientCertificate{}) {
		if passphrase, err = get(store.Passphrase); err != nil {
			return password, "", err
		}
	}
	return password, passphrase, nil
}

// readSecret reads one; empty: none is stored.
func readSecret(ctx context.Context, s *store.Secrets, p profile.Profile, n store.SecretName) (string, error) {
	v, err := s.Get(ctx, p.ID, n)
	if errors.Is(err, store.ErrNoSecret) {
		return "", nil
	}
	return v, err
}

// readProxyPassword reads the proxy's, where its address holds a user name and none was given for this run.
func readProxyPassword(ctx context.Context, s *store.Secrets, p profile.Profile, given string) (string, error) {
	if proxy, err := profile.ParseProxy(p.Server.Proxy); given != "" || err != nil || proxy.UserName == "" {
		return given, nil
	}
	return readSecret(ctx, s, p, store.ProxyPassword)
}
