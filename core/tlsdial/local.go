package tlsdial

import (
	"crypto/x509"

	"mutual/core/evidence"
)

// explainLocal finds out why crypto/tls itself ended a handshake; its error says so only as text.
func (s *shake) explainLocal(w *wire, f flight) evidence.Failure {
	if s.judged { // the certificates were parsed and, where that is wanted, verified
		if f.disproved(w.out) {
			return evidence.BadProof
		}
		return evidence.Other
	}
	failure := evidence.Other
	for i, der := range f.certificates {
		s.record.Sent = append(s.record.Sent, evidence.Certificate{Source: evidence.Sent, Position: i, DER: der})
		if _, err := x509.ParseCertificate(der); err != nil {
			failure = evidence.Unparsable
		}
	}
	return failure
}
