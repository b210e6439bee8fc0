package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// sessionRules are about what the server said after CONNACK. A refusal within the connection leaves the connection as it
// is, and so is no more than a warning.
var sessionRules = []Rule{
	{ID: "mqtt-client-id-in-use", Spec: "MQTT 5.0 §3.1.4", Check: clientIDInUse, Hides: []string{"mqtt-refused"}},
	{ID: "mqtt-disconnected", Spec: "MQTT 5.0 §3.14", Check: disconnected},
	{ID: "mqtt-subscribe-refused", Spec: "MQTT 5.0 §3.9.3", Check: subscribeRefused},
	{ID: "mqtt-publish-refused", Spec: "MQTT 5.0 §3.4.2.1", Check: publishRefused},
}

// InSession says that a finding is about what the server refused in a connection that stood.
func InSession(id string) bool {
	return slices.ContainsFunc(sessionRules, func(r Rule) bool { return r.ID == id })
}

// takenOver is the reason code of a client whose identifier came a second time (MQTT 5.0 §3.1.4).
const takenOver = 0x8E

// later are the failure codes that came in packets of these types.
func (c *Case) later(packets ...string) (all []evidence.Refusal) {
	if c.MQTT == nil {
		return nil
	}
	for _, r := range c.MQTT.Later {
		for _, p := range packets {
			if r.Packet == p && r.ReasonCode >= 0x80 {
				all = append(all, r)
			}
		}
	}
	return all
}

// reason is a reason code in a sentence. Titles say what is the matter, not that something is "invalid".
func reason(code byte) string {
	name := strings.ToLower(evidence.ReasonName(code))
	name = strings.ReplaceAll(strings.ReplaceAll(name, "qos", "QoS"), "invalid", "is not acceptable")
	if code == 0x80 {
		return "it gave no reason"
	}
	if code == 0x82 {
		return "something sent broke the protocol"
	}
	return name
}

func refusalFacts(r evidence.Refusal) []Fact {
	facts := []Fact{{"packet", r.Packet}, {"reason_code", fmt.Sprintf("0x%02X", r.ReasonCode)}, {"reason_name", evidence.ReasonName(r.ReasonCode)}}
	for _, x := range []Fact{{"topic", r.Topic}, {"reason_string", r.ReasonString}, {"server_reference", r.ServerReference}} {
		if x.Value != "" {
			facts = append(facts, x)
		}
	}
	return facts
}

// says is the server's own explanation, when it gave one.
func says(r evidence.Refusal) string {
	switch {
	case r.Announced:
		return "It said so beforehand, in CONNACK, so nothing was sent."
	case r.ReasonString == "" || strings.EqualFold(strings.Trim(r.ReasonString, ". "), evidence.ReasonName(r.ReasonCode)):
		return "" // it would be the title once more
	}
	return fmt.Sprintf("It says: %s.", quote(r.ReasonString))
}

func clientIDInUse(c *Case) []Finding {
	f := Finding{
		Severity: Error,
		Title:    "The broker closed the connection, because another client came with the same client identifier.",
		Detail:   "A broker lets a client identifier stand for one connection at a time, and the newest wins. Another program or device uses the same identifier, or this program runs twice. Choose another client identifier in the settings, or leave it empty for a random one.",
		Subject:  Subject{Kind: "setting", Setting: "client-id"},
	}
	if c.MQTT != nil && c.MQTT.ReasonCode != nil && *c.MQTT.ReasonCode == takenOver {
		f.Evidence = c.connackFacts()
		return []Finding{f}
	}
	for _, r := range c.later("DISCONNECT") {
		if r.ReasonCode == takenOver {
			f.Evidence = refusalFacts(r)
			return []Finding{f}
		}
	}
	return nil
}

// endAdvice says what to do about a DISCONNECT code (MQTT 5.0 table 3-10).
var endAdvice = map[byte]string{
	0x87: "What was sent is not allowed to this client: the broker's access rules have to be changed, or another user be used.",
	0x8B: "The broker is being stopped or restarted. Try again in a while.",
	0x8D: "The broker heard nothing for one and a half times the keep-alive. The network or this computer was away for that long.",
	0x93: "More messages were sent at once than the broker takes.",
	0x95: "A packet was larger than the broker allows.",
	0x96: "Messages come faster than the broker allows.",
	0x97: "A limit of the broker is reached.",
	0x98: "Somebody who runs the broker ended the connection, and can say why.",
	0x9C: "The broker asks to use another server for now.",
	0x9D: "The broker has moved for good.",
	0xA0: "The broker allows connections for a limited time only. Connect again.",
}

func disconnected(c *Case) []Finding {
	var all []Finding
	for _, r := range c.later("DISCONNECT") {
		if r.ReasonCode == takenOver {
			continue
		}
		f := Finding{
			Severity: Error,
			Title:    fmt.Sprintf("The broker ended the connection: %s.", reason(r.ReasonCode)),
			Detail:   sentences(says(r), endAdvice[r.ReasonCode]),
			Subject:  Subject{Kind: "broker"},
			Evidence: refusalFacts(r),
		}
		if r.ServerReference != "" {
			f.Detail = sentences(f.Detail, fmt.Sprintf("It names another server: %s.", r.ServerReference))
		}
		if f.Detail == "" {
			f.Detail = "The connection stood before. The broker's log says more about it."
		}
		all = append(all, f)
	}
	return all
}

// refusedTopics words one finding for each refusal.
func (c *Case) refusedTopics(title, advice string, packets ...string) (all []Finding) {
	for _, r := range c.later(packets...) {
		all = append(all, Finding{
			Severity: Warning,
			Title:    fmt.Sprintf(title, r.Topic, reason(r.ReasonCode)),
			Detail:   sentences(says(r), advice),
			Subject:  Subject{Kind: "setting", Setting: "topic"},
			Evidence: refusalFacts(r),
		})
	}
	return all
}

func subscribeRefused(c *Case) []Finding {
	return c.refusedTopics("The broker refused the subscription to %q: %s.",
		"The connection stands, and nothing arrives for this topic filter. The broker's access rules have to allow this client or user to subscribe to it, or the filter has to be another.", "SUBACK")
}

func publishRefused(c *Case) []Finding {
	return c.refusedTopics("The broker refused a message to %q: %s.",
		"The connection stands, and the message was not passed on. The broker's access rules have to allow this client or user to publish to the topic, or the topic has to be another.", "PUBACK", "PUBREC", "PUBCOMP")
}
