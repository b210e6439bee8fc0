package chain

import (
	"slices"
	"strings"
	"time"
)

// mbedtlsJudge decides as a TLS client of mbedTLS does with its default profile and verification required: what
// mbedtls_ssl_handshake returns for the server's chain, with mbedtls_x509_crt_verify and the checks that
// ssl_parse_certificate_verify adds. Purpose ClientAuth is a server that looks at a client's chain. The key exchange is
// taken to be ECDHE. Not modelled: CRLs, curves written out in parameters, and otherName of hardware modules.
type mbedtlsJudge struct{}

func (mbedtlsJudge) Name() string   { return "mbedtls" }
func (mbedtlsJudge) Models() string { return "mbedTLS 2.28, default profile (ESP-IDF, Arduino)" }

func (j mbedtlsJudge) Judge(q Question) Verdict {
	return q.loading(j.loads(), func(q Question) Verdict { return j.examine(newWorld(q)) })
}

// mbedtlsFlag is one of MBEDTLS_X509_BADCERT_*, in the order in which mbedtls_x509_crt_verify_info prints them.
type mbedtlsFlag int

const (
	mbedtlsExpired mbedtlsFlag = iota
	mbedtlsWrongName
	mbedtlsNotTrusted
	mbedtlsFuture
	mbedtlsWrongKeyUsage
	mbedtlsWrongPurpose
	mbedtlsWeakHash
	mbedtlsBadAlgorithm
	mbedtlsWeakKey
)

var mbedtlsFlagTexts = [...]string{
	mbedtlsExpired:       "The certificate validity has expired",
	mbedtlsWrongName:     "The certificate Common Name (CN) does not match with the expected CN",
	mbedtlsNotTrusted:    "The certificate is not correctly signed by the trusted CA",
	mbedtlsFuture:        "The certificate validity starts in the future",
	mbedtlsWrongKeyUsage: "Usage does not match the keyUsage extension",
	mbedtlsWrongPurpose:  "Usage does not match the extendedKeyUsage extension",
	mbedtlsWeakHash:      "The certificate is signed with an unacceptable hash.",
	mbedtlsBadAlgorithm:  "The certificate is signed with an unacceptable PK alg (eg RSA vs ECDSA).",
	mbedtlsWeakKey:       "The certificate is signed with an unacceptable key (eg bad curve, RSA too short).",
}

// Limits of the default profile and of Debian's configuration.
const (
	mbedtlsMinimumRSA       = 2048
	mbedtlsMaximumRSA       = 8192 // MBEDTLS_MPI_MAX_BITS: larger keys verify nothing
	mbedtlsMaxIntermediates = 8
)

// mbedtlsContext is one verification: what was read, and the flags that were raised.
type mbedtlsContext struct {
	w       *world
	clock   time.Time
	sent    []*mbedtlsCertificate // those that it could read, the end-entity certificate first
	trusted []*mbedtlsCertificate
	broken  []*mbedtlsCertificate // trust anchors that it could not read, and skips
	skipped []*mbedtlsCertificate // certificates sent that it skips
	raised  []mbedtlsFault
}

type mbedtlsFault struct {
	flag mbedtlsFlag
	id   string
	at   *member
}

func (j mbedtlsJudge) examine(w *world) Verdict {
	verdict := Verdict{Client: j.Name(), Depth: -1}
	if w.leaf == nil {
		verdict.Code, verdict.Text = mbedtlsHandshake.code(), mbedtlsHandshake.text()
		verdict.Reasons = []Reason{{ID: "certificate-malformed", Code: verdict.Code, Text: verdict.Text, Depth: -1}}
		return verdict
	}
	c := &mbedtlsContext{w: w, clock: w.q.At.UTC().Truncate(time.Second)}
	if bad := c.read(); bad != nil {
		return j.fatal(verdict, bad.err, bad.complaint(), bad.member)
	}
	if err, at := c.verify(); err != 0 {
		return j.fatal(verdict, err, "chain-too-complex", at)
	}
	usageOnly := len(c.raised) == 0
	c.checkUsage()
	if len(c.raised) == 0 {
		verdict.Accepted = true
		return verdict
	}
	slices.SortStableFunc(c.raised, func(a, b mbedtlsFault) int { return int(a.flag) - int(b.flag) })
	verdict.Code = mbedtlsVerifyFailed.code()
	if usageOnly {
		verdict.Code = mbedtlsHandshake.code()
	}
	var texts []string
	for _, f := range c.raised {
		text := mbedtlsFlagTexts[f.flag]
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		verdict.Reasons = append(verdict.Reasons, Reason{ID: f.id, SHA256: f.at.SHA256, Code: verdict.Code, Text: text, Depth: -1})
	}
	verdict.Text = strings.Join(texts, "; ")
	return verdict
}

