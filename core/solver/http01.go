package solver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// webServer answers the authority at port 80 of the name itself (RFC 8555 §8.3), where that port leads to this
// computer. It listens from the first Present until the last CleanUp.
type webServer struct {
	// Address is what is listened on; empty: ":80".
	Address string

	mu     sync.Mutex
	tokens map[string]string
	server *http.Server
}

// httpPath is where the authority asks for c's key authorization (RFC 8555 §8.3).
func httpPath(c Challenge) string { return "/.well-known/acme-challenge/" + c.Token }

// hostInURL is a certificate's name as a URL holds it.
func hostInURL(name string) string {
	if strings.Contains(name, ":") { // an IPv6 address
		return "[" + name + "]"
	}
	return name
}

// Name and Type are those of Solver.
func (s *webServer) Name() string { return HTTP01 }
func (s *webServer) Type() string { return HTTP01 }

// Present listens, if it does not yet, and answers for c.
func (s *webServer) Present(ctx context.Context, c Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]string{}
	}
	s.tokens[httpPath(c)] = c.KeyAuthorization
	if s.server != nil {
		return nil
	}
	address := s.Address
	if address == "" {
		address = ":80"
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening for the authority on %s: %w; another web server may hold the port, or it takes more rights: prove the name by DNS-01 instead", address, err)
	}
	s.server = &http.Server{Handler: s, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	server := s.server // CleanUp takes it away, perhaps before it is served
	go func() { _ = server.Serve(l) }()
	return nil
}

// ServeHTTP answers with a key authorization, and with nothing else.
func (s *webServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	text, ok := s.tokens[r.URL.Path]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write([]byte(text))
}

// CleanUp stops answering for c, and listening after the last one.
func (s *webServer) CleanUp(ctx context.Context, c Challenge) error {
	s.mu.Lock()
	delete(s.tokens, httpPath(c))
	server := s.server
	last := len(s.tokens) == 0
	if last {
		s.server = nil
	}
	s.mu.Unlock()
	if !last || server == nil {
		return nil
	}
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return server.Close()
	}
	return nil
}
