package pki

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// setConstraints fills in what bounds an authority: the path length and the names.
func setConstraints(t *x509.Certificate, r Request) error {
	if r.Kind != CA {
		if r.PathLength != nil || len(r.Permitted)+len(r.Excluded) > 0 {
			return fmt.Errorf("path length and name constraints are an authority's, and this is a %s's certificate", r.Kind)
		}
		return nil
	}
	if r.PathLength != nil {
		if *r.PathLength < 0 {
			return fmt.Errorf("a path length is 0 or more, unlike %d", *r.PathLength)
		}
		t.MaxPathLen, t.MaxPathLenZero = *r.PathLength, *r.PathLength == 0
	}
	// Critical, as RFC 5280 §4.2.1.10 demands; it is for both kinds of name.
	t.PermittedDNSDomainsCritical = len(r.Permitted)+len(r.Excluded) > 0
	var err error
	if t.PermittedDNSDomains, t.PermittedIPRanges, err = subtrees(r.Permitted); err != nil {
		return err
	}
	t.ExcludedDNSDomains, t.ExcludedIPRanges, err = subtrees(r.Excluded)
	return err
}

// subtrees sorts names into DNS names and networks.
func subtrees(names []string) (dns []string, networks []*net.IPNet, err error) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		if prefix, ok := parseNetwork(name); ok {
			networks = append(networks, &net.IPNet{IP: prefix.Masked().Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())})
			continue
		}
		// A DNS name stands for itself and all below it. The leading dot of older practice is not RFC 5280's for DNS
		// names, and GnuTLS refuses it.
		name = strings.TrimPrefix(strings.TrimPrefix(name, "*"), ".")
		if err := checkDNSName(name); err != nil {
			return nil, nil, fmt.Errorf("a name constraint: %w", err)
		}
		dns = append(dns, name)
	}
	return dns, networks, nil
}

// parseNetwork reads "10.0.0.0/8", or an address alone.
func parseNetwork(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, true
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	return netip.Prefix{}, false
}

// fitPathLength holds an authority's path length against its issuer's, which leaves one less for what is below.
func fitPathLength(t, issuer *x509.Certificate) error {
	if !t.IsCA || issuer.MaxPathLen < 0 || issuer.MaxPathLen == 0 && !issuer.MaxPathLenZero {
		return nil
	}
	most := issuer.MaxPathLen - 1
	if t.MaxPathLen > most {
		return fmt.Errorf("issuing a certificate: the authority %s leaves a path length of at most %d, and %d is asked for", CommonName(issuer), most, t.MaxPathLen)
	}
	if t.MaxPathLen == 0 && !t.MaxPathLenZero { // none was asked for
		t.MaxPathLen, t.MaxPathLenZero = most, most == 0
	}
	return nil
}
