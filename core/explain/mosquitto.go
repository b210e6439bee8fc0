package explain

// mosquittoSignatures are what mosquitto, its clients and its library say in words of their own.
func mosquittoSignatures() []signature {
	return []signature{
		{exact, "mosquitto", "", "(?:certificate|cert)/key are inconsistent|certificate and key are inconsistent", []cause{is("key-mismatch", "The private key is not the certificate's.")}, nil},
		{coarse, "mosquitto", "", "unable to load (?:ca certificates|server certificate|client certificate|server key file|client key file|certificate|key file|key)\\b", []cause{
			may("file-unreadable", "mosquitto could not load the file; since version 2 it reads its files as the user mosquitto, who may not be allowed to."),
			may("file-missing", "Or the path in the settings is wrong."),
			may("file-wrong-content", "Or the file holds something else, such as a certificate where the key belongs."),
			could("file-wrong-format", "Or it is not PEM."),
			could("key-encrypted", "Or the key is encrypted."),
		}, nil},
		{coarse, "mosquitto", "", "problem setting tls options: file not found|error: file not found", []cause{is("file-missing", "A file that was named on the command line is not there.")}, nil},
		{exact, "mosquitto", "", "unable to load crl file|crlfile", []cause{may("server-crl-expired", "The broker's list of revoked certificates cannot be used.")}, nil},
		{exact, "mosquitto", "", "host name verification failed|certificate (?:common )?name does not match|hostname verification failed", []cause{
			is("name-mismatch", "The name that was connected to is not in the server's certificate."),
			could("ip-address-not-in-certificate", "Or the connection goes to an IP address that it does not list."),
		}, nil},
		{exact, "mosquitto", "", "client \\S+ already connected, closing old connection|client \\S+ disconnected: session taken over|session taken over", []cause{
			is("mqtt-client-id-in-use", "A second client connected with the same client identifier, and the broker closed the first."),
		}, nil},
		{exact, "mosquitto", "", "client \\S+ (?:\\[[^\\]\\n]*\\] )?disconnected[,:] not authori[sz]ed", []cause{is("mqtt-refused", "The broker does not let this client in: user name, password, or its rules.")}, nil},
		{exact, "mosquitto", "", "denied (?:publish|connect publish)\\b", []cause{is("mqtt-publish-refused", "The broker's rules do not allow this client to publish to the topic.")}, nil},
		{exact, "mosquitto", "", "all subscription requests were denied|denied subscribe\\b|subscription[^\\n]{0,20}(?:refused|denied)", []cause{is("mqtt-subscribe-refused", "The broker's rules do not allow this client to subscribe to the topic.")}, nil},
		{exact, "mosquitto", "", "has exceeded timeout, disconnecting", []cause{may("mqtt-disconnected", "The broker heard nothing from the client for one and a half times its keep alive."), could("server-requires-tls", "With <unknown> as the client: it connected and never sent a CONNECT, as happens on a TLS port.")}, nil},
		{exact, "mosquitto", "", "invalid protocol \"[^\\n]{0,40}\" in connect|invalid protocol version \\d+ in connect|unacceptable protocol version", []cause{is("mqtt-version-unsupported", "The broker does not speak the version of MQTT that the client chose.")}, nil},
		{coarse, "mosquitto", "", "client <unknown> disconnected(?: due to|:) protocol error|client \\S*unknown\\S* disconnected[^\\n]*malformed", []cause{
			may("server-speaks-plain-mqtt", "Something that is not MQTT reached a port without TLS: most often a client that speaks TLS to it."),
			could("mqtt-version-unsupported", "Or a client speaks a version of MQTT that the broker does not know."),
		}, nil},
		{vague, "mosquitto", "", "a tls error occurred|unable to connect \\(a tls error", append([]cause{}, serverUnverified...), nil},
		{vague, "mosquitto", "", "socket error on client|bad socket read/write|client \\S+ closed its connection|disconnected due to protocol error|disconnected: protocol error|connection lost|the connection was lost", []cause{
			may("tcp-reset", "The connection was closed; the line before or the other side's log says why."),
			could("root-unknown", "A client closes it when it refuses the broker's certificate."),
			could("mqtt-disconnected", "Or the broker closed it."),
		}, nil},
		{exact, "mosquitto", "", "\\blookup error\\b|unable to connect \\(lookup error", []cause{is("dns-not-found", "The name of the broker was not found.")}, nil},
		{exact, "mosquitto", "", "the client is not currently connected", []cause{could("connection-closed-after-handshake", "The connection had ended before the message was sent.")}, nil},
	}
}
