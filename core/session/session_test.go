package session

import (
	"testing"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/profile"
)

func TestTwoWay(t *testing.T) {
	c := newCredentials(t)
	b := startBroker(t, c.serverConfig(), nil, nil)
	p, m := c.profile(t, b.address)
	p.Subscriptions = []profile.Subscription{{Filter: "a/#", QoS: 1}}
	s := start(t, p, m, Options{})
	st := s.until("an answered subscription", func(s State) bool {
		return s.Phase == Connected && s.Subscriptions[0].Answer != nil
	})
	if !st.TwoWay || !st.Verified || st.Attempt.MQTT.Status != evidence.OK {
		t.Fatalf("the state is %+v, %+v, %+v", st, st.Attempt.TLS, st.Attempt.MQTT)
	}
	if a := st.Subscriptions[0].Answer; a.Refused || a.Code != 1 || a.Name != "Granted QoS 1" {
		t.Errorf("the answer to the subscription is %+v", a)
	}
	for qos := range byte(3) {
		a, err := s.Publish(t.Context(), Outgoing{Topic: "a/b", Payload: []byte("hello"), QoS: qos})
		if err != nil || a.Refused {
			t.Fatalf("publishing at QoS %d: %+v, %v", qos, a, err)
		}
	}
	s.untilMessages(6)
	var received []history.Message
	for i := range s.Messages().Len() {
		if m, _ := s.Messages().At(i); m.Direction == history.Received {
			received = append(received, m)
		}
	}
	if len(received) != 3 || string(received[2].Payload) != "hello" || received[2].Topic != "a/b" {
		t.Errorf("received %+v", received)
	}
	s.Close()
	if st := s.State(); st.Phase != Disconnected || st.Ended != "" || st.TwoWay {
		t.Errorf("after Close the state is %+v", st)
	}
}

func TestTry(t *testing.T) {
	c := newCredentials(t)
	b := startBroker(t, c.serverConfig(), nil, nil)
	p, m := c.profile(t, b.address)
	a := Try(t.Context(), p, m, "", Options{})
	if a.MQTT == nil || a.MQTT.Status != evidence.OK || a.TLS.Status != evidence.OK || !a.TLS.Verified {
		t.Errorf("TLS %+v, MQTT %+v", a.TLS, a.MQTT)
	}
}
