// Command measure prints the shape of the repository as a table: how long functions and packages
// are, how wide types and interfaces, how much of the code is documented and tested. It reads
// the syntax of every Go file below the folder it is given (the current one by default):
//
//	go -C tools run ./measure ..
//
// Files of tests are counted only where a row says so. A test kit is a package whose name ends in
// "test"; packages below bench are load generators. Neither counts as program.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folder is what is measured of one package.
type folder struct {
	name                 string
	files, lines         int
	testLines            int
	comments             int
	functions            []int // lines of each
	methods              map[string]int
	interfaces           map[string]int
	exported, documented int
	tests, stated        int // test functions, those whose comment states a rule
	imports              []string
}

// program reports whether the package is part of what is shipped.
func (f *folder) program() bool {
	return !strings.HasSuffix(f.name, "test") && !strings.HasPrefix(f.name, "bench")
}

func main() {
	top := "."
	if len(os.Args) > 1 {
		top = os.Args[1]
	}
	folders, err := read(top)
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	report(folders)
}

// read measures every package below a folder, except those of another module.
func read(top string) (map[string]*folder, error) {
	folders := map[string]*folder{}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if path != top && (err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		case filepath.Ext(path) != ".go":
			return nil
		}
		name, err := filepath.Rel(top, filepath.Dir(path))
		if err != nil {
			return err
		}
		if folders[name] == nil {
			folders[name] = &folder{name: name, methods: map[string]int{}, interfaces: map[string]int{}}
		}
		return folders[name].add(path)
	})
	return folders, err
}

// add measures one file.
func (f *folder) add(path string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	lines := fset.File(file.Pos()).LineCount()
	if strings.HasSuffix(path, "_test.go") {
		f.testLines += lines
		f.countTests(file)
		return nil
	}
	f.files++
	f.lines += lines
	for _, group := range file.Comments {
		f.comments += fset.Position(group.End()).Line - fset.Position(group.Pos()).Line + 1
	}
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && !slices.Contains(f.imports, path) {
			f.imports = append(f.imports, path)
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			f.function(fset, d)
		case *ast.GenDecl:
			f.types(d)
		}
	}
	return nil
}

func (f *folder) countTests(file *ast.File) {
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok || d.Recv != nil || !strings.HasPrefix(d.Name.Name, "Test") || d.Name.Name == "TestMain" {
			continue
		}
		f.tests++
		if d.Doc != nil {
			f.stated++
		}
	}
}

func (f *folder) function(fset *token.FileSet, d *ast.FuncDecl) {
	f.functions = append(f.functions, fset.Position(d.End()).Line-fset.Position(d.Pos()).Line+1)
	owner := ""
	if d.Recv != nil {
		owner = typeName(d.Recv.List[0].Type)
		f.methods[owner]++
	}
	if d.Name.IsExported() && (owner == "" || ast.IsExported(owner)) {
		f.export(d.Doc != nil)
	}
}

func (f *folder) types(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				f.export(d.Doc != nil || s.Doc != nil)
			}
			if i, ok := s.Type.(*ast.InterfaceType); ok {
				f.interfaces[s.Name.Name] = len(i.Methods.List)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() {
					f.export(d.Doc != nil || s.Doc != nil || s.Comment != nil)
				}
			}
		}
	}
}

func (f *folder) export(documented bool) {
	f.exported++
	if documented {
		f.documented++
	}
}

// typeName returns the name of a receiver's type.
func typeName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
