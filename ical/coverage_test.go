package ical

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCoverageNamesVectors says that docs/rfc-coverage.md names every vector, and none that
// does not exist.
func TestCoverageNamesVectors(t *testing.T) {
	page, err := os.ReadFile("../docs/rfc-coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	exists := map[string]bool{}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar")
		exists[name] = true
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("%s is not named", name)
		}
	}
	for _, m := range regexp.MustCompile("`((?:decisions|alarms|series|zones|reading|exports|attach)/[a-z0-9-]+)`").FindAllStringSubmatch(string(page), -1) {
		if !exists[m[1]] {
			t.Errorf("%s does not exist", m[1])
		}
	}
}
