package chain

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// opensslJudge decides as X509_verify_cert of OpenSSL 3.0 does: what `openssl verify -purpose sslserver -auth_level 2
// -verify_hostname …` says, with -partial_chain where partial is set. Security level 2 is the default of OpenSSL on Debian
// and Ubuntu, for curl too, which only adds the flag. Not modelled: CRLs, policies, RFC 3779 addresses, "TRUSTED
// CERTIFICATE" settings, curves over binary fields, and indefinite lengths.
type opensslJudge struct{ partial bool }

// flags are the settings of X509_VERIFY_PARAM in which the clients that use OpenSSL differ.
type flags struct {
	partial        bool // X509_V_FLAG_PARTIAL_CHAIN
	strict         bool // X509_V_FLAG_X509_STRICT
	wholeWildcards bool // X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
}

func (j opensslJudge) Name() string {
	if j.partial {
		return "openssl-partial"
	}
	return "openssl"
}

func (j opensslJudge) Models() string {
	if j.partial {
		return "OpenSSL 3.0 with X509_V_FLAG_PARTIAL_CHAIN (curl since 7.68), security level 2"
	}
	return "OpenSSL 3.0, security level 2 (mosquitto, Node.js, Python before 3.13)"
}

func (j opensslJudge) Judge(q Question) Verdict {
	return q.loading(j.loads(), func(q Question) Verdict { return j.examine(newWorld(q)) })
}

// authLevel is the security level of Debian and Ubuntu, minimumBits what it asks of keys and digests.
const (
	authLevel   = 2
	minimumBits = 112
)

// maxDepth is X509_VERIFY_PARAM's default limit on intermediates, plus one (build_chain).
const maxDepth = 101

func (j opensslJudge) examine(w *world) Verdict {
	return w.opensslVerdict(j.Name(), flags{partial: j.partial}, opensslError.text)
}

// opensslVerdict is the verdict of a client that uses OpenSSL with these flags and words its errors so.
func (w *world) opensslVerdict(client string, f flags, word func(opensslError) string) Verdict {
	verdict := Verdict{Client: client, Depth: -1}
	if w.leaf == nil || w.unreadableSent() != nil {
		bad := w.unreadableSent()
		verdict.Text = "unable to decode certificate"
		r := Reason{ID: "certificate-malformed", Text: verdict.Text, Depth: -1}
		if bad != nil {
			r.SHA256 = bad.SHA256
		}
		verdict.Reasons = []Reason{r}
		return verdict
	}
	c := &context{w: w, flags: f, clock: w.q.At.Truncate(time.Second)}
	c.verify()
	if len(c.errors) == 0 {
		verdict.Accepted = true
		return verdict
	}
	first := c.errors[0]
	verdict.Code, verdict.Text, verdict.Depth = strconv.Itoa(first.code), word(first), first.depth
	for _, e := range c.errors {
		id, at := c.explain(e)
		verdict.Reasons = append(verdict.Reasons, Reason{
			ID: id, SHA256: at.SHA256, Code: strconv.Itoa(e.code), Text: word(e), Depth: e.depth,
		})
	}
	return verdict
}

// unreadableSent is the first certificate that was sent and that OpenSSL cannot read: it ends the handshake.
func (w *world) unreadableSent() *member {
	i := slices.IndexFunc(w.sent, func(m *member) bool { return m.v == nil || m.v.paddedSerial })
	if i < 0 {
		return nil
	}
	return w.sent[i]
}

// context is X509_STORE_CTX: the chain as it is built, and what was objected to. Errors are collected as a callback
// that always continues would collect them; the first is the one that programs print.
type context struct {
	w *world
	flags
	clock     time.Time
	chain     []*member
	untrusted int // how many of chain, from the end-entity certificate, did not come from the trust store
	errors    []opensslError
	aborted   bool
}

type opensslError struct {
	code  int
	depth int
	at    *member
}

func (c *context) fail(code, depth int) {
	c.errors = append(c.errors, opensslError{code, depth, c.chain[depth]})
}

// verify is X509_verify_cert and verify_chain, with their order of checks.
func (c *context) verify() {
	c.chain, c.untrusted = []*member{c.w.leaf}, 1
	if !strongKey(c.w.leaf.v.key) {
		c.fail(66, 0)
	}
	c.buildChain()
	if c.aborted {
		return
	}
	c.checkExtensions()
	c.checkAuthLevel()
	c.checkIdentity()
	if !c.w.leaf.v.key.valid {
		return
	}
	c.checkSignatures()
	c.checkNameConstraints()
}

