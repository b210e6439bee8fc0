package explain

// networkSignatures are the words of operating systems for what fails before TLS (errno.h, WSAError, netdb.h), as every
// runtime passes them on.
func networkSignatures() []signature {
	return []signature{
		{exact, "", "ECONNREFUSED", "\\beconnrefused\\b|connection refused|actively refused|wsaeconnrefused|errno:? ?-?111\\b|(?:winerror|error|code)[\\s:]*10061\\b|errno 61\\b|couldn't connect to server|connectexception", []cause{
			is("tcp-refused", "Nothing listens at that address and port, or a firewall refuses."),
		}, nil},
		{exact, "", "ETIMEDOUT", "\\be(?:sockett)?timed ?out\\b|connect(?:ion)? timed out|connecttimeoutexception|connection attempt failed because the connected party|wsaetimedout|(?:winerror|error|code)[\\s:]*10060\\b|errno:? ?-?110\\b|dial tcp[^\\n]*(?:i/o timeout|deadline exceeded)|operation timed out|\\bconnect timeout", []cause{
			is("tcp-timeout", "No answer came: a firewall, a VPN that is off, or a wrong address."),
		}, nil},
		{coarse, "", "", "i/o timeout|context deadline exceeded|\\btimed out\\b|timed out waiting for a response|sockettimeoutexception|read timeout", []cause{
			may("tcp-timeout", "No answer came in time."),
			could("server-requires-tls", "If the connection was made: a TLS port waits in silence for a hello."),
			could("large-hello-dropped", "Or something on the way drops large TLS hellos."),
		}, nil},
		{exact, "", "EHOSTUNREACH", "\\be(?:host|net)unreach\\b|no route to host|network is unreachable|host is unreachable|unreachable (?:host|network)|wsae(?:host|net)unreach|(?:winerror|error|code)[\\s:]*1006[5]\\b|(?:winerror)[\\s:]*10051\\b|noroutetohostexception|enetdown|eaddrnotavail", []cause{
			is("tcp-unreachable", "This computer has no route to that address."),
		}, nil},
		{coarse, "", "ECONNRESET", "\\beconnreset\\b|connection (?:was )?reset(?: by peer| by the remote| by remote)?|wsaeconnreset|(?:winerror|error|code)[\\s:]*10054\\b|forcibly closed by the remote|\\bepipe\\b|broken pipe|econnaborted|connection aborted|errno:? ?-?104\\b|errno 54\\b|software caused connection abort", []cause{
			may("tcp-reset", "The other side closed the connection without a word."),
			may("server-speaks-plain-mqtt", "If TLS was tried: a port that speaks MQTT without TLS does so."),
			could("server-requires-tls", "If MQTT was tried without TLS: a TLS port does so."),
			could("connection-closed-after-handshake", "Or the broker refused the client certificate or the client."),
		}, []cause{
			may("tcp-reset", "The client closed the connection without a word."),
			could("root-unknown", "Some clients do so when they refuse the broker's certificate."),
		}},
		{exact, "", "ENOTFOUND", "\\benotfound\\b|no such host(?: is known)?|name or service not known|nodename nor servname|unknownhostexception|could not resolve (?:host|proxy)|unable to resolve host|getaddrinfo failed|name does not resolve|no address associated with hostname|host not found|wsahost_not_found|(?:winerror|error|errno|code)[\\s:]*1100[14]\\b|eai noname|nxdomain|\\berrno -2\\b|unknown host\\b|hostname could not be found|getaddrinfo: \\S* ?not found|err name not resolved", []cause{
			is("dns-not-found", "The name of the broker was not found."),
		}, nil},
		{exact, "", "EAI_AGAIN", "\\beai again\\b|temporary failure in name resolution|server misbehaving|\\bservfail\\b|try again\\b[^\\n]{0,20}resol|\\berrno -3\\b|wsatry_again|lookup [^\\n]*(?:i/o timeout|deadline exceeded)|queryA etimeout|querya (?:etimeout|eservfail)", []cause{
			is("dns-failed", "The name server did not answer; that is not the same as a name that does not exist."),
		}, nil},
		{exact, "", "", "err invalid url|too many colons in address|missing port in address|invalid port\\b|unknown port\\b|port should be|err socket bad port|unknown protocol for an mqtt client|missing protocol\\b|(?:invalid|malformed|bad) (?:server ?)?(?:url|uri|address)\\b|invalid (?:broker|host)\\b|unsupported protocol scheme|first path segment in url|no host in|unknown scheme", []cause{
			is("address-invalid", "The address of the broker cannot be read: a scheme in the host field, a blank, or a port that is none."),
		}, nil},
	}
}

