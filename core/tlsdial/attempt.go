package tlsdial

import (
	"errors"
	"slices"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// NewAttempt begins the evidence of one attempt: what is to be reached, what is trusted, what the files hold.
func NewAttempt(p profile.Profile, m pki.Material) *evidence.Attempt {
	transport := p.Server.Transport
	if transport == "" {
		transport = profile.MQTTS
	}
	a := &evidence.Attempt{
		Started: time.Now(),
		Target: evidence.Target{
			Transport:         string(transport),
			Host:              p.Server.Host,
			Port:              p.Server.PortOrDefault(),
			Name:              p.Server.ReferenceName(),
			ALPN:              protocols(p.Server),
			SmallHello:        p.TLS.SmallHello,
			MQTTVersion:       p.MQTT.VersionOrDefault().Level(),
			ClientCertificate: p.ClientCertificate.Named(),
			DoNotVerify:       p.Trust.DoNotVerify,
		},
		Files: m.Files,
	}
	recordAddress(a, p)
	if p.TLS.Min != "" || p.TLS.Max != "" {
		a.Target.MinTLS, a.Target.MaxTLS = p.TLS.Bounds()
	}
	if p.Server.Transport.WebSocket() {
		a.Target.Path, _, _ = strings.Cut(p.Server.PathOrDefault(), "?")
	}
	a.Trust.File, a.Trust.System, a.Trust.Mozilla = p.Trust.Sources()
	return a
}

// recordAddress writes down where the host is no address. What may hold a password is not kept.
func recordAddress(a *evidence.Attempt, p profile.Profile) {
	var wrong *profile.AddressError
	if !errors.As(p.Server.CheckAddress(), &wrong) {
		return
	}
	a.Target.Invalid = &evidence.Address{Part: string(wrong.Part), Text: wrong.Text}
	if wrong.Part == profile.UserPart || strings.Contains(wrong.Input, "@") {
		a.Target.Host, a.Target.Name = "", ""
		a.Target.Invalid.Text = "The address holds a user name; the user name and the password are set apart from the address."
		return
	}
	a.Target.Invalid.Input = wrong.Input
	a.Target.Invalid.Position = len([]rune(wrong.Input[:wrong.Position]))
}

// protocols are those that are offered by ALPN. A server that speaks more than one version of HTTP has to be told that
// WebSocket begins in 1.1 (RFC 6455 §4.1).
func protocols(s profile.Server) []string {
	if len(s.ALPN) == 0 && s.Transport == profile.WSS {
		return []string{"http/1.1"}
	}
	return slices.Clone(s.ALPN)
}

// recordCandidates looks up which public certificates bear on those of the CA files and those sent.
func recordCandidates(a *evidence.Attempt, m pki.Material) {
	of := caFileCertificates(a.Files)
	if a.TLS != nil {
		of = append(of, a.TLS.Sent...)
	}
	if len(of) > 0 {
		a.Trust.Candidates = m.Roots.Candidates(of)
	}
}

func caFileCertificates(files *evidence.Files) []evidence.Certificate {
	if files == nil {
		return nil
	}
	var cs []evidence.Certificate
	for _, f := range files.Files {
		if f.Role != evidence.RoleCA {
			continue
		}
		for _, b := range f.Blocks {
			if len(b.Certificate) > 0 {
				cs = append(cs, evidence.Certificate{Source: evidence.CAFile, File: f.Path, Block: b.Index, DER: b.Certificate})
			}
		}
	}
	return cs
}
