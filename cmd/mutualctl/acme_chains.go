package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/chain"
	"mutual/core/pki"
)

func newACMEChains(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	var preferred string
	cmd := &cobra.Command{
		Use:   "chains NAME",
		Short: "List the chains on offer for a certificate, with who accepts each, or take another one",
		Long: `chains asks the authority for every chain that it offers for the certificate of NAME (RFC 8555 §7.4.2), and says which
clients accept each: those that are given its root as their CA file, or where its root is not known, the public roots.
With --preferred-chain the files are written anew with the chain that leads to the root of that common name, and renewals
take the same one. The certificate and its key stay as they are.`,
		Example: `  mutualctl acme chains mqtt.example.org
  mutualctl acme chains mqtt.example.org --preferred-chain "ISRG Root X2"`,
		Args: operands(1, 1, "NAME"),
	}
	f.registerFolder(cmd)
	cmd.ValidArgsFunction = f.completeCertificate(1, false)
	cmd.Flags().StringVar(&preferred, "preferred-chain", "", "take the chain that leads to the root with this common `NAME`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.chains(cmd.Context(), f, args[0], preferred) }
	return cmd
}

// chainObject is one chain in what chains --json prints.
type chainObject struct {
	Anchor       string          `json:"anchor"` // what must be trusted
	Chosen       bool            `json:"chosen"`
	Certificates []string        `json:"certificates"` // common names, the end-entity certificate first
	Root         string          `json:"root"`         // SHA-256 of the self-signed root; empty: it is not known
	Verdicts     []chain.Verdict `json:"verdicts"`
}

func (t *terminal) chains(ctx context.Context, f *acmeFlags, name, preferred string) error {
	folder, _, err := f.kept([]string{name})
	if err != nil {
		return err
	}
	if name, err = certificateIn(folder, name, f.dir); err != nil {
		return err
	}
	renewal, err := folder.Renewal(name)
	if err != nil {
		return usage("", "%s", err)
	}
	list, err := folder.Chains(ctx, name)
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	if preferred != "" {
		i := slices.IndexFunc(list, func(a acme.Alternate) bool { return strings.EqualFold(a.Anchor, preferred) })
		if i < 0 {
			return usage("", "--preferred-chain: no chain leads to %q, only to %s", preferred, strings.Join(anchors(list), ", "))
		}
		if _, err := folder.Prefer(name, list[i]); err != nil {
			return t.acmeEnd(ctx, err, f.json)
		}
		for j := range list {
			list[j].Chosen = j == i
		}
		t.note("The files hold the chain to %s now; the broker has to be given them.", list[i].Anchor)
	}
	roots, now := renewal.Request.Directory.Anchors(), time.Now()
	objects := []chainObject{}
	for _, a := range list {
		root := acme.RootOf(a.Certificates, roots...)
		o := chainObject{Anchor: a.Anchor, Chosen: a.Chosen, Verdicts: a.Verdicts(serverName(name), root, now)}
		for _, c := range a.Certificates {
			name := pki.CommonName(c)
			if name == "" && len(c.DNSNames) > 0 {
				name = c.DNSNames[0]
			}
			o.Certificates = append(o.Certificates, name)
		}
		if root != nil {
			o.Root = fmt.Sprintf("%x", sha256.Sum256(root.Raw))
		}
		objects = append(objects, o)
	}
	if f.json {
		t.object(struct {
			Schema int           `json:"schema"`
			Name   string        `json:"name"`
			Chains []chainObject `json:"chains"`
		}{schema, name, objects})
		return nil
	}
	t.tellChains(name, objects)
	return nil
}

func anchors(list []acme.Alternate) (names []string) {
	for _, a := range list {
		names = append(names, a.Anchor)
	}
	return names
}

// serverName is a name that a certificate for name is valid for: a wildcard is none by itself.
func serverName(name string) string {
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		return "broker." + rest
	}
	return name
}

func (t *terminal) tellChains(name string, list []chainObject) {
	if len(list) == 1 {
		fmt.Fprintf(t.out, "%s, one chain on offer\n", name)
	} else {
		fmt.Fprintf(t.out, "%s, %d chains on offer\n", name, len(list))
	}
	for _, o := range list {
		mark := " "
		if o.Chosen {
			mark = "*"
		}
		fmt.Fprintf(t.out, "\n%s to %s: %s\n", mark, o.Anchor, strings.Join(o.Certificates, " < "))
		if o.Root == "" {
			fmt.Fprintf(t.out, "    its root is not known here; judged by the public roots\n")
		}
		var accept []string
		for _, v := range o.Verdicts {
			if v.Accepted {
				accept = append(accept, v.Client)
			}
		}
		if len(accept) > 0 {
			fmt.Fprintf(t.out, "    accepted by %s\n", strings.Join(accept, ", "))
		}
		for _, v := range o.Verdicts {
			if !v.Accepted {
				fmt.Fprintf(t.out, "    refused by %s: %s\n", v.Client, v.Text)
			}
		}
	}
}
