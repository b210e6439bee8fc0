package chain

import "testing"

// Where nobody knows the issuer, the names are all there is: a server that sends only its own certificate either leaves
// out an intermediate, or belongs to another authority.
func TestUnknownIssuerIsWeighed(t *testing.T) {
	for _, test := range []struct{ issuer, anchor, want string }{
		{"CN=Middle CA", "CN=Test CA", "intermediate-missing"},
		{"CN=Plant 7 Issuing CA", "CN=Works Root", "intermediate-missing"},
		{"CN=Acme TLS 3", "CN=Acme Root", "intermediate-missing"},
		{"O=Test Org,CN=CA 2", "O=Test Org,CN=CA 1", "intermediate-missing"},
		{"O=Test Org,CN=Test CA", "O=Other Org,CN=Other CA", "root-unknown"},
		{"CN=Acme Root 2", "CN=Acme Root 1", "root-unknown"},
		{"CN=Practice CA", "CN=Plant CA", "root-unknown"},
	} {
		leaf := endEntity(root(test.issuer))
		if a := Analyse(question(chainOf(leaf), root(test.anchor))); len(a.Faults) == 0 || a.Faults[0].ID != test.want {
			t.Errorf("issued by %s, trusting %s: %v, want %s first", test.issuer, test.anchor, faultIDs(a), test.want)
		}
	}
}

// A server that sends the upper part of its chain, and its own certificate, leaves out what lies between.
func TestGapBetweenSentCertificates(t *testing.T) {
	top := root("CN=CA-17c6")
	upper := intermediate("CN=CA-22", top)
	lower := intermediate("CN=CA-31", upper)
	lowest := intermediate("CN=CA-4f", lower)
	for name, sent := range map[string][]*forged{
		"the lower of two":      chainOf(endEntity(lower), upper),
		"one, the root is sent": chainOf(endEntity(upper), top),
		"the middle of three":   chainOf(endEntity(lowest), lowest, upper),
	} {
		if a := Analyse(question(sent, top)); len(a.Faults) == 0 || a.Faults[0].ID != "intermediate-missing" {
			t.Errorf("%s: %v", name, faultIDs(a))
		}
	}
}
