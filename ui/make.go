package ui

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/report"
)

// What the maker makes, in the order of its choice.
const (
	makeAuthority    = "An authority"
	makeIntermediate = "An authority below another one"
	makeServer       = "A broker's certificate"
	makeClient       = "A client's certificate"
	makeRequest      = "A request for another authority"
	makeSigned       = "A certificate of somebody's request"
	makeRevocation   = "A revocation list"
)

var makeKinds = []string{makeAuthority, makeIntermediate, makeServer, makeClient, makeRequest, makeSigned, makeRevocation}

// job is what the maker was asked to make.
type job struct {
	what            string
	kind            pki.Kind // of what is made; for requests and signing, what it is for
	subject         string
	names           []string
	algorithm       pki.KeyAlgorithm
	days            int
	pathLength      *int
	permit, exclude []string
	preset          string // the ID; empty: none
	caFile, caKey   string
	passphrase      string                   // of caKey
	requestFile     string                   // for signing
	request         *x509.CertificateRequest // in its place; nil: requestFile counts
	revoke          []string                 // files with certificates to revoke
	reason          int
	folder          string
	now             time.Time
}

// needsAuthority says whether something is signed.
func (j job) needsAuthority() bool {
	return j.what != makeAuthority && j.what != makeRequest
}

// check says in one sentence what is missing; empty: nothing.
func (j job) check() string {
	switch {
	case j.needsAuthority() && (j.caFile == "" || j.caKey == ""):
		return "Choose the certificate and the key of the authority that signs."
	case j.what == makeServer && len(j.names) == 0:
		return "The broker's certificate needs at least one name or address."
	case (j.what == makeAuthority || j.what == makeIntermediate) && strings.TrimSpace(j.subject) == "":
		return "The authority needs a name."
	case j.what == makeClient && strings.TrimSpace(j.subject) == "":
		return "The client certificate needs a name."
	case j.what == makeRequest && strings.TrimSpace(j.subject) == "" && len(j.names) == 0:
		return "The request needs a name."
	case j.what == makeSigned && j.request == nil && j.requestFile == "":
		return "Choose the file with the request."
	case j.days < 1 || j.days > maxDays:
		return fmt.Sprintf("The validity is 1 to %d days.", maxDays)
	case j.pathLength != nil && *j.pathLength < 0:
		return "The number of authorities below is 0 or more, or left empty."
	}
	return ""
}

// make makes it, judges it, and offers the files. Nothing is written.
func (j job) make(ctx context.Context) offer {
	if j.what == makeRequest {
		return j.makeRequest()
	}
	var authority pki.Issued
	var above []*x509.Certificate
	if j.needsAuthority() {
		var err error
		if authority, err = pki.ReadAuthority(j.caFile, j.caKey, j.passphrase); err != nil {
			return offer{problem: j.authorityProblem(err)}
		}
		above = pki.AuthorityPath(ctx, j.caFile, authority.Certificate)
	}
	issued, err := j.issue(ctx, authority)
	if err != nil {
		return offer{problem: upperFirst(err.Error()) + "."}
	}
	o := j.offer(issued, above)
	o.judged = []clientVerdicts{j.judge(issued, above)}
	if issued.Shortened > 0 {
		o.notes = append(o.notes, fmt.Sprintf("It ends on %s, with the authority, and not later.", report.Day(issued.Certificate.NotAfter)))
	}
	return o
}

// authorityProblem says why the authority cannot sign.
func (j job) authorityProblem(err error) string {
	var file *pki.FileError
	if errors.As(err, &file) {
		switch file.File.Problem {
		case evidence.PassphraseNone:
			return "The authority's key is encrypted: type its passphrase."
		case evidence.PassphraseBad:
			return "The passphrase does not open the authority's key. Try another one."
		}
	}
	return upperFirst(err.Error()) + "."
}

func (j job) ask() (pki.Request, error) {
	r := pki.Request{Kind: j.kind, Names: j.names, Algorithm: j.algorithm, Days: j.days, PathLength: j.pathLength, Permitted: j.permit, Excluded: j.exclude}
	text := j.subject
	if strings.TrimSpace(text) == "" && len(j.names) > 0 {
		text = j.names[0]
	}
	var err error
	r.Subject, err = pki.ParseSubject(text)
	return r, err
}

func (j job) issue(ctx context.Context, authority pki.Issued) (pki.Issued, error) {
	if j.what == makeSigned {
		request, err := j.readRequest(ctx)
		if err != nil {
			return pki.Issued{}, err
		}
		return pki.SignRequest(authority, request, pki.Request{Kind: j.kind, Names: j.names, Days: j.days})
	}
	r, err := j.ask()
	if err != nil {
		return pki.Issued{}, err
	}
	signer := &authority
	if j.what == makeAuthority {
		signer = nil
	}
	if p, ok := pki.FindPreset(j.preset); ok {
		if err := p.Check(r, signer); err != nil {
			return pki.Issued{}, err
		}
	}
	if signer == nil {
		return pki.NewAuthority(r)
	}
	return pki.Issue(authority, r)
}

