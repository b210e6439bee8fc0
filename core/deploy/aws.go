package deploy

import (
	"crypto/x509"
	"fmt"
	"slices"

	"mutual/core/pki"
)

// Pages of AWS's documentation that the rules are from, as they stood in November 2026.
const (
	awsCertificatePage = "https://docs.aws.amazon.com/iot/latest/developerguide/x509-client-certs.html"
	awsOwnPage         = "https://docs.aws.amazon.com/iot/latest/developerguide/device-certs-your-own.html"
	awsCAPage          = "https://docs.aws.amazon.com/iot/latest/developerguide/manage-your-CA-certs.html"
	awsRegisterPage    = "https://docs.aws.amazon.com/iot/latest/apireference/API_RegisterCertificate.html"
)

// FieldDevice, FieldCA, FieldCommands and FieldRoot are the IDs of the fields for AWS IoT.
const (
	FieldDevice   = "certificate"
	FieldCA       = "ca-certificate"
	FieldCommands = "commands"
	FieldRoot     = "amazon-root-ca"
)

// awsKeys are the kinds of key that AWS IoT names for clients' certificates: RSA of 2048 bits or more, and NIST curves.
var awsKeys = []string{"RSA 2048", "RSA 3072", "RSA 4096", "ECDSA P-256", "ECDSA P-384", "ECDSA P-521"}

// awsSignatures are the signature algorithms that it names.
var awsSignatures = []x509.SignatureAlgorithm{
	x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
	x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
}

// awsMaxPEM is the length of certificatePem and caCertificatePem in characters.
const awsMaxPEM = 65536

// AWSIoT prepares the registration of a client's certificate: Material.Certificate is the client's, and the authority
// that signed it is the last of its files or the client CA. The broker's own certificate is Amazon's.
func AWSIoT(m Material, o Options) (Handover, error) {
	key, err := m.keyPEM()
	if err != nil {
		return Handover{}, err
	}
	signer := m.signer()
	h := Handover{Broker: "aws-iot", Title: "AWS IoT Core", TwoWay: true, Checks: checkAWS(m, o, signer)}
	h.Fields = []Field{{ID: FieldDevice, Title: "Client certificate", File: "client.crt", Value: certificatesPEM(m.Certificate),
		Help: "certificatePem of RegisterCertificate; the client has it as well."}}
	if signer != nil {
		h.Fields = append(h.Fields, Field{ID: FieldCA, Title: "CA certificate", File: "client-ca.crt", Value: certificatesPEM(signer),
			Help: "caCertificate of RegisterCACertificate: the authority that signed the client's certificate, not one above it."})
	}
	h.Fields = append(h.Fields, Field{ID: FieldKey, Title: "Private key", File: "client.key", Value: key, Secret: true,
		Help: "For the client alone; AWS never gets it."})
	if root := m.amazonRoot(); root != nil {
		h.Fields = append(h.Fields, Field{ID: FieldRoot, Title: "Amazon's root", File: "AmazonRootCA1.pem", Value: certificatesPEM(root),
			Help: "What the client trusts: the CA file for the -ats endpoint."})
	}
	h.Fields = append(h.Fields, Field{ID: FieldCommands, Title: "Commands", File: "register.sh", Value: awsCommands(signer != nil),
		Help: "Registers the certificate; the policy's name is an example."})
	h.Steps = []string{
		"Run the commands of register.sh in the folder of the files, with AWS's command line logged in to your account and region.",
		"Attach a policy that allows the client's identifier and topics: without one, AWS closes the connection after CONNECT.",
		"Give the client client.crt, client.key and AmazonRootCA1.pem, and connect to the -ats endpoint with its name in the hello.",
	}
	return h, nil
}

// signer is the certificate of the authority whose key signed the client's; nil: it is not known.
func (m Material) signer() *x509.Certificate {
	for _, x := range slices.Concat(m.Chain, []*x509.Certificate{m.Root}, m.ClientCAs) {
		if x != nil && x != m.Certificate && issued(x, m.Certificate) {
			return x
		}
	}
	return nil
}

