// Package acme obtains, renews and revokes certificates from an RFC 8555 certificate authority such as Let's Encrypt,
// and keeps the DNS records that this takes. An order is carried out in steps, each of which is written down before it
// is begun: whatever interrupts it, the next call goes on from there, and no challenge record is left behind.
//
// The requests of the protocol are lego's; its own Obtain is not used, since it can be neither cancelled nor resumed.
package acme

import (
	"fmt"
	"slices"

	"mutual/core/nameserver"
	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/core/solver"
)

// Directory names an authority.
type Directory struct {
	URL string `json:"url"` // https, RFC 8555 §7.1.1
	// CAFile are trust anchors (PEM) for the directory's own HTTPS; empty: the system's.
	CAFile string `json:"ca_file,omitempty"`
}

// The directories of Let's Encrypt (https://letsencrypt.org/docs/acme-protocol-updates/). Certificates of the staging
// directory are trusted nowhere; its limits are wide.
var (
	LetsEncrypt        = Directory{URL: "https://acme-v02.api.letsencrypt.org/directory"}
	LetsEncryptStaging = Directory{URL: "https://acme-staging-v02.api.letsencrypt.org/directory"}
)

// ExternalAccount is what an authority gives out that serves only customers it knows (RFC 8555 §7.3.4). It is a secret
// and is written nowhere.
type ExternalAccount struct {
	KeyID string
	HMAC  string // base64url
}

// Request says what certificate is wanted.
type Request struct {
	Directory Directory        `json:"directory"`
	Names     []string         `json:"names"`             // DNS names, wildcards too, and IP addresses; the first names the folder
	Contact   []string         `json:"contact,omitempty"` // e-mail addresses
	KeyType   pki.KeyAlgorithm `json:"key_type"`          // empty: ECDSA P-256
	Profile   string           `json:"profile,omitempty"` // a name of [Info.Profiles]; empty: the authority's default
	// PreferredChain is the common name of the trust anchor that the chain should lead to; empty, or one that no
	// alternate leads to: the authority's default chain.
	PreferredChain string `json:"preferred_chain,omitempty"`
	// Solver names how the names are proved, for renewals: "route53", "manual", … See [solver.Solver].
	Solver string `json:"solver"`
	// Settings are the solver's that are no secrets, by variable, for renewals. Those of another certificate may differ.
	// nil: a version before kept them elsewhere.
	Settings map[string]string `json:"settings"`

	// AgreedTerms is the address of the terms of service that the user has agreed to; it must be the directory's.
	AgreedTerms string           `json:"agreed_terms,omitempty"`
	External    *ExternalAccount `json:"-"`
	// NewOrder gives up an order that was begun earlier instead of going on with it.
	NewOrder bool `json:"-"`
}

// DefaultKeyType is what Let's Encrypt's own clients have used since 2022, and every broker in use takes.
const DefaultKeyType = pki.ECDSAP256

// Steps are those that Obtain goes through, for showing them beforehand.
var Steps = []progress.Step{progress.Account, progress.Order, progress.Record, progress.Seen, progress.Validate, progress.CleanUp, progress.Finalize, progress.Download, progress.WriteDown}

// Check says what stands against an order for r that is proved by challenges of that type, whatever the authority: a
// *NameError, *KeyTypeError, *ProofError or *DirectoryError.
func (r Request) Check(challenge string) error {
	url := r.Directory.URL
	r, err := r.checked()
	if err != nil {
		return err
	}
	for _, name := range r.Names {
		if err := provable(name, challenge); err != nil {
			return err
		}
	}
	return Directory{URL: url}.check()
}

// checked returns r with its names in the form that an order has them: lower case, A-labels, none twice.
func (r Request) checked() (Request, error) {
	if r.Directory.URL == "" {
		r.Directory = LetsEncrypt
	}
	if r.KeyType == "" {
		r.KeyType = DefaultKeyType
	}
	var names []string
	for _, name := range r.Names {
		name, err := nameserver.CertificateName(name)
		if err != nil {
			return r, fmt.Errorf("preparing the order: %w", err)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return r, fmt.Errorf("preparing the order: %w", &nameserver.NameError{})
	}
	if !slices.Contains(pki.KeyAlgorithms, r.KeyType) { // else it would be seen only after all names are proved
		return r, fmt.Errorf("preparing the order: %w", &KeyTypeError{r.KeyType})
	}
	r.Names = names
	if r.Settings != nil { // nil stays: a renewal by this version does not yet tell what was kept elsewhere
		r.Settings = solver.ProviderNamed(r.Solver).Open(r.Settings)
	}
	return r, nil
}
