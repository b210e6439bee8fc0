package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
)

func newACMERenew(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	var force bool
	cmd := &cobra.Command{
		Use:   "renew [NAME…]",
		Short: "Renew the certificates that are due",
		Long: `renew asks the authority when each certificate, or each that is named by its first name, is to be renewed (RFC 9773),
and renews those that are due: without such an answer, from a third of the lifetime before the end. It obtains them as they
were obtained before. A renewal that does not succeed leaves the old files in place; the exit status is 1 then. Run it once
or twice a day, from cron or a timer: after a failure the next run tries again, but not before the time from which the
authority allows it, where it named one (a rate limit); --force tries all the same.

` + settingsHelp,
		Example: `  mutualctl acme renew
  mutualctl acme renew mqtt.example.org --force`,
		Args: cobra.ArbitraryArgs,
	}
	f.register(cmd)
	cmd.ValidArgsFunction = f.completeCertificate(0, false)
	cmd.Flags().BoolVar(&force, "force", false, "renew although it is not due")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.renew(cmd.Context(), f, args, force) }
	return cmd
}

// renewedObject is one certificate in what renew --json prints.
type renewedObject struct {
	Name     string    `json:"name"`
	Due      time.Time `json:"due,omitzero"` // left out where there is no such certificate
	Renewed  bool      `json:"renewed"`
	NotAfter time.Time `json:"not_after,omitzero"`
	Problem  string    `json:"problem,omitempty"`
	// RetryAt is when the authority allows the next try; left out where it did not say.
	RetryAt time.Time `json:"retry_at,omitzero"`
}

func (t *terminal) renew(ctx context.Context, f *acmeFlags, named []string, force bool) error {
	folder, names, err := f.kept(named)
	if err != nil {
		return err
	}
	if err := f.checkResolver(); err != nil {
		return err
	}
	if len(named) == 0 {
		names = t.renewable(folder, names)
	} else if names, err = certificatesIn(folder, named, f.dir); err != nil {
		return err
	}
	list := []renewedObject{}
	status := statusDone
	for _, name := range names {
		o := t.renewOne(ctx, folder, f, name, force)
		if ctx.Err() != nil {
			return stoppedOrder()
		}
		if o.Problem != "" {
			status = statusFound
			t.note("%s: %s", name, oneLine(o.Problem))
		}
		list = append(list, o)
	}
	if f.json {
		t.object(struct {
			Schema       int             `json:"schema"`
			Certificates []renewedObject `json:"certificates"`
		}{schema, list})
	} else {
		t.tellRenewed(list)
	}
	if status != statusDone {
		return ended(status)
	}
	return nil
}

func (t *terminal) tellRenewed(list []renewedObject) {
	if len(list) == 0 {
		fmt.Fprintln(t.out, "There is no certificate to renew yet: mutualctl acme obtain --help")
	}
	for _, o := range list {
		switch {
		case o.Problem != "":
			fmt.Fprintf(t.out, "%s: not renewed; the old certificate is still in place\n", o.Name)
		case o.Renewed:
			fmt.Fprintf(t.out, "%s: renewed, valid until %s\n", o.Name, o.NotAfter.Local().Format("2006-01-02 15:04"))
		default:
			fmt.Fprintf(t.out, "%s: due on %s\n", o.Name, o.Due.Local().Format("2006-01-02"))
		}
	}
}

func (t *terminal) renewOne(ctx context.Context, folder acme.Folder, f *acmeFlags, name string, force bool) renewedObject {
	o := renewedObject{Name: name}
	if _, err := folder.Renewal(name); err != nil {
		o.Problem = err.Error()
		return o
	}
	named := t.solverNamed(f, folder, name)
	got, due, renewed, err := folder.Renew(ctx, name, force, acme.Options{SolverNamed: named, Resolver: f.dns(), Report: t.steps()})
	o.Due, o.Renewed = due.At.UTC(), renewed
	if err != nil {
		o.Problem = acme.Sentence(err)
		if after, err := folder.Renewal(name); err == nil && after.RetryAt.After(time.Now()) {
			o.RetryAt = after.RetryAt
		}
	}
	if renewed {
		o.NotAfter = got.Certificates[0].NotAfter.UTC()
	}
	return o
}

// renewable leaves out what was ordered and never obtained: there is nothing to renew yet.
func (t *terminal) renewable(folder acme.Folder, names []string) (list []string) {
	for _, name := range names {
		_, err := folder.Renewal(name)
		if _, begun, ok := folder.Pending(name); ok && errors.Is(err, fs.ErrNotExist) {
			t.note("%s: an order of %s is under way; mutualctl acme obtain with the same --name goes on with it.", name, begun.Local().Format("2006-01-02 15:04"))
			continue
		}
		list = append(list, name)
	}
	return list
}

// certificatesIn are the names under which the folder keeps those that are meant, each once.
func certificatesIn(folder acme.Folder, named []string, dir string) (list []string, err error) {
	for _, name := range named {
		found, err := certificateIn(folder, name, dir)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, found) {
			list = append(list, found)
		}
	}
	return list, nil
}

// certificateIn is the name under which the folder keeps the certificate that is meant; none is wrong usage, with those
// that there are.
func certificateIn(folder acme.Folder, name, dir string) (string, error) {
	found, err := folder.Find(name)
	var unknown *acme.UnknownError
	switch {
	case err == nil:
		return found, nil
	case !errors.As(err, &unknown):
		return "", usage("", "%s", err)
	case unknown.Under != "":
		return "", usage(unknown.Under, "%s", err)
	case unknown.Pending:
		return "", usage("mutualctl acme obtain with the same --name goes on with it", "%s", err)
	case len(unknown.Known) > 0:
		return "", usage("there are "+shortList(unknown.Known), "%s", err)
	case dir == "":
		return "", usage("--dir DIR, if the certificates are in another folder", "%s, and no other in %s", err, folder.Path)
	}
	return "", usage("mutualctl acme obtain --help", "%s, and no other in %s", err, folder.Path)
}

// completeCertificate offers the names of the folder's certificates, for up to most operands (0: any number), or for a
// command that takes a file as well, those and files.
func (f *acmeFlags) completeCertificate(most int, files bool) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		if most > 0 && len(args) >= most {
			return nil, directive
		}
		if files {
			directive = cobra.ShellCompDirectiveDefault
		}
		folder, err := f.folder()
		if err != nil {
			return nil, directive
		}
		names, _ := folder.Names()
		return names, directive
	}
}

// shortList are the first few of names.
func shortList(names []string) string {
	const most = 8
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more (mutualctl acme list)", more)
	}
	return strings.Join(names, ", ")
}

// readable is the folder, if what is in it can be read.
func (f *acmeFlags) readable() (acme.Folder, error) {
	folder, err := f.folder()
	if err != nil {
		return folder, err
	}
	return folder, readable(folder.Path)
}

// kept are the names of the folder's certificates, where none is named.
func (f *acmeFlags) kept(names []string) (acme.Folder, []string, error) {
	folder, err := f.readable()
	if err != nil || len(names) > 0 {
		return folder, names, err
	}
	names, err = folder.Names()
	if err != nil {
		return folder, nil, usage("", "%s", err)
	}
	for _, name := range folder.Damaged() { // left out in silence, they would end without a word
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return folder, names, nil
}
