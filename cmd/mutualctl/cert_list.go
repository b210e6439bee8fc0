package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/pki"
	"mutual/core/watch"
)

func newCertList(t *terminal) *cobra.Command {
	var asJSON, due bool
	var at string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the certificates in use by when they end",
		Long: `list shows every certificate that a saved connection uses or that a broker sent to one, the one that ends first,
first. It is due for renewal from 30 days before its end on, or from the last third of a shorter lifetime.`,
		Example: `  mutualctl cert list
  mutualctl cert list --due --json`,
		Args: operands(0, 0, ""),
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	flags.BoolVar(&due, "due", false, "only those that somebody has to do something about")
	flags.StringVar(&at, "at", "", "say how it stands at this `TIME` (RFC 3339) instead of now")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		clock, err := pointInTime(at)
		if err != nil {
			return err
		}
		s, err := t.openStore()
		if err != nil {
			return err
		}
		met, err := s.Met()
		if err != nil {
			t.note("What brokers sent is left out: %s.", err)
		}
		list := watch.Of(cmd.Context(), s.Profiles(), met, clock)
		if err := interruption(cmd.Context()); err != nil {
			return err
		}
		if due {
			list.Entries = list.Attention()
		}
		if asJSON {
			t.object(newWatchObject(list))
			return nil
		}
		newPage(t.out).watch(list, clock)
		return nil
	}
	return cmd
}

// watchObject is what cert list prints with --json.
type watchObject struct {
	Schema       int             `json:"schema"`
	Certificates []watchedObject `json:"certificates"` // the one that ends first, first
	Unread       []watch.Unread  `json:"unread"`
}

type watchedObject struct {
	SHA256         string      `json:"sha256"`
	CommonName     string      `json:"common_name"`
	Subject        string      `json:"subject"`
	Issuer         string      `json:"issuer"`
	NotBefore      string      `json:"not_before"`
	NotAfter       string      `json:"not_after"`
	RenewBy        string      `json:"renew_by"`
	State          watch.State `json:"state"`
	NeedsAttention bool        `json:"needs_attention"`
	Uses           []watch.Use `json:"uses"`
}

func newWatchObject(list watch.List) watchObject {
	o := watchObject{Schema: schema, Certificates: []watchedObject{}, Unread: []watch.Unread{}}
	for _, e := range list.Entries {
		x := e.Certificate
		o.Certificates = append(o.Certificates, watchedObject{
			SHA256: fingerprint(x.Raw), CommonName: pki.CommonName(x), Subject: distinguishedName(x.RawSubject), Issuer: distinguishedName(x.RawIssuer),
			NotBefore: utc(x.NotBefore), NotAfter: utc(x.NotAfter), RenewBy: utc(e.RenewBy), State: e.State, NeedsAttention: e.NeedsAttention(), Uses: e.Uses,
		})
	}
	o.Unread = append(o.Unread, list.Unread...)
	return o
}

// watch writes a line for each certificate, and one for each of its uses.
func (p *page) watch(list watch.List, at time.Time) {
	if len(list.Entries) == 0 {
		p.line("No saved connection uses a certificate, and none was met that is to be listed.")
	}
	for _, e := range list.Entries {
		p.line("%s  %s  %s", e.Certificate.NotAfter.UTC().Format("2006-01-02"), p.watchState(e, at), pki.CommonName(e.Certificate))
		for _, u := range e.Uses {
			p.line("              %s", useText(u))
		}
	}
	for _, u := range list.Unread {
		p.line("%s, of %q, was not read (%s).", u.File, u.Profile, u.Problem)
	}
}

func (p *page) watchState(e watch.Entry, at time.Time) string {
	days := int(e.Left(at) / (24 * time.Hour))
	text, colour := fmt.Sprintf("%d days left", days), green
	switch e.State {
	case watch.Expired:
		text, colour = "expired", red
	case watch.Due:
		text, colour = fmt.Sprintf("due, %d days left", days), amber
	case watch.Early:
		text, colour = "not yet valid", amber
	}
	return p.paint(colour, text+strings.Repeat(" ", max(0, 19-len(text))))
}

func useText(u watch.Use) string {
	switch u.Role {
	case watch.CAFile:
		return fmt.Sprintf("CA file %s of %q", filepath.Base(u.File), u.Profile)
	case watch.Client:
		return fmt.Sprintf("client certificate %s of %q", filepath.Base(u.File), u.Profile)
	}
	seen := u.LastSeen.UTC().Format("2006-01-02")
	if u.Replaced {
		return fmt.Sprintf("sent by %s until %s, and another since", u.Address, seen)
	}
	return fmt.Sprintf("sent by %s, last on %s", u.Address, seen)
}
