package bolt

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

// copied is a database with four reminders of which the first two have been sent since a copy of
// it was made: one in the copy, one planned later. The third is due, and the fourth is not.
type copied struct {
	*testing.T
	path, copy string
	objects    []store.Planned
	now        time.Time
}

func newCopied(t *testing.T) *copied {
	dir := t.TempDir()
	c := &copied{T: t, path: filepath.Join(dir, "calbell.db"), copy: filepath.Join(dir, "copy.db"), now: t0.Add(time.Hour)}
	for i, due := range []time.Duration{10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 90 * time.Minute} {
		p := planned(i, 1)
		p.Reminders[0].Due = t0.Add(due)
		c.objects = append(c.objects, p)
	}
	s := openAt(t, c.path)
	c.apply(s, c.objects[0], c.objects[2], c.objects[3])
	c.save(c.copy)
	c.apply(s, c.objects[1])
	var sent []calbell.Outcome
	for _, claim := range c.claim(s, t0.Add(25*time.Minute)) {
		sent = append(sent, calbell.Outcome{ID: claim.ID, Status: calbell.StatusSent, Try: &calbell.Try{At: t0.Add(25 * time.Minute), Verdict: calbell.Accepted}})
	}
	c.ok(s.Finish(t.Context(), "w", sent, nil, t0.Add(25*time.Minute)))
	c.ok(s.Close())
	if len(sent) != 2 {
		t.Fatalf("%d were sent", len(sent))
	}
	return c
}

func (c *copied) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *copied) save(to string) { write(c.T, to, readFile(c, c.path), 0o600) }

func (c *copied) apply(s *Store, ps ...store.Planned) {
	c.Helper()
	c.ok(s.Apply(c.Context(), store.Change{Calendar: calbell.Calendar{ID: "cal"}, Put: ps}, t0))
}

func (c *copied) claim(s *Store, now time.Time) []calbell.Claim {
	c.Helper()
	cs, err := s.Claim(c.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 10})
	c.ok(err)
	return cs
}

// expect starts on the files as they are, syncs, and compares what is then due within two hours:
// 0 it is not, 1 it is, 2 it is marked as a possible repeat.
func (c *copied) expect(behind bool, want ...int) {
	c.Helper()
	s, err := Open(c.path, testKey(), Options{NoSync: true, Now: func() time.Time { return c.now }})
	c.ok(err)
	defer s.Close()
	if (s.Behind() != nil) != behind {
		c.Errorf("behind: %+v", s.Behind())
	}
	c.apply(s, c.objects...)
	c.ok(s.Check(c.Context()))
	got := make([]int, len(c.objects))
	for _, claim := range c.claim(s, t0.Add(2*time.Hour)) {
		for i := range c.objects {
			if claim.ID != c.objects[i].Reminders[0].ID {
				continue
			}
			if got[i] = 1; claim.PossibleRepeat {
				got[i] = 2
			}
		}
	}
	for i := range want {
		if got[i] != want[i] {
			c.Errorf("reminder %d: %d, want %d", i, got[i], want[i])
		}
	}
}

// What was sent according to the journal is not sent again, however the database came to be
// older; what cannot be known is marked, and nothing else is.
func TestOlderThanItsJournal(t *testing.T) {
	put := func(c *copied) { write(c.T, c.path, readFile(c, c.copy), 0o600) }
	foreign := func(c *copied) []byte {
		other := newCopied(c.T)
		return readFile(c, sent.Name(other.path))
	}
	for _, tt := range []struct {
		name   string
		files  func(c *copied)
		behind bool
		want   []int
	}{
		{"nothing happened", func(*copied) {}, false, []int{0, 0, 1, 1}},
		{"a copy in its place", put, true, []int{0, 0, 1, 1}},
		{"a copy in its place, without the journal", func(c *copied) {
			put(c)
			c.ok(os.Remove(sent.Name(c.path)))
		}, true, []int{2, 2, 2, 1}},
		{"the journal is gone", func(c *copied) { c.ok(os.Remove(sent.Name(c.path))) }, true, []int{0, 0, 2, 1}},
		{"an empty journal", func(c *copied) {
			put(c)
			write(c.T, sent.Name(c.path), nil, 0o600)
		}, true, []int{2, 2, 2, 1}},
		{"the journal of another database", func(c *copied) {
			put(c)
			write(c.T, sent.Name(c.path), foreign(c), 0o600)
		}, true, []int{2, 2, 2, 1}},
		{"an older journal", func(c *copied) {
			image := readFile(c, sent.Name(c.path))
			write(c.T, sent.Name(c.path), image[:len(image)-sent.RecordLen], 0o600)
		}, false, []int{0, 0, 1, 1}},
		{"a journal that has forgotten", func(c *copied) {
			put(c)
			j, err := sent.Open(c.path)
			c.ok(err)
			c.ok(j.Forget(t0.Add(24 * time.Hour)))
			c.ok(j.Close())
		}, true, []int{2, 2, 2, 1}},
		{"database and journal are gone", func(c *copied) {
			c.ok(os.Remove(c.path))
			c.ok(os.Remove(sent.Name(c.path)))
		}, false, []int{1, 1, 1, 1}},
		{"the database is gone", func(c *copied) { c.ok(os.Remove(c.path)) }, false, []int{1, 1, 1, 1}},
		{"a copy with its journal of then", func(c *copied) { // nothing tells that it is not the present
			put(c)
			image := readFile(c, sent.Name(c.path))
			write(c.T, sent.Name(c.path), image[:sent.RecordLen], 0o600)
		}, false, []int{1, 1, 1, 1}},
		{"restored by command, without the journal", func(c *copied) {
			c.ok(os.Remove(sent.Name(c.path)))
			r, err := Restore(c.Context(), c.copy, c.path, testKey())
			if c.ok(err); !r.Unknown {
				c.Errorf("%+v", r)
			}
		}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCopied(t)
			tt.files(c)
			c.expect(tt.behind, tt.want...)
			c.expect(false) // and that is so once
		})
	}
}

// A database of before, which has no name, is not said to have lost a journal.
func TestDatabaseWithoutAName(t *testing.T) {
	c := newCopied(t)
	s := openAt(t, c.path)
	c.ok(s.update(t.Context(), failpoint.Epoch, func(x *tx) error { return x.Delete(bMeta, []byte(lineageKey)) }))
	c.ok(s.Close())
	c.ok(os.Remove(sent.Name(c.path)))
	c.expect(false, 0, 0, 1, 1)
	c.ok(os.Remove(sent.Name(c.path))) // it has one now
	c.expect(true)
}

// A full journal keeps its marks, and says what it forgot.
func TestFullJournalKeepsItsMarks(t *testing.T) {
	c := newCopied(t)
	j, err := sent.Open(c.path)
	c.ok(err)
	defer j.Close()
	j.Size = sent.MaxSize / sent.RecordLen * sent.RecordLen // as if it had grown to the bound
	c.ok(j.Add([]sent.Entry{{When: sent.Moment{TxID: 1000}, ID: record.ID{1}, Status: calbell.StatusSent, At: t0}}))
	marks, forgotten := 0, 0
	c.ok(sent.Read(sent.Name(c.path), func(e sent.Entry, _ []byte) {
		if e.IsMark() {
			marks++
		}
		if e.IsForgotten() {
			forgotten++
		}
	}))
	if marks == 0 || forgotten != 1 {
		t.Errorf("%d marks, %d records of what was forgotten", marks, forgotten)
	}
}
