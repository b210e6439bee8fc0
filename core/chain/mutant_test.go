package chain

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// mutant is a sound chain into which faults were planted, with the plan of what was done to it.
type mutant struct {
	number  int
	q       Question
	planted []planted
	built   []*forged // the tiers, the root first
	plan    *blueprint
}

// planted is one fault of a mutant: the finding that names it, and the certificate at fault.
type planted struct {
	mutation string
	id       string
	tier     int     // of the certificate at fault; -1: it is in none of them
	by       int     // the tier whose certificate makes it a fault; the same as tier for most
	at       *forged // set when the mutant is built
	refused  bool    // this program refuses because of it
	hidden   bool    // another planted fault takes it out of sight; see blueprint.hide
}

func (p planted) String() string {
	tier := fmt.Sprint("tier ", p.tier)
	if p.tier < 0 {
		tier = "a certificate of the CA file or an extra one"
	}
	return fmt.Sprintf("%s (%s on %s, refused %v, hidden %v)", p.mutation, p.id, tier, p.refused, p.hidden)
}

// tier is one certificate of a blueprint: a root at 0, then intermediates, then the end-entity certificate.
type tier struct {
	subject     string
	issuer      string // "": the issuer's own name
	key         crypto.Signer
	signKey     crypto.Signer
	sign        string
	version     int
	serial      int64
	from, until time.Time
	basic       []byte // the extensions; nil: left out
	usage       []byte
	extended    []byte
	names       []string
	constraints []byte
	more        [][]byte
	keyID       []byte // subjectKeyIdentifier; nil: made of the key
	noKeyID     bool
	authority   []byte // authorityKeyIdentifier extension; nil: the issuer's key identifier
	noAuthority bool
	corrupt     bool
	alone       bool // signed with its own key
}

// blueprint is a chain that is not yet made. Mutations change it, each in a place of its own, so that none undoes
// another.
type blueprint struct {
	mutator
	tiers   []tier
	absent  map[int]bool // tiers that are not sent; the root is not, unless rootSent
	known   bool         // what is absent, or not trusted, is among the candidates
	sent    func(chain []*forged) []*forged
	trust   func(built []*forged) []*forged
	trusted int // the tier whose certificate is trusted; -1: none of them
	name    string
	purpose Purpose
	taken   map[string]bool
	planted []planted
	made    map[string]*forged // certificates outside the tiers, by name
}

// take claims a place in the chain for one mutation.
func (b *blueprint) take(places ...string) bool {
	for _, p := range places {
		if b.taken[p] {
			return false
		}
	}
	for _, p := range places {
		b.taken[p] = true
	}
	return true
}

// takes claims places of one tier.
func (b *blueprint) takes(tier int, places ...string) bool {
	for i, p := range places {
		places[i] = fmt.Sprint(p, " ", tier)
	}
	return b.take(places...)
}

func (b *blueprint) leaf() int { return len(b.tiers) - 1 }

// blame notes what was planted. A fault without an id is one that nobody has to name.
func (b *blueprint) blame(id string, tier int, refused bool) bool {
	b.planted = append(b.planted, planted{id: id, tier: tier, by: tier, refused: refused})
	return true
}

// blameOther is blame for a certificate that is in none of the tiers.
func (b *blueprint) blameOther(id string, at *forged, refused bool) bool {
	b.planted = append(b.planted, planted{id: id, tier: -1, at: at, refused: refused})
	return true
}

var organizations = []string{"Acme", "Zebra Works", "Nordwind GmbH", "Plant 7", "Fabrik Süd", "Kraków IoT"}

