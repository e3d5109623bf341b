package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every test that is left out under the race detector runs without it.
func TestLeftOutUnderRaceRunsPlain(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^PLAIN = (.*)$`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile has no list PLAIN")
	}
	plain := strings.Fields(string(found[1]))
	left := 0
	for _, p := range ourPackages(t) {
		tests, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range tests {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "//go:build !race\n") {
				continue
			}
			left++
			if !slices.ContainsFunc(plain, func(pattern string) bool { return matches(pattern, p.name()) }) {
				t.Errorf("%s is left out under the race detector, and PLAIN does not name its package", path)
			}
		}
	}
	if left == 0 {
		t.Error("no such test was found")
	}
}

// matches reports whether a pattern of the go command covers a package, by its path within the
// repository.
func matches(pattern, name string) bool {
	path := strings.TrimPrefix(pattern, "./")
	tree, all := strings.CutSuffix(path, "/...")
	return name == path || all && (name == tree || strings.HasPrefix(name, tree+"/"))
}
