package failpoint

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Each point has a name of its own and says what it is for.
func TestPointsAreNamedAndDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Places() {
		name := p.String()
		if Name(p.Point) == "" || seen[name] || strings.ContainsAny(name, " =;") {
			t.Errorf("invalid name %q of point %d", name, p.Point)
		}
		seen[name] = true
	}
	documented := 0
	for _, s := range constants(t) {
		for _, name := range s.Names {
			if ast.IsExported(name.Name) && strings.HasPrefix(s.Doc.Text(), name.Name+" ") {
				documented++
			}
		}
	}
	if documented != len(Points()) {
		t.Errorf("%d points have a comment that begins with their name, want %d", documented, len(Points()))
	}
}

// constants returns the declarations of the points.
func constants(t *testing.T) (specs []*ast.ValueSpec) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "points.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, s := range group.Specs {
			specs = append(specs, s.(*ast.ValueSpec))
		}
		return specs // the first group
	}
	return nil
}

// Each point stands in the program, and where it has a place before it, it has one after it:
// an operation that fails without having happened, and one that fails and has.
func TestPointsAreUsed(t *testing.T) {
	used := map[string]int{}            // points by name
	calls := map[string]map[string]int{ // of the functions here, by name of the point
		"Before": {}, "After": {}, "At": {},
	}
	eachFile(t, filepath.Join("..", ".."), func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if name := pointOf(n); name != "" {
				used[name]++
			}
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 {
				if by := calls[pointOf(call.Fun)]; by != nil && pointOf(call.Args[0]) != "" {
					by[pointOf(call.Args[0])]++
				}
			}
			return true
		})
	})
	for _, s := range constants(t) {
		name := s.Names[0].Name
		switch before, after, at := calls["Before"][name], calls["After"][name], calls["At"][name]; {
		case !ast.IsExported(name):
		case used[name] == 0:
			t.Errorf("point %s stands nowhere in the program", name)
		case before > 1 || after > 1 || at > 1:
			t.Errorf("point %s names more than one place: %d before, %d after, %d at", name, before, after, at)
		case before != after:
			t.Errorf("point %s has %d places before it and %d after it", name, before, after)
		}
	}
}

// Files under the build tag stand in this package alone: make vet looks at no other one with the tag.
func TestTagIsOfThisPackage(t *testing.T) {
	here := 0
	eachFile(t, filepath.Join("..", ".."), func(path string, file *ast.File) {
		for _, c := range file.Comments {
			if c.Pos() > file.Package || !strings.Contains(c.List[0].Text, "failpoints") || !constraint.IsGoBuild(c.List[0].Text) {
				continue
			}
			if file.Name.Name != "failpoint" {
				t.Errorf("%s depends on the tag failpoints: move that to internal/failpoint, or vet its package with the tag", path)
			}
			here++
		}
	})
	if here == 0 {
		t.Error("no file depends on the tag failpoints: the test does not see it")
	}
}

// pointOf returns the name behind "failpoint."; "" when a node is nothing of that kind.
func pointOf(n ast.Node) string {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "failpoint" {
		return ""
	}
	return sel.Sel.Name
}

// eachFile parses the program's files, tests left out.
func eachFile(t *testing.T, root string, fn func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err == nil {
			fn(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
