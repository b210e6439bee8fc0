package acme

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mutual/core/pki"
	"mutual/core/route53"
	"mutual/core/solver"
)

// Stage is a part of the way from a deployment's address to a client that is connected.
type Stage string

// The stages in their order; each is checked before the next.
const (
	StageAddress     Stage = "address"     // the deployment, and the name that it is to have
	StageCredentials Stage = "credentials" // how the name is proved, and with whose rights
	StageAlias       Stage = "alias"       // the name leads to the deployment
	StageCertificate Stage = "certificate" // it is obtained
	StageFiles       Stage = "files"       // they are understood, and judged
	StageHandover    Stage = "handover"    // the broker has them
	StageConnect     Stage = "connect"     // a client has met it
)

// Stages lists them.
var Stages = []Stage{StageAddress, StageCredentials, StageAlias, StageCertificate, StageFiles, StageHandover, StageConnect}

// Plan is how far somebody is with the whole of it, kept so that it can be gone on with another day. It holds no secret:
// see Keep.
type Plan struct {
	Schema     int     `json:"schema"`
	Passed     []Stage `json:"passed,omitempty"`
	Deployment string  `json:"deployment,omitempty"` // host name
	Name       string  `json:"name,omitempty"`       // the wanted one
	// Certificate is the certificate that the steps are about, by its first name, where that is not Name: one that was
	// obtained earlier for several names, or for a wildcard.
	Certificate string `json:"certificate,omitempty"`
	Further     string `json:"further,omitempty"`  // more names for the certificate, separated by white space or commas
	Provider    string `json:"provider,omitempty"` // a Name of Providers
	// Settings are those of the providers that are no secrets, by variable.
	Settings map[string]string `json:"settings,omitempty"`
	// Formerly is the certificate whose secrets are used as long as Name has none of its own: that of the steps before.
	Formerly string `json:"formerly,omitempty"`
	// Typed: Route 53 takes credentials that were typed, not those of the environment.
	Typed bool         `json:"typed,omitempty"`
	Zone  route53.Zone `json:"zone,omitzero"`
	// LedTo is where the name led when its records were left as they are, though that is not Deployment.
	LedTo string `json:"led_to,omitempty"`

	Directory      Directory        `json:"directory,omitzero"`
	Contact        string           `json:"contact,omitempty"`
	AgreedTerms    string           `json:"agreed_terms,omitempty"`
	ExternalID     string           `json:"external_id,omitempty"`
	KeyType        pki.KeyAlgorithm `json:"key_type,omitempty"`
	Profile        string           `json:"profile,omitempty"`
	PreferredChain string           `json:"preferred_chain,omitempty"`

	Broker   string   `json:"broker,omitempty"`  // an ID of deploy's brokers
	Kind     string   `json:"kind,omitempty"`    // of EMQX Cloud's deployments
	OneWay   bool     `json:"one_way,omitempty"` // clients show no certificate
	ClientCA []string `json:"client_ca,omitempty"`
	// What the connection of the last stage is made with, as it was filled in; it need not make sense yet.
	Port              string `json:"port,omitempty"` // empty: MQTT's own for TLS
	UserName          string `json:"user_name,omitempty"`
	ClientCertificate string `json:"client_certificate,omitempty"` // files
	ClientKey         string `json:"client_key,omitempty"`
	// ProfileID is the connection that was made.
	ProfileID string `json:"profile_id,omitempty"`
	// RenewWhenDue: certificates are renewed without asking as long as the window is open.
	RenewWhenDue bool `json:"renew_when_due,omitempty"`
	// Moved is when Deployment last became another one: a session from before has met the other.
	Moved time.Time `json:"moved,omitzero"`
}

// Has says whether a stage is passed.
func (p Plan) Has(s Stage) bool { return slices.Contains(p.Passed, s) }

// Pass marks a stage as passed.
func (p *Plan) Pass(s Stage) {
	if !p.Has(s) {
		p.Passed = append(p.Passed, s)
	}
}

// Back unmarks a stage and all that come after it: they rest on it.
func (p *Plan) Back(s Stage) {
	from := slices.Index(Stages, s)
	p.Passed = slices.DeleteFunc(slices.Clone(p.Passed), func(x Stage) bool { return slices.Index(Stages, x) >= from })
}

// Reopen unmarks these stages, and not what comes after them.
func (p *Plan) Reopen(stages ...Stage) {
	p.Passed = slices.DeleteFunc(slices.Clone(p.Passed), func(x Stage) bool { return slices.Contains(stages, x) })
}

// CertificateName is the first name of the certificate that the steps are about.
func (p Plan) CertificateName() string {
	if p.Certificate != "" {
		return p.Certificate
	}
	return p.Name
}

// Former is the certificate whose secrets another name goes on with: this one, once it has been seen to have any.
func (p Plan) Former() string {
	if p.Has(StageCredentials) {
		return p.CertificateName()
	}
	return p.Formerly
}

