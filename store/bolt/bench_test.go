package bolt

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// synced opens a database that waits for the disk, as the daemon's does.
func synced(b *testing.B, path string) *Store {
	b.Helper()
	s, err := Open(path, testKey(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkHerd claims and records 10,000 reminders that are due, each durably, in batches.
func BenchmarkHerd(b *testing.B) {
	const due = 10_000
	for _, batch := range []int{64, 1024} {
		b.Run(fmt.Sprint("batch=", batch), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := synced(b, filepath.Join(b.TempDir(), "calbell.db"))
				fill(b, s, due, 1)
				b.StartTimer()
				drain(b, s, t0.Add(24*time.Hour), batch, due)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*due), "µs/reminder")
		})
	}
}

// drain claims and records until n are done.
func drain(b *testing.B, s *Store, now time.Time, batch, n int) {
	b.Helper()
	for done := 0; done < n; {
		claims, err := s.Claim(b.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: min(batch, n-done)})
		if err != nil || len(claims) == 0 {
			b.Fatalf("%d claims, %v", len(claims), err)
		}
		os := make([]calbell.Outcome, 0, len(claims))
		for i := range claims {
			os = append(os, calbell.Outcome{ID: claims[i].ID, Status: calbell.StatusSent, Try: &calbell.Try{
				At: now, Took: time.Millisecond, Verdict: calbell.Accepted, Status: 200, Answer: "ok",
			}})
		}
		if err := s.Finish(b.Context(), "w", os, nil, now); err != nil {
			b.Fatal(err)
		}
		done += len(claims)
	}
}

// BenchmarkImport puts 10,000 objects with three reminders each in one change.
func BenchmarkImport(b *testing.B) {
	c := store.Change{Calendar: calbell.Calendar{ID: "cal"}}
	for i := range 10_000 {
		c.Put = append(c.Put, planned(i, 3))
	}
	for b.Loop() {
		b.StopTimer()
		s := synced(b, filepath.Join(b.TempDir(), "calbell.db"))
		b.StartTimer()
		if err := s.Apply(b.Context(), c, t0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSteps are what the daemon does all the time, with 10,000 objects and 30,000
// reminders waiting.
func BenchmarkSteps(b *testing.B) {
	s := synced(b, filepath.Join(b.TempDir(), "calbell.db"))
	fill(b, s, 10_000, 3)
	ctx := b.Context()
	for _, bb := range []struct {
		name string
		op   func() error
	}{
		{"NextDue", func() error { _, _, err := s.NextDue(ctx, t0); return err }},
		{"ClaimNothing", func() error {
			_, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(-1), Limit: 64})
			return err
		}},
		{"ETags5000", func() error { _, err := s.ETags(ctx, "cal0"); return err }},
		{"Counts", func() error { _, err := s.Counts(ctx); return err }},
		{"Upcoming100", func() error { _, err := s.Upcoming(ctx, store.UpcomingQuery{Limit: 100}); return err }},
		{"ApplyOne", func() error {
			c := store.Change{Calendar: calbell.Calendar{ID: "cal0"}, Put: []store.Planned{planned(0, 3)}}
			return s.Apply(ctx, c, t0)
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := bb.op(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMillion opens a database with 1,000,000 reminders due some time. It makes the
// database first, which takes a minute: run it alone, with -benchtime=1x.
func BenchmarkMillion(b *testing.B) {
	if !strings.Contains(fmt.Sprint(os.Args), "Million") {
		b.Skip("only when asked for by name")
	}
	path := filepath.Join(b.TempDir(), "calbell.db")
	s := synced(b, path)
	start := time.Now()
	for i := 0; i < 100_000; i += 5000 {
		c := store.Change{Calendar: calbell.Calendar{ID: calbell.CalendarID(fmt.Sprint("cal", i%20_000))}}
		for j := range 5000 {
			c.Put = append(c.Put, planned(i+j, 10))
		}
		if err := s.Apply(b.Context(), c, t0); err != nil {
			b.Fatal(err)
		}
	}
	st, _ := s.Stats()
	b.Logf("made in %s, %d MB, %d MB free", time.Since(start), st.FileBytes>>20, st.FreeBytes>>20)
	timed(b, "Check", func() error { return s.Check(b.Context()) })
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		million(b, path)
	}
}

// million says what the first moments of a daemon cost.
func million(b *testing.B, path string) {
	debug.FreeOSMemory()
	before := anonymous(b)
	start := time.Now()
	s := synced(b, path)
	b.Logf("open %s, %d kB of anonymous memory", time.Since(start), anonymous(b)-before)
	now := t0.Add(1e6 * time.Second)
	timed(b, "NextDue", func() error { _, _, err := s.NextDue(b.Context(), t0); return err })
	timed(b, "Counts", func() error { _, err := s.Counts(b.Context()); return err })
	timed(b, "Recover", func() error { _, err := s.Recover(b.Context(), "w", now); return err })
	for _, batch := range []int{64, 1024} {
		timed(b, fmt.Sprint("claim and finish 10,000 by ", batch), func() error {
			drain(b, s, now, batch, 10_000)
			return nil
		})
	}
	debug.FreeOSMemory()
	b.Logf("%d kB of anonymous memory afterwards", anonymous(b)-before)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

func timed(b *testing.B, what string, op func() error) {
	b.Helper()
	start := time.Now()
	if err := op(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %s", what, time.Since(start))
}

// anonymous returns this process's anonymous memory in kB, where the system tells it.
func anonymous(b *testing.B) (kb int) {
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	_, _ = fmt.Sscan(rest, &kb)
	return kb
}
