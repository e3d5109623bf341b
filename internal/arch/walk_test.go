package arch

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// walkLink finds the links by which doc.go at the top introduces packages.
var walkLink = regexp.MustCompile(`\[` + module + `/([a-z0-9/]+)\]`)

// walkOf returns the packages of a walk in the order in which they are introduced, the root first.
func walkOf(doc string) []string {
	order := []string{""}
	for _, m := range walkLink.FindAllStringSubmatch(doc, -1) {
		if !slices.Contains(order, m[1]) {
			order = append(order, m[1])
		}
	}
	return order
}

// walkProblems returns what is wrong with a walk over packages, given what each imports: a package that
// it leaves out, one that does not exist, and one that comes before a package that it imports.
func walkProblems(order []string, imports map[string][]string) (problems []string) {
	for i, name := range order {
		used, exists := imports[name]
		if !exists {
			problems = append(problems, "the walk names "+name+", which does not exist")
		}
		for _, below := range used {
			if at := slices.Index(order, below); at > i {
				problems = append(problems, name+" imports "+below+" and comes before it")
			}
		}
	}
	for name := range imports {
		if !slices.Contains(order, name) {
			problems = append(problems, "the walk leaves out "+name)
		}
	}
	return problems
}

// The walk in doc.go at the top introduces every package of the module by a link, each after all
// packages that it imports: whoever reads it from the top needs nothing that comes later.
func TestWalkIsBottomUp(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top(t), "doc.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	for _, p := range ourPackages(t) {
		var ours []string
		for _, path := range p.Imports {
			if path == module || strings.HasPrefix(path, module+"/") {
				ours = append(ours, nameOf(path))
			}
		}
		imports[p.name()] = ours
	}
	for _, problem := range walkProblems(walkOf(file.Doc.Text()), imports) {
		t.Error(problem)
	}
}

// The rule of the walk must be able to fail: each kind of mistake is shown to it.
func TestWalkProblemsAreSeen(t *testing.T) {
	imports := map[string][]string{"": nil, "a": {""}, "b/c": {"a", ""}}
	for _, c := range []struct {
		name, doc string
		want      int
	}{
		{"right", "[calbell/a] then [calbell/b/c], after [calbell/a]", 0},
		{"left out", "[calbell/a]", 1},
		{"top-down", "[calbell/b/c] [calbell/a]", 1},
		{"gone", "[calbell/a] [calbell/b/c] [calbell/d]", 1},
	} {
		if got := walkProblems(walkOf(c.doc), imports); len(got) != c.want {
			t.Errorf("%s: %q, want %d problems", c.name, got, c.want)
		}
	}
}
