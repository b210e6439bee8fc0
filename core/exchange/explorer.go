package exchange

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mutual/core/profile"
)

// explorer is a connection as MQTT Explorer keeps it: in its settings.json under ConnectionManager_connections, by ID, and
// as that object alone (github.com/thomasnordquist/MQTT-Explorer, app/src/model/ConnectionOptions.ts).
type explorer struct {
	Type       string  `json:"type"` // "mqtt"
	Name       string  `json:"name"`
	Protocol   string  `json:"protocol"` // "mqtt" or "ws"
	Encryption bool    `json:"encryption"`
	Host       string  `json:"host"`
	Port       integer `json:"port"`
	BasePath   string  `json:"basePath"`
	Username   string  `json:"username"`
	Password   string  `json:"password"`
	ClientID   string  `json:"clientId"`
	Validate   *bool   `json:"certValidation"`
	Order      integer `json:"order"`

	CA          *explorerFile `json:"selfSignedCertificate"`
	Certificate *explorerFile `json:"clientCertificate"`
	Key         *explorerFile `json:"clientKey"`

	Subscriptions []explorerSubscription `json:"subscriptions"`
}

type explorerFile struct {
	Name string `json:"name"`
	Data string `json:"data"` // base64 of the whole file
}

// explorerSubscription is an object, or in old files the filter alone.
type explorerSubscription struct {
	Topic string
	QoS   integer
}

// UnmarshalJSON reads either.
func (s *explorerSubscription) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &s.Topic)
	}
	var object struct {
		Topic string  `json:"topic"`
		QoS   integer `json:"qos"`
	}
	err := json.Unmarshal(data, &object)
	s.Topic, s.QoS = object.Topic, object.QoS
	return err
}

// readExplorer reads the connections in the order in which MQTT Explorer lists them.
func readExplorer(data []byte) ([]Connection, Format, error) {
	var byID map[string]explorer
	if err := json.Unmarshal(data, &byID); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	type entry struct {
		id string
		explorer
	}
	var all []entry
	for id, x := range byID {
		if x.Type != "mqtt" {
			return nil, "", ErrUnknown
		}
		all = append(all, entry{id, x})
	}
	if len(all) == 0 {
		return nil, "", ErrUnknown
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.id, b.id)) })
	var out []Connection
	for _, e := range all {
		out = append(out, e.connection())
	}
	return out, MQTTExplorer, nil
}

func (x explorer) connection() Connection {
	c := Connection{Password: x.Password}
	p := profile.New(x.Name)
	p.ID = ""
	p.Server = profile.Server{Transport: profile.Transport(strings.ToLower(x.Protocol)), Host: x.Host, Port: x.Port.number()}
	if x.Encryption {
		p.Server.Transport += "s"
	}
	if p.Server.Transport.WebSocket() {
		p.Server.Path = "/" + strings.TrimPrefix(x.BasePath, "/")
	}
	// MQTT Explorer leaves these three to its library, mqtt.js: MQTT 3.1.1, 60 s, a clean session.
	p.MQTT.Version = profile.Version311
	p.MQTT.ClientID, p.MQTT.UserName = clientID(x.ClientID), x.Username
	for _, s := range x.Subscriptions {
		p.Subscriptions = append(p.Subscriptions, profile.Subscription{Filter: s.Topic, QoS: byte(s.QoS & 3)})
	}
	c.Profile = p
	if p.Server.Transport.Encrypted() {
		c.embed(CA, x.CA)
		c.embed(Certificate, x.Certificate)
		c.embed(Key, x.Key)
		if x.Validate != nil && !*x.Validate {
			c.verified("MQTT Explorer")
		}
	}
	c.finish()
	return c
}

// embed takes the contents of a file.
func (c *Connection) embed(part Part, f *explorerFile) {
	if f == nil || f.Data == "" {
		return
	}
	data, err := base64.StdEncoding.DecodeString(f.Data)
	if err != nil {
		c.leave("The file %q is left out: its contents are damaged.", f.Name)
		return
	}
	c.Files = append(c.Files, File{Part: part, Name: f.Name, Data: data})
}
