package explain

// curlSignatures are curl's exit codes (man curl, EXIT CODES) where no text says more.
func curlSignatures() []signature {
	return []signature{
		{vague, "curl", "60", curlCode("60|51"), serverUnverified, nil},
		{vague, "curl", "35", curlCode("35"), []cause{
			may("tls-version-unsupported", "curl's exit code 35: the TLS handshake did not succeed."),
			may("server-speaks-plain-mqtt", "curl's exit code 35: or the port does not speak TLS."),
			could("client-certificate-required", "curl's exit code 35: or the server wants a client certificate."),
		}, nil},
		{coarse, "curl", "6", curlCode("6"), []cause{is("dns-not-found", "curl's exit code 6: the name was not found.")}, nil},
		{coarse, "curl", "5", curlCode("5"), []cause{is("proxy-failed", "curl's exit code 5: the name of the proxy was not found.")}, nil},
		{coarse, "curl", "97", curlCode("97"), []cause{is("proxy-failed", "curl's exit code 97: the proxy did not do its part.")}, nil},
		{coarse, "curl", "7", curlCode("7"), []cause{may("tcp-refused", "curl's exit code 7: the connection could not be made."), could("tcp-unreachable", "curl's exit code 7: or there is no route.")}, nil},
		{coarse, "curl", "28", curlCode("28"), []cause{is("tcp-timeout", "curl's exit code 28: no answer in time.")}, nil},
		{coarse, "curl", "52", curlCode("52"), []cause{may("connection-closed-after-handshake", "curl's exit code 52: the server closed the connection without an answer."), may("server-requires-tls", "curl's exit code 52: a TLS port does so when it is spoken to without TLS.")}, nil},
		{vague, "curl", "56", curlCode("56"), []cause{may("tcp-reset", "curl's exit code 56: receiving did not succeed."), may("client-certificate-rejected", "curl's exit code 56: in TLS 1.3 an alert about the client certificate arrives here.")}, nil},
		{vague, "curl", "58", curlCode("58"), []cause{may("file-wrong-format", "curl's exit code 58: the client certificate or its key cannot be used."), may("file-missing", "curl's exit code 58: or the file is not there."), could("passphrase-wrong", "curl's exit code 58: or the passphrase does not open it.")}, nil},
		{coarse, "curl", "77", curlCode("77") + "|error setting certificate (?:verify locations|file)|error adding trust anchors", []cause{may("file-missing", "curl's exit code 77: the CA file is not there or cannot be read."), could("file-wrong-format", "curl's exit code 77: or it holds no certificate.")}, nil},
		{coarse, "curl", "82", curlCode("82") + "|error loading crl file", []cause{may("revocation-unknown", "curl's exit code 82: the list of revoked certificates could not be loaded.")}, nil},
		{coarse, "curl", "91", curlCode("91"), []cause{may("certificate-revoked", "curl's exit code 91: the server's certificate did not pass the revocation check.")}, nil},
		{exact, "curl", "51", "no alternative certificate subject name matches target (?:ip|ipv4|ipv6) address|target ip", []cause{is("ip-address-not-in-certificate", "The connection goes to an IP address that the server's certificate does not list.")}, nil},
		{exact, "curl", "60", "no alternative certificate subject name matches target host ?name|certificate subject name '[^'\\n]*' does not match target host ?name|subjectaltname does not match|subject name\\S* does not match", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label."),
		}, nil},
		{exact, "curl", "58", "unable to set private key file|could not load (?:pem )?client (?:certificate|key)[^\\n]{0,40}|could not load pem client certificate", []cause{
			may("file-wrong-format", "The client certificate or its key cannot be used."), may("file-missing", "Or the file is not there."), could("passphrase-wrong", "Or the passphrase does not open the key."),
		}, nil},
	}
}

// curlCode is every form of an exit code: "curl: (60)", "cURL error 60", "exit code 60".
func curlCode(n string) string {
	return `curl:? \(#?(?:` + n + `)\)|curl (?:error|errno|exit(?:ed)?)[^\n]{0,16}?\(?#?\b(?:` + n + `)\b|curl returned (?:` + n + `)\b`
}
