package explain

// nodeSignatures are what Node and MQTT.js say in words of their own, and so MQTT X, MQTT Explorer and Node-RED.
func nodeSignatures() []signature {
	return []signature{
		{exact, "node", "ERR_TLS_CERT_ALTNAME_INVALID", "is not cert's cn", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
		}, nil},
		{exact, "node", "ERR_TLS_CERT_ALTNAME_INVALID", "cert(?:'s)? (?:does not|doesn't) contain a dns name|cert is empty|certificate altnames? is empty", []cause{
			is("name-missing", "The server's certificate has no names."),
		}, nil},
		{coarse, "node", "ERR_TLS_CERT_ALTNAME_INVALID", "err tls cert altname (?:invalid|format)|does not match certificate's altnames", []cause{
			may("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			may("ip-address-not-in-certificate", "Or the connection goes to an IP address that the certificate does not list."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label."),
		}, nil},
		{exact, "node", "ECONNRESET", "disconnected before secure (?:tls )?connection was established", []cause{
			may("server-speaks-plain-mqtt", "The port closed the connection when it was sent a TLS hello, as a port does that speaks MQTT without TLS."),
			may("tcp-reset", "Or something on the way, or a busy broker, closed it."),
			could("sni-required", "Or the broker serves several names, and none was sent."),
			could("large-hello-dropped", "Or something on the way drops large hellos."),
		}, nil},
		{exact, "node", "ERR_TLS_PROTOCOL_VERSION_CONFLICT", "err tls (?:protocol version conflict|invalid protocol version)|err ssl (?:unsupported protocol|version too low|no protocols available)", []cause{
			is("tls-version-unsupported", "The two sides have no version of TLS in common."),
		}, nil},
		{exact, "node", "ERR_SSL_NO_CIPHER_MATCH", "err ssl no cipher match", []cause{is("cipher-suite-unsupported", "The cipher suites that were set are none that this program knows.")}, nil},
		{exact, "node", "ERR_CRYPTO_UNSUPPORTED_OPERATION", "err crypto unsupported operation|unsupported pkcs12 pfx data", []cause{
			may("file-wrong-format", "The PKCS #12 file is encrypted in an old way (RC2 or 3DES) that this Node does not read."),
			could("key-unsupported", "Or the key is of a kind that it does not know."),
		}, nil},
		// Node.js 18, of a PKCS #12 file that holds certificates only; Node.js 20 says "Unable to load private key".
		{vague, "node", "", "error: passed a null parameter", []cause{
			may("file-wrong-content", "The PKCS #12 file holds no private key: it may be a trust store, which Node.js takes as PEM in its option ca, not as pfx."),
		}, nil},
		{vague, "node", "", "client network socket disconnected|socket hang up|connection closed: ?(?:mqtt|client)?|mqtt\\.?js onclose trigger", []cause{
			may("tcp-reset", "The other side closed the connection and gave no reason."),
			could("server-requires-tls", "A TLS port closes a connection on which MQTT is spoken without TLS."),
			could("connection-closed-after-handshake", "Or the broker refused the client certificate or the client without a word."),
		}, nil},
		{exact, "node", "", "connack timeout", []cause{
			may("server-requires-tls", "The port took the connection and never answered CONNECT: it may be waiting for a TLS hello."),
			may("server-not-mqtt", "Or it speaks another protocol."),
			could("tcp-timeout", "Or the network drops what is sent."),
		}, nil},
	}
}

// pythonSignatures are what Python's ssl module and paho say in words of their own.
func pythonSignatures() []signature {
	return []signature{
		{exact, "python", "62", "certificate is not valid for '[^'\\n]*'|certificate subject does not match remote hostname|hostname '[^'\\n]*' doesn't match", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label."),
		}, nil},
		{exact, "python", "64", "ip address mismatch, certificate is not valid for '[^'\\n]*'", []cause{
			is("ip-address-not-in-certificate", "The connection goes to an IP address that the server's certificate does not list."),
		}, nil},
		{exact, "python", "62", "host ?name mismatch, certificate is not valid for '[^'\\n]*'", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label."),
		}, nil},
		{exact, "python", "62", "no appropriate (?:subjectaltname|commonname)", []cause{is("name-missing", "The server's certificate has no name that could be compared.")}, nil},
		{coarse, "python", "PEM lib", "\\[ssl\\] pem lib|\\(_ssl\\.c:\\d+\\) pem lib", []cause{
			may("file-wrong-content", "A file does not hold the kind of block that Python expects in it, for instance a certificate where the key belongs."),
			may("file-wrong-format", "Or it is not PEM."),
			could("key-encrypted", "Or the key is encrypted."),
		}, nil},
		{exact, "python", "", "no_certificate_or_crl_found|no certificate or crl found", []cause{
			may("file-wrong-format", "The CA file holds no certificate in PEM."),
			may("file-empty", "Or it is empty."),
			could("file-encoding", "Or its bytes are not plain text: UTF-16, or one long line."),
		}, nil},
		{exact, "python", "", "legacy server connect|unsafe_legacy_renegotiation", []cause{may("tls-version-unsupported", "The server's TLS library is very old.")}, nil},
	}
}
