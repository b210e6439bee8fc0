package explain

import (
	"fmt"
	"strconv"
	"strings"

	"mutual/core/expression"
)

// mqttSignatures are the words for reason codes (MQTT 5.0 §2.4) and return codes (MQTT 3.1.1 §3.2.2.3), in every
// client's spelling. Where the code stands beside them, reasonCodes has the same answer.
func mqttSignatures() []signature {
	return []signature{
		{exact, "", "5", refused + "(?:0x0?5[:,]? )?not authori[sz]ed|\\bclient is not authori[sz]ed to connect", mqttRefused("not authorized"), nil},
		{coarse, "", "5", "\\bnot authori[sz]ed\\b|mqttconnectreturncode\\.notauthorized|\\bnotauthori[sz]ed\\b", mqttRefused("not authorized"), nil},
		{exact, "", "4", refused + "(?:bad|incorrect|wrong|invalid) user ?name or password", mqttRefused("bad user name or password"), nil},
		{exact, "", "4", "\\b(?:bad|incorrect|invalid|malformed) (?:user ?name|credentials) ?(?:or|/|and)? ?(?:password)?\\b|badusernameorpassword|bad_username_or_password|authentication failure|failed authentication", mqttRefused("bad user name or password"), nil},
		{exact, "", "3", refused + "(?:server|broker|service) (?:is )?(?:unavailable|not available)|\\bserver_?unavailable\\b|serverunavailable|broker unavailable|server unavailable", mqttRefused("server unavailable"), nil},
		{exact, "", "2", refused + "(?:client )?(?:identifier|id) (?:rejected|not allowed|invalid)|" + refused + "invalid client (?:id|identifier)|identifier rejected|client identifier not valid|client_identifier_not_valid|invalid client ?id\\b", mqttClientID, nil},
		{exact, "", "1", refused + "(?:unacceptable|unsupported|incorrect|wrong|invalid) protocol version|unacceptable protocol version|unsupported_?protocol_?version|invalid protocol version|unsupported mqtt version|(?:protocol|mqtt) version (?:is )?not supported|unsupported protocol version[^\\n]{0,20}mqtt", mqttVersion, nil},
		{exact, "", "0x8E", "\\bsession_?taken_?over\\b|session takeover|\\btakenover\\b|takeover|kicked(?: out)?\\b|\\bdiscarded\\b[^\\n]{0,40}session", []cause{is("mqtt-client-id-in-use", "A second client connected with the same client identifier, and the broker closed the first.")}, nil},
		{exact, "", "0x8D", "keep ?alive timeout|keepalive_timeout", mqttDisconnected("keep alive timeout"), nil},
		{exact, "", "", "(?:subscribe|subscription|suback)[^\\n]{0,40}(?:not authori[sz]ed|refused|denied|failure|\\b128\\b|0x80)", mqttSubscribe("not allowed"), nil},
		{exact, "", "", "(?:publish|puback|pubrec)[^\\n]{0,40}(?:not authori[sz]ed|refused|denied)|authorization_permission_denied", mqttPublish("not allowed"), nil},
		{coarse, "", "", "\\bbanned\\b|quota_?exceeded|connection_?rate_?exceeded|use_?another_?server|server_?moved|bad_?authentication_?method|server busy|server_busy|packet too large", mqttRefused("a reason of its own"), nil},
		{vague, "", "", "connack (?:contained|with|has) an? error|connection refused by (?:the )?broker|mqtt connect(?:ion)? refused", mqttRefused("the reason code beside it"), nil},
	}
}

// refused is how clients begin the answer of a broker that says no; it is not ECONNREFUSED.
const refused = `(?:connection )?(?:refused|rejected)(?:,? (?:reason|return) code)?[\s:,(=\d-]*(?:the )?`

var (
	mqttClientID = []cause{
		is("mqtt-client-id-in-use", "The broker does not accept the client identifier: it is empty, too long, not allowed, or another's."),
	}
	mqttVersion = []cause{is("mqtt-version-unsupported", "The broker does not speak the version of MQTT that the client chose.")}
)

func mqttRefused(reason string) []cause {
	return []cause{is("mqtt-refused", fmt.Sprintf("TLS is fine: the broker answered CONNECT, and the answer is no (%s).", reason))}
}

func mqttDisconnected(reason string) []cause {
	return []cause{is("mqtt-disconnected", fmt.Sprintf("The broker ended the connection (%s).", reason))}
}

func mqttSubscribe(reason string) []cause {
	return []cause{is("mqtt-subscribe-refused", fmt.Sprintf("The broker refused the subscription (%s).", reason))}
}

func mqttPublish(reason string) []cause {
	return []cause{is("mqtt-publish-refused", fmt.Sprintf("The broker refused the message (%s).", reason))}
}

