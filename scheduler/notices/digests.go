package notices

import (
	"context"
	"log/slog"
	"time"

	"calbell"
	"calbell/ical/zone"
	"calbell/scheduler"
	"calbell/scheduler/plan"
)

const (
	// digestMargin is how long before the end of the latest run a digest may have fallen due
	// and is still caught up: that run may have ended before it queued the digest.
	digestMargin = 5 * time.Minute
	// digestBack limits how far back missed digests are searched for.
	digestBack = 48 * time.Hour
	// maxDigestSteps limits the times examined for one digest: one per minute.
	maxDigestSteps = 5000
	// zoneShift exceeds the largest change of clocks.
	zoneShift = 3 * time.Hour
	// digestRetry is the wait after the store refused a write.
	digestRetry = 10 * time.Second
)

// DigestStore is the part of the store that digests use.
type DigestStore interface {
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
}

// DigestOptions configures [Digests].
type DigestOptions struct {
	Digests    func() []calbell.Digest // the current digests
	Policy     func() *plan.Policy
	LateWindow time.Duration // 0 = calbell.DefaultLateWindow
	Changed    func()        // called when the queue has changed; may be nil
	Told       func(calbell.NoticeKind)
	Log        *slog.Logger
}

// Digests queues agendas at their times. An agenda's ID is derived from its digest and the
// wall-clock time, so that it is sent once whatever is restarted or reloaded and whatever the
// clocks do.
type Digests struct {
	o     DigestOptions
	store DigestStore
	kick  chan struct{}
	// since is, by digest, the instant after which its times count. A new digest starts when it
	// is first seen: earlier times were not missed.
	since map[digestTimes]time.Time
	begun time.Time // the value of since for digests that exist at the start
}

// digestTimes identifies the times of a digest.
type digestTimes struct{ name, cron, zone string }

// NewDigests returns digests that Run starts. alive is when an earlier run was last alive;
// zero: there was none. Digests that fell due since then are caught up.
func NewDigests(s DigestStore, alive time.Time, o DigestOptions) *Digests {
	if o.LateWindow == 0 {
		o.LateWindow = calbell.DefaultLateWindow
	}
	if o.Told == nil {
		o.Told = func(calbell.NoticeKind) {}
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	d := &Digests{o: o, store: s, kick: make(chan struct{}, 1)}
	if !alive.IsZero() {
		d.begun = alive.Add(-digestMargin)
	}
	return d
}

// Kick signals that the digests have changed.
func (d *Digests) Kick() { scheduler.Signal(d.kick) }

// Run queues agendas until ctx ends.
func (d *Digests) Run(ctx context.Context) {
	for ctx.Err() == nil {
		now := time.Now()
		timer := time.NewTimer(max(time.Millisecond, d.Turn(ctx, now).Sub(now)))
		select {
		case <-timer.C:
		case <-d.kick:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// Turn queues what has fallen due and returns when to continue. Run calls it, and so does a
// start before the program records that it is alive.
func (d *Digests) Turn(ctx context.Context, now time.Time) (next time.Time) {
	next = now.Add(calbell.MaxSleep)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	policy := d.o.Policy()
	known := d.since
	d.since = map[digestTimes]time.Time{}
	for _, one := range d.o.Digests() {
		loc := policy.ZoneNamed(one.TimeZone)
		key := digestTimes{one.Name, one.Cron, loc.String()}
		d.since[key] = d.from(known, key, now)
		due, after := digestDue(one.Cron, loc, d.since[key], now)
		if !after.IsZero() {
			sooner(after)
		}
		if err := d.tell(ctx, policy, one, zonedTime{due, loc}, now); err != nil {
			d.o.Log.Error("tell an agenda", "digest", one.Name, "err", err)
			sooner(now.Add(digestRetry))
			continue // retried until it is too late
		}
		d.since[key] = now
	}
	return next
}

// from returns the instant after which the times of a digest count.
func (d *Digests) from(known map[digestTimes]time.Time, key digestTimes, now time.Time) time.Time {
	from, ok := known[key]
	if !ok {
		from = now
		if known == nil && !d.begun.IsZero() {
			from = d.begun
		}
	}
	if from.After(now) { // the clock was set back
		from = now
	}
	if oldest := now.Add(-digestBack); from.Before(oldest) {
		from = oldest
	}
	return from
}

// digestDue returns the latest wall-clock time, as UTC, at which a spec falls due after from
// and not after now, zero when there is none; and the next instant at which it does. It
// evaluates the spec on wall-clock times: cron itself skips the hours that clock changes skip,
// and repeats those that they repeat.
func digestDue(spec string, loc *time.Location, from, now time.Time) (due, next time.Time) {
	times, err := scheduler.ParseCron(spec)
	if err != nil { // rejected when the configuration was read
		return due, next
	}
	var latest time.Time
	wall := onWall(from, loc).Add(-zoneShift)
	for range maxDigestSteps {
		if wall = times.Next(wall); wall.IsZero() {
			break
		}
		switch at := offWall(wall, loc); {
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case at.After(from) && !at.Before(latest):
			due, latest = wall, at
		}
		if !next.IsZero() && wall.After(onWall(next, loc).Add(zoneShift)) {
			break
		}
	}
	return due, next
}

// onWall returns the wall-clock time of a zone at an instant, as UTC.
func onWall(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// offWall returns the instant of a wall-clock time.
func offWall(wall time.Time, loc *time.Location) time.Time {
	return zone.Instant(zone.Wall(wall), loc)
}

// zonedTime is a wall-clock time of a zone, as UTC.
type zonedTime struct {
	wall time.Time
	loc  *time.Location
}

// tell queues the agenda of one time, unless it was queued before or is too late. It ignores
// the zero time.
func (d *Digests) tell(ctx context.Context, p *plan.Policy, digest calbell.Digest, due zonedTime, now time.Time) error {
	wall, loc := due.wall, due.loc
	if wall.IsZero() {
		return nil
	}
	at := offWall(wall, loc)
	if late := now.Sub(at); late > d.o.LateWindow {
		d.o.Log.Warn("an agenda is left out: it fell due while nobody could send it", "digest", digest.Name, "due", at.Format(time.RFC3339))
		return nil
	}
	hook := p.Webhook(digest.Webhook)
	id := calbell.NewNoticeID(hook, calbell.NoticeAgenda, digest.Name, wall)
	if _, err := d.store.Delivery(ctx, id); !calbell.IsNotFound(err) {
		return err // queued before: a nil error
	}
	digest.TimeZone = loc.String()
	from := offWall(time.Date(wall.Year(), wall.Month(), wall.Day()+digest.From, 0, 0, 0, 0, time.UTC), loc)
	until := offWall(time.Date(wall.Year(), wall.Month(), wall.Day()+digest.From+max(1, digest.Days), 0, 0, 0, 0, time.UTC), loc)
	agenda, err := d.agenda(ctx, p, digest, from, until)
	if err != nil || len(agenda.Rows) == 0 && digest.SkipEmpty {
		return err
	}
	r := calbell.NewNotice(hook, calbell.Notice{Kind: calbell.NoticeAgenda, Subject: digest.Name, Since: from.UTC(), Agenda: &agenda}, at)
	r.ID, r.End = id, until.UTC()
	if err := d.store.Notify(ctx, []calbell.Reminder{r}, now); err != nil {
		return err
	}
	d.o.Told(calbell.NoticeAgenda)
	d.o.Changed()
	return nil
}
