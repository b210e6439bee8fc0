package explain

// javaSignatures are the words of Java's TLS (JSSE) and of Android's, which Paho, HiveMQ's client and MQTT.fx pass on.
func javaSignatures() []signature {
	return []signature{
		{exact, "java", "", "unable to find valid certification path", javaUntrusted, javaClientUntrusted},
		{exact, "java", "", "trust anchor for certification path not found", javaUntrusted, javaClientUntrusted},
		{coarse, "java", "", "pkix path (?:building|validation) failed|no trusted certificate found|untrusted server certificate", javaUntrusted, javaClientUntrusted},
		{exact, "java", "", "path does not chain with any of the trust anchors", []cause{
			may("ca-rotated", "Java found an authority of the right name in the trust store, but its key is not the one that signed."),
			may("root-unknown", "Or the authority is not in the trust store."),
		}, javaClientUntrusted},
		{exact, "java", "", "trustanchors parameter must be non-empty", []cause{
			may("file-empty", "The trust store holds no authority: it is empty."),
			may("file-missing", "Or its path is wrong; Java then goes on with an empty one."),
			could("passphrase-wrong", "Or it could not be opened."),
		}, nil},
		{exact, "java", "", "no subject alternative (?:dns )?names? matching (?:ip address )?\\d+\\.\\d+\\.\\d+\\.\\d+ found|no subject alternative names? matching ip address", []cause{
			is("ip-address-not-in-certificate", "The connection goes to an IP address that the server's certificate does not list."),
		}, nil},
		{exact, "java", "", "no subject alternative (?:dns )?names? matching", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label."),
		}, nil},
		{exact, "java", "", "no subject alternative names present", []cause{
			may("ip-address-not-in-certificate", "Java says so when one connects by IP address and the certificate has no subject alternative names."),
			may("name-only-in-common-name", "Whatever name the certificate has stands in its common name only."),
			could("name-missing", "Or it has no name at all."),
		}, nil},
		{exact, "java", "", "no subjectaltnames on the certificate match|no name matching \\S+ found|hostname \\S+ (?:was )?not verified|hostname \\S+ in certificate didn't match|certificate for <\\S+> doesn't match", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("ip-address-not-in-certificate", "Or the connection goes to an IP address that the certificate does not list."),
			could("name-only-in-common-name", "Or the name stands in the common name only."),
		}, nil},
		{exact, "java", "", "certificateexpiredexception(?:: notafter)?|\\bnotafter: \\w{3} \\w{3}", javaExpired, javaClientExpired},
		{exact, "java", "", "certificatenotyetvalidexception(?:: notbefore)?|\\bnotbefore: \\w{3} \\w{3}", notYet("Java's verifier"), []cause{is("client-certificate-not-yet-valid", "The broker's Java finds the client certificate dated in the future.")}},
		{coarse, "java", "", "validity check failed|timestamp check failed", javaExpired, javaClientExpired},
		{exact, "java", "", "chain validation failed", []cause{
			may("certificate-expired", "Android says so when a certificate of the chain is outside its dates."),
			may("clock-wrong", "Or when the device's clock is wrong."),
			could("root-unknown", "Or when the chain does not end in a trusted authority."),
		}, nil},
		{exact, "java", "", "(?:basic constraints check failed: )?this is not a ca certificate|is not a ca certificate", []cause{is("issuer-not-ca", "A certificate that signs another is not an authority's.")}, nil},
		{exact, "java", "", "keycertsign bit is not set|ca key usage check failed", []cause{is("issuer-cannot-sign", "The key usage of an issuer does not include signing certificates.")}, nil},
		{exact, "java", "", "pathlenconstraint violated", []cause{is("path-length-exceeded", "An authority allows fewer intermediates below it than there are.")}, nil},
		{exact, "java", "", "extended ?key ?usage does not permit use for tls server|extended key usage does not permit use for tls server", []cause{is("extended-key-usage", "The server's certificate is not for server authentication.")}, nil},
		{exact, "java", "", "extended ?key ?usage does not permit use for tls client|extended key usage does not permit use for tls client", []cause{is("client-certificate-usage", "The client certificate is not for client authentication.")}, nil},
		{exact, "java", "", "key ?usage does not allow (?:digital signatures?|key encipherment)", []cause{
			is("key-usage", "The key usage of the server's certificate does not allow the handshake."),
			could("leaf-not-first", "Or the server sends an authority's certificate first."),
		}, nil},
		{exact, "java", "", "name constraints check failed", []cause{is("name-constraint", "An authority in the chain may not issue certificates for this name.")}, nil},
		{exact, "java", "", "unrecognized critical extension", []cause{is("critical-extension-unknown", "A certificate has an extension marked critical that Java does not know.")}, nil},
		{exact, "java", "", "signature does not match|signature check failed|invalid signature on (?:certificate|public key)", []cause{
			may("signature-invalid", "The signature on a certificate does not verify with its issuer's key."),
			may("ca-rotated", "Or the trust store holds an authority of the same name with another key."),
		}, javaClientUntrusted},
		{exact, "java", "", "invalid certificateverify (?:message|signature)|certificateverify[^\\n]{0,40}invalid", []cause{is("server-key-mismatch", "The signature in the handshake does not fit the certificate that was sent: the key is another's.")}, []cause{is("key-mismatch", "The client's signature does not fit its certificate.")}},
		{exact, "java", "", "(?:algorithm constraints check failed|does not conform to algorithm constraints|constraints check failed)[^\\n]*(?:key ?size|keysize|bit)", []cause{is("key-too-weak", "Java does not accept keys this short.")}, nil},
		{exact, "java", "", "algorithm constraints check failed|does not conform to algorithm constraints|certificates do(?:es)? not conform", []cause{
			may("signature-algorithm-weak", "Java does not accept the algorithm with which a certificate is signed."),
			could("key-too-weak", "Or a key is too short."),
		}, nil},
		{exact, "java", "", "unable to determine revocation status|revocation status[^\\n]{0,20}(?:unknown|unavailable)|could not determine revocation status", []cause{is("revocation-unknown", "Java was told to check revocation, and got no answer.")}, nil},
		{exact, "java", "", "no appropriate protocol|protocol is disabled or cipher suites are inappropriate|that protocol version is not enabled|not supported or disabled|server chose \\S+, but|client requested protocol \\S+ (?:is )?not enabled", []cause{
			is("tls-version-unsupported", "The two sides have no version of TLS in common; new releases of Java have TLS 1.0 and 1.1 switched off."),
		}, nil},
		{exact, "java", "", "unrecognized ssl message, plaintext connection|unsupported or unrecognized ssl message|not an ssl/tls record", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks MQTT without it."),
			may("server-speaks-http", "Or it is a web server without TLS."),
			could("server-speaks-other", "Or it speaks another protocol."),
		}, []cause{is("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS.")}},
		{coarse, "java", "", "remote host (?:closed|terminated) (?:the )?(?:connection during )?handshake|ssl peer shut down incorrectly|connection closed by peer during handshake|handshake[^\\n]{0,30}connection closed|sslhandshakeexception: connection closed", []cause{
			may("tcp-reset", "The other side closed the connection during the handshake."),
			may("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
			could("client-certificate-required", "Or the broker wants a client certificate and does not say so."),
			could("tls-version-unsupported", "Or it does not accept the versions of TLS that were offered."),
		}, nil},
		{exact, "java", "", "(?:null|empty) (?:client )?cert(?:ificate)? chain", []cause{is("client-certificate-required", "The broker asked for a client certificate, and the client gave none.")}, nil},
		{exact, "java", "", "empty server certificate chain", []cause{may("server-key-unsupported", "The server sent no certificate.")}, nil},
		{exact, "java", "", "keystore was tampered with, or password was incorrect|key ?store password was incorrect|given final block not properly padded|cannot recover key|failed to decrypt safe contents", []cause{
			is("passphrase-wrong", "The passphrase does not open the key store or the key."),
		}, nil},
		{exact, "java", "", "invalid keystore format|unrecognized keystore format|derinputstream\\.getlength|todernputstream rejects tag|toderinputstream rejects tag|not a (?:pkcs12|jks) (?:file|store)", []cause{is("file-wrong-format", "The file is not of the key store's kind that was said (JKS or PKCS #12).")}, nil},
		{exact, "java", "", "could not parse certificate[^\\n]*empty input|no certificate data found", []cause{is("file-empty", "The file holds no certificate.")}, nil},
		{exact, "java", "", "could not parse certificate|illegal header|incomplete data|invalid encoding for signature", []cause{may("file-encoding", "The file cannot be read as a certificate."), could("file-wrong-format", "Or it holds something else.")}, nil},
		{exact, "java", "", "invalidkeyspecexception|algid parse error, not a sequence|inputstream does not contain valid private key|found no private key|not contain valid private key", []cause{
			may("file-wrong-format", "The private key's form is not the one that Java reads: PKCS #8."),
			could("key-encrypted", "Or it is encrypted."),
		}, nil},
		{exact, "java", "", "inputstream does not contain valid certificates?", []cause{may("file-wrong-content", "The file holds no certificate in PEM."), could("file-encoding", "Or its text is damaged.")}, nil},
		{vague, "java", "32109", "mqttexception \\(32109\\)|eofexception", []cause{
			may("connection-closed-after-handshake", "The broker closed the connection and gave no reason."),
			could("mqtt-client-id-in-use", "Or a second client uses the same client identifier."),
			could("tcp-reset", "Or something on the way closed it."),
		}, nil},
		{vague, "java", "", "sslhandshakeexception|sslpeerunverifiedexception|sslexception", serverUnverified, javaClientUntrusted},
	}
}

var javaUntrusted = []cause{
	may("root-unknown", "Java found no path from the server's certificate to an authority of its trust store; most often that authority is not in it."),
	may("intermediate-missing", "Or the server does not send its intermediate certificate."),
	could("self-signed-leaf", "Or the server's certificate is self-signed."),
	could("root-sent-untrusted", "Or the server sends a root of its own."),
}

var javaClientUntrusted = []cause{
	may("client-certificate-unknown-ca", "The broker's Java does not trust the issuer of the client certificate."),
	may("client-chain-incomplete", "Or the client's file lacks the intermediate."),
}

var javaExpired = []cause{
	is("certificate-expired", "Java finds the server's certificate, or one above it, expired."),
	could("clock-wrong", "Or the clock of the computer that says so is ahead."),
}

var javaClientExpired = []cause{is("client-certificate-expired", "The broker's Java finds the client certificate expired.")}
