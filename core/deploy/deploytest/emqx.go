// Package deploytest stands in for EMQX Platform's interface in tests. It is written from the documentation of that
// interface (tls_certificate, deployment_manage, tls_ssl; docs.emqx.com, November 2026), checks what is uploaded as that
// says, and counts calls as that says. What the documentation leaves open stands beside the code.
package deploytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Platform is the stand-in, an http.Handler for the address that ends in /public_api/v1. Its fields are set before the
// first call.
type Platform struct {
	Key, Secret string
	Deployments []Deployment
	// Forbidden are deployments that are there, and not in the key's projects.
	Forbidden []string
	// Pending is how often a new certificate is "pending" before it is "running".
	Pending int
	Now     func() time.Time // nil: time.Now

	mu        sync.Mutex
	installed map[string]*certificate
	calls     map[string][]time.Time
	log       []string
}

// Deployment is one, with the documented names.
type Deployment struct {
	ID       string `json:"deploymentID"`
	Name     string `json:"deploymentName"`
	Type     string `json:"deploymentType"`
	Platform string `json:"platform"`
	Region   string `json:"region"`
	Project  string `json:"projectName"`
	Status   string `json:"status"`
}

type certificate struct {
	Type   string `json:"tlsType"`
	Expire string `json:"expire"`
	Status string `json:"status"`

	pending        int
	cert, clientCA string
}

// Calls are the calls so far: "PUT /deployments/x/tls 200".
func (p *Platform) Calls() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.log...)
}

// Certificate returns what a deployment was given last: the merged certificate and the client CA.
func (p *Platform) Certificate(id string) (cert, clientCA string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.installed[id]
	if !ok {
		return "", "", false
	}
	return c.cert, c.clientCA, true
}

// limits are calls in 60 minutes, by method: all GETs have 60, the others 6.
var limits = map[string]int{http.MethodGet: 60, http.MethodPost: 6, http.MethodPut: 6, http.MethodDelete: 6}

// ServeHTTP answers one call.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	status, answer := p.answer(r)
	p.log = append(p.log, fmt.Sprintf("%s %s %d", r.Method, strings.TrimPrefix(r.URL.Path, "/public_api/v1"), status))
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// refusal is the body of an error. The documentation shows none; a code and a message are usual.
func refusal(status int, message string) (int, any) {
	return status, map[string]string{"code": http.StatusText(status), "message": message}
}

