package bolt

import (
	"bytes"
	"os"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// TestUnreadablePage: a page went bad after an orderly end, so that no walk at the start
// finds it. What lies on it is left out, and nothing else: not what is claimed in one step
// with it. When the page can be read again, so can what was put aside.
func TestUnreadablePage(t *testing.T) {
	const all = 200
	for _, tt := range []struct {
		b        bucket
		mostLost int
	}{{bRaws, 0}, {bObjects, 0}, {bDeliveries, 40}} {
		t.Run(string(tt.b), func(t *testing.T) {
			s := newStore(t)
			fill(t, s, all, 1)
			sound := spoil(t, s, tt.b)
			s = openAt(t, s.path)
			now := t0.Add(time.Hour)
			lost := all - len(sendAll(t, s, now))
			if lost > tt.mostLost || tt.mostLost > 0 && lost == 0 {
				t.Errorf("%d of %d were not sent, want at most %d", lost, all, tt.mostLost)
			}
			if counts, err := s.Counts(t.Context()); err != nil || counts[calbell.StatusInFlight] > 0 {
				t.Errorf("%d are in flight for ever, %v", counts[calbell.StatusInFlight], err)
			}
			if err := s.Check(t.Context()); err == nil {
				t.Error("the check finds nothing")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			mend(t, s.path, sound)
			s = openAt(t, s.path)
			if n, err := s.Recover(t.Context(), "w", now); n != lost || err != nil {
				t.Errorf("recovered %d of %d, %v", n, lost, err)
			}
			for _, c := range sendAll(t, s, now) {
				if lost--; !c.PossibleRepeat {
					t.Errorf("%s is not marked", c.ID)
				}
			}
			if err := s.Check(t.Context()); err != nil || lost != 0 {
				t.Errorf("%d are missing, %v", lost, err)
			}
		})
	}
}

// spoil closes a store and makes the page of a bucket's first row unreadable, older copies of
// it too. It returns where they are, and what they held.
func spoil(t *testing.T, s *Store, b bucket) (sound map[int64][]byte) {
	t.Helper()
	var value []byte
	if err := s.view(t.Context(), func(t *tx) error { _, value = first(t, b); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	sound = make(map[int64][]byte)
	size := os.Getpagesize()
	for at := 0; at < len(image); at += size {
		// A value may begin on one page and end on the next: its begin is enough.
		if page := image[at : at+size]; bytes.Contains(page, value[:24]) {
			sound[int64(at)] = page
			putPage(t, s.path, int64(at), bytes.Repeat([]byte{0xff}, size))
		}
	}
	return sound
}

// mend makes the spoilt pages readable again, but for those that have been written since:
// older copies lie on free pages.
func mend(t *testing.T, path string, sound map[int64][]byte) {
	t.Helper()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at, page := range sound {
		if bytes.Equal(image[at:at+int64(len(page))], bytes.Repeat([]byte{0xff}, len(page))) {
			putPage(t, path, at, page)
		}
	}
}

func putPage(t *testing.T, path string, at int64, page []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(page, at); err != nil {
		t.Fatal(err)
	}
}

// sendAll does as the dispatcher does until nothing is claimed any more.
func sendAll(t *testing.T, s *Store, now time.Time) (sent []calbell.Claim) {
	t.Helper()
	for range 100 {
		cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 64, Fresh: time.Minute})
		if err != nil {
			t.Error(err)
		}
		if len(cs) == 0 {
			return sent
		}
		var os []calbell.Outcome
		for _, c := range cs {
			os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent, Try: &calbell.Try{At: now}})
		}
		if err := s.Finish(t.Context(), "w", os, nil, now); err != nil {
			t.Error(err)
		}
		sent = append(sent, cs...)
	}
	t.Error("there is no end to it")
	return sent
}

// TestPutAsideIsHealed: what a sync plans anew is not put aside any more. Else the check
// would find it for ever, and no snapshot would be made again.
func TestPutAsideIsHealed(t *testing.T) {
	s := newStore(t)
	fill(t, s, 4, 1)
	harm(t, s, func(t *tx) error {
		k, v := first(t, bDeliveries)
		return t.Put(bDeliveries, k, v[1:])
	})
	now := t0.Add(time.Minute)
	if n := len(sendAll(t, s, now)); n != 3 {
		t.Errorf("%d of 3 sound ones were sent", n)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("the check does not find what was put aside")
	}
	fill(t, s, 4, 1) // as a full sync does
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if cs := sendAll(t, s, now); len(cs) != 1 || !cs[0].PossibleRepeat {
		t.Errorf("sent %+v, want the one, marked", cs)
	}
	if n, err := s.Recover(t.Context(), "w", now); n != 0 || err != nil {
		t.Errorf("recovered %d, %v", n, err)
	}
}
