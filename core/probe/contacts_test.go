package probe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mutual/core/evidence"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/session"
)

// TestContactsAreAllWhoIsAsked: whoever is asked was named before, or by what was fetched.
func TestContactsAreAllWhoIsAsked(t *testing.T) {
	for _, c := range []struct{ fault, variant string }{
		{"", ""}, {"tcp-refused", ""}, {"intermediate-missing", "fetchable"}, {"certificate-revoked", ""}, {"certificate-revoked", "delegate"},
	} {
		t.Run(c.fault+" "+c.variant, func(t *testing.T) {
			l, err := lab.Start(t.Context(), lab.Options{Fault: c.fault, Variant: c.variant})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			p := l.Profile()
			p.Trust.CheckRevocation = false
			a := *session.Try(t.Context(), p, pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()}), "", session.Options{})
			named := probe.ContactsOf(&a)
			if named.Any() != (c.fault != "") {
				t.Errorf("named are %+v", named)
			}
			if again := probe.ContactsOf(&a); fmt.Sprint(again) != fmt.Sprint(named) {
				t.Errorf("named first %v, then %v", named, again)
			}
			before := len(a.Probes)
			probe.RunAsked(t.Context(), &a, probe.Asked{Ports: true, Intermediates: true, Revocation: true, Roots: l.Roots()}, nil)
			asked := addresses(a.Probes[before:])
			all := slices.Concat(named.Ports, named.Intermediates, named.Revocation)
			for _, x := range asked {
				if !slices.ContainsFunc(all, func(n string) bool { return strings.HasSuffix(n, x) || strings.HasPrefix(x, root(n)) }) {
					t.Errorf("%s was asked and is not among %v", x, all)
				}
			}
			if c.fault != "" && len(asked) == 0 {
				t.Error("nobody was asked")
			}
		})
	}
}

// addresses are those of the probes that go beyond the connection itself.
func addresses(probes []evidence.Probe) (out []string) {
	for _, p := range probes {
		if port, ok := strings.CutPrefix(p.Name, "port-"); ok {
			out = append(out, ":"+port)
		} else if _, address, ok := strings.Cut(p.Name, ":"); ok && strings.Contains(address, "://") {
			out = append(out, address)
		}
	}
	return out
}

// root is scheme and host of an address: an authority's other files are beside the one that was named.
func root(address string) string {
	parts := strings.SplitN(address, "/", 4)
	return strings.Join(parts[:min(len(parts), 3)], "/")
}
