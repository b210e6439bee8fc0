package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/nameserver"
	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/core/store"
)

func newACME(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "acme",
		Short: "Get, renew and revoke certificates from Let's Encrypt",
		Long: `acme gets certificates for a broker's name from Let's Encrypt, or from any other authority that speaks RFC 8555. The
name is proved by a DNS record (DNS-01), which is created and removed again, or through port 80 (HTTP-01). An order that was
interrupted is gone on with by the same command. Let's Encrypt's certificates are for servers only; the clients' come from
an authority of your own (mutualctl cert).`,
		Example: `  mutualctl acme obtain --name mqtt.example.org --contact admin@example.org --agree-terms
  mutualctl acme renew`,
	}
	group(cmd)
	cmd.AddCommand(newACMEObtain(t), newACMERenew(t), newACMEList(t), newACMEChains(t), newACMERevoke(t), newACMEPolicy(t), newACMEProfiles(t))
	return cmd
}

// acmeFlags are those of every command that works on the folder of certificates.
type acmeFlags struct {
	dir      string
	resolver string
	port     string
	json     bool
	solverFlags
}

// register adds the flags of a command that proves names or changes records.
func (f *acmeFlags) register(cmd *cobra.Command) {
	f.registerFolder(cmd)
	f.registerResolver(cmd)
	f.solverFlags.register(cmd)
}

func (f *acmeFlags) registerFolder(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "keep accounts, keys and certificates in `DIR` (default: acme in Mutual's own folder)")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
}

func (f *acmeFlags) registerResolver(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.resolver, "resolver", "", "ask the recursive name server at this `ADDRESS` (host:port) instead of the system's")
	flags.StringVar(&f.port, "name-server-port", "", "ask the domain's name servers at this `PORT` instead of 53")
	_ = flags.MarkHidden("name-server-port") // a name server elsewhere than on port 53 is nobody's but a laboratory's
}

func (f *acmeFlags) folder() (acme.Folder, error) {
	if f.dir != "" {
		return acme.Folder{Path: f.dir}, nil
	}
	dir, err := store.DefaultDir()
	if err != nil {
		return acme.Folder{}, usage("--dir DIR", "%s", err)
	}
	return acme.Folder{Path: filepath.Join(dir, "acme")}, nil
}

func (f *acmeFlags) dns() nameserver.Resolver {
	var r nameserver.Resolver
	if f.resolver != "" {
		r = nameserver.SystemAt(f.resolver)
	}
	r.Port = f.port
	return r
}

// checkResolver refuses what is no address of a name server.
func (f *acmeFlags) checkResolver() error {
	if f.resolver == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(f.resolver)
	if err != nil {
		host, port = strings.Trim(f.resolver, "[]"), "53"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, " /@?#") {
		return usage("--resolver 192.0.2.53, or with a port --resolver 192.0.2.53:5353", "--resolver: %q is not the address of a name server", f.resolver)
	}
	return nil
}

// steps tells on standard error how far it is.
func (t *terminal) steps() progress.Report {
	last := ""
	return func(p progress.Event) {
		line := p.Detail
		if name := nameserver.Shown(p.Name); name != "" && !strings.Contains(line, name) {
			line = name + ": " + line
		}
		if p.Done {
			line += fmt.Sprintf(" (%.1f s)", p.Took.Seconds())
		}
		if p.Detail != "" && line != last {
			last = line
			t.note("%s", line)
		}
	}
}

// stoppedOrder is exit status 3 for an order, which is written down.
func stoppedOrder() error {
	return &stopped{sentence: "interrupted", hint: "the same command goes on with the order"}
}

// orderEnd is acmeEnd for an order: what of it could not be removed after an interruption is said.
func (t *terminal) orderEnd(ctx context.Context, err error, asJSON bool) error {
	if ctx.Err() == nil {
		return t.acmeEnd(ctx, err, asJSON)
	}
	var left *acme.LeftoverError
	if errors.As(err, &left) {
		for _, problem := range left.Problems {
			t.note("%s", problem)
		}
	}
	return stoppedOrder()
}

// acmeEnd turns what a command came to into the exit status: 3 where the user ended it, 1 where somebody refused.
func (t *terminal) acmeEnd(ctx context.Context, err error, asJSON bool) error {
	if err == nil {
		return nil
	}
	if stop := interruption(ctx); stop != nil {
		return stop
	}
	if use := wrongRequest(err); use != nil {
		return use
	}
	hint := ""
	var p *acme.Problem
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &p) && p.Type == "externalAccountRequired":
		hint = "--eab-id ID --eab-hmac-file FILE"
	case errors.As(err, &unknown):
		hint = "--directory-ca FILE with the root of the directory's own certificate"
	}
	t.complain(acme.Sentence(err), hint, asJSON)
	return ended(statusFound)
}

// wrongRequest is wrong usage where what was asked for is at fault, and not an answer; else nil.
func wrongRequest(err error) error {
	var (
		terms     *acme.TermsError
		name      *nameserver.NameError
		kind      *acme.KeyTypeError
		proof     *acme.ProofError
		directory *acme.DirectoryError
		ca        *acme.CAFileError
	)
	switch {
	case errors.As(err, &terms):
		return usage("--agree-terms, when you have read them", "%s", err)
	case errors.As(err, &name):
		return usage("a name is written as in mqtt.example.org", "%s", err)
	case errors.As(err, &kind):
		return usage("known are "+strings.Join(keyTypes(), ", "), "--algorithm: %s", kind)
	case errors.As(err, &proof):
		return usage("--solver names another way; mutualctl acme obtain --help lists them", "%s", proof)
	case errors.As(err, &directory):
		return usage("--directory https://ca.example/directory", "--directory: %s", directory)
	case errors.As(err, &ca):
		return usage("--directory-ca FILE with the root of the directory's own certificate", "%s", ca)
	}
	return nil
}

// keyTypes are what --algorithm knows; authorities of one's own may take more than Let's Encrypt.
func keyTypes() (names []string) {
	for _, a := range pki.KeyAlgorithms {
		names = append(names, string(a))
	}
	return names
}

// cause is what the operating system says, without the name of its call and of the file.
func cause(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// readable says whether somebody may go into dir; a folder that is not there is one without certificates.
func readable(dir string) error {
	if _, err := os.ReadDir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return usage("", "reading %s: %s", dir, cause(err))
	}
	return nil
}
