package ui

import (
	"context"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// checked is what a file turned out to be.
type checked struct {
	file evidence.File
	tone widgets.Tone
	text string
}

// judgeFile words what f is, or what is wrong with it as its finding does.
func judgeFile(f evidence.File, at *evidence.Attempt) checked {
	a := *at
	a.Files = &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}, Files: []evidence.File{f}}
	if f.Problem != evidence.Readable {
		a.Files.Status = evidence.Failed
	}
	for _, finding := range diagnose.Diagnose(&a, nil).Findings {
		if finding.Severity != diagnose.Info {
			return checked{f, widgets.SeverityTone(finding.Severity), finding.Title}
		}
	}
	return checked{f, widgets.Good, upperFirst(pki.Summary(f))}
}

// checkFile reads path in the background and shows beside the field what it is.
func (w *Window) checkFile(field *widgets.FileField, path string, role evidence.Role) {
	w.checks[field]++
	ticket := w.checks[field]
	if path == "" {
		field.SetStatus(widgets.Neutral, "")
		return
	}
	attempt := &evidence.Attempt{Started: w.env.now()}
	run(w.env.async, w.env.ctx, func(context.Context) checked {
		return judgeFile(pki.ReadFile(path, role, ""), attempt)
	}, func(c checked) {
		if w.checks[field] == ticket { // nothing was typed since
			field.SetStatus(c.tone, c.text)
		}
	})
}

// checkPair reads a client certificate and its key together, so that a key of another certificate is told.
func (w *Window) checkPair(certificate, key *widgets.FileField, p profile.ClientCertificate, passphrase string) {
	w.checks[certificate]++
	ticket := w.checks[certificate]
	attempt := &evidence.Attempt{Started: w.env.now()}
	run(w.env.async, w.env.ctx, func(ctx context.Context) []checked {
		m := pki.Load(ctx, profile.Profile{ClientCertificate: p}, pki.LoadOptions{Passphrase: passphrase, Roots: &pki.Roots{}})
		var out []checked
		if m.Files != nil {
			for _, f := range m.Files.Files {
				out = append(out, judgeFile(f, attempt))
			}
		}
		return out
	}, func(cs []checked) {
		if w.checks[certificate] != ticket {
			return
		}
		certificate.SetStatus(widgets.Neutral, "")
		key.SetStatus(widgets.Neutral, "")
		for _, c := range cs {
			switch c.file.Role {
			case evidence.RoleCertificate:
				certificate.SetStatus(c.tone, c.text)
			case evidence.RoleKey:
				key.SetStatus(c.tone, c.text)
			}
		}
	})
}
