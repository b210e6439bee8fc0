package explain

// windowsSignatures are SChannel's and CryptoAPI's codes (winerror.h) and .NET's words (X509ChainStatusFlags,
// SslPolicyErrors).
func windowsSignatures() []signature {
	return []signature{
		{exact, "windows", "0x800B0109", "0x800b0109|cert_e_untrustedroot|\\buntrusted ?root\\b|0x80090325|sec_e_untrusted_root|terminated in a root certificate which is not trusted|issued by an authority that is not trusted", []cause{
			may("root-unknown", "Windows does not trust the root of the server's chain."),
			may("root-sent-untrusted", "Or the server sends that root, and it is not in the store."),
			could("self-signed-leaf", "Or the server's certificate is self-signed."),
		}, erlangUnknown},
		{exact, "windows", "0x800B010A", "0x800b010a|cert_e_chaining|\\bpartial ?chain\\b|could not be built to a trusted root authority", []cause{
			may("intermediate-missing", "Windows could not build the chain to a root: a certificate in between is missing."),
			may("root-unknown", "Or the root is not in its store."),
		}, erlangUnknown},
		{exact, "windows", "0x800B0101", "0x800b0101|cert_e_expired|\\bnot ?time ?valid\\b|0x80090328|sec_e_cert_expired|not within its validity period", []cause{
			is("certificate-expired", "A certificate of the chain is outside its dates."),
			could("certificate-not-yet-valid", "It can be dated in the future, too."),
			could("clock-wrong", "Or this computer's clock is wrong."),
		}, []cause{is("client-certificate-expired", "The client certificate is outside its dates.")}},
		{exact, "windows", "0x800B010F", "0x800b010f|cert_e_cn_no_match|remote ?certificate ?name ?mismatch|0x80090322|sec_e_wrong_principal|target principal name is incorrect|cn name does not match", []cause{is("name-mismatch", "The name that was connected to is not in the server's certificate.")}, nil},
		{exact, "windows", "0x800B0110", "0x800b0110|cert_e_wrong_usage|not valid for the requested usage|\\bnotvalidforusage\\b", []cause{is("extended-key-usage", "A certificate of the chain is not for server authentication.")}, []cause{is("client-certificate-usage", "The client certificate is not for client authentication.")}},
		{exact, "windows", "0x80092010", "0x80092010|crypt_e_revoked|0x800b010c|cert_e_revoked", []cause{is("certificate-revoked", "The certificate has been revoked.")}, nil},
		{coarse, "windows", "0x80092012", "0x80092012|crypt_e_no_revocation_check|0x80092013|crypt_e_revocation_offline|revocation ?status ?unknown|offline ?revocation|revocation server was offline|unable to check revocation", []cause{
			is("revocation-unknown", "Windows was told to check revocation, and got no answer."),
		}, nil},
		{exact, "windows", "0x80090331", "0x80090331|sec_e_algorithm_mismatch|do not possess a common algorithm", []cause{may("tls-version-unsupported", "The two sides have no version of TLS in common."), may("cipher-suite-unsupported", "Or no cipher suite.")}, nil},
		{coarse, "windows", "0x80090326", "0x80090326|sec_e_illegal_message|0x80090308|sec_e_invalid_token|token supplied to the function is invalid", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS as Windows expects it."),
			could("tls-alert", "Or an alert ended the handshake."),
			could("client-certificate-required", "Or the server wants a client certificate."),
		}, nil},
		{exact, "windows", "0x00090320", "sec_i_incomplete_credentials|0x00090320|0x80090320|0x8009030e|sec_e_no_credentials", []cause{may("client-certificate-required", "The server wants a client certificate, and none could be used.")}, nil},
		{exact, "windows", "", "remotecertificatenotavailable", []cause{may("client-certificate-required", "One side gave no certificate.")}, nil},
		{coarse, "windows", "", "error while authenticating\\. ?connection closed|error while authenticating", []cause{
			may("server-requires-tls", "MQTTnet got no CONNACK, because the broker closed the connection: a port for TLS does so to a client without it."),
			may("connection-closed-after-handshake", "Or TLS is fine, and the broker closed the connection without a reason."),
			could("mqtt-refused", "Or the user name or password is wrong, and the broker does not say so."),
		}, nil},
		{vague, "windows", "", "remote certificate is invalid|remote certificate was rejected|remotecertificatechainerrors|0x80090327|sec_e_cert_unknown|authenticationexception", serverUnverified, []cause{may("client-certificate-rejected", "The broker's .NET refused the client certificate.")}},
		{exact, "windows", "", "specified network password is not correct", []cause{is("passphrase-wrong", "The passphrase does not open the PKCS #12 file.")}, nil},
		{exact, "windows", "", "keyset does not exist|private key[^\\n]{0,30}not present", []cause{may("file-unreadable", "Windows has the certificate and may not use its key."), could("key-mismatch", "Or it has no key for it.")}, nil},
	}
}