func strongKey(k publicKey) bool { return k.valid && k.securityBits() >= minimumBits }

// issued is check_issued: names match, no key identifier speaks against it, and the kinds of key and signature agree.
func (c *context) issued(child, issuer *member) bool {
	return issuer.v != nil && !issuer.v.paddedSerial && issuer.v.subject.same(child.v.issuer) && !issuer.v.invalid && !child.v.invalid &&
		child.v.authority.matches(issuer.v, issuer.v.usage) && algorithmFits(issuer.v.key, child.v.innerAlgorithm)
}

func (c *context) inTime(m *member) bool {
	return m.v.notBefore.valid && m.v.notAfter.valid &&
		!m.v.notBefore.time.After(c.clock) && m.v.notAfter.time.After(c.clock)
}

// selfSigned is X509_self_signed without its signature check; usable is false where that reports an error.
func selfSigned(m *member) (is, usable bool) {
	if !m.v.key.valid || m.v.invalid {
		return false, false
	}
	return m.v.selfSigned, true
}

// best picks an issuer as OpenSSL does: the first in its time, else the one that expires last.
func (c *context) best(child *member, among []*member, allowed func(*member) bool) *member {
	var found *member
	for _, m := range among {
		if !c.issued(child, m) || !allowed(m) {
			continue
		}
		if c.inTime(m) {
			return m
		}
		if found == nil || m.v.notAfter.time.After(found.v.notAfter.time) {
			found = m
		}
	}
	return found
}

// buildChain is build_chain with X509_V_FLAG_TRUSTED_FIRST, the default since OpenSSL 1.1.0: for each certificate
// the trust store is asked first; once an issuer was found there, what was sent is not looked at again.
func (c *context) buildChain() {
	pool := append(slices.Clone(c.w.sent[1:]), c.w.untrusted...)
	searchUntrusted, trusted := true, false
	for {
		current := c.chain[len(c.chain)-1]
		if len(c.chain) <= maxDepth {
			issuer := c.best(current, c.w.anchors, func(*member) bool { return true })
			if issuer != nil {
				self, usable := selfSigned(current)
				if !usable {
					c.aborted = true
					return
				}
				added := true
				if !self {
					c.chain = append(c.chain, issuer)
					if self, usable = selfSigned(issuer); !usable {
						c.aborted = true
						return
					}
				} else if issuer == current {
					c.untrusted--
				} else {
					added = false // a self-signed certificate that only resembles the trusted one
				}
				if added {
					searchUntrusted = false
					if self || c.partial {
						trusted = true
						break
					}
					continue
				}
			}
		}
		if !searchUntrusted {
			break
		}
		self, _ := selfSigned(current)
		var issuer *member
		if !self && len(c.chain) <= maxDepth {
			issuer = c.best(current, pool, func(m *member) bool {
				return current.v.selfIssued() && len(c.chain) == 1 || !slices.Contains(c.chain, m)
			})
		}
		if issuer == nil {
			searchUntrusted = false
			continue
		}
		pool = slices.DeleteFunc(pool, func(m *member) bool { return m == issuer })
		c.chain = append(c.chain, issuer)
		c.untrusted++
	}
	// With partial chains the end-entity certificate itself may be the trusted one (check_trust).
	if !trusted && c.partial && c.untrusted == len(c.chain) && c.w.leaf.anchor {
		c.untrusted = 0
		trusted = true
	}
	if !trusted {
		c.failBuild()
	}
}

func (c *context) failBuild() {
	top := len(c.chain) - 1
	self, _ := selfSigned(c.chain[top])
	switch {
	case len(c.chain) > maxDepth:
		c.fail(22, top)
	case self && top == 0:
		c.fail(18, top)
	case self:
		c.fail(19, top)
	case c.untrusted < len(c.chain):
		c.fail(2, top)
	default:
		c.fail(20, top)
	}
}

// checkIdentity is check_id.
func (c *context) checkIdentity() {
	host := c.w.q.Name
	if host == "" {
		return
	}
	if ip := parseIP(host); ip != nil {
		if !opensslMatchesIP(c.w.leaf.v, ip) {
			c.fail(64, 0)
		}
	} else if !opensslMatchesHost(c.w.leaf.v, host, c.wholeWildcards) {
		c.fail(62, 0)
	}
}

// parseIP reads an IP address, with or without the brackets of a URL; nil when name is none.
func parseIP(name string) net.IP {
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = name[1 : len(name)-1]
	}
	return net.ParseIP(name)
}
