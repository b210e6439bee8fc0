package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mutual/core/profile"
	"mutual/core/store"
)

// mqttxExport is a connection as MQTTX writes it, with what a new one has (src/utils/mqttUtils.ts), and with to set.
func mqttxExport(t *testing.T, set map[string]any) []byte {
	t.Helper()
	record := map[string]any{}
	const fresh = `{"clientId": "mqttx_0a1b2c3d", "createAt": "2026-11-22 10:00:00:000", "updateAt": "2026-11-22 10:00:00:000", "name": "Plant",
		"clean": true, "protocol": "mqtt", "host": "broker.example", "keepalive": 60, "connectTimeout": 10, "reconnect": false, "username": "",
		"password": "", "path": "/mqtt", "port": 1883, "ssl": false, "certType": "", "rejectUnauthorized": true, "ca": "", "cert": "", "key": "",
		"mqttVersion": "5.0", "subscriptions": [], "messages": [{"topic": "a", "payload": "b", "qos": 0, "retain": false, "out": true}],
		"unreadMessageCount": 0, "will": {"lastWillTopic": "", "lastWillPayload": "", "lastWillQos": 0, "lastWillRetain": false, "properties": {}},
		"properties": {"sessionExpiryInterval": null, "receiveMaximum": null, "userProperties": {}}, "clientIdWithTime": false,
		"isCollection": false, "parentId": null, "id": "6d2a1c1e-0f5e-4f0e-9a54-1f1b3f8d5a11"}`
	if err := json.Unmarshal([]byte(fresh), &record); err != nil {
		t.Fatal(err)
	}
	for k, v := range set {
		record[k] = v
	}
	data, err := json.Marshal([]any{record})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// want is a new profile, changed.
func want(change func(*profile.Profile)) profile.Profile {
	p := profile.New("Plant")
	p.ID = ""
	p.Server = profile.Server{Transport: profile.MQTT, Host: "broker.example", Port: 1883}
	p.MQTT.Version = profile.Version5
	change(&p)
	return p
}

func TestMQTTX(t *testing.T) {
	type object = map[string]any
	for _, c := range []struct {
		name    string
		set     object
		want    profile.Profile
		left    string // in one of the sentences
		problem string
	}{
		{"a new one", nil, want(func(*profile.Profile) {}), "", ""},
		{"two-way TLS", object{"protocol": "mqtts", "port": 8883, "ssl": true, "certType": "self", "ca": "/a/ca.pem", "cert": "/a/c.crt", "key": "/a/c.key", "ALPNProtocols": "mqtt, x-amzn-mqtt-ca"},
			want(func(p *profile.Profile) {
				p.Server.Transport, p.Server.Port, p.Server.ALPN = profile.MQTTS, 8883, []string{"mqtt", "x-amzn-mqtt-ca"}
				p.Trust.Files = []string{"/a/ca.pem"}
				p.ClientCertificate = profile.ClientCertificate{CertificateFile: "/a/c.crt", KeyFile: "/a/c.key"}
			}), "", ""},
		{"the system's roots", object{"protocol": "wss", "ssl": true, "certType": "server", "ca": "/old/ca.pem", "path": "mqtt", "port": 8084},
			want(func(p *profile.Profile) {
				p.Server.Transport, p.Server.Port, p.Server.Path = profile.WSS, 8084, "/mqtt"
			}), "", ""},
		{"of an old version", object{"protocol": nil, "ssl": true, "certType": "server", "mqttVersion": "3.1.1", "port": "8883"},
			want(func(p *profile.Profile) {
				p.Server.Transport, p.Server.Port, p.MQTT.Version = profile.MQTTS, 8883, profile.Version311
			}), "", ""},
		{"not verified", object{"protocol": "mqtts", "ssl": true, "certType": "server", "rejectUnauthorized": false},
			want(func(p *profile.Profile) { p.Server.Transport = profile.MQTTS }), "here it is verified", ""},
		{"a session", object{"clientId": "sensor", "clean": false, "keepalive": 5, "username": "me", "properties": object{"sessionExpiryInterval": 4294967295, "receiveMaximum": 3, "userProperties": object{"a": "b"}}},
			want(func(p *profile.Profile) {
				p.MQTT = profile.Settings{Version: profile.Version5, ClientID: "sensor", UserName: "me", KeepAlive: 5, SessionExpiry: 4294967295}
			}), "no setting here for the receive maximum, user properties", ""},
		{"the time in its name", object{"clientId": "sensor", "clientIdWithTime": true}, want(func(*profile.Profile) {}), "", ""},
		{"a will", object{"will": object{"lastWillTopic": "gone"}}, want(func(*profile.Profile) {}), `will message for "gone"`, ""},
		{"subscriptions", object{"subscriptions": []object{{"topic": "a/#", "qos": 1}, {"topic": "b", "qos": 0, "disabled": true}, {"topic": "c/#/d", "qos": 2}}},
			want(func(p *profile.Profile) { p.Subscriptions = []profile.Subscription{{Filter: "a/#", QoS: 1}} }), `"c/#/d"`, ""},
		{"no host", object{"host": ""}, want(func(p *profile.Profile) { p.Server.Host = "" }), "", "The broker's name or address is missing."},
		{"no such port", object{"port": 99999}, want(func(p *profile.Profile) { p.Server.Port = 99999 }), "", "not between 1 and 65535"},
		{"no name", object{"name": " "}, want(func(p *profile.Profile) { p.Name = "broker.example" }), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, format, err := Read(mqttxExport(t, c.set))
			if err != nil || format != MQTTX || len(list) != 1 {
				t.Fatalf("%v, %s, %v", list, format, err)
			}
			if diff := cmp.Diff(c.want, list[0].Profile); diff != "" {
				t.Error(diff)
			}
			if left := strings.Join(list[0].Left, " "); (c.left == "") != (left == "") || !strings.Contains(left, c.left) {
				t.Errorf("left out: %q, want %q", left, c.left)
			}
			if (c.problem == "") != (list[0].Problem == "") || !strings.Contains(list[0].Problem, c.problem) {
				t.Errorf("problem %q, want %q", list[0].Problem, c.problem)
			}
		})
	}
}

