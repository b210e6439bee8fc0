package chain

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestScenariosAgreeWithOpenSSL(t *testing.T) {
	program := opensslProgram(t)
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			compare(t, program, t.TempDir(), s.name, s.q, fullChains, partialChains, strictChains)
		})
	}
}

func TestAnalyse(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			var accepts []string
			for _, j := range Judges() {
				if slices.Contains(strings.Fields(everybody), j.Name()) && j.Judge(s.q).Accepted {
					accepts = append(accepts, j.Name())
				}
			}
			if got := strings.Join(accepts, " "); got != s.accepts {
				t.Errorf("accepted by %q, want %q", got, s.accepts)
			}
			a := Analyse(s.q)
			if s.accepts == everybody && s.first == "" {
				for _, f := range a.Faults {
					if len(f.Clients) > 0 && !slices.ContainsFunc(f.Clients, func(c string) bool { return slices.Contains(strings.Fields(everybody), c) }) {
						continue // other clients are stricter
					}
					t.Errorf("a fault on a chain that is fine: %s on %s by %v", f.ID, f.Certificate.Subject(), f.Clients)
				}
			}
			if s.first != "" {
				s.checkFirst(t, a)
			}
			for i, id := range s.more {
				if len(a.Faults) <= i+1 || a.Faults[i+1].ID != id {
					t.Errorf("fault %d is not %s: %v", i+1, id, faultIDs(a))
				}
			}
			checkConsistent(t, s.q, a)
		})
	}
}

func (s scenario) checkFirst(t *testing.T, a Analysis) {
	t.Helper()
	if len(a.Faults) == 0 {
		t.Fatalf("no fault; want %s", s.first)
	}
	f := a.Faults[0]
	if f.ID != s.first {
		t.Errorf("first fault %s on %s, want %s; all: %v", f.ID, f.Certificate.Subject(), s.first, faultIDs(a))
	}
	if s.at != nil && !bytes.Equal(f.Certificate.DER, s.at.der) {
		t.Errorf("%s: at fault is %s <- %s", f.ID, f.Certificate.Subject(), f.Certificate.Issuer())
	}
	if s.issuer != nil && !bytes.Equal(f.Issuer.DER, s.issuer.der) {
		t.Errorf("%s: issuer is %q <- %q, %d octets", f.ID, f.Issuer.Subject(), f.Issuer.Issuer(), len(f.Issuer.DER))
	}
	alone := len(s.more) == 0 || !slices.ContainsFunc(a.Faults[1:], func(f Fault) bool { return slices.Contains(f.Clients, "go") })
	if refused := !strings.Contains(s.accepts, "go"); f.Repairs != (refused && alone) {
		t.Errorf("%s: Repairs is %v", f.ID, f.Repairs)
	}
}

func faultIDs(a Analysis) []string {
	var ids []string
	for _, f := range a.Faults {
		ids = append(ids, f.ID+"@"+f.Certificate.CommonName()+"/"+strings.Join(f.Clients, "+"))
	}
	return ids
}

// checkConsistent holds for every chain there is.
func checkConsistent(t *testing.T, q Question, a Analysis) {
	t.Helper()
	for _, j := range Judges() {
		v := j.Judge(q)
		if v.Accepted != (len(v.Reasons) == 0) || v.Accepted != (v.Text == "") {
			t.Errorf("%s: accepted %v with %d reasons and text %q", v.Client, v.Accepted, len(v.Reasons), v.Text)
		}
		named := false
		for _, f := range a.Faults {
			named = named || slices.Contains(f.Clients, v.Client)
		}
		if named == v.Accepted {
			t.Errorf("%s: accepted %v, yet named by a fault: %v; %v", v.Client, v.Accepted, named, faultIDs(a))
		}
		for _, r := range v.Reasons {
			if !slices.ContainsFunc(a.Faults, func(f Fault) bool { return f.ID == r.ID && f.Certificate.SHA256 == r.SHA256 }) {
				t.Errorf("%s objects to %s (%s), which is no fault: %v", v.Client, r.ID, r.Text, faultIDs(a))
			}
		}
	}
	if len(a.Path) == 0 {
		t.Error("no path")
	}
	for _, f := range a.Faults {
		if !slices.Contains(rank, f.ID) && f.ID != "server-key-unsupported" {
			t.Errorf("%s is not ranked", f.ID)
		}
		if f.Index >= len(a.Path) || f.Index >= 0 && a.Path[f.Index].SHA256 != f.Certificate.SHA256 {
			t.Errorf("%s: index %d is another certificate", f.ID, f.Index)
		}
	}
}
