package service

import (
	"context"
	"time"
	"unicode/utf8"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/templates"
	"calbell/webhook/dialect"
)

// Message returns the message of a delivery, rendered from its event as it is now: for the
// time of the last post, else of the next one. Only callers who may see the webhook get the
// body, which may contain secrets of other programs. A test has no message, because its
// source is not stored.
func (s *Deliveries) Message(ctx context.Context, who calbell.Caller, id calbell.ReminderID, now time.Time) (types.Preview, error) {
	d, err := s.Get(ctx, who, id)
	if err != nil {
		return types.Preview{}, err
	}
	if d.Notice != nil && d.Notice.Kind == calbell.NoticeTest {
		return types.Preview{}, noMessage(id, calbell.T("service:test-whose-message-not", "it was a test, whose message is not kept"))
	}
	w, err := s.hookOf(ctx, who, d)
	if err != nil {
		return types.Preview{}, err
	}
	c, err := s.claimOf(ctx, d)
	if err != nil {
		return types.Preview{}, err
	}
	message, _ := templates.CompileHookLenient(w)
	m := s.config.Policy().Render(c, message, postedAt(d, now))
	body, contentType, err := dialect.Encode(w, m)
	p := types.Preview{
		Kind: w.Kind, Subject: d.Subject, Text: m.Text, Username: m.Username, ContentType: contentType, Body: string(body),
		Length: utf8.RuneCountInString(m.Text), Cut: w.Cut(), Warnings: []calbell.FieldError{},
	}
	if !authz.CanAccess(who, w.Owner) {
		p.Body, p.ContentType = "", ""
	}
	return p, err
}

func noMessage(id calbell.ReminderID, why calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("service:delivery-no-message", "delivery %s has no message: %s", id, why)}
}

// hookOf returns the webhook of a delivery, if it still exists and its owner may use it.
func (s *Deliveries) hookOf(ctx context.Context, who calbell.Caller, d calbell.Delivery) (calbell.Webhook, error) {
	list, err := s.usableWebhooks(ctx, who)
	for _, w := range list {
		if w.ID == d.Webhook {
			return w, err
		}
	}
	if err == nil {
		err = noMessage(d.ID, calbell.T("service:no-webhook-any-more", "there is no webhook any more to which it would go"))
	}
	return calbell.Webhook{}, err
}

// claimOf returns a delivery with the newest copy of its event; without one when the event
// was removed.
func (s *Deliveries) claimOf(ctx context.Context, d calbell.Delivery) (calbell.Claim, error) {
	c := calbell.Claim{Delivery: d}
	if len(d.Sources) == 0 {
		return c, nil
	}
	o, err := s.store.Object(ctx, d.Sources[0].Calendar, d.Sources[0].Href)
	if err == nil {
		c.Object = &o
		c.Calendar, err = s.store.Calendar(ctx, o.Calendar)
	}
	if calbell.KindOf(err) == calbell.KindNotFound { // removed: only the planned data is shown
		return calbell.Claim{Delivery: d}, nil
	}
	return c, err
}

// postedAt returns when a delivery was last posted, else when it will be.
func postedAt(d calbell.Delivery, now time.Time) time.Time {
	if n := len(d.Tries); n > 0 && d.Status.Final() {
		return d.Tries[n-1].At
	}
	if d.NextAt.After(now) {
		return d.NextAt
	}
	return now
}
