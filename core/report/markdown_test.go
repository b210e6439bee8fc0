package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
)

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))

// set is Markdown as it is shown: its text, and the elements that it is made of.
func set(t *testing.T, text string) (shown string, elements []string) {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	tree, err := nethtml.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for n := range tree.Descendants() {
		switch n.Type {
		case nethtml.TextNode:
			all.WriteString(n.Data)
		case nethtml.ElementNode:
			elements = append(elements, n.Data)
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(all.String(), "\u2060", "")), " "), elements[3:] // html, head, body
}

// same says whether text is shown as it is, within elements and nothing else.
func same(t *testing.T, markdown, text string, elements ...string) {
	t.Helper()
	shown, got := set(t, markdown)
	if want := strings.Join(strings.Fields(text), " "); shown != want || strings.Join(got, " ") != strings.Join(elements, " ") {
		t.Errorf("%q, written as %q, is shown as %q in <%s>", text, markdown, shown, strings.Join(got, "> <"))
	}
}

// FuzzEscape: escaped text is shown as the text that it was, in a paragraph, in a heading and in a table.
func FuzzEscape(f *testing.F) {
	for _, text := range []string{
		"plain", "<b>x</b>", "[x](y)", "![x](y)", "`x`", "a|b", "*x*", "_x_", "__init__", "my_ca.pem", "~~x~~", "1. x", "1) x", "1.", "- x", "+ x", "# x", "> x", "=== x", "---", "a\\b",
		"\\", "&amp;", "&#64;", "https://x.example/", "www.x.example", "a@x.example", "@all", "#1", "x:y", "::", "a\x00b", "$x$", "[ ] x", "[^1]", ":smile:", "x  ", "HTTP://x.example/y", "192.0.2.1",
		"_\u00e9_", "*\u00a0x*", "mailto:a@b.example", "xmpp:a@b.example", "ftp://x.example", "a_", "-", "1", "_a_b_", "(c)", "a@b.example_x", "|", "||", "- ", "10. ", "http://a_b_c.example", "( #", "x ##",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text = strings.TrimSpace(clean(text)); text == "" || strings.ContainsRune(text, '\u2060') {
			return
		}
		same(t, escape(text)+"\n", text, "p")
		same(t, "# "+escape(text)+"\n", text, "h1")
		same(t, "| a |\n| --- |\n| "+escape(text)+" |\n", "a "+text, "table", "thead", "tr", "th", "tbody", "tr", "td")
		if c := code(text); c != "" {
			shown := strings.ReplaceAll(text, "|", "¦")
			same(t, c+"\n", shown, "p", "code")
			same(t, "- x: "+c+"\n", "x: "+shown, "ul", "li", "code")
			same(t, "| a |\n| --- |\n| "+c+" |\n", "a "+shown, "table", "thead", "tr", "th", "tbody", "tr", "td", "code")
		}
	})
}
