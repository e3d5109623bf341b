package dispatch

import (
	"time"

	"calbell"
)

// Metrics counts events of dispatching. Its methods return at once and never fail.
type Metrics interface {
	// Tried counts a post to a webhook of a kind, with its verdict.
	Tried(kind calbell.WebhookKind, v calbell.Verdict, took time.Duration)
	// Ended counts n deliveries that reached a state. late is the time after its due time at
	// which a sent one was sent.
	Ended(s calbell.Status, n int, late time.Duration)
	// ClockJumped counts a difference between the wall clock and the elapsed time.
	ClockJumped(by time.Duration)
}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) Tried(calbell.WebhookKind, calbell.Verdict, time.Duration) {}
func (noMetrics) Ended(calbell.Status, int, time.Duration)                  {}
func (noMetrics) ClockJumped(time.Duration)                                 {}
