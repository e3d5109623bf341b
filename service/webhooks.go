package service

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"calbell"
	"calbell/templates"
)

// Webhooks lists the webhooks with their health and who uses them.
func (s *Service) Webhooks(ctx context.Context, who calbell.Caller) ([]calbell.WebhookRow, error) {
	if err := admin(who); err != nil {
		return nil, err
	}
	list, err := s.store.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	states, err := s.store.WebhookStates(ctx)
	if err != nil {
		return nil, err
	}
	bound, _, err := s.store.Bindings(ctx, "")
	if err != nil {
		return nil, err
	}
	rows := make([]calbell.WebhookRow, 0, len(list))
	for _, w := range list {
		r := calbell.WebhookRow{Webhook: w, Host: hostOf(w.URL), UsedBy: s.usedBy(w.ID, bound)}
		r.State, r.Reason = health(states[w.ID], time.Now())
		rows = append(rows, r)
	}
	return rows, nil
}

// usedBy says in words what sends reminders to a webhook: what the configuration does, and how
// many reminders people attached.
func (s *Service) usedBy(id calbell.WebhookID, bound []calbell.Binding) []string {
	users := s.daemon.Planner().UsedBy(id)
	n := 0
	for _, b := range bound {
		if b.Webhook == id {
			n++
		}
	}
	switch n {
	case 0:
	case 1:
		users = append(users, "1 attached reminder")
	default:
		users = append(users, fmt.Sprintf("%d attached reminders", n))
	}
	return users
}

// health puts a webhook's state in one word and, when it is not well, a reason.
func health(st calbell.WebhookState, now time.Time) (word, reason string) {
	switch {
	case !st.SuspendedAt.IsZero():
		return "suspended", st.Reason
	case !st.RefusedAt.IsZero():
		return "refused", st.Reason
	case st.PausedUntil.After(now):
		return "paused", "the server asked for a rest until " + st.PausedUntil.Format(time.RFC3339)
	}
	return "ok", ""
}

// AddWebhook stores a new webhook.
func (s *Service) AddWebhook(ctx context.Context, who calbell.Caller, n calbell.NewWebhook) (calbell.WebhookRow, error) {
	if err := admin(who); err != nil {
		return calbell.WebhookRow{}, err
	}
	w := calbell.Webhook{
		ID: calbell.WebhookID(calbell.Slug(n.Name)), Name: n.Name, Origin: calbell.OriginStored,
		Kind: n.Kind, URL: calbell.Secret(strings.TrimSpace(n.URL)), Template: n.Template,
		Channel: n.Channel, Username: n.Username, IconURL: n.IconURL, IconEmoji: n.IconEmoji, Type: n.Type,
		Encoding: n.Encoding, Success: n.Success, Locale: n.Locale, TimeZone: n.TimeZone, OnUnknown: n.OnUnknown,
		RatePerSecond: n.RatePerSecond, Combine: n.Combine, Missed: n.Missed,
		Style: n.Style, Mentions: n.Mentions, MaxLength: n.MaxLength,
		Attachments: n.Attachments, Blocks: n.Blocks, Payload: n.Payload,
		Quiet: n.Quiet, Corrections: n.Corrections,
	}
	switch w.Kind {
	case "":
		w.Kind = calbell.GuessKind(w.URL.Reveal())
	case "mattermost":
		w.Kind = calbell.KindKChat
	}
	if w.ID == "" {
		return calbell.WebhookRow{}, &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("webhook name %q has no letter or digit", n.Name)}
	}
	if old, err := s.store.Webhook(ctx, w.Name); err == nil {
		e := &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("webhook %q exists already (%s)", old.Name, originText(old.Origin)),
			Hint: "choose another name",
		}
		if old.Origin == calbell.OriginStored {
			e.Hint += ", or remove it first: calbell webhook remove " + string(old.ID)
		}
		return calbell.WebhookRow{}, e
	} else if calbell.KindOf(err) != calbell.KindNotFound {
		return calbell.WebhookRow{}, err
	}
	if err := s.daemon.CheckWebhook(w); err != nil {
		return calbell.WebhookRow{}, err
	}
	if err := s.store.PutWebhook(ctx, w); err != nil {
		return calbell.WebhookRow{}, err
	}
	if err := s.daemon.WebhooksChanged(ctx); err != nil {
		return calbell.WebhookRow{}, err
	}
	return calbell.WebhookRow{Webhook: w, Host: hostOf(w.URL), State: "ok"}, nil
}

