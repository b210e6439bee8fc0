package explain

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"mutual/core/expression"
)

// verifyError is one way in which OpenSSL's X509_verify_cert refuses (x509_vfy.h, and X509_verify_cert_error_string of
// 1.0 to 3.x). Node, Python, curl and mosquitto pass the number, the name or the text on.
type verifyError struct {
	number int
	name   string // without X509_V_ERR_; Node's code too, where Node has one
	phrase string // of all versions; a blank stands for blanks, underscores and hyphens
	server []cause
	client []cause // when a broker judges a client's certificate; nil: it rejected it, with no id of its own
}

// nodeNames are the verify errors that Node passes on by name (crypto_common.cc); all others are UNSPECIFIED.
var nodeNames = expression.New(`^(?:UNABLE_TO_(?:GET_ISSUER_CERT(?:_LOCALLY)?|GET_CRL|DECRYPT_(?:CERT|CRL)_SIGNATURE|DECODE_ISSUER_PUBLIC_KEY|VERIFY_LEAF_SIGNATURE)|(?:CERT|CRL)_(?:SIGNATURE_FAILURE|NOT_YET_VALID|HAS_EXPIRED)|ERROR_IN_C\w+_FIELD|OUT_OF_MEM|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_(?:CHAIN_TOO_LONG|REVOKED|UNTRUSTED|REJECTED)|INVALID_CA|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE|HOSTNAME_MISMATCH)$`)

func (e verifyError) nodeCode() string {
	if nodeNames.MatchString(e.name) {
		return e.name
	}
	return "UNSPECIFIED"
}

// rejected is what is known when a broker refuses a client's certificate for a fault that has no id of its own.
func (e verifyError) rejected() []cause {
	return []cause{may("client-certificate-rejected", fmt.Sprintf("The broker verified the client certificate with OpenSSL and stopped at error %d.", e.number))}
}

// verifier is a verifyError made ready: its text or name anywhere.
type verifier struct {
	verifyError
	pattern pattern
}

var verifiers = sync.OnceValue(func() []verifier {
	var ready []verifier
	for _, e := range verifyErrors() {
		phrases := []string{`\b(?:x509_v_err_)?` + strings.ToLower(e.name) + `\b`}
		if e.name == "OUT_OF_MEM" {
			continue
		}
		if e.phrase != "" {
			phrases = append(phrases, e.phrase)
		}
		ready = append(ready, verifier{e, newPattern(words(strings.Join(phrases, "|")))})
	}
	return ready
})

var (
	// verifyNumber is every form in which the number of a verify error stands.
	verifyNumber = newPattern(`(?:verify error:? ?\(?(?:num ?= ?)?|\bnum ?= ?|verify return code:? ?|verification error:? ?\(?|verify(?: result)?:? error:? ?|verify error code:? |verify_result ?[:=] ?|x509_v_err ?[:=]? ?|ssl result:? |verify code:? |certificate verify error: ?\(|openssl (?:verify )?error:? )(\d{1,2})\b`)
	// verifyAtDepth is `openssl verify`, and mod_ssl.
	verifyAtDepth = newPattern(`\berror:? (\d{1,2}) at (\d{1,3}) depth`)
	// bareNumber is the number alone, where nothing but context says that it is a verify error.
	bareNumber = newPattern(`\berror (?:code |number |no\.? ?)?(\d{1,2})\b`)
	bareOther  = expression.New(`curl|mqtt|errno|winerror|\brc\b|connack|reason|http|return(?:ed)? code|exit`)
	bareTLS    = expression.New(`verif|certificat|openssl|x509|\bdepth\b|\bchain\b`)
	depths     = expression.New(`(?:depth ?[=:] ?|depth is |@ ?depth |\bat )(\d{1,3})(?: depth)?\b`)
)

// verifyErrors finds OpenSSL's verify errors by text, name and number.
func (t *text) verifyErrors() []hit {
	var hits []hit
	for _, v := range verifiers() {
		for _, at := range v.pattern.find(t.s, maxHits) {
			hits = append(hits, t.verifyHit(v.verifyError, at[0], at[1]))
		}
	}
	for _, p := range []pattern{verifyNumber, verifyAtDepth} {
		hits = append(hits, t.numbered(p)...)
	}
	if trimmed := strings.TrimSpace(t.s); !bareOther.MatchString(t.s) && (bareTLS.MatchString(t.s) || bareNumber.re.FindString(trimmed) == trimmed) {
		for _, h := range t.numbered(bareNumber) {
			h.tier = coarse
			hits = append(hits, h)
		}
	}
	return withoutDoubt(hits)
}

func (t *text) numbered(p pattern) []hit {
	var hits []hit
	for _, at := range p.find(t.s, maxHits) {
		n, err := strconv.Atoi(t.s[at[2]:at[3]])
		if err != nil || n == 0 {
			continue
		}
		if e, ok := verifyErrorOf(n); ok {
			hits = append(hits, t.verifyHit(e, at[0], at[1]))
		}
	}
	return hits
}

func verifyErrorOf(number int) (verifyError, bool) {
	for _, e := range verifyErrors() {
		if e.number == number {
			return e, true
		}
	}
	return verifyError{}, false
}

func (t *text) verifyHit(e verifyError, start, end int) hit {
	h := hit{start: start, end: end, tier: exact, code: strconv.Itoa(e.number), nodeCode: e.nodeCode(), causes: e.server}
	if h.causes == nil {
		h.causes = []cause{may("tls-alert", fmt.Sprintf("OpenSSL stopped at verify error %d.", e.number))}
	}
	if t.speaker(start) == broker {
		if h.causes = e.client; h.causes == nil {
			h.causes = e.rejected()
		}
		return h
	}
	if e.number == 20 {
		h.causes = byDepth(h.causes, t.depth(start, end))
	}
	return h
}

// depth is the certificate that a verify error is about, counted from the end-entity certificate; -1 when it is not said.
// s_client says it in the line before, `openssl verify` in the same line.
func (t *text) depth(start, end int) int {
	line, at := t.line(start)
	if d := depths.FindStringSubmatch(line); d != nil {
		n, _ := strconv.Atoi(d[1]) // at most three digits
		return n
	}
	if at > 1 {
		before, _ := t.line(at - 1)
		if d := depths.FindStringSubmatch(before); d != nil && strings.HasPrefix(before, "depth") {
			n, _ := strconv.Atoi(d[1])
			return n
		}
	}
	return -1
}

// byDepth puts the missing intermediate first when the very first issuer was not found. Deeper, the root comes first as
// it does without a depth.
func byDepth(causes []cause, depth int) []cause {
	if depth != 0 {
		return causes
	}
	var first, rest []cause
	for _, c := range causes {
		if c.id == "intermediate-missing" {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	return append(first, rest...)
}

// withoutDoubt drops error 20 where error 21 follows: OpenSSL says 21 after 20 when the server sent nothing but its own
// certificate, and 21 alone is then the answer.
func withoutDoubt(hits []hit) []hit {
	only := false
	for _, h := range hits {
		only = only || h.code == "21"
	}
	if !only {
		return hits
	}
	var kept []hit
	for _, h := range hits {
		if h.code != "20" {
			kept = append(kept, h)
		}
	}
	return kept
}
