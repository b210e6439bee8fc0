package chain

import (
	"strings"
	"testing"
)

func mbedtlsOracle(t *testing.T) *cOracle {
	return startOracle(t, "mbedtls", "mbedtls/ssl.h", "2.28.", "-lmbedtls", "-lmbedx509", "-lmbedcrypto")
}

// compareMbedTLS demands the same verdict, error number and sentences.
func compareMbedTLS(o *cOracle) agrees {
	return func(t *testing.T, label string, q Question) string {
		t.Helper()
		answer := o.ask(t, q)
		said, text, info := answer[0], answer[1], strings.TrimSpace(strings.ReplaceAll(answer[2], " ; ", "; "))
		info = strings.TrimPrefix(info, "; ")
		v := mbedtlsJudge{}.Judge(q)
		code := v.Code
		if v.Accepted {
			code = "-0x0000"
		}
		if info != "" {
			text = info
		}
		if code != said || v.Text != text {
			t.Errorf("%s: mbedTLS: %s %s; judge: %s %s", label, said, text, code, v.Text)
			describe(t, v, q)
		}
		return "code " + said + "; " + text
	}
}

func TestScenariosAgreeWithMbedTLS(t *testing.T) {
	compare := compareMbedTLS(mbedtlsOracle(t))
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) { compare(t, s.name, s.q) })
	}
}

func TestRandomChainsAgreeWithMbedTLS(t *testing.T) {
	compareRandomChains(t, compareMbedTLS(mbedtlsOracle(t)))
}
