package probe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/fetch"
	"mutual/core/pki"
	"mutual/core/tlsdial"
)

const (
	// maxRounds is how far issuers are followed: public chains have one or two intermediates, private ones a few more.
	maxRounds = 4
	// maxIssuerSources bounds the addresses that are asked for one issuer.
	maxIssuerSources = 2
)

// inquiry fetches what the server's certificates point to, in rounds: what one brings may name what the next fetches.
type inquiry struct {
	attempt *evidence.Attempt
	asked   Asked
	client  *fetch.Client
	known   map[string]bool // addresses and certificates that were asked about
	pending []*brought      // of this round
}

// brought is what one fetch brings.
type brought struct {
	answer evidence.Answer
	ders   [][]byte // the certificates of an issuer
}

func newInquiry(a *evidence.Attempt, asked Asked) *inquiry {
	if made := asked.Made; made != nil { // what is not said goes as the connection went
		asked.Proxy = cmp.Or(asked.Proxy, made.Profile.Server.Proxy)
		asked.Roots = cmp.Or(asked.Roots, made.Material.Roots)
	}
	i := &inquiry{attempt: a, asked: asked, known: map[string]bool{}}
	i.client, _ = tlsdial.Fetcher(asked.Proxy, asked.ProxyPassword) // nil: the profile's proxy makes no sense, and is said to elsewhere
	for _, x := range a.Answers {
		i.known[question(x.Kind, x.From, x.About)] = true // tlsdial asked already
	}
	if asked.Revocation && a.Revocation == nil && a.TLS != nil {
		a.Revocation = &evidence.Revocation{}
	}
	return i
}

func question(kind evidence.AnswerKind, address string, about []byte) string {
	return string(kind) + " " + address + " " + string(about)
}

// choose picks what is to be fetched now.
func (i *inquiry) choose() []experiment {
	q, ok := chain.FromAttempt(i.attempt)
	if !ok || i.client == nil {
		return nil
	}
	var es []experiment
	if i.asked.Intermediates {
		for _, c := range chain.Analyse(q).Unissued(q) {
			for _, address := range c.IssuingCertificateURL[:min(len(c.IssuingCertificateURL), maxIssuerSources)] {
				if i.isNew(evidence.IssuerAnswer, address, c) {
					es = append(es, i.experiment("issuer", address, i.issuer(c, address)))
				}
			}
		}
	}
	if !i.asked.Revocation {
		return es
	}
	for _, x := range fetch.Questions(chain.Analyse(chain.WithFetched(q)).Links()) {
		if i.isNew(x.Kind, x.Address, x.About.Certificate) {
			es = append(es, i.experiment(string(x.Kind), x.Address, func(ctx context.Context) brought {
				return brought{answer: i.client.Ask(ctx, x)}
			}))
		}
	}
	return es
}

func (i *inquiry) isNew(kind evidence.AnswerKind, address string, about *x509.Certificate) bool {
	sum := sha256.Sum256(about.Raw)
	key := question(kind, address, sum[:])
	if i.known[key] {
		return false
	}
	i.known[key] = true
	return true
}

// issuer fetches what address holds.
func (i *inquiry) issuer(about *x509.Certificate, address string) func(context.Context) brought {
	return func(ctx context.Context) brought {
		var b brought
		b.answer, b.ders = i.client.Issuers(ctx, about, address)
		return b
	}
}

var kindWords = map[string]string{"issuer": "The issuer's certificate", "crl": "The revocation list", "ocsp": "The answer of the OCSP responder"}

// experiment makes one of a fetch.
func (i *inquiry) experiment(kind, address string, run func(context.Context) brought) experiment {
	b := &brought{}
	i.pending = append(i.pending, b)
	return experiment{kind + ":" + address, func(ctx context.Context, _ target, p *evidence.Probe) {
		*b = run(ctx)
		p.Status, p.Failure = evidence.OK, b.answer.Failure
		p.Detail = fmt.Sprintf("%s came from %s.", kindWords[kind], address)
		if p.Failure != evidence.NoFailure {
			p.Status = evidence.Failed
			p.Detail = fmt.Sprintf("%s could not be had from %s.", kindWords[kind], address)
		}
	}}
}

// take writes what this round brought into the attempt. Fetched certificates are candidates, which nobody trusts; with
// them come the public ones that issued them.
func (i *inquiry) take() {
	var fetched []evidence.Certificate
	a := i.attempt
	a.Answers, a.Trust.Candidates = slices.Clone(a.Answers), slices.Clone(a.Trust.Candidates) // others may hold the old ones
	for _, b := range i.pending {
		if b.answer.Kind != "" {
			a.Answers = append(a.Answers, b.answer)
		}
		for _, der := range b.ders {
			fetched = append(fetched, evidence.Certificate{Source: evidence.Fetched, File: b.answer.From, DER: der})
		}
	}
	i.pending = nil
	if len(fetched) == 0 {
		return
	}
	roots := i.asked.Roots
	if roots == nil {
		roots = pki.PublicRoots()
	}
	for _, c := range append(fetched, roots.Candidates(fetched)...) {
		if !slices.ContainsFunc(a.Trust.Candidates, func(x evidence.Certificate) bool { return x.Source == c.Source && string(x.DER) == string(c.DER) }) {
			a.Trust.Candidates = append(a.Trust.Candidates, c)
		}
	}
}
