// Package dispatch claims what is due, posts it and records the outcomes. One goroutine owns
// all state; attempts run in their own goroutines and report through a channel.
// It promises that nothing is posted without a committed claim, that nothing is posted early, and
// that a webhook that hangs delays no other. It posts through [Sender] and knows no HTTP.
//
// It may import the root package, ical, scheduler, scheduler/plan, store, templates,
// webhook/dialect and golang.org/x/time.
//
//	dispatch.go   the loop: claim → start → record
//	preflight.go  the conditions for posting a claim, in order
//	attempt.go    one post
//	combine.go    several reminders in one message
//	messages.go   compiled templates of webhooks
//	record.go     outcomes → store
//	decide.go     the consequences of an answer; pure
//	refused.go    the consequences of a refusal; pure
//	lane.go       the state and limits of one webhook
//	host.go       the state and limits of one host
//	rate.go       the rate limit of a webhook
//	pause.go      pauses
//	quiet.go      quiet hours of webhooks
//	expire.go     expiry of deliveries
//	clock.go      detection of clock jumps
//	metrics.go    metrics
package dispatch
