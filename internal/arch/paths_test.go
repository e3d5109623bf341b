package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// quoted finds what a document puts in back quotes, linked what it links to.
var (
	quoted = regexp.MustCompile("`([^`\n]+)`")
	linked = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	stop   = regexp.MustCompile("(?m)^\\|.*\\| `([^`]+\\.go)` \\| (.*) \\|$")
)

// isPath reports whether a back-quoted text is meant as a path of the repository: it has a slash or the
// ending of a file of ours, begins with a folder or file that git would show, and holds no blank.
func isPath(text string, folders map[string]bool) bool {
	if strings.ContainsAny(text, " <>{}=:$…*\"'") || strings.HasPrefix(text, "/") {
		return false
	}
	first, _, deep := strings.Cut(text, "/")
	return deep && folders[first] || regexp.MustCompile(`^[a-zA-Z]+\.go$`).MatchString(text)
}

// pathsOf returns the paths that a document names in back quotes or links to, relative to the
// repository. dir is the folder of the document.
func pathsOf(text, dir string, folders map[string]bool) (paths []string) {
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		if isPath(m[1], folders) {
			paths = append(paths, strings.TrimSuffix(m[1], "/"))
		}
	}
	for _, m := range linked.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") {
			paths = append(paths, filepath.Join(dir, m[1]))
		}
	}
	return paths
}

// topFolders returns the folders at the top of the repository, which begin its paths.
func topFolders(t *testing.T) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(top(t))
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != "bin" { // bin is built
			folders[e.Name()] = true
		}
	}
	return folders
}

// documents returns the Markdown files that people read, relative to the repository.
func documents(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(filepath.Join(top(t), pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, name := range found {
			relative, err := filepath.Rel(top(t), name)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, relative)
		}
	}
	return names
}

// Every path that a document names in back quotes or links to exists. CHANGELOG.md alone speaks of
// files that are gone.
func TestDocumentsNameFilesThatExist(t *testing.T) {
	folders, seen := topFolders(t), 0
	for _, name := range documents(t) {
		if name == "CHANGELOG.md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(top(t), name))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pathsOf(string(text), filepath.Dir(name), folders) {
			seen++
			if _, err := os.Stat(filepath.Join(top(t), path)); err != nil {
				t.Errorf("%s names %s, which does not exist", name, path)
			}
		}
	}
	if seen < 100 {
		t.Errorf("%d paths were found in all documents", seen)
	}
}

// declares reports whether a file declares a function ("Parse"), a method ("Client.Changes") or a
// method of an interface ("Plans.Apply").
func declares(file *ast.File, name string) bool {
	owner, method, isMethod := strings.Cut(name, ".")
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			found = found || !isMethod && n.Recv == nil && n.Name.Name == name ||
				isMethod && n.Recv != nil && receiver(n) == owner && n.Name.Name == method
		case *ast.TypeSpec:
			if i, ok := n.Type.(*ast.InterfaceType); ok && isMethod && n.Name.Name == owner {
				for _, m := range i.Methods.List {
					found = found || len(m.Names) > 0 && m.Names[0].Name == method
				}
			}
		}
		return true
	})
	return found
}

// Every stop of the tables in ARCHITECTURE.md is a function that its file declares: the way of the data
// can be followed with an editor.
func TestStopsExist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(top(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	stops := stop.FindAllStringSubmatch(string(text), -1)
	if len(stops) < 40 {
		t.Fatalf("ARCHITECTURE.md has %d stops", len(stops))
	}
	for _, m := range stops {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top(t), m[1]), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, name := range quoted.FindAllStringSubmatch(m[2], -1) {
			if !declares(file, name[1]) {
				t.Errorf("ARCHITECTURE.md: %s declares no %s", m[1], name[1])
			}
		}
	}
}

// What counts as a path, and as a declaration, must be able to fail.
func TestPathsAreSeen(t *testing.T) {
	folders := map[string]bool{"store": true}
	text := "`store/gone.go` `reminder.go` `a/b` `store.Apply` [x](y.md#z) [w](https://example.org/) `calbell store/x`"
	if got := strings.Join(pathsOf(text, "docs", folders), " "); got != "store/gone.go reminder.go docs/y.md" {
		t.Errorf("found %q", got)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\nfunc F() {}\nfunc (t *T) M() {}\ntype I interface{ N() }", 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"F": true, "T.M": true, "I.N": true, "M": false, "T.F": false, "I.M": false} {
		if declares(file, name) != want {
			t.Errorf("declares(%q) is %v", name, !want)
		}
	}
}
