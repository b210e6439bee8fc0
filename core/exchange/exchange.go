// Package exchange reads and writes connections as files that are handed on: Mutual's own, and what MQTTX and MQTT Explorer
// export. It touches no file and keeps nothing; what it reads are other people's bytes, bounded by whoever reads the file.
// No exported file holds a password, a passphrase or the contents of a key.
package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"mutual/core/profile"
	"mutual/core/store"
)

// MaxSize is in bytes. MQTTX exports the messages of a connection with it.
const MaxSize = 64 << 20

// Format is a program's form of such a file.
type Format string

// The formats that are read. Only Mutual is written.
const (
	Mutual       Format = "mutual"
	MQTTX        Format = "mqttx"
	MQTTExplorer Format = "mqtt-explorer"
)

// Connection is one connection of a file.
type Connection struct {
	// Profile has no identifier.
	Profile profile.Profile
	// Password is the MQTT password where the file holds one; it belongs into store's secrets.
	Password string
	// Files are certificates and keys whose contents stand in the file; the profile names none of them.
	Files []File
	// Left is what has no place here, or was not taken over on purpose: a sentence each.
	Left []string
	// Problem is why the connection cannot be used: a sentence; empty: it can.
	Problem string
}

// String names c without its password.
func (c Connection) String() string { return "connection " + c.Profile.Name }

// GoString is String: "%#v" would show the password.
func (c Connection) GoString() string { return "exchange.Connection{" + c.Profile.Name + "}" }

// File is a certificate or key inside the file.
type File struct {
	Part Part
	Name string // as it was called on the computer that it is from; anything
	Data []byte // PEM or DER
}

// Part says what a file is for.
type Part string

// The parts.
const (
	CA          Part = "ca"
	Certificate Part = "certificate"
	Key         Part = "key"
)

// Use lets the profile name path for a part.
func (c *Connection) Use(part Part, path string) {
	switch part {
	case CA:
		c.Profile.Trust.Files = []string{path}
	case Certificate:
		c.Profile.ClientCertificate.CertificateFile = path
	case Key:
		c.Profile.ClientCertificate.KeyFile = path
	}
}

// ErrUnknown is returned for a file that is none of these.
var ErrUnknown = errors.New("it is no export of Mutual, MQTTX or MQTT Explorer")

// Write returns p as a file to hand on. Paths stay as they are.
func Write(p profile.Profile) ([]byte, error) { return store.Encode(p) }

// WriteAll returns several as one file to hand on: a list of what Write makes of each.
func WriteAll(list []profile.Profile) ([]byte, error) {
	all := make([]json.RawMessage, 0, len(list))
	for _, p := range list {
		data, err := Write(p)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	data, err := json.MarshalIndent(all, "", "  ")
	return append(data, '\n'), err
}

// Read returns the connections of an exported file, in its order. A file of a newer version of Mutual is
// store.ErrNewer, one that is of no known format ErrUnknown.
func Read(data []byte) ([]Connection, Format, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) > 0 && data[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		if len(list) > 0 && isOwn(list[0]) {
			return readOwnList(list)
		}
		return readMQTTX(list)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	switch {
	case isOwn(data):
		return readOwn(data)
	case has(object, "profile") && has(object, "schema"): // as mutualctl profile show prints it
		return readShown(object["profile"])
	case has(object, "ConnectionManager_connections"):
		return readExplorer(object["ConnectionManager_connections"])
	case has(object, "host") && (has(object, "clientId") || has(object, "mqttVersion")):
		return readMQTTX([]json.RawMessage{data})
	}
	return readExplorer(data)
}

func has(object map[string]json.RawMessage, key string) bool { _, ok := object[key]; return ok }

// isOwn says whether data is one connection as Write makes it.
func isOwn(data []byte) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(data, &object) == nil && has(object, "server") && has(object, "version")
}

func readOwnList(list []json.RawMessage) (all []Connection, format Format, err error) {
	for _, data := range list {
		one, _, err := readOwn(data)
		if err != nil {
			return nil, Mutual, err
		}
		all = append(all, one...)
	}
	return all, Mutual, nil
}

func readOwn(data []byte) ([]Connection, Format, error) {
	p, err := store.Decode(data)
	if err != nil {
		return nil, Mutual, err
	}
	c := Connection{Profile: p}
	if strings.TrimSpace(p.Name) == "" {
		c.Problem = "The profile has no name."
	}
	return []Connection{c}, Mutual, nil
}

func readShown(shown json.RawMessage) ([]Connection, Format, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(shown, &object); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if object == nil { // null
		return nil, "", ErrUnknown
	}
	object["version"] = json.RawMessage("1")
	data, err := json.Marshal(object)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return readOwn(data)
}

// finish checks a profile that was made of another program's settings. Subscriptions that cannot be made are left out;
// anything else is the connection's problem.
func (c *Connection) finish() {
	p := &c.Profile
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" || !utf8.ValidString(p.Name) {
		p.Name = p.Server.Host
	}
	var kept []profile.Subscription
	for _, s := range p.Subscriptions {
		if problem := profile.CheckFilter(s.Filter); problem != "" {
			c.leave("%s It is left out.", problem)
			continue
		}
		kept = append(kept, profile.Subscription{Filter: s.Filter, QoS: min(s.QoS, 2)})
	}
	p.Subscriptions = kept
	for _, problem := range p.Validate() {
		c.Problem = problem.Text
		return
	}
}

func (c *Connection) leave(format string, args ...any) {
	c.Left = append(c.Left, fmt.Sprintf(format, args...))
}

// verified says that a program did not verify the broker, which is not taken over.
func (c *Connection) verified(program string) {
	c.leave("%s did not verify this broker; here it is verified, and a diagnosis says what is missing.", program)
}
