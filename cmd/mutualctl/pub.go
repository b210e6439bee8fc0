package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"mutual/core/diagnose"
	"mutual/core/history"
	"mutual/core/session"
)

// pubFlags say what is published.
type pubFlags struct {
	session sessionFlags

	topic       string
	message     string
	file        string
	qos         int
	retain      bool
	properties  []string
	contentType string
	responseTo  string
	correlation string
	expiry      string
	json        bool
}

func newPub(t *terminal) *cobra.Command {
	var f pubFlags
	cmd := &cobra.Command{
		Use:   "pub [URL]",
		Short: "Publish one message",
		Long: `pub connects, publishes one message, waits for the acknowledgement that the QoS asks for, and disconnects. A
connection that is not made is explained as diagnose explains it, on standard error, or with --json by diagnose's own
object on standard output. What the broker refuses later is a finding, too.`,
		Example: `  mutualctl pub mqtts://broker.example --ca ca.pem --cert client.crt --key client.key -t plant/7 -m on -q 1
  mutualctl pub --profile "My broker" -t plant/7/config -f config.json -q 1 -r --content-type application/json
  echo hello | mutualctl pub mqtts://broker.example -t greetings -f -`,
		Args: operands(0, 1, "one URL"),
	}
	c := connectionFlags(cmd)
	f.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		message, err := f.outgoing(t, cmd)
		if err != nil {
			return err
		}
		ctx, cancel := c.bound(cmd.Context())
		defer cancel()
		w, err := c.wanted(ctx, t, args)
		if err != nil {
			return err
		}
		defer w.close()
		w.profile.Subscriptions = nil
		if err := f.session.apply(cmd, w); err != nil {
			return err
		}
		if what := message.Unsupported(w.profile.MQTT.VersionOrDefault()); what != "" {
			return usage("--mqtt 5, or the message without it", "MQTT 3.1.1 has no place for the %s", what)
		}
		return t.publish(ctx, w, message, f.json)
	}
	return cmd
}

func (f *pubFlags) register(cmd *cobra.Command) {
	f.session.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.topic, "topic", "t", "", "publish to this `TOPIC`")
	flags.StringVarP(&f.message, "message", "m", "", "publish this `TEXT`")
	flags.StringVarP(&f.file, "file", "f", "", "publish what is in `FILE` (-: standard input)")
	flags.IntVarP(&f.qos, "qos", "q", 0, "quality of service: 0, 1 or 2")
	flags.BoolVarP(&f.retain, "retain", "r", false, "let the broker keep the message for later subscribers")
	flags.StringArrayVar(&f.properties, "user-property", nil, "add a user property `NAME=VALUE` (repeatable)")
	flags.StringVar(&f.contentType, "content-type", "", "content `TYPE`, for instance application/json")
	flags.StringVar(&f.responseTo, "response-topic", "", "`TOPIC` for the answer")
	flags.StringVar(&f.correlation, "correlation", "", "correlation `DATA` for the answer")
	flags.StringVar(&f.expiry, "expiry", "", "`TIME` for which the message is of use: seconds, or 10m, 2h")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
}

// maxPayload is what fits into one packet: the largest Remaining Length (MQTT 5.0 §1.5.5).
const maxPayload = 268_435_455

// outgoing reads the flags and the payload before anything is connected.
func (f *pubFlags) outgoing(t *terminal, cmd *cobra.Command) (session.Outgoing, error) {
	m := session.Outgoing{
		Topic: f.topic, Retain: f.retain, ContentType: f.contentType, ResponseTo: f.responseTo, Correlation: []byte(f.correlation),
	}
	if err := checkTopic("--topic", f.topic); err != nil {
		return m, err
	}
	if f.responseTo != "" {
		if err := checkTopic("--response-topic", f.responseTo); err != nil {
			return m, err
		}
	}
	qos, err := checkQoS(f.qos)
	if err != nil {
		return m, err
	}
	m.QoS = qos
	for _, p := range f.properties {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return m, usage("--user-property NAME=VALUE", "--user-property: %q is not NAME=VALUE", p)
		}
		m.Properties = append(m.Properties, history.Property{Name: name, Value: value})
	}
	if m.Expiry, err = seconds(f.expiry); err != nil {
		return m, err
	}
	m.Payload, err = f.payload(t, cmd)
	return m, err
}

