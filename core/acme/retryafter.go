package acme

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"mutual/core/expression"
)

// retryTime is how Let's Encrypt's sentences name the next try ("…, retry after 2026-12-01 10:00:00 UTC: see https://…").
var retryTime = expression.New(`retry after (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC`)

// retryIn reads the time of the next try from the authority's sentence; zero where it names none.
func retryIn(detail string) time.Time {
	m := retryTime.FindStringSubmatch(detail)
	if m == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.DateTime, m[1])
	if err != nil {
		return time.Time{}
	}
	return at
}

// retryAt reads Retry-After: seconds or a date (RFC 9110 §10.2.3).
func retryAt(s string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && seconds >= 0 {
		return now.Add(time.Duration(min(seconds, 90*24*3600)) * time.Second)
	}
	if t, err := http.ParseTime(s); err == nil {
		return t
	}
	return time.Time{}
}
