package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A configuration with secrets that others can read is warned about by check and at the start,
// with the next step, and nothing is refused.
func TestOpenFilesAreWarnedAbout(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	file := filepath.Join(w.dir, "config.yaml")
	for path, mode := range map[string]os.FileMode{w.dir: 0o755, file: 0o644, filepath.Join(w.dir, "alice.password"): 0o640} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	what := "other users of this machine can read " + file + ", which holds a secret (mode 0644)"
	w.run("check", "--offline").want(t, 0, "warning: "+what+"\n  chmod o-rwx "+file+"\n")
	w.serve()
	if log := w.daemon.errOut.String(); !strings.Contains(log, `level=WARN msg="`+what+`" hint="chmod o-rwx `+file+`"`) {
		t.Errorf("the log does not warn:\n%s", log)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if a := w.run("check", "--offline").want(t, 0); strings.Contains(a.out+a.err, "warning") {
		t.Errorf("warned without need: %s", a.out+a.err)
	}
}
