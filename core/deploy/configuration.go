package deploy

import (
	"crypto/x509"
	"fmt"
	"path"
	"strings"
)

// Pages of the brokers' documentation that the settings are from, as they stood in November 2026.
const (
	mosquittoPage = "https://mosquitto.org/man/mosquitto-conf-5.html"
	rabbitMQPage  = "https://www.rabbitmq.com/docs/mqtt#tls"
	natsPage      = "https://docs.nats.io/nats-server/configuration/mqtt/mqtt_config"
	emqxOwnPage   = "https://docs.emqx.com/en/emqx/latest/configuration/listener.html"
	verneMQPage   = "https://docs.vernemq.com/configuring-vernemq/listeners"
)

// Names of the files beside a configuration.
const (
	serverCertificateFile = "server.crt"
	serverKeyFile         = "server.key"
	clientCAFile          = "client-ca.crt"
)

// FieldConfiguration is the ID of the field with the settings, FieldServer of the one with certificate and chain.
const (
	FieldConfiguration = "configuration"
	FieldServer        = "server-certificate"
)

// configuration is a broker of one's own: certificate with chain, key and client CA in files, named in its settings.
type configuration struct {
	id, title, about, source string
	file                     string // name of the file with the settings
	folder                   string // the customary folder for certificates on its machine
	forbidden                string // characters that a path cannot have in its settings
	settings                 func(s settings) string
	steps                    []string // FOLDER stands for the folder on the broker's machine
}

// settings is what goes into a configuration.
type settings struct {
	certificate, key, clientCA string // paths on the broker's machine
	port                       int
	twoWay                     bool
}

var configurations = []configuration{
	{
		id: "mosquitto", title: "Mosquitto", source: mosquittoPage, file: "mosquitto-tls.conf", folder: "/etc/mosquitto/certs",
		about:    "A listener for mosquitto.conf, with the files beside it.",
		settings: mosquittoSettings,
		steps: []string{
			"Copy the files to FOLDER, and make the key readable for the broker alone: chown mosquitto FOLDER/server.key.",
			"Copy mosquitto-tls.conf to /etc/mosquitto/conf.d, and restart the broker.",
		},
	},
	{
		id: "rabbitmq", title: "RabbitMQ", source: rabbitMQPage, file: "rabbitmq-tls.conf", folder: "/etc/rabbitmq/certs",
		about:    "The lines for rabbitmq.conf, for its MQTT plug-in, with the files beside it.",
		settings: rabbitMQSettings,
		steps: []string{
			"Copy the files to FOLDER, and make the key readable for the broker alone: chown rabbitmq FOLDER/server.key.",
			"Copy rabbitmq-tls.conf to /etc/rabbitmq/conf.d, switch the plug-in on with rabbitmq-plugins enable rabbitmq_mqtt, and restart the broker.",
			"Add the users with rabbitmqctl add_user and set_permissions: with client certificates one for each common name, which then sends no user name and no password.",
		},
	},
	{
		id: "nats", title: "NATS", source: natsPage, file: "nats-tls.conf", folder: "/etc/nats/certs", forbidden: `"`,
		about:    "The mqtt block for nats-server's configuration, with the files beside it.",
		settings: natsSettings,
		steps: []string{
			"Copy the files to FOLDER, and make the key readable for the server alone.",
			"Include nats-tls.conf in the server's configuration, where server_name and jetstream have to be set as well: MQTT needs both.",
		},
	},
	{
		id: "emqx-own", title: "EMQX on a machine of your own", source: emqxOwnPage, file: "emqx-tls.hocon", folder: "/etc/emqx/certs", forbidden: `"$`,
		about:    "The TLS listener for EMQX's base.hocon, with the files beside it.",
		settings: emqxOwnSettings,
		steps: []string{
			"Copy the files to FOLDER, and make the key readable for the broker alone: chown emqx FOLDER/server.key.",
			"Add emqx-tls.hocon to base.hocon (emqx.conf before version 5.8), and restart the broker.",
		},
	},
	{
		id: "vernemq", title: "VerneMQ", source: verneMQPage, file: "vernemq-tls.conf", folder: "/etc/vernemq/certs",
		about:    "The lines for vernemq.conf, with the files beside it.",
		settings: verneMQSettings,
		steps: []string{
			"Copy the files to FOLDER, and make the key readable for the broker alone: chown vernemq FOLDER/server.key.",
			"Add the lines of vernemq-tls.conf to vernemq.conf, and restart the broker.",
		},
	},
}

// prepare makes the settings and the files.
func (b configuration) prepare(m Material, o Options) (Handover, error) {
	folder := strings.TrimRight(o.Folder, "/")
	if folder == "" {
		folder = b.folder
	}
	if strings.ContainsAny(folder, b.forbidden+"\r\n\x00") {
		return Handover{}, fmt.Errorf("preparing for %s: its settings cannot name the folder %q", b.title, folder)
	}
	key, err := m.keyPEM()
	if err != nil {
		return Handover{}, err
	}
	h := Handover{Broker: b.id, Title: b.title, TwoWay: !o.OneWay, Checks: b.check(m, o)}
	s := settings{certificate: path.Join(folder, serverCertificateFile), key: path.Join(folder, serverKeyFile), port: o.port(), twoWay: !o.OneWay}
	h.Fields = []Field{
		{ID: FieldServer, Title: "Certificate and chain", File: serverCertificateFile, Value: certificatesPEM(m.merged()...),
			Help: "The server's own certificate first, then its chain."},
		{ID: FieldKey, Title: "Private key", File: serverKeyFile, Value: key, Secret: true, Help: "Readable for the broker alone."},
	}
	if !o.OneWay {
		s.clientCA = path.Join(folder, clientCAFile)
		h.Fields = append(h.Fields, Field{ID: FieldClientCA, Title: "Client CA certificate", File: clientCAFile, Value: certificatesPEM(m.ClientCAs...),
			Help: "The authority that issues the clients' certificates."})
	}
	h.Fields = append([]Field{{ID: FieldConfiguration, Title: "Settings", File: b.file, Value: b.settings(s),
		Help: "The lines for the broker's configuration; the paths are those on its machine."}}, h.Fields...)
	for _, step := range b.steps {
		h.Steps = append(h.Steps, strings.ReplaceAll(step, "FOLDER", folder))
	}
	return h, nil
}

