package bolt

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// BenchmarkExpire ends 100,000 reminders that are worth nothing any more, durably, in steps
// of 2,000, and tells them in one notice.
func BenchmarkExpire(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		b.StopTimer()
		s := synced(b, filepath.Join(b.TempDir(), "calbell.db"))
		fill(b, s, n/10, 10)
		r := store.ExpireRequest{Now: t0.AddDate(1, 0, 0), Before: t0.AddDate(1, 0, 0), Limit: 2000}
		r.Missed = func(calbell.Delivery) (bool, calbell.Text, bool) { return true, calbell.Plain("too late"), true }
		b.StartTimer()
		var longest time.Duration
		for {
			start := time.Now()
			res, err := s.Expire(b.Context(), r)
			if err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(start))
			if r.From = res.Next; res.Next.IsZero() {
				break
			}
		}
		b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-step")
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCommit records one outcome per commit, durably, in a file with few and with many
// free pages: the list of them is written with each commit.
func BenchmarkCommit(b *testing.B) {
	for _, free := range []int{0, 10_000, 100_000} {
		b.Run(fmt.Sprint("freed=", free), func(b *testing.B) {
			s := synced(b, filepath.Join(b.TempDir(), "calbell.db"))
			fill(b, s, max(1, free/10), 10)
			for _, id := range []calbell.CalendarID{"cal0", "cal1"} {
				if err := s.RemoveCalendar(b.Context(), id, t0); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := s.Prune(b.Context(), t0.AddDate(1, 0, 0), 1<<30); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := s.Beat(b.Context(), t0); err != nil {
					b.Fatal(err)
				}
			}
			st, err := s.Stats()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(st.FreeBytes>>12), "free-pages")
		})
	}
}
