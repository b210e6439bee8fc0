package explain

// erlangSignatures are the reasons of Erlang's public_key (pubkey_cert.erl, ssl_certificate.erl) in the logs of EMQX,
// VerneMQ and RabbitMQ. In a broker they are about the client's certificate, in a bridge about the other broker's.
func erlangSignatures() []signature {
	return []signature{
		{exact, "erlang", "hostname_check_failed", "bad cert,\\s*\\{?\\s*\"?hostname check failed|hostname_check_failed", []cause{is("name-mismatch", "The name that the bridge connects to is not among the names of the other broker's certificate.")}, nil},
		{exact, "erlang", "unknown_ca", "bad cert,\\s*\\{?\\s*\"?unknown ca\\b", []cause{may("root-unknown", "Erlang does not trust the authority above the certificate."), could("intermediate-missing", "Or an intermediate is missing.")}, erlangUnknown},
		{exact, "erlang", "selfsigned_peer", "(?:bad cert,\\s*\\{?\\s*\"?)?selfsigned[\\s_]?peer", []cause{is("self-signed-leaf", "The certificate is self-signed, and Erlang does not trust it.")}, []cause{is("client-certificate-unknown-ca", "The client certificate is self-signed, and the broker does not trust it.")}},
		{exact, "erlang", "42", "ssl_handshake\\.erl:\\d+ generated server alert:\\s*fatal\\s*-\\s*bad certificate", []cause{
			may("client-certificate-unknown-ca", "Erlang's own judgement (ssl_handshake.erl) is bad_certificate for a client certificate that is signed by itself and not trusted."),
			may("client-certificate-rejected", "Or a signature or an issuer in the client's chain does not fit."),
		}, nil},
		{exact, "erlang", "cert_expired", "(?:bad cert,\\s*\\{?\\s*\"?)?(?:root )?cert expired\\b", expired("Erlang's verifier"), []cause{is("client-certificate-expired", "The broker finds the client certificate expired, or dated in the future.")}},
		{exact, "erlang", "max_path_length_reached", "max path length reached", []cause{is("path-length-exceeded", "An authority allows fewer intermediates below it than there are.")}, erlangRejected},
		{exact, "erlang", "invalid_ext_key_usage", "invalid ext key usage|ext key usage[^\\n]{0,20}mismatch|key usage mismatch", []cause{is("extended-key-usage", "The certificate is not for server authentication.")}, []cause{is("client-certificate-usage", "The client certificate is not for client authentication.")}},
		{exact, "erlang", "invalid_key_usage", "bad cert,\\s*\\{?\\s*\"?invalid key usage", []cause{is("issuer-cannot-sign", "The key usage of an issuer does not include signing certificates.")}, erlangRejected},
		{exact, "erlang", "invalid_signature", "bad cert,\\s*\\{?\\s*\"?invalid signature", []cause{may("signature-invalid", "The signature on a certificate does not verify."), may("ca-rotated", "Or the CA file holds an authority of the same name with another key.")}, erlangUnknown},
		{exact, "erlang", "invalid_issuer", "bad cert,\\s*\\{?\\s*\"?invalid issuer", []cause{may("intermediate-missing", "The certificates do not follow from one another: one is missing or out of place.")}, erlangUnknown},
		{exact, "erlang", "missing_basic_constraint", "missing basic constraints?|invalid basic constraint", []cause{is("issuer-not-ca", "A certificate that signs another is not an authority's.")}, erlangRejected},
		{exact, "erlang", "name_not_permitted", "name not permitted", []cause{is("name-constraint", "An authority in the chain may not issue certificates for this name.")}, erlangRejected},
		{exact, "erlang", "revoked", "bad cert,\\s*\\{?\\s*\"?\\{?revoked", []cause{is("certificate-revoked", "The certificate has been revoked.")}, []cause{is("client-certificate-revoked", "The client certificate has been revoked.")}},
		{exact, "erlang", "revocation_status_undetermined", "revocation status undetermined|no relevant crls|no crls", []cause{is("revocation-unknown", "Erlang was told to check revocation, and found no list.")}, []cause{is("server-crl-expired", "The broker checks revocation, and has no usable list.")}},
		{exact, "erlang", "unknown_critical_extension", "unknown critical extension", []cause{is("critical-extension-unknown", "A certificate has an extension marked critical that Erlang does not know.")}, erlangRejected},
		{exact, "erlang", "", "options,\\s*\\{(?:ca)?(?:cert|key)file,[^\\n]{0,200}(?:enoent|\\{error, ?enoent)", []cause{is("file-missing", "A certificate or key file of the broker's settings is not there.")}, nil},
		{exact, "erlang", "", "options,\\s*\\{(?:ca)?(?:cert|key)file,[^\\n]{0,200}(?:eacces|\\{error, ?eacces)", []cause{is("file-unreadable", "The broker may not read a certificate or key file of its settings.")}, nil},
		{exact, "erlang", "", "no suitable (?:signature|key) algorithm|insufficient crypto algorithms|no suitable ciphers?|no_suitable", []cause{may("cipher-suite-unsupported", "The two sides have no cipher suite or signature algorithm in common.")}, nil},
		{exact, "erlang", "", "unsupported record type|in state (?:hello|start)[^\\n]*unexpected message", []cause{
			is("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS."),
		}, nil},
		{exact, "erlang", "", "ssl upgrade (?:timeout|error)|handshake timeout", []cause{
			may("server-requires-tls", "The broker's TLS port waited for a hello that never came: the client may speak MQTT without TLS."),
			could("tcp-timeout", "Or the network drops what is sent."),
			could("large-hello-dropped", "Or something on the way drops large hellos."),
		}, nil},
		{vague, "erlang", "", "ssl_closed|sslclosed|ssl error,\\s*(?:closed|einval)|tls connection closed", []cause{
			may("tcp-reset", "The other side closed the connection during the handshake, without an alert."),
			could("root-unknown", "Node and Python clients do so when they refuse the broker's certificate."),
		}, nil},
		{vague, "erlang", "", "ssl_error,|tls_alert", []cause{may("tls-alert", "An alert ended the handshake; its name is not in the text.")}, nil},
	}
}

var erlangUnknown = []cause{
	is("client-certificate-unknown-ca", "The broker does not trust the issuer of the client certificate."),
	could("client-chain-incomplete", "Or the client's file lacks the intermediate."),
}

var erlangRejected = []cause{is("client-certificate-rejected", "The broker verified the client certificate and refused it.")}
