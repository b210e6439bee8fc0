package main

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// verifyFlags say what a chain is judged against. The zero value of host checks no name.
type verifyFlags struct {
	trust     trustFlags
	host      string
	purpose   string
	at        string
	untrusted []string
	crls      []string
	clients   []string
	json      bool
}

func newVerify(t *terminal) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify --ca FILE CHAIN",
		Short: "Judge a certificate chain offline",
		Long: `verify judges the chain in a file, the end-entity certificate first, as diagnose judges the one that a broker
sends: for this program, and for the clients named by --for.`,
		Example: `  mutualctl verify --ca root.pem fullchain.pem --host broker.example --for openssl
  mutualctl verify --trust system,mozilla fullchain.pem --at 2027-01-01T00:00:00Z --json
  mutualctl verify --ca client-ca.crt client.crt --purpose client
  mutualctl verify --ca root.pem fullchain.pem --crl issuing.crl --crl root.crl`,
		Args: operands(1, 1, "one file with the chain"),
	}
	f.register(cmd, "server")
	forFlag(cmd, &f.clients)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		j, err := t.judge(cmd, f, args[0])
		if err != nil {
			return err
		}
		if f.json {
			t.object(j.object)
		} else {
			newPage(t.out).object(j.object, j.conclusion(args[0]))
		}
		return j.status()
	}
	return cmd
}

func (f *verifyFlags) register(cmd *cobra.Command, purpose string) {
	f.trust.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.host, "host", "", "the `NAME` or address that the certificate must contain (default: no name is checked)")
	flags.StringVar(&f.purpose, "purpose", purpose, "what the certificate is for: server, client or any")
	flags.StringVar(&f.at, "at", "", "judge at this `TIME` (RFC 3339) instead of now")
	flags.StringArrayVar(&f.untrusted, "untrusted", nil, "`FILE` with further intermediate certificates (repeatable)")
	flags.StringArrayVar(&f.crls, "crl", nil, "refuse what the revocation lists in `FILE` (PEM or DER) say is revoked (repeatable)")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	complete(cmd, "purpose", func() []string { return []string{"server", "client", "any"} })
}

// judgement is the answer of verify.
type judgement struct {
	object object
	result diagnose.Result
}

func (j judgement) status() error {
	if diagnose.Failed(j.result.Findings) || !j.accepted() {
		return ended(statusFound)
	}
	return nil
}

// accepted says whether this program's own verification accepts.
func (j judgement) accepted() bool {
	return len(j.result.Verdicts) > 0 && goAccepts(j.result.Verdicts)
}

func (j judgement) conclusion(chainFile string) string {
	switch {
	case len(j.result.Verdicts) == 0:
		return chainFile + " was not judged."
	case !j.accepted():
		return chainFile + " is not accepted."
	case diagnose.Failed(j.result.Findings):
		return chainFile + " is accepted here, but not by every client that must accept."
	}
	return chainFile + " is accepted."
}

func goAccepts(verdicts []chain.Verdict) bool {
	for _, v := range verdicts {
		if v.Client == "go" {
			return v.Accepted
		}
	}
	return false
}

// judge reads the files and asks.
func (t *terminal) judge(cmd *cobra.Command, f verifyFlags, chainFile string) (judgement, error) {
	if err := f.checkHost(cmd); err != nil {
		return judgement{}, err
	}
	purpose, at, err := f.question()
	if err != nil {
		return judgement{}, err
	}
	a, err := f.attempt(cmd, chainFile, at)
	if err != nil {
		return judgement{}, err
	}
	q, ok := chain.FromAttempt(a)
	if !ok {
		return judgement{}, usage("", "%s holds no certificate", chainFile)
	}
	q.Purpose, q.Name, q.At = purpose, f.host, at
	if len(q.Untrusted) == 0 {
		q.Untrusted = parsed(fromRole(a.Files, evidence.RoleUntrusted, evidence.UntrustedFile))
	}
	start := time.Now()
	r := f.ask(q, a)
	return judgement{verifyObject(a, r, time.Since(start)), r}, nil
}

// ask has the chain judged. With a trust anchor or an intermediate that cannot be read there is nothing to judge it by,
// as no connection is tried with such a file: what would follow from it is not its own finding. One that only Go cannot
// parse is judged with the rest.
func (f verifyFlags) ask(q chain.Question, a *evidence.Attempt) diagnose.Result {
	if a.Files.Status != evidence.Failed || diagnose.Judgeable(a.Files) {
		return diagnose.Verify(q, a.Files, f.clients)
	}
	return diagnose.Diagnose(&evidence.Attempt{Started: a.Started, Target: a.Target, Trust: a.Trust, Files: a.Files}, f.clients)
}

// checkHost refuses what is no name, and an empty one: a script whose variable is not set would otherwise be told that
// all is well without any name having been checked.
func (f *verifyFlags) checkHost(cmd *cobra.Command) error {
	f.host = profile.ASCIIHost(f.host)
	for _, name := range []string{"host", "at"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usage("leave --"+name+" out if that is what is meant", "--%s is empty", name)
		}
	}
	if address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(f.host, "["), "]")); err == nil {
		f.host = address.String()
		return nil
	}
	if strings.ContainsAny(f.host, " \t\r\n/\\@:?#[]") {
		return usage("give the name or the address alone, as in --host broker.example", "--host: %q is not a host name or an address", f.host)
	}
	return nil
}

