package explain

// goSignatures are the words of Go's crypto/x509, crypto/tls and net, which paho.golang and many brokers pass on.
func goSignatures() []signature {
	return []signature{
		{exact, "go", "", "certificate signed by unknown authority \\(possibly because of [^\\n]{0,40}(?:ecdsa verification failure|verification error|crypto/rsa: |ed25519)[^\\n]*?\\)", []cause{
			may("ca-rotated", "Go found an authority of the right name in the CA file, but its key is not the one that signed."),
			may("signature-invalid", "Or the signature on the certificate is damaged."),
		}, goClientUntrusted},
		{exact, "go", "", "certificate signed by unknown authority \\(possibly because of [^\\n]{0,60}parent certificate cannot sign this kind of certificate[^\\n]*?\\)", []cause{
			may("issuer-not-ca", "The certificate that signs is not an authority's."),
			may("issuer-cannot-sign", "Or it is, but its key usage does not include signing certificates."),
		}, goClientUntrusted},
		{exact, "go", "", "certificate signed by unknown authority \\(possibly because of [^\\n]{0,60}insecure algorithm [^\\n]*?\\)|cannot verify signature: insecure algorithm", []cause{
			is("signature-algorithm-weak", "A certificate is signed with SHA-1 or MD5, which Go does not accept."),
		}, goClientUntrusted},
		{exact, "go", "", "certificate signed by unknown authority \\(possibly because of [^\\n]{0,60}algorithm unimplemented[^\\n]*?\\)|cannot verify signature: algorithm unimplemented", []cause{
			is("signature-algorithm-unsupported", "A certificate is signed with an algorithm that Go does not know."),
		}, goClientUntrusted},
		{exact, "go", "", "certificate signed by unknown authority", []cause{
			may("root-unknown", "Go found no path from the server's certificate to a trusted authority; most often that authority is not in the CA file."),
			may("intermediate-missing", "Or the server does not send its intermediate certificate."),
			could("self-signed-leaf", "Or the server's certificate is self-signed."),
			could("root-sent-untrusted", "Or the server sends a root of its own."),
			could("ca-name-encoding", "Or two names that print alike are encoded differently, which Go alone minds."),
		}, goClientUntrusted},
		{exact, "go", "", "certificate has expired or is not yet valid:? current time \\S+ is before", notYet("Go's verifier"), []cause{is("client-certificate-not-yet-valid", "The broker finds the client certificate dated in the future.")}},
		{exact, "go", "", "certificate has expired or is not yet valid(?::? current time \\S+ is after)?", []cause{
			is("certificate-expired", "The server's certificate, or one above it, is outside its dates."),
			could("clock-wrong", "Or the clock of the computer that says so is wrong."),
		}, []cause{is("client-certificate-expired", "The broker finds the client certificate outside its dates.")}},
		{exact, "go", "", "cannot validate certificate for \\S+ because it doesn't contain any ip sans|doesn't contain any ip sans", []cause{
			is("ip-address-not-in-certificate", "The connection goes to an IP address that the server's certificate does not list."),
		}, nil},
		{exact, "go", "", "certificate relies on legacy common name field", []cause{
			is("name-only-in-common-name", "The certificate names the server only in its common name, which Go does not read."),
			could("certificate-version", "A version 1 certificate cannot have subject alternative names at all."),
		}, nil},
		{exact, "go", "", "certificate is not valid for any names", []cause{
			is("name-missing", "The server's certificate has no names."),
			could("leaf-not-first", "Or the server sends an authority's certificate first."),
		}, nil},
		{exact, "go", "", "too many intermediates for path length constraint", []cause{is("path-length-exceeded", "An authority allows fewer intermediates below it than there are.")}, goClientRejected},
		{exact, "go", "", "(?:specifies an )?incompatible key usage", []cause{
			is("extended-key-usage", "The server's certificate, or an issuer's, is not for server authentication."),
		}, []cause{is("client-certificate-usage", "The client certificate is not for client authentication.")}},
		{exact, "go", "", "not authorized to sign for this name|is not permitted by any constraint|is excluded by constraint", []cause{is("name-constraint", "An authority in the chain may not issue certificates for this name.")}, goClientRejected},
		{exact, "go", "", "x509: unhandled critical extension", []cause{is("critical-extension-unknown", "A certificate has an extension marked critical that Go does not know.")}, goClientRejected},
		{exact, "go", "", "x509: (?:negative serial number|malformed [^\\n]{1,60}|invalid (?:rdn|version|serial|[^\\n]{1,40} extension|[^\\n]{1,30} certificate)[^\\n]{0,40}|certificate contains duplicate extension[^\\n]*|inner and outer signature[^\\n]*|failed to parse [^\\n]{1,60}|cannot parse [^\\n]{1,60}|rsa modulus[^\\n]*|trailing data[^\\n]*)", malformedGo, nil},
		{coarse, "go", "", "tls: failed to parse certificate from server|failed to parse (?:client )?certificate", malformedGo, []cause{is("client-certificate-rejected", "The broker's Go cannot read the client certificate.")}},
		{exact, "go", "", "signature check attempts limit|certificate chain (?:is )?too long", []cause{is("chain-too-complex", "There are more signatures to check than Go allows.")}, nil},
		{exact, "go", "", "issued after distrust after date|distrust after", []cause{is("root-distrusted", "The root has been removed from the public programs for certificates of this date.")}, nil},
		{exact, "go", "", "private key (?:type )?does not match public key(?: type)?", []cause{
			is("key-mismatch", "The private key is not the certificate's."),
			could("client-chain-order", "Or the certificate file begins with an authority's certificate instead of the client's own."),
		}, nil},
		{exact, "go", "", "(?:certificate from server|server certificate|certificate is)[^\\n]{0,40}unsupported (?:public key|certificate|type)|unsupported type of public key|unsupported elliptic curve|unknown public key algorithm|unsupported certificate key", []cause{is("server-key-unsupported", "The certificate's key is of a kind or curve that Go cannot use.")}, nil},
		{exact, "go", "", "invalid signature by the server certificate", []cause{is("server-key-mismatch", "The server does not hold the key of the certificate that it sends.")}, nil},
		{exact, "go", "", "invalid signature by the client certificate", []cause{is("key-mismatch", "The client does not hold the key of the certificate that it sends.")}, nil},
		{exact, "go", "", "pem inputs may have been switched|found a certificate rather than a key", []cause{is("file-wrong-content", "The certificate and the key file have been exchanged.")}, nil},
		{exact, "go", "", "failed to find [^\\n]{0,40}pem block[^\\n]*skipping[^\\n]*", []cause{is("file-wrong-content", "The file holds PEM blocks, but not of the kind that belongs in it.")}, nil},
		{exact, "go", "", "failed to find any pem data|failed to find [^\\n]{0,20}pem", []cause{
			may("file-encoding", "Go found no PEM block at all: the text may begin with a mark, be UTF-16, or stand on one line."),
			may("file-wrong-format", "Or the file is DER, PKCS #12 or something else."),
			could("file-empty", "Or it is empty."),
		}, nil},
		{exact, "go", "", "tls: failed to parse private key", []cause{
			may("key-encrypted", "Go does not read encrypted keys by itself."),
			may("key-unsupported", "Or the key is of a kind that it does not know."),
		}, nil},
		{exact, "go", "", "unknown private key type in pkcs#?8|unsupported private key|ssh: cannot decode|unknown elliptic curve", []cause{is("key-unsupported", "The key is of a kind that cannot be used.")}, nil},
		{exact, "go", "", "x509: decryption password incorrect|pkcs8: incorrect password|pkcs12: decryption password incorrect", []cause{is("passphrase-wrong", "The passphrase does not open the key.")}, nil},
		{exact, "go", "", "server selected unsupported protocol version|client offered only unsupported versions|no supported versions satisfy", []cause{is("tls-version-unsupported", "The two sides have no version of TLS in common.")}, nil},
		{exact, "go", "", "no (?:mutually supported )?cipher suite(?: supported by both client and server)?|server chose an unconfigured cipher suite|unsupported signature algorithm|peer doesn't support any of the certificate's signature algorithms|no mutually supported (?:curves|protocol)", []cause{
			may("cipher-suite-unsupported", "The two sides have no cipher suite or signature algorithm in common."),
			could("server-key-unsupported", "Or the certificate's key fits none of what the client offers."),
		}, nil},
		{exact, "go", "", "client didn't provide a certificate", []cause{is("client-certificate-required", "The broker asked for a client certificate, and the client gave none.")}, nil},
		{exact, "go", "", "server (?:does not support|selected unadvertised) (?:any of )?(?:the )?alpn|client requested unsupported application protocols|unsupported application protocols?", []cause{is("alpn-required", "The two sides have no application protocol in common.")}, nil},
		{exact, "go", "", "no certificates configured|no certificate available for", []cause{may("sni-unrecognized", "The broker has no certificate for the server name that was sent.")}, nil},
		{exact, "go", "", "first record does not look like a tls handshake", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks MQTT without it."),
			may("server-speaks-http", "Or it is a web server without TLS."),
			could("server-speaks-other", "Or it speaks another protocol."),
		}, []cause{is("server-requires-tls", "The port wants TLS, and what the client sent was not TLS.")}},
		{exact, "go", "", "server gave http response to https client|malformed http response", []cause{is("server-speaks-http", "The port is a web server without TLS.")}, nil},
		{exact, "go", "", "client sent an http request to an https server", []cause{is("server-requires-tls", "The port wants TLS, and what the client sent was plain HTTP.")}, nil},
		{exact, "go", "", "oversized record received with length", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks something else."),
			may("server-speaks-http", "Or it is a web server without TLS."),
		}, nil},
		{vague, "go", "", "tls: failed to verify certificate", serverUnverified, goClientRejected},
		{vague, "go", "", "failed to verify client certificate", goClientUntrusted, nil},
		{vague, "go", "", "^\\s*(?:unexpected )?eof\\s*$|: (?:unexpected )?eof\\b", []cause{
			may("connection-closed-after-handshake", "The other side closed the connection and gave no reason."),
			could("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
			could("server-requires-tls", "And a TLS port when it is sent MQTT without TLS."),
			could("client-certificate-rejected", "Or the broker refused the client certificate without an alert, as those written in Node do."),
		}, nil},
	}
}

var goClientUntrusted = []cause{
	may("client-certificate-unknown-ca", "The broker does not trust the issuer of the client certificate."),
	may("client-chain-incomplete", "Or the client's file lacks the intermediate."),
}

var goClientRejected = []cause{is("client-certificate-rejected", "The broker's Go verified the client certificate and refused it.")}

var malformedGo = []cause{is("certificate-malformed", "Go's parser refuses a certificate that other programs may accept.")}