// reasonWords are the names of the reason codes from 0x80, by code.
var reasonWords = map[int]string{
	0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error", 0x83: "implementation specific error",
	0x84: "unsupported protocol version", 0x85: "client identifier not valid", 0x86: "bad user name or password", 0x87: "not authorized",
	0x88: "server unavailable", 0x89: "server busy", 0x8a: "banned", 0x8b: "server shutting down", 0x8c: "bad authentication method",
	0x8d: "keep alive timeout", 0x8e: "session taken over", 0x8f: "topic filter invalid", 0x90: "topic name invalid", 0x91: "packet identifier in use",
	0x93: "receive maximum exceeded", 0x94: "topic alias invalid", 0x95: "packet too large", 0x96: "message rate too high", 0x97: "quota exceeded",
	0x98: "administrative action", 0x99: "payload format invalid", 0x9a: "retain not supported", 0x9b: "QoS not supported", 0x9c: "use another server",
	0x9d: "server moved", 0x9e: "shared subscriptions not supported", 0x9f: "connection rate exceeded", 0xa0: "maximum connect time",
	0xa1: "subscription identifiers not supported", 0xa2: "wildcard subscriptions not supported",
}

// returnWords are the return codes of MQTT 3.1.1.
var returnWords = map[int]string{
	1: "unacceptable protocol version", 2: "identifier rejected", 3: "server unavailable", 4: "bad user name or password", 5: "not authorized",
}

var (
	reasonHex    = newPattern(`\b(0x(?:8[0-9a-f]|9[0-9a-f]|a[0-2]))\b`)
	reasonNumber = newPattern(`(?:reason[\s_]?codes?|return[\s_]?code|result code|connack(?: code)?|\brc|reasoncode|returncode|\bcode|bad connack return code)\b[\s"':=(\[]*(?:is |of )?(0x[0-9a-f]{1,2}|\d{1,3})\b|sending connack to \S+ \(\d+, (\d{1,3})\)|mqttexception \((\d)\)`)
	mqttWords    = expression.New(`mqtt|connack|suback|puback|reason|refus|broker|disconnect|subscri|publish|connected with|connect failed|\brc\b`)
)

// otherCode is a number that is not MQTT's though MQTT is spoken of: PHP's for an operation of OpenSSL's, a process's end.
var otherCode = expression.New(`(?:ssl|tls|crypto) operation|exit(?:ed)? (?:with|code|status)`)

// reasonCodes finds the numbers of MQTT's answers, where the text shows that they are that.
func (t *text) reasonCodes() []hit {
	if !mqttWords.MatchString(t.s) {
		return nil
	}
	var hits []hit
	for _, at := range reasonHex.find(t.s, maxHits) {
		hits = t.reasonHit(hits, at[0], at[1], t.s[at[2]:at[3]])
	}
	for _, at := range reasonNumber.find(t.s, maxHits) {
		for g := 2; g < len(at); g += 2 {
			if at[g] >= 0 {
				hits = t.reasonHit(hits, at[0], at[1], t.s[at[g]:at[g+1]])
			}
		}
	}
	return hits
}

func (t *text) reasonHit(hits []hit, start, end int, number string) []hit {
	n, err := strconv.ParseInt(number, 0, 32)
	if err != nil {
		return hits
	}
	line, _ := t.line(start)
	if returnWords[int(n)] == "" && reasonWords[int(n)] == "" || encryptedAlert.MatchString(line) || otherCode.MatchString(line) {
		return hits
	}
	h := hit{start: start, end: end, tier: coarse, client: "mqtt", code: strconv.Itoa(int(n)), causes: reasonCauses(int(n), line)}
	if n >= 0x80 {
		h.code = fmt.Sprintf("0x%02X", n)
	}
	return append(hits, h)
}

// reasonCauses is what a reason code means in the kind of packet that the line is about.
func reasonCauses(n int, line string) []cause {
	word := reasonWords[n]
	if n <= 5 {
		word = returnWords[n]
	}
	says := fmt.Sprintf("%s, code %d", word, n)
	switch {
	case n == 1 || n == 0x84:
		return mqttVersion
	case n == 2 || n == 0x85:
		return mqttClientID
	case n == 0x8e:
		return []cause{is("mqtt-client-id-in-use", "A second client connected with the same client identifier, and the broker closed the first.")}
	case strings.Contains(line, "suback") || strings.Contains(line, "subscri") || n == 0x8f || n == 0x9e || n == 0xa1 || n == 0xa2:
		return mqttSubscribe(says)
	case strings.Contains(line, "puback") || strings.Contains(line, "pubrec") || strings.Contains(line, "publish") || n == 0x90 || n == 0x99:
		return mqttPublish(says)
	case n == 0x81 || n == 0x82 || n == 0x8b || n == 0x8d || n == 0x93 || n == 0x94 || n == 0x96 || n == 0x98 || n == 0xa0,
		strings.Contains(line, "disconnect") && !strings.Contains(line, "connack"):
		return mqttDisconnected(says)
	}
	return mqttRefused(says)
}
