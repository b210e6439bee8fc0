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

// capitals are the words in the names of such forms that are not written as other words are.
var capitals = map[string]string{
	"alpn": "ALPN", "ca": "CA", "dns": "DNS", "http": "HTTP", "https": "HTTPS", "id": "ID", "ip": "IP", "mqtt": "MQTT",
	"ocsp": "OCSP", "crl": "CRL", "sni": "SNI", "tcp": "TCP", "tls": "TLS", "websocket": "WebSocket", "qos": "QoS", "url": "URL",
}

// variantName makes the name of a form of a practice fault readable: "TLS 1.2", "Min too new".
func variantName(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words {
		if c, ok := capitals[w]; ok {
			words[i] = c
		}
	}
	return upperFirst(strings.ReplaceAll(strings.Join(words, " "), "self ", "self-"))
}
