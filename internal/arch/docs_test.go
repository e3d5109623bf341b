package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// importSentence says what a row of the import table allows, as doc.go of its package must say it.
func importSentence(r row) string {
	var names []string
	for _, name := range slices.Sorted(slices.Values(r.ours)) {
		if name == "" {
			name = "the root package"
		}
		names = append(names, name)
	}
	names = append(names, slices.Sorted(slices.Values(r.modules))...)
	may := "It may import "
	if r.pure {
		may = "It is pure, and may import "
	}
	switch n := len(names); n {
	case 0:
		return may + "the standard library alone."
	case 1:
		return may + names[0] + "."
	default:
		return may + strings.Join(names[:n-1], ", ") + " and " + names[n-1] + "."
	}
}

// oneLine returns a text with a single space for each run of blanks and line ends.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// docOf returns the comment of the doc.go of a package; "" when there is none.
func docOf(t *testing.T, name string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top(t), name, "doc.go"), nil, parser.ParseComments)
	if os.IsNotExist(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Doc.Text()
}

// Each package has a doc.go that says what it may import. Nobody has to look at the table to know, and
// the two cannot disagree. The root's doc.go says it of itself in words: it is the start of the walk.
func TestDocSaysWhatMayBeImported(t *testing.T) {
	rows := table()
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if name == "" {
			continue
		}
		switch doc := docOf(t, name); {
		case doc == "":
			t.Errorf("%s has no doc.go", name)
		case !strings.Contains(oneLine(doc), importSentence(rows[name])):
			t.Errorf("doc.go of %s must say: %s", name, importSentence(rows[name]))
		}
	}
}

// The comment of a package stands in its doc.go, where people look for it, and nowhere else.
func TestPackageCommentsAreInDocGo(t *testing.T) {
	for _, p := range ourPackages(t) {
		for _, file := range p.GoFiles {
			if file == "doc.go" || p.ImportPath == "" {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Doc != nil && !ast.IsGenerated(parsed) {
				t.Errorf("%s has a comment of its package, which belongs into doc.go", filepath.Join(p.name(), file))
			}
		}
	}
}

// The sentence is one that people would write.
func TestImportSentence(t *testing.T) {
	for want, r := range map[string]row{
		"It may import the standard library alone.":                 {},
		"It is pure, and may import the root package.":              {ours: []string{""}, pure: true},
		"It may import the root package, store and example.org/db.": {ours: []string{"store", ""}, modules: []string{"example.org/db"}},
	} {
		if got := importSentence(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
