package explain

// generalSignatures are words that no program in particular uses. They are all vague: whatever is more exact in the text
// counts instead.
func generalSignatures() []signature {
	return []signature{
		{vague, "", "", "(?:tls|ssl)[^\\n]{0,30}(?:negotiation|handshake|connection|connect)[^\\n]{0,20}(?:fail|error)|(?:handshake|negotiation) (?:failed|failure|error)|ssl handshake failure|handshake_?exception", append([]cause{
			may("root-unknown", "The TLS handshake did not succeed, and the text does not say why; most often the authority is not in the CA file."),
			may("client-certificate-required", "Or the broker wants a client certificate."),
		}, serverUnverified[1:4]...), []cause{
			may("root-unknown", "The TLS handshake did not succeed, and the broker does not say why; most often the client refused the broker's certificate."),
			may("client-certificate-rejected", "Or the broker refused the client's."),
			could("tcp-reset", "Or the client closed the connection."),
		}},
		{coarse, "", "", "(?:connection|handshake) (?:was )?(?:terminated|closed|aborted|interrupted) (?:during|in|while)[^\\n]{0,10}handshake", []cause{
			may("tcp-reset", "The other side closed the connection during the handshake."),
			may("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
		}, nil},
		{vague, "", "", "unexpected_?hang_?up|connection (?:was )?(?:closed|terminated|dropped) (?:unexpectedly|by (?:the )?(?:peer|remote|server|broker|host))|server closed the connection|unexpected(?:ly)? (?:disconnect|close)", []cause{
			may("connection-closed-after-handshake", "The other side closed the connection and gave no reason; AWS IoT does so when its policy does not allow the client."),
			may("tcp-reset", "Or it was closed on the way."),
			could("mqtt-client-id-in-use", "Or a second client uses the same client identifier."),
		}, nil},
		{vague, "", "", "cryptogra(?:phic|hic) error", []cause{
			may("root-unknown", "A TLS library failed underneath, and the program does not pass on why; most often one side did not accept the other's certificate."),
			may("client-certificate-unknown-ca", "In a broker it is the client's certificate, or the client refused the broker's."),
			could("tls-alert", "Or the two stacks disagree."),
		}, nil},
		{vague, "", "", "(?:data|reading|data transfer)[^\\n]{0,30}(?:from|over) (?:the )?socket (?:has )?failed|has it been closed|socket (?:has been|was|is) closed|socketclosed", []cause{
			may("connection-closed-after-handshake", "The other side closed the connection and gave no reason."),
			may("tcp-reset", "Or it was closed on the way."),
			could("server-requires-tls", "A port for TLS does so to a client without it."),
		}, nil},
		{coarse, "", "", "time ?out (?:while )?waiting for (?:a )?connack|no connack|connack not received|waiting for connack", []cause{
			may("server-requires-tls", "The port took the connection and never answered CONNECT: it may be waiting for a TLS hello."),
			may("server-not-mqtt", "Or it speaks another protocol."),
			could("sni-required", "Or a broker that serves several names got none."),
			could("tcp-timeout", "Or the network drops what is sent."),
		}, nil},
		{faint, "", "", "(?:failed|unable|cannot|can't|could not|couldn't) (?:to )?connect|connect(?:ion)? (?:to \\S+ )?failed|no connection to|amqjs0007e|connection error\\b", []cause{
			may("tcp-refused", "The connection could not be made, and the text does not say why."),
			may("tcp-timeout", "Nobody may have answered."),
			could("dns-not-found", "Or the name was not found."),
			could("root-unknown", "Or TLS did not succeed."),
		}, nil},
		{vague, "", "", "\\brc ?= ?-[24]\\b|state ?= ?-[24]\\b", []cause{
			may("tcp-refused", "The Arduino client's state -2 means that the connection could not be made, and -4 that the broker did not answer."),
			may("root-unknown", "With TLS it can also be that the certificate was refused."),
			could("tcp-timeout", "Or nobody answered."),
		}, nil},
		{coarse, "", "", "tls_process_client_hello|tls_early_post_process_client_hello|length mismatch|ssl3_get_record:", []cause{
			may("tls-alert", "What arrived is not a TLS hello as the library expects it."),
		}, []cause{
			may("server-requires-tls", "What reached the TLS port was not a sound TLS hello: a client without TLS, or a port scanner."),
			could("tls-alert", "Or the two TLS stacks disagree."),
		}},
		{coarse, "", "", "tls_ctx_error|failed to create tls context|unable to create (?:ssl|tls) context|ssl ?context[^\\n]{0,20}(?:fail|error)", []cause{
			may("file-wrong-format", "The TLS library could not be set up with the files it was given."),
			may("file-missing", "Or one of them is not there."),
			could("file-wrong-content", "Or one holds something else."),
			could("key-encrypted", "Or the key is encrypted."),
		}, nil},
		{vague, "", "", "application verification failure|certificate (?:was |is )?(?:rejected|refused|invalid|not trusted|untrusted)|(?:bad|invalid|untrusted) (?:server )?certificate\\b", serverUnverified, goClientRejected},
	}
}

// bareVerdicts are what programs of all kinds write after "certificate", in words of their own.
func bareVerdicts() []signature {
	return []signature{
		{exact, "", "", "cert(?:ificate)?[\\s:]{0,3}(?:error|problem|status|invalid|verification)[\\s:(=-]{1,4}expired\\b", expired("The program"), []cause{is("client-certificate-expired", "The broker finds the client certificate expired.")}},
		{exact, "", "", "cert(?:ificate)?[\\s:]{0,3}(?:error|problem|status|invalid|verification)[\\s:(=-]{1,4}(?:not ?(?:yet ?)?(?:valid|activated)|future)\\b", notYet("The program"), nil},
		{exact, "", "", "cert(?:ificate)?[\\s:]{0,3}(?:error|problem|status|invalid|verification)[\\s:(=-]{1,4}revoked\\b", []cause{is("certificate-revoked", "The certificate has been revoked.")}, nil},
		{exact, "", "", "cert(?:ificate)?[\\s:]{0,3}(?:error|problem|status|invalid|verification)[\\s:(=-]{1,4}(?:unknown ?(?:ca|issuer|authority)|untrusted ?(?:root|issuer|ca))\\b", javaUntrusted, goClientUntrusted},
	}
}

// bearsslSignatures are the words and numbers of BearSSL (bearssl_x509.h), as Tasmota and the ESP8266 print them.
func bearsslSignatures() []signature {
	return []signature{
		{exact, "bearssl", "62", "br_err_x509_not_trusted|tls connection error: 62\\b", javaUntrusted, nil},
		{exact, "bearssl", "54", "br_err_x509_expired|tls connection error: 54\\b", expired("BearSSL"), nil},
		{exact, "bearssl", "53", "br_err_x509_time_unknown|tls connection error: 53\\b", []cause{is("clock-wrong", "The device does not know the time.")}, nil},
		{exact, "bearssl", "56", "br_err_x509_bad_server_name|tls connection error: 56\\b", []cause{is("name-mismatch", "The name that was connected to is not in the server's certificate.")}, nil},
		{exact, "bearssl", "55", "br_err_x509_dn_mismatch|tls connection error: 55\\b", []cause{may("intermediate-missing", "A certificate's issuer is not the next certificate's subject."), may("chain-order", "Or the certificates are out of order.")}, nil},
		{exact, "bearssl", "52", "br_err_x509_bad_signature|tls connection error: 52\\b", []cause{may("signature-invalid", "The signature on a certificate does not verify."), may("ca-rotated", "Or the authority's key has changed.")}, nil},
		{exact, "bearssl", "58", "br_err_x509_not_ca|tls connection error: 58\\b", []cause{is("issuer-not-ca", "A certificate that signs another is not an authority's.")}, nil},
		{exact, "bearssl", "60", "br_err_x509_weak_public_key|tls connection error: 60\\b", []cause{is("key-too-weak", "A certificate's key is too short.")}, nil},
		{exact, "bearssl", "57", "br_err_x509_critical_extension|tls connection error: 57\\b", []cause{is("critical-extension-unknown", "A certificate has a critical extension that BearSSL does not know.")}, nil},
		{exact, "bearssl", "59", "br_err_x509_forbidden_key_usage|tls connection error: 59\\b", []cause{is("key-usage", "The certificate's key usage does not allow the handshake.")}, nil},
	}
}
