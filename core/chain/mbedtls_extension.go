package chain

// mbedtlsPolicies is certificatePolicies, the only extension that it reads without needing it.
const (
	mbedtlsPolicies = "2.5.29.32"
	oidAnyPolicy    = "2.5.29.32.0"
)

// readExtensions is x509_get_crt_ext. Every critical extension that it does not read is refused, name constraints
// among them.
func (c *mbedtlsCertificate) readExtensions(tbs *mbedtlsReader) mbedtlsError {
	outer, err := tbs.next(0xa3)
	if err != 0 {
		return err.under(mbedtlsExtensions)
	}
	all, err := outer.whole(tagSequence)
	if err != 0 {
		return err.under(mbedtlsExtensions)
	}
	for len(all) > 0 {
		x, value, err := mbedtlsReadExtension(&all)
		if err != 0 {
			return err.under(mbedtlsExtensions)
		}
		read := c.extensionReader(x.oid)
		if read == nil {
			if x.critical {
				c.criticalUnknown = true
				return mbedtlsExtensions + mbedtlsTag
			}
			continue
		}
		if c.hasUsage[x.oid] {
			return mbedtlsExtensions
		}
		c.hasUsage[x.oid] = true
		if err := read(value); err != 0 && (err != mbedtlsFeature || x.critical) {
			c.criticalUnknown = err == mbedtlsFeature
			return err
		}
	}
	return 0
}

func mbedtlsReadExtension(all *mbedtlsReader) (x extension, value mbedtlsReader, err mbedtlsError) {
	one, err := all.next(tagSequence)
	if err != 0 {
		return x, nil, err
	}
	oid, err := one.next(tagOID)
	if err != 0 {
		return x, nil, err
	}
	x.oid = oidText(oid)
	if x.critical, err = one.boolean(); err != 0 && err != mbedtlsTag {
		return x, nil, err
	}
	value, err = one.whole(tagOctetString)
	return x, value, err
}

func (c *mbedtlsCertificate) extensionReader(oid string) func(mbedtlsReader) mbedtlsError {
	switch oid {
	case oidBasicConstraints:
		return c.readBasicConstraints
	case oidKeyUsage:
		return c.readKeyUsage
	case oidExtendedKeyUsage:
		return c.readExtendedKeyUsage
	case oidAlternativeName:
		return c.readAlternativeNames
	case oidNetscapeType:
		return readMbedTLSNetscapeType
	case mbedtlsPolicies:
		return readMbedTLSPolicies
	}
	return nil
}

// readBasicConstraints takes a number for cA too, so that a pathLenConstraint without cA makes an authority.
func (c *mbedtlsCertificate) readBasicConstraints(r mbedtlsReader) mbedtlsError {
	body, err := r.next(tagSequence)
	if err != 0 {
		return err.under(mbedtlsExtensions)
	}
	r = append(body, r...)
	if len(r) == 0 {
		return 0
	}
	is, err := r.boolean()
	if err == mbedtlsTag {
		var n int
		n, err = r.integer()
		is = n != 0
	}
	if err != 0 {
		return err.under(mbedtlsExtensions)
	}
	c.ca = is
	if len(r) == 0 {
		return 0
	}
	length, err := r.integer()
	switch {
	case err != 0:
		return err.under(mbedtlsExtensions)
	case len(r) > 0:
		return mbedtlsExtensions + mbedtlsMismatch
	case length == 1<<31-1:
		return mbedtlsExtensions + mbedtlsLength
	}
	c.pathLength = length
	return 0
}

func (c *mbedtlsCertificate) readKeyUsage(r mbedtlsReader) mbedtlsError {
	bits, err := r.bits()
	if err == 0 && len(bits) == 0 {
		err = mbedtlsLength
	}
	if err != 0 {
		return err.under(mbedtlsExtensions)
	}
	c.keyUsage = int(bits[0])
	return 0
}

func (c *mbedtlsCertificate) readExtendedKeyUsage(r mbedtlsReader) mbedtlsError {
	all, err := r.whole(tagSequence)
	if err == 0 && len(all) == 0 {
		err = mbedtlsLength
	}
	for err == 0 && len(all) > 0 {
		var oid mbedtlsReader
		if oid, err = all.next(tagOID); err == 0 {
			c.purposes = append(c.purposes, oidText(oid))
		}
	}
	return err.under(mbedtlsExtensions)
}

// readAlternativeNames looks into none of the names but otherName of a hardware module, which does not occur here.
func (c *mbedtlsCertificate) readAlternativeNames(r mbedtlsReader) mbedtlsError {
	all, err := r.whole(tagSequence)
	for err == 0 && len(all) > 0 {
		var e element
		if e, err = all.any(); err == 0 && e.tag&0xc0 != 0x80 {
			err = mbedtlsTag
		}
		c.names = append(c.names, e)
	}
	return err.under(mbedtlsExtensions)
}

func readMbedTLSNetscapeType(r mbedtlsReader) mbedtlsError {
	bits, err := r.bits()
	if err == 0 && len(bits) != 1 {
		err = mbedtlsLength
	}
	return err.under(mbedtlsExtensions)
}

// readMbedTLSPolicies knows anyPolicy only; others make it refuse when the extension is critical.
func readMbedTLSPolicies(r mbedtlsReader) mbedtlsError {
	all, err := r.whole(tagSequence)
	if err == 0 && len(all) == 0 {
		err = mbedtlsMismatch
	}
	unknown := false
	for err == 0 && len(all) > 0 {
		var policy, oid mbedtlsReader
		if policy, err = all.next(tagSequence); err != 0 {
			break
		}
		if oid, err = policy.next(tagOID); err != 0 {
			break
		}
		unknown = unknown || oidText(oid) != oidAnyPolicy
		if len(policy) > 0 {
			_, err = policy.whole(tagSequence) // qualifiers
		}
	}
	switch {
	case err != 0:
		return err.under(mbedtlsExtensions)
	case unknown:
		return mbedtlsFeature
	}
	return 0
}
