package rights

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := Of(info); !regexp.MustCompile(`^owner \S+, group \S+, mode 0640$`).MatchString(got) {
		t.Errorf("%q", got)
	}
	if got := Missing(path); !regexp.MustCompile(`^it has owner \S+, group \S+, mode 0640, and \S+ runs this: use sudo`).MatchString(got) {
		t.Errorf("%q", got)
	}
	if got := Missing(filepath.Join(path, "below")); !regexp.MustCompile(`may not enter its folder`).MatchString(got) {
		t.Errorf("%q", got)
	}
}
