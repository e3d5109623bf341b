package scheduler

import (
	"context"
	"fmt"
	"time"

	"calbell"
)

// barred says whether nothing that a claim comes from may use its webhook. It was planned when
// something did; the plan is put right a little later, and nobody is to wait for that.
func (d *Dispatcher) barred(ctx context.Context, c *calbell.Claim) bool {
	p := d.planner()
	if len(c.Sources) == 0 || c.Object != nil && p.reaches(c.Calendar.Account, c.Webhook) {
		return false
	}
	for _, src := range c.Sources {
		from, err := d.store.Calendar(ctx, src.Calendar)
		if err != nil || p.reaches(from.Account, c.Webhook) { // what cannot be read bars nobody
			return false
		}
	}
	return true
}

// notShared is the error of a webhook that may not be used.
func notShared(id calbell.WebhookID) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: fmt.Sprintf("webhook %q is gone, or not shared (any more)", id)}
}

// without ends a claim that is not to be posted, and says whether that is so.
func (d *Dispatcher) without(ctx context.Context, r *result, now time.Time) bool {
	h, c := r.hook, &r.claim
	if h.err != nil {
		r.outcome = unusable(c.ID, h.err, now)
		return true
	}
	if d.barred(ctx, c) {
		r.outcome = unusable(c.ID, notShared(c.Webhook), now)
		return true
	}
	if r.outcome, r.wished = d.wish(h, &c.Delivery, now); r.wished {
		return true
	}
	switch until := Deadline(h.counted(c.Delivery), d.o.LateWindow, h.Missed); {
	case now.After(until):
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: whyMissed(c.Delivery, until, h.zone), Tell: TellsMissed(h.Missed)}
	case c.PossibleRepeat && h.OnUnknown == "drop" && c.AskedAt.IsZero(): // a person may ask for a repeat
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusDropped, Reason: "it may have been sent before the program ended"}
	default:
		return false
	}
	return true
}
