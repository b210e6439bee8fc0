package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

// page escapes by the place where a value stands: text, attribute, SVG. Nothing in it is foreign but its values.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) },
		"mark":  markOf,
	}).Parse(pageText))
})

// HTML is r as one page that needs nothing else: no file, no script, no network.
func (r Report) HTML(o Options) ([]byte, error) {
	if r.Attempt == nil {
		return nil, errNothing
	}
	s := r.sheet(o)
	var b bytes.Buffer
	if err := page().Execute(&b, struct {
		sheet
		Own, Drawing drawing // the client's certificate, the server's path
	}{s, draw(s.Mine), draw(s.Links)}); err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return b.Bytes(), nil
}

// markOf is the name of the sign for a tone: colour alone is not enough, on paper and for many eyes.
func markOf(t tone) string { return "#sign-" + string(t) }
