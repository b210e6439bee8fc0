package explain

import "fmt"

// Causes that several verify errors share.

func expired(says string) []cause {
	return []cause{
		is("certificate-expired", says+": the server's certificate, or one above it, has expired."),
		could("clock-wrong", "Or the clock of the computer that says so is ahead."),
	}
}

func notYet(says string) []cause {
	return []cause{
		may("certificate-not-yet-valid", says+": the server's certificate, or one above it, is dated in the future."),
		may("clock-wrong", says+": or the clock of the computer that says so is behind; devices without a battery begin in 1970."),
	}
}

func sigBad(n int) []cause {
	return []cause{may("signature-invalid", fmt.Sprintf("OpenSSL error %d: the signature on a certificate does not verify.", n))}
}

func malformed(n int) []cause {
	return []cause{is("certificate-malformed", fmt.Sprintf("OpenSSL error %d: a part of a certificate cannot be read.", n))}
}

func constraint(n int) []cause {
	return []cause{is("name-constraint", fmt.Sprintf("OpenSSL error %d: an authority in the chain may not issue certificates for this name.", n))}
}

func tooWeak(n int) []cause {
	return []cause{is("key-too-weak", fmt.Sprintf("OpenSSL error %d: a certificate's key is shorter than this security level accepts.", n))}
}

func strict(n int) []cause {
	return []cause{is("strict-profile", fmt.Sprintf("OpenSSL error %d comes only from verifiers in strict mode, such as Python 3.13 and later.", n))}
}

func keyIdentifiers(n int) []cause {
	return []cause{
		may("ca-rotated", fmt.Sprintf("OpenSSL error %d: the certificate names another key of its issuer than the CA file holds.", n)),
		could("anchor-not-self-consistent", fmt.Sprintf("OpenSSL error %d: or a root names another key as its issuer's than its own.", n)),
	}
}

// crlBad is a list of revoked certificates that a client could not use.
func crlBad(n int) []cause {
	return []cause{may("revocation-unknown", fmt.Sprintf("OpenSSL error %d: revocation was to be checked, and no usable answer was to be had.", n))}
}

// crlBroker is the same in a broker, whose own list is at fault.
func crlBroker(n int) []cause {
	return []cause{is("server-crl-expired", fmt.Sprintf("The broker's list of revoked certificates has expired or cannot be used (OpenSSL error %d), so it refuses every client.", n))}
}
