package chain

import (
	"strings"
	"testing"
)

func gnutlsOracle(t *testing.T) *cOracle {
	return startOracle(t, "gnutls", "gnutls/gnutls.h", "3.7.", "-lgnutls")
}

// compareGnuTLS demands the same verdict and sentences. Of a certificate that cannot be read it asks no more than that
// both refuse: the library tells a dozen ways of being malformed apart.
func compareGnuTLS(o *cOracle) agrees {
	return func(t *testing.T, label string, q Question) string {
		t.Helper()
		answer := o.ask(t, q)
		code, text := answer[0], strings.TrimSpace(answer[1])
		if rest, cut := strings.CutPrefix(text, gnutlsTexts[gnutlsInvalid]+" "); cut {
			text = rest
		}
		v := gnutlsJudge{}.Judge(q)
		unread := v.Code == gnutlsUnreadable && code != "0" && code != gnutlsVerification
		if v.Accepted != (code == "0") || !v.Accepted && !unread && (v.Code != code || v.Text != text) {
			t.Errorf("%s: GnuTLS: %s %s; judge: %s %s", label, code, text, v.Code, v.Text)
			describe(t, v, q)
		}
		return code + "; " + text
	}
}

func TestScenariosAgreeWithGnuTLS(t *testing.T) {
	compare := compareGnuTLS(gnutlsOracle(t))
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) { compare(t, s.name, s.q) })
	}
}

func TestRandomChainsAgreeWithGnuTLS(t *testing.T) {
	compareRandomChains(t, compareGnuTLS(gnutlsOracle(t)))
}
