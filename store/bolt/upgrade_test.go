package bolt

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/store"
)

// schema1 writes a copy of the database that schema 1 wrote.
func schema1(t *testing.T) (path string, image []byte) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "schema1.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if image, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "calbell.db")
	write(t, path, image, 0o600)
	return path, image
}

// TestUpgrade: what schema 1 wrote goes on, and can be had back.
func TestUpgrade(t *testing.T) {
	path, image := schema1(t)
	s := openAt(t, path)
	upgraded(t, s)
	if s.New() {
		t.Error("an upgraded database says that it is new")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(backupName(path, 1))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy: %v, %v", info, err)
	}
	kept := readFile(t, backupName(path, 1))
	// The copy is as the file was but for the numbers of its meta pages, and whole.
	if len(kept) > len(image) || !bytes.Equal(kept[2*pageSize:], image[2*pageSize:len(kept)]) {
		t.Error("the copy is not what the file was")
	}
	again := filepath.Join(t.TempDir(), "again.data.db")
	write(t, again, kept, 0o600)
	upgraded(t, openAt(t, again))
	at := info.ModTime()
	if err := openAt(t, path).Check(t.Context()); err != nil { // and no second upgrade
		t.Error(err)
	}
	if info, err := os.Stat(backupName(path, 1)); err != nil || !info.ModTime().Equal(at) {
		t.Errorf("the copy was written again: %v, %v", info, err)
	}
}

// upgraded looks at the database of testdata after its upgrade, and uses it.
func upgraded(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	everyUID(t, s)
	counts, err := s.Counts(ctx)
	if err != nil || counts[calbell.StatusSent] < 3 || counts[calbell.StatusWaiting] != 3 {
		t.Errorf("counts %v, %v", counts, err)
	}
	ws, err := s.Webhooks().All(ctx)
	if err != nil || len(ws) != 2 {
		t.Errorf("%d webhooks, %v", len(ws), err)
	}
	past, err := s.History(ctx, store.HistoryQuery{})
	if err != nil || len(past) == 0 || past[0].UID == "" || !past[0].AskedAt.IsZero() || past[0].Notice != nil {
		t.Fatalf("history %+v, %v", past, err)
	}
	if n, err := s.Resend(ctx, []calbell.ReminderID{past[0].ID}, t0); n != 1 || err != nil {
		t.Errorf("resent %d, %v", n, err)
	}
	cs, err := s.Claim(ctx, store.ClaimRequest{Worker: "new", Lease: time.Minute, Now: t0, Limit: 100})
	if err != nil || len(cs) == 0 {
		t.Fatalf("%d claims, %v", len(cs), err)
	}
	var os []calbell.Outcome
	for _, c := range cs {
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent})
	}
	if err := errors.Join(s.Finish(ctx, "new", os, nil, t0), s.Beat(ctx, t0), s.Check(ctx)); err != nil {
		t.Error(err)
	}
}

// everyUID looks objects of before the upgrade up by their UIDs.
func everyUID(t *testing.T, s *Store) {
	t.Helper()
	cals, err := s.Calendars(t.Context())
	n := 0
	for _, c := range cals {
		err = errors.Join(err, s.EachObject(t.Context(), c.ID, func(o calbell.Object) error {
			for _, uid := range o.UIDs {
				n++
				found, err := s.ObjectsByUID(t.Context(), uid)
				if err != nil || !slices.ContainsFunc(found, func(f calbell.Object) bool { return f.Href == o.Href && f.Calendar == o.Calendar }) {
					t.Errorf("%q is not found by its UID, %v", o.Href, err)
				}
			}
			return nil
		}))
	}
	if err != nil || n == 0 {
		t.Errorf("%d UIDs, %v", n, err)
	}
}

// TestUpgradeIsRepeatable: a crash before the upgrade was committed leaves schema 1 with
// its copy, or with half of one; the next start begins anew.
func TestUpgradeIsRepeatable(t *testing.T) {
	path, _ := schema1(t)
	write(t, backupName(path, 1), []byte("half"), 0o600)
	write(t, filepath.Join(filepath.Dir(path), ".copy-1"), []byte("half"), 0o600)
	upgraded(t, openAt(t, path))
	db, err := bbolt.Open(backupName(path, 1), 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestUpgradeNeedsItsCopy: where none can be kept, nothing is changed.
func TestUpgradeNeedsItsCopy(t *testing.T) {
	path, image := schema1(t)
	if err := os.MkdirAll(filepath.Join(backupName(path, 1), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, testKey(), Options{NoSync: true})
	if err == nil || calbell.HintOf(err).IsZero() {
		t.Errorf("error %v, hint %q", err, calbell.HintOf(err))
	}
	if !bytes.Equal(readFile(t, path)[2*pageSize:], image[2*pageSize:]) {
		t.Error("the database was changed")
	}
}

// TestUpgradeFrom2: a database of before bindings and pauses takes them, and its copy is
// what the older program goes back to. What it keeps it keeps in backups, too.
func TestUpgradeFrom2(t *testing.T) {
	s := busy(t)
	path := s.path
	harm(t, s, func(t *tx) error { // as schema 2 wrote it
		err := t.Put(bMeta, []byte("schema"), []byte{0, 0, 0, 2})
		for _, b := range buckets() {
			if since(b) >= 3 {
				err = errors.Join(err, t.DeleteBucket([]byte(b)))
			}
		}
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if info, err := os.Stat(backupName(path, 2)); err != nil || info.Size() == 0 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	if bs, state, err := s.Bindings(t.Context(), "home"); len(bs) != 0 || state != 0 || err != nil {
		t.Errorf("bindings %v, state %d, %v", bs, state, err)
	}
	if n := settled(t, s); n != 0 {
		t.Errorf("%d things of people", n)
	}
	everyUID(t, s)
	attachAndPause(t, s)
	settle(t, s)
	snapshot, err := s.Snapshot(t.Context(), filepath.Join(t.TempDir(), "snapshots"), 1, t0)
	if err = errors.Join(err, s.Check(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.data.db")
	if _, err := Restore(t.Context(), snapshot, again, testKey()); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, again)
	bs, state, err := s.Bindings(t.Context(), "home")
	if len(bs) != 2 || state == 0 || err != nil {
		t.Errorf("restored: %d bindings, state %d, %v", len(bs), state, err)
	}
	if ps, err := s.Pauses(t.Context(), t0); len(ps) != 2 || err != nil {
		t.Errorf("restored: %d pauses, %v", len(ps), err)
	}
	if n := settled(t, s); n != 8 {
		t.Errorf("restored: %d things of people", n)
	}
	everyUID(t, s)
}
