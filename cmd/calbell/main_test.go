package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the program, too: scripts run it as "calbell".
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"calbell": main})
}

// suite runs the tests with a folder for the program that they build.
type suite struct{ *testing.M }

// buildDir names the environment variable that holds that folder.
const buildDir = "TEST_BUILD_DIR"

// Run implements testscript.TestingM.
func (s suite) Run() int {
	dir, err := os.MkdirTemp("", "calbell-build-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv(buildDir, dir)
	// These tests wait far more than they compute. -parallel still overrides it.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return s.M.Run()
}

// build builds the program once, as people do.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv(buildDir), "calbell")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// program returns the path of the built program.
func program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// environment is that of the programs under test: settings of whoever runs the tests stay
// out.
func environment() []string {
	env := []string{"TZ=Etc/UTC"}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "CALBELL_") && !strings.HasPrefix(e, "TZ=") {
			env = append(env, e)
		}
	}
	return env
}
