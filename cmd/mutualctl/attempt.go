package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/core/session"
	"mutual/core/store"
)

// wanted is what the connection flags come to: everything that is needed to try.
type wanted struct {
	profile    profile.Profile
	store      *store.Store // where the profile is saved; nil: it comes from flags alone
	password   string
	passphrase string
	proxy      string // the proxy's password
	timeout    time.Duration
	roots      *pki.Roots // nil: this machine's
	practice   *lab.Lab   // the practice broker, when the profile is its
	further    bool       // to look further than a failure calls for
}

// close stops the practice broker.
func (w *wanted) close() {
	if w.practice != nil {
		w.practice.Close()
	}
}

// wanted reads the flags, the saved profile and the secrets. args holds the URL, or nothing with --profile.
func (c *connection) wanted(ctx context.Context, t *terminal, args []string) (*wanted, error) {
	w := &wanted{profile: profile.New("command line"), timeout: c.timeout}
	server := ""
	switch {
	case len(args) == 1 && c.profileName != "":
		return nil, usage("", "the broker is named twice: by the URL and by --profile")
	case len(args) == 1:
		server = args[0]
	case c.profileName == "":
		return nil, usage(c.cmd.CommandPath()+" mqtts://host:port", "%s needs the URL of a broker, or --profile NAME", c.cmd.CommandPath())
	default:
		if err := w.readProfile(ctx, t, c.profileName); err != nil {
			return nil, err
		}
	}
	if err := c.apply(&w.profile, server); err != nil {
		return nil, err
	}
	if c.cmd.Flags().Changed("proxy") {
		w.proxy = "" // the password that is saved is for another proxy
	}
	if err := c.secrets(ctx, t, w); err != nil {
		return nil, err
	}
	if w.profile.Practice {
		return w, w.startPractice(ctx, t)
	}
	return w, nil
}

// secrets reads the files that hold them.
func (c *connection) secrets(ctx context.Context, t *terminal, w *wanted) error {
	for _, s := range []struct {
		flag, path string
		to         *string
	}{{"--password-file", c.passwordFile, &w.password}, {"--passphrase-file", c.passphraseFile, &w.passphrase}, {"--proxy-password-file", c.proxyPassword, &w.proxy}} {
		if s.path == "" {
			continue
		}
		secret, err := t.secretFile(ctx, s.flag, s.path)
		if err != nil {
			return err
		}
		*s.to = secret
	}
	return nil
}

// readProfile takes the saved profile of that name, with its secrets.
func (w *wanted) readProfile(ctx context.Context, t *terminal, name string) error {
	s, err := t.openStore()
	if err != nil {
		return err
	}
	p, err := theProfile(s, name)
	if err != nil {
		return err
	}
	w.profile, w.store = p, s
	secrets := s.Secrets(t.storePassphrase)
	for _, want := range []struct {
		name store.SecretName
		to   *string
	}{{store.Password, &w.password}, {store.Passphrase, &w.passphrase}, {store.ProxyPassword, &w.proxy}} {
		if want.name == store.ProxyPassword && p.Server.Proxy == "" {
			continue // the keyring may be slow
		}
		value, err := secrets.Get(ctx, p.ID, want.name)
		switch {
		case errors.Is(err, store.ErrNoSecret):
		case errors.Is(err, store.ErrLocked):
			return usage("run it in a terminal, or give --password-file and --passphrase-file",
				"the %s of the profile %s is in a locked file, and there is nobody to ask for its passphrase", want.name, p.Name)
		case err != nil:
			return usage("", "reading the %s of the profile %s: %s", want.name, p.Name, err)
		default:
			*want.to = value
		}
	}
	return nil
}

// startPractice starts the practice broker and takes over where it listens and what its files are.
func (w *wanted) startPractice(ctx context.Context, t *terminal) error {
	t.note("Starting the practice broker.")
	l, err := lab.Start(ctx, lab.Options{})
	if err != nil {
		return usage("", "starting the practice broker: %s", err)
	}
	p := l.Profile()
	w.practice, w.roots, w.passphrase = l, l.Roots(), l.Passphrase()
	w.profile.Server, w.profile.Trust, w.profile.ClientCertificate = p.Server, p.Trust, p.ClientCertificate
	return nil
}

