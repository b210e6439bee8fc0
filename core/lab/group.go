package lab

// Fault is one way to be broken: the finding that it leads to.
type Fault struct {
	ID     string
	Group  Group
	Title  string // what is broken, without a full stop
	Lesson string // what there is to be learned from it: one sentence
}

// Group is what a fault is about, as people look for it.
type Group string

// The groups, in the order of a connection: from the address to MQTT.
const (
	Network           Group = "Network"
	Protocol          Group = "Protocol"
	TLS               Group = "TLS"
	Trust             Group = "Trust"
	Validity          Group = "Validity"
	Names             Group = "Names"
	Usage             Group = "Usage"
	Signatures        Group = "Signatures"
	YourFiles         Group = "Your files"
	ClientCertificate Group = "Client certificate"
	MQTT              Group = "MQTT"
)

var groups = []Group{Network, Protocol, TLS, Trust, Validity, Names, Usage, Signatures, YourFiles, ClientCertificate, MQTT}
