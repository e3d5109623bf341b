package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"calbell"
	"calbell/internal/durable"
	"calbell/store"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

// life is a database under way: objects appear, reminders fall due and are sent.
type life struct {
	t       *testing.T
	r       *rand.Rand
	s       *Store
	path    string
	folder  string
	now     time.Time
	objects []store.Planned
	posts   map[calbell.ReminderID]int
}

// step adds an object, or sends some of what is due.
func (l *life) step() {
	l.now = l.now.Add(time.Duration(l.r.IntN(60)) * time.Second)
	if l.r.IntN(3) == 0 {
		p := planned(len(l.objects), 2)
		for i := range p.Reminders {
			r := &p.Reminders[i].Reminder
			r.Due = l.now.Add(time.Duration(l.r.IntN(600)) * time.Second).Truncate(time.Second)
			r.ID = calbell.NewReminderID(r.Webhook, r.UID, calbell.RecurrenceID(fmt.Sprint(i)), r.Due)
		}
		l.objects = append(l.objects, p)
		l.plan(p)
		return
	}
	l.send(1 + l.r.IntN(4))
}

func (l *life) plan(ps ...store.Planned) {
	if err := l.s.Apply(l.t.Context(), store.Change{Calendar: calbell.Calendar{ID: "cal"}, Put: ps}, l.now); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) send(limit int) int {
	cs, err := l.s.Claim(l.t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: l.now, Limit: limit})
	if err != nil {
		l.t.Fatal(err)
	}
	var os []calbell.Outcome
	for _, c := range cs {
		l.posts[c.ID]++
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent, Try: &calbell.Try{At: l.now, Verdict: calbell.Accepted}})
	}
	if err := l.s.Finish(l.t.Context(), "w", os, nil, l.now); err != nil {
		l.t.Fatal(err)
	}
	return len(cs)
}

func (l *life) snapshot(keep int) string {
	file, err := l.s.Snapshot(l.t.Context(), l.folder, keep, l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	return file
}

// disaster destroys the database in one of several ways, restores a snapshot and syncs.
func (l *life) disaster(snapshot string) {
	if err := l.s.Close(); err != nil {
		l.t.Fatal(err)
	}
	switch l.r.IntN(3) {
	case 0:
		write(l.t, l.path, bytes.Repeat([]byte("x"), 5000), 0o600)
	case 1:
		if err := os.Remove(l.path); err != nil {
			l.t.Fatal(err)
		}
	}
	if l.r.IntN(3) == 0 { // and the daemon was started anew before anybody saw it
		if err := os.Remove(l.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			l.t.Fatal(err)
		}
		l.s = openAt(l.t, l.path)
		if !l.s.New() {
			l.t.Error("it does not say that it is new")
		}
		p := planned(len(l.objects), 1)
		p.Reminders[0].Due = l.now.Truncate(time.Second)
		l.objects = append(l.objects, p)
		l.plan(p)
		l.send(10)
		if err := l.s.Close(); err != nil {
			l.t.Fatal(err)
		}
	}
	if l.r.IntN(2) == 0 {
		write(l.t, l.path, readFile(l.t, snapshot), 0o600) // copied into place by hand
	} else if _, err := Restore(l.t.Context(), snapshot, l.path, testKey()); err != nil {
		l.t.Fatal(err)
	}
	l.s = openAt(l.t, l.path)
	if _, err := l.s.Recover(l.t.Context(), "w", l.now); err != nil {
		l.t.Fatal(err)
	}
	l.plan(l.objects...) // as a full listing does: what is past is asked for, too
	if err := l.s.Check(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
}

// TestRestoredPostsOnce: whatever is destroyed when, what was sent is not sent again, and
// what was not is.
func TestRestoredPostsOnce(t *testing.T) {
	for range 12 {
		seed := number("RESTORE_SEED", rand.Uint64())
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "calbell.db")
			l := &life{
				t: t, r: rand.New(rand.NewPCG(seed, 3)), s: openAt(t, path), path: path,
				folder: filepath.Join(dir, "snapshots"), now: t0, posts: make(map[calbell.ReminderID]int),
			}
			var kept []string
			for i := range 120 {
				l.step()
				if i%20 == 5 {
					l.now = l.now.Add(time.Second) // names are seconds
					kept = append(kept, l.snapshot(3))
					kept = kept[max(0, len(kept)-3):]
				}
				if i > 20 && l.r.IntN(20) == 0 {
					l.disaster(kept[l.r.IntN(len(kept))])
				}
			}
			l.now = l.now.Add(time.Hour)
			for l.send(100) > 0 {
			}
			all := 0
			for _, p := range l.objects {
				for _, r := range p.Reminders {
					if all++; l.posts[r.ID] != 1 {
						t.Errorf("%s was posted %d times", r.ID, l.posts[r.ID])
					}
				}
			}
			if all < 20 || len(l.posts) != all {
				t.Errorf("%d reminders, %d posted", all, len(l.posts))
			}
		})
	}
}

