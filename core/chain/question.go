package chain

import (
	"bytes"
	"slices"
	"time"

	"mutual/core/evidence"
)

// Purpose is what the end-entity certificate is to be used for.
type Purpose string

const (
	ServerAuth Purpose = "server"
	ClientAuth Purpose = "client"
	AnyPurpose Purpose = "any"
)

// Question is what a judge is asked.
type Question struct {
	Sent      []Certificate // end-entity certificate first
	Untrusted []Certificate // further intermediates, as openssl's -untrusted
	Anchors   []Certificate // trust anchors, of every source in force
	// Candidates are certificates of public sources that are not trusted in this question: they tell what is missing,
	// and no judge sees them.
	Candidates []Certificate
	// Files are the CA files that Anchors came from, where clients may read them otherwise than this program does; nil:
	// every client has Anchors.
	Files   []evidence.File
	Name    string    // reference identifier, DNS name or IP address; empty: no judge checks a name
	At      time.Time // the clock
	Purpose Purpose
	// Stapling says whether the chain was sent in a handshake in which the server could have stapled an OCSP response.
	Stapling Stapling
	Staple   []byte // that response, DER, for Stapled

	ledger *ledger // see Remembering; nil: nothing is remembered
}

// FromAttempt is the question that an attempt's server chain poses. ok is false when no certificate was sent.
func FromAttempt(a *evidence.Attempt) (q Question, ok bool) {
	if a == nil || a.TLS == nil || len(a.TLS.Sent) == 0 {
		return Question{}, false
	}
	q = Question{Name: a.Target.Name, At: a.Started, Purpose: ServerAuth}
	switch {
	case len(a.TLS.Staple) > 0:
		q.Stapling, q.Staple = Stapled, a.TLS.Staple
	case a.TLS.StapleAsked:
		q.Stapling = NotStapled
	}
	for _, c := range a.TLS.Sent {
		q.Sent = append(q.Sent, Parse(c))
	}
	if a.Trust.File {
		q.addFiles(a.Files)
	}
	for _, c := range a.Trust.Candidates {
		trusted := c.Source == evidence.System && a.Trust.System || c.Source == evidence.Mozilla && a.Trust.Mozilla
		if trusted {
			q.Anchors = append(q.Anchors, Parse(c).distrusting(q.Sent))
		} else {
			q.Candidates = append(q.Candidates, Parse(c))
		}
	}
	return q, true
}

func (q *Question) addFiles(files *evidence.Files) {
	if files == nil {
		return
	}
	for _, f := range files.Files {
		if f.Role != evidence.RoleCA {
			continue
		}
		q.Anchors = append(q.Anchors, anchorsOf(f)...)
		if f.Readings != nil {
			q.Files = append(q.Files, f)
		}
	}
}

// anchorsOf are the certificates that this program reads in a CA file.
func anchorsOf(f evidence.File) (anchors []Certificate) {
	for _, b := range f.Blocks {
		if len(b.Certificate) > 0 {
			anchors = append(anchors, Parse(evidence.Certificate{
				Source: evidence.CAFile, File: f.Path, Block: b.Index, DER: b.Certificate,
			}))
		}
	}
	return anchors
}

// WithAnchors is q with further trust anchors before its own, as fix writes them: OpenSSL takes the first of several
// anchors of one name, and a root has to stand before the cross-certificate of its own key to be found.
func WithAnchors(q Question, add ...Certificate) Question {
	anchors := slices.Clone(add)
	for _, c := range q.Anchors {
		if !slices.ContainsFunc(add, func(a Certificate) bool { return bytes.Equal(a.DER, c.DER) }) {
			anchors = append(anchors, c)
		}
	}
	q.Anchors, q.Files = anchors, nil // in the file that is written, all read the same
	return q
}

// Compare names the judges that accept before and refuse after, and those that refuse before and accept after. A
// change of trust may be offered only when nobody is lost.
func Compare(before, after Question) (lost, gained []string) {
	was, is := Verdicts(before), Verdicts(after)
	for i, v := range was {
		switch {
		case v.Accepted && !is[i].Accepted:
			lost = append(lost, v.Client)
		case is[i].Accepted && !v.Accepted:
			gained = append(gained, v.Client)
		}
	}
	return lost, gained
}
