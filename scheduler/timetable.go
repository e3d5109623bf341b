package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"
)

// Timetable runs jobs at intervals: syncs and upkeep, never reminders. It does not start a job
// that is still running.
type Timetable struct {
	cron *cron.Cron
	ctx  context.Context // of the jobs; set before any runs
}

// NewTimetable returns an empty timetable, whose jobs run until ctx ends.
func NewTimetable(ctx context.Context, log *slog.Logger) *Timetable {
	l := cronLog{log}
	// Skip must be outermost: inside Recover, a job that panicked would stay "running".
	return &Timetable{cron.New(cron.WithLogger(l), cron.WithChain(cron.SkipIfStillRunning(l), cron.Recover(l))), ctx}
}

// Every adds a job that runs every interval, varied by up to a tenth, so that many daemons and
// accounts do not query one server at the same moment. It may be called while the timetable
// runs. remove removes the job and does not wait for it.
func (t *Timetable) Every(interval time.Duration, job func(context.Context)) (remove func()) {
	id := t.cron.Schedule(spread(interval), cron.FuncJob(func() { job(t.ctx) }))
	return func() { t.cron.Remove(id) }
}

// Run runs the jobs until their context ends, and waits for running ones.
func (t *Timetable) Run() {
	t.cron.Start()
	<-t.ctx.Done()
	<-t.cron.Stop().Done()
}

// spread is a cron.Schedule: a fixed interval with new jitter each time.
type spread time.Duration

// Next implements cron.Schedule.
func (s spread) Next(t time.Time) time.Time {
	return t.Add(time.Duration(float64(s) * (0.9 + 0.2*rand.Float64())))
}

// cronLog implements cron's logging interface. Its "info" is about wake-ups: debug for us.
type cronLog struct{ log *slog.Logger }

// Info implements cron.Logger.
func (l cronLog) Info(msg string, kv ...any) { l.log.Debug("timetable: "+msg, kv...) }

// Error implements cron.Logger.
func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error(fmt.Sprintf("timetable: %s: %v", msg, err), kv...)
}
