package explain

var (
	mbedtlsExpired = []cause{
		is("certificate-expired", "mbedTLS finds a certificate of the chain expired."),
		could("clock-wrong", "Or the device's clock is wrong."),
	}
	mbedtlsFuture = []cause{
		may("certificate-not-yet-valid", "mbedTLS finds a certificate of the chain dated in the future."),
		may("clock-wrong", "A device whose clock has not been set yet begins in 1970 and finds every certificate so."),
	}
	mbedtlsRevoked = []cause{is("certificate-revoked", "mbedTLS finds the certificate on a list of revoked certificates.")}
	mbedtlsName    = []cause{
		is("name-mismatch", "The name that the device connects to is not in the server's certificate."),
		could("ip-address-not-in-certificate", "Or it connects to an IP address that the certificate does not list."),
		could("wildcard-mismatch", "Or a wildcard does not reach the name."),
	}
	mbedtlsUntrusted = []cause{
		may("root-unknown", "mbedTLS found no path to the authority that was set; most often the server's comes from another."),
		may("intermediate-missing", "Or the server does not send its intermediate certificate."),
		could("chain-order", "Or the server sends its certificates out of order, which mbedTLS alone minds."),
		could("self-signed-leaf", "Or the server's certificate is self-signed."),
		could("ca-rotated", "Or the authority's key has changed."),
		could("issuer-not-ca", "Or a certificate that signs is not an authority's."),
	}
	mbedtlsNone = []cause{may("client-certificate-required", "mbedTLS: the other side gave no certificate.")}
	mbedtlsCRL  = []cause{may("revocation-unknown", "mbedTLS cannot use the list of revoked certificates that was set.")}

	mbedtlsKeyUsage = []cause{is("key-usage", "The key usage of the certificate does not allow the handshake."), could("leaf-not-first", "Or the server sends an authority's certificate first.")}
	mbedtlsExtended = []cause{is("extended-key-usage", "The certificate is not for server authentication.")}
	mbedtlsDigest   = []cause{is("signature-algorithm-weak", "A certificate is signed with a hash that mbedTLS does not accept, such as SHA-1.")}
	mbedtlsKey      = []cause{is("key-too-weak", "A certificate's key is too short, or on a curve that mbedTLS does not accept.")}
)

// mbedtlsSignatures are the words of mbedTLS: x509_crt_verify_info's and strerror's.
func mbedtlsSignatures() []signature {
	return []signature{
		{exact, "mbedtls", "", "certificate validity has expired|badcert_expired", mbedtlsExpired, nil},
		{exact, "mbedtls", "", "certificate validity starts in the future|badcert_future", mbedtlsFuture, nil},
		{exact, "mbedtls", "", "certificate has been revoked \\(is on a crl\\)|badcert_revoked", mbedtlsRevoked, nil},
		{exact, "mbedtls", "", "common name \\(cn\\) does not match with the expected cn|badcert_cn_mismatch", mbedtlsName, nil},
		{exact, "mbedtls", "", "not correctly signed by the trusted ca|badcert_not_trusted", mbedtlsUntrusted, nil},
		{exact, "mbedtls", "", "the crl is (?:not correctly signed by the trusted ca|expired|from the future|signed with an unacceptable)", mbedtlsCRL, nil},
		{exact, "mbedtls", "", "usage does not match the key ?usage extension|badcert_key_usage", mbedtlsKeyUsage, nil},
		{exact, "mbedtls", "", "usage does not match the (?:extendedkeyusage|nscerttype) extension|badcert_ext_key_usage", mbedtlsExtended, nil},
		{exact, "mbedtls", "", "signed with an unacceptable hash|badcert_bad_md", mbedtlsDigest, nil},
		{exact, "mbedtls", "", "signed with an unacceptable (?:key|pk alg)|badcert_bad_(?:pk|key)", mbedtlsKey, nil},
		{exact, "mbedtls", "", "certificate was missing|badcert_missing", mbedtlsNone, nil},
		{exact, "mbedtls", "", "ca chain is set, but required|no ca chain is set", []cause{may("file-empty", "No authority was set that the server's certificate could be verified with.")}, nil},
		{exact, "mbedtls", "", "no server verification option set", []cause{may("root-unknown", "The device was given neither a CA certificate nor a bundle to verify the server with.")}, nil},
		{exact, "mbedtls", "", "no matching trusted root certificate found|failed to verify certificate[^\\n]*crt_bundle|esp-x509-crt-bundle: failed", mbedtlsUntrusted, nil},
		{exact, "mbedtls", "", "format is invalid, e\\.g\\. different type expected", []cause{
			may("file-wrong-format", "A certificate that was set in the program is not PEM or DER as mbedTLS reads it."),
			may("file-encoding", "Or its text is damaged: line ends are missing, or the end of the text is."),
		}, nil},
		{coarse, "mbedtls", "", "an invalid ssl record was received", plainPort("mbedTLS"), nil},
		{exact, "mbedtls", "", "couldn't get hostname", []cause{is("dns-not-found", "The device could not find the address of the broker's name.")}, nil},
		{coarse, "mbedtls", "", "start_ssl_client\\(\\)[^\\n]{0,40}connect to server failed|connect to server failed!?", []cause{
			may("tcp-refused", "The ESP32 could not open the TCP connection; TLS was not reached."),
			may("tcp-timeout", "Or nobody answered."),
			could("dns-not-found", "Or the name was not found."),
		}, nil},
		{exact, "mbedtls", "", "ssl related configs set, but the transport protocol is a non-ssl scheme", []cause{
			may("server-requires-tls", "The device was given certificates, and its address says mqtt:// or a transport without TLS; mqtts:// is meant."),
		}, nil},
		{vague, "mbedtls", "", "failed to verify peer certificate|certificate verification failed, e\\.g\\. crl, ca or signature check failed|certificate verification failed, e\\.g\\.|err x509 cert verify failed", serverUnverified, nil},
		{vague, "mbedtls", "", "error transport connect|failed to open (?:a )?new connection|start_ssl_client: -1\\b", []cause{
			may("tcp-refused", "The device could not connect, and this line does not say why; the lines before it do."),
			could("tcp-timeout", "Nobody may have answered."),
			could("root-unknown", "Or it refused the broker's certificate."),
		}, nil},
	}
}
