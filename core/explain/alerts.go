package explain

import "sync"

import "fmt"

// alertList is what each alert means by who sent it. Which client certificate makes which broker send which alert was
// observed with mosquitto, Go, Java, Erlang and Node brokers.
var alertList = sync.OnceValue(func() []alert {
	return []alert{
		{10, "unexpected message", unexpected(10), unexpected(10)},
		{20, "bad record mac|bad mac read", plainAlert(20), nil},
		{21, "decryption failed(?: reserved)?", plainAlert(21), nil},
		{22, "record overflow", plainAlert(22), nil},
		{40, "handshake failure|handshake failed", []cause{
			may("cipher-suite-unsupported", "Alert 40 (handshake failure): the broker found no cipher suite or key type in common with the client."),
			may("client-certificate-required", "Alert 40 in TLS 1.2 is also how a broker refuses a client that gave no certificate, or one of the wrong usage."),
			could("sni-required", "A broker that serves several names answers so when no server name is sent."),
			could("server-key-unsupported", "Or the broker's certificate has a key or curve that the client does not offer."),
		}, []cause{
			may("cipher-suite-unsupported", "Alert 40 (handshake failure): the client could not agree with what the broker chose."),
			could("server-key-unsupported", "Or the broker's certificate has a key or curve that the client cannot use."),
		}},
		{41, "no certificate(?: reserved)?", []cause{may("client-certificate-required", "Alert 41 (no certificate) is SSL 3.0's word for a certificate that was asked for and not given.")}, nil},
		{42, "bad certificate|bad cert", []cause{
			may("client-certificate-rejected", "Alert 42 (bad certificate): the broker refused the client certificate."),
			may("client-certificate-required", "Java brokers send alert 42 when no client certificate was given."),
			could("client-certificate-unknown-ca", "Erlang brokers send alert 42 for a self-signed client certificate."),
			could("client-certificate-not-yet-valid", "OpenSSL brokers send alert 42 for a certificate that is dated in the future."),
			could("client-certificate-usage", "Go brokers send alert 42 for a certificate that is not for client authentication."),
		}, []cause{
			may("root-unknown", "Alert 42 (bad certificate) from the client: it refused the broker's certificate. Go clients send it for every reason, most often an unknown authority."),
			may("name-mismatch", "Or the name that the client connected to is not in the broker's certificate."),
			could("certificate-expired", "Or the broker's certificate has expired."),
			could("intermediate-missing", "Or the broker does not send its intermediate certificate."),
		}},
		{43, "unsupported certificate|unsupported cert", []cause{
			may("client-certificate-usage", "Alert 43 (unsupported certificate): the client certificate is not for client authentication, or is an authority's."),
			could("client-certificate-rejected", "Or its kind of key or signature is not supported by the broker."),
		}, []cause{
			may("extended-key-usage", "Alert 43 (unsupported certificate) from the client: the broker's certificate is not for server authentication."),
			could("key-usage", "Or its key usage does not allow the handshake."),
			could("critical-extension-unknown", "Or it has a critical extension that the client does not know."),
		}},
		{44, "(?:certificate|cert) revoked|revoked (?:certificate|cert)", []cause{
			is("client-certificate-revoked", "Alert 44 (certificate revoked): the client certificate is on the broker's list of revoked certificates."),
		}, []cause{is("certificate-revoked", "Alert 44 (certificate revoked) from the client: it found the broker's certificate revoked.")}},
		{45, "(?:certificate|cert) expired|expired (?:certificate|cert)", []cause{
			may("client-certificate-expired", "Alert 45 (certificate expired): the client certificate, or one that was sent with it, has expired."),
			may("server-crl-expired", "If the client certificate is within its dates, the broker's own list of revoked certificates has expired, or its clock is wrong."),
			could("client-certificate-not-yet-valid", "Go and Erlang brokers send alert 45 for a certificate that is dated in the future, too."),
		}, []cause{
			may("certificate-expired", "Alert 45 (certificate expired) from the client: it found the broker's certificate, or one above it, expired."),
			could("clock-wrong", "Or the client's clock is wrong; devices without a battery begin in 1970."),
			could("certificate-not-yet-valid", "Or the broker's certificate is dated in the future."),
		}},
		{46, "(?:certificate|cert) unknown|unknown (?:certificate|cert)|unspecified (?:certificate|cert)", []cause{
			may("client-certificate-rejected", "Alert 46 (certificate unknown): the broker refused the client certificate and gives no reason."),
			may("client-certificate-unknown-ca", "Java brokers send alert 46 for every client certificate that they refuse, most often because of its issuer."),
			could("client-certificate-expired", "Java brokers send it for an expired certificate as well."),
		}, []cause{
			may("root-unknown", "Alert 46 (certificate unknown) from the client: it refused the broker's certificate. Java, Android and browsers send it for every reason, most often an unknown authority."),
			may("name-mismatch", "Or the name that the client connected to is not in the broker's certificate."),
			could("intermediate-missing", "Or the broker does not send its intermediate certificate."),
			could("certificate-expired", "Or the broker's certificate has expired."),
		}},
		{47, "illegal parameter", plainAlert(47), nil},
		{48, "unknown ca|unknown certificate authority|unknown cert(?:ificate)? authority", []cause{
			is("client-certificate-unknown-ca", "Alert 48 (unknown CA): the broker does not trust the issuer of the client certificate."),
			could("client-chain-incomplete", "Or the client's file lacks the intermediate between its certificate and the authority that the broker trusts."),
		}, []cause{
			may("root-unknown", "Alert 48 (unknown CA) from the client: it does not trust the authority above the broker's certificate; its CA file is another's, or none was given."),
			may("intermediate-missing", "Or the broker does not send the intermediate certificate."),
			could("self-signed-leaf", "Or the broker's certificate is self-signed."),
			could("root-sent-untrusted", "Or the broker sends a root that the client does not trust."),
			could("anchor-not-root", "Or the client's CA file holds an intermediate instead of the root."),
		}},
		{49, "access denied", []cause{may("client-certificate-rejected", "Alert 49 (access denied): the client certificate is sound, and the broker does not let it in.")}, nil},
		{50, "decode error|error decoding message", plainAlert(50), nil},
		{51, "decrypt error|error decrypting message", []cause{
			may("key-mismatch", "Alert 51 (decrypt error): the broker could not check the client's signature with the client certificate; the key is not that certificate's."),
			could("client-certificate-rejected", "Or the signature on the client certificate itself does not verify."),
			could("tls-alert", "Without a client certificate it means that a check of the handshake did not come out right."),
		}, []cause{
			may("server-key-mismatch", "Alert 51 (decrypt error) from the client: the broker does not hold the key of the certificate that it sends."),
			could("signature-invalid", "Or the signature on the broker's certificate does not verify with its issuer's key."),
			could("ca-rotated", "Or the client's CA file holds the authority's older key."),
		}},
		{70, "protocol version(?: not supported)?|unsupported protocol version", []cause{
			is("tls-version-unsupported", "Alert 70 (protocol version): client and broker have no version of TLS in common."),
		}, nil},
		{71, "insufficient security(?: level)?", []cause{is("cipher-suite-unsupported", "Alert 71 (insufficient security): every cipher suite that was offered is too weak for the other side.")}, nil},
		{80, "internal error", []cause{
			may("tls-alert", "Alert 80 (internal error): the other side gave up for a reason of its own; its log says which."),
			could("sni-required", "Some brokers answer so when no server name, or one that they do not know, was sent."),
		}, nil},
		{86, "inappropriate fallback", []cause{is("tls-version-unsupported", "Alert 86 (inappropriate fallback): the client came back with an older version of TLS than both can speak.")}, nil},
		{90, "user cancell?ed", plainAlert(90), nil},
		{100, "no renegotiation", plainAlert(100), nil},
		{109, "missing extension", []cause{
			may("tls-alert", "Alert 109 (missing extension): the hello lacks something that the other side needs."),
			could("sni-required", "It can be the server name."),
		}, nil},
		{110, "unsupported extension", plainAlert(110), nil},
		{112, "unrecogni[sz]ed name", []cause{
			may("sni-unrecognized", "Alert 112 (unrecognized name): the broker does not serve the server name that was sent."),
			could("sni-required", "Or none was sent, as happens when one connects by IP address."),
		}, nil},
		{113, "bad certificate status response", plainAlert(113), nil},
		{115, "unknown psk identity", plainAlert(115), nil},
		{116, "certificate required", []cause{
			is("client-certificate-required", "Alert 116 (certificate required): the broker wants a client certificate, and none arrived."),
			could("client-certificate-unknown-ca", "Go clients hold back a certificate whose issuer is not on the broker's list, and then get this alert."),
		}, nil},
		{120, "no application protocol", []cause{is("alpn-required", "Alert 120 (no application protocol): the broker does not accept the application protocols that were offered.")}, nil},
		{121, "ech required|encrypted client hello required", plainAlert(121), nil},
	}
})

func plainAlert(n int) []cause {
	return []cause{may("tls-alert", fmt.Sprintf("Alert %d: the two TLS stacks disagree, or something between them changes what is sent; it is not about trust.", n))}
}

// unexpected is what a server says of bytes that are no hello.
func unexpected(n int) []cause {
	return []cause{
		may("tls-alert", fmt.Sprintf("Alert %d (unexpected message): one side did not expect what the other sent at this point.", n)),
		could("server-requires-tls", "At the very beginning it is how a TLS port answers a client that speaks MQTT without TLS."),
	}
}
