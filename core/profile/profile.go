// Package profile says what the user wants: which server, which trust anchors, which client certificate, which MQTT
// settings. It is plain data, read and written as JSON, holds no secret, and imports nothing of Mutual.
package profile

// Transport is how MQTT packets travel.
type Transport string

const (
	MQTTS Transport = "mqtts" // MQTT over TLS, port 8883 unless said otherwise
	MQTT  Transport = "mqtt"  // MQTT over TCP, not encrypted, port 1883 unless said otherwise
	WSS   Transport = "wss"   // MQTT over WebSocket over TLS, port 443 unless said otherwise
	WS    Transport = "ws"    // MQTT over WebSocket, not encrypted, port 80 unless said otherwise
)

// Encrypted says whether TLS is spoken; an unknown or empty transport counts as MQTTS.
func (t Transport) Encrypted() bool { return t != MQTT && t != WS }

// WebSocket says whether MQTT travels in WebSocket frames (MQTT 5.0 §6).
func (t Transport) WebSocket() bool { return t == WSS || t == WS }

// Profile is one saved connection. Secrets (password, passphrase) are in store, under the profile's ID.
type Profile struct {
	ID   string `json:"id"` // random, never changes; names the file and the secrets
	Name string `json:"name"`
	// Practice marks the profile whose server is started in this process when it is connected.
	Practice bool `json:"practice,omitempty"`

	Server            Server            `json:"server"`
	TLS               TLS               `json:"tls,omitzero"`
	Trust             Trust             `json:"trust"`
	ClientCertificate ClientCertificate `json:"client_certificate"`
	MQTT              Settings          `json:"mqtt"`

	// AlsoFor names the other clients that must be able to connect too, as chain names its judges ("openssl").
	// What one of them refuses is an error instead of a warning.
	AlsoFor       []string       `json:"also_for,omitempty"`
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
}

// Server is the peer.
type Server struct {
	Transport Transport `json:"transport"`
	Host      string    `json:"host"`           // DNS name, also in its own letters, or IP address, no brackets
	Port      int       `json:"port,omitempty"` // 1 to 65535; 0: the transport's own
	// Name overrides the reference identifier and the server name sent in the hello; empty: Host.
	Name string   `json:"name,omitempty"`
	ALPN []string `json:"alpn,omitempty"` // protocol names offered; none: the extension is not sent, or for WSS "http/1.1"
	// Path is what is asked for over WebSocket, with its query if it has one; empty: DefaultPath. Nothing else uses it.
	Path string `json:"path,omitempty"`
	// Proxy is the URL of the proxy that connects to the server: "http://proxy.example:3128", "socks5://me@[::1]:1080".
	// A user name may stand in it, a password not: that is a secret in store. Empty: none.
	Proxy string `json:"proxy,omitempty"`
}

// Trust says which trust anchors count. The zero value trusts the public authorities.
type Trust struct {
	Files   []string `json:"files,omitempty"`   // CA files, PEM
	System  bool     `json:"system,omitempty"`  // the operating system's roots
	Mozilla bool     `json:"mozilla,omitempty"` // the Mozilla roots built into the program
	// DoNotVerify switches the verification of the server off for this profile: shown amber for as long as it is on.
	DoNotVerify bool `json:"do_not_verify,omitempty"`
	// CheckRevocation asks, before anything secret is sent, whether a certificate of the server's has been revoked: its
	// staple, and the CRLs and OCSP responders that its certificates name. One that is revoked is refused.
	CheckRevocation bool `json:"check_revocation,omitempty"`
}

// ClientCertificate names the user's own files. Both empty: no client certificate.
type ClientCertificate struct {
	CertificateFile string `json:"certificate_file,omitempty"`
	KeyFile         string `json:"key_file,omitempty"` // empty: the key stands in CertificateFile, as in PKCS #12
}

// Settings are those of CONNECT.
type Settings struct {
	Version   Version `json:"version,omitempty"`   // empty: Version5
	ClientID  string  `json:"client_id,omitempty"` // empty: a random one for each connection
	UserName  string  `json:"user_name,omitempty"`
	KeepAlive int     `json:"keep_alive_seconds"` // seconds, 0 to 65535; 0: none
	// CleanStart discards a Session that the server still holds.
	CleanStart bool `json:"clean_start"`
	// SessionExpiry is in seconds, 0 to 4294967295 (never); 0: the Session ends with the connection. MQTT 3.1.1 has no such
	// setting: there, a Session that did not begin clean is kept until the server forgets it.
	SessionExpiry uint32 `json:"session_expiry_seconds,omitempty"`
}

// Subscription is a topic filter that is subscribed on every connection.
type Subscription struct {
	Filter string `json:"filter"`
	QoS    byte   `json:"qos"` // 0 to 2
}
