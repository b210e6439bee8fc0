package chain

import "slices"

// Judge is one client's way of deciding.
type Judge interface {
	Name() string
	Models() string // the program and versions that it models: "OpenSSL 3.0, security level 2"
	Judge(Question) Verdict
}

// Verdict is what one client would say.
type Verdict struct {
	Client   string `json:"client"`
	Accepted bool   `json:"accepted"`
	Code     string `json:"code"`  // the client's own; empty where it has none
	Text     string `json:"text"`  // the client's own words
	Depth    int    `json:"depth"` // OpenSSL's count from the end-entity certificate; -1: none
	// Reasons are all that this client would object to, the one it prints first.
	Reasons []Reason `json:"-"`

	path [][32]byte // what go built when it accepts, end-entity certificate first
}

// Reason is one objection of one client.
type Reason struct {
	ID     string   // finding id
	File   string   // path of the CA file at fault; empty: none
	SHA256 [32]byte // the certificate at fault; zero: none in particular
	Code   string
	Text   string
	Depth  int
}

// judges in the order in which they are shown. A further one is a file of its own and a line here.
var judges = []Judge{
	goJudge{},
	opensslJudge{},
	opensslJudge{partial: true},
	python313Judge{},
	javaJudge{},
	mbedtlsJudge{},
	gnutlsJudge{},
}

// Judges returns all judges, `go` first.
func Judges() []Judge {
	return slices.Clone(judges)
}

// Named returns the judge of that name.
func Named(name string) (j Judge, ok bool) {
	for _, j := range judges {
		if j.Name() == name {
			return j, true
		}
	}
	return nil, false
}
