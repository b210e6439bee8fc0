package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/chain"
	"mutual/core/pki"
)

// kindOf reads --for.
func kindOf(purpose string) (pki.Kind, error) {
	switch k := pki.Kind(strings.ToLower(purpose)); k {
	case pki.Server, pki.Client:
		return k, nil
	}
	return "", usage("--for server or --for client", "--for: a certificate is for a server or a client, not for %q", purpose)
}

func newCertRequest(t *terminal) *cobra.Command {
	var f certFlags
	var purpose string
	cmd := &cobra.Command{
		Use:   "request",
		Short: "Make a key and a certificate request for another authority to sign",
		Long: `request makes a key and a certificate request (PKCS #10), client.key and client.csr or server.key and server.csr. The
request goes to the authority; the key stays. What comes back belongs beside the key.`,
		Example: `  mutualctl cert request --for client --subject "/O=Test Org/CN=sensor 7"
  mutualctl cert request --for server --name broker.example --algorithm ecdsa:p256`,
		Args: operands(0, 0, ""),
	}
	f.register(cmd, "")
	cmd.Flags().Lookup("days").Hidden = true // the authority decides
	cmd.Flags().StringVar(&purpose, "for", "client", "`PURPOSE`: server or client")
	cmd.Flags().StringArrayVar(&f.names, "name", nil, "DNS `NAME` (also *.example) or IP address (repeatable)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind, err := kindOf(purpose)
		if err != nil {
			return err
		}
		if err := f.applyPreset(cmd, kind, nil); err != nil {
			return err
		}
		if f.subject == "" && len(f.names) == 0 {
			return usage("--subject \"/O=Test Org/CN=Name\"", "a request needs the subject that is asked for, or a name")
		}
		r, err := f.request(kind)
		if err != nil {
			return err
		}
		made, err := pki.NewRequest(r)
		if err != nil {
			return usage("", "%s", err)
		}
		paths := pki.Paths(f.outDir, kind)
		files := []pki.OutputFile{{Path: paths.Request, Data: made.RequestPEM}, {Path: paths.Key, Data: made.KeyPEM, Private: true}}
		if err := writeFiles(files, f.force); err != nil {
			return err
		}
		t.convertedTo(f.json, written(files), nil)
		return nil
	}
	return cmd
}

