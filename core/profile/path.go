package profile

import (
	"fmt"
	"net/url"
	"strings"
)

// checkPath says what is wrong with the path of a WebSocket address, its query included, and at which byte.
func checkPath(path string) (at int, problem string) {
	if !strings.HasPrefix(path, "/") {
		return 0, "The WebSocket path does not begin with a slash."
	}
	for i, c := range []byte(path) {
		switch {
		case c == '#': // RFC 6455 §3
			return i, "The WebSocket path holds a \"#\", which no WebSocket address may hold."
		case c <= ' ' || c >= 0x7f || strings.ContainsRune(`"<>\^`+"`{|}", rune(c)): // RFC 3986 §2
			return i, fmt.Sprintf("%q cannot stand in a path as it is; it is written as %q there.", c, fmt.Sprintf("%%%02X", c))
		case c == '%' && !isEscape(path[i:]):
			return i, "After a \"%\" in the WebSocket path, two hexadecimal digits must follow."
		}
	}
	if _, err := url.ParseRequestURI(path); err != nil {
		return 0, "The WebSocket path is not one that a URL can hold."
	}
	return 0, ""
}

// isEscape says whether s begins with an octet in percent-encoding (RFC 3986 §2.1).
func isEscape(s string) bool {
	if len(s) < 3 {
		return false
	}
	_, err := url.PathUnescape(s[:3])
	return err == nil
}
