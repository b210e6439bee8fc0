package diagnose_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// running is a broker at its ports: one where it speaks TLS 1.2, one where it speaks TLS 1.3.
type running struct{ tls12, tls13 int }

// brokerKind is one kind of broker. ports is called once, by a test that starts it; it skips where the machine has no
// such broker.
type brokerKind struct {
	name  string
	start func(t *testing.T, p clientPKI) running
}

var brokerKinds = []brokerKind{
	{"mosquitto", startMosquitto("")},
	{"mosquitto, CRL", startMosquitto("crl.pem")},
	{"mosquitto, expired CRL", startMosquitto("old-crl.pem")},
	{"Go", startGo},
	{"Node.js", func(t *testing.T, p clientPKI) running { return startNode(t, p) }},
	{"Java", startJava},
	{"Erlang", startErlang},
}

// absent skips a test loudly: what it needs is installed by make setup.
func absent(t *testing.T, what string) {
	t.Helper()
	t.Skipf("SKIPPED, NOT TESTED: %s is not installed; make setup installs it", what)
}

// startMosquitto starts two, because its own setting bounds the version of TLS from below only.
func startMosquitto(crl string) func(*testing.T, clientPKI) running {
	return func(t *testing.T, p clientPKI) running {
		program, err := exec.LookPath("mosquitto")
		if err != nil {
			program = "/usr/sbin/mosquitto" // which is not in every user's path
			if _, err := os.Stat(program); err != nil {
				absent(t, "mosquitto")
			}
		}
		return running{mosquitto(t, p, program, crl, "TLSv1.2"), mosquitto(t, p, program, crl, "TLSv1.3")}
	}
}

// opensslVersion is an OpenSSL configuration in which only one version of TLS is spoken.
const opensslVersion = "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = versions\n[versions]\nMinProtocol = %[1]s\nMaxProtocol = %[1]s\n"

// mosquitto starts one on a free port. Somebody may take that between our finding it and mosquitto's listening: then
// another is tried.
func mosquitto(t *testing.T, p clientPKI, program, crl, version string) (port int) {
	t.Helper()
	var log string
	for range 3 {
		if port, log = mosquittoOnce(t, p, program, crl, version); port > 0 {
			return port
		}
	}
	t.Fatalf("mosquitto ended: %s", log)
	return 0
}

func mosquittoOnce(t *testing.T, p clientPKI, program, crl, version string) (port int, log string) {
	t.Helper()
	dir := t.TempDir()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	config := fmt.Sprintf("user root\nallow_anonymous true\nlistener %d 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n",
		port, p.path("ca.pem"), p.path("server.crt"), p.path("server.key"))
	if crl != "" {
		config += "crlfile " + p.path(crl) + "\n"
	}
	for name, text := range map[string]string{"mosquitto.conf": config, "openssl.cnf": fmt.Sprintf(opensslVersion, version)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	broker := exec.Command(program, "-c", filepath.Join(dir, "mosquitto.conf"))
	broker.Env = append(os.Environ(), "OPENSSL_CONF="+filepath.Join(dir, "openssl.cnf"))
	var said bytes.Buffer
	broker.Stdout, broker.Stderr = &said, &said
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { broker.Wait(); close(ended) }()
	t.Cleanup(func() { broker.Process.Kill(); <-ended })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		select {
		case <-ended:
			return 0, said.String()
		default:
		}
		if c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			c.Close()
			return port, ""
		}
	}
	return 0, "it does not listen"
}

// open lets everybody in whom TLS lets in.
type open struct{ mqtt.HookBase }

func (*open) ID() string                                              { return "open" }
func (*open) Provides(b byte) bool                                    { return b == mqtt.OnConnectAuthenticate }
func (*open) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

// startGo starts the broker that is embedded in the lab, with crypto/tls.
func startGo(t *testing.T, p clientPKI) running {
	s := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := s.AddHook(new(open), nil); err != nil {
		t.Fatal(err)
	}
	var ports [2]int
	for i, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		l := must(net.Listen("tcp", "127.0.0.1:0"))
		ports[i] = l.Addr().(*net.TCPAddr).Port
		if err := s.AddListener(listeners.NewNet(fmt.Sprint(i), tls.NewListener(l, p.config(version)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return running{ports[0], ports[1]}
}

// startNode starts aedes. It takes the signature algorithms that are given, or those of OpenSSL.
func startNode(t *testing.T, p clientPKI, algorithms ...string) running {
	if _, err := exec.LookPath("node"); err != nil {
		absent(t, "Node.js (nodejs)")
	}
	if _, err := os.Stat("testdata/node/node_modules/aedes"); err != nil {
		absent(t, "the Node.js broker aedes (npm ci in core/diagnose/testdata/node)")
	}
	return program(t, "node", append([]string{"testdata/node/broker.js", p.dir}, algorithms...)...)
}

// startJava needs a JDK: a source file is compiled as it is started (JEP 330).
func startJava(t *testing.T, p clientPKI) running {
	if _, err := exec.LookPath("javac"); err != nil {
		absent(t, "a Java development kit (default-jdk-headless)")
	}
	// One quick compiler is enough for a program that lives for seconds.
	return program(t, "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "testdata/java/Broker.java", p.dir)
}

// startErlang starts one on the TLS stack of EMQX, VerneMQ and RabbitMQ.
func startErlang(t *testing.T, p clientPKI) running {
	if _, err := exec.LookPath("escript"); err != nil {
		absent(t, "Erlang (erlang-base and erlang-ssl)")
	}
	return program(t, "escript", "testdata/erlang/broker.escript", p.dir, "none")
}

// program starts one that says "ready PORT PORT" and ends with its input.
func program(t *testing.T, name string, args ...string) (r running) {
	t.Helper()
	c := exec.Command(name, args...)
	input, output := must(c.StdinPipe()), must(c.StdoutPipe())
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	slow := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	lines := bufio.NewScanner(output)
	lines.Scan()
	slow.Stop()
	t.Cleanup(func() { input.Close(); c.Process.Kill(); c.Wait() })
	if _, err := fmt.Sscanf(lines.Text(), "ready %d %d", &r.tls12, &r.tls13); err != nil {
		c.Process.Kill()
		c.Wait()
		t.Fatalf("%s %s: %q %s", name, strings.Join(args, " "), lines.Text(), log.String())
	}
	return r
}
