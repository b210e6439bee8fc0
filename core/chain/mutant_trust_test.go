package chain

import "slices"

// trust replaces what is trusted. trusted is the tier of it, -1 for none.
func (b *blueprint) trusts(trusted int, choose func([]*forged) []*forged) {
	b.trusted, b.trust = trusted, choose
}

var trustMutations = []mutation{
	{"intermediate not sent", func(b *blueprint) bool {
		i, ok := b.intermediate()
		if !ok || !b.take("trust", "order") {
			return false
		}
		b.absent[i] = true
		return b.blame("intermediate-missing", i+1, true)
	}},
	{"another authority trusted", func(b *blueprint) bool {
		if !b.take("trust") {
			return false
		}
		b.trusts(-1, func([]*forged) []*forged { return []*forged{root("O=Elsewhere,CN=Elsewhere Root CA")} })
		return b.blame("root-unknown", 1, true)
	}},
	{"nothing trusted", func(b *blueprint) bool {
		if !b.take("trust", "no anchors") {
			return false
		}
		b.trusts(-1, func([]*forged) []*forged { return nil })
		return b.blame("root-unknown", 1, true)
	}},
	{"root sent, but not trusted", func(b *blueprint) bool {
		if !b.take("trust", "order") || !b.takes(0, "date", "basic", "usage", "extensions", "serial", "extended", "constraints", "key identifier", "authority", "key") {
			return false
		}
		b.trusts(-1, func([]*forged) []*forged { return []*forged{root("O=Elsewhere,CN=Elsewhere Root CA")} })
		b.sent = func(chain []*forged) []*forged { return chain }
		return b.blame("root-sent-untrusted", 0, true)
	}},
	{"root made anew, the old one trusted", func(b *blueprint) bool {
		if !b.take("trust") || !b.takes(1, "signature") {
			return false
		}
		old := forge(spec{subject: dn(b.tiers[0].subject), key: freshKey(), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign | cRLSign)},
			from: noon.Add(-9 * year), until: noon.Add(year)})
		b.trusts(-1, func([]*forged) []*forged { return []*forged{old} })
		return b.blameOther("ca-rotated", old, true)
	}},
	{"root made anew with another kind of key, and nothing that tells them apart", func(b *blueprint) bool {
		if b.taken["trust"] || !b.takes(1, "signature", "authority") || !b.takes(0, "key") || !b.take("trust") {
			return false
		}
		b.tiers[0].key, b.tiers[1].noAuthority = rsaKeys()[2048], true
		old := forge(spec{subject: dn(b.tiers[0].subject), key: freshKey(), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign | cRLSign)},
			from: noon.Add(-9 * year), until: noon.Add(year)})
		b.trusts(-1, func([]*forged) []*forged { return []*forged{old} })
		b.blame("strict-profile", 1, false)
		return b.blameOther("ca-rotated", old, true)
	}},
	{"intermediate trusted, not the root", func(b *blueprint) bool {
		i, ok := b.intermediate()
		if !ok || !b.take("trust") {
			return false
		}
		b.trusts(i, func(built []*forged) []*forged { return built[i : i+1] })
		return b.blame("anchor-not-root", i, false)
	}},
	{"end entity trusted, not its authority", func(b *blueprint) bool {
		if !b.take("trust") {
			return false
		}
		b.trusts(b.leaf(), func(built []*forged) []*forged { return built[len(built)-1:] })
		return b.blame("ca-file-holds-leaf", b.leaf(), false)
	}},
	{"self-signed end entity", func(b *blueprint) bool {
		if !b.take("trust", "order") || !b.takes(b.leaf(), "signature", "issuer", "authority") {
			return false
		}
		self := b.leaf()
		b.trusts(-1, func([]*forged) []*forged { return []*forged{root("O=Elsewhere,CN=Elsewhere Root CA")} })
		b.tiers[self].alone = true
		b.sent = func(chain []*forged) []*forged { return chain[:1] }
		for i := range self {
			b.absent[i] = true
		}
		return b.blame("self-signed-leaf", self, true)
	}},
	{"issuer's name encoded differently", func(b *blueprint) bool {
		i := 1 + b.IntN(b.leaf())
		if i == 1 && b.taken["trust"] || !b.takes(i, "issuer") || !b.takes(i-1, "subject") {
			return false
		}
		b.taken["trust"] = b.taken["trust"] || i == 1
		b.tiers[i-1].subject, b.tiers[i].issuer = "CN=printable:Encoded CA "+string(rune('0'+i)), "CN=Encoded CA "+string(rune('0'+i))
		return b.blame("ca-name-encoding", i-1, true)
	}},
	{"root's authority key identifier is not its own", func(b *blueprint) bool {
		if !b.takes(0, "authority", "key identifier", "extensions") {
			return false
		}
		b.tiers[0].authority = akidExt([]byte("somebody else's key!"))
		return b.blame("anchor-not-self-consistent", 0, false)
	}},
}

