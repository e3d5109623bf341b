package daemon

import (
	"context"
	"time"

	"calbell"
)

const (
	// clockSlack is how far the clock may be behind the latest heartbeat: a time server may correct
	// it by as much after a boot.
	clockSlack = time.Minute
	// clockWait is how long a start waits for the clock to be set. A board without a clock
	// battery gets the time from the network, which may come up minutes later.
	clockWait = 5 * time.Minute
	// clockLook is the interval between two looks at the clock.
	clockLook = time.Second
)

// waitForClock waits until the clock is past the latest heartbeat. With a clock in the past
// nothing would fall due, and reminders that were sent would be planned again. After
// clockWait it logs a warning and goes on: a reminder at a wrong time is better than none.
func (u *upkeep) waitForClock(ctx context.Context) {
	mark, err := u.store.LastBeat(ctx)
	if ctx.Err() != nil {
		return // the daemon is stopping
	}
	if err != nil {
		u.log.Error("look for the time of the latest run", "err", err)
		return
	}
	behind := time.Until(mark)
	if behind <= clockSlack {
		return
	}
	u.health.begin(trouble{about: aboutClock, reason: calbell.T("daemon:stands-before-time-which", "it stands %v before the time at which Calbell last ran; waiting up to %v for it to be set", behind.Round(time.Second), clockWait), since: time.Now()})
	u.log.Warn("the clock stands in the past: waiting for it to be set", "clock", time.Now().UTC(), "ran_at", mark, "wait", clockWait)
	set := awaitClock(ctx, mark, extendStart)
	u.health.end(aboutClock.English)
	switch {
	case ctx.Err() != nil:
	case set:
		u.log.Info("the clock was set", "clock", time.Now().UTC())
	default:
		u.health.complain(trouble{
			about: aboutClock, reason: calbell.T("daemon:clock-behind", "it stands %v before the time at which Calbell last ran (%s); reminders go by it all the same", time.Until(mark).Round(time.Second), mark.Format(time.RFC3339)),
			hint: calbell.T("daemon:set-clock", "set the clock (timedatectl), or wait: if it once stood in the future, this ends when that time has come"),
		})
	}
}

// awaitClock waits until the clock has reached mark less the slack, and reports whether it
// did within clockWait. It calls waiting at each look.
func awaitClock(ctx context.Context, mark time.Time, waiting func()) bool {
	tick := time.NewTicker(clockLook)
	defer tick.Stop()
	// The limit uses the monotonic clock, which setting the wall clock does not change.
	for end := time.Now().Add(clockWait); ; {
		if mark.Sub(time.Now().Round(0)) <= clockSlack {
			return true
		}
		if time.Until(end) <= 0 {
			return false
		}
		waiting()
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// watchClock ends the trouble about the clock once the clock is right.
func (u *upkeep) watchClock(ctx context.Context) {
	h := u.health.look()
	if !h.has(aboutClock) {
		return
	}
	if mark, err := u.store.LastBeat(ctx); err == nil && time.Until(mark) <= clockSlack && u.health.end(aboutClock.English) {
		u.log.Info("the clock was set", "clock", time.Now().UTC())
	}
}