func (f *pubFlags) payload(t *terminal, cmd *cobra.Command) ([]byte, error) {
	text, file := cmd.Flags().Changed("message"), cmd.Flags().Changed("file")
	switch {
	case text == file:
		return nil, usage("-m TEXT, or -f FILE, or -f - for standard input", "pub needs one message")
	case text:
		return []byte(f.message), nil
	}
	data, err := t.readFile(cmd.Context(), f.file, maxPayload)
	if err := interruption(cmd.Context()); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, usage("", "reading the message: %s", reason(err))
	}
	return data, nil
}

// checkTopic applies MQTT 5.0 §4.7.3 and §3.3.2.1.
func checkTopic(flag, topic string) error {
	switch {
	case topic == "":
		return usage(flag+" TOPIC", "%s is missing", flag)
	case strings.ContainsAny(topic, "+#"):
		return usage("", "%s: %q holds + or #, which stand only in the filters of a subscription", flag, topic)
	case strings.ContainsRune(topic, 0) || !utf8.ValidString(topic):
		return usage("", "%s: %q is not text that MQTT can carry", flag, topic)
	case len(topic) > 65535:
		return usage("", "%s has %d bytes, and MQTT carries 65535", flag, len(topic))
	}
	return nil
}

func checkQoS(qos int) (byte, error) {
	if qos < 0 || qos > 2 {
		return 0, usage("-q 0, 1 or 2", "-q: there is no QoS %d", qos)
	}
	return byte(qos), nil
}

// seconds reads "90" or "90s" or "2h" as a Message Expiry Interval.
func seconds(text string) (uint32, error) {
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil && n > 0 {
		return uint32(n), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > time.Duration(1<<32-1)*time.Second {
		return 0, usage("--expiry 90, or --expiry 2h", "--expiry: %q is not a time of one second or more", text)
	}
	return uint32(d / time.Second), nil
}

// published is what pub --json prints.
type published struct {
	Schema       int    `json:"schema"`
	Topic        string `json:"topic"`
	QoS          byte   `json:"qos"`
	Retain       bool   `json:"retain"`
	Bytes        int    `json:"bytes"` // of the payload
	ReasonCode   byte   `json:"reason_code"`
	ReasonName   string `json:"reason_name"`
	ReasonString string `json:"reason_string"`
	// Findings are on what the broker refused, and never nil.
	Findings []diagnose.Finding `json:"findings"`
}

// publish connects, sends and waits for the answer.
func (t *terminal) publish(ctx context.Context, w *wanted, m session.Outgoing, asJSON bool) error {
	l, err := t.connect(ctx, w, nil)
	if err != nil {
		var failed *failedConnection
		if asJSON && errors.As(err, &failed) {
			t.object(newObject(failed.attempt.evidence, failed.attempt.result))
			return ended(statusFound)
		}
		return t.explainFailure(err)
	}
	defer l.Close()
	waited, cancel := patience(ctx, w.timeout)
	defer cancel()
	answer, err := l.Publish(waited, m)
	if err != nil {
		return t.unanswered(ctx, waited, l, "publishing to "+m.Topic, err, func(fs []diagnose.Finding, why string) {
			if asJSON {
				t.object(refused{schema, orEmpty(fs), why})
			}
		})
	}
	var found []diagnose.Finding
	if answer.Refused {
		found = t.tellRefusals(l)
	}
	if asJSON {
		t.object(published{schema, m.Topic, m.QoS, m.Retain, len(m.Payload), answer.Code, answer.Name, answer.Text, orEmpty(found)})
	}
	if answer.Refused {
		return ended(statusFound)
	}
	t.note("Published %d bytes to %s, QoS %d: %s", len(m.Payload), m.Topic, m.QoS, answerText(answer))
	return nil
}
