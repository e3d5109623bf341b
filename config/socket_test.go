package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSocketOf(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ name, text, want string }{
		{"relative", "server:\n  socket: calbell.sock\n", filepath.Join(dir, "calbell.sock")},
		{"absolute", "server: {socket: /run/x.sock}\n", "/run/x.sock"},
		{"absent", "locale: en\n", Default().Server.Socket},
		{"a bad edit elsewhere", "server:\n  socket: /run/x.sock\nwebhoks: []\nlocale: 7\n", "/run/x.sock"},
		{"a secret that cannot be read", "server: {socket: /run/x.sock}\naccounts:\n  - {name: a, url: 'https://dav.example.org/', username: u, password_file: /nowhere/at/all}\n", "/run/x.sock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "config.yaml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := SocketOf(path, nil)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	if _, err := SocketOf(filepath.Join(dir, "missing.yaml"), nil); err == nil {
		t.Error("a missing file passed")
	}
}

func TestSocketOfEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("server: {socket: /run/x.sock}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		if name == "CALBELL_SERVER_SOCKET" {
			return "/run/y.sock"
		}
		return ""
	}
	if got, err := SocketOf(path, env); err != nil || got != "/run/y.sock" {
		t.Errorf("got %q, %v", got, err)
	}
}
