package exchange

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"mutual/core/expression"
	"mutual/core/profile"
)

// mqttx is a connection as MQTTX exports it in JSON: its model of a connection, alone or in a list (github.com/emqx/MQTTX,
// src/components/ExportData.vue and src/database/models/ConnectionEntity.ts). Fields that say nothing about the connection
// (messages, colours, the order) are not read.
type mqttx struct {
	Name             string  `json:"name"`
	ClientID         string  `json:"clientId"`
	ClientIDWithTime bool    `json:"clientIdWithTime"`
	Protocol         string  `json:"protocol"` // empty in old files: see SSL
	Host             string  `json:"host"`
	Port             integer `json:"port"`
	Path             string  `json:"path"`
	Username         string  `json:"username"`
	Password         string  `json:"password"`
	Keepalive        integer `json:"keepalive"`
	Clean            *bool   `json:"clean"`
	Version          string  `json:"mqttVersion"`
	IsCollection     bool    `json:"isCollection"`

	SSL                bool            `json:"ssl"`
	CertType           string          `json:"certType"` // "self": the three files count; "server": the system's roots
	RejectUnauthorized *bool           `json:"rejectUnauthorized"`
	CA                 string          `json:"ca"`
	Cert               string          `json:"cert"`
	Key                string          `json:"key"`
	ALPN               json.RawMessage `json:"ALPNProtocols"` // a list, or text with commas

	Subscriptions []struct {
		Topic    string  `json:"topic"`
		QoS      integer `json:"qos"`
		Disabled bool    `json:"disabled"`
	} `json:"subscriptions"`
	Will struct {
		Topic string `json:"lastWillTopic"`
	} `json:"will"`
	Properties struct {
		SessionExpiry integer `json:"sessionExpiryInterval"`
		mqttxFurther
	} `json:"properties"`
}

// mqttxFurther are properties of CONNECT (MQTT 5.0 §3.1.2.11) that profiles here do not have.
type mqttxFurther struct {
	ReceiveMaximum  integer         `json:"receiveMaximum"`
	PacketSize      integer         `json:"maximumPacketSize"`
	TopicAliases    integer         `json:"topicAliasMaximum"`
	ResponseInfo    *bool           `json:"requestResponseInformation"`
	ProblemInfo     *bool           `json:"requestProblemInformation"`
	UserProperties  json.RawMessage `json:"userProperties"`
	Authentication  string          `json:"authenticationMethod"`
	AuthenticationX json.RawMessage `json:"authenticationData"` // a secret: not looked at
}

// integer is a number, also in quotation marks, as in files that went through a table; null is 0.
type integer int64

// UnmarshalJSON reads it.
func (i *integer) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `" `)
	if text == "" || text == "null" {
		*i = 0
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != float64(int64(n)) {
		return fmt.Errorf("%s is no whole number", data)
	}
	*i = integer(n)
	return nil
}

// number is i, or the nearest that every system's int can hold, which Validate refuses like i itself.
func (i integer) number() int {
	return int(min(max(i, math.MinInt32), math.MaxInt32))
}

// generated are client identifiers that the programs make up for a new connection. Two programs with the same one would
// throw each other out, so that each connection gets one of its own here.
var generated = expression.New(`^(mqttx_|mqtt-explorer-)[0-9a-f]{1,8}$`)

func clientID(id string) string {
	if generated.MatchString(id) {
		return ""
	}
	return id
}

func readMQTTX(list []json.RawMessage) ([]Connection, Format, error) {
	var out []Connection
	for _, entry := range list {
		var x mqttx
		if err := json.Unmarshal(entry, &x); err != nil {
			return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		if x.IsCollection {
			continue // a folder of connections
		}
		if x.Host == "" && x.Name == "" {
			return nil, "", fmt.Errorf("%w: an entry has neither a name nor a host", ErrUnknown)
		}
		out = append(out, x.connection())
	}
	return out, MQTTX, nil
}

func (x mqttx) connection() Connection {
	c := Connection{Password: x.Password}
	p := profile.New(x.Name)
	p.ID = ""
	p.Server = profile.Server{Transport: profile.Transport(strings.ToLower(x.Protocol)), Host: x.Host, Port: x.Port.number()}
	if x.Protocol == "" {
		p.Server.Transport = profile.MQTT
		if x.SSL {
			p.Server.Transport = profile.MQTTS
		}
	}
	if p.Server.Transport.WebSocket() {
		p.Server.Path = "/" + strings.TrimPrefix(x.Path, "/")
	}
	p.MQTT.ClientID, p.MQTT.UserName = clientID(x.ClientID), x.Username
	if x.ClientIDWithTime { // a new one at each connection, as here without one
		p.MQTT.ClientID = ""
	}
	p.MQTT.KeepAlive = x.Keepalive.number()
	p.MQTT.CleanStart = x.Clean == nil || *x.Clean
	c.Profile = p
	x.version(&c)
	if p.Server.Transport.Encrypted() {
		x.tls(&c)
	}
	for _, s := range x.Subscriptions {
		if !s.Disabled && s.Topic != "" {
			c.Profile.Subscriptions = append(c.Profile.Subscriptions, profile.Subscription{Filter: s.Topic, QoS: byte(s.QoS & 3)})
		}
	}
	if x.Will.Topic != "" {
		c.leave("The will message for %q is left out: there is no setting for one here.", x.Will.Topic)
	}
	c.finish()
	return c
}

func (x mqttx) version(c *Connection) {
	switch x.Version {
	case "3.1.1":
		c.Profile.MQTT.Version = profile.Version311
		return // nothing below exists in it
	case "5.0", "5":
		c.Profile.MQTT.Version = profile.Version5
	default:
		c.leave("The MQTT version %q is not one that is known here; 5.0 is taken.", x.Version)
	}
	if n := int64(x.Properties.SessionExpiry); n >= 0 && n <= 0xFFFFFFFF { // MQTT 5.0 §3.1.2.11.2
		c.Profile.MQTT.SessionExpiry = uint32(n)
	}
	if names := x.Properties.set(); names != nil {
		c.leave("There is no setting here for %s.", strings.Join(names, ", "))
	}
}

// set names those that are set.
func (f mqttxFurther) set() (names []string) {
	object := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" && string(raw) != "{}" }
	for _, s := range []struct {
		on   bool
		name string
	}{
		{f.ReceiveMaximum != 0, "the receive maximum"},
		{f.PacketSize != 0, "the maximum packet size"},
		{f.TopicAliases != 0, "the topic alias maximum"},
		{f.ResponseInfo != nil && *f.ResponseInfo, "response information"},
		{f.ProblemInfo != nil && !*f.ProblemInfo, "the switch for problem information"},
		{object(f.UserProperties), "user properties"},
		{f.Authentication != "", "the authentication method"},
	} {
		if s.on {
			names = append(names, s.name)
		}
	}
	return names
}

func (x mqttx) tls(c *Connection) {
	if x.CertType == "self" {
		if x.CA != "" {
			c.Use(CA, x.CA)
		}
		c.Use(Certificate, x.Cert)
		c.Use(Key, x.Key)
	}
	if x.RejectUnauthorized != nil && !*x.RejectUnauthorized {
		c.verified("MQTTX")
	}
	var list []string
	var text string
	if json.Unmarshal(x.ALPN, &list) != nil && json.Unmarshal(x.ALPN, &text) == nil {
		list = strings.Split(strings.Trim(text, "[]"), ",")
	}
	for _, name := range list {
		if name = strings.Trim(name, ` "'`); name != "" {
			c.Profile.Server.ALPN = append(c.Profile.Server.ALPN, name)
		}
	}
}