// newBlueprint is a chain that every client accepts, with nothing to remark on.
func newBlueprint(m mutator) *blueprint {
	b := &blueprint{
		mutator: m, absent: map[int]bool{}, taken: map[string]bool{}, made: map[string]*forged{},
		name: host, purpose: ServerAuth, known: m.IntN(2) == 0,
	}
	o := one(m, organizations...)
	encode := one(m, "", "", "printable:")
	if strings.ContainsFunc(o, func(r rune) bool { return r > 127 }) {
		encode = ""
	}
	root := one(m, "%s Root CA", "%s Root CA G2", "Root CA of %s", "%s Root")
	issuing := one(m, "%s Issuing CA", "%s Intermediate CA", "%s Sub CA", "%s TLS Issuing CA")
	var intermediates = one(m, 0, 1, 1, 1, 2, 2, 3)
	organization := one(m, "O="+encode+o+",", "")
	for i := range intermediates + 2 {
		t := tier{from: noon.Add(-time.Duration(200+m.IntN(400)) * day), until: noon.Add(time.Duration(1+m.IntN(4)) * year)}
		t.basic, t.usage = ca(true, -1), ku(keyCertSign|cRLSign)
		switch {
		case i == 0:
			t.subject = organization + "CN=" + encode + fmt.Sprintf(root, o)
			t.from, t.until = t.from.Add(-2*year), t.until.Add(6*year)
			if m.rarely(8) {
				t.key = rsaKeys()[2048]
			}
		case i <= intermediates:
			t.subject = organization + "CN=" + encode + fmt.Sprintf(issuing, o) + fmt.Sprint(" ", i)
			if m.rarely(8) {
				t.basic = ca(true, intermediates-i+m.IntN(2))
			}
			if m.rarely(8) {
				t.extended = eku(oidServerAuth, oidClientAuth)
			}
		default:
			t.subject = one(m, "CN="+host, "O=Acme,CN="+host, "CN=Broker 12")
			t.names = one(m, []string{host}, []string{host, "10.1.2.3"}, []string{"*.example.test"}, []string{"mqtt.example.test", host})
			t.basic, t.usage, t.extended = ca(false, -1), ku(digitalSignature), one(m, eku(oidServerAuth, oidClientAuth), eku(oidServerAuth, oidClientAuth), nil)
			if m.rarely(8) {
				t.basic = nil
			}
		}
		b.tiers = append(b.tiers, t)
	}
	if m.rarely(7) {
		b.purpose, b.name = ClientAuth, ""
	}
	return b
}

// build makes the certificates and the question.
func (b *blueprint) build(number int) mutant {
	var built []*forged
	for i, t := range b.tiers {
		var by *forged
		if i > 0 && !t.alone {
			by = built[i-1]
		}
		built = append(built, t.forge(by))
	}
	leaf := len(built) - 1
	var sent []*forged
	for i := leaf; i > 0; i-- {
		if !b.absent[i] {
			sent = append(sent, built[i])
		}
	}
	if b.sent != nil {
		sent = b.sent(append(sent, built[0]))
	}
	anchors := []*forged{built[0]}
	if b.trust != nil {
		anchors = b.trust(built)
	}
	for range max(0, b.IntN(6)-3) { // other authorities beside it, as in any collection
		at := b.IntN(len(anchors) + 1)
		anchors = slices.Insert(slices.Clone(anchors), at, root(one(b.mutator, "CN=Elsewhere Root", "O=Third Party,CN=Third Party CA 1")))
	}
	if b.taken["no anchors"] {
		anchors = nil
	}
	q := question(sent, anchors...)
	q.Name, q.Purpose = b.name, b.purpose
	if b.known {
		q = q.known(slices.DeleteFunc(slices.Clone(built[:leaf]), func(f *forged) bool {
			return slices.Contains(sent, f) || slices.Contains(anchors, f)
		})...)
	}
	for i := range b.planted {
		if p := &b.planted[i]; p.tier >= 0 {
			p.at = built[p.tier]
		}
	}
	b.hide()
	return mutant{number: number, q: q, planted: b.planted, built: built, plan: b}
}

func (t tier) forge(by *forged) *forged {
	s := spec{
		subject: dn(t.subject), by: by, key: t.key, signKey: t.signKey, sign: t.sign, version: t.version, serial: t.serial,
		from: t.from, until: t.until, corrupt: t.corrupt,
	}
	if s.key == nil {
		s.key = freshKey()
	}
	if t.issuer != "" {
		s.issuer = dn(t.issuer)
	}
	if t.keyID == nil {
		t.keyID = keyID(s.key)
	}
	for _, e := range [][]byte{t.basic, t.usage, t.extended, t.constraints} {
		if e != nil {
			s.ext = append(s.ext, e)
		}
	}
	if t.names != nil {
		s.ext = append(s.ext, san(t.names...))
	}
	if !t.noKeyID {
		s.ext = append(s.ext, skidExt(t.keyID))
	}
	switch {
	case t.noAuthority:
	case t.authority != nil:
		s.ext = append(s.ext, t.authority)
	case by != nil:
		s.ext = append(s.ext, akidExt(by.skid))
	}
	s.ext = append(s.ext, t.more...)
	f := forge(s)
	f.skid = t.keyID
	return f
}

