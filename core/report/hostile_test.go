package report_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"

	"mutual/core/evidence"
	"mutual/core/report"
)

// nasty are texts that a server or a certificate may hold, and that must be read as texts.
var nasty = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style></svg></title><b>x`, `[x](javascript:alert(1))`, `![x](https://evil.example/x.png)`,
	"`code` | cell | <br>", "| a | b |\n|---|---|\n| c | d |", "line\n# heading\n- item\n> quote", "https://evil.example/?a=b&c", "www.evil.example", "mailto:a@evil.example",
	"*bold* _it_ ~~gone~~ **x**", "1. one", "10) ten", "- dash", "+ plus", "=== ", "# no heading", "&lt;b&gt; &amp; &#64;", "{{.Cause}} ${x} $x^2$", "\\", "a\\", "``", "evil\u202egnp.exe", "nul\x00l\x1b[31m", "@all #1 !2",
	"<!-- x", "<https://evil.example>", "<a@evil.example>", "[ ] task", "[^1]: note", "~~~", "\t indented", "    four", "a  \nb", strings.Repeat("W", 9000), strings.Repeat("`", 300),
	"\xff\xfe", "://", "x --- y", "---", "***", "ftp://evil.example", "//evil.example", "http:evil", "a_b_c _d_", "_e", "\u2028sep",
}

// certificate is a self-signed one with names of all kinds.
func certificate(t testing.TB, name pkix.Name, dns []string, ips ...net.IP) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: name, DNSNames: dns, IPAddresses: ips, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// hostile is an attempt whose every foreign text is text.
func hostile(t testing.TB, text string) *evidence.Attempt {
	code := byte(0x87)
	name := strings.ToValidUTF8(text, "?")
	der := certificate(t, pkix.Name{CommonName: name, Organization: []string{name}}, []string{"broker.example"})
	return &evidence.Attempt{
		Started: time.Now(),
		Target:  evidence.Target{Transport: "mqtts", Host: "broker.example", Port: 8883, Name: "broker.example", ALPN: []string{text}, ClientCertificate: true},
		Trust:   evidence.Trust{File: true},
		Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}, Files: []evidence.File{
			{Role: evidence.RoleCA, Path: "/home/me/" + text, Problem: evidence.NotPEM, Format: "html", Detail: text}}},
		Resolve: &evidence.Resolve{Stage: evidence.Stage{Status: evidence.OK, Error: text}, Addresses: []string{"192.0.2.7", text}},
		Dial:    &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}, Address: text, Tries: []evidence.DialAttempt{{Address: text, Failure: "x", Error: text}}},
		TLS: &evidence.TLS{Stage: evidence.Stage{Status: evidence.Failed, Error: text}, Failure: evidence.Unverified, ServerName: text, ALPN: text, Version: 0x304,
			Sent:          []evidence.Certificate{{Source: evidence.Sent, DER: der}, {Source: evidence.Sent, Position: 1, DER: []byte(text)}},
			AcceptableCAs: [][]byte{[]byte(text)}, FirstBytes: []byte(text)[:min(len(text), 64)]},
		MQTT: &evidence.MQTT{Stage: evidence.Stage{Status: evidence.Failed, Error: text}, Version: 5, ReasonCode: &code, ReasonString: text,
			ServerReference: text, AssignedClientID: text, ClientID: text},
		Probes: []evidence.Probe{{Name: text, Status: evidence.OK, Detail: text}},
	}
}

// TestHTMLHoldsNothingForeign parses the page as a browser does.
func TestHTMLHoldsNothingForeign(t *testing.T) {
	for i, text := range nasty {
		r := report.New(hostile(t, text), []string{text, "openssl"}, text)
		for _, masked := range []bool{false, true} {
			out, err := r.HTML(report.Options{Mask: masked})
			if err != nil {
				t.Fatal(err)
			}
			keepSample(t, fmt.Sprintf("hostile-%d", i), "html", masked, out)
			tree, err := nethtml.Parse(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			walk(tree, func(n *nethtml.Node) {
				if !slices.Contains(elements, n.Data) {
					t.Errorf("%q makes an element <%s>", text, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "#sign-") {
						t.Errorf("%q makes an attribute %s=%q", text, a.Key, a.Val)
					}
				}
			})
			if strings.ContainsAny(string(out), "\u202e\x1b\x00") {
				t.Errorf("%q lets a control character through", text)
			}
		}
	}
}

var elements = strings.Fields("html head meta title style body svg symbol path circle g use main header span h1 h2 h3 h4 p dl dt dd div ol ul li b " +
	"article details summary table tbody tr th td rect line text pre section footer")

func walk(n *nethtml.Node, visit func(*nethtml.Node)) {
	if n.Type == nethtml.ElementNode {
		visit(n)
	}
	for c := range n.ChildNodes() {
		walk(c, visit)
	}
}

// markdown sets a text as GitHub does, with raw HTML let through: what comes out must not hold any.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))

// TestMarkdownHoldsNothingForeign compares what elements a report is set with: nothing foreign may add one.
func TestMarkdownHoldsNothingForeign(t *testing.T) {
	want := shape(t, "harmless")
	for _, text := range nasty {
		if strings.TrimSpace(text) == "" {
			continue
		}
		got := shape(t, text)
		for _, bad := range []string{"a", "img", "script", "em", "del", "br", "input", "blockquote"} {
			if got[bad] > 0 {
				t.Errorf("%.60q makes <%s>", text, bad)
			}
		}
		for _, same := range []string{"h1", "h2", "table", "tr", "td", "ul", "pre", "hr"} {
			if got[same] != want[same] {
				t.Errorf("%.60q: %d <%s>, want %d", text, got[same], same, want[same])
			}
		}
	}
}

// shape counts the elements of a report of a hostile attempt.
func shape(t *testing.T, text string) map[string]int {
	t.Helper()
	out, err := report.New(hostile(t, text), []string{"openssl"}, "mutualctl "+text).Markdown(report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := markdown.Convert(out, &b); err != nil {
		t.Fatal(err)
	}
	tree, err := nethtml.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	walk(tree, func(n *nethtml.Node) { count[n.Data]++ })
	return count
}

func ExampleReport_Markdown() {
	a := &evidence.Attempt{
		Started: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC),
		Target:  evidence.Target{Transport: "mqtts", Host: "broker.corp.test", Name: "broker.corp.test"},
		Resolve: &evidence.Resolve{Stage: evidence.Stage{Status: evidence.Failed, Error: "lookup broker.corp.test on 10.0.0.2:53: no such host"}, NotFound: true},
	}
	text, _ := report.New(a, nil, "mutualctl 1.2.3").Markdown(report.Options{Mask: true})
	lines := strings.Split(string(text), "\n")
	fmt.Println(strings.Join(lines[:5], "\n"))
	// Output:
	// # The connection to host-1.example:8883 does not work.
	//
	// **The name "host-1.example" does not exist in the DNS.**
	//
	// mqtts://host-1.example:8883 · tried 2026-11-22 14:00:00 UTC · mutualctl 1.2.3 · names and addresses masked
}