// originText says where a definition lives.
func originText(o calbell.Origin) string {
	if o == calbell.OriginFile {
		return "in the configuration file"
	}
	return "made by command"
}

// RemoveWebhook deletes a stored webhook that nothing uses.
func (s *Service) RemoveWebhook(ctx context.Context, who calbell.Caller, name string) error {
	if err := admin(who); err != nil {
		return err
	}
	w, err := s.webhook(ctx, name)
	if err != nil {
		return err
	}
	if w.Origin == calbell.OriginFile {
		return &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("webhook %q is defined in the configuration file", w.Name),
			Hint: "remove it there, then: calbell reload",
		}
	}
	bound, _, err := s.store.Bindings(ctx, "")
	if err != nil {
		return err
	}
	if users := s.usedBy(w.ID, bound); len(users) > 0 {
		return &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("webhook %q is used by %s", w.Name, strings.Join(users, ", ")),
			Hint: "give these another webhook first",
		}
	}
	if err := s.store.RemoveWebhook(ctx, w.ID); err != nil {
		return err
	}
	return s.daemon.WebhooksChanged(ctx)
}

// TestWebhook posts a sample message and returns the answer. A success lifts a
// suspension. sample is one of [templates.Samples]; "" = timed.
func (s *Service) TestWebhook(ctx context.Context, who calbell.Caller, name, sample string) (calbell.TestResult, error) {
	if err := admin(who); err != nil {
		return calbell.TestResult{}, err
	}
	w, err := s.webhook(ctx, name)
	if err != nil {
		return calbell.TestResult{}, err
	}
	message, _ := templates.CompileHookLenient(w) // a reminder would go out too
	p := s.daemon.Planner()
	now := time.Now()
	data, ok := templates.Sample(cmp.Or(sample, "timed"), now, p.Zone())
	if !ok {
		return calbell.TestResult{}, &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("unknown sample %q", sample), Hint: "one of: " + strings.Join(templates.Samples(), ", "),
		}
	}
	data.Zone, data.Locale = p.Zone(), p.Locale()
	data.ID = calbell.NewReminderID(w.ID, data.Instance.UID, "", now)
	try := s.sender.Send(ctx, w, message.Render(data), now)
	if try.Verdict == calbell.Accepted {
		if err := s.liftSuspension(ctx, w.ID); err != nil {
			return calbell.TestResult{}, err
		}
	}
	return calbell.TestResult{
		Webhook: w.Name, Verdict: try.Verdict, Status: try.Status, Answer: try.Answer, Error: try.Error,
		TookMS: try.Took.Milliseconds(), Hint: hint(try),
	}, nil
}

// liftSuspension puts a webhook that works back into service.
func (s *Service) liftSuspension(ctx context.Context, id calbell.WebhookID) error {
	states, err := s.store.WebhookStates(ctx)
	if err != nil || states[id] == (calbell.WebhookState{}) {
		return err
	}
	if err := s.store.SetWebhookState(ctx, id, calbell.WebhookState{}); err != nil {
		return err
	}
	return s.daemon.WebhooksChanged(ctx)
}

// webhook finds one by name or slug, and suggests when there is none.
func (s *Service) webhook(ctx context.Context, name string) (calbell.Webhook, error) {
	w, err := s.store.Webhook(ctx, name)
	if calbell.KindOf(err) != calbell.KindNotFound {
		return w, err
	}
	list, listErr := s.store.Webhooks(ctx)
	if listErr != nil {
		return w, listErr
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Name)
	}
	return w, notFound("webhook", name, names, "calbell webhook list")
}

// hint translates an answer into what to do about it.
func hint(t calbell.Try) string {
	switch {
	case t.Verdict == calbell.Accepted:
		return ""
	case t.Verdict == calbell.Unrecognised:
		return "the answer is not a chat's: is a login page or a proxy in between, or does this receiver need success: 2xx?"
	case t.Status == 400 && t.Verdict == calbell.HookRefused, t.Status == 404, t.Status == 410:
		return "the webhook does not exist (any more): make a new one in the chat and change its URL"
	case t.Status == 403:
		return "the webhook may be locked to another channel, or was disabled"
	case t.Status == 429:
		return "too many messages: the server asks to wait"
	case t.Status == 501:
		return "incoming webhooks are switched off at this server"
	case t.Status >= 300 && t.Status < 400:
		return "redirects are not followed: use the address that the chat shows"
	}
	return ""
}
