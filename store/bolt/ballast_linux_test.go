package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
)

// smallDisk returns a folder on a disk of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("a small disk can be mounted on Linux by root only")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fillDisk writes a file until nothing more fits.
func fillDisk(t *testing.T, dir string) (file string) {
	t.Helper()
	file = filepath.Join(dir, "others")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4096, 1} {
		for range 1 << 16 {
			if _, err = f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: %v", err)
	}
	return file
}

// openOn opens a database as the daemon does.
func openOn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(filepath.Join(dir, "calbell.db"), testKey(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestFullDisk: all that is stored is claimed and recorded once, on a disk without a free
// byte, over a restart; what is new is refused, and taken when there is room.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "48m")
	s := openOn(t, dir)
	fill(t, s, 2000, 1)
	if s.Full() {
		t.Fatal("full at the beginning")
	}
	others := fillDisk(t, dir)
	refused(t, s)
	ctx, now := t.Context(), t0.Add(24*time.Hour)
	before, err := s.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := before[calbell.StatusPlanned] // with those that were still taken
	sent := make(map[calbell.ReminderID]int)
	for i := 0; len(sent) < n; i++ {
		work(t, s, now, 64, sent)
		if err := s.Beat(ctx, now); err != nil {
			t.Fatal(err)
		}
		if i == 5 || i == 15 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openOn(t, dir)
		}
		if i > n {
			t.Fatalf("%d of %d after %d rounds", len(sent), n, i)
		}
	}
	for id, times := range sent {
		if times != 1 {
			t.Errorf("%s was claimed %d times", id, times)
		}
	}
	if !s.Full() {
		t.Error("it does not say that the disk is full")
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := os.Remove(others); err != nil {
		t.Fatal(err)
	}
	if err := s.Beat(ctx, now); err != nil || s.Full() {
		t.Errorf("with room again: %v, full %v", err, s.Full())
	}
	if err := s.Apply(ctx, store.Change{Calendar: calbell.Calendar{ID: "new"}, Put: []store.Planned{planned(2000, 1)}}, t0); err != nil {
		t.Error(err)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// work claims and records some.
func work(t *testing.T, s *Store, now time.Time, limit int, sent map[calbell.ReminderID]int) {
	t.Helper()
	cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	var os []calbell.Outcome
	for _, c := range cs {
		sent[c.ID]++
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent, Try: &calbell.Try{
			At: now, Verdict: calbell.Accepted, Status: 200, Answer: "ok",
		}})
	}
	if err := s.Finish(t.Context(), "w", os, nil, now); err != nil {
		t.Fatal(err)
	}
}

// refused fills the database until nothing new is taken, and says how that is said.
func refused(t *testing.T, s *Store) {
	t.Helper()
	for i := range 1000 {
		p := planned(10_000+i, 1)
		p.Object.Raw = make([]byte, 16<<10)
		err := s.Apply(t.Context(), store.Change{Calendar: calbell.Calendar{ID: "more"}, Put: []store.Planned{p}}, t0)
		if err == nil {
			continue
		}
		if !s.Full() || calbell.HintOf(err).IsZero() {
			t.Errorf("refused with %v, hint %q, full %v", err, calbell.HintOf(err), s.Full())
		}
		if err := s.Extend(t.Context(), []store.Planned{p}, t0); err == nil {
			t.Error("an extension was taken")
		}
		return
	}
	t.Error("everything new was taken")
}

// TestFullFromTheStart: a database whose disk is full, and whose ballast is gone, opens.
func TestFullFromTheStart(t *testing.T) {
	dir := smallDisk(t, "16m")
	s := openOn(t, dir)
	fill(t, s, 100, 1)
	if err := s.data.Commit(t.Context(), failpoint.Ballast, file.Only(file.DropBallast)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fillDisk(t, dir)
	s = openOn(t, dir)
	if !s.Full() {
		t.Error("it does not say that the disk is full")
	}
	sent := make(map[calbell.ReminderID]int)
	work(t, s, t0.Add(time.Hour), 100, sent)
	if len(sent) != 100 {
		t.Errorf("%d of 100 sent", len(sent))
	}
	if _, err := Open(filepath.Join(dir, "new.db"), testKey(), Options{}); err == nil {
		t.Error("a new database was made where nothing fits")
	}
}

func TestNoRoom(t *testing.T) {
	for _, err := range []error{
		syscall.ENOSPC, fmt.Errorf("write: %w", syscall.EDQUOT), fmt.Errorf("file resize error: %s", syscall.EFBIG),
		&os.PathError{Op: "write", Err: syscall.ENOSPC},
	} {
		if !file.NoRoom(err) {
			t.Errorf("%v is not taken for a full disk", err)
		}
	}
	for _, err := range []error{nil, syscall.EIO, errors.New("full of errors")} {
		if file.NoRoom(err) {
			t.Errorf("%v is taken for a full disk", err)
		}
	}
}
