package explain

// rustlsSignatures are the words of rustls and webpki (CertificateError), which rumqttc passes on. Older versions write
// WebPKIError(UnknownIssuer), newer ones InvalidCertificate(UnknownIssuer) or "invalid peer certificate: UnknownIssuer".
func rustlsSignatures() []signature {
	return []signature{
		{exact, "rustls", "UnknownIssuer", "\\bunknown ?issuer\\b", []cause{
			may("root-unknown", "rustls found no path from the server's certificate to an authority that it was given."),
			may("intermediate-missing", "Or the server does not send its intermediate certificate."),
			could("self-signed-leaf", "Or the server's certificate is self-signed."),
			could("ca-rotated", "Or the authority's key has changed."),
		}, goClientUntrusted},
		{exact, "rustls", "NotValidForName", "\\b(?:cert)?not ?valid ?for ?name(?:context)?\\b", []cause{
			is("name-mismatch", "The name that was connected to is not among the names of the server's certificate."),
			could("ip-address-not-in-certificate", "Or the connection goes to an IP address that it does not list."),
			could("name-only-in-common-name", "Or the name stands in the common name only, which rustls does not read."),
		}, nil},
		{exact, "rustls", "Expired", "(?:certificate|cert|webpkierror\\(|invalidcertificate\\()[:\\s(]*(?:cert)?expired(?:context)?\\b", expired("rustls"), goClientRejected},
		{exact, "rustls", "NotValidYet", "\\b(?:cert)?notvalidyet(?:context)?\\b", notYet("rustls"), goClientRejected},
		{exact, "rustls", "CaUsedAsEndEntity", "causedasendentity", []cause{
			may("leaf-not-first", "The certificate that stands for the server is an authority's: the order is wrong, or it was issued so."),
			may("self-signed-leaf", "A certificate that signs itself is often an authority's, and rustls does not accept one for a server."),
		}, goClientRejected},
		{exact, "rustls", "EndEntityUsedAsCa", "endentityusedasca", []cause{is("issuer-not-ca", "A certificate that signs another is not an authority's.")}, goClientRejected},
		{exact, "rustls", "UnsupportedCertVersion", "unsupportedcertversion", []cause{is("certificate-version", "A certificate is of version 1; rustls wants version 3.")}, nil},
		{exact, "rustls", "BadSignature", "\\bbadsignature\\b|invalidsignatureforpublickey", []cause{may("signature-invalid", "The signature on a certificate does not verify."), may("ca-rotated", "Or an authority of the same name has another key.")}, goClientRejected},
		{exact, "rustls", "UnhandledCriticalExtension", "unhandledcriticalextension|unsupportedcriticalextension", []cause{is("critical-extension-unknown", "A certificate has an extension marked critical that rustls does not know.")}, goClientRejected},
		{exact, "rustls", "InvalidPurpose", "\\binvalidpurpose\\b|requiredekunotfound", []cause{is("extended-key-usage", "A certificate of the chain is not for server authentication.")}, []cause{is("client-certificate-usage", "The client certificate is not for client authentication.")}},
		{exact, "rustls", "NameConstraintViolation", "nameconstraintviolation", []cause{is("name-constraint", "An authority in the chain may not issue certificates for this name.")}, nil},
		{exact, "rustls", "PathLenConstraintViolated", "pathlenconstraintviolated", []cause{is("path-length-exceeded", "An authority allows fewer intermediates below it than there are.")}, nil},
		{exact, "rustls", "Revoked", "(?:webpkierror|invalidcertificate)\\((?:cert)?revoked|certrevoked", []cause{is("certificate-revoked", "The certificate has been revoked.")}, []cause{is("client-certificate-revoked", "The client certificate has been revoked.")}},
		{exact, "rustls", "BadEncoding", "\\bbadder(?:time)?\\b|(?:invalidcertificate\\(|certificate: )badencoding|unsupportedsignaturealgorithmforpublickey", []cause{is("certificate-malformed", "rustls cannot read a certificate; version 1 certificates are among those.")}, nil},
		{exact, "rustls", "UnsupportedSignatureAlgorithm", "unsupportedsignaturealgorithm(?:context)?", []cause{is("signature-algorithm-unsupported", "A certificate is signed with an algorithm that rustls does not know.")}, nil},
		{exact, "rustls", "NoCertificatesPresented", "nocertificatespresented|peersentnocertificates?", []cause{is("client-certificate-required", "A certificate was asked for, and none was given.")}, nil},
		{exact, "rustls", "PeerIncompatible", "peerincompatible\\w*[({:\\s\"]*[^\\n]{0,40}(?:version|tls1[23]|protocol)|servertlsversionisdisabledbyourconfig|serverdoesnotsupporttls12or13|peer is incompatible: server does ?not", []cause{is("tls-version-unsupported", "The two sides have no version of TLS in common.")}, nil},
		{coarse, "rustls", "PeerIncompatible", "peerincompatible|peer is incompatible", []cause{may("cipher-suite-unsupported", "The two sides have nothing in common that rustls could use."), may("tls-version-unsupported", "Or no version of TLS.")}, nil},
		{exact, "rustls", "InvalidContentType", "invalidcontenttype|received corrupt message|corruptmessage|invalidmessage\\(", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks MQTT without it."),
			may("server-speaks-http", "Or it is a web server without TLS."),
		}, []cause{may("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS.")}},
		{exact, "rustls", "NoValidCertInChain", "novalidcert(?:inchain)?\\b|no valid cert(?:ificate)? in chain", []cause{
			may("file-wrong-format", "The file that should hold certificates holds none that rumqttc can read: it wants PEM."),
			may("file-wrong-content", "Or it holds something else, such as the key."),
		}, nil},
		{vague, "rustls", "", "invalid peer certificate|invalid certificate:|webpkierror|invalidcertificate", serverUnverified, goClientRejected},
	}
}
