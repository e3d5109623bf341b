package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/store/record"
)

func TestOpenErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, path string)
		kind calbell.ErrorKind
		says string
	}{
		{"open elsewhere", func(t *testing.T, path string) { openAt(t, path) }, calbell.KindAlreadyRuns, "another process"},
		{"wrong key", func(t *testing.T, path string) { madeWith(t, path, record.Key{9}) }, calbell.KindConfig, "key"},
		{"newer schema", func(t *testing.T, path string) {
			madeWith(t, path, testKey())
			raw(t, path, func(b *bbolt.Tx) error {
				return b.Bucket([]byte(bMeta)).Put([]byte("schema"), binary.BigEndian.AppendUint32(nil, schema+1))
			})
		}, calbell.KindConfig, fmt.Sprintf("schema is %d", schema+1)},
		{"somebody else's database", func(t *testing.T, path string) {
			raw(t, path, func(b *bbolt.Tx) error {
				_, err := b.CreateBucket([]byte("users"))
				return err
			})
		}, calbell.KindConfig, "not Calbell's"},
		{"no database", func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("BEGIN:VCALENDAR\r\n"), 4096), 0o600)
		}, calbell.KindFailed, "damaged"},
		{"a bucket is missing", func(t *testing.T, path string) {
			madeWith(t, path, testKey())
			raw(t, path, func(b *bbolt.Tx) error { return b.DeleteBucket([]byte(bDue)) })
		}, calbell.KindFailed, `"due" is missing`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "calbell.db")
			tt.make(t, path)
			_, err := Open(path, testKey(), Options{LockWait: 10 * time.Millisecond})
			if calbell.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) || calbell.HintOf(err).IsZero() {
				t.Errorf("kind %d, error %v, hint %q", calbell.KindOf(err), err, calbell.HintOf(err))
			}
			if tt.kind == calbell.KindAlreadyRuns {
				return
			}
			// The lock is free again: the right key or file must be able to follow.
			db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 10 * time.Millisecond})
			if err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the file stays locked")
			}
			if err == nil {
				_ = db.Close()
			}
		})
	}
}

func madeWith(t *testing.T, path string, key record.Key) {
	t.Helper()
	s, err := Open(path, key, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// raw changes a database behind the store's back.
func raw(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMakesAPrivateFile(t *testing.T) {
	s := newStore(t)
	info, err := os.Stat(s.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	st, err := s.Stats()
	if err != nil || st.FileBytes != info.Size() || st.Commits != 2 { // made, and named in the journal
		t.Errorf("%+v, %v", st, err)
	}
}

func TestOpenWithoutAFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "calbell.db")
	if _, err := Open(path, testKey(), Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name the file", err)
	}
}

// After Close everything is an error, and nothing a panic.
func TestClosed(t *testing.T) {
	s := newStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Calendars(t.Context()); err == nil {
		t.Error("read after Close")
	}
	if err := s.SaveCalendar(t.Context(), calbell.Calendar{ID: "a"}); err == nil {
		t.Error("written after Close")
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
