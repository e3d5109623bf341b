package i18n

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the translators' files")

// The translators' files have an entry for each text of the pages' template and of the sources, with
// its very English, and no other. `make words` writes them: a text whose English changed is marked
// fuzzy, until somebody has looked at its translation and removed the mark.
func TestTranslatorsFilesAreUpToDate(t *testing.T) {
	program := collect(t, "../..")
	check(t, "po/program.pot", file{texts: program}.format())
	all := maps.Clone(program)
	for key, e := range entriesOf(t, "po/page.pot") {
		if _, twice := all[key]; twice {
			t.Errorf("key %q names a text of the pages and one of the program", key)
		}
		all[key] = e
	}
	for _, lang := range Languages() {
		name := "po/" + lang + ".po"
		check(t, name, merged(t, name, lang, all).format())
	}
}

// Every text has a translation into every language, with the same arguments, that somebody has
// looked at since its English changed.
func TestEveryTextIsTranslated(t *testing.T) {
	english := entriesOf(t, "po/en.po")
	page := func(key string, e entry) string { // the English of the pages, which may leave out a command
		if own, ok := english[key]; ok {
			return own.said[0]
		}
		return e.english + e.plural
	}
	for _, lang := range Languages()[1:] {
		name := "po/" + lang + ".po"
		for key, e := range entriesOf(t, name) {
			switch {
			case e.said[0] == "" || e.plural != "" && e.said[1] == "":
				t.Errorf("%s: %s is not translated", name, key)
			case e.fuzzy:
				t.Errorf("%s: the English of %s has changed: look at its translation and remove the mark", name, key)
			case !slices.Equal(holesOf(page(key, e)), holesOf(e.said[0]+e.said[1])):
				t.Errorf("%s: %s has other arguments than in English: %q", name, key, e.said)
			}
		}
	}
}

// check compares a file with what it should be, or writes it.
func check(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(name); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not up to date (%v): run `make words`", name, err)
	}
}

// entry is one text of a translators' file.
type entry struct {
	english, plural string
	said            [2]string
	fuzzy           bool
	sources         []string
}

// file is a translators' file.
type file struct {
	header []string
	texts  map[string]entry
}

// format returns the file as gettext's tools read it, sorted by key.
func (f file) format() []byte {
	var b bytes.Buffer
	if f.header == nil {
		fmt.Fprintln(&b, "# What the program says, in English, by key; collected by `make words`.")
		f.header = []string{"Project-Id-Version: Calbell", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit"}
	}
	fmt.Fprint(&b, "msgid \"\"\nmsgstr \"\"\n")
	for _, line := range f.header {
		fmt.Fprintln(&b, quoted(line+"\n"))
	}
	for _, key := range slices.Sorted(maps.Keys(f.texts)) {
		f.texts[key].format(&b, key)
	}
	return b.Bytes()
}

func (e entry) format(b *bytes.Buffer, key string) {
	fmt.Fprintln(b)
	for _, s := range e.sources {
		fmt.Fprintln(b, "#: "+s)
	}
	var flags string
	if e.fuzzy {
		flags += ", fuzzy"
	}
	switch said := e.said[0] + e.said[1]; {
	case len(holesOf(e.english)) == 0:
	case said == "" || slices.Equal(holesOf(said), holesOf(e.english+e.plural)):
		flags += ", python-brace-format"
	default: // the page leaves out a command
		flags += ", no-python-brace-format"
	}
	if flags != "" {
		fmt.Fprintln(b, "#"+flags)
	}
	fmt.Fprintf(b, "msgctxt %s\nmsgid %s\n", quoted(key), quoted(e.english))
	if e.plural == "" {
		fmt.Fprintf(b, "msgstr %s\n", quoted(e.said[0]))
		return
	}
	fmt.Fprintf(b, "msgid_plural %s\nmsgstr[0] %s\nmsgstr[1] %s\n", quoted(e.plural), quoted(e.said[0]), quoted(e.said[1]))
}

// quoted returns a string as PO files write it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

// entriesOf reads the entries of a translators' file.
func entriesOf(t *testing.T, name string) map[string]entry {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := parse(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]entry{}
	for key, text := range texts {
		all[key] = entry{english: text.ID, plural: text.PluralID, said: [2]string{text.Trs[0], text.Trs[1]}}
	}
	for _, found := range regexp.MustCompile(`(?m)^#,.*\bfuzzy\b.*\nmsgctxt (".*")$`).FindAllStringSubmatch(string(content), -1) {
		key, err := strconv.Unquote(found[1])
		e, ok := all[key]
		if err != nil || !ok {
			t.Fatalf("%s: %s is marked fuzzy and not read", name, found[1])
		}
		e.fuzzy = true
		all[key] = e
	}
	return all
}

// headerOf returns the lines of a file's header.
func headerOf(t *testing.T, name string) (lines []string) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(content), "\n\n")
	for line := range strings.Lines(head) {
		if text, err := strconv.Unquote(strings.TrimSpace(line)); err == nil && text != "" {
			lines = append(lines, strings.TrimSuffix(text, "\n"))
		}
	}
	return lines
}

