package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/deploy"
	"mutual/core/store"
)

// Names of the variables of the environment that EMQX's own programs read.
const (
	envPlatformKey    = "EMQXCLOUD_PLATFORM_API_KEY"
	envPlatformSecret = "EMQXCLOUD_PLATFORM_API_SECRET"
	envPlatformAPI    = "EMQXCLOUD_PLATFORM_ENDPOINT"
)

// uploadFlags are those of EMQX Platform's interface.
type uploadFlags struct {
	upload, status, remove, list bool

	deployment  string
	api         string
	keyFile     string
	rememberKey bool
	yes, anyway bool
	wait        time.Duration
}

func (f *uploadFlags) register(cmd *cobra.Command) {
	api := os.Getenv(envPlatformAPI)
	if api == "" {
		api = deploy.DefaultAPI
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.upload, "upload", false, "give it to the deployment over EMQX Platform's interface")
	flags.BoolVar(&f.status, "status", false, "say what certificate the deployment has, and change nothing")
	flags.BoolVar(&f.remove, "remove", false, "delete the deployment's certificate, which disconnects its ports 8883 and 8084")
	flags.BoolVar(&f.list, "deployments", false, "list the deployments that the API key may see")
	flags.StringVar(&f.deployment, "deployment", "", "`ID` of the deployment, from its overview in the console (not its name)")
	flags.StringVar(&f.api, "api", api, "`URL` of the interface ("+envPlatformAPI+")")
	flags.StringVar(&f.keyFile, "key-file", "", "read the Platform API key and its secret from `FILE`: KEY:SECRET, or two lines "+
		"(default: "+envPlatformKey+" and "+envPlatformSecret+", else what --remember-key kept)")
	flags.BoolVar(&f.rememberKey, "remember-key", false, "keep the API key and secret in the keyring")
	flags.BoolVar(&f.yes, "yes", false, "replace or delete a certificate that is there without asking")
	flags.BoolVar(&f.anyway, "anyway", false, "upload although a check failed: EMQX judges again")
	flags.DurationVar(&f.wait, "wait", 10*time.Minute, "wait this long until the certificate is in use; 0: do not wait")
}

// wanted says whether the interface is asked anything.
func (f uploadFlags) wanted() bool { return f.upload || f.status || f.remove || f.list }

// platformObject is what the interface said.
type platformObject struct {
	Deployment  *deploy.Deployment  `json:"deployment"`
	Deployments []deploy.Deployment `json:"deployments,omitempty"`
	Before      *deploy.Installed   `json:"before"` // null: there was none
	After       *deploy.Installed   `json:"after"`  // null: there is none
}

// platform carries out what the flags ask of the interface. A refusal is exit status 1, with what to do next.
func (t *terminal) platform(cmd *cobra.Command, b deploy.Broker, f *exportFlags) error {
	err := t.askPlatform(cmd, b, f)
	var refused *deploy.APIError
	if errors.As(err, &refused) {
		text := refused.Text
		if refused.Message != "" {
			text += fmt.Sprintf(" It says %q.", refused.Message)
		}
		t.complain(text, refused.Do, f.json)
		return ended(statusFound)
	}
	return err
}

func (t *terminal) askPlatform(cmd *cobra.Command, b deploy.Broker, f *exportFlags) error {
	ctx, u := cmd.Context(), &f.upload
	if err := u.check(); err != nil {
		return err
	}
	api, err := t.platformAPI(ctx, u)
	if err != nil {
		return err
	}
	var done platformObject
	if u.list {
		if done.Deployments, err = api.Deployments(ctx); err == nil {
			t.tellPlatform(f, done)
		}
		return err
	}
	d, err := api.Deployment(ctx, u.deployment)
	if err != nil {
		return err
	}
	done.Deployment = &d
	before, there, err := api.Installed(ctx, u.deployment)
	if err != nil {
		return err
	}
	if there {
		done.Before, done.After = &before, &before
	}
	switch {
	case u.status:
		t.tellPlatform(f, done)
		return nil
	case u.remove:
		return t.removeFrom(ctx, api, f, done)
	}
	if _, known := deploy.PlanNamed(d.Type); known && f.options.Plan == "" {
		f.options.Plan = d.Type
	}
	h, err := t.prepare(cmd, b, f)
	if err != nil {
		return err
	}
	return t.upload(ctx, api, h, f, done)
}

