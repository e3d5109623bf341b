// Package dispatch claims what is due, posts it and records what became of it. One goroutine owns
// all state; attempts run beside it and report through a channel.
//
//	dispatch.go   the loop: claim → start → record
//	preflight.go  what must be true of a claim before it is posted, in order
//	attempt.go    one post
//	combine.go    several reminders in one message
//	messages.go   compiled messages of webhooks
//	record.go     outcomes → store
//	decide.go     what follows from an answer; pure
//	refused.go    what follows from a refusal; pure
//	lane.go       one webhook's share of the loop
//	host.go       one host's share of it
//	rate.go       how often a webhook is posted to
//	pause.go      what people paused
//	quiet.go      hours in which a webhook gets nothing
//	expire.go     what is too late
//	clock.go      a clock that jumps
//	metrics.go    what is counted
package dispatch