func (p *Platform) answer(r *http.Request) (int, any) {
	key, secret, ok := r.BasicAuth()
	if !ok || key != p.Key || secret != p.Secret {
		return refusal(401, "API Key authentication failed")
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/public_api/v1/deployments")
	if !ok {
		return refusal(404, "not found")
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	limit, known := limits[r.Method]
	if !known || rest != "" && rest != "tls" || rest == "" && r.Method != http.MethodGet {
		return refusal(404, "not found")
	}
	kind := r.Method + " " + rest + fmt.Sprint(id == "")
	if p.spent(kind, limit) {
		return refusal(429, "Request exceeds the limit")
	}
	if id == "" {
		return 200, p.Deployments
	}
	for _, f := range p.Forbidden {
		if f == id {
			return refusal(403, "API Key no access")
		}
	}
	for _, d := range p.Deployments {
		if d.ID == id {
			if rest == "" {
				return 200, d
			}
			return p.tls(r, d)
		}
	}
	return refusal(404, "Deployment not found")
}

func (p *Platform) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

func (p *Platform) spent(kind string, limit int) bool {
	var recent []time.Time
	for _, t := range p.calls[kind] {
		if t.After(p.now().Add(-time.Hour)) {
			recent = append(recent, t)
		}
	}
	if len(recent) >= limit {
		return true
	}
	if p.calls == nil {
		p.calls = map[string][]time.Time{}
	}
	p.calls[kind] = append(recent, p.now())
	return false
}

// tls is /deployments/{id}/tls. What GET says of a deployment without a certificate is not documented; neither is POST
// over one that is there, nor PUT where none is. Here the first is 404, as are PUT and DELETE of nothing, and POST over
// something is 422.
func (p *Platform) tls(r *http.Request, d Deployment) (int, any) {
	if p.installed == nil {
		p.installed = map[string]*certificate{}
	}
	c := p.installed[d.ID]
	switch {
	case r.Method != http.MethodPost && c == nil:
		return refusal(404, "no certificate")
	case r.Method == http.MethodPost && c != nil:
		return refusal(422, "there is a certificate already")
	case r.Method == http.MethodDelete:
		delete(p.installed, d.ID)
		return 204, nil
	case r.Method == http.MethodGet:
		if c.pending--; c.pending < 0 {
			c.Status = "running"
		}
		return 200, c
	}
	if d.Type == "serverless" {
		return refusal(422, "Wrong Properties: not for this deployment")
	}
	var body struct {
		Type     string `json:"tlsType"`
		Cert     string `json:"cert"`
		Key      string `json:"key"`
		ClientCA string `json:"cacert"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(&body); err != nil {
		return refusal(422, "Wrong Properties: "+err.Error())
	}
	leaf, err := p.check(body.Type, body.Cert, body.Key, body.ClientCA)
	if err != nil {
		return refusal(422, "Wrong Properties: "+err.Error())
	}
	p.installed[d.ID] = &certificate{Type: body.Type, Expire: leaf.NotAfter.UTC().Format(time.DateTime), Status: "pending",
		pending: p.Pending, cert: body.Cert, clientCA: body.ClientCA}
	return 200, p.installed[d.ID]
}

// check is what "Configure TLS/SSL" demands of a Dedicated deployment.
func (p *Platform) check(kind, cert, key, clientCA string) (*x509.Certificate, error) {
	all, err := certificates(cert)
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	leaf := all[0]
	for i, c := range all[1:] { // merged, the certificate first
		if c.CheckSignature(all[i].SignatureAlgorithm, all[i].RawTBSCertificate, all[i].Signature) != nil {
			return nil, errors.New("cert: the chain is not in order")
		}
	}
	if len(all) == 1 && leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) != nil {
		return nil, errors.New("cert: the chain is missing")
	}
	if err := p.leaf(leaf); err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	signer, err := privateKey(key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(leaf.PublicKey) {
		return nil, errors.New("key: it is not that of the certificate")
	}
	switch kind {
	case "one-way":
	case "two-way":
		authorities, err := certificates(clientCA)
		if err != nil {
			return nil, fmt.Errorf("cacert: %w", err)
		}
		for _, c := range authorities {
			if !c.IsCA {
				return nil, errors.New("cacert: no authority's certificate")
			}
		}
	default:
		return nil, fmt.Errorf("tlsType: %q", kind)
	}
	return leaf, nil
}

// leaf demands the documented kinds of key, the signing authority's algorithm, and the days.
func (p *Platform) leaf(c *x509.Certificate) error {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n != 1024 && n != 2048 {
			return fmt.Errorf("RSA %d", n)
		}
		if !strings.Contains(c.SignatureAlgorithm.String(), "RSA") {
			return errors.New("the signing CA's algorithm is another")
		}
	case *ecdsa.PublicKey:
		if n := k.Curve.Params().BitSize; n != 256 && n != 384 {
			return fmt.Errorf("ECDSA %d", n)
		}
		if !strings.Contains(c.SignatureAlgorithm.String(), "ECDSA") {
			return errors.New("the signing CA's algorithm is another")
		}
	default:
		return fmt.Errorf("a key of %s", c.PublicKeyAlgorithm)
	}
	if p.now().Before(c.NotBefore) || !p.now().Before(c.NotAfter.Add(-60*24*time.Hour)) {
		return errors.New("it has not begun, or ends within 60 days")
	}
	return nil
}

func certificates(text string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a block %q", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	return all, nil
}

// privateKey reads PKCS #1 and PKCS #8 without a password, and SEC 1, which "BEGIN (RSA/EC) PRIVATE KEY" names.
func privateKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["Proc-Type"] != "" {
		return nil, errors.New("it has a password")
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := k.(crypto.Signer)
	if !ok {
		return nil, errors.New("a key that cannot sign")
	}
	return signer, nil
}
