package main

import (
	"fmt"
	"strconv"
	"strings"

	"mutual/core/evidence"
)

// newStages lists all five stages; one that was not reached is skipped.
func newStages(a *evidence.Attempt) []stageObject {
	stages := []stageObject{
		{Name: "files", Status: evidence.Skipped},
		{Name: "resolve", Status: evidence.Skipped},
		{Name: "dial", Status: evidence.Skipped},
		{Name: "tls", Status: evidence.Skipped},
		{Name: "mqtt", Status: evidence.Skipped},
	}
	if a.Files != nil {
		stages[0].take(a.Files.Stage, filesDetail(a.Files))
	}
	if a.Resolve != nil {
		stages[1].take(a.Resolve.Stage, strings.Join(a.Resolve.Addresses, ", "))
	}
	if a.Dial != nil {
		stages[2].take(a.Dial.Stage, dialDetail(a.Dial))
	}
	if a.TLS != nil {
		stages[3].take(a.TLS.Stage, tlsDetail(a.TLS, a.Target))
	}
	if a.MQTT != nil {
		stages[4].take(a.MQTT.Stage, upgradeDetail(a.WebSocket)+mqttDetail(a.MQTT))
	}
	return stages
}

// take copies what the evidence says of a stage. The raw text of what went wrong comes after what is known for sure.
func (s *stageObject) take(stage evidence.Stage, detail string) {
	s.Status, s.Duration = stage.Status, milliseconds(stage.Duration)
	s.Detail = detail
	if stage.Error != "" && detail != "" {
		s.Detail += ": "
	}
	s.Detail += stage.Error
}

// filesDetail names the files at fault, where the raw text does not do so already.
func filesDetail(f *evidence.Files) string {
	if f.Error != "" {
		return ""
	}
	var problems []string
	for _, file := range f.Files {
		if file.Problem != evidence.Readable {
			problems = append(problems, file.Path+" ("+string(file.Problem)+")")
		}
	}
	return strings.Join(problems, ", ")
}

// dialDetail is the address that answered, and the proxy's word when it is one.
func dialDetail(d *evidence.Dial) string {
	p := d.Proxy
	if p == nil {
		return d.Address
	}
	parts := []string{p.Scheme + " proxy " + p.Address}
	if p.StatusLine != "" {
		parts = append(parts, strconv.Quote(p.StatusLine))
	}
	if p.Reply != nil {
		parts = append(parts, fmt.Sprintf("reply %d", *p.Reply))
	}
	if p.Failure != evidence.NoFailure {
		parts = append(parts, string(p.Failure))
	}
	return strings.Join(parts, ", ")
}

// upgradeDetail is what became of the request for a WebSocket, before what is said of MQTT.
func upgradeDetail(w *evidence.WebSocket) string {
	if w == nil {
		return ""
	}
	detail := "WebSocket " + w.Path + ", "
	if w.HTTPStatus != 0 {
		detail += fmt.Sprintf("HTTP %d, ", w.HTTPStatus)
	}
	return detail
}

func tlsDetail(t *evidence.TLS, target evidence.Target) string {
	var parts []string
	if t.Version != 0 {
		parts = append(parts, "TLS "+evidence.VersionName(t.Version))
	}
	if name := evidence.SuiteName(t.CipherSuite); name != "" {
		parts = append(parts, name)
	}
	switch {
	case t.Verified:
		parts = append(parts, "broker verified")
	case target.DoNotVerify && t.Complete:
		parts = append(parts, "broker not verified")
	}
	if t.CertificateSent {
		parts = append(parts, "client certificate sent")
	}
	if t.Alert != nil {
		parts = append(parts, alertText(*t.Alert))
	} else if t.Failure != evidence.NoFailure {
		parts = append(parts, string(t.Failure))
	}
	return strings.Join(parts, ", ")
}

func alertText(number uint8) string {
	return fmt.Sprintf("alert %d (%s)", number, evidence.AlertName(number))
}

func mqttDetail(m *evidence.MQTT) string {
	detail := "MQTT " + mqttVersion(m.Version)
	if m.ReasonCode != nil {
		detail += fmt.Sprintf(", %s (0x%02x)", m.ReasonName(), *m.ReasonCode)
	}
	if m.ReasonString != "" {
		detail += fmt.Sprintf(" %q", m.ReasonString)
	}
	if m.Failure != evidence.NoFailure && m.ReasonCode == nil {
		detail += ", " + string(m.Failure)
	}
	return detail
}
