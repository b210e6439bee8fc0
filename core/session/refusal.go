package session

import (
	"slices"

	"mutual/core/evidence"
)

// maxRefusals bounds what is kept of one connection's refusals.
const maxRefusals = 100

// refused writes a refusal into the evidence of the connection l, if it is still the one that stands. One that was seen
// before is not written again.
func (s *Session) refused(l *link, refusals ...evidence.Refusal) {
	if len(refusals) == 0 {
		return
	}
	s.update(func(st *State) {
		if s.link == l {
			st.refused(refusals)
		}
	})
}

// refused adds to a copy of the attempt: one that was handed out never changes.
func (st *State) refused(refusals []evidence.Refusal) {
	if st.Attempt == nil || st.Attempt.MQTT == nil {
		return
	}
	a, m := *st.Attempt, *st.Attempt.MQTT
	m.Later = slices.Clone(m.Later)
	for _, r := range refusals {
		known := slices.ContainsFunc(m.Later, func(x evidence.Refusal) bool {
			return x.Packet == r.Packet && x.Topic == r.Topic && x.ReasonCode == r.ReasonCode
		})
		if !known && len(m.Later) < maxRefusals {
			m.Later = append(m.Later, r)
		}
	}
	a.MQTT = &m
	st.Attempt = &a
}

// refusalOf is a refused answer as evidence; ok is false for any other.
func refusalOf(packet, topic string, a Answer) (r evidence.Refusal, ok bool) {
	r = evidence.Refusal{Packet: packet, Topic: topic, ReasonCode: a.Code, ReasonString: a.Text}
	if a.Text == announced {
		r.ReasonString, r.Announced = "", true
	}
	return r, a.Refused
}

// refusal is a DISCONNECT of the server with a reason, as evidence.
func (d *disconnect) refusal() evidence.Refusal {
	return evidence.Refusal{
		Packet: "DISCONNECT", ReasonCode: d.code,
		ReasonString: findText(d.properties, propertyReasonString), ServerReference: findText(d.properties, propertyServerReference),
	}
}
