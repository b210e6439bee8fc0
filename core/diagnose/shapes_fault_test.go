package diagnose_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// shapeFault is one fault for all shapes. spoil changes the finished question; wanted are the right answers as "id
// certificate", none where the fault does not fit the shape.
type shapeFault struct {
	name   string
	make   maker
	spoil  func(shape, *chain.Question)
	wanted func(shape, chain.Question) []string
}

// leastShapes is how many of a hundred must be answered rightly.
const leastShapes = 98

func atLeaf(id string) func(shape, chain.Question) []string {
	return func(_ shape, q chain.Question) []string { return []string{id + " " + hashText(q.Sent[0])} }
}

func shapeFaults() []shapeFault {
	stranger := (&maker{}).root("Stranger Root", "P-256")
	return []shapeFault{
		{name: "end entity expired", make: maker{leaf: expired}, wanted: atLeaf("certificate-expired")},
		{name: "end entity not yet valid", make: maker{leaf: func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = shapeClock.AddDate(0, 0, 9), shapeClock.AddDate(1, 0, 0)
		}},
			wanted: atLeaf("certificate-not-yet-valid")},
		{name: "another name", make: maker{leaf: func(c *x509.Certificate) {
			c.Subject.CommonName, c.DNSNames, c.IPAddresses = "x", []string{"other.example.net"}, nil
		}}, wanted: func(s shape, q chain.Question) []string {
			if bytes.ContainsAny([]byte(s.asked), ":") || s.asked[0] <= '9' {
				return atLeaf("ip-address-not-in-certificate")(s, q)
			}
			return atLeaf("name-mismatch")(s, q)
		}},
		{name: "for clients", make: maker{leaf: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }},
			wanted: atLeaf("extended-key-usage")},
		{name: "end entity altered", spoil: func(s shape, q *chain.Question) {
			der := bytes.Clone(q.Sent[0].DER)
			der[len(der)-1] ^= 1
			for i := range q.Sent {
				if q.Sent[i].SHA256 == q.Sent[0].SHA256 && i > 0 {
					q.Sent[i] = chain.Parse(evidence.Certificate{Source: evidence.Sent, Position: i, DER: der})
				}
			}
			q.Sent[0] = chain.Parse(evidence.Certificate{Source: evidence.Sent, DER: der})
			q.Anchors = slices.DeleteFunc(q.Anchors, func(a chain.Certificate) bool { return !a.X.IsCA })
		}, wanted: func(s shape, q chain.Question) []string {
			right := atLeaf("signature-invalid")(s, q)
			if len(q.Sent[0].X.AuthorityKeyId) == 0 { // nothing tells it from an authority with another key
				right = append(right, "ca-rotated "+hashText(q.Anchors[0]))
			}
			return right
		}},
		{name: "another authority trusted", spoil: func(s shape, q *chain.Question) {
			q.Anchors = []chain.Certificate{chain.Parse(evidence.Certificate{Source: evidence.CAFile, File: "ca.pem", DER: stranger.Raw})}
		}, wanted: untrustedTops},
		{name: "nothing but the end entity sent", spoil: func(s shape, q *chain.Question) {
			for _, c := range q.Sent[1:] {
				c.Source = evidence.BuiltIn
				q.Candidates = append(q.Candidates, c)
			}
			q.Sent = q.Sent[:1]
		}, wanted: func(s shape, q chain.Question) []string {
			if slices.ContainsFunc(q.Anchors, func(a chain.Certificate) bool {
				return bytes.Equal(a.X.RawSubject, q.Sent[0].X.RawIssuer) || a.SHA256 == q.Sent[0].SHA256
			}) {
				return nil // its issuer is trusted
			}
			return atLeaf("intermediate-missing")(s, q)
		}},
		{name: "intermediates expired", make: maker{intermediate: expired}, wanted: func(s shape, q chain.Question) (right []string) {
			for _, c := range s.sent[1:] {
				if c.NotAfter.Before(shapeClock) {
					right = append(right, "certificate-expired "+hashOf(c), "clock-wrong ")
				}
			}
			if direct := slices.ContainsFunc(s.anchors, func(a *signer) bool {
				return !a.NotAfter.Before(shapeClock) && s.sent[0].CheckSignatureFrom(a.Certificate) == nil
			}); direct {
				return nil
			}
			for _, c := range s.anchors {
				if c.NotAfter.Before(shapeClock) && s.sent[0].CheckSignatureFrom(c.Certificate) == nil {
					right = append(right, "certificate-expired "+hashOf(c))
				}
			}
			return right
		}},
	}
}

// untrustedTops are the ends of all ways up from the end-entity certificate over what is sent.
func untrustedTops(s shape, q chain.Question) (right []string) {
	var seen []*signer
	var climb func(c *signer)
	climb = func(c *signer) {
		if slices.Contains(seen, c) {
			return
		}
		seen = append(seen, c)
		if c.CheckSignatureFrom(c.Certificate) == nil && bytes.Equal(c.RawSubject, c.RawIssuer) {
			right = append(right, "root-sent-untrusted "+hashOf(c))
			return
		}
		up := false
		for _, p := range s.sent {
			if p != c && bytes.Equal(p.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(p.Certificate) == nil {
				up = true
				climb(p)
			}
		}
		if !up {
			right = append(right, "root-unknown "+hashOf(c))
		}
	}
	climb(s.sent[0])
	return right
}

func hashText(c chain.Certificate) string { return hashOf(&signer{Certificate: c.X}) }

// TestFaultsOfShapesAreNamedFirst puts every fault into every shape.
func TestFaultsOfShapesAreNamedFirst(t *testing.T) {
	right, asked := 0, 0
	for _, fault := range shapeFaults() {
		m := fault.make
		for _, s := range shapes(&m) {
			q := s.question()
			if fault.spoil != nil {
				fault.spoil(s, &q)
			}
			wanted := fault.wanted(s, q)
			if len(wanted) == 0 {
				continue
			}
			asked++
			r := diagnose.Verify(q, nil, nil)
			got := ""
			if len(r.Findings) > 0 {
				got = r.Findings[0].ID + " " + r.Findings[0].Subject.SHA256
			}
			if slices.Contains(wanted, got) {
				right++
				continue
			}
			t.Logf("%s, %s: want %v", s.name, fault.name, wanted)
			for _, f := range r.Findings {
				t.Logf("  %s %s %.8s: %s", f.Severity, f.ID, f.Subject.SHA256, f.Title)
			}
		}
	}
	share := 100 * float64(right) / float64(asked)
	t.Logf("the first finding is right in %d of %d: %.2f %%", right, asked, share)
	if share < leastShapes {
		t.Errorf("%.2f %%, and %d %% are wanted", share, leastShapes)
	}
}
