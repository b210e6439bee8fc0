package evidence

// Proxy is the connection to a proxy and its answer. The proxy is dialled in the server's stead, so Dial.Tries and
// Resolve are about it.
type Proxy struct {
	Stage           // Skipped: the proxy was not reached
	Scheme  string  `json:"scheme"`  // "http" or "socks5"
	Address string  `json:"address"` // host and port, as the profile names it
	Failure Failure `json:"failure,omitempty"`
	// HTTPStatus and StatusLine are those of the answer to CONNECT (RFC 9110 §9.3.6); 0: there was none.
	HTTPStatus int    `json:"http_status,omitempty"`
	StatusLine string `json:"status_line,omitempty"` // at most 256 bytes
	// AuthSchemes are the authentication schemes that an HTTP proxy offers: "Basic", "Negotiate".
	AuthSchemes []string `json:"auth_schemes,omitempty"`
	// Method is the authentication method that a SOCKS proxy chose, 0xFF for none of those offered (RFC 1928 §3); nil:
	// it did not answer so far.
	Method *uint8 `json:"method,omitempty"`
	// Reply is the SOCKS proxy's reply (RFC 1928 §6); 0: it connected; nil: it did not answer so far.
	Reply *uint8 `json:"reply,omitempty"`
	// Named says that a user name was sent to the proxy, and NotAdmitted that the proxy does not let in who asks like that.
	Named       bool   `json:"named,omitempty"`
	NotAdmitted bool   `json:"not_admitted,omitempty"`
	FirstBytes  []byte `json:"first_bytes,omitempty"` // at most 64, when the answer was not the protocol's
}

// WebSocket is the request for a WebSocket connection and its answer (RFC 6455 §4).
type WebSocket struct {
	Stage
	Failure Failure `json:"failure,omitempty"`
	Path    string  `json:"path"` // without the query
	// HTTPStatus and StatusLine are those of the answer; 0: there was none.
	HTTPStatus int    `json:"http_status,omitempty"`
	StatusLine string `json:"status_line,omitempty"` // at most 256 bytes
	// Subprotocol is the one that the server chose of those offered, which is "mqtt"; empty: it chose none.
	Subprotocol string `json:"subprotocol,omitempty"`
	// Headers are those of the answer that say who answered and what is wanted, at most 256 bytes each.
	Headers    []Header `json:"headers,omitempty"`
	Body       string   `json:"body,omitempty"`        // at most its first 256 bytes, when there was no upgrade
	FirstBytes []byte   `json:"first_bytes,omitempty"` // at most 64, when the answer was not HTTP
}

// Header is a field of an HTTP answer.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
