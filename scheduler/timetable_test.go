package scheduler

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// inTimetable runs a timetable in a bubble until test returns.
func inTimetable(t *testing.T, test func(*Timetable)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		table := NewTimetable(ctx, slog.New(slog.NewTextHandler(io.Discard, nil)))
		ended := make(chan struct{})
		go func() { defer close(ended); table.Run() }()
		synctest.Wait()
		test(table)
		stop()
		<-ended
	})
}

// A job runs at its interval, give or take a tenth and not twice at the same distance, and no more once it
// is removed.
func TestTimetableRunsJobsAtTheirInterval(t *testing.T) {
	inTimetable(t, func(table *Timetable) {
		var runs []time.Time
		remove := table.Every(10*time.Minute, func(context.Context) { runs = append(runs, time.Now()) })
		begun := time.Now()
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		if len(runs) < 54 || len(runs) > 67 {
			t.Errorf("%d runs in ten hours", len(runs))
		}
		distances := map[time.Duration]bool{}
		for i, at := range runs {
			before := begun
			if i > 0 {
				before = runs[i-1]
			}
			d := at.Sub(before)
			if d < 9*time.Minute-time.Second || d > 11*time.Minute+time.Second {
				t.Errorf("run %d came after %v", i, d)
			}
			distances[d.Round(time.Second)] = true
		}
		if len(distances) < 10 {
			t.Errorf("the runs have only %d distances", len(distances))
		}
		remove()
		n := len(runs)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(runs) != n {
			t.Errorf("%d runs after the job was removed", len(runs)-n)
		}
	})
}

// A job that still runs is not started a second time, and holds no other job up.
func TestTimetableSkipsWhatStillRuns(t *testing.T) {
	inTimetable(t, func(table *Timetable) {
		slow, quick := 0, 0
		table.Every(time.Minute, func(context.Context) { slow++; time.Sleep(time.Hour) })
		table.Every(time.Minute, func(context.Context) { quick++ })
		time.Sleep(50 * time.Minute)
		synctest.Wait()
		if slow != 1 || quick < 45 {
			t.Errorf("the slow job was started %d times, the quick one %d times", slow, quick)
		}
	})
}

// A job that panics is run again at its next time.
func TestTimetableRecovers(t *testing.T) {
	inTimetable(t, func(table *Timetable) {
		runs := 0
		table.Every(time.Minute, func(context.Context) { runs++; panic("of the test") })
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if runs < 25 {
			t.Errorf("%d runs of a job that panics", runs)
		}
	})
}

// Run ends when the jobs under way have ended; their context tells them to.
func TestTimetableWaitsForJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		table := NewTimetable(ctx, slog.New(slog.NewTextHandler(io.Discard, nil)))
		told, done := time.Time{}, time.Time{}
		table.Every(time.Minute, func(ctx context.Context) {
			<-ctx.Done()
			told = time.Now()
			time.Sleep(time.Minute)
			done = time.Now()
		})
		time.AfterFunc(5*time.Minute, stop)
		table.Run()
		if told.IsZero() || done.Sub(told) != time.Minute || time.Now().Before(done) {
			t.Errorf("told at %v, done at %v, ended at %v", told, done, time.Now())
		}
	})
}
