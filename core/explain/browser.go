package explain

// browserSignatures are the codes of Chromium (net_error_list.h) and Firefox (NSS), which web clients over WebSocket show.
func browserSignatures() []signature {
	return []signature{
		{exact, "browser", "ERR_CERT_AUTHORITY_INVALID", "err_cert_authority_invalid|sec_error_unknown_issuer|mozilla_pkix_error_mitm_detected", javaUntrusted, nil},
		{exact, "browser", "ERR_CERT_COMMON_NAME_INVALID", "err_cert_common_name_invalid|ssl_error_bad_cert_domain", []cause{is("name-mismatch", "The name that was connected to is not among the names of the server's certificate.")}, nil},
		{exact, "browser", "ERR_CERT_DATE_INVALID", "err_cert_date_invalid|sec_error_expired_certificate", expired("The browser"), nil},
		{exact, "browser", "ERR_CERT_REVOKED", "err_cert_revoked|sec_error_revoked_certificate", []cause{is("certificate-revoked", "The certificate has been revoked.")}, nil},
		{exact, "browser", "ERR_CERT_WEAK_SIGNATURE_ALGORITHM", "err_cert_weak_signature_algorithm", []cause{is("signature-algorithm-weak", "A certificate is signed with SHA-1 or MD5.")}, nil},
		{exact, "browser", "ERR_CERT_KNOWN_INTERCEPTION_BLOCKED", "err_cert_known_interception_blocked", []cause{is("interception", "The chain ends in a root that is known to inspect traffic.")}, nil},
		{exact, "browser", "ERR_BAD_SSL_CLIENT_AUTH_CERT", "err_bad_ssl_client_auth_cert|err_ssl_client_auth", []cause{may("client-certificate-rejected", "The server refused the client certificate."), may("client-certificate-required", "Or it wants one, and none was given.")}, nil},
		{exact, "browser", "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "err_ssl_version_or_cipher_mismatch|ssl_error_no_cypher_overlap|ssl_error_unsupported_version", []cause{may("tls-version-unsupported", "The two sides have no version of TLS in common."), may("cipher-suite-unsupported", "Or no cipher suite.")}, nil},
	}
}
