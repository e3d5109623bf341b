package chaos

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	// buildDir names the environment variable that holds the folder of the built program.
	buildDir = "TEST_BUILD_DIR"
	// sizeEnv says "full" for the sizes that docs/reliability.md reports.
	sizeEnv = "CALBELL_CHAOS"
)

// TestMain makes a folder for the program that the tests build.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "calbell-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv(buildDir, dir)
	// These tests wait far more than they compute: eight at a time take 42 s and not 60 on two
	// cores. At full size each has the machine for itself, since its figures are written down.
	flag.Parse()
	parallel := "8"
	if full() {
		parallel = "1"
	}
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// full reports whether the tests run at the size that is reported.
func full() bool { return os.Getenv(sizeEnv) == "full" }

// size is quick in a check, and whole at full size.
func size[T any](quick, whole T) T {
	if full() {
		return whole
	}
	return quick
}

// build builds the program once, as people do; buildWithPoints, with fail points.
var (
	build           = sync.OnceValues(func() (string, error) { return goBuild("calbell", "") })
	buildWithPoints = sync.OnceValues(func() (string, error) { return goBuild("calbell-failpoints", "failpoints") })
)

func goBuild(name, tags string) (string, error) {
	path := filepath.Join(os.Getenv(buildDir), name)
	cmd := exec.Command("go", "build", "-trimpath", "-tags", tags, "-o", path, "calbell/cmd/calbell")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}

// program returns the path of the built program.
func program(t testing.TB) string {
	t.Helper()
	return built(t, build)
}

// programWithPoints returns the path of the program with fail points.
func programWithPoints(t testing.TB) string {
	t.Helper()
	return built(t, buildWithPoints)
}

func built(t testing.TB, build func() (string, error)) string {
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
