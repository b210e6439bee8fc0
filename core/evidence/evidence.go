// Package evidence holds what was seen during one attempt at a connection: files, addresses, handshake, MQTT answer,
// probes. It judges nothing, dials nothing, and reads back from JSON exactly as it was written, so that a saved attempt
// can be judged again. There is no field in it that a password, a passphrase, a private key or a payload could be put in.
package evidence

import (
	"slices"
	"time"
)

// Attempt is one try. A part that is nil was not reached.
type Attempt struct {
	Started time.Time `json:"started"` // also the clock of every judgement of validity
	Target  Target    `json:"target"`
	Trust   Trust     `json:"trust"`
	Files   *Files    `json:"files"`
	Resolve *Resolve  `json:"resolve"`
	Dial    *Dial     `json:"dial"`
	TLS     *TLS      `json:"tls"`
	// WebSocket is the upgrade, for the transports ws and wss. It belongs to the stage of MQTT: when it fails, so does MQTT.
	WebSocket *WebSocket `json:"websocket,omitempty"`
	MQTT      *MQTT      `json:"mqtt"`
	Probes    []Probe    `json:"probes,omitempty"`
	// Revocation says that somebody asked whether certificates are revoked; nil: nobody did.
	Revocation *Revocation `json:"revocation,omitempty"`
	// Answers are what was fetched from where certificates point to.
	Answers []Answer `json:"answers,omitempty"`
}

// Target is what was to be reached.
type Target struct {
	Transport string `json:"transport"` // "mqtts", "mqtt", "wss" or "ws"
	Host      string `json:"host"`      // as the user wrote it
	// Invalid says that Host is no address; nil: it is one.
	Invalid *Address `json:"invalid,omitempty"`
	Port    int      `json:"port"`
	Name    string   `json:"name"` // reference identifier: what the server's certificate must contain (RFC 9525)
	ALPN    []string `json:"alpn,omitempty"`
	// Path is what is asked for over WebSocket, without its query, in which a token may stand.
	Path string `json:"path,omitempty"`
	// MinTLS and MaxTLS bound the TLS versions that were offered; 0: 0x0303 and 0x0304. SmallHello says that the hello had
	// no post-quantum key share.
	MinTLS     uint16 `json:"min_tls,omitempty"`
	MaxTLS     uint16 `json:"max_tls,omitempty"`
	SmallHello bool   `json:"small_hello,omitempty"`
	// MQTTVersion is what CONNECT says: 5, or 4 for MQTT 3.1.1; 0: 5.
	MQTTVersion byte `json:"mqtt_version,omitempty"`
	// ClientCertificate says that the profile names a client certificate.
	ClientCertificate bool `json:"client_certificate"`
	// DoNotVerify says that the profile switched the verification of the server off.
	DoNotVerify bool `json:"do_not_verify,omitempty"`
}

// Address is an address that cannot be parsed.
type Address struct {
	// Input is what was written; empty where a password may stand in it.
	Input    string `json:"input,omitempty"`
	Part     string `json:"part"`     // "scheme", "user", "host", "port" or "path"
	Position int    `json:"position"` // of the first character at fault in Input, from 0
	Text     string `json:"text"`     // the parser's sentence
}

// Trust says which sources counted as trust anchors, and which public certificates bear on this attempt.
type Trust struct {
	File    bool `json:"file"`
	System  bool `json:"system"`
	Mozilla bool `json:"mozilla"`
	// Candidates are the system, Mozilla and built-in certificates that issued, by name or key identifier, something
	// that was sent or stands in a CA file, and what issued those in turn, whether or not their source is trusted here.
	Candidates []Certificate `json:"candidates,omitempty"`
}

// Source says where a certificate came from. The values are those of the command line's JSON.
type Source string

const (
	Sent          Source = "sent"
	CAFile        Source = "ca-file"
	UntrustedFile Source = "untrusted-file"
	ClientFile    Source = "client-file"
	System        Source = "system"
	Mozilla       Source = "mozilla"
	BuiltIn       Source = "built-in"
	Fetched       Source = "fetched"
)

// Certificate is one certificate, as bytes, and where it was met.
type Certificate struct {
	Source   Source `json:"source"`
	File     string `json:"file,omitempty"`     // path as the user wrote it; for sources that are files
	Block    int    `json:"block,omitempty"`    // index of the PEM block in File, from 0
	Position int    `json:"position,omitempty"` // index in the server's Certificate message, from 0
	DER      []byte `json:"der"`
	// Distrusts are the certificates of the server's message that the root program which this root comes from no longer
	// lets stand below it; nil: it objects to none.
	Distrusts []Distrust `json:"distrusts,omitempty"`
}

