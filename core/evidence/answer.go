package evidence

import "time"

// Revocation says what was asked about revocation.
type Revocation struct {
	// Enforced says that this program was to refuse a revoked certificate before anything secret was sent.
	Enforced bool          `json:"enforced"`
	Duration time.Duration `json:"duration_ns,omitempty"` // how long the asking held the connection up
}

// AnswerKind is what an Answer is an answer to.
type AnswerKind string

const (
	IssuerAnswer AnswerKind = "issuer" // the certificate of an issuer (RFC 5280 §4.2.2.1, caIssuers)
	CRLAnswer    AnswerKind = "crl"    // a certificate revocation list (RFC 5280 §5)
	OCSPAnswer   AnswerKind = "ocsp"   // an OCSP response (RFC 6960)
	StapleAnswer AnswerKind = "staple" // an OCSP response that the server sent itself (RFC 6066 §8)
)

// Answer is what came back from an address that a certificate names, or from a file.
type Answer struct {
	Kind AnswerKind `json:"kind"`
	// From is the address that was asked, or the path of the file; empty for a staple.
	From  string `json:"from,omitempty"`
	Block int    `json:"block,omitempty"` // index of the PEM block in the file From
	// About is the SHA-256 of the certificate that named From; empty for files.
	About    []byte        `json:"about,omitempty"`
	Duration time.Duration `json:"duration_ns,omitempty"`
	Failure  Failure       `json:"failure,omitempty"` // "" when something came
	// HTTPStatus is that of the last answer; 0: there was none.
	HTTPStatus int    `json:"http_status,omitempty"`
	Error      string `json:"error,omitempty"` // for the technical details only
	// Body is the CRL or OCSP response, DER. The certificates of an IssuerAnswer stand in Trust.Candidates instead, with
	// the source Fetched and From as their file.
	Body []byte `json:"body,omitempty"`
}
