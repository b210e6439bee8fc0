package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
)

func newACMEList(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the certificates, and orders under way",
		Long:    "list shows each certificate with its names, its end, when it is due for renewal, and what kept the last renewal from succeeding.",
		Example: "  mutualctl acme list",
		Args:    operands(0, 0, ""),
	}
	f.register(cmd)
	for _, name := range []string{"resolver", "from-environment", "secrets-passphrase-file"} {
		_ = cmd.Flags().MarkHidden(name) // taken all the same, as by the other commands; nobody is asked for anything here
	}
	cmd.RunE = func(*cobra.Command, []string) error { return t.listACME(f) }
	return cmd
}

// keptObject is one certificate in what list --json prints.
type keptObject struct {
	Name      string    `json:"name"`
	Names     []string  `json:"names"`
	Directory string    `json:"directory"`
	NotAfter  time.Time `json:"not_after,omitzero"`
	Due       time.Time `json:"due,omitzero"`
	Problem   string    `json:"problem,omitempty"`
	ProblemAt time.Time `json:"problem_at,omitzero"` // when the renewal did not come about
	RetryAt   time.Time `json:"retry_at,omitzero"`   // when the authority allows the next try
	Revoked   time.Time `json:"revoked,omitzero"`    // when it was revoked from here
	// Pending is when an order was begun that is not ended.
	Pending time.Time `json:"pending,omitzero"`
}

func (t *terminal) listACME(f *acmeFlags) error {
	folder, err := f.readable()
	if err != nil {
		return err
	}
	all, err := (&acme.Shelf{Folder: folder}).List()
	if err != nil {
		return usage("", "%s", err)
	}
	list := []keptObject{}
	for _, k := range all {
		list = append(list, objectOf(k))
	}
	for _, name := range folder.Damaged() { // left out in silence, it would end without a word
		i := slices.IndexFunc(list, func(o keptObject) bool { return o.Name == name })
		if i < 0 {
			i, list = len(list), append(list, keptObject{Name: name, Names: []string{name}})
		}
		_, err := folder.Renewal(name)
		list[i].Problem = fmt.Sprint(err)
		if chain, err := folder.ReadChain(name); err == nil {
			list[i].NotAfter = chain[0].NotAfter.UTC()
		}
	}
	if f.json {
		t.object(struct {
			Schema       int          `json:"schema"`
			Certificates []keptObject `json:"certificates"`
		}{schema, list})
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(t.out, "There is no certificate yet: mutualctl acme obtain --help")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAMES\tVALID UNTIL\tRENEW FROM\tREMARK")
	for _, o := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.shortNames(), dayOf(o.NotAfter), dayOf(o.Due), o.remark())
	}
	return w.Flush()
}

// shortNames are the first few, for a table.
func (o keptObject) shortNames() string {
	const most = 3
	if more := len(o.Names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(o.Names[:most], ", "), more)
	}
	return strings.Join(o.Names, ", ")
}

func dayOf(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Local().Format("2006-01-02")
}

func (o keptObject) remark() string {
	if o.Problem != "" && !o.ProblemAt.IsZero() {
		return o.ProblemAt.Local().Format("2006-01-02 15:04") + ": " + oneLine(o.Problem)
	}
	if o.Problem != "" {
		return oneLine(o.Problem)
	}
	if !o.Revoked.IsZero() {
		return "revoked on " + dayOf(o.Revoked)
	}
	if !o.Pending.IsZero() {
		return "an order of " + o.Pending.Local().Format("2006-01-02 15:04") + " is under way"
	}
	return ""
}

func objectOf(k acme.Kept) keptObject {
	return keptObject{Name: k.Name, Names: k.Request.Names, Directory: k.Request.Directory.URL, NotAfter: k.NotAfter.UTC(), Due: k.Due.At.UTC(),
		Problem: k.Renewal.Problem, ProblemAt: k.Renewal.ProblemAt, RetryAt: k.Renewal.RetryAt, Revoked: k.Renewal.RevokedAt, Pending: k.Pending}
}
