package tlsdial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"mutual/core/evidence"
	"mutual/core/profile"
)

const (
	// subprotocol is the name that MQTT has in WebSocket (MQTT 5.0 §6).
	subprotocol = "mqtt"
	// keptBody is how much of an answer that is no upgrade is kept.
	keptBody = 256
	// maxHeader bounds the head of a server's answer.
	maxHeader = 64 << 10
)

// keptHeaders say who answered, and what is wanted instead.
var keptHeaders = []string{
	"Server", "Via", "Location", "Content-Type", "Www-Authenticate", "Upgrade", "Connection", "Sec-Websocket-Protocol",
	"Sec-Websocket-Version", "Sec-Websocket-Extensions",
}

// upgrade asks for a WebSocket connection over c, which is verified where it is to be, and fills a.WebSocket, or, when a
// verdict on the client certificate came instead of an answer, a.TLS. A failure is one of the MQTT stage too. Nothing
// but the request goes out: no user name, no cookie, and no redirection is followed.
func upgrade(ctx context.Context, c *Conn, s profile.Server, a *evidence.Attempt, timeout time.Duration) (*Conn, error) {
	start := time.Now()
	r := &evidence.WebSocket{Path: a.Target.Path}
	a.WebSocket = r
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	seen := &head{Conn: c}
	client, transport := clientOver(seen)
	ws, response, err := websocket.Dial(ctx, requestURL(s), &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{subprotocol}, HTTPHeader: http.Header{"User-Agent": {"Mutual"}},
	})
	if response != nil {
		recordAnswer(r, response)
	}
	if err == nil && !strings.EqualFold(r.Subprotocol, subprotocol) {
		err = fmt.Errorf("reading the answer: the server chose no sub-protocol")
		ws.CloseNow()
	}
	r.Duration = since(start)
	if err == nil {
		r.Status = evidence.OK
		ws.SetReadLimit(-1) // a frame may hold many packets; each is bounded by who reads it, and none is held here
		return newUpgraded(&frames{Conn: c, ws: ws}, c.wire), nil
	}
	transport.CloseIdleConnections()
	switch {
	case outer.Err() != nil:
		r.Failure = failureOf(outer.Err())
	case response != nil:
		r.Failure = evidence.NotUpgraded
	default:
		r.Failure, r.FirstBytes = seen.failure(c, err)
	}
	r.Status, r.Error = evidence.Failed, err.Error()
	c.Judge(a)
	c.Close()
	if a.TLS == nil || a.TLS.Status == evidence.OK { // else the handshake's end was learnt late
		a.MQTT = &evidence.MQTT{Stage: r.Stage, Failure: r.Failure, Version: 5}
	}
	return nil, fmt.Errorf("upgrading to WebSocket: %w", err)
}

// clientOver is an HTTP client that knows one connection only. For it, all is plain HTTP: TLS, where there is any, is
// spoken below.
func clientOver(c net.Conn) (*http.Client, *http.Transport) {
	var once sync.Once
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			err := errors.New("dialling for WebSocket: there is one connection only")
			once.Do(func() { err = nil })
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		DisableCompression: true, MaxResponseHeaderBytes: maxHeader, ReadBufferSize: earlySize,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: stay}, transport
}

// requestURL has the port only where it is not the transport's own, so that the Host field is as browsers write it. The
// scheme is always ws: see clientOver.
func requestURL(s profile.Server) string {
	host, _, _ := strings.Cut(profile.ASCIIHost(s.Host), "%") // a zone means nothing to the server
	address := profile.Server{Host: host, Port: s.PortOrDefault()}.Address()
	if s.PortOrDefault() == s.Transport.DefaultPort() {
		address = address[:strings.LastIndex(address, ":")]
	}
	return "ws://" + address + s.PathOrDefault()
}

func recordAnswer(r *evidence.WebSocket, response *http.Response) {
	r.HTTPStatus, r.StatusLine = response.StatusCode, cut(response.Proto+" "+response.Status)
	r.Subprotocol = cut(response.Header.Get("Sec-Websocket-Protocol"))
	for _, name := range keptHeaders {
		if v := response.Header.Get(name); v != "" {
			r.Headers = append(r.Headers, evidence.Header{Name: name, Value: cut(v)})
		}
	}
	if response.Body != nil {
		body, _ := io.ReadAll(io.LimitReader(response.Body, keptBody))
		r.Body = validText(string(body))
	}
}

// validText replaces what is not UTF-8.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// head keeps the first bytes that come over a Conn.
type head struct {
	*Conn
	mu    sync.Mutex
	bytes []byte
}

func (h *head) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.mu.Lock()
	h.bytes = append(h.bytes, p[:min(n, firstBytes-len(h.bytes))]...)
	h.mu.Unlock()
	return n, err
}

// failure says why there was no HTTP answer.
func (h *head) failure(c *Conn, err error) (evidence.Failure, []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.bytes) > 0 && !bytes.HasPrefix(h.bytes, []byte("HTTP/")) {
		return evidence.NotHTTP, bytes.Clone(h.bytes)
	}
	if f := failureOf(err); f == evidence.Timeout || len(h.bytes) > 0 {
		if f == evidence.Other {
			f = evidence.NotHTTP // it begins like HTTP, and that is all
		}
		return f, bytes.Clone(h.bytes)
	}
	select {
	case <-c.early: // net/http may say less than the connection knows
		if c.firstErr != nil {
			f, _ := FailureOf(c.firstErr)
			return f, nil
		}
	default:
	}
	return failureOf(err), nil
}

// frames carries MQTT in binary frames. Packets and frames have nothing to do with each other (MQTT 5.0 §6). Deadlines
// are those of the connection below.
type frames struct {
	*Conn
	ws      *websocket.Conn
	current io.Reader // what is left of the message that is being read; it belongs to the reader
}

func (f *frames) Read(p []byte) (int, error) {
	for {
		if f.current == nil {
			kind, r, err := f.ws.Reader(context.Background())
			if err != nil {
				return 0, frameError(err)
			}
			if kind != websocket.MessageBinary { // MQTT-6.0.0-1
				f.SetDeadline(time.Now().Add(closeWait)) // for the good-bye
				f.ws.Close(websocket.StatusUnsupportedData, "MQTT goes in binary frames")
				return 0, errTextFrame
			}
			f.current = r
		}
		n, err := f.current.Read(p)
		if err == io.EOF {
			f.current, err = nil, nil
			if n == 0 && len(p) > 0 {
				continue
			}
		}
		return n, frameError(err)
	}
}

var errTextFrame = errors.New("reading a WebSocket frame: it holds text, and MQTT goes in binary frames")

// frameError makes an end of stream of the server's Close frame, with what it says.
func frameError(err error) error {
	var ended websocket.CloseError
	if errors.As(err, &ended) {
		if ended.Code == websocket.StatusNormalClosure || ended.Code == websocket.StatusGoingAway || ended.Code == websocket.StatusNoStatusRcvd {
			return io.EOF
		}
		return fmt.Errorf("reading a WebSocket frame: the server closed with status %d %q: %w", ended.Code, cut(ended.Reason), io.EOF)
	}
	return err
}

func (f *frames) Write(p []byte) (int, error) {
	if err := f.ws.Write(context.Background(), websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close says good-bye, for as long as the one who closes waits, and closes what is below.
func (f *frames) Close() error {
	f.ws.Close(websocket.StatusNormalClosure, "")
	return f.Conn.Close()
}