// merged returns a file with exactly those texts, and the translations that it has. English has
// those alone that the page says otherwise.
func merged(t *testing.T, name, lang string, texts map[string]entry) file {
	t.Helper()
	f := file{headerOf(t, name), map[string]entry{}}
	have := entriesOf(t, name)
	for key, e := range texts {
		old, known := have[key]
		if lang == Languages()[0] && !known {
			continue
		}
		e.said, e.fuzzy = old.said, known && (old.fuzzy || old.english != e.english || old.plural != e.plural)
		f.texts[key] = e
	}
	return f
}

// collect returns the texts of the sources: the calls of T and Errorf of the root package.
func collect(t *testing.T, top string) map[string]entry {
	t.Helper()
	c := &collector{t: t, fset: token.NewFileSet(), texts: map[string]entry{}}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "tools" || strings.HasSuffix(d.Name(), "test") || path != top && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(c.fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		c.name, c.root = filepath.ToSlash(strings.TrimPrefix(path, top+string(filepath.Separator))), parsed.Name.Name == "calbell"
		ast.Inspect(parsed, c.visit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.texts
}

// collector finds the texts of sources.
type collector struct {
	t     *testing.T
	fset  *token.FileSet
	name  string // of the file
	root  bool   // it is one of the root package, which calls without a qualifier
	texts map[string]entry
}

// visit adds the text of a call.
func (c *collector) visit(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || !c.makesText(call.Fun) {
		return true
	}
	key, okKey := literal(call.Args[0])
	format, ok := literal(call.Args[1])
	english, holes := bracesOf(format)
	old, known := c.texts[key]
	switch at := c.fset.Position(call.Pos()); {
	case c.root && (c.name == "text.go") && !okKey:
	case !ok || !okKey:
		c.t.Errorf("%s: key and format must be literals, for `make words` to find them", at)
	case holes != len(call.Args)-2:
		c.t.Errorf("%s: %d verbs for %d arguments, or an index in a verb", at, holes, len(call.Args)-2)
	case known && old.english != english:
		c.t.Errorf("%s: key %q already names %q", at, key, old.english)
	case slices.ContainsFunc(call.Args[2:], isEnglish):
		c.t.Errorf("%s: an argument of key %q is English: pass the text or the error itself", at, key)
	default:
		e := entry{english: english, sources: old.sources}
		if !slices.Contains(e.sources, c.name) {
			e.sources = append(e.sources, c.name)
		}
		c.texts[key] = e
	}
	return true
}

// isEnglish reports whether an expression is the English of a text or of an error, which would stay so
// in every language.
func isEnglish(e ast.Expr) bool {
	if call, ok := e.(*ast.CallExpr); ok {
		s, ok := call.Fun.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "Error"
	}
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "English"
}

// makesText reports whether a call makes a text with a key.
func (c *collector) makesText(f ast.Expr) bool {
	switch f := f.(type) {
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.Ident)
		return ok && x.Name == "calbell" && (f.Sel.Name == "T" || f.Sel.Name == "Errorf")
	case *ast.Ident:
		return c.root && (f.Name == "T" || f.Name == "Errorf") || f.Name == "errorf"
	}
	return false
}

// literal returns a string that is written down, also in parts.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return literal(e.X)
	case *ast.BinaryExpr:
		a, okA := literal(e.X)
		b, okB := literal(e.Y)
		return a + b, okA && okB && e.Op == token.ADD
	}
	return "", false
}

// bracesOf returns a format with {1} for its first verb, and the number of verbs; a verb that quotes
// has its hole between quotation marks.
func bracesOf(format string) (string, int) {
	holes := 0
	verb := regexp.MustCompile(`%[-+# 0]*\d*(\.\d+)?[a-zA-Z%]`)
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		if v == "%%" {
			return "%"
		}
		holes++
		hole := "{" + strconv.Itoa(holes) + "}"
		if v[len(v)-1] == 'q' {
			return `"` + hole + `"`
		}
		return hole
	}), holes
}

var holePattern = regexp.MustCompile(`\{\d\}`)

// holesOf returns the arguments that a text has, sorted, each once.
func holesOf(text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(holePattern.FindAllString(text, -1))))
}
