package session

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilenceIsNoticed: a server that takes everything and says nothing is given up within one and a quarter times the
// keep-alive, and was asked before.
func TestSilenceIsNoticed(t *testing.T) {
	for _, keepAlive := range []uint16{1, 60, 65535} {
		synctest.Test(t, func(t *testing.T) {
			conn, server := net.Pipe()
			heard := make(chan []byte, 1)
			go func() {
				all, _ := io.ReadAll(server)
				heard <- all
			}()
			s, begin := newStream(conn, level5, nil, 1000), time.Now()
			err := (&pinger{s}).Run(t.Context(), s, keepAlive)
			s.Close()
			period := time.Duration(keepAlive) * time.Second
			if took := time.Since(begin); !errors.As(err, new(*silence)) || took <= period || took > period*5/4 {
				t.Errorf("keep-alive %s: %v after %s", period, err, took)
			}
			if asked := <-heard; !bytes.HasPrefix(asked, []byte("\xc0\x00")) {
				t.Errorf("keep-alive %s: the server was sent %x", period, asked)
			}
		})
	}
}
