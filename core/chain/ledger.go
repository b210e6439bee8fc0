package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"sync"
)

// ledger remembers what has been worked out about a question and those made from it: which key made which signature, and
// what a judge said of exactly these certificates. It changes no verdict: a signature that is remembered costs a judge
// as much of its budget as one that is checked. It lives as long as the questions that share it.
type ledger struct {
	mu         sync.Mutex
	signatures map[signer]signatureResult
	verdicts   map[asked]Verdict
}

// signer is a certificate and the one whose key may have signed it, each by its SHA-256.
type signer struct{ child, issuer [32]byte }

// asked is a judge and the digest of what it was asked.
type asked struct {
	client string
	digest [32]byte
}

// Bounds on what a ledger holds: some 3 MB of signatures, and the verdicts of 32 variants of a question on seven judges.
// What does not fit is worked out again.
const (
	maxRememberedSignatures = 1 << 14
	maxRememberedVerdicts   = 1 << 8
)

// Remembering is q with a memory of signatures and verdicts, which questions made from it share: to be used where one
// chain is judged several times. It may be used by several goroutines.
func (q Question) Remembering() Question {
	if q.ledger == nil {
		q.ledger = &ledger{signatures: map[signer]signatureResult{}, verdicts: map[asked]Verdict{}}
	}
	return q
}

// signature says whether issuer's key signed child, whose views are not nil. A nil ledger remembers nothing.
func (l *ledger) signature(child, issuer *member) signatureResult {
	switch {
	case child == issuer:
		return child.v.ownSignature()
	case l == nil:
		return checkSignature(child.v, issuer.v.key)
	}
	key := signer{child.SHA256, issuer.SHA256}
	l.mu.Lock()
	result, known := l.signatures[key]
	l.mu.Unlock()
	if known {
		return result
	}
	result = checkSignature(child.v, issuer.v.key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.signatures) < maxRememberedSignatures {
		l.signatures[key] = result
	}
	return result
}

// verdict returns what j said of the question with that digest, or what it says now.
func (l *ledger) verdict(j Judge, q Question, digest [32]byte) Verdict {
	key := asked{j.Name(), digest}
	l.mu.Lock()
	v, known := l.verdicts[key]
	l.mu.Unlock()
	if known {
		return v
	}
	v = j.Judge(q)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.verdicts) < maxRememberedVerdicts {
		l.verdicts[key] = v
	}
	return v
}

// Verdicts is what each of Judges says of q, in their order. They are shared and not to be changed.
func Verdicts(q Question) []Verdict {
	q = q.Remembering()
	digest := q.digest()
	verdicts := make([]Verdict, 0, len(judges))
	for _, j := range judges {
		verdicts = append(verdicts, q.ledger.verdict(j, q, digest))
	}
	return verdicts
}

// digest tells questions apart by all that a judge may look at.
func (q Question) digest() [32]byte {
	h := sha256.New()
	var number [8]byte
	count := func(n uint64) {
		binary.BigEndian.PutUint64(number[:], n)
		h.Write(number[:])
	}
	text := func(s string) {
		count(uint64(len(s)))
		h.Write([]byte(s))
	}
	for _, list := range [][]Certificate{q.Sent, q.Untrusted, q.Anchors, q.Candidates} {
		count(uint64(len(list)))
		for _, c := range list {
			text(string(c.Source))
			sum := c.SHA256
			if sum == ([32]byte{}) { // made without Parse
				sum = sha256.Sum256(c.DER)
			}
			h.Write(sum[:])
			count(uint64(len(c.distrusts)))
			for _, below := range q.Sent {
				text(c.distrusts[below.SHA256])
			}
		}
	}
	count(uint64(len(q.Files)))
	for _, f := range q.Files {
		text(f.Path)
		for _, r := range f.Readings {
			text(string(r.Reader))
			text(r.Fault)
			count(uint64(len(r.Found)))
			for _, found := range r.Found {
				text(found.Label)
				text(string(found.Certificate))
				text(strconv.FormatBool(found.Broken))
			}
		}
	}
	text(q.Name)
	text(string(q.Purpose))
	count(uint64(q.At.Unix()))
	count(uint64(q.At.Nanosecond()))
	text(string(q.Stapling))
	text(string(q.Staple))
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}