func (f uploadFlags) check() error {
	count := 0
	for _, flag := range []bool{f.upload, f.status, f.remove, f.list} {
		if flag {
			count++
		}
	}
	switch _, err := deploy.CheckAPI(f.api); {
	case count > 1:
		return usage("one of them at a time", "--upload, --status, --remove and --deployments exclude each other")
	case f.deployment == "" && !f.list:
		return usage("mutualctl export emqx --deployments lists them", "the deployment is not named")
	case err != nil:
		return usage("--api "+deploy.DefaultAPI, "--api: %s", err)
	case f.wait < 0:
		return usage("--wait 10m", "--wait must not be negative, and is %s", f.wait)
	}
	return nil
}

// platformAPI finds the credentials: the file, the environment, the keyring.
func (t *terminal) platformAPI(ctx context.Context, f *uploadFlags) (*deploy.API, error) {
	api := &deploy.API{Base: f.api}
	s, err := t.openStore()
	if err != nil {
		t.note("The calls are not remembered: %s.", err)
	} else {
		api.Calls = s.Calls()
	}
	switch {
	case f.keyFile != "":
		data, err := t.readFile(ctx, f.keyFile, maxSecret)
		if err := interruption(ctx); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, usage("", "reading --key-file: %s", reason(err))
		}
		var ok bool
		if api.Credentials, ok = deploy.ParseCredentials(string(data)); !ok {
			return nil, usage("KEY:SECRET, or the key in the first line and the secret in the second", "--key-file: %s holds no API key with its secret", f.keyFile)
		}
	case os.Getenv(envPlatformKey) != "" && os.Getenv(envPlatformSecret) != "":
		api.Credentials = deploy.Credentials{Key: os.Getenv(envPlatformKey), Secret: os.Getenv(envPlatformSecret)}
	case s != nil:
		kept, err := s.Secrets(t.storePassphrase).Get(ctx, deploy.SecretID(f.api), store.PlatformKey)
		if credentials, ok := deploy.ParseCredentials(kept); err == nil && ok {
			api.Credentials = credentials
		}
	}
	if api.Credentials.Key == "" {
		return nil, usage("--key-file FILE, or "+envPlatformKey+" and "+envPlatformSecret, "no Platform API key was given")
	}
	if f.rememberKey && s != nil {
		if err := s.Secrets(t.storePassphrase).Set(ctx, deploy.SecretID(f.api), store.PlatformKey, api.Credentials.Text()); err != nil {
			return nil, usage("leave out --remember-key", "keeping the API key: %s", err)
		}
	}
	return api, nil
}

// upload replaces what is there once that is agreed to, and waits until the new certificate is in use.
func (t *terminal) upload(ctx context.Context, api *deploy.API, h deploy.Handover, f *exportFlags, done platformObject) error {
	id := f.upload.deployment
	if h.Failed() && (!f.upload.anyway || len(h.Fields) == 0) {
		t.note("Nothing was uploaded, because a check failed.")
		return t.handOver(h, f, &done)
	}
	if done.Before != nil {
		question := fmt.Sprintf("Deployment %q has a %s certificate until %s. Replace it?", done.Deployment.Name, done.Before.Type, done.Before.Expire)
		if err := t.agree(ctx, question, f.upload.yes); err != nil {
			return err
		}
	}
	t.note("Uploading to deployment %q…", done.Deployment.Name)
	after, err := t.uploadInTime(ctx, api, h, f, done.Before != nil)
	if err != nil {
		return err
	}
	done.After = &after
	if !after.Running() && f.upload.wait > 0 {
		waiting, cancel := context.WithTimeout(ctx, f.upload.wait)
		defer cancel()
		running, err := api.AwaitRunning(waiting, id, f.upload.pause(), func(i deploy.Installed) { t.note("The certificate is %s.", i.Status) })
		switch {
		case err == nil:
			done.After = &running
		case ctx.Err() == nil && waiting.Err() != nil:
			t.note("The certificate is not in use after %s; mutualctl export emqx --status tells when it is.", f.upload.wait)
		default:
			return err
		}
	}
	t.note("The certificate is %s, until %s.", done.After.Status, done.After.Expire)
	return t.handOver(h, f, &done)
}

