package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Limits beyond which nobody can know all of a type, an interface, a package or a call.
const (
	maxMethods      = 40
	maxInterface    = 10
	maxPackageLines = 3700 // without comment lines, see codeLines
	maxParameters   = 5
	// listedFrom is from how many files on a package says in its doc.go what is in which.
	listedFrom = 2
)

// wide lists what is wider than the limit, with its width. The list only shrinks: what has become
// narrower is to be lowered here, and what fits is to be taken out.
func wide() map[string]int {
	return map[string]int{
		// One file per command over one app: decision 5.
		"lines cmd/calbell": 5600,
		// Twelve parts over one core: decision 19.
		"lines service": 5850,
		// Year to second, as in time.Date.
		"parameters ical/recur.WallOf": 6,
	}
}

// ratchet compares widths with a limit and the list of what is wider.
type ratchet struct {
	t    *testing.T
	wide map[string]int
	seen map[string]bool
}

// check reports a width beyond the limit that is not on the list, and one on it that has shrunk.
func (r *ratchet) check(name string, width, limit int) {
	r.t.Helper()
	listed, known := r.wide[name]
	r.seen[name] = true
	switch {
	case width <= limit && known:
		r.t.Errorf("%s has shrunk to %d, which is within the limit of %d: take it out of the list", name, width, limit)
	case width > limit && !known:
		r.t.Errorf("%s is %d, the limit is %d", name, width, limit)
	case known && width > listed:
		r.t.Errorf("%s has grown from %d to %d, the limit is %d", name, listed, width, limit)
	case known && width*10 < listed*9: // a little less is not worth a change of the list
		r.t.Errorf("%s has shrunk to %d: write so into the list, which says %d", name, width, listed)
	}
}

// codeLines counts the lines of a file that are not comments: a comment that explains a package must
// not count as if it made the package harder to know.
func codeLines(t *testing.T, path string) (n int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			n++
		}
	}
	return n
}

func TestWidths(t *testing.T) {
	r := &ratchet{t, wide(), map[string]bool{}}
	methods, lines := map[string]int{}, map[string]int{}
	eachSource(t, func(fset *token.FileSet, s source) {
		if !sized(s.pkg) {
			return
		}
		if filepath.Base(s.name) != "doc.go" {
			lines[s.pkg.name()] += codeLines(t, fset.Position(s.ast.Pos()).Filename)
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if f.Recv != nil {
				methods[s.pkg.name()+"."+receiver(f)]++
			}
			r.check("parameters "+s.pkg.name()+"."+f.Name.Name, f.Type.Params.NumFields(), maxParameters)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		r.check("methods "+name, methods[name], maxMethods)
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		r.check("lines "+name, lines[name], maxPackageLines)
	}
	for _, c := range checkAll(t) {
		if sized(c.pkg) {
			c.interfaces(func(name string, methods int) { r.check("interface "+c.pkg.name()+"."+name, methods, maxInterface) })
		}
	}
	for name := range r.wide {
		if !r.seen[name] {
			t.Errorf("%s is on the list and does not exist", name)
		}
	}
}

// A newcomer finds a file by what doc.go says of it.
func TestDocListsFiles(t *testing.T) {
	files, docs := map[string][]string{}, map[string]string{}
	eachSource(t, func(_ *token.FileSet, s source) {
		if !sized(s.pkg) {
			return
		}
		name := filepath.Base(s.name)
		files[s.pkg.name()] = append(files[s.pkg.name()], name)
		if name == "doc.go" {
			docs[s.pkg.name()] = s.ast.Doc.Text()
		}
	})
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if len(files[name]) < listedFrom {
			continue
		}
		var missing []string
		for _, file := range files[name] {
			if file != "doc.go" && !strings.Contains(docs[name], file) {
				missing = append(missing, file)
			}
		}
		if len(missing) > 0 {
			t.Errorf("doc.go of %q does not say what is in %s", name, strings.Join(missing, ", "))
		}
		for _, file := range listedFiles(docs[name]) {
			if _, err := os.Stat(filepath.Join(top(t), name, file)); err != nil {
				t.Errorf("doc.go of %q speaks of %s, which does not exist", name, file)
			}
		}
	}
}

// listedFiles returns the Go files that a package comment lists, each at the start of its line.
func listedFiles(doc string) (files []string) {
	for line := range strings.Lines(doc) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(line, "\t") && strings.HasSuffix(name, ".go") && !strings.Contains(name, "/") {
			files = append(files, name)
		}
	}
	return files
}

// phrases are what comments do not say, each with what they say instead.
func phrases() map[string]string {
	return map[string]string{
		"says whether": "reports whether",
	}
}

func TestPhrases(t *testing.T) {
	for _, found := range commentsWith(t, phrases()) {
		t.Error(found)
	}
}

// commentsWith returns the places of comments that have one of some phrases.
func commentsWith(t *testing.T, phrases map[string]string) (found []string) {
	t.Helper()
	eachSource(t, func(fset *token.FileSet, s source) {
		for _, group := range s.ast.Comments {
			for phrase, better := range phrases {
				if strings.Contains(strings.ReplaceAll(group.Text(), "\n", " "), phrase) {
					found = append(found, fmt.Sprintf("%s:%d: %q, say %q", s.name, fset.Position(group.Pos()).Line, phrase, better))
				}
			}
		}
	})
	return found
}

// A chat is one file of webhook/dialect: nobody else asks which chat a webhook posts to, but for the
// property that matters. The demo plays one chat.
func TestOnlyDialectsKnowTheChats(t *testing.T) {
	eachSource(t, func(fset *token.FileSet, s source) {
		if !sized(s.pkg) || s.pkg.name() == "webhook/dialect" || s.pkg.name() == "" || s.pkg.name() == "cmd/calbell/demodata" {
			return
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"KindKChat", "KindSlack", "KindJSON"}, sel.Sel.Name) {
				t.Errorf("%s:%d asks for the chat %s: ask its dialect for what matters", s.name, fset.Position(sel.Pos()).Line, sel.Sel.Name)
			}
			return true
		})
	})
}
