package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// setNames fills in subject and subject alternative names.
func setNames(t *x509.Certificate, r Request) error {
	subject, names := r.Subject, r.Names
	empty := len(subject.ToRDNSequence()) == 0
	if r.Kind == Server && len(names) == 0 {
		if subject.CommonName == "" {
			return errors.New("a server's certificate needs the names or addresses by which clients reach it")
		}
		// RFC 9525 §2: clients look at subject alternative names only.
		names = []string{subject.CommonName}
	}
	if r.Kind != CA && empty && len(names) > 0 && len(names[0]) <= 64 { // ub-common-name of RFC 5280
		subject = pkix.Name{CommonName: unbracketed(names[0])}
	}
	if r.Kind != Server && len(subject.ToRDNSequence()) == 0 {
		return errors.New("a subject is needed")
	}
	if r.Kind != CA {
		if err := addNames(t, names); err != nil {
			return err
		}
	}
	var err error
	t.Subject = subject
	t.RawSubject, err = encodeName(subject)
	return err
}

// unbracketed is an address without the brackets that it has in a URL.
func unbracketed(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(name), "["), "]")
}

// addNames sorts names into dNSName and iPAddress entries, each once.
func addNames(t *x509.Certificate, names []string) error {
	for _, name := range names {
		name = strings.TrimSpace(name)
		if ip, err := netip.ParseAddr(unbracketed(name)); err == nil && ip.Zone() == "" {
			if bytes := ip.Unmap().AsSlice(); !slices.ContainsFunc(t.IPAddresses, func(x net.IP) bool { return x.Equal(bytes) }) {
				t.IPAddresses = append(t.IPAddresses, bytes)
			}
			continue
		}
		if err := checkDNSName(name); err != nil {
			return err
		}
		if !slices.ContainsFunc(t.DNSNames, func(x string) bool { return strings.EqualFold(x, name) }) {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	return nil
}

// checkDNSName holds name against RFC 1034 §3.5 (underscores are let through, as all verifiers do), with one whole
// left-most label allowed to be an asterisk (RFC 9525 §6.3).
func checkDNSName(name string) error {
	if name == "" || len(name) > 253 {
		return fmt.Errorf("%q is not a host name: it must have 1 to 253 characters", name)
	}
	labels := strings.Split(name, ".")
	if labels[0] == "*" {
		if labels = labels[1:]; len(labels) == 0 {
			return errors.New(`"*" alone is not a host name`)
		}
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("%q is not a host name: each part between dots has 1 to 63 letters, digits and inner hyphens", name)
		}
		for _, r := range label {
			switch {
			case r > 127:
				return fmt.Errorf("%q is not a host name: international names are written in their xn-- form", name)
			case r == '*':
				return fmt.Errorf("%q is not a host name: an asterisk can only be the whole first part", name)
			case !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'):
				return fmt.Errorf("%q is not a host name: %q cannot be in it", name, r)
			}
		}
	}
	return nil
}
