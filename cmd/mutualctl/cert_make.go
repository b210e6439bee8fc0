package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"mutual/core/pki"
)

func newCertCA(t *terminal) *cobra.Command {
	var f certFlags
	var pathLength int
	var permitted, excluded []string
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make an authority: a self-signed certificate that signs others",
		Long: `ca makes what this openssl command makes:
  openssl req -new -newkey rsa:2048 -days 365 -nodes -x509 -subj "/C=US/O=Test Org/CN=Test CA" \
    -keyout client-ca.key -out client-ca.crt
With --issuer it makes an intermediate authority, intermediate-ca.crt and intermediate-ca.key.`,
		Example: `  mutualctl cert ca --subject "/C=US/O=Test Org/CN=Test CA"
  mutualctl cert ca --subject "Test CA" --algorithm ecdsa:p256 --days 3650 --out-dir certificates
  mutualctl cert ca --issuer client-ca.crt --issuer-key client-ca.key --subject "Site 7" --path-length 0 --permit site7.example`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd, "/CN=Test CA")
	flags := cmd.Flags()
	flags.StringVar(&f.ca, "issuer", "", "`FILE` with the certificate of the authority above (default: none; the new one signs itself)")
	flags.StringVar(&f.caKey, "issuer-key", "", "`FILE` with the key of the authority above")
	flags.StringVar(&f.passphraseFile, "passphrase-file", "", "read the passphrase of the authority's key above from the first line of `FILE`")
	flags.IntVar(&pathLength, "path-length", -1, "how many authorities may stand below it, as a `NUMBER` (default: as many as its issuer allows)")
	flags.StringArrayVar(&permitted, "permit", nil, "let it sign only for this DNS `NAME` and those below it, or this address or network (repeatable)")
	flags.StringArrayVar(&excluded, "exclude", nil, "do not let it sign for this DNS `NAME`, address or network (repeatable)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var above *pki.Issued
		if f.ca != "" || f.caKey != "" {
			a, err := f.authority(cmd.Context(), t)
			if err != nil {
				return err
			}
			above = &a
		}
		if err := f.applyPreset(cmd, pki.CA, above); err != nil {
			return err
		}
		r, err := f.request(pki.CA)
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("path-length") {
			r.PathLength = &pathLength
		}
		r.Permitted, r.Excluded = permitted, excluded
		return f.makeAuthority(t, above, r)
	}
	return cmd
}

// makeAuthority makes an authority that signs itself, or one below another.
func (f *certFlags) makeAuthority(t *terminal, above *pki.Issued, r pki.Request) error {
	paths, make := pki.Paths(f.outDir, pki.CA), pki.NewAuthority
	if above != nil {
		paths = pki.FilePaths{Certificate: filepath.Join(f.outDir, "intermediate-ca.crt"), Key: filepath.Join(f.outDir, "intermediate-ca.key")}
		make = func(r pki.Request) (pki.Issued, error) { return pki.Issue(*above, r) }
	}
	a, err := make(r)
	if err != nil {
		return usage("", "%s", err)
	}
	if above != nil {
		f.refused = f.judge(pki.CA, *above, a)
		for _, c := range f.authorityPath { // whoever signs with it finds the way up in one file
			a.CertificatePEM = append(a.CertificatePEM, pki.EncodeCertificates(c)...)
		}
	}
	return f.writeTo(t, pki.CA, a, paths, "openssl x509 -noout -text -in "+quoted(paths.Certificate))
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
		return f.issue(cmd, t, pki.Server)
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
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.issue(cmd, t, pki.Client) }
	return cmd
}

// issue makes a certificate of that kind, signed by the authority.
func (f *certFlags) issue(cmd *cobra.Command, t *terminal, kind pki.Kind) error {
	if _, err := f.request(kind); err != nil {
		return err
	}
	authority, err := f.authority(cmd.Context(), t)
	if err != nil {
		return err
	}
	if err := f.applyPreset(cmd, kind, &authority); err != nil {
		return err
	}
	r, err := f.request(kind)
	if err != nil {
		return err
	}
	i, err := pki.Issue(authority, r)
	if err != nil {
		return usage("", "%s", err)
	}
	f.refused = f.judge(kind, authority, i)
	if path := f.authorityPath; len(path) > 1 { // of an intermediate authority: what is sent with the certificate
		i.CertificatePEM = append(i.CertificatePEM, pki.EncodeCertificates(path[:len(path)-1]...)...)
	}
	check := "openssl verify -CAfile " + quoted(f.authorityFile()) + " " + quoted(pki.Paths(f.outDir, kind).Certificate)
	return f.write(t, kind, i, check)
}