// Readdress makes the steps be about another deployment, or another name, and unmarks what rests on that. covered: the
// certificate is there, and is for that name. What belongs to an earlier name can still be found by Formerly.
func (p *Plan) Readdress(deployment, name string, covered bool, at time.Time) {
	renamed, moved := name != p.Name, deployment != p.Deployment
	if renamed && name != p.Former() {
		p.Formerly = p.Former()
	}
	switch {
	case renamed && !covered:
		p.Back(StageAddress)
		p.Zone = route53.Zone{}
	case !covered:
		p.Reopen(StageCertificate, StageFiles, StageHandover, StageConnect)
	}
	if renamed || moved {
		p.Reopen(StageAddress, StageAlias, StageHandover, StageConnect)
		p.LedTo = ""
	}
	if moved && p.Deployment != "" {
		p.Moved = at
	}
	if renamed { // what was connected to has another name
		p.ProfileID = ""
	}
	p.Certificate = p.CertificateName()
	if p.Deployment, p.Name = deployment, name; !covered || p.Certificate == name {
		p.Certificate = ""
	}
}

// Continue makes the steps be about a certificate that was asked for by r; obtained: it is there. Clients connect to the
// first of its names that is no wildcard; where there is none, it is still to be said which.
func (p *Plan) Continue(r Request, obtained bool) {
	p.Passed, p.ProfileID, p.Zone, p.LedTo, p.Deployment = nil, "", route53.Zone{}, "", ""
	p.Name, p.Certificate, p.Formerly = "", "", ""
	if i := slices.IndexFunc(r.Names, func(n string) bool { return !strings.HasPrefix(n, "*.") }); i >= 0 {
		p.Name = r.Names[i]
	}
	if first := r.Names[0]; obtained && p.Name != first {
		p.Certificate, p.Formerly = first, first
	}
	p.Further = strings.Join(slices.DeleteFunc(slices.Clone(r.Names), func(n string) bool { return n == p.Name }), ", ")
	p.Provider, p.Directory, p.Contact, p.KeyType = r.Solver, r.Directory, strings.Join(r.Contact, ", "), r.KeyType
	p.Profile, p.PreferredChain, p.AgreedTerms = r.Profile, r.PreferredChain, r.AgreedTerms
	if r.Settings != nil {
		p.Settings, p.Typed = r.Settings, r.Settings["AWS_ACCESS_KEY_ID"] != ""
	}
	if !obtained {
		return
	}
	p.Passed = []Stage{StageCredentials, StageCertificate}
	if p.Name != "" {
		p.Passed = []Stage{StageAddress, StageCredentials, StageAlias, StageCertificate}
	}
}

// Next is the first stage that is not passed; empty: all are.
func (p Plan) Next() Stage {
	for _, s := range Stages {
		if !p.Has(s) {
			return s
		}
	}
	return ""
}

// Keep takes over a provider's setting, unless it is a secret.
func (p *Plan) Keep(s solver.Setting, value string) {
	if s.Secret {
		return
	}
	if p.Settings == nil {
		p.Settings = map[string]string{}
	}
	if value == "" {
		delete(p.Settings, s.Variable)
		return
	}
	p.Settings[s.Variable] = value
}

const planFile = "plan.json"

// Plan reads how far somebody is; a new one where there is none. One that cannot be read is set aside, and the error
// says where; the plan that is returned is a new one then. One of a newer format is left alone.
func (f Folder) Plan() (Plan, error) {
	path := filepath.Join(f.Path, planFile)
	var p Plan
	err := readJSON(path, &p)
	switch {
	case err == nil:
		return p, nil
	case errors.Is(err, fs.ErrNotExist):
		return Plan{}, nil
	case errors.Is(err, errNewerFormat):
		return Plan{}, err
	}
	aside := path + ".damaged-" + time.Now().UTC().Format("20060102-150405")
	if moveErr := os.Rename(path, aside); moveErr != nil {
		return Plan{}, errors.Join(err, moveErr)
	}
	return Plan{}, fmt.Errorf("%w; it is kept as %s", err, filepath.Base(aside))
}

// SavePlan writes it, 0600. One of a newer format is not overwritten.
func (f Folder) SavePlan(p Plan) error {
	path := filepath.Join(f.Path, planFile)
	var old Plan
	if err := readJSON(path, &old); errors.Is(err, errNewerFormat) {
		return err
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return fmt.Errorf("preparing %s: %w", f.Path, err)
	}
	p.Schema = schema
	p.Settings = maps.Clone(p.Settings)
	for _, provider := range solver.Providers {
		for _, s := range provider.Settings {
			if s.Secret {
				delete(p.Settings, s.Variable)
			}
		}
	}
	return writeJSON(path, p)
}
