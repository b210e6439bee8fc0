package chain

import (
	"crypto/x509"
	"time"

	"mutual/core/evidence"
)

// Ask is the question whether sent, the end-entity certificate first, is accepted with anchors at that time, for whatever
// purpose and name.
func Ask(sent, anchors []*x509.Certificate, at time.Time) Question {
	q := Question{At: at, Purpose: AnyPurpose}
	for _, c := range sent {
		q.Sent = append(q.Sent, Parse(evidence.Certificate{Source: evidence.Sent, DER: c.Raw}))
	}
	for _, c := range anchors {
		q.Anchors = append(q.Anchors, Parse(evidence.Certificate{Source: evidence.CAFile, DER: c.Raw}))
	}
	return q
}