// settings are MQTT Explorer's, with two connections.
const settings = `{"ConnectionManager_connections": {
	"test.mosquitto.org": {"configVersion": 1, "certValidation": true, "clientId": "mqtt-explorer-01234567", "id": "test.mosquitto.org",
		"name": "test.mosquitto.org", "encryption": false, "subscriptions": [{"topic": "#", "qos": 0}, {"topic": "$SYS/#", "qos": 1}], "type": "mqtt",
		"host": "test.mosquitto.org", "port": 1883, "protocol": "mqtt", "order": 2},
	"b": {"configVersion": 1, "certValidation": false, "clientId": "me", "id": "b", "name": "Plant", "encryption": true, "password": "secret", "username": "u",
		"subscriptions": ["plant/#"], "type": "mqtt", "host": "broker.example", "port": 443, "protocol": "ws", "basePath": "mqtt", "order": 1,
		"selfSignedCertificate": {"name": "ca.pem", "data": "Y2E="}, "clientCertificate": {"name": "../c.crt", "data": "Y3J0"}, "clientKey": {"name": "c.key", "data": "%%%"}}},
	"Settings": {"theme": "light"}}`

func TestMQTTExplorer(t *testing.T) {
	list, format, err := Read([]byte("\ufeff" + settings))
	if err != nil || format != MQTTExplorer || len(list) != 2 {
		t.Fatalf("%v, %s, %v", list, format, err)
	}
	plant := list[0]
	plant.Use(CA, "ca.crt")
	p := want(func(p *profile.Profile) {
		p.Server = profile.Server{Transport: profile.WSS, Host: "broker.example", Port: 443, Path: "/mqtt"}
		p.MQTT.Version, p.MQTT.ClientID, p.MQTT.UserName = profile.Version311, "me", "u"
		p.Trust.Files = []string{"ca.crt"}
		p.Subscriptions = []profile.Subscription{{Filter: "plant/#"}}
	})
	if diff := cmp.Diff(p, plant.Profile); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]File{{CA, "ca.pem", []byte("ca")}, {Certificate, "../c.crt", []byte("crt")}}, plant.Files); diff != "" {
		t.Error(diff)
	}
	if left := strings.Join(plant.Left, " "); !strings.Contains(left, `"c.key" is left out`) || !strings.Contains(left, "here it is verified") {
		t.Errorf("left out: %q", left)
	}
	if plant.Password != "secret" || strings.Contains(fmt.Sprintf("%v %+v %#v", plant, plant, plant), "secret") {
		t.Error("the password is lost, or shown")
	}
	if other := list[1]; other.Profile.MQTT.ClientID != "" || len(other.Profile.Subscriptions) != 2 || other.Profile.Server.Transport != profile.MQTT {
		t.Errorf("got %+v", other.Profile)
	}
	// What newer builds export is the connections alone.
	var whole map[string]json.RawMessage
	if err := json.Unmarshal([]byte(settings), &whole); err != nil {
		t.Fatal(err)
	}
	if alone, format, err := Read(whole["ConnectionManager_connections"]); err != nil || format != MQTTExplorer || len(alone) != 2 {
		t.Errorf("%v, %s, %v", alone, format, err)
	}
}

