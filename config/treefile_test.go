package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadTree(t *testing.T) {
	for name, c := range map[string]struct {
		text, err string
		want      any
	}{
		"yaml":       {"- type: section\n  n: 3\n  half: 0.5\n  ok: true\n  none:\n", "", []any{map[string]any{"type": "section", "n": int64(3), "half": 0.5, "ok": true, "none": nil}}},
		"json":       {`{"text": "%subject%", "list": [1, "a"]}`, "", map[string]any{"text": "%subject%", "list": []any{int64(1), "a"}}},
		"broken":     {"- [a\n", "tree.yaml:", nil},
		"double key": {"a: 1\na: 2\n", "tree.yaml:2:1", nil},
		"bad number": {"a: .inf\n", "JSON has no number", nil},
		"not UTF-8":  {"a: \xff\n", "not UTF-8", nil},
	} {
		path := filepath.Join(t.TempDir(), "tree.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := LoadTree(path)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	if _, err := LoadTree("nowhere.yaml"); err == nil {
		t.Error("a file that is not there is read")
	}
}
