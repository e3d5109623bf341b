package dispatch

import (
	"context"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// check is a condition that a claim must meet before it is posted.
type check struct {
	// fails returns the outcome of a claim that does not meet the condition.
	fails func(p *preflight, ctx context.Context, h *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool)
	// suppresses is set when the condition is a person's choice: a claim that fails it is not
	// reported as missed.
	suppresses bool
}

// preflight decides whether a due claim may be posted. Only the loop uses it, except for
// [Dispatcher.PausesChanged].
type preflight struct {
	store      Requests
	policy     func() *plan.Policy
	lateWindow time.Duration
	pauses     pauses
}

// checks returns the conditions for posting a claim, in order: the first one that fails decides
// the outcome.
func checks() [6]check {
	return [...]check{
		{fails: (*preflight).unusable},
		{fails: (*preflight).unauthorized},
		{fails: (*preflight).paused, suppresses: true},
		{fails: (*preflight).quiet, suppresses: true},
		{fails: (*preflight).tooLate},
		{fails: (*preflight).doubtful},
	}
}

// stops reports whether a claim must not be posted, and then sets its outcome.
func (p *preflight) stops(ctx context.Context, r *result, now time.Time) bool {
	for _, check := range checks() {
		if o, fails := check.fails(p, ctx, r.hook, &r.claim, now); fails {
			r.outcome, r.suppressed = o, check.suppresses
			return true
		}
	}
	return false
}

// unusable fails claims whose webhook does not exist or cannot be read.
func (p *preflight) unusable(_ context.Context, h *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool) {
	if h.err == nil {
		return o, false
	}
	return unusable(c.ID, h.err, now), true
}

// unauthorized fails claims of which no source may use the webhook any more. The plan is
// corrected a little later, but a post must not go out before that.
func (p *preflight) unauthorized(ctx context.Context, _ *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool) {
	policy := p.policy()
	if len(c.Sources) == 0 || c.Object != nil && policy.AuthorizedFor(c.Calendar.Account, c.Webhook) {
		return o, false
	}
	for _, src := range c.Sources {
		from, err := p.store.Calendar(ctx, src.Calendar)
		if err != nil || policy.AuthorizedFor(from.Account, c.Webhook) { // an unreadable calendar does not forbid the post
			return o, false
		}
	}
	return unusable(c.ID, notShared(c.Webhook), now), true
}

// paused fails claims in a pause, unless a person asked to resend the claim.
func (p *preflight) paused(_ context.Context, h *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool) {
	return p.suspension(h, &c.Delivery, now)
}

// quiet fails claims in the webhook's quiet hours, unless a person asked to resend the claim.
func (p *preflight) quiet(_ context.Context, h *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool) {
	return h.quiet(&c.Delivery, now)
}

// tooLate fails claims past their deadline.
func (p *preflight) tooLate(_ context.Context, h *hook, c *calbell.Claim, now time.Time) (o calbell.Outcome, fails bool) {
	return p.missed(h, &c.Delivery, now)
}

// doubtful fails claims that may have been posted already, for webhooks that drop those. A
// person may still resend them.
func (p *preflight) doubtful(_ context.Context, h *hook, c *calbell.Claim, _ time.Time) (o calbell.Outcome, fails bool) {
	if !c.PossibleRepeat || h.OnUnknown != "drop" || !c.AskedAt.IsZero() {
		return o, false
	}
	return calbell.Outcome{ID: c.ID, Status: calbell.StatusDropped, Reason: calbell.T("dispatch:may-been-sent-before", "it may have been sent before the program ended")}, true
}

// notShared is the error for a webhook that the sender may not use.
func notShared(id calbell.WebhookID) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("dispatch:webhook-gone-or-not", "webhook %q is gone, or not shared (any more)", id)}
}
