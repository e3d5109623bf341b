package bolt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell"
	"calbell/store/record"
)

// A crash between making the file and writing to it leaves no bytes, and nothing sealed.
func TestLoadKeyBesideAnEmptyFile(t *testing.T) {
	db := filepath.Join(t.TempDir(), "calbell.db")
	if err := os.WriteFile(db, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := record.LoadKey(db, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(db, key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A damaged row is not taken for a wrong key.
func TestDamagedCheckRow(t *testing.T) {
	s := newStore(t)
	fill(t, s, 5, 1)
	harm(t, s, func(x *tx) error { return x.Put(bMeta, []byte("check"), []byte("garbage of some length, not sealed")) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(s.path, testKey(), Options{NoSync: true})
	if err == nil || !strings.Contains(err.Error(), "the file is damaged") || !strings.Contains(calbell.HintOf(err).English, "calbell restore") {
		t.Errorf("with the right key: %v, %q", err, calbell.HintOf(err))
	}
	_, err = Open(s.path, record.Key{9}, Options{NoSync: true})
	if err == nil || !strings.Contains(err.Error(), "the key is not the one") {
		t.Errorf("with another key: %v", err)
	}
}

func TestLoadKeyNeverReplacesALostOne(t *testing.T) {
	db := filepath.Join(t.TempDir(), "calbell.db")
	key, err := record.LoadKey(db, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(db, key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(db + ".key"); err != nil {
		t.Fatal(err)
	}
	_, err = record.LoadKey(db, "")
	if calbell.KindOf(err) != calbell.KindConfig || !strings.Contains(calbell.HintOf(err).English, "backup") {
		t.Errorf("key lost: %v, hint %q", err, calbell.HintOf(err))
	}
	if _, err := os.Stat(db + ".key"); err == nil {
		t.Error("a new key was made")
	}
	write(t, db+".key", nil, 0o600)
	if _, err = record.LoadKey(db, ""); calbell.KindOf(err) != calbell.KindConfig {
		t.Errorf("key empty: %v", err)
	}
	_, err = record.LoadKey(filepath.Join(t.TempDir(), "new.db"), filepath.Join(t.TempDir(), "absent"))
	if calbell.KindOf(err) != calbell.KindConfig || calbell.HintOf(err).IsZero() {
		t.Errorf("named key absent: %v", err)
	}
}