// TestOwn: what is written is read again, and has no identifier.
func TestOwn(t *testing.T) {
	p := profile.New("Plant")
	p.Server.Host, p.Trust.Files, p.AlsoFor = "broker.example", []string{"/a/ca.pem"}, []string{"openssl"}
	data, err := Write(p)
	if err != nil || strings.Contains(string(data), p.ID) {
		t.Fatalf("%s, %v", data, err)
	}
	p.ID = ""
	list, format, err := Read(data)
	if err != nil || format != Mutual || len(list) != 1 {
		t.Fatalf("%v, %s, %v", list, format, err)
	}
	if diff := cmp.Diff(p, list[0].Profile); diff != "" {
		t.Error(diff)
	}
	shown, err := json.Marshal(map[string]any{"schema": 1, "profile": p})
	if err != nil {
		t.Fatal(err)
	}
	if list, _, err = Read(shown); err != nil || cmp.Diff(p, list[0].Profile) != "" {
		t.Errorf("as profile show prints it: %v, %v", list, err)
	}
	newer := strings.Replace(string(data), `"version": 1`, `"version": 2`, 1)
	if _, _, err := Read([]byte(newer)); !errors.Is(err, store.ErrNewer) {
		t.Errorf("a newer one: %v", err)
	}
	for _, other := range []string{"", "{}", "[1]", "null", "[[]]", `{"a": 1}`, `{"a": {}}`, `[{}]`, "no JSON", `{"host": 7, "clientId": ""}`, `{"schema": 1, "profile": null}`} {
		if list, _, err := Read([]byte(other)); err == nil {
			t.Errorf("%q: %v, want an error", other, list)
		}
	}
}

// TestOwnList: several in one file are read again in their order; one that is newer is not read in part.
func TestOwnList(t *testing.T) {
	var all []profile.Profile
	for _, name := range []string{"b", "a"} {
		p := profile.New(name)
		p.Server.Host = name + ".example"
		all = append(all, p)
	}
	data, err := WriteAll(all)
	if err != nil {
		t.Fatal(err)
	}
	list, format, err := Read(data)
	if err != nil || format != Mutual || len(list) != 2 {
		t.Fatalf("%v, %s, %v", list, format, err)
	}
	for i, p := range all {
		p.ID = ""
		if diff := cmp.Diff(p, list[i].Profile); diff != "" {
			t.Error(diff)
		}
	}
	at := strings.LastIndex(string(data), `"version": 1`)
	if at < 0 {
		t.Fatalf("%s", data)
	}
	if list, _, err := Read([]byte(string(data[:at]) + `"version": 2` + string(data[at+len(`"version": 1`):]))); !errors.Is(err, store.ErrNewer) {
		t.Errorf("with a newer one: %v, %v", list, err)
	}
	if list, _, err := Read(append(data[:len(data)-2], `, {"host": "c.example", "clientId": "c"}]`...)); err == nil {
		t.Errorf("with one of another program: %v", list)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(settings))
	f.Add(mqttxExport(&testing.T{}, map[string]any{"ALPNProtocols": []string{"a"}}))
	f.Add([]byte(`{"version": 1, "name": "a", "server": {"host": "a"}}`))
	f.Add([]byte(`[{"version": 1, "name": "a", "server": {"host": "a"}}, {"version": 1, "server": {}}]`))
	f.Add([]byte(`{"schema": 1, "profile": {"name": "a", "server": {"host": "a"}}}`))
	f.Add([]byte(`{"schema": 1, "profile": null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, format, err := Read(data)
		if err != nil {
			return
		}
		for _, c := range list {
			if c.Profile.ID != "" {
				t.Errorf("it has the identifier %q", c.Profile.ID)
			}
			if problems := c.Profile.Validate(); format != Mutual && c.Problem == "" && len(problems) > 0 {
				t.Errorf("taken for usable: %v", problems)
			}
		}
	})
}
