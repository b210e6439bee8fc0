package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/chain"
	"mutual/core/profile"
)

// connection holds the flags that say how to reach a server: the same for diagnose, pub and sub.
type connection struct {
	cmd *cobra.Command

	profileName    string
	trust          trustFlags
	certificate    string
	key            string
	p12            string
	passphraseFile string
	serverName     string
	alpn           []string
	clientID       string
	userName       string
	passwordFile   string
	proxy          string
	proxyPassword  string // a file
	mqtt           string
	minTLS         string
	maxTLS         string
	timeout        time.Duration
	deadline       time.Duration
	clients        []string
	revocation     bool
}

// connectionFlags gives cmd the flags.
func connectionFlags(cmd *cobra.Command) *connection {
	c := &connection{cmd: cmd}
	f := cmd.Flags()
	f.StringVar(&c.profileName, "profile", "", "use the saved profile of this `NAME`; other flags change it for this run")
	c.trust.register(cmd)
	f.StringVar(&c.certificate, "cert", "", "client certificate `FILE` (PEM)")
	f.StringVar(&c.key, "key", "", "key `FILE` of the client certificate (default: the key stands in the --cert file)")
	f.StringVar(&c.p12, "p12", "", "client certificate and its key in one PKCS #12 `FILE` (.p12, .pfx), instead of --cert and --key")
	f.StringVar(&c.passphraseFile, "passphrase-file", "", "read the passphrase of the key, or of the --p12 file, from the first line of `FILE`")
	f.StringVar(&c.serverName, "server-name", "", "expect this `NAME` in the broker's certificate instead of the host of the URL")
	f.StringArrayVar(&c.alpn, "alpn", nil, "offer this application protocol `NAME` (repeatable)")
	f.StringVar(&c.clientID, "client-id", "", "MQTT client `ID` (default: a random one)")
	f.StringVar(&c.userName, "username", "", "MQTT user `NAME`")
	f.StringVar(&c.passwordFile, "password-file", "", "read the MQTT password from the first line of `FILE`")
	f.StringVar(&c.proxy, "proxy", "", "reach the broker through the proxy at this `URL`: http://[user@]host:port or socks5://[user@]host:port")
	f.StringVar(&c.proxyPassword, "proxy-password-file", "", "read the proxy's password from the first line of `FILE`")
	f.StringVar(&c.mqtt, "mqtt", string(profile.Version5), "MQTT `VERSION`: 5 or 3.1.1")
	f.StringVar(&c.minTLS, "min-tls", "", "oldest TLS `VERSION` to offer: 1.0, 1.1, 1.2 or 1.3 (default: 1.2; what is older is not secure)")
	f.StringVar(&c.maxTLS, "max-tls", "", "newest TLS `VERSION` to offer (default: 1.3)")
	f.DurationVar(&c.timeout, "timeout", 10*time.Second, "wait this long for each of name, address, TLS and CONNACK")
	f.DurationVar(&c.deadline, "deadline", 0, "end with exit status 3 after this long in all (default: none)")
	f.BoolVar(&c.revocation, "check-revocation", false, "ask, before anything secret is sent, whether the broker's certificates are revoked, and refuse those that are")
	forFlag(cmd, &c.clients)
	complete(cmd, "profile", savedNames)
	complete(cmd, "mqtt", func() []string { return []string{string(profile.Version5), string(profile.Version311)} })
	complete(cmd, "min-tls", tlsVersions)
	complete(cmd, "max-tls", tlsVersions)
	return c
}

// forFlag gives cmd the flag --for.
func forFlag(cmd *cobra.Command, clients *[]string) {
	cmd.Flags().StringSliceVar(clients, "for", nil,
		"other `CLIENTS` that must accept the broker's certificate too: "+strings.Join(judgeNames(), ","))
	complete(cmd, "for", judgeNames)
}

// judgeNames are what --for knows.
func judgeNames() []string {
	var names []string
	for _, j := range chain.Judges() {
		names = append(names, j.Name())
	}
	return names
}

// checkClients refuses a name that no judge has: a verdict that is silently missing would read as acceptance.
func checkClients(names []string) error {
	for _, n := range names {
		if _, ok := chain.Named(n); !ok {
			return usage("known are "+strings.Join(judgeNames(), ", "), "--for: no client is called %q", n)
		}
	}
	return nil
}

// complete offers values for a flag in the shell.
func complete(cmd *cobra.Command, flag string, values func() []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag,
		func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		})
}

