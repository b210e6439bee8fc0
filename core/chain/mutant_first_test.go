package chain

import (
	"slices"
	"time"
)

// repairs is the order in which faults must be repaired, and why. What stands in one row can be repaired in any order:
// there, each of them is right as the first.
var repairs = [][]string{
	// With a key that the client does not offer to use, there is no handshake and no chain.
	{"server-key-unsupported"},
	// What cannot be read says nothing about itself.
	{"certificate-malformed"},
	// Which certificate is judged has to be known before anything about it.
	{"leaf-not-first"},
	// Without a path to something trusted nothing on it counts: the certificates might be anybody's.
	{"self-signed-leaf", "intermediate-missing", "ca-rotated", "ca-name-encoding", "root-sent-untrusted", "root-unknown"},
	// What a certificate says counts only once its signature is good.
	{"signature-invalid", "signature-algorithm-unsupported", "signature-algorithm-weak"},
	// Whether its issuer may have signed it comes next, from the kind of certificate to its limits.
	{"certificate-version", "issuer-not-ca", "issuer-cannot-sign", "path-length-exceeded"},
	// A certificate out of its dates has to be renewed anyway.
	{"certificate-expired", "certificate-not-yet-valid"},
	{"name-mismatch", "name-only-in-common-name", "name-missing", "ip-address-not-in-certificate", "wildcard-mismatch"},
	{"extended-key-usage", "key-usage", "name-constraint", "policy-constraint", "critical-extension-unknown"},
	{"key-too-weak", "anchor-not-root", "anchor-not-self-consistent", "ca-file-holds-leaf"},
	{"strict-profile", "chain-order"},
	{"chain-extra", "root-included"},
}

// first are the planted faults that may be named first: of those that this program refuses for, the ones that must be
// repaired first; where it refuses for none, any of the others, which are warnings about other clients.
func (m mutant) first() []planted {
	var seen, refused []planted
	for _, p := range m.planted {
		if p.hidden {
			continue
		}
		seen = append(seen, p)
		if p.refused {
			refused = append(refused, p)
		}
	}
	if len(refused) == 0 {
		return seen
	}
	row := func(p planted) int {
		return slices.IndexFunc(repairs, func(ids []string) bool { return slices.Contains(ids, p.id) })
	}
	lowest := slices.MinFunc(refused, func(a, b planted) int { return row(a) - row(b) })
	return slices.DeleteFunc(refused, func(p planted) bool { return row(p) != row(lowest) })
}

// rekeyed is another right answer to a signature that does not verify. Without an authority key identifier nothing tells
// a certificate that was altered from one that was issued with another key of its issuer's name: where that issuer is
// in the user's own file, the file may as well hold an authority that was made anew.
func (m mutant) rekeyed(p planted) (anchor *forged, may bool) {
	if p.id != "signature-invalid" || p.tier != max(m.plan.trusted, 0)+1 {
		return nil, false
	}
	t := m.plan.tiers[p.tier]
	return m.built[p.tier-1], t.noAuthority || t.version == 1
}

// clockWrong says whether the plan looks like a computer whose clock is wrong: this program refuses for dates alone, at
// least two of them, all in one direction and more than a week apart, and there is a time at which all of the path was
// valid.
func (m mutant) clockWrong() bool {
	var dates []planted
	for _, p := range m.planted {
		switch {
		case p.hidden || !p.refused:
		case p.id != "certificate-expired" && p.id != "certificate-not-yet-valid":
			return false
		default:
			dates = append(dates, p)
		}
	}
	if len(dates) < 2 {
		return false
	}
	missed := func(p planted) time.Time {
		if t := m.plan.tiers[p.tier]; p.id == "certificate-expired" {
			return t.until
		}
		return m.plan.tiers[p.tier].from
	}
	first, last := missed(dates[0]), missed(dates[0])
	for _, p := range dates {
		if p.id != dates[0].id {
			return false
		}
		if t := missed(p); t.Before(first) {
			first = t
		} else if t.After(last) {
			last = t
		}
	}
	from, until := time.Time{}, noon.Add(100*year)
	for _, t := range m.plan.tiers[max(m.plan.trusted, 0):] {
		if t.from.After(from) {
			from = t.from
		}
		if t.until.Before(until) {
			until = t.until
		}
	}
	return last.Sub(first) >= 7*day && !from.After(until)
}
