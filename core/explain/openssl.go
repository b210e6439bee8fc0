package explain

// opensslLibrary are the reasons of OpenSSL's error queue (ssl/ssl_err.c and others), as Node (ERR_SSL_…, ERR_OSSL_…),
// Python ([SSL: …]), curl and mosquitto pass them on. BoringSSL and older versions spell some differently.
func opensslLibrary() []signature {
	return []signature{
		{exact, "", "", "wrong (?:ssl )?version number|ssl23_get_server_hello:unknown protocol|packet length too long|bad record type", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks MQTT without it."),
			may("server-speaks-http", "Or the port is a web server or a WebSocket listener without TLS."),
			could("server-speaks-other", "Or another protocol's."),
			could("tls-version-unsupported", "Or the other side speaks a version of TLS that was not offered."),
			could("server-requires-tls", "In a broker's log it is the other way round: a client spoke without TLS to a port that wants it."),
		}, []cause{
			may("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS."),
			could("tls-version-unsupported", "Or the client offers only versions of TLS that the broker does not accept."),
		}},
		{exact, "", "", "(?:get_client_hello|clnt_hello|client_hello):unknown protocol", []cause{
			may("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS."),
			could("tls-version-unsupported", "Or the client offers only versions of TLS that the broker does not accept."),
		}, nil},
		{coarse, "", "", "ssl routines:[^\\n:]*:unknown protocol|\\[ssl: unknown_protocol\\]", []cause{
			may("server-speaks-plain-mqtt", "What came back is not TLS: the port most likely speaks something else."),
			may("server-speaks-http", "Or the port is a web server without TLS."),
			could("tls-version-unsupported", "Or the other side speaks a version of TLS that was not offered."),
		}, []cause{may("server-requires-tls", "The broker's port wants TLS, and what the client sent was not TLS.")}},
		{exact, "", "", "ssl routines:[^\\n]{0,40}:https? (?:proxy )?request|\\bhttp request\\b[^\\n]{0,20}_ssl|ssl: http request|err ssl http request", []cause{
			may("server-requires-tls", "Something spoke HTTP without TLS to a port that wants TLS."),
		}, nil},
		{exact, "", "", "unsupported protocol\\b|version too low|no protocols available|tls_choose_sigalg:no suitable|wrong ssl version|unsupported ssl version|bad protocol version number|no version of tls|legacy sigalg disallowed", []cause{
			is("tls-version-unsupported", "The two sides have no version of TLS in common."),
		}, nil},
		{exact, "", "", "unsafe legacy renegotiation disabled", []cause{
			may("tls-version-unsupported", "The server knows only the old, unsafe form of renegotiation; its TLS library is very old."),
		}, nil},
		{exact, "", "", "no shared cipher|no ciphers? (?:available|match|specified)|no suitable signature algorithm|no shared signature algorithms|no suitable key share|no cipher suites? in common|unsupported (?:elliptic )?curve|dh key too small|unknown cipher returned", []cause{
			may("cipher-suite-unsupported", "The two sides have no cipher suite, group or signature algorithm in common."),
			could("server-key-unsupported", "A broker also says so when its certificate's key does not fit any suite that the client offers, or could not be loaded."),
		}, nil},
		{exact, "", "", "peer did not (?:return|provide) a certificate|peer certificate not (?:provided|presented)|no certificate returned|no peer certificate(?: available)?[^\\n]{0,40}client", []cause{
			is("client-certificate-required", "The broker asked for a client certificate, and the client gave none."),
		}, nil},
		{exact, "", "", "(?:get_client_certificate|tls_process_client_certificate|ssl3_get_client_certificate):?[^\\n]{0,20}certificate verify failed|process_client_certificate:certificate verify", []cause{
			may("client-certificate-unknown-ca", "The broker refused the client certificate while verifying it, most often because it does not trust the issuer."),
			may("client-certificate-rejected", "Or for another reason: its dates, its usage, or the broker's list of revoked certificates."),
			could("client-certificate-expired", "Or it has expired."),
		}, nil},
		{vague, "", "", "certificate verif(?:y|ication) failed|certificate_verify_failed|ssl certificate verification failed|peer certificate cannot be authenticated", serverUnverified, []cause{
			may("client-certificate-unknown-ca", "The broker refused the client certificate while verifying it, most often because it does not trust the issuer."),
			may("client-certificate-rejected", "Or for another reason: its dates, its usage, or the broker's list of revoked certificates."),
		}},
		{exact, "", "", "(?:tls_process_client_|server).{0,60}cert_verify[^\\n]{0,20}bad signature", []cause{may("key-mismatch", "The client's signature does not fit its certificate: the key is another's.")}, nil},
		{exact, "", "", "\\bbad (?:rsa )?signature\\b|err ssl bad signature|bad ecdsa signature|rsa_padding_check_pkcs1_type_1:invalid padding|padding check failed", []cause{
			may("server-key-mismatch", "The signature in the handshake does not fit the certificate that was sent: the key is another's."),
			could("leaf-not-first", "Node says so when the server sends an authority's certificate first."),
		}, []cause{
			may("key-mismatch", "The client's signature does not fit its certificate: the key is another's."),
		}},
		{exact, "", "", "key (?:values|type) mismatch|x509_check_private_key|private key does not match(?: the)? (?:certificate|public key)", []cause{
			is("key-mismatch", "The private key is not the certificate's."),
			could("client-chain-order", "Or the certificate file begins with an authority's certificate instead of the client's own."),
		}, nil},
		{exact, "", "", "unexpected eof while reading|ssl_error_syscall|ssl_error_zero_return|eof occurred in violation of protocol|tls_connection_closed|ssl_shutdown", []cause{
			may("tcp-reset", "The other side closed the connection in the middle, without an alert."),
			may("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
			could("connection-closed-after-handshake", "A broker written in Node does so when it refuses the client certificate."),
			could("large-hello-dropped", "Or something on the way drops large hellos."),
		}, []cause{
			may("root-unknown", "The client hung up without an alert, as Node and Python programs do when they refuse the broker's certificate; the client's own message says why."),
			may("tcp-reset", "Or the client, a port scanner or a health check simply closed the connection."),
			could("name-mismatch", "Or the name that it connected to is not in the broker's certificate."),
		}},
		{coarse, "", "", "(?:connect_cr_srvr_hello|ssl23_(?:read|write|connect|get_server_hello)|ssl3_get_server_hello):ssl handshake failure|write:errno=|handshake has read 0 bytes", []cause{
			may("tcp-reset", "The connection ended before the server's first answer."),
			may("server-speaks-plain-mqtt", "A port that speaks MQTT without TLS does so when it is sent a TLS hello."),
			could("tls-version-unsupported", "Or the server has no version of TLS in common with the client, and does not say so."),
			could("sni-required", "Or it wants to be told a server name."),
		}, nil},
		{coarse, "", "", "unknown alert type|bad alert type", []cause{may("tls-alert", "An alert came that the library does not know, or twice as many handshakes were begun as belong together.")}, nil},
		{coarse, "", "", "decryption failed or bad record mac", []cause{may("tls-alert", "What arrived could not be decrypted: the two stacks disagree, or something between them changes what is sent.")}, nil},
		{exact, "", "", "(?:tls|ssl)\\S* (?:unrecogni[sz]ed|unrecognized) name", []cause{may("sni-unrecognized", "The broker does not serve the server name that was sent.")}, nil},
	}
}

// serverUnverified is what a client can mean that only says that verification did not succeed.
var serverUnverified = []cause{
	may("root-unknown", "The program does not say why it refused the server's certificate; most often the authority is not in its CA file."),
	may("intermediate-missing", "Or the server does not send its intermediate certificate."),
	could("certificate-expired", "Or the server's certificate has expired."),
	could("name-mismatch", "Or the name that was connected to is not in the certificate."),
	could("anchor-not-root", "Or the CA file holds an intermediate or a cross-certificate instead of the root, which OpenSSL does not accept."),
	could("self-signed-leaf", "Or the server's certificate is self-signed."),
}
