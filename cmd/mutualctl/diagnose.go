package main

import (
	"context"

	"github.com/spf13/cobra"

	"mutual/core/diagnose"
	"mutual/core/report"
)

// diagnoseFlags are those of diagnose alone.
type diagnoseFlags struct {
	json   bool
	report string
	mask   bool
	replay string
	fix    string
	out    string
	// further asks for the experiments that go beyond what the user set up.
	further bool
}

func newDiagnose(t *terminal) *cobra.Command {
	var f diagnoseFlags
	cmd := &cobra.Command{
		Use:   "diagnose [URL]",
		Short: "Try a connection stage by stage and explain it",
		Long: `diagnose connects to a broker once, with a client identifier of its own and without publishing or subscribing,
and says what works, what does not, why, and what to do about it. The URL is mqtts://host:port or mqtt://host:port.

Instead of a URL, --profile NAME takes a saved connection, and --replay FILE judges a saved report again without a
network. With --fix ID the repair of that name is carried out and the connection tried again.`,
		Example: `  mutualctl diagnose mqtts://broker.example:8883 --ca ca.pem --cert client.crt --key client.key
  mutualctl diagnose mqtts://broker.example --ca ca.pem --for openssl --fix add-root --out ca-with-root.pem
  mutualctl diagnose mqtts://broker.example --look-further --check-revocation
  mutualctl diagnose --profile "My broker" --report attempt.html --mask
  mutualctl diagnose --profile "My broker" --report attempt.json --json
  mutualctl diagnose --replay attempt.json --for openssl --report attempt.md`,
		Args: operands(0, 1, "one URL"),
	}
	c := connectionFlags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.StringVar(&f.report, "report", "", "write a report to `FILE`: .html is a page, .md a text for a ticket, .json can be judged again")
	flags.BoolVar(&f.mask, "mask", false, "with --report: put stand-ins in the place of host names, addresses, client identifiers and folders")
	flags.StringVar(&f.replay, "replay", "", "judge the report in `FILE` (.json) again, without a network")
	flags.StringVar(&f.fix, "fix", "", "carry out the repair of this `ID` and try again")
	flags.BoolVar(&f.further, "look-further", false,
		"also look which other usual ports answer where nothing does, and fetch certificates that the broker leaves out")
	flags.StringVar(&f.out, "out", "", "with --fix: `FILE` that the repair writes (default: a free name beside the old one)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if f.replay != "" {
			return t.replay(c, f, args)
		}
		ctx, cancel := c.bound(cmd.Context())
		defer cancel()
		return t.diagnose(ctx, c, f, args)
	}
	return cmd
}

func (f diagnoseFlags) check() error {
	if f.out != "" && f.fix == "" {
		return usage("--fix ID", "--out names the file of a repair, and no repair is asked for")
	}
	if f.replay != "" && f.fix != "" {
		return usage("", "--fix tries a connection again, and --replay makes none")
	}
	if f.report == "" {
		if f.mask {
			return usage("--report FILE.html", "--mask hides names in a report, and no report is asked for")
		}
		return nil
	}
	_, err := reportWriter(f.report)
	return err
}

// diagnose tries, repairs where that was asked for, and prints.
func (t *terminal) diagnose(ctx context.Context, c *connection, f diagnoseFlags, args []string) error {
	w, err := c.wanted(ctx, t, args)
	if err != nil {
		return err
	}
	defer w.close()
	w.further = f.further
	a, err := t.try(ctx, w)
	if err != nil {
		return err
	}
	if f.fix != "" {
		if a, err = t.repair(ctx, w, a, f); err != nil {
			return err
		}
	}
	return t.show(a, f)
}

// replay judges a saved attempt again.
func (t *terminal) replay(c *connection, f diagnoseFlags, args []string) error {
	if len(args) > 0 || c.profileName != "" {
		return usage("", "--replay takes the broker from the report, and another one is named as well")
	}
	if err := checkClients(c.clients); err != nil {
		return err
	}
	r, err := t.readReport(c.cmd.Context(), f.replay)
	if err != nil {
		return err
	}
	if r.Kept != "" {
		t.note("%s", r.Kept)
	}
	if c.cmd.Flags().Changed("for") {
		r = r.For(c.clients)
	}
	return t.show(attempt{evidence: r.Attempt, result: r.Result, clients: r.Clients, kept: r.Kept}, f)
}

// show prints an attempt, writes the report, and ends with the exit status that the attempt deserves.
func (t *terminal) show(a attempt, f diagnoseFlags) error {
	o := newObject(a.evidence, a.result)
	if f.report != "" {
		if err := writeReport(f.report, a, f.mask); err != nil {
			return err
		}
		t.note("The report is in %s.", f.report)
	}
	if f.json {
		t.object(o)
	} else {
		newPage(t.out).object(o, a.conclusion())
	}
	return a.status()
}

// conclusion says in one line how the attempt ended.
func (a attempt) conclusion() string {
	switch {
	case report.BrokeOff(a.evidence) && len(a.result.Findings) == 0:
		return "The connection does not work, and no known cause fits; the stages below say what was seen."
	case report.BrokeOff(a.evidence):
		return "The connection does not work."
	case diagnose.Failed(a.result.Findings):
		return "This program connects, but not every client that must accept does."
	case a.evidence.TLS == nil:
		return "The connection works. It is not encrypted."
	case !a.evidence.TLS.Verified:
		return "The connection works. The broker is not verified."
	case report.TwoWay(a.evidence):
		return "The connection works, with two-way TLS."
	}
	return "The connection works. The broker is verified; it did not check who connects by a certificate."
}
