// Package deploy prepares what a broker has to be given for two-way TLS: the fields of EMQX Cloud's dialog, the
// configuration and the files of a broker of one's own, the certificates that AWS IoT registers. What a broker demands
// stands here as data with its source; each demand is checked, and each check is one sentence with what to do about it.
// It imports what reads and judges certificates, never the window. A private key leaves it in fields that are marked
// secret, and in files of mode 0600.
package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Outcome is how a check ended.
type Outcome string

const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"  // the broker, or every client of it, would refuse
	Warning Outcome = "warning" // it is taken, and somebody should know
	Skipped Outcome = "skipped" // there was not enough to go by
)

// Check is one demand and how it is met.
type Check struct {
	ID      string  `json:"id"`
	Rule    string  `json:"rule"`   // what is demanded, a sentence
	Source  string  `json:"source"` // where that is written
	Outcome Outcome `json:"outcome"`
	Text    string  `json:"text"`         // what was found, a sentence
	Do      string  `json:"do,omitempty"` // what to do about it, a sentence; empty: nothing
}

// Field is one thing to hand over: the content of a file, and where the broker has a dialog, of one of its fields.
type Field struct {
	ID    string `json:"id"`
	Title string `json:"title"` // what the broker calls it
	Help  string `json:"help"`  // where it goes, a sentence
	File  string `json:"file"`  // its name in a folder; empty: it is not written, because another field holds it
	Value string `json:"value"`
	// Secret: a private key. It is shown and copied only when it is asked for by its own button, and printed nowhere.
	Secret bool `json:"secret"`
}

// String names the field without a secret value.
func (f Field) String() string {
	if f.Secret {
		return fmt.Sprintf("%s (secret, %d bytes)", f.Title, len(f.Value))
	}
	return fmt.Sprintf("%s: %s", f.Title, f.Value)
}

// GoString is String: "%#v" would print the key.
func (f Field) GoString() string { return f.String() }

// MarshalJSON leaves a secret value out: null stands in its place.
func (f Field) MarshalJSON() ([]byte, error) {
	type plain Field // without this method
	if !f.Secret {
		return json.Marshal(plain(f))
	}
	f.Value = ""
	return json.Marshal(struct {
		plain
		Value *string `json:"value"`
	}{plain: plain(f)})
}

// Handover is what one broker is given.
type Handover struct {
	Broker string   `json:"broker"`
	Title  string   `json:"title"`
	Fields []Field  `json:"fields"`
	Checks []Check  `json:"checks"`
	Steps  []string `json:"steps"` // what to do with the fields, in order; sentences
	// TwoWay: clients have to show a certificate.
	TwoWay bool `json:"two_way"`
}

// Failed says that a check failed.
func (h Handover) Failed() bool {
	return slices.ContainsFunc(h.Checks, func(c Check) bool { return c.Outcome == Failed })
}

// Field returns the field of that ID.
func (h Handover) Field(id string) (Field, bool) {
	i := slices.IndexFunc(h.Fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return h.Fields[i], true
}

// Options say for what the hand-over is. The zero value is two-way TLS with a certificate for a broker of no known name.
type Options struct {
	Host string // DNS name or IP address that clients connect to; empty: names are not checked
	// OneWay: clients show no certificate.
	OneWay bool
	Plan   string // of EMQX Cloud: see Plans; empty: the first
	// Folder is where the files will lie on the broker's machine; empty: the broker's customary one. It stands in the
	// configuration only.
	Folder string
	Port   int       // 0: 8883
	At     time.Time // the clock; zero: now
}

func (o Options) at() time.Time {
	if o.At.IsZero() {
		return time.Now()
	}
	return o.At
}

func (o Options) port() int {
	if o.Port == 0 {
		return 8883 // mqtts, registered with IANA as secure-mqtt
	}
	return o.Port
}

// Broker is one kind of broker that a hand-over can be made for.
type Broker struct {
	ID    string // as the command line names it
	Title string
	About string // what is made for it, a sentence
	// Source is the documentation that says what the broker takes.
	Source  string
	Prepare func(Material, Options) (Handover, error)
}

// Brokers lists them.
func Brokers() []Broker {
	all := []Broker{{
		ID: "emqx", Title: "EMQX Cloud", Source: emqxTLSPage, Prepare: EMQXCloud,
		About: "The four fields of the TLS dialog of a Dedicated deployment, checked, to paste or to upload.",
	}}
	for _, c := range configurations {
		all = append(all, Broker{ID: c.id, Title: c.title, About: c.about, Source: c.source, Prepare: c.prepare})
	}
	return append(all, Broker{
		ID: "aws-iot", Title: "AWS IoT Core", Source: awsOwnPage, Prepare: AWSIoT,
		About: "A client's certificate and its authority, as AWS IoT registers them.",
	})
}

// Named returns the broker of that ID.
func Named(id string) (Broker, bool) {
	all := Brokers()
	i := slices.IndexFunc(all, func(b Broker) bool { return b.ID == id })
	if i < 0 {
		return Broker{}, false
	}
	return all[i], true
}

// day is a date as people read it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// listed joins names for a sentence: "a, b and c".
func listed(names []string, last string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}
