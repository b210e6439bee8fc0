package probe

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

// TestOtherVersion meets a server that knows one version of MQTT only, and looks at every CONNECT that it gets.
func TestOtherVersion(t *testing.T) {
	for _, tt := range []struct {
		name    string
		asked   profile.Version
		first   string // the answer to the attempt
		second  string // and to the probe
		probe   string
		status  evidence.Status
		failure evidence.Failure
	}{
		{"3.1.1 only", "5", "\x20\x02\x00\x01", "\x20\x02\x00\x00", "mqtt-3.1.1", evidence.OK, ""},
		{"3.1.1 only, and not for everybody", "5", "\x20\x02\x00\x01", "\x20\x02\x00\x05", "mqtt-3.1.1", evidence.OK, ""},
		{"in the form of 5.0", "5", "\x20\x03\x00\x84\x00", "\x20\x02\x00\x00", "mqtt-3.1.1", evidence.OK, ""},
		{"silent", "5", "", "\x20\x02\x00\x00", "mqtt-3.1.1", evidence.OK, ""},
		{"silent always", "5", "", "", "mqtt-3.1.1", evidence.Failed, evidence.Closed},
		{"neither", "5", "\x20\x02\x00\x01", "\x20\x02\x00\x01", "mqtt-3.1.1", evidence.Failed, evidence.RefusedMQTT},
		{"5 only", "3.1.1", "\x20\x02\x00\x01", "\x20\x03\x00\x00\x00", "mqtt-5", evidence.OK, ""},
		{"another reason", "5", "\x20\x03\x00\x87\x00", "", "", "", ""},
		{"another reason in 3.1.1", "3.1.1", "\x20\x02\x00\x05", "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var connects [][]byte
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					c.SetDeadline(time.Now().Add(5 * time.Second))
					head := make([]byte, 2)
					io.ReadFull(c, head)
					body := make([]byte, head[1])
					io.ReadFull(c, body)
					answer := tt.second
					mu.Lock()
					if head[0] == 0x10 {
						if connects = append(connects, body); len(connects) == 1 {
							answer = tt.first
						}
						io.WriteString(c, answer)
					}
					mu.Unlock()
					c.Close()
				}
			}()
			p := profile.New("p")
			_, port, _ := net.SplitHostPort(l.Addr().String())
			p.Server.Transport, p.Server.Host = profile.MQTT, "127.0.0.1"
			p.Server.Port, _ = strconv.Atoi(port)
			p.MQTT.Version, p.MQTT.UserName, p.MQTT.ClientID = tt.asked, "the-user", "the-client"
			m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: &pki.Roots{}})
			a := session.Try(t.Context(), p, m, "the-client", session.Options{Password: "the-password"})
			RunAsked(t.Context(), a, Asked{Made: &Made{Profile: p, Material: m}}, nil)

			var seen evidence.Probe
			for _, x := range a.Probes {
				if x.Name == "mqtt-5" || x.Name == "mqtt-3.1.1" {
					seen = x
				}
			}
			if seen.Name != tt.probe || seen.Status != tt.status || seen.Failure != tt.failure {
				t.Errorf("%+v", a.Probes)
			}
			mu.Lock()
			defer mu.Unlock()
			if len(connects) == 0 || !bytes.Contains(connects[0], []byte("the-password")) {
				t.Fatalf("the attempt sent %q", connects)
			}
			for _, c := range connects[1:] {
				for _, secret := range []string{"the-user", "the-client", "the-password"} {
					if bytes.Contains(c, []byte(secret)) {
						t.Errorf("%s is in a probe: %q", secret, c)
					}
				}
			}
		})
	}
}
