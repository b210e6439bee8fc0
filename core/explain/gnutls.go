package explain

// gnutlsSignatures are the words of GnuTLS (lib/x509/verify.c's printer, lib/errors.c).
func gnutlsSignatures() []signature {
	return []signature{
		{exact, "gnutls", "", "certificate issuer is unknown|issuer is unknown|signer_not_found", []cause{
			may("root-unknown", "GnuTLS found no path to an authority of the CA file; most often the CA file is another authority's."),
			may("intermediate-missing", "Or the server does not send its intermediate certificate."),
			could("self-signed-leaf", "Or the server's certificate is self-signed."),
		}, erlangUnknown},
		{exact, "gnutls", "", "uses expired certificate|certificate is expired|chain is expired", expired("GnuTLS"), nil},
		{exact, "gnutls", "", "uses not yet valid certificate|certificate is not yet activated|not activated yet", notYet("GnuTLS"), nil},
		{exact, "gnutls", "", "name in the certificate does not match", []cause{is("name-mismatch", "The name that was connected to is not in the server's certificate."), could("ip-address-not-in-certificate", "Or the connection goes to an IP address that it does not list.")}, nil},
		{exact, "gnutls", "", "certificate(?:'s)? issuer is not a ca", []cause{is("issuer-not-ca", "A certificate that signs another is not an authority's.")}, nil},
		{exact, "gnutls", "", "violates the signer's constraints", []cause{
			may("name-constraint", "An authority in the chain may not issue certificates for this name."),
			may("path-length-exceeded", "Or it allows fewer intermediates below it than there are."),
			could("issuer-cannot-sign", "Or its key usage does not include signing certificates."),
		}, nil},
		{exact, "gnutls", "", "does not match the intended purpose", []cause{is("extended-key-usage", "A certificate of the chain is not for server authentication.")}, nil},
		{exact, "gnutls", "", "chain uses insecure algorithm|uses insecure algorithm", []cause{may("signature-algorithm-weak", "A certificate is signed with SHA-1 or MD5."), could("key-too-weak", "Or its key is too short.")}, nil},
		{exact, "gnutls", "", "signature in the certificate is invalid", []cause{may("signature-invalid", "The signature on a certificate does not verify."), may("ca-rotated", "Or the CA file holds an authority of the same name with another key."), could("signature-algorithm-unsupported", "Or GnuTLS does not know its parameters.")}, nil},
		{exact, "gnutls", "", "certificate (?:chain )?(?:is )?revoked", []cause{is("certificate-revoked", "The certificate has been revoked.")}, nil},
		{exact, "gnutls", "", "requires the server to include an ocsp status", []cause{is("staple-missing", "The certificate promises an OCSP answer with every handshake, and the server sends none.")}, nil},
		{exact, "gnutls", "", "contains an unknown critical extension", []cause{is("critical-extension-unknown", "A certificate has an extension marked critical that GnuTLS does not know.")}, nil},
		{exact, "gnutls", "", "key usage violation in certificate", []cause{is("key-usage", "The key usage of the certificate does not allow the handshake."), could("leaf-not-first", "Or the server sends an authority's certificate first.")}, nil},
		{exact, "gnutls", "", "public key signature verification has failed", []cause{is("server-key-mismatch", "The server does not hold the key of the certificate that it sends.")}, nil},
		{exact, "gnutls", "", "unexpected tls packet was received|unsupported version packet was received|unexpected packet length", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks MQTT without it."),
			may("server-speaks-http", "Or it is a web server without TLS."),
			could("tls-version-unsupported", "Or a version of TLS that was not offered."),
		}, nil},
		{exact, "gnutls", "", "tls connection was non properly terminated|premature termination", []cause{may("tcp-reset", "The other side closed the connection without the alert that ends a TLS connection."), could("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so.")}, nil},
		{exact, "gnutls", "", "no supported cipher suites have been found|no or insufficient priorities|could not negotiate a supported cipher suite", []cause{is("cipher-suite-unsupported", "The two sides have no cipher suite in common.")}, nil},
		{exact, "gnutls", "", "certificate is required|no certificate was found|peer did not send any certificate", []cause{may("client-certificate-required", "One side wanted a certificate, and none came.")}, nil},
		{exact, "gnutls", "", "certificate and the given key do not match|certificate_key_mismatch", []cause{is("key-mismatch", "The private key is not the certificate's.")}, nil},
		{exact, "gnutls", "", "base64 (?:unexpected header|decoding) error", []cause{may("file-encoding", "The text of a PEM file is damaged."), may("file-wrong-content", "Or it holds another kind of block.")}, nil},
		{coarse, "gnutls", "", "certificate is not trusted|not trusted\\. the", serverUnverified, nil},
		{vague, "gnutls", "", "error in the certificate verification|a tls fatal alert has been received", serverUnverified, nil},
	}
}
