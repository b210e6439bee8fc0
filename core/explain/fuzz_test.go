package explain

import (
	"testing"
	"unicode/utf8"
)

func FuzzExplain(f *testing.F) {
	for _, s := range []string{
		"", "error 20", "-0x2700 [flags 0x8]", "{tls_alert,{unknown_ca,\"x\"}}", "\xff\xfe\x00e\x00r\x00r", "alert number 999999999999999999999",
		"x509: certificate is valid for *., not .", "flags 0xffffffff mbedtls", "reason code 0xzz rc=99999999999", "depth=99999999 error 20 at 999 depth",
		"\n\n\ndepth=\nverify error:num=20", `\\\\\"\\n\\u0000`, "İ certificate has expired ſ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		matches := Explain(s)
		if matches == nil || len(matches) > maxMatches {
			t.Fatalf("%d matches", len(matches))
		}
		seen := map[string]bool{}
		for _, m := range matches {
			if m.ID == "" || m.Client == "" || m.Why == "" || m.Check == "" || seen[m.ID] || !utf8.ValidString(m.Code) {
				t.Errorf("%+v", m)
			}
			if m.Confidence != Certain && m.Confidence != Likely && m.Confidence != Possible {
				t.Errorf("confidence %q", m.Confidence)
			}
			seen[m.ID] = true
		}
	})
}
