package record

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell"
)

// putFile makes a file of a mode.
func putFile(t *testing.T, path string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // not subject to the umask
		t.Fatal(err)
	}
}

func TestLoadKeySpellings(t *testing.T) {
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = byte(0xF0 + 7*i)
	}
	newline := bytes.Clone(raw)
	newline[31], newline[0] = '\n', ' '
	for _, tt := range []struct {
		name string
		file []byte
		want []byte // nil: refused
	}{
		{"hex", []byte(hex.EncodeToString(raw)), raw},
		{"hex, upper case, white space", []byte(" " + strings.ToUpper(hex.EncodeToString(raw)) + "\r\n"), raw},
		{"base64", []byte(base64.StdEncoding.EncodeToString(raw) + "\n"), raw},
		{"base64 for URLs, no padding", []byte(base64.RawURLEncoding.EncodeToString(raw)), raw},
		{"raw", raw, raw},
		{"raw that looks as if it had white space", newline, newline},
		{"empty", nil, nil},
		{"white space", []byte(" \n\n"), nil},
		{"zeros", make([]byte, 32), nil},
		{"zeros in hex", []byte(strings.Repeat("0", 64)), nil},
		{"31 bytes", raw[:31], nil},
		{"33 bytes", append(bytes.Clone(raw), 1), nil},
		{"hex with a wrong digit", []byte(strings.Repeat("g", 64)), nil},
		{"base64 of 16 bytes", []byte(base64.StdEncoding.EncodeToString(raw[:16])), nil},
		{"a PEM file", []byte("-----BEGIN PRIVATE KEY-----\n"), nil},
		{"a large file", bytes.Repeat(raw, 1000), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "key")
			putFile(t, file, tt.file, 0o600)
			key, err := LoadKey("unused.db", file)
			if tt.want == nil {
				if calbell.KindOf(err) != calbell.KindConfig || calbell.HintOf(err).IsZero() {
					t.Errorf("error %v, hint %q", err, calbell.HintOf(err))
				}
				return
			}
			if err != nil || !bytes.Equal(key[:], tt.want) {
				t.Errorf("key %x, %v", key[:], err)
			}
		})
	}
}

func TestLoadKeyModes(t *testing.T) {
	for mode, ok := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o440: true, 0o640: true,
		0o660: false, 0o604: false, 0o602: false, 0o644: false, 0o620: false, 0o666: false,
	} {
		file := filepath.Join(t.TempDir(), "key")
		putFile(t, file, []byte(strings.Repeat("ab", 32)), mode)
		if _, err := LoadKey("unused.db", file); (err == nil) != ok {
			t.Errorf("mode %04o: %v", mode, err)
		} else if !ok && !strings.Contains(calbell.HintOf(err).English, "chmod 600") {
			t.Errorf("mode %04o: hint %q", mode, calbell.HintOf(err))
		}
	}
}

func TestLoadKeyMakesOneForANewDatabase(t *testing.T) {
	db := filepath.Join(t.TempDir(), "calbell.db")
	key, err := LoadKey(db, "")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(db + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	again, err := LoadKey(db, "")
	if err != nil || again != key || key == (Key{}) {
		t.Errorf("read again: same %v, %v", again == key, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(db), ".key-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if other, _ := LoadKey(filepath.Join(t.TempDir(), "calbell.db"), ""); other == key {
		t.Error("two databases got the same key")
	}
	if text := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(text, hex.EncodeToString(key[:2])) {
		t.Errorf("a key prints: %s", text)
	}
}
