package dispatch

import (
	"context"
	"sync/atomic"
	"time"

	"calbell"
)

// pauseLook is how often a notice that a pause holds back is looked at: a person may end the
// pause before its time.
const pauseLook = 5 * time.Minute

// endedPaused is how what was paused, or dropped in quiet hours, is counted: it is stored as
// missed, but nothing is amiss.
const endedPaused calbell.Status = "paused"

// pauses is the dispatcher's copy of what people paused.
type pauses struct {
	all    []calbell.Pause
	readAt time.Time
	stale  atomic.Bool
}

// PausesChanged has the pauses read anew before anything else is sent.
func (d *Dispatcher) PausesChanged() {
	d.preflight.pauses.stale.Store(true)
	d.Kick()
}

// read takes over the pauses when they changed, and now and then. Those that ended a
// while ago count too: what fell due in them while nobody could look at it.
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

// until returns when the pause ends that keeps a delivery from being sent at now; zero when
// none does. One from several calendars is paused when each of them is.
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

// of is until for one calendar; "" is none.
func (p *pauses) of(id calbell.CalendarID, d *calbell.Delivery, now time.Time) (end time.Time) {
	for _, one := range p.all {
		meant := (one.Webhook == "" || one.Webhook == d.Webhook) && (one.Calendar == "" || one.Calendar == id)
		// A notice waits for the end; a reminder that fell due in the pause is not sent later.
		within := d.Notice == nil && !d.Due.Before(one.MadeAt) && d.Due.Before(one.Until)
		if meant && (one.Until.After(now) || within) && one.Until.After(end) {
			end = one.Until
		}
	}
	return end
}

// suspension returns what a pause does to a delivery that is otherwise ready; ok is false when no
// pause holds it back. What a person asks for is sent.
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

// hold gives a delivery back until an instant.
func hold(c *calbell.Delivery, until time.Time) calbell.Outcome {
	o := calbell.Outcome{ID: c.ID, Status: calbell.StatusPlanned, NextAt: until, HeldUntil: until}
	if c.Attempts > 0 || c.PossibleRepeat {
		o.Status = calbell.StatusWaiting
	}
	return o
}

// suppressed ends a delivery as a person wished: no notice reports it as missed.
func suppressed(c *calbell.Delivery, reason calbell.Text) calbell.Outcome {
	return calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: reason}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// shortTime writes an instant in a zone, for reasons.
func shortTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04 MST")
}