// TestRestoreRefuses: what cannot be restored touches nothing.
func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "calbell.db")
	s := openAt(t, path)
	fill(t, s, 20, 1)
	good, err := s.Snapshot(t.Context(), filepath.Join(dir, "snapshots"), 1, t0)
	if err != nil {
		t.Fatal(err)
	}
	restore := func(from string, key record.Key) error {
		_, err := Restore(t.Context(), from, path, key)
		return err
	}
	if err := restore(good, testKey()); calbell.KindOf(err) != calbell.KindAlreadyRuns || calbell.HintOf(err).IsZero() {
		t.Errorf("while it is open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := readFile(t, path)
	image := readFile(t, good)
	cut, turned, empty := filepath.Join(dir, "cut"), filepath.Join(dir, "turned"), filepath.Join(dir, "empty")
	write(t, cut, image[:len(image)/2], 0o600)
	bad := bytes.Clone(image)
	for i := 2 * pageSize; i < len(bad); i += pageSize / 2 {
		bad[i+100] ^= 1
	}
	write(t, turned, bad, 0o600)
	write(t, empty, nil, 0o600)
	for name, err := range map[string]error{
		"wrong key": restore(good, record.Key{7}), "cut": restore(cut, testKey()), "turned bits": restore(turned, testKey()),
		"empty": restore(empty, testKey()), "no file": restore(filepath.Join(dir, "none"), testKey()),
	} {
		if err == nil {
			t.Errorf("%s: restored", name)
		}
	}
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("the database was touched")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".restore-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	report, err := Restore(t.Context(), good, path, testKey())
	if err != nil || !bytes.Equal(readFile(t, report.Before), before) || !bytes.Equal(readFile(t, good), image) {
		t.Errorf("%+v, %v: the old one is not kept, or the snapshot was changed", report, err)
	}
}

func TestSnapshotsAreBounded(t *testing.T) {
	s := newStore(t)
	folder := filepath.Join(t.TempDir(), "a", "b")
	for i := range 6 {
		file, err := s.Snapshot(t.Context(), folder, 3, t0.Add(time.Duration(i)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		write(t, filepath.Join(folder, durable.TempPrefix+"1"), nil, 0o600) // a crash left it
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 3+1 || files[1].Name() != "calbell-20261123T120000Z.db" {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := s.Snapshot(t.Context(), folder, 0, t0); calbell.KindOf(err) != calbell.KindUsage {
		t.Errorf("keep none: %v", err)
	}
}

// TestJournal: torn and damaged records cost themselves alone, and the file is bounded.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.data.db")
	j, err := sent.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var want []sent.Entry
	for i := range 10 {
		want = append(want, sent.Entry{
			When: sent.Moment{Epoch: 1, TxID: uint64(i)}, ID: record.ID{byte(i)},
			Status: calbell.StatusSent, At: t0.Add(time.Duration(i) * time.Hour),
		})
	}
	if err := errors.Join(j.Add(want), j.Close()); err != nil {
		t.Fatal(err)
	}
	image := readFile(t, sent.Name(path))
	image[3*sent.RecordLen+20] ^= 1
	write(t, sent.Name(path), append(image, 1, 2, 3), 0o600)
	if j, err = sent.Open(path); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	read := func() (es []sent.Entry) {
		if err := sent.Read(sent.Name(path), func(e sent.Entry, _ []byte) { es = append(es, e) }); err != nil {
			t.Fatal(err)
		}
		return es
	}
	if err := j.Add(want[:1]); err != nil {
		t.Fatal(err)
	}
	if es := read(); len(es) != 10 || es[9] != want[0] || es[3] != want[4] {
		t.Errorf("%d records: %+v", len(es), es)
	}
	if err := j.Forget(t0.Add(5 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if es := read(); len(es) != 1+5 || es[1] != want[5] || !es[0].IsForgotten() || es[0].When != want[4].When {
		t.Errorf("%d records: %+v", len(es), es)
	}
	if err := j.Forget(t0.Add(5 * time.Hour)); err != nil || len(read()) != 6 {
		t.Errorf("%d records after nothing was forgotten, %v", len(read()), err)
	}
	if err := j.Add(want[:2]); err != nil || len(read()) != 8 {
		t.Errorf("%d records, %v", len(read()), err)
	}
	j.Size = sent.MaxSize / sent.RecordLen * sent.RecordLen // as if it had grown to the bound
	if err := j.Add(want); err != nil || len(read()) > 20 {
		t.Errorf("%d records, %v", len(read()), err)
	}
}

// number returns a whole number of the environment: RESTORE_SEED repeats a failed run.
func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}
