package acme

import (
	"errors"
	"strings"

	"mutual/core/progress"
)

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
		return progress.Sentence(oneLine(e)) + " The next try begins with that."
	}
	var why []string
	for _, p := range e.Problems {
		if cause := errors.Unwrap(p); cause == nil || !strings.Contains(main, cause.Error()) {
			why = append(why, p.Error())
		}
	}
	main = strings.TrimSuffix(main, ".") + ". "
	if why != nil {
		main += progress.Sentence(strings.Join(why, "; ")) + " "
	}
	return main + "The next try begins with removing " + strings.Join(e.What, ", ") + "."
}

// oneLine is the text of errors that were joined.
func oneLine(err error) string { return strings.Join(strings.Split(err.Error(), "\n"), "; ") }
