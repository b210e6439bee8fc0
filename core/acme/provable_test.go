package acme

import (
	"errors"
	"testing"

	"mutual/core/nameserver"
	"mutual/core/solver"
)

// TestCheck: what no authority can do is refused before one is asked.
func TestCheck(t *testing.T) {
	d := Directory{URL: "https://ca.example/dir"}
	var (
		name      *nameserver.NameError
		kind      *KeyTypeError
		proof     *ProofError
		directory *DirectoryError
	)
	for _, c := range []struct {
		r         Request
		challenge string
		as        any
	}{
		{Request{Directory: d, Names: []string{"a.example"}}, solver.DNS01, nil},
		{Request{Directory: d, Names: []string{"192.0.2.7"}}, solver.HTTP01, nil},
		{Request{Directory: d}, solver.DNS01, &name},
		{Request{Directory: d, Names: []string{"a.example"}, KeyType: "dsa:1024"}, solver.DNS01, &kind},
		{Request{Directory: d, Names: []string{"a.example", "*.a.example"}}, solver.HTTP01, &proof},
		{Request{Directory: d, Names: []string{"192.0.2.7"}}, solver.DNS01, &proof},
		{Request{Directory: Directory{URL: "http://ca.example/dir"}, Names: []string{"a.example"}}, solver.DNS01, &directory},
		{Request{Directory: Directory{URL: "ca.example"}, Names: []string{"a.example"}}, solver.DNS01, &directory},
		{Request{Names: []string{"a.example"}}, solver.DNS01, &directory},
	} {
		err := c.r.Check(c.challenge)
		if (c.as == nil) != (err == nil) || c.as != nil && !errors.As(err, c.as) {
			t.Errorf("%+v by %s: %v", c.r, c.challenge, err)
		}
	}
}