// Distrust is one certificate that a root program no longer accepts below one of its roots.
type Distrust struct {
	Position int    `json:"position"` // index in the server's Certificate message, from 0
	Reason   string `json:"reason"`   // the program's own: "certificate issued after …"
}

// Status of a stage or probe.
type Status string

const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Stage is what all stages have in common.
type Stage struct {
	Status   Status        `json:"status"`
	Duration time.Duration `json:"duration_ns"`
	// Error is the raw text of what went wrong, for the technical details only: no rule reads it.
	Error string `json:"error,omitempty"`
}

// Files is what the user's own files hold.
type Files struct {
	Stage
	Files []File `json:"files,omitempty"`
}

// Role says what a file is used for.
type Role string

const (
	RoleCA          Role = "ca"
	RoleCertificate Role = "client-certificate"
	RoleKey         Role = "client-key"
	RoleChain       Role = "chain"     // verify: the chain to be judged
	RoleUntrusted   Role = "untrusted" // verify: further intermediates
	RoleCRL         Role = "crl"       // verify: certificate revocation lists
	// RoleNearby is a file beside those that are named, with an authority above the client certificate that its own file
	// lacks. It is not used.
	RoleNearby Role = "nearby"
)

// Problem says why a file could not be used at all.
type Problem string

const (
	Readable       Problem = ""
	Missing        Problem = "missing"
	Unreadable     Problem = "unreadable" // permission, a folder, an I/O fault
	Empty          Problem = "empty"
	TooLarge       Problem = "too-large"
	NotPEM         Problem = "not-pem"         // Format says what it is instead
	PassphraseNone Problem = "passphrase-none" // the key is encrypted and no passphrase was given
	PassphraseBad  Problem = "passphrase-wrong"
	KeyMismatch    Problem = "key-mismatch"    // the key is not the certificate's
	KeyUnsupported Problem = "key-unsupported" // a kind of key that Go cannot use
	BadEncoding    Problem = "bad-encoding"    // PEM text that an editor or a shell has damaged: Encoding
	WrongContent   Problem = "wrong-content"   // readable, but nothing in it is of use for Role
)

// File is one file and what its blocks are.
type File struct {
	Role Role   `json:"role"`
	Path string `json:"path"`
	Size int64  `json:"size"`
	// Format is "pem", "der-certificate", "der-key", "der-csr", "der-crl", "pkcs7", "pkcs12", "jks", "jceks", "bks", "html", "rtf",
	// "openssh", "utf-16", "ocsp-response", "ocsp-request", "cms", "smime", "jwk", "pvk", "msblob", "openssl-enc", "spkac",
	// "pgp" or "unknown".
	Format  string  `json:"format,omitempty"`
	Problem Problem `json:"problem,omitempty"`
	// Detail is the operating system's or the parser's text, for the technical details.
	Detail string  `json:"detail,omitempty"`
	Blocks []Block `json:"blocks,omitempty"`
	// Encoding says what damaged the text, where a repair would make more blocks readable: "utf-16", "byte-order-mark",
	// "escaped-line-ends", "carriage-returns", "one-line", "indented", "dashes", "end-missing", "armor-missing",
	// "foreign-characters", "program-text", "code-page".
	Encoding []string `json:"encoding,omitempty"`
	// Readings is how other libraries read a file of RoleCA, and OpenSSL one of RoleCertificate, where its text is not such
	// that all read the same; nil: it is.
	Readings []Reading `json:"readings,omitempty"`
	// Matching names a key or certificate file in the same folder that does belong to this one, for KeyMismatch.
	Matching string `json:"matching,omitempty"`
}

// HoldsOnlyPKCS7 says that there are PKCS #7 bundles in the file, as DER or as PEM text, and nothing else.
func (f File) HoldsOnlyPKCS7() bool {
	return f.Format == "pkcs7" || f.Problem == WrongContent && len(f.Blocks) > 0 &&
		!slices.ContainsFunc(f.Blocks, func(b Block) bool { return b.Kind != "pkcs7" || b.Error != "" })
}

