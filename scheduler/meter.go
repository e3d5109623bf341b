package scheduler

import (
	"time"

	"calbell"
)

// Meter is told what happens, for metrics. Its methods return at once and never fail.
type Meter interface {
	// Tried: a post to a webhook of that kind was made, and so it ended.
	Tried(kind calbell.WebhookKind, v calbell.Verdict, took time.Duration)
	// Ended: n deliveries ended so. late is how long after its due time a sent one was.
	Ended(s calbell.Status, n int, late time.Duration)
	// Synced: the calendars of an account were synced, or failed with an error.
	Synced(account string, took time.Duration, err error)
	// ClockJumped: the wall clock and the time that passed differ by so much.
	ClockJumped(by time.Duration)
}

// noMeter is told everything and keeps nothing.
type noMeter struct{}

func (noMeter) Tried(calbell.WebhookKind, calbell.Verdict, time.Duration) {}
func (noMeter) Ended(calbell.Status, int, time.Duration)                  {}
func (noMeter) Synced(string, time.Duration, error)                       {}
func (noMeter) ClockJumped(time.Duration)                                 {}
