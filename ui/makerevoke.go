package ui

import (
	"context"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/revocation"
	"mutual/ui/widgets"
)

// revoking is a revocation that could be carried out, judged before it is offered.
type revoking struct {
	authority  pki.Issued
	file       string // the authority's
	revocation pki.Revocation
	sentences  []string         // what comes of it
	judged     []clientVerdicts // who accepts what is to be revoked as things are now
	problem    string           // why it cannot be, a sentence
}

// planRevocation reads what is to be revoked, makes the list without writing it, and asks what it will be worth.
func (j job) planRevocation(ctx context.Context) revoking {
	p := revoking{file: j.caFile, revocation: pki.Revocation{Reason: j.reason, At: j.now, Days: j.days}}
	for _, path := range j.revoke {
		inv := pki.ReadInventory(ctx, []string{path}, pki.InventoryOptions{})
		ends := inv.EndEntities()
		if len(ends) != 1 {
			return revoking{problem: fmt.Sprintf("%s holds %s that could be meant, not one.", report.Base(path), countWords(len(ends), "certificate"))}
		}
		p.revocation.Certificates = append(p.revocation.Certificates, inv.Items[ends[0]].Certificate)
	}
	var err error
	if p.authority, err = pki.ReadAuthority(j.caFile, j.caKey, j.passphrase); err != nil {
		return revoking{problem: j.authorityProblem(err)}
	}
	list, err := pki.PlanRevocation(p.authority, j.caFile, p.revocation)
	if err != nil {
		return revoking{problem: upperFirst(err.Error()) + "."}
	}
	_, path := pki.RevocationPaths(j.caFile)
	above := pki.AuthorityPath(ctx, j.caFile, p.authority.Certificate)
	for _, c := range p.revocation.Certificates {
		p.weigh(c, list, report.Base(path))
		p.judged = append(p.judged, job{kind: kindOf(c), now: j.now}.judge(pki.Issued{Certificate: c}, above))
	}
	if len(j.revoke) == 0 {
		p.sentences = append(p.sentences, "The list "+report.Base(path)+" beside the authority is made anew.")
	}
	p.sentences = append(p.sentences, fmt.Sprintf("It then holds %s and counts until %s. Brokers have to be given it again.",
		countWords(len(list.RevokedCertificateEntries), "certificate"), report.Day(list.NextUpdate)))
	return p
}

// weigh asks whether the list would be believed about c.
func (p *revoking) weigh(c *x509.Certificate, list *x509.RevocationList, name string) {
	answer := evidence.Answer{Kind: evidence.CRLAnswer, From: name, Body: list.Raw}
	v := revocation.Judge(revocation.Link{Certificate: c, Issuer: p.authority.Certificate}, []evidence.Answer{answer}, p.revocation.At)
	called := pki.CommonName(c)
	switch {
	case v.State != revocation.Revoked && len(v.Doubts) > 0:
		p.sentences = append(p.sentences, fmt.Sprintf("%s is put on the list %s, which nobody would heed: it %s.", called, name, v.Doubts[0].Why))
	case v.When.Before(p.revocation.At.Add(-time.Second)): // lists know no fractions of a second
		p.sentences = append(p.sentences, fmt.Sprintf("%s is on the list %s already, since %s, and stays there. The list is made anew.", called, name, report.Day(v.When)))
	default:
		p.sentences = append(p.sentences, fmt.Sprintf("%s is put on the list %s beside the authority, for good: a certificate that is revoked cannot be used again. "+
			"Every broker that reads the list refuses it from then on (the list was tried: signature, dates and number are in order). "+
			"Who is not given the list accepts it as before, until %s.", called, name, report.Day(c.NotAfter)))
	}
}

// kindOf says what a certificate is for.
func kindOf(c *x509.Certificate) pki.Kind {
	if slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) {
		return pki.Server
	}
	return pki.Client
}

// revoked is what revoking came to.
type revoked struct {
	list    string // the file
	count   int    // certificates on it
	until   string // the day
	problem string
}

// carryOut notes the certificates as revoked and writes the authority's list anew.
func (p revoking) carryOut(context.Context) revoked {
	list, err := pki.Revoke(p.authority, p.file, p.revocation)
	if err != nil {
		return revoked{problem: upperFirst(err.Error()) + "."}
	}
	_, path := pki.RevocationPaths(p.file)
	return revoked{list: path, count: len(list.RevokedCertificateEntries), until: report.Day(list.NextUpdate)}
}

// onRevoke makes the plan, and asks before it is carried out: what is revoked stays so.
func (m *maker) onRevoke(j job) {
	m.start.Disable()
	judging(m.w, "The revocation list", j.planRevocation, func(p revoking, cancelled bool) {
		m.start.Enable()
		switch {
		case cancelled:
		case p.problem != "":
			m.say(p.problem)
		default:
			m.askRevoke(j, p)
		}
	})
}

func (m *maker) askRevoke(j job, p revoking) {
	title, yes := "Make the list anew?", "Make it anew"
	rows := widgets.NewRows(6, paragraph(joinSentences(p.sentences)))
	if len(p.judged) > 0 {
		title, yes = "Revoke?", "Revoke it"
		table := container.NewVScroll(widgets.NewPadded(0, 0, 0, 14, judgedTable(p.judged, "is accepted today by")))
		line := "Today every client accepts it."
		if refusals(p.judged) > 0 {
			line = "Today not every client accepts it."
		}
		rows.Add(paragraph(line))
		rows.Add(widgets.NewFixedHeight(180, table))
	}
	m.w.question(title, yes, "Cancel", rows, widget.DangerImportance, func(ok bool) {
		if !ok {
			return
		}
		m.start.Disable()
		run(m.w.env.async, m.w.env.ctx, p.carryOut, func(r revoked) {
			m.start.Enable()
			if r.problem != "" {
				m.say(r.problem)
				return
			}
			m.tellRevoked(j, r)
		})
	})
}

// tellRevoked says what was written, and offers to look at it.
func (m *maker) tellRevoked(j job, r revoked) {
	m.look = widget.NewButton("Look into it", nil)
	bar := m.w.tell(widgets.Good, fmt.Sprintf("%s holds %s and counts until %s. Brokers have to be given it again.", r.list, countWords(r.count, "certificate"), r.until), m.look)
	m.look.OnTapped = func() {
		m.w.dismiss(bar)
		m.w.tabs.Select(certificatesPage)
		m.w.certPage.onDropped(append([]string{r.list, filepath.Clean(j.caFile)}, j.revoke...))
	}
}
