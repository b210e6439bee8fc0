package explain

// wolfsslSignatures are wolfSSL's numbers (wolfssl/wolfcrypt/error-crypt.h, wolfssl/error-ssl.h) and their texts, where
// the line or the one before shows that they are its own.
func wolfsslSignatures() []signature {
	return []signature{
		{exact, "wolfssl", "-150", wolfsslCode("150") + "|\\basn_before_date_e\\b|asn date error, current date before|date before check failed", notYet("wolfSSL"), nil},
		{exact, "wolfssl", "-151", wolfsslCode("151") + "|\\basn_after_date_e\\b|asn date error, current date after|date after check failed", expired("wolfSSL"), nil},
		{exact, "wolfssl", "-155", wolfsslCode("155") + "|\\basn_sig_confirm_e\\b|asn sig error, confirm failure", []cause{
			may("signature-invalid", "wolfSSL error -155: the signature on a certificate does not verify."),
			may("ca-rotated", "Or an authority of the same name has another key."),
		}, nil},
		{exact, "wolfssl", "-188", wolfsslCode("188") + "|\\basn_no_signer_e\\b|asn no signer error", []cause{
			may("root-unknown", "wolfSSL error -188: no trusted certificate of the issuer was loaded."),
			may("intermediate-missing", "Or the server does not send its intermediate certificate."),
		}, erlangUnknown},
		{exact, "wolfssl", "-275", wolfsslCode("275") + "|\\basn_self_signed_e\\b|asn self signed certificate error", []cause{is("self-signed-leaf", "wolfSSL error -275: the server's certificate is signed by itself, and it is not trusted.")}, nil},
		{exact, "wolfssl", "-322", wolfsslCode("322") + "|\\bdomain_name_mismatch\\b|peer subject name mismatch", []cause{is("name-mismatch", "wolfSSL error -322: the name that was connected to is not in the server's certificate.")}, nil},
		{exact, "wolfssl", "-326", wolfsslCode("326") + "|record layer version error", []cause{
			may("tls-version-unsupported", "wolfSSL error -326: the other side speaks another version of TLS."),
			may("server-speaks-plain-mqtt", "Or what came back is not TLS."),
		}, nil},
		{exact, "wolfssl", "-361", wolfsslCode("361") + "|\\bcrl_cert_revoked\\b|crl cert revoked", []cause{is("certificate-revoked", "wolfSSL error -361: the certificate has been revoked.")}, nil},
		{exact, "wolfssl", "-362", wolfsslCode("362") + "|\\bcrl_missing\\b|crl missing, not loaded", []cause{is("revocation-unknown", "wolfSSL error -362: revocation was to be checked, and there is no list.")}, nil},
		{exact, "wolfssl", "-501", wolfsslCode("501") + "|\\bmatch_suite_error\\b|can't match cipher suite", []cause{is("cipher-suite-unsupported", "wolfSSL error -501: the two sides have no cipher suite in common.")}, nil},
		{coarse, "wolfssl", "-313", wolfsslCode("313") + "|received alert fatal error", []cause{may("tls-alert", "wolfSSL error -313: the other side sent a fatal alert; its number is not in the text."), may("client-certificate-required", "Most often it is about the client certificate.")}, nil},
	}
}

// wolfsslCode is a number beside one of wolfSSL's words.
func wolfsslCode(n string) string {
	return `(?:wolfssl|wolfmqtt|preverify|tls verify callback|\basn\b)[^\n]{0,80}-` + n + `\b|-` + n + `\b[^\n]{0,40}(?:wolfssl|\basn\b)`
}
