package service

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/store"
)

const (
	// MaxResend limits the deliveries of one request.
	MaxResend = 10_000
	// resendStep is how many are planned in one transaction, for which due reminders wait.
	resendStep = 500
)

// Resend plans ended deliveries again, due now, and retries waiting ones at once. All are
// checked first: when one may not be sent again, none is, and the error says why.
func (s *Deliveries) Resend(ctx context.Context, who calbell.Caller, r types.ResendRequest) (types.ResendResult, error) {
	var result types.ResendResult
	v, err := s.visibility(ctx, who)
	if err != nil {
		return result, err
	}
	ids, err := s.resendable(ctx, v, r)
	if err != nil {
		return result, err
	}
	result.More = len(r.IDs) == 0 && len(ids) == MaxResend
	for step := range slices.Chunk(ids, resendStep) {
		n, err := s.store.Resend(ctx, step, time.Now())
		result.Planned += n
		if err != nil {
			return result, err
		}
	}
	s.effects.QueueChanged()
	return result, nil
}

// resendable returns the deliveries that a request means, if all may be sent again.
func (s *Deliveries) resendable(ctx context.Context, v *authz.Visibility, r types.ResendRequest) ([]calbell.ReminderID, error) {
	byQuery := r.Webhook != "" || !r.Since.IsZero() || len(r.Statuses) > 0
	switch {
	case len(r.IDs) > 0 && byQuery:
		return nil, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:resend-ids-webhook-exclude", "resend: IDs and a webhook exclude each other")}
	case len(r.IDs) > MaxResend:
		return nil, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:resend-deliveries-once-most", "resend: %d deliveries at once, at most %d", len(r.IDs), MaxResend)}
	case len(r.IDs) > 0:
		return r.IDs, s.mayResend(ctx, v, r.IDs)
	case r.Webhook == "" || r.Since.IsZero():
		return nil, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:resend-name-deliveries-their", "resend: name deliveries by their IDs, or a webhook and since when"), Hint: calbell.T("service:see", "see %s", calbell.T("list:failed-deliveries", "calbell delivery list --status dead,missed"))}
	}
	return s.endedSince(ctx, v, r)
}

// mayResend says why one of the deliveries may not be sent again.
func (s *Deliveries) mayResend(ctx context.Context, v *authz.Visibility, ids []calbell.ReminderID) error {
	for _, id := range ids {
		d, err := s.store.Delivery(ctx, id)
		if err == nil {
			err = v.Learn(ctx, d)
		}
		switch {
		case err != nil && !calbell.IsNotFound(err):
			return err
		case err != nil, v.Hides(d):
			return notFound(calbell.NounDelivery, string(id), nil)
		case !v.CanSendTo(d.Webhook):
			return &calbell.Error{
				Kind: calbell.KindNotAllowed, What: calbell.T("service:delivery-goes-webhook-which", "delivery %s goes to the webhook %q, which is not there, or not shared with you (any more)", d.ID, d.Webhook),
				Hint: calbell.T("service:give-event-another-webhook", "give its event another webhook"),
			}
		case d.Status == calbell.StatusCancelled:
			return cancelled(d)
		case d.Notice != nil && d.Notice.Kind == calbell.NoticeTest:
			return &calbell.Error{
				Kind: calbell.KindUsage, What: calbell.T("service:delivery-test", "delivery %s was a test", d.ID),
				Hint: calbell.T("service:test-webhook-again-calbell", "test the webhook again: calbell webhook test %s", string(d.Webhook)),
			}
		case !d.Status.Final() && d.Status != calbell.StatusWaiting:
			return &calbell.Error{
				Kind: calbell.KindUsage, What: calbell.T("service:delivery-not-ended", "delivery %s has not ended: it is %s", d.ID, statusText(d.Status)),
				Hint: calbell.T("service:sent-itself-see-calbell", "it is sent by itself; see: calbell delivery show %s", string(d.ID)),
			}
		}
	}
	return nil
}

// cancelled returns the error for a cancelled delivery: no calendar contains its event any
// more.
func cancelled(d calbell.Delivery) error {
	e := &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.T("service:delivery-cancelled", "delivery %s was cancelled", d.ID),
		Hint: calbell.T("service:event-deleted-moved-or", "its event was deleted, moved or declined, or its alarm removed; add it in the calendar again and it is planned anew"),
	}
	if !d.Reason.IsZero() {
		e.What = calbell.Chain(e.What, d.Reason)
	}
	return e
}

// endedSince returns the deliveries to a webhook that ended since a time, newest first.
func (s *Deliveries) endedSince(ctx context.Context, v *authz.Visibility, r types.ResendRequest) ([]calbell.ReminderID, error) {
	statuses := r.Statuses
	if len(statuses) == 0 {
		statuses = []calbell.Status{calbell.StatusDead, calbell.StatusMissed}
	}
	for _, st := range statuses {
		if st == calbell.StatusCancelled || !st.Final() {
			return nil, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:resend-deliveries-cannot-sent", "resend: deliveries that are %s cannot be sent again", statusText(st)), Hint: calbell.T("service:one-of", "one of: %s", "dead, missed, dropped, sent")}
		}
	}
	w, err := s.findWebhook(ctx, v.Caller(), r.Webhook)
	if err != nil {
		return nil, err
	}
	list, _, err := s.ended(ctx, v, store.HistoryQuery{Since: r.Since, Statuses: statuses, Webhook: w.ID}, MaxResend)
	ids := make([]calbell.ReminderID, 0, len(list))
	for _, d := range list {
		if d.Notice == nil {
			ids = append(ids, d.ID)
		}
	}
	return ids, err
}

// statusText returns the state of a delivery in a sentence.
func statusText(s calbell.Status) calbell.Text {
	switch s {
	case calbell.StatusPlanned:
		return calbell.T("status:planned", "planned")
	case calbell.StatusInFlight:
		return calbell.T("status:in-flight", "in_flight")
	case calbell.StatusWaiting:
		return calbell.T("status:waiting", "waiting")
	case calbell.StatusCancelled:
		return calbell.T("status:cancelled", "cancelled")
	case calbell.StatusHeld:
		return calbell.T("status:held", "held")
	}
	return calbell.Plain(string(s))
}
