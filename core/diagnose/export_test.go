package diagnose

import "slices"

// Readable is what every sentence must be, for the tests outside the package too.
var Readable = readable

// RuleIDs are the ids of all rules, each once.
func RuleIDs() (ids []string) {
	for _, r := range slices.Concat(beforeChain, afterChain) {
		ids = append(ids, r.ID)
	}
	ids = append(ids, ChainRuleIDs()...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ChainRuleIDs are the ids of the rules about the server's certificates.
func ChainRuleIDs() (ids []string) {
	for _, r := range chainRules {
		ids = append(ids, r.id)
	}
	return ids
}
