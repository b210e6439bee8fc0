package probe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"time"

	"mutual/core/evidence"
	"mutual/core/tlsdial"
)

// fail records that an experiment could not be made.
func fail(p *evidence.Probe, err error) {
	p.Status = evidence.Failed
	p.Failure, _ = tlsdial.FailureOf(err)
	p.Detail = "The port could not be reached again."
}

const (
	// plainWait bounds the first form of CONNECT, so that there is time for the second.
	plainWait = eachWait / 2
	// restWait is how long to wait for the rest of an answer.
	restWait = 200 * time.Millisecond
	keptSize = 64
)

// Protocol levels of CONNECT (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2).
const (
	level311 = 4
	level5   = 5
)

// plainConnect asks whether a port that does not speak TLS speaks MQTT: in version 5.0, and if nothing useful comes, in
// 3.1.1.
func plainConnect(ctx context.Context, t target, p *evidence.Probe) {
	for _, level := range []byte{level5, level311} {
		wait, cancel := context.WithTimeout(ctx, plainWait)
		answer, err := ask(wait, t, level)
		cancel()
		if isConnack(answer) {
			p.Status, p.Failure, p.Bytes = evidence.OK, evidence.NoFailure, answer
			p.Detail = fmt.Sprintf("A CONNECT without TLS, in MQTT %s, was answered with a CONNACK.", levelName(level))
			return
		}
		if len(answer) > 0 || level == level5 {
			p.Bytes = answer
		}
		p.Status, p.Detail = evidence.Failed, "A CONNECT without TLS was not answered in MQTT."
		p.Failure, _ = tlsdial.FailureOf(err)
		if len(answer) > 0 {
			p.Failure = evidence.NotMQTT
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func levelName(level byte) string {
	if level == level5 {
		return "5.0"
	}
	return "3.1.1"
}

// ask sends a CONNECT and returns the first bytes of what comes back. An answered connection is taken leave of.
func ask(ctx context.Context, t target, level byte) ([]byte, error) {
	socket, err := t.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	stop := context.AfterFunc(ctx, func() { socket.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := socket.Write(connectPacket(level)); err != nil {
		return nil, cause(ctx, err)
	}
	answer, err := readFirst(ctx, socket)
	if isConnack(answer) {
		socket.SetWriteDeadline(time.Now().Add(restWait))
		socket.Write([]byte{0xE0, 0}) // DISCONNECT
	}
	return answer, cause(ctx, err)
}

// cause prefers the context's end to what it did to the socket.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// readFirst waits for the first bytes, and a moment for more of them.
func readFirst(ctx context.Context, socket net.Conn) ([]byte, error) {
	buffer := make([]byte, keptSize)
	n, err := socket.Read(buffer)
	if err != nil || ctx.Err() != nil {
		return buffer[:n], err
	}
	socket.SetReadDeadline(time.Now().Add(restWait))
	for n < len(buffer) && !isWholeConnack(buffer[:n]) {
		more, err := socket.Read(buffer[n:])
		n += more
		if err != nil {
			break
		}
	}
	return buffer[:n], nil
}

// isConnack recognises a CONNACK of any version by its type, length and flags (MQTT 5.0 §3.2).
func isConnack(b []byte) bool {
	return len(b) >= 4 && b[0] == 0x20 && b[1] >= 2 && b[2]&0xFE == 0
}

func isWholeConnack(b []byte) bool { return isConnack(b) && b[1] < 0x80 && len(b) >= 2+int(b[1]) }

// connectPacket is the smallest CONNECT: clean start, a keep-alive of 10 s, no user name, a random client identifier.
func connectPacket(level byte) []byte {
	var random [6]byte
	rand.Read(random[:]) // never returns an error (crypto/rand)
	id := "mutual-" + hex.EncodeToString(random[:])
	body := []byte{0, 4, 'M', 'Q', 'T', 'T', level, 0x02, 0, 10}
	if level == level5 {
		body = append(body, 0) // no properties
	}
	body = append(body, 0, byte(len(id)))
	body = append(body, id...)
	return append([]byte{0x10, byte(len(body))}, body...)
}
