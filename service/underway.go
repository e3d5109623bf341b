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

// openLook limits the unfinished deliveries of an event that are examined. Two days of alarms are laid
// out; an alarm every few minutes makes some hundred.
const openLook = 500

// unfinished returns the deliveries of an event that fell due and have not ended, and that the caller
// sees. One that somebody asked for again may have no object any more that names it: it is due
// now, and so it is looked for among what falls due first of all.
func (s *Deliveries) unfinished(ctx context.Context, v *authz.Visibility, uid calbell.UID, now time.Time) ([]types.DeliveryRow, error) {
	list, err := s.store.Upcoming(ctx, store.UpcomingQuery{Limit: openLook, UID: uid})
	if err != nil {
		return nil, err
	}
	first, err := s.store.Upcoming(ctx, store.UpcomingQuery{Limit: firstLook})
	if err != nil {
		return nil, err
	}
	for _, d := range first {
		if d.UID == uid && !slices.ContainsFunc(list, func(o calbell.Delivery) bool { return o.ID == d.ID }) {
			list = append(list, d)
		}
	}
	if list, err = v.Visible(ctx, list...); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(d calbell.Delivery) bool {
		return d.Status == calbell.StatusPlanned && d.Due.After(now) // that is among the next alarms
	})
	slices.SortFunc(list, func(a, b calbell.Delivery) int { return upcomingMark(a).Compare(upcomingMark(b)) })
	rows, err := s.rows(ctx, list[:min(len(list), shownDeliveries)])
	if err != nil {
		return nil, err
	}
	var webhooks []calbell.WebhookID
	for i := range rows {
		webhooks = append(webhooks, rows[i].Webhook)
	}
	states, err := s.statesOf(ctx, webhooks...)
	for i := range rows {
		rows[i].Trouble = trouble(v, rows[i].Webhook, states[rows[i].Webhook], now)
	}
	return rows, err
}

// trouble says why a webhook takes nothing now; the zero text when it does. What it answered is for those
// who see the webhook.
func trouble(v *authz.Visibility, id calbell.WebhookID, st calbell.WebhookState, now time.Time) calbell.Text {
	word, reason := health(st, now)
	if !v.Sees(id) {
		reason = calbell.Text{}
	}
	if word == calbell.WebhookOutage || word == calbell.WebhookLost {
		reason = calbell.Text{} // it would repeat the state
	}
	text := map[calbell.WebhookHealth]calbell.Text{
		calbell.WebhookSuspended: calbell.T("service:trouble-suspended", "its webhook is suspended, because it refused"),
		calbell.WebhookRefused:   calbell.T("service:trouble-refused", "its webhook refused a message"),
		calbell.WebhookPaused:    calbell.T("service:trouble-rest", "its webhook asked for a rest"),
		calbell.WebhookOutage:    calbell.T("service:trouble-between", "something in between answers in its webhook's place"),
		calbell.WebhookLost:      calbell.T("service:trouble-lost", "the answers of its webhook are lost"),
	}[word]
	if !text.IsZero() && !reason.IsZero() {
		return calbell.Chain(text, reason)
	}
	return text
}
