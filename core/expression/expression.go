// Package expression holds regular expressions that are compiled when they are first used. A program that starts to do
// one thing should not wait for the hundreds of expressions that another needs.
package expression

import (
	"regexp"
	"sync"
)

// Expression is a regular expression of package regexp. A wrong one panics when it is first used. It may be used by
// several goroutines.
type Expression struct{ *lazy }

type lazy struct {
	source     string
	once       sync.Once
	expression *regexp.Regexp
}

// New is regexp.MustCompile, later. It has no closure, so that the compiler lays out package variables that it makes
// before the program starts.
func New(source string) Expression { return Expression{&lazy{source: source}} }

func (l *lazy) compile() *regexp.Regexp {
	l.once.Do(func() { l.expression = regexp.MustCompile(l.source) })
	return l.expression
}

// MatchString is regexp's.
func (e Expression) MatchString(s string) bool { return e.compile().MatchString(s) }

// FindString is regexp's.
func (e Expression) FindString(s string) string { return e.compile().FindString(s) }

// FindStringSubmatch is regexp's.
func (e Expression) FindStringSubmatch(s string) []string { return e.compile().FindStringSubmatch(s) }

// FindAllString is regexp's.
func (e Expression) FindAllString(s string, n int) []string { return e.compile().FindAllString(s, n) }

// FindAllStringSubmatch is regexp's.
func (e Expression) FindAllStringSubmatch(s string, n int) [][]string {
	return e.compile().FindAllStringSubmatch(s, n)
}

// FindAllStringSubmatchIndex is regexp's.
func (e Expression) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return e.compile().FindAllStringSubmatchIndex(s, n)
}

// ReplaceAllString is regexp's.
func (e Expression) ReplaceAllString(s, with string) string {
	return e.compile().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc is regexp's.
func (e Expression) ReplaceAllStringFunc(s string, with func(string) string) string {
	return e.compile().ReplaceAllStringFunc(s, with)
}
