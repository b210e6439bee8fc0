package explain

import (
	"strconv"
)

// peerAlerts are the codes of Apple's Secure Transport that stand for an alert of the other side's
// (SecureTransport.h, errSSLPeer…), and the alert.
var peerAlerts = map[int]int{
	9819: 10, 9820: 20, 9824: 40, 9825: 42, 9826: 43, 9827: 44, 9828: 45, 9829: 46, 9830: 47, 9831: 48, 9832: 49, 9833: 50,
	9834: 51, 9836: 70, 9837: 71, 9838: 80,
}

// appleCode is a code of Secure Transport, beside a word that is Apple's.
var appleCode = newPattern(`(?:osstatus|cfnetwork|kcfstreamerror\w*|nsosstatuserrordomain|securetransport|secure transport|errssl\w*|ssl (?:connection|error))[^\n]{0,60}?-?\b(98[0-4]\d)\b`)

// appleCodes finds them.
func (t *text) appleCodes() []hit {
	var hits []hit
	for _, at := range appleCode.find(t.s, maxHits) {
		n, err := strconv.Atoi(t.s[at[2]:at[3]])
		if err != nil {
			continue
		}
		h := hit{start: at[0], end: at[1], tier: exact, client: "macos", code: strconv.Itoa(-n)}
		if a, ok := alertOf(peerAlerts[n]); ok && peerAlerts[n] != 0 {
			h.causes = a.server
			hits = append(hits, h)
		}
	}
	return hits
}

// ofApple reports whether a decimal number is Secure Transport's rather than mbedTLS's, whose codes reach there too.
func (t *text) ofApple(n, at int) bool {
	if n < 9800 || n > 9849 {
		return false
	}
	for _, found := range appleCode.find(t.s, maxHits) {
		if found[0] <= at && at < found[1] {
			return true
		}
	}
	return false
}