// apply writes the flags that were given into p. server is the URL, empty where a saved profile names the server.
func (c *connection) apply(p *profile.Profile, server string) error {
	if err := c.check(p); err != nil {
		return err
	}
	if server != "" {
		s, err := profile.ParseURL(server)
		if err != nil { // a finding: the attempt says so
			s = profile.Server{Transport: profile.MQTTS, Host: server}
		}
		p.Server.Transport, p.Server.Host, p.Server.Port, p.Server.Path = s.Transport, s.Host, s.Port, s.Path
		p.Practice = false
	}
	given := c.cmd.Flags().Changed
	set(&p.Server.Name, c.serverName, given("server-name"))
	set(&p.Server.ALPN, c.alpn, given("alpn"))
	if given("proxy") {
		proxy, err := parseProxy(c.proxy)
		if err != nil {
			return err
		}
		p.Server.Proxy = proxy
	}
	if given("cert") {
		p.ClientCertificate = profile.ClientCertificate{CertificateFile: c.certificate}
	}
	if given("p12") {
		p.ClientCertificate = profile.ClientCertificate{CertificateFile: c.p12}
	}
	set(&p.ClientCertificate.KeyFile, c.key, given("key"))
	set(&p.TLS.Min, profile.TLSVersion(c.minTLS), given("min-tls"))
	set(&p.TLS.Max, profile.TLSVersion(c.maxTLS), given("max-tls"))
	if given("mqtt") {
		p.MQTT.Version = profile.Version(c.mqtt)
	}
	set(&p.MQTT.ClientID, c.clientID, given("client-id"))
	set(&p.MQTT.UserName, c.userName, given("username"))
	set(&p.AlsoFor, c.clients, given("for"))
	set(&p.Trust.CheckRevocation, c.revocation, given("check-revocation"))
	if err := c.trust.apply(c.cmd, &p.Trust); err != nil {
		return err
	}
	for _, problem := range p.Validate() {
		if problem.Field == "server.host" {
			continue // a finding too
		}
		return usage("", "%s", problem.Text)
	}
	return nil
}

func set[T any](field *T, value T, given bool) {
	if given {
		*field = value
	}
}

// check refuses flags that do not go together.
func (c *connection) check(p *profile.Profile) error {
	given := c.cmd.Flags().Changed
	switch {
	case given("p12") && (given("cert") || given("key")):
		return usage("either --p12 FILE, or --cert FILE and --key FILE", "the client certificate is named twice: by --p12, and by --cert or --key")
	case given("key") && !given("cert") && p.ClientCertificate.CertificateFile == "":
		return usage("--cert FILE", "--key needs the certificate that the key is for")
	case given("password-file") && !given("username") && p.MQTT.UserName == "":
		return usage("--username NAME", "--password-file needs the user name that the password is for")
	case given("proxy-password-file") && c.proxy == "" && (given("proxy") || p.Server.Proxy == ""):
		return usage("--proxy http://NAME@host:port", "--proxy-password-file needs the proxy that the password is for")
	case c.mqtt != string(profile.Version5) && c.mqtt != string(profile.Version311):
		return usage("--mqtt 5, or --mqtt 3.1.1", "--mqtt: no version of MQTT is called %q here", c.mqtt)
	case given("min-tls") && profile.TLSVersion(c.minTLS).Number() == 0:
		return usage("--min-tls 1.2", "--min-tls: no version of TLS is called %q here", c.minTLS)
	case given("max-tls") && profile.TLSVersion(c.maxTLS).Number() == 0:
		return usage("--max-tls 1.3", "--max-tls: no version of TLS is called %q here", c.maxTLS)
	case c.timeout <= 0:
		return usage("--timeout 10s", "--timeout must be longer than nothing, and is %s", c.timeout)
	case c.deadline < 0:
		return usage("--deadline 1m", "--deadline must not be negative, and is %s", c.deadline)
	}
	return checkClients(c.clients)
}

// tlsVersions are what --min-tls and --max-tls know.
func tlsVersions() []string {
	var names []string
	for _, v := range profile.TLSVersions() {
		names = append(names, string(v))
	}
	return names
}

// parseProxy reads a proxy's URL; an empty one is no proxy, also where the saved profile has one.
func parseProxy(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	p, err := profile.ParseProxy(text)
	var address *profile.AddressError
	if errors.As(err, &address) {
		if address.Part == profile.UserPart { // it may hold a password
			return "", usage("--proxy http://NAME@host:port --proxy-password-file FILE", "--proxy: %s", address.Text)
		}
		return "", usage("write http://host:port or socks5://host:port", "--proxy: %s", address.Text)
	}
	return p.URL(), err
}
