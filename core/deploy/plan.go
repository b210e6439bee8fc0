package deploy

import (
	"slices"
	"time"
)

// Pages of EMQX's documentation that the rules are from, as they stood in November 2026.
const (
	emqxTLSPage        = "https://docs.emqx.com/en/cloud/latest/deployments/tls_ssl.html"
	emqxBYOCPage       = "https://docs.emqx.com/en/cloud/latest/deployments/byoc_ssl.html"
	emqxServerlessPage = "https://docs.emqx.com/en/cloud/latest/deployments/port_guide_serverless.html"
	emqxAPIPage        = "https://docs.emqx.com/en/cloud/latest/api/tls_certificate.html"
)

const dayLong = 24 * time.Hour

// Plan is one kind of EMQX Cloud deployment and what it demands of a certificate.
type Plan struct {
	ID    string
	Title string
	// API is the deploymentType by which EMQX's interface calls it; empty: it does not list this kind.
	API string
	// Custom: a certificate of one's own can be given. Instead says what there is where not, a sentence.
	Custom  bool
	Instead string
	Keys    []string // kinds of key, as pki.KeyTypeOf names them
	// Margin is how long before its end a certificate is no longer taken.
	Margin time.Duration
	// Version3: a certificate of X.509 version 1 is not taken.
	Version3 bool
	// PublicOnly: the documentation says that only certificates of a trusted authority are taken.
	PublicOnly bool
	Source     string
}

// Plans lists them, the usual one first.
func Plans() []Plan {
	keys := []string{"RSA 1024", "RSA 2048", "ECDSA P-256", "ECDSA P-384"}
	return []Plan{
		{ID: "dedicated", API: "dedicated", Title: "EMQX Dedicated", Custom: true, Keys: keys, Margin: 60 * dayLong, Source: emqxTLSPage},
		{ID: "flex", API: "dedicatedFlex", Title: "EMQX Dedicated Flex", Custom: true, Keys: keys, Margin: 60 * dayLong, Source: emqxTLSPage},
		{ID: "byoc", Title: "EMQX BYOC", Custom: true, Keys: []string{"RSA 1024", "RSA 2048"}, Margin: 30 * dayLong,
			Version3: true, PublicOnly: true, Source: emqxBYOCPage},
		{ID: "serverless", API: "serverless", Title: "EMQX Serverless", Source: emqxServerlessPage,
			Instead: "It has one-way TLS with EMQX's own certificate; a Dedicated deployment takes yours."},
	}
}

// PlanNamed returns the plan of that ID, or of that name in EMQX's interface; the usual one for an empty one.
func PlanNamed(id string) (Plan, bool) {
	all := Plans()
	if id == "" {
		return all[0], true
	}
	i := slices.IndexFunc(all, func(p Plan) bool { return p.ID == id || p.API == id })
	if i < 0 {
		return Plan{}, false
	}
	return all[i], true
}

// lifetime is how long the certificates of an issuer last that it issues from a day on.
type lifetime struct {
	from   time.Time
	days   int
	source string
}

// issuance is what is known of an issuer's future.
type issuance struct {
	organization string // of the issuer's name
	title        string
	lifetimes    []lifetime // by from
}

const letsEncryptPage = "https://letsencrypt.org/2025/12/02/from-90-to-45"

// issuances are public announcements. The last one is the CA/Browser Forum's rule for every public authority.
var issuances = []issuance{
	{organization: "Let's Encrypt", title: "Let's Encrypt", lifetimes: []lifetime{
		{date(2027, 2, 10), 64, letsEncryptPage},
		{date(2028, 2, 16), 45, letsEncryptPage},
	}},
	{title: "every public authority", lifetimes: []lifetime{
		{date(2027, 3, 15), 100, "CA/Browser Forum Baseline Requirements §6.3.2"},
		{date(2029, 3, 15), 47, "CA/Browser Forum Baseline Requirements §6.3.2"},
	}},
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