// Block is one PEM block (or the whole of a DER file).
type Block struct {
	Index int `json:"index"`
	// Kind is "certificate", "private-key", "encrypted-private-key", "certificate-request", "public-key", "crl",
	// "trusted-certificate", "pkcs7", "parameters" or "unknown".
	Kind  string `json:"kind"`
	Label string `json:"label"` // the PEM type, as written
	// Name is the name of the entry in a PKCS #12 file or a Java keystore.
	Name string `json:"name,omitempty"`
	// Certificate is the DER of a certificate; nothing else is ever kept, except for RoleCRL.
	Certificate []byte `json:"certificate,omitempty"`
	// CRL is the DER of a certificate revocation list, in a file of RoleCRL.
	CRL []byte `json:"crl,omitempty"`
	// PublicKeySHA256 is the SHA-256 of the SubjectPublicKeyInfo of a certificate, request, public or private key;
	// a key and a certificate that belong together have the same.
	PublicKeySHA256 []byte `json:"public_key_sha256,omitempty"`
	KeyType         string `json:"key_type,omitempty"` // "RSA 2048", "ECDSA P-256", "Ed25519", …
	Error           string `json:"error,omitempty"`    // why the block could not be read
}

// Resolve is the name's resolution; OK with one address for an IP address. With a proxy, the name is the proxy's.
type Resolve struct {
	Stage
	Addresses []string `json:"addresses,omitempty"`
	NotFound  bool     `json:"not_found,omitempty"` // the name does not exist, as against no answer
	Timeout   bool     `json:"timeout,omitempty"`
}

// Dial is the TCP connection, tried address by address.
type Dial struct {
	Stage
	Address string        `json:"address,omitempty"` // the one that answered
	Tries   []DialAttempt `json:"tries,omitempty"`
	// Proxy is what the proxy said, which was dialled in the server's stead; nil: there is none.
	Proxy *Proxy `json:"proxy,omitempty"`
}

// DialAttempt is one address.
type DialAttempt struct {
	Address string        `json:"address"`
	Failure Failure       `json:"failure,omitempty"` // "" when it answered
	Took    time.Duration `json:"took_ns"`
	Error   string        `json:"error,omitempty"`
}

// Failure is how a stage ended, found from typed errors and bytes, never from texts.
type Failure string

const (
	NoFailure   Failure = ""
	Refused     Failure = "refused"
	Timeout     Failure = "timeout"
	Unreachable Failure = "unreachable"
	Reset       Failure = "reset"        // connection reset by the server
	Closed      Failure = "closed"       // end of stream without a word
	AlertSent   Failure = "alert"        // the server sent a fatal alert: Alert
	NotTLS      Failure = "not-tls"      // the first bytes are not a TLS record: FirstBytes
	NotMQTT     Failure = "not-mqtt"     // the first bytes are not an MQTT packet: FirstBytes
	Unverified  Failure = "unverified"   // the server's certificate was refused by this program
	BadStatus   Failure = "bad-status"   // an HTTP answer with another status than 200: HTTPStatus
	NoSuchHost  Failure = "no-such-host" // the name in an address does not exist
	Unusable    Failure = "unusable"     // an address that cannot be fetched from: another scheme than http or https
	Unparsable  Failure = "unparsable"   // a certificate that Go cannot parse
	BadProof    Failure = "bad-proof"    // the server does not hold the key of its certificate
	VersionGap  Failure = "version"      // the server chose a TLS version that is not offered
	RefusedMQTT Failure = "refused-mqtt" // CONNACK with a failure code
	NotHTTP     Failure = "not-http"     // the first bytes are not an HTTP answer: FirstBytes
	NotUpgraded Failure = "not-upgraded" // the HTTP answer makes no WebSocket connection for MQTT
	NotProxy    Failure = "not-proxy"    // the first bytes are not an answer in the proxy's protocol: FirstBytes
	NoPassage   Failure = "no-passage"   // the proxy made no connection to the server, or let nobody in
	TooBig      Failure = "too-big"      // a packet over the limit
	Cancelled   Failure = "cancelled"
	Other       Failure = "other"
)

