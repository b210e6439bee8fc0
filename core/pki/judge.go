package pki

import (
	"errors"
	"strings"

	"mutual/core/evidence"
)

// judge sets Problem and Detail by what the file's role needs.
func (c *contents) judge() {
	switch {
	case c.Format == formatOpenSSH && c.Role == evidence.RoleKey && len(c.Blocks) > 0:
		c.Problem, c.Detail = evidence.KeyUnsupported, c.Blocks[0].Error
	case c.Format == formatPKCS12 && c.Role != evidence.RoleCA, c.Role == "" && (c.Format == formatJKS || c.Format == formatJCEKS || c.Format == formatPKCS7):
		c.judgeContainer()
	case c.Role == "":
		if c.Format == formatUnknown {
			c.Problem, c.Detail = evidence.NotPEM, c.firstError()
		}
	case c.Format != formatPEM:
		c.Problem, c.Detail = evidence.NotPEM, c.firstError()
	case c.Role == evidence.RoleKey:
		c.judgeKey()
	default:
		c.judgeCertificates()
	}
	if len(c.Encoding) > 0 && (c.Problem == evidence.NotPEM || c.Problem == evidence.WrongContent) {
		c.Problem, c.Detail = evidence.BadEncoding, strings.Join(c.Encoding, ", ")
	}
}

// judgeContainer is for a format that holds certificates and keys behind a passphrase. What can be read of one that is
// damaged counts.
func (c *contents) judgeContainer() {
	var unsupported *unsupportedKeyError
	switch err := c.containerError; {
	case errors.Is(err, errNoPassphrase):
		c.Problem, c.Detail = evidence.PassphraseNone, err.Error()
	case errors.Is(err, errPassphrase):
		c.Problem, c.Detail = evidence.PassphraseBad, "the passphrase does not open the file"
	case errors.As(err, &unsupported):
		c.Problem, c.Detail = evidence.KeyUnsupported, err.Error()
	case err != nil && c.Role == "":
		c.Detail = err.Error()
	case err != nil && len(c.Blocks) == 0:
		c.Format, c.Problem, c.Detail = formatUnknown, evidence.NotPEM, err.Error()
	case c.Role == evidence.RoleKey:
		c.judgeKey()
	case c.Role != "":
		c.judgeCertificates()
	}
}

func (c *contents) firstError() string {
	for _, b := range c.Blocks {
		if b.Error != "" {
			return b.Error
		}
	}
	return ""
}

// judgeCertificates asks for one certificate at least.
func (c *contents) judgeCertificates() {
	for _, b := range c.Blocks {
		if usableCertificate(b) {
			if c.Role == evidence.RoleCertificate && !supportedKeyType(b) {
				c.Problem, c.Detail = evidence.KeyUnsupported, "the certificate's key is "+b.KeyType
			}
			return
		}
	}
	c.Problem, c.Detail = evidence.WrongContent, c.firstError()
	for _, b := range c.Blocks {
		if b.Certificate != nil && !supportedKeyType(b) {
			c.Problem, c.Detail = evidence.KeyUnsupported, b.Error
			return
		}
	}
}

// supportedKeyType says whether Go's TLS could use the key of the certificate in b.
func supportedKeyType(b evidence.Block) bool {
	outline, _ := outlineOf(b.Certificate)
	_, supported := publicKeyType(outline.publicKey)
	return supported
}

// judgeKey asks for one usable key. Without one the reason that is easiest to mend counts: a passphrase.
func (c *contents) judgeKey() {
	if len(c.keys) > 0 {
		return
	}
	found := map[evidence.Problem]string{}
	for _, b := range c.Blocks {
		err := c.keyErrors[b.Index]
		var unsupported *unsupportedKeyError
		switch {
		case errors.Is(err, errPassphrase):
			found[evidence.PassphraseBad] = b.Error
		case errors.As(err, &unsupported):
			found[evidence.KeyUnsupported] = b.Error
		case b.Kind == kindEncryptedKey && b.Error == "":
			found[evidence.PassphraseNone] = "the key is encrypted"
		}
	}
	for _, p := range []evidence.Problem{evidence.PassphraseNone, evidence.PassphraseBad, evidence.KeyUnsupported} {
		if detail, ok := found[p]; ok {
			c.Problem, c.Detail = p, detail
			return
		}
	}
	c.Problem, c.Detail = evidence.WrongContent, c.firstError()
}