func (mbedtlsJudge) fatal(verdict Verdict, err mbedtlsError, id string, at *member) Verdict {
	verdict.Code, verdict.Text = err.code(), err.text()
	verdict.Reasons = []Reason{{ID: id, SHA256: at.SHA256, Code: verdict.Code, Text: verdict.Text, Depth: -1}}
	return verdict
}

// read is ssl_parse_certificate_chain and the reading of the CA file. One certificate that cannot be read ends the
// handshake, but one whose signature algorithm is unknown is skipped, and so is any in the CA file.
func (c *mbedtlsContext) read() (bad *mbedtlsCertificate) {
	for _, certificate := range slices.Concat(c.w.q.Sent, c.w.q.Untrusted) {
		m, _ := c.w.meet(certificate)
		r := readMbedTLS(m)
		switch r.err {
		case 0:
			c.sent = append(c.sent, r)
		case mbedtlsSigAlgorithm + mbedtlsNotFound:
			c.skipped = append(c.skipped, r)
		default:
			return r
		}
	}
	if len(c.sent) == 0 {
		return c.skipped[0]
	}
	for _, m := range c.w.anchors {
		if r := readMbedTLS(m); r.err == 0 {
			c.trusted = append(c.trusted, r)
		} else {
			c.broken = append(c.broken, r)
		}
	}
	return nil
}

// complaint is the finding that keeps r from being read.
func (r *mbedtlsCertificate) complaint() string {
	if r.criticalUnknown {
		return "critical-extension-unknown" // name constraints are one to it
	}
	switch r.err {
	case mbedtlsSigAlgorithm + mbedtlsNotFound:
		return "signature-algorithm-unsupported"
	case mbedtlsKeyAlgorithm, mbedtlsNamedCurve, mbedtlsCurveFeature:
		if r.position == 0 {
			return "server-key-unsupported"
		}
		return "signature-algorithm-unsupported" // that of what it signs
	case mbedtlsUnknown:
		return "certificate-version"
	}
	return "certificate-malformed"
}

func (c *mbedtlsContext) raise(flag mbedtlsFlag, id string, at *member) {
	c.raised = append(c.raised, mbedtlsFault{flag, id, at})
}

// verify is x509_crt_verify_restartable_ca_cb with x509_crt_verify_chain.
func (c *mbedtlsContext) verify() (mbedtlsError, *member) {
	leaf := c.sent[0]
	c.checkName(leaf)
	c.checkKey(leaf)
	child, position, selfIssued, trusted := leaf, 0, 0, false
	for length := 1; ; length++ {
		c.checkTime(child)
		if trusted {
			return 0, nil
		}
		if child.weakHash {
			c.raise(mbedtlsWeakHash, "signature-algorithm-weak", child.member)
		}
		if length == 1 && c.holds(leaf) {
			return 0, nil
		}
		parent, good := c.parent(child, c.trusted, true, length-1, selfIssued)
		trusted = parent != nil
		if !trusted {
			parent, good = c.parent(child, c.sent[position+1:], false, length-1, selfIssued)
		}
		if parent == nil {
			id, at := c.explainGap(child, position, length-1-selfIssued)
			c.raise(mbedtlsNotTrusted, id, at)
			return 0, nil
		}
		if length > 1 && child.selfIssued() {
			selfIssued++
		}
		if !trusted && length > mbedtlsMaxIntermediates {
			return mbedtlsFatal, leaf.member
		}
		if !good {
			id, at := c.w.badSignature(child.member, parent.member)
			c.raise(mbedtlsNotTrusted, id, at)
		}
		c.checkKey(parent)
		child = parent
		if !trusted {
			position = slices.Index(c.sent, parent)
		}
	}
}

