package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// decision is one page of docs/decisions.
type decision struct {
	file, text string
}

// decisions reads the numbered pages of docs/decisions, in the order of their numbers.
func decisions(t *testing.T) (all []decision) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(top(t), "docs", "decisions", "[0-9]*.md"))
	if err != nil || len(names) < 5 {
		t.Fatalf("%d decisions, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, decision{filepath.Base(name), string(text)})
	}
	return all
}

// points are what every decision says, each at the beginning of a line, below its status.
var points = []string{"\nStatus: ", "\n* **Decided:** ", "\n* **Why:** ", "\n* **Rejected:** "}

// problems returns what is wrong with the n-th decision: its number, its title, or a point that it does
// not make.
func (d decision) problems(n int) (wrong []string) {
	if prefix := fmt.Sprintf("%04d-", n); !strings.HasPrefix(d.file, prefix) {
		wrong = append(wrong, fmt.Sprintf("%s is where decision %d should be: a number is missing, or there twice", d.file, n))
	}
	if !strings.HasPrefix(d.text, fmt.Sprintf("# %d. ", n)) {
		wrong = append(wrong, fmt.Sprintf("%s does not begin with its number and title", d.file))
	}
	for _, point := range points {
		if strings.Count(d.text, point) != 1 {
			wrong = append(wrong, fmt.Sprintf("%s must say %q once", d.file, strings.TrimSpace(point)))
		}
	}
	return wrong
}

// Decisions are numbered without a gap, and each says what was decided, why and what was rejected. The
// index has a row for each, with its title.
func TestDecisionsAreComplete(t *testing.T) {
	index, err := os.ReadFile(filepath.Join(top(t), "docs", "decisions", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := decisions(t)
	for i, d := range all {
		for _, wrong := range d.problems(i + 1) {
			t.Error(wrong)
		}
		title, _, _ := strings.Cut(d.text, "\n")
		_, title, _ = strings.Cut(title, ". ")
		if row := fmt.Sprintf("| [%d](%s) | %s | ", i+1, d.file, title); !strings.Contains(string(index), row) {
			t.Errorf("docs/decisions/README.md has no row %q", row)
		}
	}
	if rows := strings.Count(string(index), "\n| ["); rows != len(all) {
		t.Errorf("docs/decisions/README.md has %d rows for %d decisions", rows, len(all))
	}
}

// The rule of decisions must be able to fail: each kind of mistake is shown to it.
func TestDecisionProblemsAreSeen(t *testing.T) {
	whole := "# 3. Title\n\nStatus: in force.\n\n* **Decided:** a.\n* **Why:** b.\n* **Rejected:** c.\n"
	for _, c := range []struct {
		name string
		d    decision
		want int
	}{
		{"whole", decision{"0003-title.md", whole}, 0},
		{"gap", decision{"0004-title.md", strings.Replace(whole, "# 3.", "# 4.", 1)}, 2},
		{"no reason", decision{"0003-title.md", strings.Replace(whole, "* **Why:** b.\n", "", 1)}, 1},
		{"no status", decision{"0003-title.md", strings.Replace(whole, "Status: ", "State: ", 1)}, 1},
	} {
		if got := c.d.problems(3); len(got) != c.want {
			t.Errorf("%s: %q, want %d problems", c.name, got, c.want)
		}
	}
}

// directDependencies returns the modules that a go.mod requires and that are not marked as indirect.
func directDependencies(gomod string) (modules []string) {
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\t?([a-zA-Z0-9./_-]+\.[a-z]+/\S+) v\S+$`).FindAllStringSubmatch(gomod, -1) {
		modules = append(modules, m[1])
	}
	return modules
}

// moduleName is how texts call a module: its path without the host of most and without a major version.
func moduleName(path string) string {
	path = regexp.MustCompile(`/v\d+$`).ReplaceAllString(path, "")
	return strings.TrimPrefix(path, "github.com/")
}

// Each direct dependency has its reason in a decision, which calls it by its path.
func TestDependenciesHaveReasons(t *testing.T) {
	gomod, err := os.ReadFile(filepath.Join(top(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	modules := directDependencies(string(gomod))
	if len(modules) < 5 {
		t.Fatalf("go.mod has %d direct dependencies", len(modules))
	}
	var all strings.Builder
	for _, d := range decisions(t) {
		all.WriteString(d.text)
	}
	for _, m := range modules {
		if !says(all.String(), moduleName(m)) {
			t.Errorf("no decision says why %s is used", m)
		}
	}
}

// The dependencies of a go.mod are found in both of its spellings, without the indirect ones.
func TestDirectDependencies(t *testing.T) {
	got := directDependencies("module calbell\n\nrequire golang.org/x/net v0.1.0\n\nrequire (\n\tgithub.com/a/b/v2 v2.0.0\n\tgithub.com/c/d v1.0.0 // indirect\n)\n")
	if len(got) != 2 || got[0] != "golang.org/x/net" || moduleName(got[1]) != "a/b" {
		t.Errorf("found %q", got)
	}
}