var orderMutations = []mutation{
	{"out of order", func(b *blueprint) bool {
		if len(b.tiers) < 4 || !b.take("order") {
			return false
		}
		b.sent = func(chain []*forged) []*forged {
			sent := slices.Clone(chain[:len(chain)-1])
			slices.Reverse(sent[1:])
			return sent
		}
		return b.blame("chain-order", 1, false)
	}},
	{"authority first", func(b *blueprint) bool {
		top := 1
		// A client's certificate has no name that could be missed: an authority's may pass for one.
		if b.purpose != ServerAuth || len(b.tiers) < 3 || !b.take("order") || !b.takes(top, "basic", "extensions") || !b.takes(b.leaf(), "basic", "extensions") {
			return false
		}
		b.sent = func(chain []*forged) []*forged {
			sent := slices.Clone(chain[:len(chain)-1])
			slices.Reverse(sent)
			return sent
		}
		return b.blame("leaf-not-first", top, true)
	}},
	{"unrelated certificate sent", func(b *blueprint) bool {
		if !b.take("extra") || !b.take("order") {
			return false
		}
		stray := one(b.mutator, root("CN=Stray Root"), endEntity(root("CN=Stray")), intermediate("CN=Stray Issuing CA", root("CN=Stray")))
		b.sent = func(chain []*forged) []*forged { return append(slices.Clone(chain[:len(chain)-1]), stray) }
		return b.blameOther("chain-extra", stray, false)
	}},
	{"certificate sent twice", func(b *blueprint) bool {
		i := 1 + b.IntN(b.leaf())
		if !b.take("order") {
			return false
		}
		b.sent = func(chain []*forged) []*forged {
			return slices.Insert(slices.Clone(chain[:len(chain)-1]), len(b.tiers)-i, chain[len(b.tiers)-1-i])
		}
		return b.blame("chain-extra", i, false)
	}},
	{"root sent as well", func(b *blueprint) bool {
		if !b.take("order", "trust") {
			return false
		}
		b.sent = func(chain []*forged) []*forged { return chain }
		return b.blame("root-included", 0, false)
	}},
}

// profileMutations are what only strict verifiers mind.
var profileMutations = []mutation{
	{"no authority key identifier", func(b *blueprint) bool {
		i := 1 + b.IntN(b.leaf())
		if !b.takes(i, "authority") {
			return false
		}
		b.tiers[i].noAuthority = true
		return b.blame("strict-profile", i, false)
	}},
	{"authority without subject key identifier", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "key identifier") {
			return false
		}
		b.tiers[i].noKeyID = true
		return b.blame("strict-profile", i, false)
	}},
	{"basicConstraints of an authority not critical", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "basic") {
			return false
		}
		b.tiers[i].basic = rawExt(oidBasicConstraints, false, []byte{0x30, 3, 1, 1, 0xff})
		return b.blame("strict-profile", i, false)
	}},
	{"authority without keyUsage", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "usage") {
			return false
		}
		b.tiers[i].usage = nil
		return b.blame("strict-profile", i, false)
	}},
	{"end entity may sign certificates", func(b *blueprint) bool {
		if !b.takes(b.leaf(), "usage") {
			return false
		}
		b.tiers[b.leaf()].usage = ku(digitalSignature | keyCertSign)
		return b.blame("strict-profile", b.leaf(), false)
	}},
	{"no subject, names not critical", func(b *blueprint) bool {
		if len(b.tiers[b.leaf()].names) == 0 || !b.takes(b.leaf(), "names", "issuer") {
			return false
		}
		b.tiers[b.leaf()].subject = ""
		return b.blame("strict-profile", b.leaf(), false)
	}},
	{"no subject, and may sign CRLs", func(b *blueprint) bool {
		if len(b.tiers[b.leaf()].names) == 0 || !b.takes(b.leaf(), "names", "issuer", "usage") {
			return false
		}
		b.tiers[b.leaf()].subject, b.tiers[b.leaf()].usage = "", ku(digitalSignature|cRLSign)
		return b.blame("strict-profile", b.leaf(), false)
	}},
	{"path length without keyUsage", func(b *blueprint) bool {
		i := b.issuer()
		if !b.takes(i, "usage", "basic") {
			return false
		}
		b.tiers[i].usage, b.tiers[i].basic = nil, ca(true, 3)
		return b.blame("strict-profile", i, false)
	}},
}
