package ui

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// calls are what uses what.
type calls struct {
	t     *testing.T
	set   *token.FileSet
	read  map[string]*types.Package
	uses  map[types.Object]*node
	order []*node
}

func readCalls(t *testing.T, root string) *calls {
	g := &calls{t: t, set: token.NewFileSet(), read: map[string]*types.Package{}, uses: map[types.Object]*node{}}
	if _, err := g.Import(root); err != nil {
		t.Fatal(err)
	}
	return g
}

// Import implements types.Importer: packages of the module are read, all others are empty.
func (g *calls) Import(name string) (*types.Package, error) {
	if p := g.read[name]; p != nil {
		return p, nil
	}
	rest, own := strings.CutPrefix(name, "mutual/")
	if !own {
		p := types.NewPackage(name, packageName(name))
		p.MarkComplete()
		g.read[name] = p
		return p, nil
	}
	dir := filepath.Join("..", filepath.FromSlash(rest))
	with := build.Default
	with.BuildTags = []string{"ci", "migrated_fynedo"}
	found, err := with.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, f := range found.GoFiles {
		file, err := parser.ParseFile(g.set, filepath.Join(dir, f), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: g, Error: func(error) {}} // what the empty packages lack is no matter
	p, _ := conf.Check(name, g.set, files, info)
	g.read[name] = p
	for _, f := range files {
		g.file(f, info)
	}
	return p, nil
}

var version = regexp.MustCompile(`^v[0-9]+$`)

func packageName(name string) string {
	if base := path.Base(name); !version.MatchString(base) {
		return base
	}
	return path.Base(path.Dir(name))
}

func (g *calls) node(o types.Object) *node {
	if f, ok := o.(*types.Func); ok {
		o = f.Origin()
	}
	if g.uses[o] == nil {
		g.uses[o] = g.add(path.Base(o.Pkg().Path()) + "." + receiver(o) + o.Name())
	}
	return g.uses[o]
}

// receiver is the type of a method with a dot; empty: it is none.
func receiver(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return ""
	}
	of := f.Signature().Recv().Type()
	if p, ok := of.(*types.Pointer); ok {
		of = p.Elem()
	}
	if named, ok := of.(*types.Named); ok {
		return named.Obj().Name() + "."
	}
	return ""
}

func (g *calls) add(name string) *node {
	n := &node{name: name}
	g.order = append(g.order, n)
	return n
}

// file adds what a file declares.
func (g *calls) file(f *ast.File, info *types.Info) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			n := g.node(info.Defs[d.Name])
			n.entry = n.window() && (d.Name.IsExported() || d.Name.Name == "init")
			if d.Body != nil {
				g.body(n, d.Body, info)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				v, ok := s.(*ast.ValueSpec)
				if !ok || d.Tok != token.VAR {
					continue
				}
				for i, value := range v.Values {
					if o := info.Defs[v.Names[min(i, len(v.Names)-1)]]; o != nil && o.Name() != "_" {
						g.body(g.node(o), value, info)
					}
				}
			}
		}
	}
}

// body adds what n uses. What is passed as work or started by go is not n's; what is posted is the window's, whoever does.
func (g *calls) body(n *node, body ast.Node, info *types.Info) {
	ast.Inspect(body, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.GoStmt:
			for _, a := range x.Call.Args {
				g.body(n, a, info)
			}
			return false
		case *ast.FuncLit:
			if takesContext(info.TypeOf(x)) {
				g.posts(x, info)
				return false
			}
		case *ast.CompositeLit:
			for _, e := range x.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				if _, function := info.TypeOf(e).(*types.Signature); function && !n.window() {
					continue // it is called when it is needed
				}
				g.body(n, e, info)
			}
			return false
		case *ast.CallExpr:
			posted := called(x) == "post"
			names := parameters(x, info)
			g.callee(n, x.Fun, info)
			for i, a := range x.Args {
				switch {
				case i < len(names) && names[i] == "work":
					g.posts(a, info)
				case posted || i < len(names) && names[i] == "show": // the window's, as async's ask has it
					g.body(g.posted(a), a, info)
				default:
					g.body(n, a, info)
				}
			}
			return false
		case *ast.Ident:
			if o := info.Uses[x]; o != nil && takesContext(o.Type()) {
				g.posts(x, info)
			} else {
				g.use(n, o)
			}
		case *ast.SelectorExpr:
			g.standard(n, x, info)
		}
		return true
	})
}

// callee adds what is called at once.
func (g *calls) callee(n *node, fun ast.Expr, info *types.Info) {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		g.use(n, info.Uses[f])
	case *ast.SelectorExpr:
		g.use(n, info.Uses[f.Sel])
		g.standard(n, f, info)
		g.body(n, f.X, info)
	case *ast.FuncLit:
		g.body(n, f.Body, info)
	case *ast.IndexExpr:
		g.callee(n, f.X, info)
	case *ast.IndexListExpr:
		g.callee(n, f.X, info)
	default:
		g.body(n, f, info)
	}
}

// standard notes what n uses of the standard library that waits.
func (g *calls) standard(n *node, x *ast.SelectorExpr, info *types.Info) {
	p, ok := x.X.(*ast.Ident)
	if !ok {
		return
	}
	if of, ok := info.Uses[p].(*types.PkgName); ok {
		if re := waiting[of.Imported().Path()]; re != nil && re.MatchString(x.Sel.Name) {
			n.waits = of.Imported().Name() + "." + x.Sel.Name + " at " + g.at(x)
		}
	}
}

// takesContext says whether t is a function that blocks, as those that take a context first do here.
func takesContext(t types.Type) bool {
	f, ok := t.(*types.Signature)
	return ok && f.Params().Len() > 0 && f.Params().At(0).Name() == "ctx"
}

func (g *calls) use(n *node, o types.Object) {
	switch o := o.(type) {
	case *types.Func:
	case *types.Var:
		if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() {
			return
		}
	default:
		return
	}
	if o.Pkg() == nil || !strings.HasPrefix(o.Pkg().Path(), "mutual/") {
		return
	}
	if m := g.node(o); m != n {
		n.uses = append(n.uses, m)
		m.used = true
	}
}

// posts finds what work posts to the window.
func (g *calls) posts(work ast.Node, info *types.Info) {
	ast.Inspect(work, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.CallExpr:
			if called(x) == "post" {
				for _, a := range x.Args {
					g.body(g.posted(a), a, info)
				}
				return false
			}
		case *ast.Ident:
			if o, ok := info.Uses[x].(*types.Func); ok && o.Pkg() != nil && strings.HasPrefix(o.Pkg().Path(), "mutual/") {
				g.node(o).used = true
			}
		}
		return true
	})
}

func (g *calls) posted(x ast.Node) *node {
	n := g.add("ui.(posted at " + g.at(x) + ")")
	n.entry = true
	return n
}

func (g *calls) at(x ast.Node) string {
	p := g.set.Position(x.Pos())
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// called is the name of what is called.
func called(c *ast.CallExpr) string {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// parameters are the names of what is called's parameters.
func parameters(c *ast.CallExpr, info *types.Info) (names []string) {
	fun := ast.Unparen(c.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	id, ok := fun.(*ast.Ident)
	if s, is := fun.(*ast.SelectorExpr); is {
		id, ok = s.Sel, true
	}
	if !ok {
		return nil
	}
	f, ok := info.Uses[id].(*types.Func)
	if !ok {
		return nil
	}
	list := f.Origin().Signature().Params()
	for i := range list.Len() {
		names = append(names, list.At(i).Name())
	}
	return names
}