// holds is x509_crt_check_ee_locally_trusted.
func (c *mbedtlsContext) holds(leaf *mbedtlsCertificate) bool {
	return leaf.selfIssued() && slices.ContainsFunc(c.trusted, func(t *mbedtlsCertificate) bool { return t.SHA256 == leaf.SHA256 })
}

// parent is x509_crt_find_parent_in: the first that may sign for child and is in its time, else the first that may.
// Among trust anchors a signature that does not verify makes it look on.
func (c *mbedtlsContext) parent(child *mbedtlsCertificate, among []*mbedtlsCertificate, top bool, links, selfIssued int) (found *mbedtlsCertificate, good bool) {
	for _, p := range among {
		if !sameMbedTLSName(child.issuer, p.subject) || !p.maySign(top) || p.tooFar(links-selfIssued) {
			continue
		}
		signed := c.signed(child, p)
		if top && !signed {
			continue
		}
		if c.inTime(p) {
			return p, signed
		}
		if found == nil {
			found, good = p, signed
		}
	}
	return found, good
}

// maySign is x509_crt_check_parent without the name: trust anchors of versions 1 and 2 need no extension.
func (r *mbedtlsCertificate) maySign(top bool) bool {
	if top && r.version < 3 {
		return true
	}
	return r.ca && !(r.hasUsage[oidKeyUsage] && r.keyUsage&keyCertSign == 0)
}

// tooFar: pathLenConstraint allows fewer intermediates than there are below.
func (r *mbedtlsCertificate) tooFar(intermediates int) bool {
	return r.pathLength >= 0 && r.pathLength < intermediates
}

func (c *mbedtlsContext) signed(child, parent *mbedtlsCertificate) bool {
	return parent.keyBits <= mbedtlsMaximumRSA && c.w.signature(child.member, parent.member) == signatureGood
}

func (c *mbedtlsContext) inTime(r *mbedtlsCertificate) bool {
	return !c.clock.After(r.until) && !r.from.After(c.clock)
}

func (c *mbedtlsContext) checkTime(r *mbedtlsCertificate) {
	if c.clock.After(r.until) {
		c.raise(mbedtlsExpired, "certificate-expired", r.member)
	}
	if r.from.After(c.clock) {
		c.raise(mbedtlsFuture, "certificate-not-yet-valid", r.member)
	}
}

func (c *mbedtlsContext) checkKey(r *mbedtlsCertificate) {
	if r.keyBits > 0 && r.keyBits < mbedtlsMinimumRSA {
		c.raise(mbedtlsWeakKey, "key-too-weak", r.member)
	}
}

// checkUsage is mbedtls_ssl_check_cert_usage.
func (c *mbedtlsContext) checkUsage() {
	leaf := c.sent[0]
	purpose := oidServerAuth
	switch c.w.q.Purpose {
	case ClientAuth:
		purpose = oidClientAuth
	case ServerAuth:
	default:
		return
	}
	if leaf.hasUsage[oidKeyUsage] && leaf.keyUsage&digitalSignature == 0 {
		c.raise(mbedtlsWrongKeyUsage, c.firstOr("key-usage"), leaf.member)
	}
	if leaf.hasUsage[oidExtendedKeyUsage] && !slices.Contains(leaf.purposes, purpose) && !slices.Contains(leaf.purposes, anyExtendedKeyUse) {
		c.raise(mbedtlsWrongPurpose, c.firstOr("extended-key-usage"), leaf.member)
	}
}

// firstOr is the finding, or leaf-not-first where it comes of another certificate being taken for the end-entity one.
func (c *mbedtlsContext) firstOr(id string) string {
	if _, wrong := c.w.leafNotFirst(); wrong && c.sent[0].member == c.w.leaf {
		return "leaf-not-first"
	}
	return id
}
