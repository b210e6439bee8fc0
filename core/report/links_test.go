package report_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/session"
)

// met is a connection to a practice broker, and its judgement, without what is tried besides.
func met(t *testing.T, fault, variant string) (*evidence.Attempt, diagnose.Result) {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{Fault: fault, Variant: variant})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	p := l.Profile()
	a := session.Try(t.Context(), p, pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()}), "", session.Options{})
	return a, diagnose.Diagnose(a, nil)
}

// Each certificate has its part in the path, and the gravest finding about it, whichever family of rules it is of; what
// is missing has the weight of the finding that says so.
func TestLinks(t *testing.T) {
	const own, intermediate, trusted = "Broker's certificate", "Intermediate", "Root, trusted"
	for _, c := range []struct {
		fault, variant string
		roles          []string
		marked         int    // the first that a finding marks; what is missing behind it has its severity; -1: none
		id             string // the finding that marks it, or that says what is missing
		severity       diagnose.Severity
	}{
		{"", "", []string{own, intermediate, trusted}, -1, "", ""},
		{"self-signed-leaf", "", []string{own + ", signed by itself"}, 0, "self-signed-leaf", diagnose.Error},
		{"ca-file-holds-leaf", "", []string{own + ", trusted as it is", "Missing"}, 0, "ca-file-holds-leaf", diagnose.Warning},
		{"anchor-not-root", "", []string{own, intermediate, "Trusted, but not a root", "Missing"}, 2, "anchor-not-root", diagnose.Warning},
		{"root-included", "", []string{own, intermediate, trusted}, -1, "", ""},
		{"root-sent-untrusted", "", []string{own, intermediate, "Root, not trusted"}, 2, "root-sent-untrusted", diagnose.Error},
		{"certificate-expired", "", []string{own, intermediate, trusted}, 0, "certificate-expired", diagnose.Error},
		{"certificate-expires-soon", "intermediate", []string{own, intermediate, trusted}, 1, "certificate-expires-soon", diagnose.Warning},
		{"certificate-expires-soon", "", []string{own, intermediate, trusted}, 0, "certificate-expires-soon", diagnose.Warning},
		{"intermediate-missing", "", []string{own, "Missing"}, 1, "intermediate-missing", diagnose.Error},
		{"root-unknown", "", []string{own, intermediate, "Missing"}, 2, "root-unknown", diagnose.Error},
		{"ca-rotated", "", []string{own, intermediate, "Missing"}, 2, "ca-rotated", diagnose.Error},
	} {
		t.Run(strings.Trim(c.fault+"."+c.variant, "."), func(t *testing.T) {
			t.Parallel()
			a, r := met(t, c.fault, c.variant)
			title := ""
			for _, f := range r.Findings {
				if f.ID == c.id {
					title = f.Title
				}
			}
			links := report.Links(a, r)
			if len(links) != len(c.roles) {
				t.Fatalf("drawn is %+v", links)
			}
			for i, l := range links {
				want := report.Link{Role: c.roles[i], Sound: r.Chain.Anchored || i < len(r.Chain.Path)-1}
				if want.Missing = want.Role == "Missing"; want.Missing || i == c.marked {
					want.Severity, want.Sound, want.Fault = c.severity, false, title
				}
				if want.Missing {
					want.Fault = l.Fault // its key identifier, where it has one
				}
				got := report.Link{Role: l.Role, Fault: l.Fault, Severity: l.Severity, Sound: l.Sound, Missing: l.Missing}
				if got != want {
					t.Errorf("no. %d is %+v, want %+v", i+1, got, want)
				}
				if l.Name == "" || !l.Missing && (l.Issuer == "") != (strings.Contains(l.Role, "itself") || strings.HasPrefix(l.Role, "Root")) {
					t.Errorf("no. %d is %q, issued by %q", i+1, l.Name, l.Issuer)
				}
			}
		})
	}
}

// The authority whose constraints a name does not keep is marked too, and not as what is at fault.
func TestConstrainingAuthority(t *testing.T) {
	const why = "Its name constraints do not allow a name in localhost."
	a, r := met(t, "name-constraint", "")
	for i, l := range report.Links(a, r) {
		x := r.Chain.Path[i].X
		constrains := len(x.PermittedDNSDomains)+len(x.ExcludedDNSDomains) > 0
		if strings.Contains(l.Fault, why) != constrains || (l.Severity == diagnose.Error) != (i == 0) || constrains && l.Sound {
			t.Errorf("no. %d is %+v", i+1, l)
		}
	}
	r.Findings = nil // as where another cause hides it
	if l := report.Links(a, r)[1]; l.Fault != "" {
		t.Errorf("without a finding: %+v", l)
	}
}

