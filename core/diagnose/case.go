package diagnose

import (
	"crypto/sha256"
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// Case is an attempt and what chain says of it, worked out once for all rules.
type Case struct {
	*evidence.Attempt
	Clients  []string // the judges that must accept too
	Question chain.Question
	Analysis chain.Analysis
	Verdicts []chain.Verdict // nil where no certificate was seen
	offline  bool            // a chain is judged, and there was no connection
	client   *clientCase     // what client.go works out when it is first asked
	standing []standing      // of the certificates on the path, as CRLs and OCSP have it
	parsed   map[[32]byte]chain.Certificate
}

// Rule is one finding id: its source, what it makes superfluous, and its condition, sentence and fixes.
type Rule struct {
	ID    string
	Spec  string // where the rule comes from: "RFC 5280 §4.1.2.5"
	Hides []string
	Check func(*Case) []Finding
}

// families in the order in which a connection meets them, which is the order of the findings: the cause comes first.
// What is wrong with the server's chain stands between, in the order that chain gives it (see chainRules).
var (
	beforeChain = slices.Concat(fileRules, networkRules, webSocketRules, protocolRules, negotiationRules, clockRules, interceptionRules)
	afterChain  = slices.Concat(revocationRules, clientRules, mqttRules, sessionRules, lifetimeRules)
)

func (c *Case) judge(q chain.Question) {
	c.Question = q.Remembering()
	c.Analysis = chain.Analyse(c.Question)
	c.Verdicts = chain.Verdicts(c.Question)
	c.judgeRevocation()
}

// parse is chain.Parse, once for each certificate of the case wherever it is met.
func (c *Case) parse(x evidence.Certificate) chain.Certificate {
	if c.parsed == nil {
		c.parsed = map[[32]byte]chain.Certificate{}
		for _, known := range slices.Concat(c.Question.Sent, c.Question.Untrusted, c.Question.Anchors, c.Question.Candidates) {
			c.parsed[known.SHA256] = known
		}
	}
	sum := sha256.Sum256(x.DER)
	known, ok := c.parsed[sum]
	if !ok {
		known = chain.Parse(x)
		c.parsed[sum] = known
	}
	known.Certificate = x
	return known
}

func (c *Case) result() Result {
	var found []Finding
	hidden := map[string]bool{}
	run := func(rules []Rule) {
		for _, r := range rules {
			for _, f := range r.Check(c) {
				f.ID, f.Spec = r.ID, r.Spec
				found = append(found, f)
				for _, h := range r.Hides {
					hidden[h] = true
				}
			}
		}
	}
	run(beforeChain)
	found = append(found, c.chainFindings()...)
	run(afterChain)
	found = slices.DeleteFunc(found, func(f Finding) bool { return hidden[f.ID] })
	whole := slices.Clone(found)
	found = slices.DeleteFunc(found, func(f Finding) bool { return c.toldOf(f, whole) })
	// Stable: within a severity the order above is the order of causes.
	slices.SortStableFunc(found, func(a, b Finding) int { return weight(a.Severity) - weight(b.Severity) })
	for i := range found {
		found[i].fill()
	}
	return Result{Findings: found, Chain: c.Analysis, Verdicts: c.verdicts()}
}

func weight(s Severity) int {
	switch s {
	case Error:
		return 0
	case Warning:
		return 1
	}
	return 2
}

// fill replaces nil lists: in JSON a list is a list, also when it is empty.
func (f *Finding) fill() {
	if f.Clients == nil {
		f.Clients = []string{}
	}
	if f.Evidence == nil {
		f.Evidence = []Fact{}
	}
	if f.Fixes == nil {
		f.Fixes = []Fix{}
	}
}

// binding says whether a refusal by client makes a finding an error here.
func (c *Case) binding(client string) bool {
	if client == "go" {
		return !c.Target.DoNotVerify
	}
	return slices.Contains(c.Clients, client)
}

// severity applies the one rule for what clients refuse; least is for what nobody binding refuses.
func (c *Case) severity(refusers []string, least Severity) Severity {
	switch {
	case slices.ContainsFunc(refusers, c.binding):
		return Error
	case len(refusers) > 0:
		return Warning
	}
	return least
}

// files returns the files of a role.
func (c *Case) files(role evidence.Role) []evidence.File {
	var fs []evidence.File
	if c.Files != nil {
		for _, f := range c.Files.Files {
			if f.Role == role {
				fs = append(fs, f)
			}
		}
	}
	return fs
}

func (c *Case) probe(name string) (evidence.Probe, bool) {
	for _, p := range c.Probes {
		if p.Name == name {
			return p, true
		}
	}
	return evidence.Probe{}, false
}
