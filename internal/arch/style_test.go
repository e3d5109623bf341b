package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Sizes beyond which a function or file does not fit into a head.
const (
	maxFuncLines = 60
	maxFileLines = 400
)

// sized reports whether a package is program: one of tests for others to run, such as the
// contract of the stores, is written as tests are.
func sized(p pkg) bool { return !strings.HasSuffix(p.ImportPath, "test") }

// source is a file of ours that a person wrote and that is no test.
type source struct {
	pkg  pkg
	name string // relative to the repository
	ast  *ast.File
}

// eachSource parses every file and calls fn with it.
func eachSource(t *testing.T, fn func(*token.FileSet, source)) {
	t.Helper()
	for _, p := range ourPackages(t) {
		sources(t, token.NewFileSet(), p, fn)
	}
}

// sources parses the files of a package and calls fn, if there is one, for each that a
// person wrote. It returns all.
func sources(t *testing.T, fset *token.FileSet, p pkg, fn func(*token.FileSet, source)) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		if fn != nil && !ast.IsGenerated(file) {
			fn(fset, source{p, filepath.Join(p.name(), name), file})
		}
	}
	return files
}

func TestSizes(t *testing.T) {
	eachSource(t, func(fset *token.FileSet, s source) {
		if !sized(s.pkg) {
			return
		}
		if n := fset.File(s.ast.Pos()).LineCount(); n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d fit into a head", s.name, n, maxFileLines)
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			first, last := fset.Position(f.Pos()).Line, fset.Position(f.End()).Line
			if n := last - first + 1; n > maxFuncLines {
				t.Errorf("%s:%d: %s has %d lines, at most %d fit into a head", s.name, first, f.Name.Name, n, maxFuncLines)
			}
		}
	})
}

func TestNoInit(t *testing.T) {
	eachSource(t, func(fset *token.FileSet, s source) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s:%d: an init function runs behind the reader's back", s.name, fset.Position(f.Pos()).Line)
			}
		}
	})
}

func TestEverythingExportedIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	eachSource(t, func(fset *token.FileSet, s source) {
		documented[s.pkg.ImportPath] = documented[s.pkg.ImportPath] || s.ast.Doc != nil
		for _, d := range s.ast.Decls {
			for name, pos := range undocumented(d) {
				t.Errorf("%s:%d: %s has no comment", s.name, fset.Position(pos).Line, name)
			}
		}
	})
	for path, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment", path)
		}
	}
}

// undocumented returns the exported names that a declaration introduces without a comment.
// A method counts when its type is exported; the names of a group may share its comment.
func undocumented(d ast.Decl) map[string]token.Pos {
	names := map[string]token.Pos{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
			names[d.Name.Name] = d.Pos()
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			undocumentedSpec(d, spec, names)
		}
	}
	return names
}

func undocumentedSpec(d *ast.GenDecl, spec ast.Spec, names map[string]token.Pos) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
			names[s.Name.Name] = s.Pos()
		}
	case *ast.ValueSpec:
		if d.Doc != nil || s.Doc != nil || s.Comment != nil {
			return
		}
		for _, id := range s.Names {
			if id.IsExported() {
				names[id.Name] = id.Pos()
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	for expr := f.Recv.List[0].Type; ; {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// The rules must be able to fail: each is shown a text that breaks it.
func TestUndocumentedIsSeen(t *testing.T) {
	cases := []struct {
		name, text string
		want       int
	}{
		{"function", "package p\nfunc F() {}", 1},
		{"with comment", "package p\n// F does.\nfunc F() {}", 0},
		{"unexported", "package p\nfunc f() {}", 0},
		{"method", "package p\nfunc (t *T[A]) F() {}", 1},
		{"method of unexported", "package p\nfunc (t t) F() {}", 0},
		{"type", "package p\ntype T int", 1},
		{"group with comment", "package p\n// Words.\nconst (\n A = 1\n B = 2\n)", 0},
		{"group without", "package p\nconst (\n A = 1\n B = 2 // is two\n c = 3\n)", 1},
		{"several names", "package p\nvar A, B int", 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "p.go", c.text, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, d := range file.Decls {
				found += len(undocumented(d))
			}
			if found != c.want {
				t.Errorf("found %d names without a comment, want %d", found, c.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		path, module string
		want         bool
	}{
		{"golang.org/x/text", "golang.org/x/text", true},
		{"golang.org/x/text/unicode/norm", "golang.org/x/text", true},
		{"golang.org/x/textual", "golang.org/x/text", false},
	} {
		if got := within(c.path, c.module); got != c.want {
			t.Errorf("within(%q, %q) = %v", c.path, c.module, got)
		}
	}
	for path, want := range map[string]bool{"net/http": true, "C": true, "golang.org/x/text": false, "example.org": false} {
		if got := standard(path); got != want {
			t.Errorf("standard(%q) = %v", path, got)
		}
	}
	if got := fmt.Sprint(nameOf("calbell"), "|", nameOf("calbell/store/bolt")); got != "|store/bolt" {
		t.Errorf("nameOf gives %q", strings.TrimSpace(got))
	}
}
