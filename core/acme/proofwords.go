package acme

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// proofWords are how a solver's way to prove a name is told: a record of the DNS, or an answer at port 80.
type proofWords struct {
	what              string // what is there while the authority looks
	creating, created string // sentences
	removing, removed string // sentences
}

func wordsFor(s Solver, c Challenge) proofWords {
	if s.Type() == HTTP01 {
		what := "the answer at http://" + hostInURL(c.Name) + httpPath(c)
		return proofWords{what: what, creating: "Listening for the authority.", created: "The port answers.",
			removing: "Closing the port.", removed: "The port is free."}
	}
	name := withoutDot(c.Record().Name)
	w := proofWords{what: "the record " + name, creating: "Creating the record " + name + ".", created: "The record is created.",
		removing: "Removing the record " + name + ".", removed: "The record is removed."}
	switch s.Name() {
	case Manual:
		w.creating, w.created = "The record "+name+" has to be created by hand.", "It is waited for."
		w.removing, w.removed = "Done with the record "+name+".", "The record can be removed by whoever created it."
	case "acme-dns":
		w.creating, w.created = "Handing the value to acme-dns.", "acme-dns has the value."
		w.removing, w.removed = "Done with the value at acme-dns.", "acme-dns keeps the value, which proves nothing any more."
	}
	return w
}

// withoutDot is a name for people: the closing dot would read as a full stop.
func withoutDot(name string) string { return strings.TrimSuffix(name, ".") }

// LeftoverError says what of a proof could not be removed; the next call tries again.
type LeftoverError struct {
	What     []string // "the record _acme-challenge.example.org"
	Problems []error  // why, for each
}

func (e *LeftoverError) Error() string { return errors.Join(e.Problems...).Error() }

// Unwrap lets errors.Is and errors.As look into each problem.
func (e *LeftoverError) Unwrap() []error { return e.Problems }

// Sentence says why something did not come about, and what was left behind.
func Sentence(err error) string {
	var left *LeftoverError
	if errors.As(err, &left) {
		return left.sentence(err)
	}
	return err.Error()
}

// sentence says of err, which e came with, what was left behind; why only where err does not say it already, as where a
// service refuses to create and to remove.
func (e *LeftoverError) sentence(err error) string {
	main := strings.TrimSpace(strings.TrimSuffix(err.Error(), e.Error()))
	if main == "" {
		return upperFirst(oneLine(e)) + ". The next try begins with that."
	}
	var why []string
	for _, p := range e.Problems {
		if cause := errors.Unwrap(p); cause == nil || !strings.Contains(main, cause.Error()) {
			why = append(why, p.Error())
		}
	}
	main = strings.TrimSuffix(main, ".") + ". "
	if why != nil {
		main += upperFirst(strings.Join(why, "; ")) + ". "
	}
	return main + "The next try begins with removing " + strings.Join(e.What, ", ") + "."
}

// oneLine is the text of errors that were joined.
func oneLine(err error) string { return strings.Join(strings.Split(err.Error(), "\n"), "; ") }

// asSentence is the text of an error with a capital letter and an end.
func asSentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return upperFirst(s)
	}
	return upperFirst(s) + "."
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
