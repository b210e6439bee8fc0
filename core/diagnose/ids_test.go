package diagnose_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/lab"
)

// canonical are all ids that there may be. One id names one cause, and never changes its meaning.
var canonical = strings.Fields(`
	address-invalid dns-not-found dns-failed tcp-refused tcp-timeout tcp-unreachable tcp-reset proxy-failed interception
	websocket-rejected
	server-speaks-plain-mqtt server-requires-tls server-speaks-http server-speaks-other server-not-mqtt
	tls-version-unsupported cipher-suite-unsupported server-key-unsupported large-hello-dropped sni-required
	sni-unrecognized alpn-required server-key-mismatch tls-alert
	anchor-not-root anchor-not-self-consistent intermediate-missing root-unknown root-sent-untrusted self-signed-leaf
	ca-rotated ca-file-holds-leaf ca-name-encoding chain-order leaf-not-first chain-extra root-included chain-too-complex
	root-distrusted
	certificate-expired certificate-not-yet-valid certificate-expires-soon clock-wrong name-mismatch
	name-only-in-common-name name-missing ip-address-not-in-certificate wildcard-mismatch issuer-not-ca issuer-cannot-sign
	path-length-exceeded extended-key-usage key-usage name-constraint policy-constraint critical-extension-unknown
	signature-invalid signature-algorithm-weak signature-algorithm-unsupported key-too-weak certificate-malformed
	certificate-version certificate-revoked revocation-unknown staple-missing strict-profile
	file-missing file-unreadable file-empty file-encoding file-wrong-format file-wrong-content file-partly-bad
	key-encrypted passphrase-wrong key-unsupported key-mismatch client-chain-order client-chain-incomplete
	client-certificate-expired client-certificate-not-yet-valid client-certificate-expires-soon client-certificate-usage
	client-certificate-required client-certificate-unknown-ca client-certificate-rejected client-certificate-revoked
	server-crl-expired connection-closed-after-handshake
	mqtt-refused mqtt-version-unsupported mqtt-client-id-in-use mqtt-disconnected mqtt-subscribe-refused
	mqtt-publish-refused`)

// Every id that a rule reports is canonical, and no fault of the lab leads to another.
func TestOnlyCanonicalIDs(t *testing.T) {
	for _, id := range diagnose.RuleIDs() {
		if !slices.Contains(canonical, id) {
			t.Errorf("%s is not among the canonical ids", id)
		}
	}
	for _, f := range lab.Faults() {
		if !slices.Contains(diagnose.RuleIDs(), f.ID) {
			t.Errorf("the lab's fault %s has no rule", f.ID)
		}
	}
}

// Every id that chain puts on a fault has its sentence here: the ids stand in its source as texts.
func TestEveryFaultOfChainHasARule(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "chain", "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source of chain: %v", err)
	}
	literal := regexp.MustCompile(`"([a-z0-9]+(?:-[a-z0-9]+)+)"`)
	rules, found := diagnose.ChainRuleIDs(), 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			if !slices.Contains(canonical, m[1]) {
				continue // the name of a judge, or a part of a name
			}
			found++
			if m[1] == chain.FilePartlyBad {
				continue // about a file, and not on a path: a rule about files has its sentence
			}
			if !slices.Contains(rules, m[1]) {
				t.Errorf("%s: %s has no rule", path, m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d ids were found in chain's source", found)
	}
}

// withoutFault are the ids that have a rule and no fault in the lab, and why.
var withoutFault = map[string]string{
	"dns-failed": "needs a name server that does not answer, and the program asks the system's; names below .invalid do not exist (RFC 6761 §6.4), which is dns-not-found",
}

func TestEveryRuleHasAFault(t *testing.T) {
	var faults []string
	for _, f := range lab.Faults() {
		faults = append(faults, f.ID)
	}
	for _, id := range diagnose.RuleIDs() {
		_, excused := withoutFault[id]
		if slices.Contains(faults, id) == excused && id != "tcp-timeout" && id != "tcp-unreachable" {
			t.Errorf("%s: in the lab %v, excused %v", id, !excused, excused)
		}
	}
}