func (f verifyFlags) question() (chain.Purpose, time.Time, error) {
	purpose := chain.Purpose(f.purpose)
	switch purpose {
	case chain.ServerAuth, chain.ClientAuth, chain.AnyPurpose:
	default:
		return "", time.Time{}, usage("--purpose server, client or any", "--purpose: %q is not known", f.purpose)
	}
	at := time.Now().UTC()
	if f.at != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, f.at); err != nil {
			return "", at, usage("--at 2027-01-31T12:00:00Z", "--at: %q is not a time in RFC 3339", f.at)
		}
	}
	return purpose, at.UTC(), checkClients(f.clients)
}

// attempt puts the files into the form in which a connection would have left them.
func (f verifyFlags) attempt(cmd *cobra.Command, chainFile string, at time.Time) (*evidence.Attempt, error) {
	var p profile.Profile
	if err := f.trust.apply(cmd, &p.Trust); err != nil {
		return nil, err
	}
	chainFile, err := operandPath(chainFile)
	if err != nil {
		return nil, err
	}
	operand := pki.ReadFile(chainFile, evidence.RoleChain, "")
	if err := cannotRead(operand); err != nil {
		return nil, err
	}
	operand.Problem = evidence.Readable // what a chain is kept in has no bearing on it: DER is as good as PEM here
	m := pki.Load(cmd.Context(), p, pki.LoadOptions{})
	files := *m.Files
	files.Files = append([]evidence.File{operand}, m.Files.Files...)
	for _, path := range f.untrusted {
		file := pki.ReadFile(path, evidence.RoleUntrusted, "")
		if file.Problem != evidence.Readable {
			files.Status = evidence.Failed
		}
		files.Files = append(files.Files, file)
	}
	for _, path := range f.crls {
		file := pki.ReadCRLFile(path)
		if file.Problem != evidence.Readable {
			files.Status = evidence.Failed
		}
		files.Files = append(files.Files, file)
	}
	a := &evidence.Attempt{
		Started: at,
		Target:  evidence.Target{Transport: string(profile.MQTTS), Host: f.host, Name: f.host},
		Files:   &files,
		TLS:     &evidence.TLS{Sent: fromRole(&files, evidence.RoleChain, evidence.Sent)},
	}
	a.Trust.File, a.Trust.System, a.Trust.Mozilla = p.Trust.Sources()
	a.Trust.Candidates = m.Roots.Candidates(slices.Concat(a.TLS.Sent,
		fromRole(&files, evidence.RoleUntrusted, evidence.UntrustedFile),
		fromRole(&files, evidence.RoleCA, evidence.CAFile)))
	return a, nil
}

// cannotRead is exit status 2 for an operand that gives no certificate.
func cannotRead(f evidence.File) error {
	for _, b := range f.Blocks {
		if len(b.Certificate) > 0 {
			return nil
		}
	}
	if sentence, hint := unreadable(f); sentence != "" {
		return usage(hint, "%s", sentence)
	}
	return usage("mutualctl inspect "+quoted(f.Path)+" says what the file is", "%s holds no certificate", f.Path)
}

// fromRole lists the certificates of the files in that role, in their order.
func fromRole(files *evidence.Files, role evidence.Role, source evidence.Source) []evidence.Certificate {
	var list []evidence.Certificate
	for _, f := range files.Files {
		if f.Role != role {
			continue
		}
		for _, b := range f.Blocks {
			if len(b.Certificate) == 0 {
				continue
			}
			c := evidence.Certificate{Source: source, File: f.Path, Block: b.Index, DER: b.Certificate}
			if source == evidence.Sent {
				c.Position = len(list)
			}
			list = append(list, c)
		}
	}
	return list
}

func parsed(list []evidence.Certificate) []chain.Certificate {
	var all []chain.Certificate
	for _, c := range list {
		all = append(all, chain.Parse(c))
	}
	return all
}

// verifyObject is the object of diagnose without what needs a network; its stage tls is the judgement of the path.
func verifyObject(a *evidence.Attempt, r diagnose.Result, took time.Duration) object {
	files := stageObject{Name: "files", Status: evidence.OK}
	files.take(a.Files.Stage, filesDetail(a.Files))
	judged := stageObject{Name: "tls", Status: evidence.Skipped}
	if len(r.Verdicts) > 0 {
		judged.Status, judged.Duration = evidence.OK, milliseconds(took)
		if !goAccepts(r.Verdicts) {
			judged.Status = evidence.Failed
		}
	}
	o := object{
		Schema: schema, Stages: []stageObject{files, judged}, Findings: findings(r), Verdicts: r.Verdicts,
		Probes: []probeObject{},
	}
	o.Chain, o.Path = certificates(a.TLS.Sent, r.Chain.Path)
	return o
}
