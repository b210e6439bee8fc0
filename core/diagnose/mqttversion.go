package diagnose

import (
	"fmt"

	"mutual/core/evidence"
)

// Protocol levels (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2).
const (
	level5   = 5
	level311 = 4
)

// mqttNames are the versions by their level: the name for people, and that of the setting and of the probe.
var mqttNames = map[byte]struct{ title, setting string }{
	level5:   {"MQTT 5.0", "5"},
	level311: {"MQTT 3.1.1", "3.1.1"},
}

// mqttVersion: the server says that it does not know the version, or answers in the form of the other, or ends the
// connection where it answers a CONNECT of the other version.
func mqttVersion(c *Case) []Finding {
	m := c.MQTT
	if m == nil || m.Status != evidence.Failed {
		return nil
	}
	asked, other := byte(level5), byte(level311)
	if c.Target.MQTTVersion == level311 {
		asked, other = other, asked
	}
	p, tried := c.probe("mqtt-" + mqttNames[other].setting)
	spoken := tried && p.Status == evidence.OK
	misread := m.ReasonCode != nil && *m.ReasonCode == 0 && m.Version == other // it accepts, in the other version's form
	ended := m.ReasonCode == nil && (m.Failure == evidence.Closed || m.Failure == evidence.Reset)
	if !m.VersionRefused() && !misread && !(ended && spoken) {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The broker does not speak %s.", mqttNames[asked].title),
		Detail:   "It answered CONNECT with the reason that it does not know this version.",
		Subject:  Subject{Kind: "setting", Setting: "mqtt-version"},
	}
	switch {
	case misread:
		f.Detail = fmt.Sprintf("Its answer to CONNECT has the form of %s.", mqttNames[other].title)
	case ended:
		f.Detail = "It ended the connection instead of answering CONNECT."
	}
	if m.ReasonCode != nil {
		f.Evidence = c.connackFacts()
	}
	switch {
	case spoken || misread:
		f.Title = fmt.Sprintf("The broker does not speak %s; it speaks %s.", mqttNames[asked].title, mqttNames[other].title)
		f.Fixes = []Fix{useVersion(other)}
	case tried:
		f.Detail += fmt.Sprintf(" %s was tried as well, and not taken either; the broker may speak an older version, or want something else first.", mqttNames[other].title)
	default:
		f.Detail += fmt.Sprintf(" It probably speaks %s.", mqttNames[other].title)
	}
	if spoken {
		f.Detail += fmt.Sprintf(" A CONNECT in %s was answered.", mqttNames[other].title)
		f.Evidence = append(f.Evidence, Fact{"answer in " + mqttNames[other].title, p.Detail})
	}
	return []Finding{f}
}

func useVersion(level byte) Fix {
	return Fix{
		ID: "use-mqtt-version", Title: "Use " + mqttNames[level].title, Risk: NoRisk, Automatic: true,
		Action: Action{Set: []Assignment{{FieldMQTTVersion, mqttNames[level].setting}}},
	}
}