// amazonRoot is Amazon Root CA 1, which AWS's documentation tells clients to trust.
func (m Material) amazonRoot() *x509.Certificate {
	for _, r := range m.roots.Mozilla() {
		if x := r.Certificate(); x != nil && x.Subject.CommonName == "Amazon Root CA 1" {
			return x
		}
	}
	return nil
}

// awsCommands registers with the authority where it is known, and without where not. SNI_ONLY needs no proof that the
// authority's key is at hand; the price is that clients have to send the server's name, which all do today.
func awsCommands(withCA bool) string {
	register := `aws iot register-certificate-without-ca --status ACTIVE \
  --certificate-pem file://client.crt --query certificateArn --output text`
	if withCA {
		register = `aws iot register-ca-certificate --ca-certificate file://client-ca.crt --certificate-mode SNI_ONLY --set-as-active
aws iot register-certificate --status ACTIVE --certificate-pem file://client.crt \
  --ca-certificate-pem file://client-ca.crt --query certificateArn --output text`
	}
	return fmt.Sprintf("#!/bin/sh\n# See %s\nset -e\n%s\n# with the ARN that was printed:\n# aws iot attach-policy --policy-name my-policy --target ARN\n", awsOwnPage, register)
}

func checkAWS(m Material, o Options, signer *x509.Certificate) []Check {
	c := &checker{m: m, o: o, source: awsCertificatePage}
	x := m.Certificate
	c.awsKey()
	c.key()
	c.passphrase()
	c.validity("validity", "The client's certificate is valid now.", x)
	outcome := Passed
	if !slices.Contains(awsSignatures, x.SignatureAlgorithm) {
		outcome = Failed
	}
	c.add("signature", "The certificate is signed with SHA-256, SHA-384 or SHA-512.", outcome,
		fmt.Sprintf("%s is signed with %s.", c.who(), x.SignatureAlgorithm), "Have it issued anew with SHA-256.")
	c.usage("client-auth", "The certificate may be used for a client.", x, x509.ExtKeyUsageClientAuth, "clientAuth")
	c.source = awsCAPage
	rule := "The authority that is registered is the one that signed the client's certificate."
	switch {
	case signer == nil:
		c.add("signer", rule, Warning, fmt.Sprintf("The certificate of the issuer %q is not in the files, so the client's is registered without it.", x.Issuer.String()),
			"Give the authority's certificate, and every client of it can be registered on its first connection.")
	case !authority(signer):
		c.add("signer", rule, Failed, fmt.Sprintf("%q signed it, and is no authority by its basic constraints.", pki.CommonName(signer)),
			"Have the authority's certificate made as one: CA:TRUE in its basic constraints.")
	default:
		c.add("signer", rule, Passed, fmt.Sprintf("%q signed it.", pki.CommonName(signer)), "")
		c.validity("signer-validity", "The authority's certificate is valid now.", signer)
	}
	c.source = awsRegisterPage
	outcome = Passed
	if len(certificatesPEM(x)) > awsMaxPEM {
		outcome = Failed
	}
	c.add("size", fmt.Sprintf("The certificate has at most %d characters as PEM.", awsMaxPEM), outcome,
		fmt.Sprintf("%s has %d.", c.who(), len(certificatesPEM(x))), "Have it issued with fewer names or extensions.")
	return c.checks
}

// awsKey allows RSA keys of any length from 2048 bits on.
func (c *checker) awsKey() {
	kinds := awsKeys
	if kind := pki.KeyTypeOf(c.m.Certificate.PublicKey); c.m.Certificate.PublicKeyAlgorithm == x509.RSA && !slices.Contains(kinds, kind) {
		var bits int
		if _, err := fmt.Sscanf(kind, "RSA %d", &bits); err == nil && bits >= 2048 {
			kinds = append(slices.Clone(kinds), kind)
		}
	}
	c.keyType(kinds)
}
