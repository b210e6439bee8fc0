package probe

import (
	"context"
	"fmt"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/tlsdial"
)

// anyKey asks what the server shows to a client that knows every kind of key, in one version of TLS.
func anyKey(version uint16) func(context.Context, target, *evidence.Probe) {
	name := evidence.VersionName(version)
	return func(ctx context.Context, t target, p *evidence.Probe) {
		p.Status = evidence.Failed
		socket, err := t.dial(ctx)
		if err != nil {
			fail(p, err)
			return
		}
		defer socket.Close()
		answer, err := tlsdial.AnyKey(ctx, socket, t.name, t.alpn, version)
		p.Version, p.CipherSuite, p.Certificates = answer.Version, answer.CipherSuite, answer.Certificates
		p.Detail = fmt.Sprintf("A ClientHello of TLS %s with every kind of key was not answered with a certificate.", name)
		switch {
		case len(p.Certificates) > 0:
			p.Status = evidence.OK
			p.Detail = fmt.Sprintf("A ClientHello of TLS %s with every kind of key was answered with a certificate.", name)
		case err != nil:
			p.Failure, p.Alert = tlsdial.FailureOf(err)
		}
	}
}

// adopt puts the chain that a probe recovered where a handshake would have left it, so that it is judged and shown.
func adopt(a *evidence.Attempt, roots *pki.Roots) {
	if a.TLS == nil || a.TLS.Complete || len(a.TLS.Sent) > 0 {
		return
	}
	for _, p := range a.Probes {
		if len(p.Certificates) == 0 {
			continue
		}
		a.TLS.Sent, a.TLS.SentToProbe = p.Certificates, true
		if roots == nil {
			roots = pki.PublicRoots()
		}
		of := append([]evidence.Certificate(nil), p.Certificates...)
		if a.Files != nil {
			for _, f := range a.Files.Files {
				for _, b := range f.Blocks {
					if f.Role == evidence.RoleCA && len(b.Certificate) > 0 {
						of = append(of, evidence.Certificate{Source: evidence.CAFile, File: f.Path, Block: b.Index, DER: b.Certificate})
					}
				}
			}
		}
		a.Trust.Candidates = roots.Candidates(of)
		return
	}
}
