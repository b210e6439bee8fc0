package fetch

import (
	"context"

	"mutual/core/evidence"
	"mutual/core/revocation"
)

// maxSources bounds how many CRLs, and how many responders, are asked about one certificate, and maxLinks how many
// certificates of a path are asked about: real ones name one or two, and have two or three issuers.
const (
	maxSources = 2
	maxLinks   = 8
)

// Question is one address to be asked about one certificate.
type Question struct {
	Kind    evidence.AnswerKind // CRLAnswer or OCSPAnswer
	Address string
	About   revocation.Link
}

// Questions lists what is to be asked about links, each address and certificate once.
func Questions(links []revocation.Link) []Question {
	var all []Question
	asked := map[string]bool{}
	for _, l := range links[:min(len(links), maxLinks)] {
		for _, source := range []struct {
			kind      evidence.AnswerKind
			addresses []string
		}{{evidence.OCSPAnswer, l.Certificate.OCSPServer}, {evidence.CRLAnswer, l.Certificate.CRLDistributionPoints}} {
			for _, address := range source.addresses[:min(len(source.addresses), maxSources)] {
				if key := string(source.kind) + address + string(l.Certificate.Raw); !asked[key] {
					asked[key] = true
					all = append(all, Question{source.kind, address, l})
				}
			}
		}
	}
	return all
}

// Ask asks one.
func (c *Client) Ask(ctx context.Context, q Question) evidence.Answer {
	if q.Kind == evidence.OCSPAnswer {
		return c.OCSP(ctx, q.About, q.Address)
	}
	return c.CRL(ctx, q.About.Certificate, q.Address)
}

// AskAll asks all side by side, and returns the answers in their order after Wait at the latest.
func (c *Client) AskAll(ctx context.Context, questions []Question) []evidence.Answer {
	answers := make([]evidence.Answer, len(questions))
	finished := make(chan struct{})
	for i, q := range questions {
		go func() {
			answers[i] = c.Ask(ctx, q)
			finished <- struct{}{}
		}()
	}
	for range questions {
		<-finished
	}
	return answers
}
