package lab

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"

	"golang.org/x/crypto/ocsp"
)

// statusFaults are about what the authority says of the server's certificates elsewhere.
var statusFaults = []fault{
	{Fault: Fault{"certificate-revoked", Trust, "The broker's certificate has been revoked",
		"How an authority takes a certificate back before its time, by list, by OCSP and by staple, and why most programs never look."},
		variants: []string{"intermediate", "delegate", "staple"},
		scene:    certificateRevoked},
	{Fault: Fault{"revocation-unknown", Trust, "Nobody can say whether the broker's certificate has been revoked",
		"What a check for revocation is worth when the list has expired, is somebody else's or is not there."},
		variants: []string{"expired", "forged", "gone", "try-later"},
		scene:    revocationUnknown},
	{Fault: Fault{"staple-missing", Trust, "The broker's certificate demands a staple, and the broker sends none",
		"What must-staple asks of a broker, and why only GnuTLS minds when it is missing."},
		scene: func(c *scene, _ string) error {
			return c.reissueLeaf(func(x *x509.Certificate) {
				x.ExtraExtensions = append(x.ExtraExtensions, mustStaple)
			})
		}},
}

// mustStaple is the TLS feature status_request (RFC 7633 §4.2.3.1).
var mustStaple = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}

// reissue makes a certificate again for the same key, with shape's changes. It takes the old one's place in what is sent.
func (c *scene) reissue(old, issuer *identity, shape func(*x509.Certificate)) (*identity, error) {
	made, err := forge(spec{
		subject: old.Subject, ca: old.IsCA, dnsNames: old.DNSNames, usage: old.ExtKeyUsage,
		notBefore: old.NotBefore, notAfter: old.NotAfter, key: old.key,
		shape: func(x *x509.Certificate) { x.IPAddresses = old.IPAddresses; shape(x) },
	}, issuer)
	if err != nil {
		return nil, err
	}
	for i, sent := range c.sent {
		if sent == old {
			c.sent = slices.Clone(c.sent)
			c.sent[i] = made
		}
	}
	return made, nil
}

func (c *scene) reissueLeaf(shape func(*x509.Certificate)) (err error) {
	c.leaf, err = c.reissue(c.leaf, c.intermediate, shape)
	return err
}

// authority starts the authority's web server, which goes with the lab.
func (c *scene) authority() (err error) {
	c.responder, err = newResponder()
	return err
}

// certificateRevoked revokes the server's certificate, or its issuer's: by list and OCSP, by a responder that the issuer
// appointed, or by the staple.
func certificateRevoked(c *scene, variant string) error {
	c.profile.Trust.CheckRevocation = true
	if err := c.authority(); err != nil {
		return err
	}
	r := c.responder
	var err error
	switch variant {
	case "intermediate":
		old := c.intermediate
		if c.intermediate, err = c.reissue(old, c.root, func(x *x509.Certificate) {
			x.CRLDistributionPoints = []string{r.address("/root.crl")}
		}); err != nil {
			return err
		}
		if r.files["/root.crl"], err = crl(c.root, c.now.Add(-day), c.intermediate); err != nil {
			return err
		}
		if err = c.reissueLeaf(func(x *x509.Certificate) { x.CRLDistributionPoints = []string{r.address("/issuing.crl")} }); err != nil {
			return err
		}
		r.files["/issuing.crl"], err = crl(c.intermediate, c.now.Add(-day))
		return err
	case "staple":
		staple, err := ocspAnswer(c.intermediate, c.intermediate, c.leaf.SerialNumber, ocsp.Revoked, c.now.Add(-day))
		c.tune = func(config *tls.Config) { config.Certificates[0].OCSPStaple = staple }
		return err
	case "delegate":
		signer, err := c.delegate(c.intermediate)
		if err != nil {
			return err
		}
		return c.answered(signer, ocsp.Revoked)
	}
	if err = c.reissueLeaf(func(x *x509.Certificate) {
		x.CRLDistributionPoints, x.OCSPServer = []string{r.address("/issuing.crl")}, []string{r.address(ocspPath)}
	}); err != nil {
		return err
	}
	if r.files["/issuing.crl"], err = crl(c.intermediate, c.now.Add(-day), c.leaf); err != nil {
		return err
	}
	r.answer = c.answer(c.intermediate, ocsp.Revoked)
	return nil
}

