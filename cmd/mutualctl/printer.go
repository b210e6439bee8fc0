package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"sync"
	"time"
	"unicode/utf8"

	"mutual/core/diagnose"
	"mutual/core/history"
)

// printer writes messages as they arrive. Bursts are collected: what is written is flushed by a second goroutine, which
// gets its turn as soon as no message is waiting.
type printer struct {
	flags subFlags

	mu    sync.Mutex
	out   *bufio.Writer
	err   error // of the first write that did not succeed
	seen  stats
	ended bool // nothing more is printed

	written chan struct{} // a token when there is something to flush
	done    chan struct{} // closed when the count is full or nothing can be written
	flushed chan struct{} // closed when the second goroutine has ended
}

func newPrinter(w io.Writer, f subFlags) *printer {
	p := &printer{
		flags: f, out: bufio.NewWriterSize(w, 1<<16),
		written: make(chan struct{}, 1), done: make(chan struct{}), flushed: make(chan struct{}),
	}
	go p.flush()
	return p
}

// received is called by the session for each message, in order.
func (p *printer) received(m history.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.seen.add(m)
	if err := p.print(m); err != nil {
		p.end(err)
	} else if p.flags.count > 0 && p.seen.Messages >= p.flags.count {
		p.end(nil)
	}
	select {
	case p.written <- struct{}{}:
	default:
	}
}

func (p *printer) end(err error) {
	if !p.ended {
		p.ended, p.err = true, err
		close(p.done)
	}
}

func (p *printer) print(m history.Message) error {
	if p.flags.json {
		return p.printJSON(m)
	}
	if p.flags.verbose {
		p.out.WriteString(m.Topic)
		p.out.WriteByte(' ')
	}
	p.out.Write(m.Payload)
	return p.out.WriteByte('\n')
}

// object prints v on a line of its own between the messages, with --json alone.
func (p *printer) object(v any) {
	if !p.flags.json {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	if err := p.line(v); err != nil {
		p.end(err)
	}
	select {
	case p.written <- struct{}{}:
	default:
	}
}

func (p *printer) line(v any) error {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// refused prints findings on what the broker refused, and why the connection is over, if it is.
func (p *printer) refused(fs []diagnose.Finding, why string) {
	if len(fs) > 0 || why != "" {
		p.object(refused{schema, orEmpty(fs), why})
	}
}

// messageObject is one line of sub --json. A payload that is not UTF-8 is in PayloadBase64, and Payload is null.
type messageObject struct {
	Time          string           `json:"time"`
	Topic         string           `json:"topic"`
	QoS           byte             `json:"qos"`
	Retain        bool             `json:"retain"`
	Duplicate     bool             `json:"duplicate"`
	Payload       *string          `json:"payload"`
	PayloadBase64 string           `json:"payload_base64,omitempty"`
	Properties    []propertyObject `json:"properties"`
}

// propertyObject is one MQTT 5.0 property; a User Property's own name stands in Value as the session gives it.
type propertyObject struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (p *printer) printJSON(m history.Message) error {
	o := messageObject{
		Time: m.Time.UTC().Format(time.RFC3339Nano), Topic: m.Topic, QoS: m.QoS, Retain: m.Retained, Duplicate: m.Duplicate,
		Properties: []propertyObject{},
	}
	if utf8.Valid(m.Payload) {
		text := string(m.Payload)
		o.Payload = &text
	} else {
		o.PayloadBase64 = base64.StdEncoding.EncodeToString(m.Payload)
	}
	for _, property := range m.Properties {
		o.Properties = append(o.Properties, propertyObject(property))
	}
	return p.line(o)
}

// flush writes out what has been collected whenever something was.
func (p *printer) flush() {
	defer close(p.flushed)
	for range p.written {
		p.mu.Lock()
		if err := p.out.Flush(); err != nil {
			p.end(err)
		}
		p.mu.Unlock()
	}
}

// abandon ends a printer whose connection was not made. What cannot be written has nobody to be told to.
func (p *printer) abandon() {
	close(p.written)
	<-p.flushed
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.out.Flush()
}

// close prints the statistics and flushes. The session must have ended: nothing is received any more.
func (p *printer) close() error {
	close(p.written)
	<-p.flushed
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.flags.stats {
		line, err := json.Marshal(p.seen.finish())
		if err != nil {
			return err
		}
		p.out.Write(append(line, '\n'))
	}
	if err := p.out.Flush(); p.err == nil {
		p.err = err
	}
	return p.err
}

// stats is the last line of sub --stats.
type stats struct {
	Messages   uint64  `json:"messages"`
	Bytes      uint64  `json:"bytes"`   // of payload
	Seconds    float64 `json:"seconds"` // between the first message and the last
	PerSecond  float64 `json:"messages_per_second"`
	CPUSeconds float64 `json:"cpu_seconds"`   // of this program, in user and kernel mode, since it started
	MaxRSS     int64   `json:"max_rss_bytes"` // the most memory that it ever held

	first, last time.Time
}

func (s *stats) add(m history.Message) {
	s.Messages++
	s.Bytes += uint64(len(m.Payload))
	s.last = time.Now()
	if s.first.IsZero() {
		s.first = s.last
	}
}

// finish works out what follows from the counts. One message alone has no rate.
func (s stats) finish() stats {
	s.Seconds = s.last.Sub(s.first).Seconds()
	if s.Seconds > 0 {
		s.PerSecond = math.Round(float64(s.Messages-1) / s.Seconds) // the first one starts the clock
	}
	s.CPUSeconds, s.MaxRSS = resources()
	return s
}