// appleSignatures are Secure Transport's OSStatus codes (SecureTransport.h) and NSURLError's (NSURLError.h), as iOS and
// macOS clients print them.
func appleSignatures() []signature {
	return []signature{
		{exact, "macos", "-9807", "(?:osstatus |error |code[\\s=]+|ssl error[\\s:]*)-?(?:9807|9812|9813)\\b|errssl(?:xcertchaininvalid|unknownrootcert|norootcert)|\\b-98(?:07|12|13)\\b|certificate is not trusted$|\"[^\"\\n]*\" certificate is not trusted", []cause{
			may("root-unknown", "The chain does not end in an authority that this Mac, iPhone or iPad trusts."),
			may("intermediate-missing", "Or the server does not send its intermediate certificate."),
			could("self-signed-leaf", "Or the server's certificate is self-signed."),
		}, nil},
		{exact, "macos", "-9814", "\\b-9814\\b|errsslcertexpired|nsurlerrorservercertificatehasbaddate|nsurlerrordomain[^\\n]{0,20}-1201\\b|code=-1201\\b", expired("Apple's verifier"), nil},
		{exact, "macos", "-9805", "(?:osstatus|cfnetwork|kcfstreamerror|nsosstatuserrordomain)[^\\n]{0,60}-980[56]\\b|errsslclosed(?:graceful|abort|nonotify)|\\b-9816\\b", []cause{
			may("connection-closed-after-handshake", "The broker closed the connection and gave no reason; AWS IoT does so when its policy or the certificate's status does not allow the client."),
			may("tcp-reset", "Or it was closed on the way, or by a port that does not speak TLS."),
			could("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
		}, nil},
		{exact, "macos", "-9801", "\\b-980[1]\\b|\\b-9818\\b|errsslnegotiation|errsslbadciphersuite", []cause{is("cipher-suite-unsupported", "The two sides have no cipher suite in common.")}, nil},
		{exact, "macos", "-9815", "\\b-9815\\b|errsslcertnotyetvalid|code=-1204\\b", notYet("Apple's verifier"), nil},
		{exact, "macos", "-9843", "\\b-9843\\b|errsslhostnamemismatch", []cause{is("name-mismatch", "The name that was connected to is not in the server's certificate.")}, nil},
		{exact, "macos", "-1202", "code=-1202\\b|nsurlerrorservercertificateuntrusted|nsurlerrordomain[^\\n]{0,20}-120[23]\\b|code=-1203\\b", []cause{
			may("root-unknown", "The chain does not end in an authority that this device trusts."),
			may("name-mismatch", "Or the name that was connected to is not in the certificate."),
			could("intermediate-missing", "Or the server does not send its intermediate certificate."),
		}, nil},
		{exact, "macos", "-1205", "code=-1205\\b|nsurlerrorclientcertificaterejected", []cause{is("client-certificate-rejected", "The server refused the client certificate.")}, nil},
		{exact, "macos", "-1206", "code=-1206\\b|nsurlerrorclientcertificaterequired", []cause{is("client-certificate-required", "The server wants a client certificate, and none was given.")}, nil},
		{exact, "macos", "-1003", "code=-1003\\b|nsurlerrorcannotfindhost", []cause{is("dns-not-found", "The name was not found.")}, nil},
		{exact, "macos", "-1004", "code=-1004\\b|nsurlerrorcannotconnecttohost", []cause{may("tcp-refused", "The connection could not be made.")}, nil},
		{exact, "macos", "-1001", "code=-1001\\b|nsurlerrortimedout", []cause{is("tcp-timeout", "No answer came in time.")}, nil},
		{exact, "macos", "", "certificate is not standards compliant", []cause{may("strict-profile", "Apple's verifier wants more than RFC 5280: a lifetime of at most 825 days, subject alternative names, a usage for servers."), could("name-only-in-common-name", "Most often the certificate has no subject alternative names.")}, nil},
	}
}
