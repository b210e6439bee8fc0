package explain

import (
	"slices"
	"strings"
	"testing"
)

// wrap breaks each line at blanks, as mail programs do, and indents what follows.
func wrap(s string, width int, indent string) string {
	var out strings.Builder
	for n, l := range strings.Split(s, "\n") {
		if n > 0 {
			out.WriteByte('\n')
		}
		column := 0
		for _, word := range strings.Split(l, " ") {
			switch {
			case column > 0 && column+1+len(word) > width:
				out.WriteString("\n" + indent)
				column = len(indent)
			case column > 0:
				out.WriteByte(' ')
				column++
			}
			out.WriteString(word)
			column += len(word)
		}
	}
	return out.String()
}

// Texts that a mail program or a chat has wrapped mean what they did.
func TestWrappedTexts(t *testing.T) {
	t.Parallel()
	for _, indent := range []string{"", "    "} {
		right, all := 0, 0
		for _, name := range []string{"seen.tsv", "heldout.tsv", "heldout2.tsv", "heldout3.tsv", "heldout4.tsv"} {
			for _, l := range corpus(t, name) {
				text := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(l.text)
				all++
				if got := first(wrap(text, 72, indent)); slices.Contains(l.want, got) {
					right++
				} else {
					t.Logf("%q, want %v: %.200q", got, l.want, l.text)
				}
			}
		}
		t.Logf("%d of %d", right, all)
		if 100*right < 97*all {
			t.Errorf("%d of %d are explained when they are wrapped", right, all)
		}
	}
}

func TestUnwrap(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"at a blank", "the tls handshake with the broker did not succeed\nbecause of this", "the tls handshake with the broker did not succeed because of this"},
		{"indented", "the tls handshake with the broker did not succeed\n   because of this", "the tls handshake with the broker did not succeed because of this"},
		{"there was room", "the tls handshake with the broker did not succeed at all\nthe tls handshake with the broker was\nend", "the tls handshake with the broker did not succeed at all the tls handshake with the broker was\nend"},
		{"a log", "2024-01-01 the tls handshake with the broker did not succeed\n2024-01-01 it did", "2024-01-01 the tls handshake with the broker did not succeed\n2024-01-01 it did"},
		{"a stack", "the tls handshake with the broker did not succeed\n  at tlssocket.onconnect", "the tls handshake with the broker did not succeed\n  at tlssocket.onconnect"},
		{"short lines", "unable to get\nissuer certificate", "unable to get\nissuer certificate"},
		{"cut anywhere", "unable to get issuer certificate in the hands\nhake with the broker at 192.0.2.1, which is t\noo bad", "unable to get issuer certificate in the handshake with the broker at 192.0.2.1, which is too bad"},
	} {
		if got := unwrap(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
