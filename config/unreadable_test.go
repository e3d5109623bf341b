package config

import (
	"os"
	"path/filepath"
	"testing"

	"calbell/internal/rights"
)

// The error for a secret that may not be read names its mode, its owner and the user that this runs as.
func TestSecretThatMayNotBeRead(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads all")
	}
	file := filepath.Join(t.TempDir(), "a.password")
	if err := os.WriteFile(file, []byte("x"), 0o200); err != nil {
		t.Fatal(err)
	}
	_, err := readSecret(file)
	if want := file + rights.Listed(file) + " may not be read by " + rights.User(); err == nil || err.Msg.English != want {
		t.Errorf("%v, want %s", err, want)
	}
}
