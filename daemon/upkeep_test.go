package daemon_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/config"
)

// snapshots are the files in the folder of snapshots.
func (h *house) snapshots() []string {
	h.Helper()
	files, err := filepath.Glob(filepath.Join(h.cfg.Data.Backup, "calbell-*.db"))
	h.ok(err)
	return files
}

// A snapshot is made once the database is known to be sound, and not at each start.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.eventually("a snapshot is made", func() bool { return len(h.snapshots()) == 1 })
	info, err := os.Stat(h.snapshots()[0])
	h.ok(err)
	if info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the snapshot: %v, %d bytes", info.Mode(), info.Size())
	}
	h.ok(h.stop())
	before := h.snapshots()
	h.start()
	h.eventually("the database is checked again", func() bool { return strings.Count(h.log.String(), "it is sound") == 2 })
	h.ok(h.stop())
	if after := h.snapshots(); len(after) != 1 || after[0] != before[0] {
		t.Errorf("another start made another snapshot: %q, before %q", after, before)
	}
}

func TestSnapshotsOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	folder := h.cfg.Data.Backup
	h.cfg.Data.Backup = ""
	h.start()
	h.eventually("the database is checked", func() bool { return strings.Contains(h.log.String(), "it is sound") })
	h.ok(h.stop())
	if _, err := os.Stat(folder); err == nil {
		t.Error("a folder of snapshots was made")
	}
}

// A reload that switches snapshots on makes one, rather than an hour later.
func TestSnapshotAtAReload(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	next := *h.cfg
	h.cfg.Data.Backup = ""
	h.reload = func() (*config.Config, error) { return &next, nil }
	h.start()
	h.eventually("the database is checked", func() bool { return strings.Contains(h.log.String(), "it is sound") })
	h.reloadConfig()
	h.cfg.Data.Backup = next.Data.Backup
	h.eventually("a snapshot is made", func() bool { return len(h.snapshots()) == 1 })
}

// A database that is damaged is told of, goes on, and takes no sound snapshot's place.
func TestDamagedStore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	h.sync()
	h.put("a@example.org", "Subject", time.Hour)
	h.sync()
	h.eventually("a snapshot is made", func() bool { return len(h.snapshots()) == 1 })
	h.ok(h.stop())
	h.ok(os.Remove(h.snapshots()[0])) // so that one is due
	damage(t, h.cfg.Data.Path)
	h.start()
	h.eventually("damage is told", func() bool { return strings.Contains(h.log.String(), "about=\"the contents of the database\"") })
	h.eventually("no snapshot is made of it", func() bool { return strings.Contains(h.log.String(), "about=\"the hourly snapshot\"") })
	if code, text := h.get("/readyz"); code != 503 || !strings.Contains(text, "damaged") {
		t.Errorf("/readyz: %d %q", code, text)
	}
	if code, text := h.get("/healthz"); code != 200 {
		t.Errorf("/healthz: %d %q: to start it again would heal nothing", code, text)
	}
	if v := h.metric("calbell_store_findings"); v == "" || v == "0" || v == "-1" {
		t.Errorf("findings: %q", v)
	}
	r, err := h.client.CheckStore(t.Context())
	if err != nil || len(r.Findings) == 0 {
		t.Errorf("check: %+v, %v", r, err)
	}
	s, err := h.client.Status(t.Context())
	if err != nil || len(s.Troubles) == 0 || !strings.Contains(calbell.List(s.Troubles...).English, "damaged") {
		t.Errorf("status: %q, %v", s.Troubles, err)
	}
	if n := len(h.snapshots()); n != 0 {
		t.Errorf("%d snapshots of a damaged database", n)
	}
}

// damage changes the rows of the index by due time, the only place where a webhook is named
// in plain letters: the pages are sound, what they say is not.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.ReplaceAll(data, []byte("team"), []byte("maet"))
	if bytes.Equal(bad, data) {
		t.Fatal("no row names the webhook")
	}
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
}
