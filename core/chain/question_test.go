package chain

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"mutual/core/evidence"
)

func attemptOf(h hierarchy) *evidence.Attempt {
	return &evidence.Attempt{
		Started: noon,
		Target:  evidence.Target{Host: "192.0.2.1", Name: host},
		Trust: evidence.Trust{File: true, Candidates: []evidence.Certificate{
			{Source: evidence.System, DER: h.other.der}, {Source: evidence.Mozilla, DER: h.root.der}, {Source: evidence.BuiltIn, DER: h.inter.der},
		}},
		Files: &evidence.Files{Files: []evidence.File{
			{Role: evidence.RoleCA, Path: "ca.pem", Blocks: []evidence.Block{
				{Index: 0, Kind: "private-key"}, {Index: 1, Kind: "certificate", Certificate: h.inter.der},
			}},
			{Role: evidence.RoleCertificate, Path: "client.pem", Blocks: []evidence.Block{{Index: 0, Certificate: h.leaf.der}}},
		}},
		TLS: &evidence.TLS{Sent: []evidence.Certificate{
			{Source: evidence.Sent, DER: h.leaf.der}, {Source: evidence.Sent, Position: 1, DER: h.inter.der},
		}},
	}
}

func TestFromAttempt(t *testing.T) {
	h := newHierarchy()
	tests := []struct {
		name                string
		trust               func(*evidence.Trust)
		anchors, candidates int
	}{
		{"file", func(*evidence.Trust) {}, 1, 3},
		{"file and system", func(x *evidence.Trust) { x.System = true }, 2, 2},
		{"all", func(x *evidence.Trust) { x.System, x.Mozilla = true, true }, 3, 1},
		{"public only", func(x *evidence.Trust) { x.File, x.System, x.Mozilla = false, true, true }, 2, 1},
		{"none", func(x *evidence.Trust) { x.File = false }, 0, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := attemptOf(h)
			test.trust(&a.Trust)
			q, ok := FromAttempt(a)
			if !ok || len(q.Sent) != 2 || len(q.Anchors) != test.anchors || len(q.Candidates) != test.candidates {
				t.Errorf("%v: %d sent, %d anchors, %d candidates", ok, len(q.Sent), len(q.Anchors), len(q.Candidates))
			}
			if q.Name != host || !q.At.Equal(noon) || q.Purpose != ServerAuth {
				t.Errorf("name %q, at %v, purpose %q", q.Name, q.At, q.Purpose)
			}
		})
	}
	q, _ := FromAttempt(attemptOf(h))
	if c := q.Anchors[0]; c.Source != evidence.CAFile || c.File != "ca.pem" || c.Block != 1 {
		t.Errorf("the anchor is %+v", c.Certificate)
	}
	for _, nothing := range []*evidence.Attempt{nil, {}, {TLS: &evidence.TLS{}}} {
		if _, ok := FromAttempt(nothing); ok {
			t.Error("a question without certificates")
		}
	}
}

func TestTrustRepair(t *testing.T) {
	h := newHierarchy()
	q := question(chainOf(h.leaf, h.inter), h.inter).known(h.root)
	a := Analyse(q)
	after := WithAnchors(q, a.Faults[0].Issuer, q.Anchors[0])
	if len(q.Anchors) != 1 || len(after.Anchors) != 2 {
		t.Fatalf("%d anchors before, %d after", len(q.Anchors), len(after.Anchors))
	}
	if lost, gained := Compare(q, after); len(lost) > 0 || !slices.Equal(gained, []string{"openssl"}) {
		t.Errorf("lost %v, gained %v", lost, gained)
	}
	if rest := Analyse(after).Faults; len(rest) > 0 {
		t.Errorf("after the repair: %v", rest)
	}
	swapped := q
	swapped.Anchors = []Certificate{h.other.certificate(evidence.CAFile, 0)}
	if lost, gained := Compare(q, swapped); len(lost) < 2 || !slices.Equal(lost[:2], []string{"go", "openssl-partial"}) || len(gained) > 0 {
		t.Errorf("swapped: lost %v, gained %v", lost, gained)
	}
}

func TestNamed(t *testing.T) {
	var names []string
	for _, j := range Judges() {
		names = append(names, j.Name())
		if k, ok := Named(j.Name()); !ok || k.Name() != j.Name() || k.Models() == "" {
			t.Errorf("%s is not found by its name", j.Name())
		}
	}
	if !slices.Equal(names[:3], strings.Fields(everybody)) {
		t.Errorf("judges %v", names)
	}
	if _, ok := Named("nobody"); ok {
		t.Error("a judge nobody")
	}
}

func TestVerdictJSON(t *testing.T) {
	h := newHierarchy()
	text, err := json.Marshal(opensslJudge{}.Judge(question(chainOf(h.leaf, h.inter), h.inter)))
	const want = `{"client":"openssl","accepted":false,"code":"2","text":"unable to get issuer certificate","depth":1}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

// TestNothing: questions without sense are answered all the same.
func TestNothing(t *testing.T) {
	garbage := Parse(evidence.Certificate{Source: evidence.Sent, DER: []byte("not a certificate")})
	for name, q := range map[string]Question{
		"empty": {}, "garbage": {Sent: []Certificate{garbage}, Purpose: ServerAuth, At: noon},
		"garbage everywhere": {Sent: []Certificate{garbage, garbage}, Untrusted: []Certificate{garbage}, Anchors: []Certificate{garbage},
			Candidates: []Certificate{garbage}, At: noon, Name: host},
		"literal": {Sent: []Certificate{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := Analyse(q)
			if len(q.Sent) > 0 && (len(a.Faults) == 0 || a.Faults[0].ID != "certificate-malformed") {
				t.Errorf("faults %v", faultIDs(a))
			}
			for _, j := range Judges() {
				if v := j.Judge(q); v.Accepted || v.Text == "" {
					t.Errorf("%s: %+v", v.Client, v)
				}
			}
		})
	}
}
