package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mutual/core/evidence"
)

// Schema is the version of the JSON form. It grows only when an older program could misread what a newer one wrote.
const Schema = 1

// MaxSize bounds what Read takes, in bytes. A report of a server that sends a hundred certificates has about 1 MiB.
const MaxSize = 16 << 20

var (
	// ErrTooLarge: the data is longer than MaxSize.
	ErrTooLarge = errors.New("larger than any report")
	// ErrNotReport: the data is no report in JSON.
	ErrNotReport = errors.New("not a report")
)

// NewerError is for a report that a newer version of this program wrote.
type NewerError struct{ Schema int }

func (e NewerError) Error() string {
	return fmt.Sprintf("of a newer format (%d) than this version reads (%d)", e.Schema, Schema)
}

// data is the JSON form of a report: what is needed to judge the attempt again, and no judgement.
type data struct {
	Schema  int               `json:"schema"`
	Program string            `json:"program,omitempty"`
	Clients []string          `json:"clients,omitempty"` // those that had to accept too
	Masked  *masked           `json:"masked,omitempty"`
	Attempt *evidence.Attempt `json:"attempt"`
}

// masked says what was done to the attempt.
type masked struct {
	Note string `json:"note"`
	// Name tells where the name that was expected stands in the server's certificate; nil: not there.
	Name *nameInside `json:"name,omitempty"`
}

// keptNote is what a masked report in JSON says of itself: it must not be taken for more than it is.
const keptNote = "The certificates are kept as they are, because one that is changed could not be judged again: " +
	"whoever decodes them reads the names in them."

// JSON is r as data that Read reads. With o.Mask, the certificates keep their names: see the note in it.
func (r Report) JSON(o Options) ([]byte, error) {
	if r.Attempt == nil {
		return nil, errNothing
	}
	d := data{Schema: Schema, Program: r.Program, Clients: r.Clients, Attempt: r.Attempt}
	if o.Mask {
		m := newMask(r.Attempt)
		var err error
		if d.Attempt, err = m.attempt(r.Attempt); err != nil {
			return nil, err
		}
		d.Masked = &masked{Note: maskedNote + " " + keptNote, Name: inside(r.Attempt)}
	} else if r.Kept != "" {
		d.Masked = &masked{Note: r.Kept}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return b.Bytes(), nil
}

var errNothing = errors.New("the report has no attempt in it")

// Read reads what JSON wrote, or an attempt by itself as package evidence writes it, and judges it. It returns
// ErrTooLarge, ErrNotReport (wrapped, with what is wrong) or a NewerError.
func Read(b []byte) (Report, error) {
	if len(b) > MaxSize {
		return Report{}, ErrTooLarge
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) // some editors and mail programs put one there
	var head struct {
		Schema *int `json:"schema"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	if head.Schema != nil && *head.Schema > Schema { // before the rest, which may be of a shape that is not known here
		return Report{}, NewerError{*head.Schema}
	}
	d, err := parse(b, head.Schema != nil)
	if err != nil {
		return Report{}, err
	}
	kept := ""
	if d.Masked != nil {
		kept = strings.TrimSpace(d.Masked.Note)
		d.Masked.Name.restore(d.Attempt)
	}
	r := New(d.Attempt, d.Clients, d.Program)
	r.Kept = kept
	return r, nil
}

func parse(b []byte, whole bool) (data, error) {
	var d data
	if !whole {
		d = data{Schema: Schema, Attempt: new(evidence.Attempt)}
		if err := json.Unmarshal(b, d.Attempt); err != nil {
			return d, fmt.Errorf("%w: %w", ErrNotReport, err)
		}
	} else if err := json.Unmarshal(b, &d); err != nil {
		return d, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	if d.Schema < 1 || d.Attempt == nil || d.Attempt.Started.IsZero() {
		return d, fmt.Errorf("%w: there is no attempt in it", ErrNotReport)
	}
	return d, nil
}
