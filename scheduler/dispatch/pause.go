package dispatch

import (
	"context"
	"sync/atomic"
	"time"

	"calbell"
)

// pauseLook is the interval for checking a notice that a pause defers: a person may end the
// pause early.
const pauseLook = 5 * time.Minute

// endedPaused is the metrics label of reminders suppressed by a pause or quiet hours. They are
// stored as missed, but nothing is wrong.
const endedPaused calbell.Status = "paused"

// pauses is the dispatcher's copy of the stored pauses.
type pauses struct {
	all    []calbell.Pause
	readAt time.Time
	stale  atomic.Bool
}

// PausesChanged reads the pauses again before the next post.
func (d *Dispatcher) PausesChanged() {
	d.preflight.pauses.stale.Store(true)
	d.Kick()
}

// read reads the pauses when they changed, and periodically. It includes recently ended ones,
// for reminders that fell due in them while the loop could not check.
func (p *pauses) read(ctx context.Context, s Requests, now time.Time) error {
	age := now.Sub(p.readAt)
	if !p.stale.Swap(false) && age >= 0 && age < calbell.MaxSleep {
		return nil
	}
	all, err := s.Pauses(ctx, now.Add(-calbell.MaxRetry))
	if err != nil {
		p.stale.Store(true)
		return err
	}
	p.all, p.readAt = all, now
	return nil
}

// until returns the end of the pause that keeps a delivery from being sent at now; zero when
// there is none. A delivery from several calendars is paused when all of them are.
func (p *pauses) until(d *calbell.Delivery, now time.Time) (end time.Time) {
	if len(p.all) == 0 {
		return time.Time{}
	}
	if len(d.Sources) == 0 {
		return p.of("", d, now)
	}
	for i, src := range d.Sources {
		if t := p.of(src.Calendar, d, now); i == 0 || t.Before(end) {
			end = t
		}
	}
	return end
}

// of is until for one calendar; "" means no calendar.
func (p *pauses) of(id calbell.CalendarID, d *calbell.Delivery, now time.Time) (end time.Time) {
	for _, one := range p.all {
		meant := (one.Webhook == "" || one.Webhook == d.Webhook) && (one.Calendar == "" || one.Calendar == id)
		// A pause defers notices to its end, and suppresses reminders that fall due in it.
		within := d.Notice == nil && !d.Due.Before(one.MadeAt) && d.Due.Before(one.Until)
		if meant && (one.Until.After(now) || within) && one.Until.After(end) {
			end = one.Until
		}
	}
	return end
}

// suspension returns the outcome of a delivery that a pause defers or suppresses; ok is false
// when no pause applies. A delivery that a person asked for is sent.
func (p *preflight) suspension(h *hook, c *calbell.Delivery, now time.Time) (o calbell.Outcome, ok bool) {
	if !c.AskedAt.IsZero() {
		return o, false
	}
	until := p.pauses.until(c, now)
	switch {
	case until.IsZero():
		return o, false
	case c.Notice != nil && c.Notice.Kind != calbell.NoticeAgenda:
		return hold(c, earlier(until, now.Add(pauseLook))), true
	}
	return suppressed(c, calbell.T("dispatch:paused-until", "paused until %s", shortTime(until, h.zone))), true
}

// hold defers a delivery until an instant.
func hold(c *calbell.Delivery, until time.Time) calbell.Outcome {
	o := calbell.Outcome{ID: c.ID, Status: calbell.StatusPlanned, NextAt: until, HeldUntil: until}
	if c.Attempts > 0 || c.PossibleRepeat {
		o.Status = calbell.StatusWaiting
	}
	return o
}

// suppressed ends a delivery as a person asked: no notice reports it as missed.
func suppressed(c *calbell.Delivery, reason calbell.Text) calbell.Outcome {
	return calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: reason}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// shortTime formats an instant in a zone, for reasons.
func shortTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04 MST")
}
