package arch

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// checked is a package with the meaning of its names.
type checked struct {
	pkg   pkg
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
	scope *types.Scope
}

// checkAll type-checks every package of ours against the compiler's own view of what
// each imports.
func checkAll(t *testing.T) []checked {
	t.Helper()
	return check(t, "./...")
}

// check type-checks the packages of these patterns.
func check(t *testing.T, patterns ...string) []checked {
	t.Helper()
	exports := map[string]string{}
	for _, p := range list(t, append([]string{"-deps", "-export"}, patterns...)...) {
		exports[p.ImportPath] = p.Export
	}
	var all []checked
	for _, p := range list(t, patterns...) {
		if len(p.GoFiles) == 0 {
			continue
		}
		c := checked{pkg: p, fset: token.NewFileSet(), info: &types.Info{Uses: map[*ast.Ident]types.Object{}}}
		c.files = sources(t, c.fset, p, nil)
		config := types.Config{Importer: importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
			return os.Open(exports[path])
		})}
		tp, err := config.Check(p.ImportPath, c.fset, c.files, c.info)
		if err != nil {
			t.Fatalf("type-check %s: %v", p.ImportPath, err)
		}
		c.scope = tp.Scope()
		all = append(all, c)
	}
	return all
}

// at is the place of a node, relative to the repository.
func (c *checked) at(n ast.Node) string {
	p := c.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", filepath.Join(c.pkg.name(), filepath.Base(p.Filename)), p.Line)
}

func TestTypedRules(t *testing.T) {
	rows := table()
	for _, c := range checkAll(t) {
		if rows[c.pkg.name()].pure {
			for id, obj := range c.info.Uses {
				if isClock(obj) {
					t.Errorf("%s: time.%s in a package without a clock: take now as an argument", c.at(id), id.Name)
				}
			}
		}
		for _, file := range c.files {
			for _, id := range c.changed(file) {
				t.Errorf("%s: %s is a package variable that changes", c.at(id), id.Name)
			}
		}
	}
}

// isClock reports whether obj is a function that reads or waits for the clock.
func isClock(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "time" && f.Signature().Recv() == nil &&
		slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, f.Name())
}

// changed returns the uses of package variables in which one is assigned to, counted up
// or down, deleted from, or has its address taken.
func (c *checked) changed(file *ast.File) []*ast.Ident {
	var ids []*ast.Ident
	add := func(e ast.Expr) {
		if id := base(e); id != nil && c.packageVar(id) {
			ids = append(ids, id)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				add(e)
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") {
				add(n.Args[0])
			}
		}
		return true
	})
	return ids
}

// packageVar reports whether id stands for a variable of this package.
func (c *checked) packageVar(id *ast.Ident) bool {
	v, ok := c.info.Uses[id].(*types.Var)
	return ok && v.Parent() == c.scope
}

// base is the variable that an expression reaches into: x in x.f[1].
func base(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// interfaces calls fn with each interface that the package defines, and how many methods it has,
// those of embedded ones included.
func (c *checked) interfaces(fn func(name string, methods int)) {
	for _, name := range c.scope.Names() {
		if i, ok := c.scope.Lookup(name).Type().Underlying().(*types.Interface); ok {
			// An alias is another name of an interface that is counted, or somebody else's, where it is declared.
			if t, isType := c.scope.Lookup(name).(*types.TypeName); isType && !t.IsAlias() {
				fn(name, i.NumMethods())
			}
		}
	}
}
