package tlsdial

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// httpConnect asks an HTTP proxy for a connection (RFC 9110 §9.3.6). The user name and the password, if there are any,
// go along at once, as Basic (RFC 7617): nothing but the connection to the proxy itself hides them.
func (d *passage) httpConnect() error {
	target := net.JoinHostPort(profile.ASCIIHost(d.target.Host), strconv.Itoa(d.target.Port))
	request := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n"
	if d.proxy.UserName != "" {
		d.record.Named = true
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(d.proxy.UserName+":"+d.password)) + "\r\n"
	}
	_, writeErr := io.WriteString(d.socket, request+"\r\n")
	head, err := d.readHead()
	if err != nil {
		if writeErr != nil {
			return fmt.Errorf("asking for a connection: %w", writeErr)
		}
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return d.stranger(head)
	}
	response.Body.Close()
	line, _, _ := strings.Cut(string(head), "\r\n")
	d.record.HTTPStatus, d.record.StatusLine = response.StatusCode, cut(line)
	if response.StatusCode/100 == 2 {
		return nil
	}
	for _, challenge := range response.Header.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		if scheme = cut(scheme); scheme != "" && !slices.Contains(d.record.AuthSchemes, scheme) && len(d.record.AuthSchemes) < 10 {
			d.record.AuthSchemes = append(d.record.AuthSchemes, scheme)
		}
	}
	d.record.NotAdmitted = response.StatusCode == http.StatusProxyAuthRequired
	return d.fail(evidence.NoPassage, "asking for a connection: the proxy answered %s", strconv.Quote(d.record.StatusLine))
}

// readHead reads the status line and the fields of an answer, byte by byte: what follows is the server's.
func (d *passage) readHead() ([]byte, error) {
	const begin = "HTTP/"
	var head []byte
	var one [1]byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) && !bytes.HasSuffix(head, []byte("\n\n")) {
		if _, err := io.ReadFull(d.socket, one[:]); err != nil {
			if len(head) > 0 {
				d.record.FirstBytes = head[:min(len(head), firstBytes)]
			}
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		head = append(head, one[0])
		if n := min(len(head), len(begin)); string(head[:n]) != begin[:n] || len(head) > maxAnswer {
			return nil, d.stranger(head)
		}
	}
	return head, nil
}
