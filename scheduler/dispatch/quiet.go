package dispatch

import (
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// quietEnd reports whether an instant lies in the webhook's quiet hours, and when they end.
func (h *hook) quietEnd(at time.Time) (time.Time, bool) {
	if h == nil || h.Quiet == nil {
		return time.Time{}, false
	}
	return h.Quiet.End(at.In(h.zone))
}

// quiet returns what quiet hours do to a delivery that is otherwise ready; ok is false when it
// may be sent. Notices are deferred and never dropped. A delivery that a person asked for is
// sent.
func (h *hook) quiet(c *calbell.Delivery, now time.Time) (o calbell.Outcome, ok bool) {
	if !c.AskedAt.IsZero() {
		return o, false
	}
	end, quiet := h.quietEnd(now)
	dueEnd, dueQuiet := h.quietEnd(c.Due)
	drop := h.Quiet != nil && h.Quiet.Drop
	switch {
	case drop && dueQuiet && c.Notice == nil:
		return suppressed(c, calbell.T("dispatch:fell-due-quiet-hours", "fell due in quiet hours, which end %s", shortTime(dueEnd, h.zone))), true
	case drop && quiet && c.Notice == nil:
		return suppressed(c, calbell.T("dispatch:could-sent-quiet-hours", "could be sent in quiet hours only, which end %s", shortTime(end, h.zone))), true
	case quiet:
		return hold(c, end), true
	case c.Notice == nil && over(h.counted(*c)):
		o = suppressed(c, calbell.T("dispatch:event-over-when-quiet", "its event was over when the quiet hours ended"))
		o.Tell = c.Attempts > 0 && plan.TellsMissed(h.Missed) // an earlier attempt failed
		return o, true
	}
	return o, false
}

// over reports whether a reminder's event had ended when its deferral ended. It returns false
// for reminders due after their event's end.
func over(c calbell.Delivery) bool {
	return !c.HeldUntil.IsZero() && !c.End.After(c.HeldUntil) && !c.Due.After(c.End)
}

// counted returns a delivery with the quiet hours that it fell due in recorded as a deferral,
// whether or not the program ran then: its validity starts when they end.
func (h *hook) counted(c calbell.Delivery) calbell.Delivery {
	if end, quiet := h.quietEnd(c.Due); quiet && end.After(c.HeldUntil) && c.AskedAt.IsZero() {
		c.HeldUntil = end
	}
	return c
}
