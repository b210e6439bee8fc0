package ui

import (
	"encoding/hex"
	"strings"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// findingAbout is the gravest finding about a certificate, if it is more than worth knowing.
func findingAbout(c chain.Certificate, r *diagnose.Result) (diagnose.Finding, bool) {
	sum := hex.EncodeToString(c.SHA256[:])
	for _, f := range r.Findings {
		if f.Subject.SHA256 == sum && f.Severity != diagnose.Info {
			return f, true
		}
	}
	return diagnose.Finding{}, false
}

// clientLinks draws the client certificate's file where a finding is about it; else it draws nothing.
func clientLinks(a *evidence.Attempt, r *diagnose.Result) []widgets.Link {
	about := -1
	for i, f := range r.Findings {
		if strings.HasPrefix(f.ID, "client-") && f.Severity != diagnose.Info {
			about = i
			break
		}
	}
	if about < 0 || a.Files == nil {
		return nil
	}
	var out []widgets.Link
	for _, file := range a.Files.Files {
		if file.Role != evidence.RoleCertificate {
			continue
		}
		for _, b := range file.Blocks {
			if len(b.Certificate) > 0 {
				out = append(out, clientLink(chain.Parse(evidence.Certificate{Source: evidence.ClientFile, File: file.Path, Block: b.Index, DER: b.Certificate}), r))
			}
		}
	}
	if len(out) > 0 && !marked(out) {
		f := r.Findings[about]
		out[0].Tone, out[0].Fault = widgets.SeverityTone(f.Severity), f.Title
	}
	return out
}

func clientLink(c chain.Certificate, r *diagnose.Result) widgets.Link {
	l := widgets.Link{Role: "Sent after it", Name: report.NameOf(c), From: report.SourceWords(c.Certificate), Tone: widgets.Good}
	if c.Block == 0 {
		l.Role = "Your certificate"
	}
	if c.X != nil {
		l.Dates = report.Day(c.X.NotBefore) + " to " + report.Day(c.X.NotAfter)
		if !c.SelfSigned() {
			l.Issuer = report.ShortName(c.Issuer())
		}
	}
	if f, ok := findingAbout(c, r); ok {
		l.Tone, l.Fault = widgets.SeverityTone(f.Severity), f.Title
	}
	return l
}

func marked(links []widgets.Link) bool {
	for _, l := range links {
		if l.Fault != "" {
			return true
		}
	}
	return false
}