func (j job) readRequest(ctx context.Context) (*x509.CertificateRequest, error) {
	if j.request != nil {
		return j.request, nil
	}
	inv := pki.ReadInventory(ctx, []string{j.requestFile}, pki.InventoryOptions{})
	var found []*x509.CertificateRequest
	for _, i := range inv.Items {
		if i.Request != nil {
			found = append(found, i.Request)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s holds %d certificate requests that can be read, not one", report.Base(j.requestFile), len(found))
	}
	return found[0], nil
}

// judge asks every client about what was made, with the authority's root trusted.
func (j job) judge(i pki.Issued, above []*x509.Certificate) clientVerdicts {
	sent, anchors := []*x509.Certificate{i.Certificate}, []*x509.Certificate{i.Certificate}
	if n := len(above); n > 0 {
		sent, anchors = append(sent, above[:n-1]...), above[n-1:]
	}
	at := j.now
	if at.Before(i.Certificate.NotBefore) {
		at = i.Certificate.NotBefore // made this second
	}
	q := chain.Ask(sent, anchors, at)
	switch j.kind {
	case pki.Server:
		q.Purpose = chain.ServerAuth
		if len(i.Certificate.DNSNames) > 0 && !strings.Contains(i.Certificate.DNSNames[0], "*") {
			q.Name = i.Certificate.DNSNames[0]
		}
	case pki.Client:
		q.Purpose = chain.ClientAuth
	}
	return clientVerdicts{pki.CommonName(i.Certificate), chain.Verdicts(q)}
}

// offer is the files of what was made. With an intermediate authority in between, what has to be sent stands in one file.
func (j job) offer(i pki.Issued, above []*x509.Certificate) offer {
	o := offer{title: "Made: " + pki.CommonName(i.Certificate), folder: j.folder, text: j.note()}
	text := i.CertificatePEM
	base := string(j.kind)
	switch {
	case j.what == makeAuthority:
		base = "client-ca"
	case j.what == makeIntermediate:
		base = "intermediate-ca"
		text = append(text, pki.EncodeCertificates(above...)...) // whoever signs with it finds the way up in one file
	case len(above) > 1:
		text = append(text, pki.EncodeCertificates(above[:len(above)-1]...)...)
	}
	if j.what == makeSigned {
		base = fileName(pki.CommonName(i.Certificate))
	}
	o.names = []string{base + ".crt"}
	keyPEM := i.KeyPEM
	if keyPEM != nil {
		o.names, o.secret = append(o.names, base+".key"), mayHaveOne
	}
	o.encode = func(passphrase string) ([]pki.OutputFile, []string, error) {
		files := []pki.OutputFile{{Data: text}}
		if keyPEM == nil {
			return files, nil, nil
		}
		key, err := protectedKey(keyPEM, passphrase)
		return append(files, pki.OutputFile{Data: key, Private: true}), nil, err
	}
	return o
}

// note is what the preset says besides.
func (j job) note() string {
	if p, ok := pki.FindPreset(j.preset); ok {
		return p.Note
	}
	return ""
}

// protectedKey is a key in PEM, encrypted where there is a passphrase.
func protectedKey(keyPEM []byte, passphrase string) ([]byte, error) {
	if passphrase == "" {
		return keyPEM, nil
	}
	const name = "key"
	inv := pki.ReadInventory(context.Background(), []string{name}, pki.InventoryOptions{Texts: map[string][]byte{name: keyPEM}})
	c, err := inv.Convert(pki.PEM, pki.Protection{Passphrase: passphrase})
	return c.Data, err
}

func (j job) makeRequest() offer {
	r, err := j.ask()
	if err == nil {
		if p, ok := pki.FindPreset(j.preset); ok {
			err = p.Check(r, nil)
		}
	}
	var made pki.Requested
	if err == nil {
		made, err = pki.NewRequest(r)
	}
	if err != nil {
		return offer{problem: upperFirst(err.Error()) + "."}
	}
	base := string(j.kind)
	o := offer{
		title: "The request is ready", folder: j.folder, names: []string{base + ".csr", base + ".key"}, secret: mayHaveOne,
		text: "The request goes to the authority; the key stays with you. What comes back belongs beside the key.",
	}
	o.encode = func(passphrase string) ([]pki.OutputFile, []string, error) {
		key, err := protectedKey(made.KeyPEM, passphrase)
		return []pki.OutputFile{{Data: made.RequestPEM}, {Data: key, Private: true}}, nil, err
	}
	return o
}

// clientFiles are what a profile names of a client's certificate that was saved under these paths.
func clientFiles(paths []string) *profile.ClientCertificate {
	return &profile.ClientCertificate{CertificateFile: paths[0], KeyFile: paths[1]}
}