// A fault that no finding words, as another says it all, does not borrow the words about another certificate.
func TestLinkBorrowsNoFinding(t *testing.T) {
	_, r := met(t, "", "")
	told, untold := r.Chain.Path[0], r.Chain.Path[1]
	for i, c := range []chain.Certificate{told, untold} {
		r.Chain.Faults = append(r.Chain.Faults, chain.Fault{ID: "strict-profile", Certificate: c, Index: i})
	}
	r.Findings = []diagnose.Finding{{ID: "strict-profile", Severity: diagnose.Warning, Title: "Told.", Subject: subject(told)}}
	links := report.Links(&evidence.Attempt{}, r)
	if links[0].Fault != "Told." || links[1].Fault != "" || !links[1].Sound {
		t.Errorf("drawn is %+v", links)
	}
}

// What is missing is drawn although another finding took the place of its own; of the same id it is the one about the
// path's last certificate that counts.
func TestMissingLinkWithoutFinding(t *testing.T) {
	a, r := met(t, "root-unknown", "")
	last := r.Chain.Path[len(r.Chain.Path)-1]
	for _, c := range []struct {
		found []diagnose.Finding
		want  diagnose.Severity
	}{
		{[]diagnose.Finding{{ID: "network-intercepted", Severity: diagnose.Error, Subject: subject(r.Chain.Path[0])}}, diagnose.Error},
		{nil, diagnose.Warning},
		{[]diagnose.Finding{
			{ID: "root-unknown", Severity: diagnose.Error, Subject: subject(r.Chain.Path[0])},
			{ID: "root-unknown", Severity: diagnose.Warning, Subject: subject(last)},
		}, diagnose.Warning},
	} {
		r.Findings = c.found
		links := report.Links(a, r)
		if l := links[len(links)-1]; !l.Missing || l.Severity != c.want || l.Name == "" {
			t.Errorf("with %+v: %+v", c.found, l)
		}
	}
}

// A certificate that both sides present has findings of either, each drawn in its place.
func TestCertificateOfBothSides(t *testing.T) {
	a, r := met(t, "", "")
	both := r.Chain.Path[0]
	mine := both.Certificate
	mine.Source = evidence.ClientFile
	a.Files = &evidence.Files{Files: []evidence.File{{Path: "client.crt", Role: evidence.RoleCertificate, Blocks: []evidence.Block{{Certificate: both.DER}}}}}
	s := subject(both)
	s.Source = mine.Source
	r.Findings = []diagnose.Finding{{ID: "client-certificate-usage", Severity: diagnose.Error, Title: "Mine.", Subject: s}}
	if l := report.Links(a, r)[0]; l.Fault != "" {
		t.Errorf("the broker's is %+v", l)
	}
	if l := report.ClientLinks(a, r); len(l) != 1 || l[0].Fault != "Mine." || l[0].Role != "Client certificate" || l[0].Sound {
		t.Errorf("the client's is %+v", l)
	}
}

// The client's own certificate is called that wherever in the file it stands.
func TestClientRoles(t *testing.T) {
	a, r := met(t, "client-chain-order", "")
	links := report.ClientLinks(a, r)
	if len(links) != 2 || links[0].Role != "Sent before it" || links[1].Role != "Client certificate" || links[1].Fault == "" {
		t.Errorf("drawn is %+v", links)
	}
}

// A long list is cut, and says by how much.
func TestLinksAreBounded(t *testing.T) {
	a, _ := met(t, "", "")
	one := a.TLS.Sent[0]
	for len(a.TLS.Sent) < 100 {
		a.TLS.Sent = append(a.TLS.Sent, one)
	}
	links := report.Links(a, diagnose.Result{})
	if n := len(links); n != 21 || links[20].Name != "80 further certificates" || links[20].Sound {
		t.Errorf("%d are drawn, the last %+v", n, links[n-1])
	}
}

// The client certificate is drawn in a report where a finding is about it, and only there.
func TestClientDrawnInReport(t *testing.T) {
	const title = "The certificate that the client presents"
	for fault, want := range map[string]bool{"client-certificate-expired": true, "certificate-expired": false} {
		a, _ := met(t, fault, "")
		for _, f := range formats[:2] {
			for _, masked := range []bool{false, true} {
				out, err := f.write(report.New(a, nil, ""), report.Options{Mask: masked})
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(out), title) != want {
					t.Errorf("%s of %s: drawn is %v", f.name, fault, !want)
				}
			}
		}
	}
}

func subject(c chain.Certificate) diagnose.Subject {
	return diagnose.Subject{Kind: "certificate", Source: c.Source, SHA256: fmt.Sprintf("%x", sha256.Sum256(c.DER))}
}
