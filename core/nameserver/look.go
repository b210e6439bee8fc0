package nameserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"

	"mutual/core/progress"
)

// Remark is what is to be said of an address before anything is done with it.
type Remark struct {
	Bad  bool // it cannot be gone on like this
	Text string
}

type remarks []Remark

func (l *remarks) bad(format string, a ...any) {
	*l = append(*l, Remark{Bad: true, Text: fmt.Sprintf(format, a...)})
}

func (l *remarks) warn(format string, a ...any) {
	*l = append(*l, Remark{Text: fmt.Sprintf(format, a...)})
}

// Look says what stands against pointing name at deployment: names that are none, a deployment that does not resolve,
// one that takes no name of yours, a name that is somebody else's.
func (r Resolver) Look(ctx context.Context, deployment, name string) ([]Remark, error) {
	var said remarks
	wanted, nameErr := CertificateName(name)
	host, hostErr := CertificateName(deployment)
	switch {
	case nameErr != nil || net.ParseIP(wanted) != nil:
		said.bad("%q is not a full domain name, such as mqtt.example.org.", name)
	case strings.HasPrefix(wanted, "*."):
		said.bad("Clients connect to one name: write one such as mqtt%s here, and the wildcard among the further names.", wanted[1:])
	}
	if hostErr != nil {
		said.bad("%q is not the address of a deployment, such as ab1234.emqx.cloud.", deployment)
	}
	if len(said) == 0 && wanted == host {
		said.bad("The name and the deployment's address are the same; the name is one of a domain of yours.")
	}
	if len(said) > 0 {
		return said, nil
	}
	for _, d := range vendors {
		if dns.IsSubDomain(d.domain, dns.Fqdn(wanted)) {
			said.bad("%s is a name of %s's, not of a domain of yours.", wanted, d.title)
		}
		if d.serverless && dns.IsSubDomain(d.domain, dns.Fqdn(host)) {
			said.warn("%s is a Serverless deployment, which takes no name and no certificate of yours: take a Dedicated one, or connect to this address as it is.", host)
		}
	}
	r.lookUp(ctx, &said, wanted, host)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return said, nil
}

// lookUp says what the DNS has against it.
func (r Resolver) lookUp(ctx context.Context, said *remarks, wanted, host string) {
	if net.ParseIP(host) != nil {
		said.warn("%s is an IP address: a CNAME record cannot lead to it. Create an A or AAAA record for %s, and skip the step of the alias.", host, wanted)
	} else if _, err := r.system().LookupHost(ctx, host); err != nil {
		var de *net.DNSError
		if errors.As(err, &de) && de.IsNotFound {
			said.bad("%s has no address: see that it is copied whole from the deployment's overview.", host)
		} else {
			said.bad("%s could not be looked up (%s): see whether this computer is online.", host, err)
		}
	}
	if ctx.Err() != nil {
		return
	}
	zone, _, err := r.Zone(ctx, wanted)
	if err != nil {
		said.bad("%s", progress.Sentence(err.Error()))
	} else if zone == dns.Fqdn(wanted) {
		said.warn("%s is a zone of its own, which cannot have a CNAME record; take a name below it, or an A record.", wanted)
	}
}

// vendors are domains that belong to a broker's vendor. The Serverless ones are EMQX's (docs.emqx.com, "Serverless port
// guide": it has one-way TLS with EMQX's own certificate, and no custom domain).
var vendors = []struct {
	domain, title string
	serverless    bool
}{
	{"emqxsl.com.", "EMQX", true}, {"emqxsl.cn.", "EMQX", true},
	{"emqx.cloud.", "EMQX", false}, {"emqxcloud.cn.", "EMQX", false}, {"emqxcloud.com.", "EMQX", false},
	{"hivemq.cloud.", "HiveMQ", false}, {"amazonaws.com.", "Amazon", false}, {"azure-devices.net.", "Microsoft", false},
}