// TLS is the handshake. In TLS 1.3 the server's verdict on the client certificate arrives after it (Late).
type TLS struct {
	Stage
	Failure Failure `json:"failure,omitempty"`
	// ServerName is what was sent in the hello; empty for an IP address.
	ServerName  string        `json:"server_name"`
	Complete    bool          `json:"complete"` // the handshake ended on this side
	Verified    bool          `json:"verified"` // the server's certificate was verified and accepted
	Version     uint16        `json:"version"`  // 0x0304 for TLS 1.3; 0: none was agreed
	CipherSuite uint16        `json:"cipher_suite"`
	ALPN        string        `json:"alpn"`
	Sent        []Certificate `json:"sent,omitempty"` // the server's Certificate message, in its order
	// SentToProbe says that Sent is what the server sent to a probe, which offers kinds of keys that this program does not
	// have. This program itself was refused before that.
	SentToProbe bool `json:"sent_to_probe,omitempty"`

	CertificateRequested bool `json:"certificate_requested"`
	CertificateSent      bool `json:"certificate_sent"` // a non-empty client certificate was sent
	// AcceptableCAs are the raw names (DER) of the server's CA list; none: the server did not say.
	AcceptableCAs [][]byte `json:"acceptable_cas,omitempty"`

	// StapleAsked says that the hello asked for an OCSP staple (RFC 6066 §8) and that the handshake came as far as where it
	// is sent: without Staple, there was none.
	StapleAsked bool   `json:"staple_asked,omitempty"`
	Staple      []byte `json:"staple,omitempty"` // the OCSP response that the server sent with its own certificate, DER

	Alert      *uint8 `json:"alert"`                 // the fatal alert that the server sent
	Late       bool   `json:"late,omitempty"`        // Alert, Reset or Closed came after the handshake
	FirstBytes []byte `json:"first_bytes,omitempty"` // at most 64, when the answer was not TLS
}

// MQTT is CONNECT and CONNACK.
type MQTT struct {
	Stage
	Failure    Failure `json:"failure,omitempty"`
	Version    byte    `json:"version"`     // 5, or 4 for MQTT 3.1.1
	ReasonCode *byte   `json:"reason_code"` // of CONNACK (in MQTT 3.1.1 its return code), or of a DISCONNECT that came instead
	// ReasonString, ServerReference and AssignedClientID are the properties of those names.
	ReasonString     string `json:"reason_string"`
	ServerReference  string `json:"server_reference,omitempty"`
	SessionPresent   bool   `json:"session_present"`
	AssignedClientID string `json:"assigned_client_id"`
	ClientID         string `json:"client_id"`
	FirstBytes       []byte `json:"first_bytes,omitempty"` // at most 64, when the answer was not MQTT
	// Later are refusals that came after CONNACK, as far as the session lasted.
	Later []Refusal `json:"later,omitempty"`
}

// Refusal is a failure code in an answer of the server's, or in its DISCONNECT.
type Refusal struct {
	Packet       string `json:"packet"`          // "SUBACK", "PUBACK", "PUBREC", "PUBCOMP" or "DISCONNECT"
	Topic        string `json:"topic,omitempty"` // the topic filter or topic name that was refused
	ReasonCode   byte   `json:"reason_code"`
	ReasonString string `json:"reason_string,omitempty"`
	// Announced says that the server had said so in CONNACK, and nothing was sent.
	Announced bool `json:"announced,omitempty"`
	// ServerReference is the other server that DISCONNECT names.
	ServerReference string `json:"server_reference,omitempty"`
}

// Probe is one bounded experiment after a failure.
type Probe struct {
	// Name is "plain-connect", "server-hello", "version-1.0" … "version-1.3", "small-hello", "no-server-name", "alpn"
	// with the protocol after a colon, "mqtt-5", "mqtt-3.1.1", "any-key-1.2", "any-key-1.3", "port-" and a number, or
	// "issuer:", "crl:" and "ocsp:" with an address.
	Name     string        `json:"name"`
	Status   Status        `json:"status"`
	Duration time.Duration `json:"duration_ns"`
	Failure  Failure       `json:"failure,omitempty"`
	Detail   string        `json:"detail,omitempty"` // one line for people
	Version  uint16        `json:"version,omitempty"`
	// CipherSuite is the one that the server chose; 0: none.
	CipherSuite uint16 `json:"cipher_suite,omitempty"`
	// Certificates are the server's, where the probe reads no more than its Certificate message: see TLS.SentToProbe.
	Certificates []Certificate `json:"certificates,omitempty"`
	// Names are those of the certificate that the server showed to the probe.
	Names []string `json:"names,omitempty"`
	Alert *uint8   `json:"alert,omitempty"`
	Bytes []byte   `json:"bytes,omitempty"` // the answer's first bytes, at most 64
}