func newCertSign(t *terminal) *cobra.Command {
	var f certFlags
	var purpose, out string
	cmd := &cobra.Command{
		Use:   "sign --for PURPOSE REQUEST",
		Short: "Sign somebody's certificate request",
		Long: `sign makes a certificate of a request in any format. Of the request only the key, the subject and the names are taken
over; --name replaces its names. What else the request asks for, to be an authority for instance, is not granted: what the
certificate is for is said with --for.`,
		Example: `  mutualctl cert sign --for client device.csr
  mutualctl cert sign --for server --days 90 --ca client-ca.crt --ca-key client-ca.key --out broker.crt broker.csr`,
		Args: operands(1, 1, "a request"),
	}
	f.registerSigning(cmd)
	cmd.Flags().StringVar(&purpose, "for", "", "`PURPOSE`: server or client")
	cmd.Flags().StringVar(&out, "out", "", "write the certificate to `FILE` (default: beside the request, with .crt)")
	cmd.Flags().StringArrayVar(&f.names, "name", nil, "DNS `NAME` or IP address in place of the request's (repeatable)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kind, err := kindOf(purpose)
		if err != nil {
			return err
		}
		request, err := readRequest(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		authority, err := f.authority(cmd.Context(), t)
		if err != nil {
			return err
		}
		r := pki.Request{Kind: kind, Names: f.names, Days: f.days}
		i, err := pki.SignRequest(authority, request, r)
		if err != nil {
			return usage("", "%s", err)
		}
		if out == "" {
			out = strings.TrimSuffix(args[0], filepath.Ext(args[0])) + ".crt"
		}
		f.refused = f.judge(kind, authority, i)
		return f.writeTo(t, kind, i, pki.FilePaths{Certificate: out}, "openssl x509 -noout -text -in "+quoted(out))
	}
	return cmd
}

// readRequest reads the one request of a file.
func readRequest(ctx context.Context, path string) (*x509.CertificateRequest, error) {
	inv := pki.ReadInventory(ctx, []string{path}, pki.InventoryOptions{})
	var found []*x509.CertificateRequest
	for _, i := range inv.Items {
		if i.Request != nil {
			found = append(found, i.Request)
		}
	}
	for _, f := range inv.Files {
		if err := unknown(f.File); err != nil {
			return nil, err
		}
	}
	for _, i := range inv.Items {
		if len(found) == 0 && i.Block.Kind == "certificate-request" && i.Block.Error != "" {
			return nil, usage("", "the request in %s cannot be signed here: %s", path, i.Block.Error)
		}
	}
	if len(found) != 1 {
		return nil, usage("mutualctl inspect "+quoted(path)+" says what is in it", "%s holds %d certificate requests that can be read, not one", path, len(found))
	}
	return found[0], nil
}

// refusal is a client that would not accept a new certificate.
type refusal struct {
	Client string `json:"client"`
	Text   string `json:"text"`
}

// judge asks every client about a new certificate, with its authority's root trusted.
func (f *certFlags) judge(kind pki.Kind, authority, i pki.Issued) []refusal {
	if authority.Certificate == nil || i.Certificate == nil {
		return nil
	}
	sent, anchors := []*x509.Certificate{i.Certificate}, []*x509.Certificate{authority.Certificate}
	if path := f.authorityPath; len(path) > 1 {
		sent = append(sent, path[:len(path)-1]...)
		anchors = path[len(path)-1:]
	}
	q := chain.Ask(sent, anchors, time.Now())
	switch kind {
	case pki.Server:
		q.Purpose = chain.ServerAuth
	case pki.Client:
		q.Purpose = chain.ClientAuth
	}
	if start := i.Certificate.NotBefore; q.At.Before(start) {
		q.At = start
	}
	var out []refusal
	for _, v := range chain.Verdicts(q) {
		if !v.Accepted {
			out = append(out, refusal{v.Client, v.Text})
		}
	}
	return out
}

func newCertRevoke(t *terminal) *cobra.Command {
	var f certFlags
	var reason string
	var serials []string
	cmd := &cobra.Command{
		Use:   "revoke [CERT…]",
		Short: "Revoke certificates of your own authority, and write its revocation list",
		Long: `revoke notes certificates as revoked in a file beside the authority's (client-ca.revoked.json) and writes the revocation
list (client-ca.crl) that brokers read: crlfile in mosquitto.conf. Without a certificate the list is only made anew, which
has to happen before it runs out: a broker with an expired list refuses everybody.`,
		Example: `  mutualctl cert revoke --reason key-compromise client.crt
  mutualctl cert revoke --serial 5e1f00c2 --days 90
  mutualctl cert revoke --days 90`,
		Args: operands(0, -1, "a certificate"),
	}
	f.registerSigning(cmd)
	cmd.Flags().Lookup("days").Usage = "`DAYS` until the list has to be made anew"
	cmd.Flags().Lookup("days").DefValue = "30"
	f.days = 30
	cmd.Flags().Lookup("force").Hidden = true
	cmd.Flags().StringVar(&reason, "reason", "unspecified", "`REASON`: "+strings.Join(reasonNames(), ", "))
	cmd.Flags().StringArrayVar(&serials, "serial", nil, "serial `NUMBER` in hex of a certificate that is not at hand (repeatable)")
	complete(cmd, "reason", reasonNames)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		code, ok := pki.Reasons[reason]
		if !ok {
			return usage("known are "+strings.Join(reasonNames(), ", "), "--reason: no reason is called %q", reason)
		}
		if f.days < 1 {
			return usage("--days 30", "--days must be 1 or more, and is %d", f.days)
		}
		r := pki.Revocation{Reason: code, At: time.Now(), Days: f.days}
		for _, s := range serials {
			n, ok := new(big.Int).SetString(strings.ReplaceAll(s, ":", ""), 16)
			if !ok || n.Sign() <= 0 {
				return usage("--serial 5e1f00c2", "--serial %s is no number in hex", s)
			}
			r.Serials = append(r.Serials, n)
		}
		var err error
		if r.Certificates, err = endEntities(cmd.Context(), args); err != nil {
			return err
		}
		authority, err := f.authority(cmd.Context(), t)
		if err != nil {
			return err
		}
		list, err := pki.Revoke(authority, f.authorityFile(), r)
		if err != nil {
			return usage("", "%s", err)
		}
		t.revoked(f.json, f.authorityFile(), list)
		return nil
	}
	return cmd
}

// endEntities reads the first certificate of each file.
func endEntities(ctx context.Context, paths []string) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for _, path := range paths {
		inv := pki.ReadInventory(ctx, []string{path}, pki.InventoryOptions{})
		if err := unknown(inv.Files[0].File); err != nil {
			return nil, err
		}
		ends := inv.EndEntities()
		if len(ends) != 1 {
			return nil, usage("", "%s holds %d certificates that could be meant, not one", path, len(ends))
		}
		out = append(out, inv.Items[ends[0]].Certificate)
	}
	return out, nil
}

func reasonNames() []string {
	var out []string
	for name := range pki.Reasons {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// revokedObject is what cert revoke prints with --json.
type revokedObject struct {
	Schema     int    `json:"schema"`
	Database   string `json:"database_file"`
	List       string `json:"list_file"`
	Number     int64  `json:"number"`
	Revoked    int    `json:"revoked"` // certificates on the list
	NextUpdate string `json:"next_update"`
}

func (t *terminal) revoked(asJSON bool, file string, list *x509.RevocationList) {
	database, path := pki.RevocationPaths(file)
	o := revokedObject{schema, database, path, list.Number.Int64(), len(list.RevokedCertificateEntries), utc(list.NextUpdate)}
	if asJSON {
		t.object(o)
		return
	}
	fmt.Fprintf(t.out, "%s  (number %d, %d revoked, counts until %s)\n", path, o.Number, o.Revoked, list.NextUpdate.UTC().Format(time.DateOnly))
}
