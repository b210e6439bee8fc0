// Package core holds no code of its own: it is where the vocabulary of Mutual is written down once.
//
// Folders below it are nouns in a pipeline: a profile says what is wanted, tlsdial and session try it and write
// evidence, diagnose turns evidence into findings, chain judges certificates as each client would, fix carries out
// the repair that is chosen. A package imports only packages that stand above it in [Order].
//
// # Glossary
//
// The terms are those of the standards; where the window says something else to people, it stands in brackets.
//
//   - Server: the peer of a connection (window: broker).
//   - End-entity certificate: the certificate that names the server or the client itself, not an authority (RFC 5280).
//   - Certification path: end-entity certificate, intermediates, trust anchor, each signed by the next (RFC 5280 §6).
//   - Trust anchor: a certificate that is trusted because the user or the system says so (RFC 5280 §6.1.1).
//   - Cross-certificate: a certificate for an authority's key that is signed by another authority (RFC 5280 §3.2).
//   - Reference identifier: the name that the certificate must contain (RFC 9525).
//   - CertificateRequest, alert: the TLS messages of those names (RFC 8446).
//   - Network Connection, Session, Client Identifier, Clean Start, Reason Code, Topic Filter, Application Message:
//     as in MQTT 5.0.
//   - Order, authorization, challenge, problem: as in RFC 8555. Solver: what answers an authority's challenges.
//   - Attempt: one try at a connection, with everything that was seen. Finding: one cause, named by its id.
package core

// Order lists the packages of core, each of which may import only those before it (tests excepted).
var Order = []string{
	"expression", "profile", "evidence", "pki", "revocation", "fetch", "store", "exchange", "watch", "chain", "history", "tlsdial", "session", "probe",
	"diagnose", "explain", "progress", "nameserver", "remote", "route53", "solver", "acme", "deploy", "report", "fix", "lab",
}
