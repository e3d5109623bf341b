package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell"
	"calbell/config"
)

// stranger is a user of this machine who owns nothing.
func stranger(groups ...uint32) account {
	return account{name: "bell", group: "ringers", uid: uint32(os.Getuid()) + 4711, groups: groups}
}

// A file that the daemon's user cannot read is warned of, with the command that lets it.
func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "calbell-places-") // others get there, unlike t.TempDir on some systems
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "home.password")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	group := uint32(os.Getgid())
	for _, c := range []struct {
		folder, file os.FileMode
		who          account
		want         string
	}{
		{0o755, 0o600, stranger(), "mode 0600); chgrp ringers " + file + " && chmod 640"},
		{0o755, 0o604, stranger(), ""},
		{0o755, 0o640, stranger(), "mode 0640)"},
		{0o755, 0o640, stranger(group), ""},
		{0o755, 0o604, stranger(group), "mode 0604)"}, // others may, the group may not
		{0o700, 0o644, stranger(), "the folder " + dir + " is closed to it"},
		{0o700, 0o600, account{uid: uint32(os.Getuid())}, ""},
	} {
		if err := os.Chmod(dir, c.folder); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.file); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range c.who.unreadable(file) {
			got += w.What.English + "; " + w.Hint.English
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("folder %04o, file %04o, %v: %q, want %q", c.folder, c.file, c.who, got, c.want)
		}
	}
}

// A secret that a group can read which is not that of the daemon's user is warned of; not where a folder
// keeps the group out, and not where all can read it: that is told already.
func TestSecretsOfForeignGroups(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files to other groups")
	}
	dir, err := os.MkdirTemp("", "calbell-places-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "home.password")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const group = 4242
	for _, c := range []struct {
		folder, file os.FileMode
		gid          int
		who          account
		warns        bool
	}{
		{0o755, 0o640, group, stranger(), true},
		{0o755, 0o600, group, stranger(), false},
		{0o755, 0o644, group, stranger(), false},
		{0o700, 0o640, group, stranger(), false},
		{0o755, 0o640, group, stranger(7, group), false},
		{0o755, 0o640, 0, stranger(), false},
	} {
		if err := os.Chmod(dir, c.folder); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(file, 1, c.gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.file); err != nil {
			t.Fatal(err)
		}
		got := c.who.foreignGroup(file)
		if (len(got) > 0) != c.warns || c.warns && !strings.Contains(got[0].Hint.English, "chmod g-r "+file+", or chgrp ringers ") {
			t.Errorf("folder %04o, file %04o of group %d: %v", c.folder, c.file, c.gid, got)
		}
	}
}

// Folders that are missing, or closed, are warned of by the name of the key, with a command.
func TestCheckFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "a", "b")
	for path, want := range map[string]string{
		filepath.Join(missing, "calbell.db"): "data.path: there is no folder " + missing + "; make the folder for the daemon's user: sudo install -d -o bell -m 700 " + missing + "; the unit makes it (StateDirectory)",
		filepath.Join(dir, "calbell.db"):     "data.path: the daemon's user cannot write in the folder " + dir + " (",
	} {
		got := ""
		for _, w := range checkFolder(place{"data.path", path, 0o700, "StateDirectory"}, stranger(), true) {
			got += w.What.English + "; " + w.Hint.English
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := checkFolder(place{"data.path", filepath.Join(dir, "calbell.db"), 0o700, ""}, account{}, false); len(got) > 0 {
		t.Errorf("a folder of one's own: %v", got)
	}
	cfg := config.Default()
	cfg.Data.Path = filepath.Join(missing, "calbell.db")
	if _, err := New(cfg, Options{}); err == nil || !strings.Contains(err.Error(), "data.path") || !strings.Contains(calbell.HintOf(err).English, missing) {
		t.Errorf("a start: %v, %q", err, calbell.HintOf(err))
	}
}