// protocolSignatures are about what else a port can speak, and what stands between: proxies and WebSocket.
func protocolSignatures() []signature {
	return []signature{
		{exact, "", "407", "\\b407\\b[^\\n]{0,40}proxy|proxy authentication required|response 407|status(?: code)?:? 407", []cause{is("proxy-failed", "The proxy wants a user name and a password.")}, nil},
		{exact, "", "", "proxyconnect tcp|connect tunnel failed|unable to tunnel through proxy|tunneling socket could not be established|proxy (?:connect|handshake|error|refused|connection)[^\\n]{0,30}(?:failed|abort|refused|error|50\\d|40\\d)|received http code \\d+ from proxy|socks(?:4|5|4a)?[^\\n]{0,60}(?:fail|error|refus|reject|general|not allowed|unreachable|authentication)|socksexception|proxyconnectexception|could not resolve proxy", []cause{
			is("proxy-failed", "The proxy did not let the connection through."),
		}, nil},
		{exact, "", "", "unexpected (?:server )?response(?: code)?:? ?[1-5]\\d\\d|websocket: bad handshake|error during websocket handshake|handshake status [1-5]\\d\\d|websocket[^\\n]{0,40}(?:handshake|upgrade)[^\\n]{0,40}(?:fail|error|invalid|reject|bad|not upgraded|expected)|wswebsockethandshakeexception|websockethandshakeexception|invalid handshake response|sent a subprotocol but none|server sent no subprotocol|sec-websocket-\\w+|websocketbadstatus|no websocket upgrade|websocket connection to '[^'\\n]*' failed", []cause{
			is("websocket-rejected", "The server answered the WebSocket request with something else: the path or the sub-protocol (mqtt) may be another."),
		}, nil},
		{exact, "", "", "plain http request was sent to https|plain http request was sent", []cause{is("server-requires-tls", "The port wants TLS, and what the client sent was plain HTTP.")}, nil},
		{exact, "", "", "http/1\\.[01] (?:400|403|404|426|50\\d|30\\d|101)|<html|<!doctype", []cause{
			may("server-speaks-http", "What came back is a web server's answer."),
			could("server-not-mqtt", "If TLS was used: the TLS is fine, and what stands behind it is a web server."),
		}, nil},
		{exact, "", "", "\\bssh-2\\.0|\\bamqp\\b[^\\n]{0,10}\\\\x|220 [^\\n]*(?:smtp|ftp)|amqp header|bad_header,<<", []cause{is("server-speaks-other", "What came back is the greeting of another protocol.")}, nil},
		{exact, "", "", "invalid header flag bits|unknown packet(?: type)?|not a connack|malformed (?:mqtt )?(?:packet|remaining length|connack)|unexpected packet|(?:bad|invalid) (?:remaining length|packet)|expected connack|first packet (?:must be|was not)|frame parse error|invalid remaining length|frame_parse_error|unrecogni[sz]ed packet", []cause{
			may("server-not-mqtt", "What came back is not MQTT."),
			may("server-requires-tls", "An alert of a TLS port looks so to a client that speaks MQTT without TLS."),
		}, []cause{
			may("server-speaks-plain-mqtt", "What reached the port is not MQTT: a client may speak TLS to a port without it."),
			could("mqtt-version-unsupported", "Or a version of MQTT that the broker does not know."),
		}},
		{exact, "", "", "no application protocol|alpn[^\\n]{0,40}(?:fail|mismatch|required|not negotiated|error|no overlap)|x-amzn-mqtt-ca", []cause{is("alpn-required", "The two sides have no application protocol in common.")}, nil},
	}
}