// hide marks the faults that cannot be seen because of others. The path is followed from the end-entity certificate to
// the first one that is absent, or trusted, and no further; what is not on it plays no part, and of a trust anchor neither
// its signature nor its version. Only certificates that are sent and that nobody can read stay in sight wherever they
// stand, because they end the handshake.
func (b *blueprint) hide() {
	lowest := max(b.trusted, 0)
	for i := b.leaf() - 1; i > max(b.trusted, 0); i-- {
		if b.absent[i] {
			lowest = i + 1
			break
		}
	}
	if b.trusted < 0 && lowest == 0 {
		lowest = 1 // the root is neither trusted nor, unless that is planted itself, sent
	}
	for i := range b.planted {
		p := &b.planted[i]
		switch {
		case p.tier < 0 || trustFaults[p.id]:
		case p.by < lowest:
			p.hidden = p.id != "certificate-malformed" || b.absent[p.tier] || p.tier == 0
		case p.by == b.trusted:
			p.hidden = b.trusted > 0 && ofSignature[p.id]
			p.refused = p.refused && p.id != "certificate-version"
		}
	}
}

// ofSignature are faults of the signature on a certificate.
var ofSignature = map[string]bool{
	"signature-invalid": true, "signature-algorithm-weak": true, "signature-algorithm-unsupported": true,
}

// trustFaults are faults of what links a chain to what is trusted, and not of one certificate's content.
var trustFaults = map[string]bool{
	"self-signed-leaf": true, "intermediate-missing": true, "ca-rotated": true, "root-sent-untrusted": true, "root-unknown": true,
	"anchor-not-root": true, "ca-file-holds-leaf": true, "leaf-not-first": true, "chain-order": true, "chain-extra": true,
	"root-included": true,
}

// newMutant plants faults into a chain. lead names the mutation to begin with; "" is any. The same seed makes the same
// plan, with new keys.
func newMutant(seed uint64, i int, lead string) mutant {
	m := mutator{Rand: rand.New(rand.NewPCG(seed, uint64(i))), calm: 1}
	b := newBlueprint(m)
	wanted := one(m, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4)
	if lead != "" {
		wanted = max(wanted, 1)
	}
	for tries := 0; len(b.planted) < wanted && tries < 40; tries++ {
		chosen := mutationTable[m.IntN(len(mutationTable))]
		if lead != "" && tries < 5 && len(b.planted) == 0 {
			chosen = named(lead)
		}
		before := len(b.planted)
		if chosen.plant(b) {
			for j := before; j < len(b.planted); j++ {
				b.planted[j].mutation = chosen.name
			}
		}
	}
	return b.build(i)
}

func named(name string) mutation {
	i := slices.IndexFunc(mutationTable, func(m mutation) bool { return m.name == name })
	return mutationTable[i]
}

func (m mutant) describe() string {
	var s strings.Builder
	fmt.Fprintf(&s, "mutant %d, for %q (%s), trusting tier %d, others known: %v", m.number, m.q.Name, m.q.Purpose, m.plan.trusted, m.plan.known)
	for _, p := range m.planted {
		fmt.Fprintf(&s, "\n  planted: %s", p)
	}
	for i, c := range m.q.Sent {
		fmt.Fprintf(&s, "\n  sent %d: %x %s <- %s", i, c.SHA256[:4], c.Subject(), c.Issuer())
	}
	for i, c := range m.q.Anchors {
		fmt.Fprintf(&s, "\n  anchor %d: %x %s <- %s", i, c.SHA256[:4], c.Subject(), c.Issuer())
	}
	return s.String()
}
