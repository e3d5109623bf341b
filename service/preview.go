package service

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/templates"
	"calbell/webhook/dialect"
)

const (
	// nextEvent is the sample that stands for the caller's next event.
	nextEvent = "next"
	// nextDays is how far ahead it is looked for.
	nextDays = 60
)

// Preview returns what a webhook would post, byte for byte, whether it could be saved
// or not. Nothing is posted.
func (s *Webhooks) Preview(ctx context.Context, who calbell.Caller, r types.PreviewRequest, now time.Time) (types.Preview, error) {
	if err := requireCaller(who); err != nil {
		return types.Preview{}, err
	}
	keep := calbell.Webhook{ID: "preview"}
	if r.Of != "" {
		var err error
		if keep, err = s.ownWebhook(ctx, who, r.Of); err != nil {
			return types.Preview{}, err
		}
	}
	n := r.Webhook.NewWebhook
	n.Name, n.URL = cmp.Or(strings.TrimSpace(r.Webhook.Name), string(keep.ID)), r.Webhook.URL
	w, err := newWebhook(keep, n)
	if err != nil {
		return types.Preview{}, err
	}
	if n.Kind == "" && w.URL == "" { // nothing tells it yet
		w.Kind = dialect.All()[0].Kind
	}
	d, err := s.sample(ctx, who, w, r.Sample, now)
	if err != nil {
		return types.Preview{}, err
	}
	return s.preview(w, d)
}

// preview takes the way of a reminder, up to the post.
func (s *Webhooks) preview(w calbell.Webhook, d templates.Data) (types.Preview, error) {
	message, _ := templates.CompileHookLenient(w)
	m := message.Render(d)
	body, contentType, err := dialect.Encode(w, m)
	if err != nil {
		return types.Preview{}, err
	}
	p := types.Preview{
		Kind: w.Kind, Subject: d.Instance.Summary, Text: m.Text, Username: m.Username, ContentType: contentType, Body: string(body),
		Length: utf8.RuneCountInString(m.Text), Cut: w.Cut(), Warnings: []calbell.FieldError{},
	}
	for _, f := range calbell.FieldsOf(s.checkWebhook(w)) {
		if f.Name != "url" || w.URL != "" { // who has not come to it yet is not told off
			p.Warnings = append(p.Warnings, f)
		}
	}
	return p, nil
}

// sample is what a message is written from that nobody waits for. What is made up is in the webhook's
// language.
func (s *Webhooks) sample(ctx context.Context, who calbell.Caller, w calbell.Webhook, of types.Sample, now time.Time) (templates.Data, error) {
	p := s.config.Policy()
	id := of.Event
	if id == "" && of.Name == nextEvent {
		next, err := s.events.List(ctx, who, types.EventQuery{From: now, To: now.AddDate(0, 0, nextDays), Limit: 1})
		if err != nil {
			return templates.Data{}, err
		}
		of.Name = ""
		if len(next) > 0 {
			id = next[0].ID
		}
	}
	if id != "" {
		return s.realData(ctx, who, id, now)
	}
	d, ok := templates.SampleIn(cmp.Or(w.Locale, p.Locale()), cmp.Or(of.Name, "timed"), now, p.Zone())
	if !ok {
		return d, field("sample", calbell.T("service:unknown-sample", "unknown sample %q", of.Name), calbell.T("service:one-of", "one of: %s", "next, "+strings.Join(templates.Samples(), ", ")))
	}
	d.Locale = p.Locale()
	return d, nil
}

// realData is an event as it will be when its next alarm rings; without one, as it is at its
// start. Of a private one no word is told: whether any is, its calendar decides.
func (s *Webhooks) realData(ctx context.Context, who calbell.Caller, id string, now time.Time) (templates.Data, error) {
	e, err := s.events.Get(ctx, who, id, now)
	if err != nil {
		return templates.Data{}, err
	}
	p := s.config.Policy()
	d := templates.Data{Instance: &e.Instance, Calendar: e.Calendar, Due: e.Instance.Start, Zone: p.Zone(), Locale: p.Locale()}
	for _, next := range e.Next {
		if next.RecurrenceID == e.Instance.RecurrenceID {
			d.Due, d.Alarm = next.Trigger, calbell.Alarm{Action: next.Action, Description: next.Text}
			break
		}
	}
	d.Now = d.Due
	d.Busy = e.Instance.Class == "PRIVATE" || e.Instance.Class == "CONFIDENTIAL"
	return d, nil
}

// Test posts a message that nobody waits for, and returns the answer. A success lifts a
// suspension. It is in the history like a reminder.
func (s *Webhooks) Test(ctx context.Context, who calbell.Caller, name string, of types.Sample) (types.TestResult, error) {
	w, err := s.findWebhook(ctx, who, name)
	if err != nil {
		return types.TestResult{}, err
	}
	now := time.Now()
	if err := s.throttle.Outward(who, now); err != nil {
		return types.TestResult{}, err
	}
	d, err := s.sample(ctx, who, w, of, now)
	if err != nil {
		return types.TestResult{}, err
	}
	record := calbell.Delivery{Reminder: calbell.NewNotice(w.ID, testOf(who, d, now), now), Status: calbell.StatusDead, Attempts: 1}
	d.ID = record.ID
	message, _ := templates.CompileHookLenient(w) // a reminder would go out too
	try := s.sender.Send(ctx, w, message.Render(d), now)
	record.Tries, record.FinishedAt = []calbell.Try{try}, try.At.Add(try.Took)
	if try.Verdict == calbell.Accepted {
		record.Status = calbell.StatusSent
		err = s.liftSuspension(ctx, w.ID)
	}
	// Who goes away while the answer comes does not take the record of the post with them.
	err = errors.Join(err, s.store.Record(context.WithoutCancel(ctx), record))
	s.news.noteEnded(record.ID)
	if !authz.CanAccess(who, w.Owner) { // it is only shared with them: see sight.discreet
		try.Answer, try.Error = "", calbell.Text{}
	}
	return types.TestResult{
		Webhook: w.Name, Verdict: try.Verdict, Status: try.Status, Answer: try.Answer, Error: try.Error,
		TookMS: try.Took.Milliseconds(), Hint: try.Hint, Delivery: record.ID,
	}, err
}

// testOf is what the history tells of a test: of an event that shows only that it takes place,
// no word.
func testOf(who calbell.Caller, d templates.Data, now time.Time) calbell.Notice {
	n := calbell.Notice{Kind: calbell.NoticeTest, Since: now.UTC()}
	if !who.Local { // its name is not a user's
		n.By = who.Name
	}
	if !d.Busy {
		n.Subject = d.Instance.Summary
	}
	return n
}

// Variables are the names that a message may hold between percent signs, in the order in which
// people meet them.
func Variables() []string {
	var names []string
	for _, v := range templates.Variables() {
		names = append(names, v.Name)
	}
	return names
}

// Recurrence says in words of a locale how often something repeats; "" when it does not.
func Recurrence(rule, locale string) string { return templates.Recurrence(rule, locale) }

// Locales are the languages that messages may be written in.
func Locales() []string { return templates.Locales() }

// DefaultTemplate is the message of a webhook of that kind that has none of its own.
func DefaultTemplate(kind calbell.WebhookKind) string {
	return templates.DefaultFor(dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind}}).Markup)
}