// load reads the profile's files. A passphrase that is needed, and that nobody is there to give, ends the command.
func (t *terminal) load(ctx context.Context, w *wanted) (pki.Material, error) {
	m := pki.Load(ctx, w.profile, pki.LoadOptions{Passphrase: w.passphrase, Prompt: t.passphrase, Roots: w.roots})
	if err := interruption(ctx); err != nil {
		return m, err
	}
	for _, f := range m.Files.Files {
		if f.Problem == evidence.PassphraseNone {
			return m, usage("--passphrase-file FILE", "the key in %s is encrypted, and its passphrase was not given", f.Path)
		}
	}
	return m, nil
}

// attempt is one try and what is said of it.
type attempt struct {
	evidence *evidence.Attempt
	result   diagnose.Result
	clients  []string // those that must accept too
	kept     string   // what a masked report that was read says of itself
}

// try connects once, makes the experiments that a failure calls for, and judges.
func (t *terminal) try(ctx context.Context, w *wanted) (attempt, error) {
	m, err := t.load(ctx, w)
	if err != nil {
		return attempt{}, err
	}
	a := session.Try(ctx, w.profile, m, w.profile.MQTT.ClientID, session.Options{Password: w.password, ProxyPassword: w.proxy, Timeout: w.timeout})
	if err := interruption(ctx); err != nil {
		return attempt{}, err
	}
	w.meet(a)
	return t.explain(ctx, w, m, a)
}

// meet keeps the certificates that the broker sent, for cert list, where the folder of saved connections is there: a
// script on a machine that has none leaves none behind. That it cannot be written is no fault of the connection's.
func (w *wanted) meet(a *evidence.Attempt) {
	if w.profile.Practice {
		return
	}
	s := w.store
	if s == nil {
		dir, err := store.DefaultDir()
		if err != nil {
			return
		}
		if _, err := os.Stat(dir); err != nil {
			return
		}
		if s, _, err = store.Open(dir); err != nil {
			return
		}
	}
	_ = s.Meet(a)
}

// explain probes and judges an attempt that was made with w and m.
func (t *terminal) explain(ctx context.Context, w *wanted, m pki.Material, seen *evidence.Attempt) (attempt, error) {
	clients := w.profile.AlsoFor
	a := *seen // a session hands out what it never changes again, and the experiments are added to it
	probe.RunAsked(ctx, &a, w.asked(m), func(p evidence.Probe) {
		if p.Status == "" { // it begins
			t.note("%s …", report.ProbeDoing(p.Name))
		}
	})
	if err := interruption(ctx); err != nil {
		return attempt{}, err
	}
	return attempt{evidence: &a, result: diagnose.Diagnose(&a, clients), clients: clients}, nil
}

// asked are the experiments that the flags ask for. What a profile wants checked on each connection is asked about, too,
// where the connection did not come that far.
func (w *wanted) asked(m pki.Material) probe.Asked {
	return probe.Asked{
		Made: &probe.Made{Profile: w.profile, Material: m}, Ports: w.further, Intermediates: w.further, Revocation: w.profile.Trust.CheckRevocation,
		ProxyPassword: w.proxy,
	}
}

// status is the exit status that an attempt ends with. A stage that did not succeed counts, also where no rule knows
// why: a script must never take that for success.
func (a attempt) status() error {
	if diagnose.Failed(a.result.Findings) || report.BrokeOff(a.evidence) {
		return ended(statusFound)
	}
	return nil
}

// bound gives ctx the deadline of --deadline.
func (c *connection) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.deadline <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, c.deadline, errDeadline)
}

// openStore opens the user's saved profiles.
func (t *terminal) openStore() (*store.Store, error) {
	dir, err := store.DefaultDir()
	if err != nil {
		return nil, usage("set MUTUAL_HOME to a folder", "finding the folder of the saved profiles: %s", err)
	}
	s, notices, err := store.Open(dir)
	if err != nil {
		return nil, usage("set MUTUAL_HOME to another folder", "opening the saved profiles in %s: %s", filepath.Clean(dir), err)
	}
	for _, n := range notices {
		t.note("%s", n.Text)
	}
	return s, nil
}

// storePassphrase is the store.Ask of this terminal. No secrets file is ever begun here: only the window saves secrets.
func (t *terminal) storePassphrase(ctx context.Context, create, again bool) (string, bool) {
	if create {
		return "", false
	}
	if again && t.interactive() {
		t.note("That passphrase does not open the file of secrets.")
	}
	return t.secret(ctx, "Passphrase of the file of secrets")
}
