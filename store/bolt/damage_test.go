package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/bolt/file"
)

// damagedImage returns the bytes of a database with something in every bucket.
func damagedImage(t testing.TB) []byte {
	s := busy(t)
	if err := s.Webhooks().Put(t.Context(), calbell.Webhook{ID: "a", Name: "a", URL: "https://example.org/"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, s.path)
}

// useAll opens an image and does a bit of everything. What it returns is of no interest:
// that it returns is.
func useAll(t testing.TB, image []byte) (err error) {
	path := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file.Unclean(path), nil, 0o600); err != nil { // as a crash leaves it
		t.Fatal(err)
	}
	s, err := Open(path, testKey(), Options{NoSync: true, LockWait: time.Second})
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, now := t.Context(), t0.Add(time.Minute)
	err = s.Check(ctx)
	_, _ = s.Calendars(ctx)
	_, _ = s.ETags(ctx, "cal0")
	_ = s.EachObject(ctx, "cal1", func(calbell.Object) error { return nil })
	_, _ = s.DuePlans(ctx, t0.AddDate(1, 0, 0), 100)
	_, _, _ = s.NextDue(ctx, t0)
	_, _ = s.Recover(ctx, "w", now)
	claims, _ := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 5})
	var os []calbell.Outcome
	for _, c := range claims {
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent})
	}
	_ = s.Finish(ctx, "w", os, nil, now)
	_ = s.Apply(ctx, store.Change{Calendar: calbell.Calendar{ID: "cal0"}, Put: []store.Planned{planned(0, 3)}}, now)
	_, state, _ := s.Bindings(ctx, "home")
	_ = s.Attach(ctx, store.Attachment{Account: "home", Put: []calbell.Binding{{ID: "1", Account: "home", UID: "a"}}, Bound: state}, now)
	_, _ = s.Pauses(ctx, now)
	_ = s.SetPause(ctx, calbell.Pause{Until: now.Add(time.Hour)}, now)
	_, _ = s.Upcoming(ctx, store.UpcomingQuery{Limit: 100})
	_, _ = s.History(ctx, store.HistoryQuery{})
	_, _ = s.Prune(ctx, now, 5)
	_, _ = s.Webhooks().All(ctx)
	_, _ = s.ObjectsByUID(ctx, "00000001@example.org")
	_, _ = s.Users().All(ctx)
	_ = s.Users().Put(ctx, calbell.User{Name: "Anna", Epoch: 2})
	_, _, _ = s.Session(ctx, "s", now)
	_ = s.PutSession(ctx, store.Session{ID: "t", ExpiresAt: now.Add(time.Hour)}, now)
	_, _ = s.Accounts().All(ctx)
	_ = s.Rules().Change(ctx, nil, []calbell.RuleID{"1"})
	_, _ = store.SettingsByCalendar(ctx, s)
	return err
}

// TestTruncated: a file that lost its end is an error at open, wherever it was cut.
func TestTruncated(t *testing.T) {
	image := damagedImage(t)
	used := file.NeededSize(bytes.NewReader(image))
	if used <= 4*pageSize || used > int64(len(image)) {
		t.Fatalf("the file needs %d bytes of %d", used, len(image))
	}
	for cut := int64(1); cut < used; cut += 1500 {
		if err := useAll(t, image[:cut]); err == nil {
			t.Errorf("cut to %d of %d bytes: nobody noticed", cut, used)
		}
	}
	if err := useAll(t, image[:used]); err != nil {
		t.Errorf("cut to what it needs: %v", err)
	}
}

// TestTruncatedWhileOpen: the end goes after it was opened. That is a memory fault in the
// reading goroutine; it must end as an error, and the next call must not wait for ever.
func TestTruncatedWhileOpen(t *testing.T) {
	s := newStore(t)
	fill(t, s, 200, 2)
	if err := os.Truncate(s.path, 2*pageSize); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Calendars(t.Context()); err == nil {
			t.Error("a read succeeded")
		} else if calbell.HintOf(err).IsZero() {
			t.Errorf("no hint: %v", err)
		}
		if err := s.SaveCalendar(t.Context(), calbell.Calendar{ID: "x"}); err == nil {
			t.Error("a write succeeded")
		}
	}
}

// TestStuck: a fault that bbolt meets while it holds a lock leaves that held. Nobody waits for it.
func TestStuck(t *testing.T) {
	s := newStore(t)
	fill(t, s, 3, 1)
	err := func() (err error) {
		defer file.Faults(s.path, &err)()
		s.data.Locked(func() {
			if _, err := s.data.DB.Begin(true); err != nil { // which nobody ends
				t.Fatal(err)
			}
			panic("page 7 already freed")
		})
		return nil
	}()
	if err == nil {
		t.Error("a panic is no error")
	}
	if err := s.SaveCalendar(t.Context(), calbell.Calendar{ID: "x"}); calbell.HintOf(err).IsZero() {
		t.Errorf("a write: %v", err)
	}
	if _, err := s.Calendars(t.Context()); calbell.HintOf(err).IsZero() {
		t.Errorf("a read: %v", err)
	}
	if err := s.Close(); err == nil {
		t.Error("it was closed in order")
	}
}

