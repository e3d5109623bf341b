package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "calbell"

// pkg is what "go list" says about a package.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Export     string // file with the types, for those who import it
	Standard   bool
}

// name is the path below the module; "" for the root.
func (p pkg) name() string { return nameOf(p.ImportPath) }

func nameOf(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// ourPackages lists the packages of this module, tests left out.
func ourPackages(t *testing.T) []pkg {
	t.Helper()
	pkgs := list(t, "./...")
	if len(pkgs) < 5 {
		t.Fatalf("go list ./... found %d packages", len(pkgs))
	}
	return pkgs
}

// list runs "go list -json" at the top of the repository.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Export,Standard"}, args...)...)
	cmd.Dir = top(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.Bytes())
	}
	var pkgs []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return pkgs
		case err != nil:
			t.Fatalf("read the output of go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// top is the folder of the repository.
func top(t *testing.T) string {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(wd))
}

// standard reports whether a path is the standard library's: those have no dot in their
// first part.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// within reports whether a package belongs to a module.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}
