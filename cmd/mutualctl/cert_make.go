package main

import (
	"context"

	"github.com/spf13/cobra"

	"mutual/core/pki"
)

func newCertCA(t *terminal) *cobra.Command {
	var f certFlags
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make an authority: a self-signed certificate that signs others",
		Long: `ca makes what this openssl command makes:
  openssl req -new -newkey rsa:2048 -days 365 -nodes -x509 -subj "/C=US/O=Test Org/CN=Test CA" \
    -keyout client-ca.key -out client-ca.crt`,
		Example: `  mutualctl cert ca --subject "/C=US/O=Test Org/CN=Test CA"
  mutualctl cert ca --subject "Test CA" --algorithm ecdsa:p256 --days 3650 --out-dir certificates`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd, "/CN=Test CA")
	cmd.RunE = func(*cobra.Command, []string) error {
		r, err := f.request(pki.CA)
		if err != nil {
			return err
		}
		a, err := pki.NewAuthority(r)
		if err != nil {
			return usage("", "%s", err)
		}
		return f.write(t, pki.CA, a, "openssl x509 -noout -text -in "+quoted(pki.Paths(f.outDir, pki.CA).Certificate))
	}
	return cmd
}

func newCertServer(t *terminal) *cobra.Command {
	var f certFlags
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Make a broker's key and certificate",
		Long: `server makes a key, a request and a certificate for a broker. Clients accept it for the names and addresses given
with --name, and for no other.`,
		Example: `  mutualctl cert server --name broker.example --name "*.broker.example" --name 192.0.2.7
  mutualctl cert server --name localhost --ca client-ca.crt --ca-key client-ca.key --out-dir broker`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd, "")
	f.registerAuthority(cmd)
	cmd.Flags().StringArrayVar(&f.names, "name", nil, "DNS `NAME` (also *.example) or IP address of the broker (repeatable)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if len(f.names) == 0 {
			return usage("--name broker.example", "a broker's certificate needs a name: clients compare it with the host that they connect to")
		}
		if f.subject == "" {
			f.subject = "/CN=" + f.names[0]
		}
		return f.issue(cmd.Context(), t, pki.Server)
	}
	return cmd
}

func newCertClient(t *terminal) *cobra.Command {
	var f certFlags
	cmd := &cobra.Command{
		Use:   "client",
		Short: "Make a client's key and certificate",
		Long: `client makes what these openssl commands make, with a version 3 certificate for client authentication:
  openssl genrsa -out client.key 2048
  openssl req -new -key client.key -out client.csr -subj "/CN=Client"
  openssl x509 -req -days 365 -sha256 -in client.csr -CA client-ca.crt -CAkey client-ca.key -CAcreateserial -out client.crt`,
		Example: `  mutualctl cert client --subject /CN=Client
  mutualctl cert client --subject "/O=Test Org/CN=sensor 7" --days 90 --algorithm ed25519`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd, "/CN=Client")
	f.registerAuthority(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.issue(cmd.Context(), t, pki.Client) }
	return cmd
}

// issue makes a certificate of that kind, signed by the authority.
func (f *certFlags) issue(ctx context.Context, t *terminal, kind pki.Kind) error {
	r, err := f.request(kind)
	if err != nil {
		return err
	}
	authority, err := f.authority(ctx, t)
	if err != nil {
		return err
	}
	i, err := pki.Issue(authority, r)
	if err != nil {
		return usage("", "%s", err)
	}
	ca := f.ca
	if ca == "" {
		ca = pki.Paths(f.outDir, pki.CA).Certificate
	}
	check := "openssl verify -CAfile " + quoted(ca) + " " + quoted(pki.Paths(f.outDir, kind).Certificate)
	return f.write(t, kind, i, check)
}
