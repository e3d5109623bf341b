package dispatch

import (
	"time"

	"calbell"
)

// Metrics counts what is dispatched. Its methods return at once and never fail.
type Metrics interface {
	// Tried counts a post to a webhook of that kind, with its verdict.
	Tried(kind calbell.WebhookKind, v calbell.Verdict, took time.Duration)
	// Ended counts n deliveries that ended so. late is how long after its due time a sent one was.
	Ended(s calbell.Status, n int, late time.Duration)
	// ClockJumped counts a difference between the wall clock and the time that passed.
	ClockJumped(by time.Duration)
}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) Tried(calbell.WebhookKind, calbell.Verdict, time.Duration) {}
func (noMetrics) Ended(calbell.Status, int, time.Duration)                  {}
func (noMetrics) ClockJumped(time.Duration)                                 {}
