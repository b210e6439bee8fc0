package ui

import "strings"

// programName is how people call a family of programs that package explain knows.
func programName(family string) string {
	switch family {
	case "openssl":
		return "OpenSSL"
	case "node":
		return "Node.js (MQTT X, MQTT Explorer)"
	case "python":
		return "Python"
	case "java":
		return "Java"
	case "mosquitto":
		return "mosquitto"
	case "erlang":
		return "Erlang (EMQX, VerneMQ, RabbitMQ)"
	case "mbedtls":
		return "mbedTLS (ESP32)"
	case "gnutls":
		return "GnuTLS"
	case "go":
		return "Go"
	case "rustls":
		return "rustls"
	case "browser":
		return "web browser"
	case "mqtt":
		return "MQTT"
	case "system":
		return "operating system"
	}
	return family
}

// capitals are the words of finding ids that are not written as other words are.
var capitals = map[string]string{
	"alpn": "ALPN", "ca": "CA", "dns": "DNS", "http": "HTTP", "https": "HTTPS", "id": "ID", "ip": "IP", "mqtt": "MQTT",
	"ocsp": "OCSP", "crl": "CRL", "sni": "SNI", "tcp": "TCP", "tls": "TLS", "websocket": "WebSocket", "qos": "QoS", "url": "URL",
}

// findingName makes the id of a finding readable where there is no finding yet to have a title: "CA file holds leaf".
func findingName(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words {
		if c, ok := capitals[w]; ok {
			words[i] = c
		}
	}
	return upperFirst(strings.ReplaceAll(strings.Join(words, " "), "self ", "self-"))
}
