package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"
)

// Timetable runs jobs by the clock: syncs and upkeep, never reminders. A job that is
// still running is not started again.
type Timetable struct {
	log     *slog.Logger
	entries []entry
}

// entry is a job with the distance between its runs.
type entry struct {
	interval time.Duration
	job      func(context.Context)
}

// NewTimetable returns an empty timetable.
func NewTimetable(log *slog.Logger) *Timetable { return &Timetable{log: log} }

// Every adds a job that runs every interval, give or take a tenth, so that many daemons
// and many accounts do not ask one server at the same moment. It must be called before Run.
func (t *Timetable) Every(interval time.Duration, job func(context.Context)) {
	t.entries = append(t.entries, entry{interval, job})
}

// Run runs the jobs until ctx, which is theirs too, ends; it waits for those under way.
func (t *Timetable) Run(ctx context.Context) {
	l := cronLog{t.log}
	// Skip stands outermost: inside Recover, a job that panicked would stay "running".
	c := cron.New(cron.WithLogger(l), cron.WithChain(cron.SkipIfStillRunning(l), cron.Recover(l)))
	for _, e := range t.entries {
		c.Schedule(spread(e.interval), cron.FuncJob(func() { e.job(ctx) }))
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
}

// spread is a cron.Schedule: a fixed distance, jittered anew each time.
type spread time.Duration

// Next implements cron.Schedule.
func (s spread) Next(t time.Time) time.Time {
	return t.Add(time.Duration(float64(s) * (0.9 + 0.2*rand.Float64())))
}

// cronLog speaks cron's logging interface. Its "info" is about wake-ups: debug for us.
type cronLog struct{ log *slog.Logger }

// Info implements cron.Logger.
func (l cronLog) Info(msg string, kv ...any) { l.log.Debug("timetable: "+msg, kv...) }

// Error implements cron.Logger.
func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error(fmt.Sprintf("timetable: %s: %v", msg, err), kv...)
}
