package expression_test

import (
	"slices"
	"strings"
	"testing"

	"mutual/core/expression"
)

func TestExpression(t *testing.T) {
	e := expression.New(`a(b+)`)
	if !e.MatchString("xabb") || e.MatchString("b") {
		t.Error("MatchString")
	}
	if got := e.FindString("xabb"); got != "abb" {
		t.Error("FindString", got)
	}
	if got := e.FindStringSubmatch("xabb"); !slices.Equal(got, []string{"abb", "bb"}) {
		t.Error("FindStringSubmatch", got)
	}
	if got := e.FindAllString("abxabb", -1); !slices.Equal(got, []string{"ab", "abb"}) {
		t.Error("FindAllString", got)
	}
	if got := e.FindAllStringSubmatch("abxabb", -1); len(got) != 2 || !slices.Equal(got[1], []string{"abb", "bb"}) {
		t.Error("FindAllStringSubmatch", got)
	}
	if got := e.FindAllStringSubmatchIndex("xabb", -1); len(got) != 1 || !slices.Equal(got[0], []int{1, 4, 2, 4}) {
		t.Error("FindAllStringSubmatchIndex", got)
	}
	if got := e.ReplaceAllString("xabb", "<$1>"); got != "x<bb>" {
		t.Error("ReplaceAllString", got)
	}
	if got := e.ReplaceAllStringFunc("xabb", strings.ToUpper); got != "xABB" {
		t.Error("ReplaceAllStringFunc", got)
	}
}

func TestWrongExpression(t *testing.T) {
	e := expression.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a wrong expression is used")
		}
	}()
	e.MatchString("")
}
