package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// claimSources are the sources of what people and programs read in each place that the table of
// docs/operations.md names, relative to the top.
var claimSources = map[string][]string{
	"page":     {"web/i18n/po/page.pot"},
	"commands": {"cmd/calbell/*.go", "daemon/check.go", "service/reminders.go", "*.go"},
	"log":      {"scheduler/*/*.go", "daemon/*.go", "*.go"},
	"API":      {"*.go", "api/types/*.go", "daemon/listen.go"},
	"metrics":  {"daemon/metrics.go", "daemon/scrape.go", "service/signincount.go", "*.go"},
	"messages": {"templates/*.go"},
}

// claim finds what says that something is well or has happened.
var claim = regexp.MustCompile(`(?i)\b(works?|working|ok|well|sound|ready|healthy|reachable|reached|delivered|sent|accepted|posted|synced|reloaded|restored|verified|connected|saved|signed in|again|back|checked)\b`)

// maxChip is the number of words of a text that can stand by itself as a report; longer ones
// explain, and nobody reads them as the state of something.
const maxChip = 5

// explains are short texts of the page that only look like a report, with what they are.
var explains = map[string]string{
	"%s":                          "a text that stands elsewhere",
	"Back":                        "a link",
	"Back to the agenda":          "a link",
	"Send again":                  "a button",
	"Send again: {1}":             "a button",
	"Read the file again":         "a button",
	"What was sent":               "a heading",
	"Nothing was sent yet.":       "of an empty list",
	"A reminder is sent.":         "of a moved event, by how it will be",
	"Asked for again":             "by a person",
	"fits as well":                "of a rule, by its conditions",
	"Accepted when the answer is": "a setting",
	"Held back":                   "not well at all",
	"That did not work":           "not well at all",
	"Posted as":                   "a setting",
}

// claimRow is a row of the table.
type claimRow struct {
	words, places []string
}

// claimTable reads the table of docs/operations.md.
func claimTable(t *testing.T) (rows []claimRow) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## What the words mean\n")
	table, _, _ = strings.Cut(table, "\n## ")
	if !found {
		t.Fatal("docs/operations.md has no table of words")
	}
	word := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "| `") || len(cells) != 5 {
			continue
		}
		var row claimRow
		for _, m := range word.FindAllStringSubmatch(cells[1], -1) {
			row.words = append(row.words, m[1])
		}
		for place := range strings.SplitSeq(cells[2], ",") {
			row.places = append(row.places, strings.TrimSpace(place))
		}
		if strings.TrimSpace(cells[3]) == "" {
			t.Errorf("%q is said on no knowledge", row.words)
		}
		rows = append(rows, row)
	}
	if len(rows) < 20 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	return rows
}

// texts returns the texts of the files at the top of which the patterns match: the string literals
// of Go files without tests, the English texts of the page's words.
func texts(t *testing.T, patterns []string) (all []string) {
	t.Helper()
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(top(t), pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			switch {
			case strings.HasSuffix(name, ".pot"):
				all = append(all, englishOf(t, name)...)
			case !strings.HasSuffix(name, "_test.go"):
				literals(t, name, func(_ ast.Node, text string) { all = append(all, text) })
			}
		}
	}
	return all
}

// englishOf returns the English texts of a template for translators; one that counts is two texts.
func englishOf(t *testing.T, name string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^msgid(?:_plural)? (".+")$`).FindAllStringSubmatch(string(text), -1) {
		if english, err := strconv.Unquote(found[1]); err == nil && english != "" {
			all = append(all, english)
		}
	}
	return all
}

// literals calls fn with each string literal of a file, and with the call whose argument it is.
func literals(t *testing.T, name string, fn func(parent ast.Node, text string)) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var parents []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				fn(parents[len(parents)-1], text)
			}
		}
		parents = append(parents, n)
		return true
	})
}

// says reports whether a text has a word, or several, as words of their own.
func says(text, word string) bool {
	edge := func(s string) bool {
		return s == "" || !strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
	}
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(word)
		if edge(text[max(0, begin-1):begin]) && edge(text[end:min(len(text), end+1)]) {
			return true
		}
		from = begin + 1
	}
}

// TestClaims holds the table of docs/operations.md against the program: each word of it is said where
// the table says, and whatever claims something in a few words has a row.
func TestClaims(t *testing.T) {
	t.Parallel()
	rows := claimTable(t)
	said := map[string]string{}
	for place, patterns := range claimSources {
		said[place] = strings.Join(texts(t, patterns), "\n")
	}
	var words []string
	for _, row := range rows {
		words = append(words, row.words...)
		for _, place := range row.places {
			text, known := said[place]
			if !known {
				t.Errorf("%q is said at no place that is known: %q", row.words, place)
			}
			if known && !slices.ContainsFunc(row.words, func(word string) bool { return says(text, word) }) {
				t.Errorf("%s: none of %q is said", place, row.words)
			}
		}
		for _, word := range row.words {
			if !slices.ContainsFunc(row.places, func(place string) bool { return says(said[place], word) }) {
				t.Errorf("%q is said nowhere in %q", word, row.places)
			}
		}
	}
	told := func(text string) bool {
		return explains[text] != "" || slices.ContainsFunc(words, func(word string) bool { return says(text, word) })
	}
	for _, text := range texts(t, claimSources["page"]) {
		if short := len(strings.Fields(text)) <= maxChip; short && claim.MatchString(text) && !told(text) {
			t.Errorf("the page says %q, which has no row in docs/operations.md", text)
		}
	}
	reports(t, func(text string) {
		if !told(text) {
			t.Errorf("the program reports %q, which has no row in docs/operations.md", text)
		}
	})
}

// reports calls fn with what the commands report as done, and with the good news of the log.
func reports(t *testing.T, fn func(text string)) {
	t.Helper()
	for _, pattern := range append(claimSources["log"], "cmd/calbell/*.go") {
		names, _ := filepath.Glob(filepath.Join(top(t), pattern))
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			literals(t, name, func(parent ast.Node, text string) {
				call, is := parent.(*ast.CallExpr)
				if !is {
					return
				}
				callee, is := call.Fun.(*ast.SelectorExpr)
				if is && (callee.Sel.Name == "done" || callee.Sel.Name == "Info" && claim.MatchString(text)) {
					fn(text)
				}
			})
		}
	}
}

// TestVocabulary wants a row for each word of the program's own vocabularies.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	var words []string
	for _, row := range claimTable(t) {
		words = append(words, row.words...)
	}
	types := map[string]int{"Status": 0, "Verdict": 0, "SyncState": 0, "WebhookHealth": 0}
	names, _ := filepath.Glob(filepath.Join(top(t), "*.go"))
	for _, name := range names {
		literals(t, name, func(parent ast.Node, text string) {
			spec, is := parent.(*ast.ValueSpec)
			if !is {
				return
			}
			of, is := spec.Type.(*ast.Ident)
			if !is {
				return
			}
			if _, is := types[of.Name]; is {
				if types[of.Name]++; !slices.Contains(words, text) {
					t.Errorf("%s %q has no row in docs/operations.md", of.Name, text)
				}
			}
		})
	}
	for name, n := range types {
		if n < 5 {
			t.Errorf("%s has %d words", name, n)
		}
	}
}
