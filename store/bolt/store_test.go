package bolt

import (
	"os"
	"path/filepath"
	"testing"

	"calbell/store/record"
	"calbell/store/storetest"
)

// testKey seals the databases of tests.
func testKey() record.Key { return record.Key{1, 2, 3} }

// openAt opens a database without waiting for the disk; it is closed when the test ends.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, testKey(), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newStore(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
}

// TestStore runs the contract of every backend.
func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *storetest.Handle {
		path := filepath.Join(t.TempDir(), "calbell.db")
		s := openAt(t, path)
		h := &storetest.Handle{Store: s, Check: s.Check, RowsRead: s.RowsRead}
		h.Reopen = func(t *testing.T) storetest.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openAt(t, path)
			h.Check, h.RowsRead = s.Check, s.RowsRead
			return s
		}
		return h
	})
}

func write(t *testing.T, path string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // not subject to the umask
		t.Fatal(err)
	}
}