// answered gives the leaf a responder that signs as signer.
func (c *scene) answered(signer *identity, status int) error {
	c.responder.answer = c.answer(signer, status)
	return c.reissueLeaf(func(x *x509.Certificate) { x.OCSPServer = []string{c.responder.address(ocspPath)} })
}

func (c *scene) answer(signer *identity, status int) func(*ocsp.Request) []byte {
	return func(asked *ocsp.Request) []byte {
		der, err := ocspAnswer(c.intermediate, signer, asked.SerialNumber, status, c.now.Add(-day))
		if err != nil {
			return ocsp.InternalErrorErrorResponse
		}
		return der
	}
}

// revocationUnknown has an authority that is no help: its certificates name nobody to ask, its list has expired, or is
// somebody else's, or is not there, or its responder asks to try later.
func revocationUnknown(c *scene, variant string) error {
	c.profile.Trust.CheckRevocation = true
	if variant == "" {
		return nil
	}
	if err := c.authority(); err != nil {
		return err
	}
	r := c.responder
	if variant == "try-later" {
		r.answer = func(*ocsp.Request) []byte { return ocsp.TryLaterErrorResponse }
		return c.reissueLeaf(func(x *x509.Certificate) { x.OCSPServer = []string{r.address(ocspPath)} })
	}
	signer, date := c.intermediate, c.now.Add(-day)
	switch variant {
	case "expired":
		date = c.now.Add(-30 * day)
	case "forged":
		other, err := forge(spec{subject: signer.Subject, ca: true, notBefore: signer.NotBefore, notAfter: signer.NotAfter}, nil)
		if err != nil {
			return err
		}
		signer = other
	}
	if err := c.reissueLeaf(func(x *x509.Certificate) { x.CRLDistributionPoints = []string{r.address("/issuing.crl")} }); err != nil {
		return err
	}
	if variant == "gone" {
		return nil
	}
	list, err := crl(signer, date, c.leaf)
	r.files["/issuing.crl"] = list
	return err
}

// fetchable makes the intermediates that are not sent ones that can be fetched from the authority: one certificate as it
// is, or, in the second form, two of them, the upper one in a PKCS #7 container.
func fetchable(c *scene, two bool) error {
	if err := c.authority(); err != nil {
		return err
	}
	r := c.responder
	if two {
		policy, err := forge(spec{
			subject: commonName(c.root.Subject.Organization[0] + " Policy CA"), ca: true,
			notBefore: c.intermediate.NotBefore, notAfter: c.intermediate.NotAfter,
		}, c.root)
		if err != nil {
			return err
		}
		if c.intermediate, err = c.reissue(c.intermediate, policy, func(x *x509.Certificate) {
			x.IssuingCertificateURL = []string{r.address("/policy.p7c")}
		}); err != nil {
			return err
		}
		if r.files["/policy.p7c"], err = certificatesOnly(policy); err != nil {
			return err
		}
	}
	r.files["/issuing.crt"] = c.intermediate.Raw
	return c.reissueLeaf(func(x *x509.Certificate) { x.IssuingCertificateURL = []string{r.address("/issuing.crt")} })
}

// certificatesOnly is a PKCS #7 container without signers (RFC 5652 §5, RFC 5751 §3.2.2).
func certificatesOnly(i *identity) ([]byte, error) {
	type content struct{ Type asn1.ObjectIdentifier }
	type signedData struct {
		Version      int
		Digests      []asn1.RawValue `asn1:"set"`
		Content      content
		Certificates asn1.RawValue
		Signers      []asn1.RawValue `asn1:"set"`
	}
	inner, err := asn1.Marshal(signedData{
		Version: 1, Content: content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: i.Raw},
	})
	if err != nil {
		return nil, fmt.Errorf("making a PKCS #7 container: %w", err)
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{
		asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner},
	})
}