// TestDamaged turns bytes at random places.
func TestDamaged(t *testing.T) {
	image := damagedImage(t)
	used := int(file.NeededSize(bytes.NewReader(image)))
	rnd := rand.New(rand.NewPCG(1, 2))
	noticed, n := 0, 150
	for range n {
		bad := bytes.Clone(image)
		for range 1 + rnd.IntN(3) {
			bad[rnd.IntN(used)] ^= byte(1 + rnd.IntN(255))
		}
		if useAll(t, bad) != nil {
			noticed++
		}
	}
	t.Logf("noticed %d of %d; the others hit free or unused bytes", noticed, n)
	if noticed < n/10 {
		t.Error("hardly any damage was noticed")
	}
}

// FuzzOpen damages a database at chosen places.
func FuzzOpen(f *testing.F) {
	image := damagedImage(f)
	for i := range 20 {
		f.Add(uint32(i*997), byte(1<<(i%8)), uint32(i*5000))
	}
	f.Fuzz(func(t *testing.T, at uint32, turn byte, cut uint32) {
		bad := bytes.Clone(image)
		bad[int(at)%len(bad)] ^= turn
		if n := int(cut) % (2 * len(bad)); n < len(bad) {
			bad = bad[:n]
		}
		err := useAll(t, bad)
		_ = fmt.Sprint(err)
	})
}

// TestPageCycle: a branch that names an ancestor, or itself, would fill the stack.
func TestPageCycle(t *testing.T) {
	s := newStore(t)
	fill(t, s, 2000, 2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image := readFile(t, s.path)
	if err := useAll(t, image); err != nil {
		t.Fatalf("as it was: %v", err)
	}
	turned := 0
	for at := 2 * pageSize; at+pageSize <= len(image); at += pageSize {
		if page := image[at:]; binary.NativeEndian.Uint16(page[8:]) != file.BranchPage ||
			binary.NativeEndian.Uint64(page) != uint64(at/pageSize) {
			continue
		}
		bad := bytes.Clone(image)
		copy(bad[at+file.PageHeader+8:], bad[at:at+8]) // its first child is itself
		if err := useAll(t, bad); err != nil {
			turned++ // a page that is free by now is nobody's branch
		}
	}
	if turned == 0 {
		t.Error("no branch was met")
	}
}

// TestInlineBucket: a small bucket lies inside the leaf that names it. A length that was
// turned there made a start write a file of gigabytes.
func TestInlineBucket(t *testing.T) {
	image := damagedImage(t)
	turned := 0
	for _, leaf := range rootLeaves(t, image) {
		for _, page := range inlinePages(image, leaf) {
			bad := bytes.Clone(image)
			bad[page+file.PageHeader+12+3] ^= 0x40 // the size of its first value, a gigabyte more
			path := filepath.Join(t.TempDir(), "damaged.db")
			write(t, path, bad, 0o600)
			write(t, file.Unclean(path), nil, 0o600)
			if s, err := Open(path, testKey(), Options{NoSync: true}); err == nil {
				t.Errorf("the bucket at byte %d: it opens", page)
				s.Close()
			}
			turned++
		}
	}
	if turned < 3 {
		t.Errorf("%d buckets lie inline", turned)
	}
}

// rootLeaves returns where the leaves are that name the buckets: the root, or its children.
func rootLeaves(t *testing.T, image []byte) (at []int) {
	t.Helper()
	m, size, ok := file.NewestMeta(bytes.NewReader(image))
	if !ok {
		t.Fatal("no meta page")
	}
	ne, root := binary.NativeEndian, int(m.Root)*int(size)
	if ne.Uint16(image[root+8:]) == file.LeafPage {
		return []int{root}
	}
	for i := range int(ne.Uint16(image[root+10:])) {
		at = append(at, int(ne.Uint64(image[root+file.PageHeader+i*file.ElementLen+8:]))*int(size))
	}
	return at
}

// inlinePages returns where the buckets begin that lie inside a leaf and are not empty.
func inlinePages(image []byte, leaf int) (at []int) {
	ne := binary.NativeEndian
	for i := range int(ne.Uint16(image[leaf+10:])) {
		e := leaf + file.PageHeader + i*file.ElementLen
		value := e + int(ne.Uint32(image[e+4:])+ne.Uint32(image[e+8:]))
		page := value + file.BucketHeader
		if ne.Uint32(image[e:]) == file.BucketValue && ne.Uint64(image[value:]) == 0 && ne.Uint16(image[page+10:]) > 0 {
			at = append(at, page)
		}
	}
	return at
}