// maxTries bounds how often an upload that was put off is tried.
const maxTries = 3

// uploadInTime uploads. A call that is put off for no longer than the whole command may wait changed nothing, and is made
// again when the service said so.
func (t *terminal) uploadInTime(ctx context.Context, api *deploy.API, h deploy.Handover, f *exportFlags, replace bool) (deploy.Installed, error) {
	for try := 1; ; try++ {
		after, err := api.Upload(ctx, f.upload.deployment, h, replace)
		var refused *deploy.APIError
		if !errors.As(err, &refused) || refused.Free.IsZero() || try == maxTries {
			return after, err
		}
		wait := time.Until(refused.Free)
		if wait > f.upload.wait {
			return after, err
		}
		t.note("%s It is tried again in %s.", refused.Text, max(wait, 0).Round(time.Second))
		select {
		case <-time.After(max(wait, 0)):
		case <-ctx.Done():
			return after, interruption(ctx)
		}
	}
}

// pause is how long to wait before asking first: as usual, or less where the whole wait is short.
func (f uploadFlags) pause() time.Duration { return min(10*time.Second, f.wait/20) }

func (t *terminal) removeFrom(ctx context.Context, api *deploy.API, f *exportFlags, done platformObject) error {
	if done.Before == nil {
		t.note("Deployment %q has no certificate of its own.", done.Deployment.Name)
		t.tellPlatform(f, done)
		return nil
	}
	question := fmt.Sprintf("Deployment %q has a %s certificate until %s. Deleting it disconnects every client of its ports 8883 and 8084. Delete it?",
		done.Deployment.Name, done.Before.Type, done.Before.Expire)
	if err := t.agree(ctx, question, f.upload.yes); err != nil {
		return err
	}
	if err := api.Remove(ctx, f.upload.deployment); err != nil {
		return err
	}
	done.After = nil
	t.tellPlatform(f, done)
	return nil
}

// agree asks on a terminal; without one it takes --yes.
func (t *terminal) agree(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	answer, asked := t.line(ctx, question+" [y/N]")
	if err := interruption(ctx); err != nil {
		return err
	}
	if !asked {
		return usage("--yes", "there is no terminal to be asked on: %s", question)
	}
	if answer != "y" && answer != "yes" && answer != "Y" {
		t.note("Nothing was changed.")
		return ended(statusInterrupted)
	}
	return nil
}

// tellPlatform prints what is there.
func (t *terminal) tellPlatform(f *exportFlags, o platformObject) {
	if f.json {
		t.object(struct {
			Schema   int            `json:"schema"`
			Platform platformObject `json:"platform"`
		}{schema, o})
		return
	}
	for _, d := range o.Deployments {
		fmt.Fprintf(t.out, "%-12s %-24s %-14s %-10s %s\n", d.ID, d.Name, d.Type, d.Status, d.Project)
	}
	if o.Deployment == nil {
		return
	}
	if o.After == nil {
		fmt.Fprintf(t.out, "Deployment %q has no certificate of its own.\n", o.Deployment.Name)
		return
	}
	fmt.Fprintf(t.out, "Deployment %q has a %s certificate until %s; it is %s.\n", o.Deployment.Name, o.After.Type, o.After.Expire, o.After.Status)
}
