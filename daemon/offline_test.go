package daemon

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes beside the database belongs to the daemon's user again.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const uid, gid = 4711, 4712
	dir := t.TempDir()
	names := []string{"calbell.db", "calbell.db.sent", "calbell.db.key", "other"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := giveBack(filepath.Join(dir, "calbell.db")); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if mine := ok && st.Uid == uid && st.Gid == gid; mine != (name != "other") {
			t.Errorf("%s belongs to %d:%d", name, st.Uid, st.Gid)
		}
	}
}