// check asks what every broker of one's own demands.
func (b configuration) check(m Material, o Options) []Check {
	c := &checker{m: m, o: o, source: b.source}
	c.key()
	c.passphrase()
	c.chainComplete()
	c.merged("The file "+serverCertificateFile, m.merged())
	c.name()
	c.validity("validity", "The certificate is valid now.", m.Certificate)
	c.usage("server-auth", "The certificate may be used for a server.", m.Certificate, x509.ExtKeyUsageServerAuth, "serverAuth")
	c.clients()
	if !o.OneWay {
		c.clientCA()
	}
	return c.checks
}

// mosquittoSettings: with use_identity_as_username the common name of the client's certificate is its user name, and no
// password is asked for; without it, Mosquitto 2 lets nobody in who has none.
func mosquittoSettings(s settings) string {
	lines := []string{
		"# TLS for MQTT. See " + mosquittoPage,
		fmt.Sprintf("listener %d", s.port),
		"# the broker's own certificate first, then its chain",
		"certfile " + s.certificate,
		"keyfile " + s.key,
	}
	if s.twoWay {
		lines = append(lines,
			"# the authority that issues the clients' certificates",
			"cafile "+s.clientCA,
			"require_certificate true",
			"# the common name of the client's certificate is its user name; no password is asked for",
			"use_identity_as_username true",
		)
	} else {
		lines = append(lines,
			"# who may connect: a file made with mosquitto_passwd",
			"allow_anonymous false",
			"# password_file /etc/mosquitto/passwd",
		)
	}
	return strings.Join(lines, "\n") + "\n"
}

func rabbitMQSettings(s settings) string {
	lines := []string{
		"# TLS for MQTT. See " + rabbitMQPage,
		fmt.Sprintf("mqtt.listeners.ssl.default = %d", s.port),
		"",
		"ssl_options.certfile   = " + s.certificate,
		"ssl_options.keyfile    = " + s.key,
	}
	if s.twoWay {
		lines = append(lines,
			"ssl_options.cacertfile = "+s.clientCA,
			"ssl_options.verify     = verify_peer",
			"ssl_options.fail_if_no_peer_cert = true",
			"",
			"# the common name of the client's certificate is its user name, which has to exist; it sends no password",
			"mqtt.ssl_cert_login    = true",
			"ssl_cert_login_from    = common_name",
		)
	} else {
		lines = append(lines, "ssl_options.verify     = verify_none", "ssl_options.fail_if_no_peer_cert = false")
	}
	lines = append(lines, "", "# nobody gets in as guest", "mqtt.allow_anonymous   = false")
	return strings.Join(lines, "\n") + "\n"
}

func natsSettings(s settings) string {
	lines := []string{
		"# TLS for MQTT. See " + natsPage,
		"mqtt {",
		fmt.Sprintf("  port: %d", s.port),
		"  tls {",
		fmt.Sprintf("    cert_file: \"%s\"", s.certificate),
		fmt.Sprintf("    key_file: \"%s\"", s.key),
	}
	if s.twoWay {
		lines = append(lines, fmt.Sprintf("    ca_file: \"%s\"", s.clientCA), "    verify: true")
	}
	return strings.Join(append(lines, "  }", "}"), "\n") + "\n"
}

func emqxOwnSettings(s settings) string {
	lines := []string{
		"# TLS for MQTT. See " + emqxOwnPage,
		"listeners.ssl.default {",
		fmt.Sprintf("  bind = \"0.0.0.0:%d\"", s.port),
		"  ssl_options {",
		fmt.Sprintf("    certfile = \"%s\"", s.certificate),
		fmt.Sprintf("    keyfile = \"%s\"", s.key),
	}
	if s.twoWay {
		lines = append(lines,
			fmt.Sprintf("    cacertfile = \"%s\"", s.clientCA),
			"    verify = verify_peer",
			"    fail_if_no_peer_cert = true",
		)
	} else {
		lines = append(lines, "    verify = verify_none")
	}
	return strings.Join(append(lines, "  }", "}"), "\n") + "\n"
}

func verneMQSettings(s settings) string {
	lines := []string{
		"# TLS for MQTT. See " + verneMQPage,
		fmt.Sprintf("listener.ssl.default = 0.0.0.0:%d", s.port),
		"listener.ssl.certfile = " + s.certificate,
		"listener.ssl.keyfile = " + s.key,
	}
	if s.twoWay {
		lines = append(lines,
			"listener.ssl.cafile = "+s.clientCA,
			"listener.ssl.require_certificate = on",
			"# the common name of the client's certificate is its user name",
			"listener.ssl.use_identity_as_username = on",
		)
	}
	return strings.Join(lines, "\n") + "\n"
}
