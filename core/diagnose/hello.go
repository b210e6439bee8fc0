package diagnose

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// Settings of the ClientHello that a fix may change.
const (
	FieldMinTLS     Field = "min-tls"     // "1.0" to "1.3"; "": the program's own choice
	FieldMaxTLS     Field = "max-tls"     // the same
	FieldSmallHello Field = "small-hello" // "true" or "false"
)

// acceptedVersions lists the TLS versions that probes found the server to take, lowest first.
func (c *Case) acceptedVersions() (versions []uint16) {
	for _, v := range []uint16{0x0300, tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		p, ok := c.probe("version-" + evidence.VersionName(v))
		if ok && p.Status == evidence.OK && p.Version == v || c.TLS.Version == v {
			versions = append(versions, v)
		}
	}
	return versions
}

// bounds are the oldest and the newest TLS version that was offered.
func (c *Case) bounds() (oldest, newest uint16) {
	if c.Target.MaxTLS == 0 {
		return tls.VersionTLS12, tls.VersionTLS13
	}
	return c.Target.MinTLS, c.Target.MaxTLS
}

func (c *Case) offered(version uint16) bool {
	oldest, newest := c.bounds()
	return oldest <= version && version <= newest
}

// versionNames are versions for a sentence.
func versionNames(versions []uint16) (names []string) {
	for _, v := range versions {
		name := evidence.VersionName(v)
		if v >= tls.VersionTLS10 {
			name = "TLS " + name
		}
		names = append(names, name)
	}
	return names
}

// offeredWords names what was offered: "TLS 1.2 or TLS 1.3".
func (c *Case) offeredWords() string {
	oldest, newest := c.bounds()
	var versions []uint16
	for v := oldest; v <= newest; v++ {
		versions = append(versions, v)
	}
	return strings.ReplaceAll(list(versionNames(versions)), " and ", " or ")
}

func versionUnsupported(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Complete || c.TLS.Status != evidence.Failed || len(c.TLS.Sent) > 0 {
		return nil
	}
	accepted := c.acceptedVersions()
	proved := len(accepted) > 0 && !slices.ContainsFunc(accepted, c.offered)
	if !proved && c.TLS.Failure != evidence.VersionGap && c.alert() != alertProtocolVersion {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The broker does not speak %s.", c.offeredWords()),
		Detail:   "It refused what was offered, and told no other version.",
		Subject:  Subject{Kind: "broker"},
	}
	if c.TLS.Version != 0 {
		f.Evidence = append(f.Evidence, Fact{"version chosen by the broker", versionNames([]uint16{c.TLS.Version})[0]})
	}
	if !proved {
		return []Finding{f}
	}
	names := versionNames(accepted)
	best := accepted[len(accepted)-1]
	f.Evidence = append(f.Evidence, Fact{"versions accepted", strings.Join(names, ", ")})
	if best >= tls.VersionTLS12 {
		c.boundAtFault(&f, best, list(names))
		return []Finding{f}
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	f.Title = fmt.Sprintf("The broker speaks only %s, which %s no longer secure.", list(names), verb)
	f.Detail = "TLS 1.0 and 1.1 were withdrawn in 2021 (RFC 8996), and current clients refuse them. The broker, or the load balancer in front of it, has to be updated to TLS 1.2 or 1.3."
	if best >= tls.VersionTLS10 {
		f.Fixes = []Fix{allowOldTLS(best)}
	}
	return []Finding{f}
}

// boundAtFault words a finding about versions that the broker takes and the settings do not allow.
func (c *Case) boundAtFault(f *Finding, best uint16, accepted string) {
	oldest, newest := c.bounds()
	f.Title = fmt.Sprintf("The settings allow only %s, and the broker speaks only %s.", c.offeredWords(), accepted)
	f.Detail = "The bounds on the TLS version are set tighter than usual in this connection's settings. Without them TLS 1.2 and 1.3 are offered, and the two sides agree."
	f.Evidence = append(f.Evidence, Fact{"versions offered", c.offeredWords()})
	x := Fix{ID: "allow-tls-version", Title: "Allow " + versionNames([]uint16{best})[0], Risk: NoRisk, Automatic: true}
	if best < oldest {
		f.Subject = Subject{Kind: "setting", Setting: "min-tls"}
		x.Action.Set = []Assignment{{FieldMinTLS, ""}}
	} else {
		f.Subject = Subject{Kind: "setting", Setting: "max-tls"}
		x.Action.Set = []Assignment{{FieldMaxTLS, ""}}
		if oldest < tls.VersionTLS12 && newest < tls.VersionTLS12 {
			x.Action.Set = append(x.Action.Set, Assignment{FieldMinTLS, ""}) // what was lowered need not be any more
		}
	}
	f.Fixes = []Fix{x}
}

// allowOldTLS gives up what RFC 8996 withdrew the old versions for, so it is for the user to do.
func allowOldTLS(best uint16) Fix {
	name := evidence.VersionName(best)
	return Fix{
		ID: "allow-old-tls", Title: fmt.Sprintf("Allow TLS %s for this connection", name), Risk: Weakens,
		Action: Action{Text: fmt.Sprintf("Where the broker cannot be updated and the network in between is trusted, set the oldest TLS version in the settings to %s (--min-tls %s). What is sent in it can be read or changed by whoever controls that network.", name, name)},
	}
}

// largeHelloDropped: a hello with a post-quantum key share is larger than one packet, and the small one was answered.
func largeHelloDropped(c *Case) []Finding {
	p, ok := c.probe("small-hello")
	if !ok || p.Status != evidence.OK || c.TLS == nil || c.TLS.Complete || c.TLS.Version != 0 || c.Target.SmallHello {
		return nil
	}
	how := "dropped"
	if c.TLS.Failure != evidence.Timeout {
		how = "answered by the end of the connection"
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Something between this computer and %s:%d drops a large TLS hello, and lets a small one pass.", c.Target.Host, c.Target.Port),
		Detail:   fmt.Sprintf("The hello of current programs is larger than one packet, because it carries a post-quantum key share; it was %s. A smaller one without that share was answered at once. A firewall, a load balancer or the broker itself expects the hello in one packet, and needs an update: see https://tldr.fail. Until then a small hello can be sent; the connection is then encrypted as it was before post-quantum key exchange came.", how),
		Subject:  Subject{Kind: "network"},
		Evidence: []Fact{{"answer to a small hello", p.Detail}},
		Fixes: []Fix{{
			ID: "small-hello", Title: "Send a small hello to this broker", Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{FieldSmallHello, "true"}}},
		}},
	}}
}
