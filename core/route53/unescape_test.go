package route53

import "testing"

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{`\052.example.org.`: "*.example.org.", `a\040b.example.org.`: "a b.example.org.", "plain.": "plain.", `a\9`: `a\9`, `a\999.`: `a\999.`} {
		if got := unescape(in); got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
}
