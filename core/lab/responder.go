package lab

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

// responder is the authority's web server on this computer: it holds CRLs and certificates, and answers OCSP requests.
type responder struct {
	listener net.Listener
	server   *http.Server
	files    map[string][]byte // by path
	// answer answers an OCSP request; nil: there is no responder.
	answer func(*ocsp.Request) []byte
}

// newResponder listens on a free loopback port. Nothing is served before serve.
func newResponder() (*responder, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the authority's web server: %w", err)
	}
	r := &responder{listener: l, files: map[string][]byte{}}
	r.server = &http.Server{Handler: r, ReadTimeout: greeting, WriteTimeout: greeting}
	return r, nil
}

// address is the URL of a path.
func (r *responder) address(path string) string { return "http://" + r.listener.Addr().String() + path }

func (r *responder) serve() { _ = r.server.Serve(r.listener) }

func (r *responder) close() {
	if r != nil {
		r.listener.Close() // also where it was never served
		r.server.Close()
	}
}

const (
	ocspPath = "/ocsp"
	// longestRequest bounds an OCSP request, in bytes; one has about a hundred.
	longestRequest = 4 << 10
)

func (r *responder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if file, ok := r.files[request.URL.Path]; ok {
		w.Write(file)
		return
	}
	if r.answer == nil || !strings.HasPrefix(request.URL.Path, ocspPath) {
		http.NotFound(w, request)
		return
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, longestRequest))
	if request.Method == http.MethodGet { // RFC 6960 appendix A.1
		var text string
		if text, err = url.PathUnescape(strings.TrimPrefix(request.URL.EscapedPath(), ocspPath+"/")); err == nil {
			body, err = base64.StdEncoding.DecodeString(text)
		}
	}
	asked, parseErr := ocsp.ParseRequest(body)
	if err != nil || parseErr != nil {
		w.Write(ocsp.MalformedRequestErrorResponse)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(r.answer(asked))
}

// crl is a list of issuer's, with those certificates on it, all revoked two days before its date because their keys were
// compromised.
func crl(issuer *identity, date time.Time, revoked ...*identity) ([]byte, error) {
	list := &x509.RevocationList{Number: big.NewInt(7), ThisUpdate: date, NextUpdate: date.Add(7 * day)}
	for _, i := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: i.SerialNumber, RevocationTime: date.Add(-2 * day), ReasonCode: ocsp.KeyCompromise,
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, issuer.Certificate, issuer.key)
	if err != nil {
		return nil, fmt.Errorf("making a revocation list of %s: %w", issuer.Subject.CommonName, err)
	}
	return der, nil
}

// ocspAnswer is what issuer's responder says about a serial number; signer is the issuer itself or its delegate.
func ocspAnswer(issuer, signer *identity, serial *big.Int, status int, date time.Time) ([]byte, error) {
	template := ocsp.Response{
		Status: status, SerialNumber: serial, ThisUpdate: date, NextUpdate: date.Add(7 * day), IssuerHash: crypto.SHA1,
	}
	if status == ocsp.Revoked {
		template.RevokedAt, template.RevocationReason = date.Add(-2*day), ocsp.KeyCompromise
	}
	if signer != issuer {
		template.Certificate = signer.Certificate
	}
	return ocsp.CreateResponse(issuer.Certificate, signer.Certificate, template, signer.key)
}

// delegate is a certificate with which issuer's OCSP responder signs.
func (c *scene) delegate(issuer *identity) (*identity, error) {
	return forge(spec{
		subject:   pkix.Name{CommonName: issuer.Subject.CommonName + " OCSP"},
		usage:     []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		notBefore: issuer.NotBefore, notAfter: issuer.NotAfter,
	}, issuer)
}
