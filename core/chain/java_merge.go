package chain

import "slices"

// merge is NameConstraintsExtension.merge: what a lower authority excludes is added, what it permits narrows.
func (n *javaConstraints) merge(lower *nameConstraints) (problem string) {
	if n.exhausted() {
		return ""
	}
	if len(lower.excluded) > 0 {
		n.excluded = n.minimized(append(n.excluded, lower.excluded...))
	}
	switch {
	case n.permitted == nil:
		n.permitted = slices.Clone(lower.permitted)
	case lower.permitted != nil:
		var none []subtree
		if n.permitted, none, problem = n.intersected(n.permitted, lower.permitted); problem != "" {
			return problem
		}
		if len(none) > 0 {
			n.excluded = n.minimized(append(n.excluded, none...))
		}
	}
	if n.permitted != nil {
		n.permitted = slices.DeleteFunc(n.permitted, func(p subtree) bool {
			return slices.ContainsFunc(n.excluded, func(e subtree) bool {
				r := n.compare(e.base, p.base)
				return r == match || r == narrows
			})
		})
	}
	return ""
}

// minimized leaves out subtrees that lie within others, as GeneralSubtrees.minimize does.
func (n *javaConstraints) minimized(trees []subtree) []subtree {
	trees = slices.Clone(trees)
	for i := 0; i < len(trees)-1 && !n.exhausted(); i++ {
		remove := false
		for j := i + 1; j < len(trees) && !remove; j++ {
			switch n.compare(trees[i].base, trees[j].base) {
			case match, widens:
				remove = true
			case narrows:
				trees = slices.Delete(trees, j, j+1)
				j--
			}
		}
		if remove {
			trees = slices.Delete(trees, i, i+1)
			i--
		}
	}
	return trees
}

// intersected is GeneralSubtrees.intersect. none are the types of names of which nothing is left to permit.
func (n *javaConstraints) intersected(upper, lower []subtree) (both, none []subtree, problem string) {
	if len(upper) == 0 {
		return n.minimized(lower), nil, ""
	}
	upper, lower = n.minimized(upper), n.minimized(lower)
	var narrower []subtree
	for i := 0; i < len(upper) && !n.exhausted(); i++ {
		this, sameType := upper[i].base, false
	others:
		for _, o := range lower {
			switch n.compare(this, o.base) {
			case narrows:
				upper = slices.Delete(upper, i, i+1)
				i--
				narrower = append(narrower, o)
				sameType = false
				break others
			case apart:
				sameType = true
			case match, widens:
				sameType = false
				break others
			}
		}
		if !sameType {
			continue
		}
		if !n.meet(upper, lower, this.tag) {
			widest, problem := widestSubtree(this)
			if problem != "" {
				return nil, nil, problem
			}
			none = append(none, widest)
		}
		upper = slices.Delete(upper, i, i+1)
		i--
	}
	if len(narrower) > 0 {
		upper = n.minimized(append(upper, narrower...))
	}
	// Types of names that only lower speaks of. With nothing left above, Java adds none.
	for _, o := range lower {
		if len(upper) > 0 && !slices.ContainsFunc(upper, func(u subtree) bool { return u.base.tag == o.base.tag }) {
			upper = append(upper, o)
		}
	}
	return upper, none, ""
}

// meet reports that some subtree of that type in upper and one in lower have names in common.
func (n *javaConstraints) meet(upper, lower []subtree, tag byte) bool {
	return slices.ContainsFunc(upper, func(u subtree) bool {
		return u.base.tag == tag && slices.ContainsFunc(lower, func(l subtree) bool {
			r := n.compare(u.base, l.base)
			return r == match || r == widens || r == narrows
		})
	})
}

// widestSubtree is createWidestSubtree, which for most types of names ends in an exception.
func widestSubtree(g generalName) (subtree, string) {
	switch g.tag {
	case directoryName:
		return subtree{base: generalName{tag: directoryName, name: &name{}}}, ""
	case dnsName:
		return subtree{}, "DNSName must not be null or empty"
	case rfc822Name:
		return subtree{}, "RFC822Name may not be null or empty"
	case uriName:
		return subtree{}, "URI name must include scheme:"
	case ipAddress:
		return subtree{}, javaNoAddress
	}
	return subtree{}, "no widest subtree"
}

const javaNoAddress = `Cannot read the array length because "address" is null`
