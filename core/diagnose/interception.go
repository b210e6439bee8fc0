package diagnose

import (
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// interceptionRules come before what is wrong with the server's chain: what was seen is not the server's chain at all.
var interceptionRules = []Rule{
	{ID: "interception", Spec: "RFC 8446 §4.4.2", Check: interception,
		Hides: []string{"root-unknown", "root-sent-untrusted", "self-signed-leaf", "intermediate-missing"}},
}

// inspectors are products that put themselves between client and server and sign for every name, and a part of the issuer
// names that they use unless they were given others. The names are those of the makers' documentation, and many of them
// stand in Chromium's list of interception software (ssl_error_assistant.asciipb). Lower case.
var inspectors = []struct{ part, product string }{
	{"zscaler", "Zscaler"},
	{"fortinet", "Fortinet FortiGate"},
	{"fortigate", "Fortinet FortiGate"},
	{"netskope", "Netskope"},
	{"goskope", "Netskope"},
	{"palo alto networks", "Palo Alto Networks"},
	{"cisco umbrella", "Cisco Umbrella"},
	{"cisco ironport", "Cisco Secure Web Appliance"},
	{"blue coat", "Symantec (Blue Coat) ProxySG"},
	{"forcepoint", "Forcepoint"},
	{"websense", "Forcepoint (Websense)"},
	{"mcafee web gateway", "Skyhigh (McAfee) Web Gateway"},
	{"skyhigh", "Skyhigh Web Gateway"},
	{"sophos", "Sophos"},
	{"sonicwall", "SonicWall"},
	{"watchguard", "WatchGuard"},
	{"barracuda", "Barracuda"},
	{"check point", "Check Point"},
	{"untangle", "Untangle"},
	{"iboss", "iboss"},
	{"menlo security", "Menlo Security"},
	{"gateway ca - cloudflare managed", "Cloudflare Gateway"},
	{"cloudflare for teams", "Cloudflare Gateway"},
	{"kaspersky", "Kaspersky"},
	{"eset ssl filter", "ESET"},
	{"avast! web/mail shield", "Avast"},
	{"avast web/mail shield", "Avast"},
	{"avg web/mail shield", "AVG"},
	{"bitdefender", "Bitdefender"},
	{"dr.web", "Dr.Web"},
	{"adguard", "AdGuard"},
	{"mitmproxy", "mitmproxy"},
	{"charles proxy", "Charles"},
	{"fiddler", "Fiddler"},
	{"portswigger", "Burp Suite"},
}

// publicServices are domains whose brokers have certificates of public authorities, by their operators' documentation: a
// private root there is somebody in between.
var publicServices = []string{
	".amazonaws.com",       // AWS IoT Core: Amazon Trust Services
	".azure-devices.net",   // Azure IoT Hub: DigiCert
	".eventgrid.azure.net", // Azure Event Grid: DigiCert, Microsoft
	".hivemq.cloud",        // HiveMQ Cloud: Let's Encrypt
	".emqxsl.com",          // EMQX Serverless: DigiCert
}

func interception(c *Case) []Finding {
	issuer, product := c.inspector()
	if product == "" {
		issuer, product = c.privateRoot()
	}
	if product == "" {
		return nil
	}
	severity := Warning
	if v := c.verdict("go"); !v.Accepted && c.binding("go") {
		severity = Error
	}
	name := shortName(issuer.String())
	f := Finding{
		Severity: severity,
		Title:    fmt.Sprintf("The certificate shown for %s was made by %s, which inspects TLS on the way: it is not the broker's.", c.named(), product),
		Detail:   fmt.Sprintf("Its issuer is %s. Such a product ends the connection, reads it, and makes another one to the broker; a client certificate cannot get through it, because only the holder of the key can prove it to the broker. Ask whoever runs this network or this computer's protection software to leave %s out of the inspection.", quote(name), c.named()),
		Subject:  certificateSubject(c.Question.Sent[0]),
		Evidence: []Fact{{"issuer", issuer.String()}},
		Fixes: []Fix{{
			ID: "ask-for-bypass", Title: "Copy the request for an exception", Risk: NoRisk,
			Action: Action{Text: fmt.Sprintf("Please exempt %s, port %d, from TLS inspection. The connection is MQTT with mutual TLS: the client proves the key of its own certificate to the broker, which cannot work through an inspecting proxy. At present the certificate shown is issued by %s.", c.named(), c.Target.Port, quote(name))},
		}},
	}
	if product == unknownInspector {
		f.Title = fmt.Sprintf("The certificate shown for %s comes from a private authority, though that service uses public ones.", c.named())
		f.Detail = "Probably something on the way inspects TLS, such as a company's firewall or protection software, and what was seen is its certificate and not the broker's. " + f.Detail
	}
	return []Finding{f}
}

// named is the server as people call it.
func (c *Case) named() string {
	if c.Target.Host != "" {
		return c.Target.Host
	}
	if c.Question.Name != "" {
		return c.Question.Name
	}
	return "the broker"
}

func (c *Case) verdict(client string) chain.Verdict {
	for _, v := range c.Verdicts {
		if v.Client == client {
			return v
		}
	}
	return chain.Verdict{}
}

// inspector looks for a product's name among the issuers of what was sent. A CA file that the user has put there on
// purpose changes nothing: it is an inspection all the same.
func (c *Case) inspector() (issuer pkix.Name, product string) {
	for _, x := range c.Question.Sent {
		if x.X == nil {
			continue
		}
		names := slices.Concat(x.X.Issuer.Organization, x.X.Issuer.OrganizationalUnit, []string{x.X.Issuer.CommonName})
		for _, i := range inspectors {
			if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(strings.ToLower(n), i.part) }) {
				return x.X.Issuer, i.product
			}
		}
	}
	return pkix.Name{}, ""
}

// unknownInspector is the product of which only the effect is seen.
const unknownInspector = "an unknown product"

// privateRoot: the chain of a public service ends, whole, in a root that no public source knows.
func (c *Case) privateRoot() (issuer pkix.Name, product string) {
	host := strings.TrimSuffix(strings.ToLower(c.Question.Name), ".")
	if !slices.ContainsFunc(publicServices, func(d string) bool { return strings.HasSuffix(host, d) }) || c.Analysis.Anchored {
		return pkix.Name{}, ""
	}
	for _, f := range c.Analysis.Faults {
		if !slices.Contains([]string{"root-unknown", "root-sent-untrusted", "self-signed-leaf"}, f.ID) || c.public(f) {
			continue
		}
		if x := f.Certificate.X; x != nil {
			return x.Issuer, unknownInspector
		}
	}
	return pkix.Name{}, ""
}

// public says that the missing issuer, or the certificate itself, is known to a public source.
func (c *Case) public(f chain.Fault) bool {
	known := []evidence.Source{evidence.System, evidence.Mozilla, evidence.BuiltIn}
	return f.Issuer.X != nil && slices.Contains(known, f.Issuer.Source) || slices.ContainsFunc(c.Question.Candidates, func(x chain.Certificate) bool { return x.SHA256 == f.Certificate.SHA256 })
}
