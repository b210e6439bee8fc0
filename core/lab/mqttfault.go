package lab

import (
	"bufio"
	"net"
	"slices"

	"mutual/core/profile"
)

// versionFaults are those of the version of MQTT.
var versionFaults = []fault{
	{Fault: Fault{"mqtt-version-unsupported", MQTT, "The broker speaks another version of MQTT",
		"How a broker that knows only MQTT 3.1.1, or only 5.0, refuses the other, and where the version is set."},
		variants: []string{"silent", "only-5"},
		scene: func(c *scene, variant string) error {
			switch variant {
			case "silent": // ends the connection instead of an answer
				c.greet = onlyLevel(level311, nil)
			case "only-5":
				c.profile.MQTT.Version = profile.Version311
				c.greet = onlyLevel(level5, []byte{0x20, 2, 0, 1}) // in the words of the one who asks (MQTT 3.1.1 §3.1.2.2)
			default:
				c.greet = onlyLevel(level311, []byte{0x20, 2, 0, 1}) // in the only words that it knows
			}
			return nil
		}},
}

// Protocol levels of CONNECT (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2).
const (
	level5   = 5
	level311 = 4
)

// onlyLevel lets a CONNECT of one protocol level pass, and answers others with refusal.
func onlyLevel(level byte, refusal []byte) func(net.Conn) (net.Conn, bool) {
	return func(conn net.Conn) (net.Conn, bool) {
		buffered := bufio.NewReader(conn)
		if levelOf(buffered) != level {
			conn.Write(refusal)
			return nil, false
		}
		return screened{conn, buffered}, true
	}
}

// levelOf looks at the protocol level of the CONNECT that is to come; 0: it is none.
func levelOf(r *bufio.Reader) byte {
	const longestLength = 4
	for n := 2; n <= 1+longestLength; n++ {
		head, err := r.Peek(n)
		if err != nil || head[0] != 0x10 {
			return 0
		}
		if head[n-1] >= 0x80 { // the Remaining Length goes on
			continue
		}
		name := []byte{0, 4, 'M', 'Q', 'T', 'T'}
		head, err = r.Peek(n + len(name) + 1)
		if err != nil || !slices.Equal(head[n:n+len(name)], name) {
			return 0
		}
		return head[n+len(name)]
	}
	return 0
}
