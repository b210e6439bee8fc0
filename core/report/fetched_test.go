package report

import (
	"encoding/json"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// The address of a private authority stands in the names of experiments and in what they brought: a masked report
// shows it nowhere.
func TestFetchedAddressesAreMasked(t *testing.T) {
	const address = "http://pki.secret-corp.internal:8080/issuing.crl"
	a := &evidence.Attempt{
		Target:  evidence.Target{Transport: "mqtts", Host: "broker.example"},
		Probes:  []evidence.Probe{{Name: "crl:" + address, Detail: "The revocation list came from " + address + "."}},
		Answers: []evidence.Answer{{Kind: evidence.CRLAnswer, From: address, Error: "getting " + address}},
	}
	masked, err := newMask(a).attempt(a)
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(masked)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "secret-corp") || !strings.Contains(string(out), "crl:http://") {
		t.Errorf("%s", out)
	}
}
