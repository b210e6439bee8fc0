package main

import (
	"errors"
	"strings"

	"mutual/core/deploy"
	"mutual/core/pki"
)

// handedOver is what export --json prints.
type handedOver struct {
	Schema int `json:"schema"`
	deploy.Handover
	Files    []string        `json:"files"` // what --out wrote
	Platform *platformObject `json:"platform"`
}

// handOver writes, prints, and ends with the status of the checks. done is what EMQX's interface was asked; nil: nothing.
func (t *terminal) handOver(h deploy.Handover, f *exportFlags, done *platformObject) error {
	o := handedOver{Schema: schema, Handover: h, Files: []string{}, Platform: done}
	if f.out != "" && len(h.Fields) > 0 {
		var there *pki.ExistsError
		paths, err := h.Write(f.out, f.force)
		switch {
		case errors.As(err, &there):
			return usage("--force replaces them; --out DIR writes elsewhere", "already there: %s", strings.Join(there.Paths, ", "))
		case err != nil:
			return usage("", "%s", err)
		}
		o.Files = paths
	}
	switch {
	case f.field != "":
		if err := t.oneField(h, f.field); err != nil {
			return err
		}
	case f.json:
		t.object(o)
	default:
		newPage(t.out).handover(o)
	}
	if h.Failed() {
		return ended(statusFound)
	}
	return nil
}

// oneField prints a value alone, for a pipe. A private key is printed when it is asked for by its name.
func (t *terminal) oneField(h deploy.Handover, id string) error {
	field, ok := h.Field(id)
	if !ok {
		var ids []string
		for _, f := range h.Fields {
			ids = append(ids, f.ID)
		}
		return usage("there are "+strings.Join(ids, ", "), "--field: %s has no field %q", h.Title, id)
	}
	for _, c := range h.Checks {
		if c.Outcome == deploy.Failed {
			t.note("%s %s", c.Text, c.Do)
		}
	}
	_, err := t.out.Write([]byte(field.Value))
	return err
}

// handover writes the checks, then the fields or where they are.
func (p *page) handover(o handedOver) {
	p.line("%s", p.paint(bold, o.Title))
	p.line("Checks")
	for _, c := range o.Checks {
		p.line("  %s  %s", p.outcome(c.Outcome), c.Text)
		if c.Outcome == deploy.Failed || c.Outcome == deploy.Warning {
			p.line("           %s", p.paint(dimmed, "Wanted: "+c.Rule+" ("+c.Source+")"))
		}
		if c.Do != "" {
			p.line("           %s", c.Do)
		}
	}
	if len(o.Fields) > 0 {
		p.line("")
		p.fields(o)
	}
	if len(o.Steps) > 0 {
		p.line("")
		p.line("What to do")
		for _, step := range o.Steps {
			p.line("  - %s", step)
		}
	}
}

func (p *page) fields(o handedOver) {
	if len(o.Files) > 0 {
		p.line("Files")
		for _, path := range o.Files {
			p.line("  %s", path)
		}
		return
	}
	for _, f := range o.Fields {
		p.line("%s: %s", p.paint(bold, f.Title), f.Help)
		switch {
		case f.Value == "":
			p.line("(empty)")
		case f.Secret:
			p.line("(not shown: --field %s prints it, --out DIR writes it)", f.ID)
		default:
			p.line("%s", strings.TrimSuffix(f.Value, "\n"))
		}
		p.line("")
	}
}

func (p *page) outcome(o deploy.Outcome) string {
	text := string(o) + strings.Repeat(" ", max(0, len(deploy.Warning)-len(o)))
	switch o {
	case deploy.Passed:
		return p.paint(green, text)
	case deploy.Failed:
		return p.paint(red, text)
	case deploy.Warning:
		return p.paint(amber, text)
	}
	return p.paint(dimmed, text)
}
