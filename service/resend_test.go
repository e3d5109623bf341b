package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
	"calbell/store"
)

// routed is a world in which the events of Bob's calendar go to his webhook.
func routed(t *testing.T) (w *servicetest.World, bob calbell.Caller, c calbell.Calendar) {
	t.Helper()
	w = servicetest.New(t)
	bob = w.User("Bob", calbell.RoleMember)
	id := w.Webhook("Bob", "mine", false)
	c = w.Account("Bob", "work", "Own")
	w.OK(store.SetCalendar(t.Context(), w.Store, c.ID, &calbell.CalendarSettings{Name: c.Account + "/" + c.Name, Webhook: string(id)}))
	w.OK(w.Program.AccountsChanged(t.Context()))
	return w, bob, c
}

// ended returns the deliveries in some states that somebody sees.
func ended(t *testing.T, w *servicetest.World, who calbell.Caller, in ...calbell.Status) (ids []calbell.ReminderID) {
	t.Helper()
	page, err := w.Deliveries.History(t.Context(), who, types.DeliveryQuery{Statuses: in})
	w.OK(err)
	for _, r := range page.Rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// says wants an error with some words.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error()+": "+calbell.HintOf(err).English, word) {
			t.Errorf("error %v (%s), want %q", err, calbell.HintOf(err), word)
		}
	}
}

// Each state of a delivery is sent again or says why not, and what to do instead.
func TestResendByState(t *testing.T) {
	w, bob, c := routed(t)
	ctx, now := t.Context(), time.Now()
	one := func(title string, status calbell.Status) calbell.ReminderID {
		t.Helper()
		w.Event(c, title, now.Add(10*time.Minute), "")
		ids := w.Finish(now.Add(time.Second), status)
		if len(ids) != 1 {
			t.Fatalf("%s: ended are %q", title, ids)
		}
		return ids[0]
	}
	sent, dead := one("Sent", calbell.StatusSent), one("Dead", calbell.StatusDead)
	missed, dropped := one("Missed", calbell.StatusMissed), one("Dropped", calbell.StatusDropped)
	w.Event(c, "Cancelled", now.Add(20*time.Minute), "")
	w.OK(w.Store.Apply(ctx, store.Change{Calendar: c, Delete: []calbell.Href{"/cancelled.ics"}}, now))
	cancelled := ended(t, w, bob, calbell.StatusCancelled)
	w.Event(c, "Planned", now.Add(48*time.Hour), "")
	planned := ended(t, w, bob, calbell.StatusPlanned)
	tested, err := w.Webhooks.Test(ctx, bob, "mine", types.Sample{})
	w.OK(err)
	if len(cancelled) != 1 || len(planned) != 1 {
		t.Fatalf("cancelled %q, planned %q", cancelled, planned)
	}
	for _, tt := range []struct {
		name string
		id   calbell.ReminderID
		want string // "": it is sent again
		hint string
	}{
		{"sent", sent, "", ""},
		{"dead", dead, "", ""},
		{"missed", missed, "", ""},
		{"dropped", dropped, "", ""},
		{"cancelled", cancelled[0], "was cancelled", "add it in the calendar again"},
		{"planned", planned[0], "has not ended: it is planned", "it is sent by itself"},
		{"a test", tested.Delivery, "was a test", "calbell webhook test bob.mine"},
		{"unknown", "none", `no delivery "none"`, "calbell delivery list"},
	} {
		r, err := w.Deliveries.Resend(ctx, bob, types.ResendRequest{IDs: []calbell.ReminderID{tt.id}})
		if tt.want == "" {
			if err != nil || r.Planned != 1 || r.More {
				t.Errorf("%s: %+v, %v", tt.name, r, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(calbell.HintOf(err).English, tt.hint) || r.Planned != 0 {
			t.Errorf("%s: %+v, %v (%s), want %q", tt.name, r, err, calbell.HintOf(err), tt.want)
		}
	}
	got, want := w.Finish(now.Add(time.Minute), calbell.StatusSent), []calbell.ReminderID{sent, dead, missed, dropped}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("sent again are %q, want %q", got, want)
	}
}

// All of a request is sent again or nothing is; a request names what it means in one way, and not too
// much of it.
func TestResendIsAllOrNothing(t *testing.T) {
	w, bob, c := routed(t)
	ctx, now := t.Context(), time.Now()
	carol := w.User("Carol", calbell.RoleMember)
	w.Event(c, "Dead", now.Add(10*time.Minute), "")
	ids := w.Finish(now.Add(time.Second), calbell.StatusDead)
	for _, tt := range []struct {
		name string
		who  calbell.Caller
		in   types.ResendRequest
		want string
	}{
		{"one of them is not there", bob, types.ResendRequest{IDs: []calbell.ReminderID{ids[0], "none"}}, "no delivery"},
		{"another's", carol, types.ResendRequest{IDs: ids}, "no delivery"},
		{"by nobody", calbell.Caller{}, types.ResendRequest{IDs: ids}, "nobody is signed in"},
		{"two ways", bob, types.ResendRequest{IDs: ids, Since: now}, "exclude each other"},
		{"two ways, by state", bob, types.ResendRequest{IDs: ids, Statuses: []calbell.Status{calbell.StatusDead}}, "exclude each other"},
		{"too many", bob, types.ResendRequest{IDs: make([]calbell.ReminderID, service.MaxResend+1)}, "at most 10000"},
		{"no webhook", bob, types.ResendRequest{Since: now}, "name deliveries"},
		{"no time", bob, types.ResendRequest{Webhook: "mine"}, "name deliveries"},
		{"an unknown webhook", bob, types.ResendRequest{Webhook: "none", Since: now}, "no webhook"},
		{"what was cancelled", bob, types.ResendRequest{Webhook: "mine", Since: now, Statuses: []calbell.Status{calbell.StatusCancelled}}, "cancelled cannot be sent again"},
		{"what is in flight", bob, types.ResendRequest{Webhook: "mine", Since: now, Statuses: []calbell.Status{calbell.StatusDead, calbell.StatusInFlight}}, "cannot be sent again"},
	} {
		_, err := w.Deliveries.Resend(ctx, tt.who, tt.in)
		says(t, err, tt.want)
	}
	if got := ended(t, w, bob, calbell.StatusDead); !slices.Equal(got, ids) {
		t.Errorf("given up are %q, want %q", got, ids)
	}
}

// By a webhook those are sent again that ended so since a time; its tests and notices are not.
func TestResendToAWebhook(t *testing.T) {
	w, bob, c := routed(t)
	ctx, now := t.Context(), time.Now()
	w.Event(c, "Dead", now.Add(10*time.Minute), "")
	w.Finish(now.Add(time.Second), calbell.StatusDead)
	w.Event(c, "Missed", now.Add(10*time.Minute), "")
	w.Finish(now.Add(2*time.Second), calbell.StatusMissed)
	w.Event(c, "Sent", now.Add(10*time.Minute), "")
	w.Finish(now.Add(3*time.Second), calbell.StatusSent)
	w.Program.Verdict = calbell.HookRefused
	_, err := w.Webhooks.Test(ctx, bob, "mine", types.Sample{})
	w.OK(err)
	for _, tt := range []struct {
		since time.Time
		in    []calbell.Status
		want  int
	}{
		{now.Add(time.Hour), nil, 0},
		{now.Add(-time.Hour), []calbell.Status{calbell.StatusDropped}, 0},
		{now.Add(-time.Hour), []calbell.Status{calbell.StatusSent}, 1},
		{now.Add(-time.Hour), nil, 2}, // dead and missed
		{now.Add(-time.Hour), nil, 0}, // they are planned by now
	} {
		r, err := w.Deliveries.Resend(ctx, bob, types.ResendRequest{Webhook: "mine", Since: tt.since, Statuses: tt.in})
		if err != nil || r.Planned != tt.want {
			t.Errorf("%q since %s: %+v, %v, want %d", tt.in, tt.since, r, err, tt.want)
		}
	}
}

// From when a webhook is not shared any more nothing of others goes there: nothing of theirs is sent
// again, attached or set to it, and they are told why what they have is silent. Its owner may remove
// it then.
func TestUnshare(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	id := string(w.Webhook("Anna", "ops", true))
	c := w.Account("Bob", "work", "Own")
	event := w.Event(c, "Meeting", now.Add(24*time.Hour), "")
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: id, Before: hours(24)})
	w.OK(err)
	w.Event(c, "Meeting", now.Add(24*time.Hour), "")
	_, err = w.Rules.Add(ctx, bob, types.NewRule{Name: "r", RuleSpec: calbell.RuleSpec{Webhooks: []string{id}}})
	w.OK(err)
	ids := w.Finish(now.Add(time.Minute), calbell.StatusDead)
	if len(ids) != 1 {
		t.Fatalf("ended are %q", ids)
	}
	refused(t, w.Webhooks.Remove(ctx, anna, id, ""), "what others have")
	share := func(is bool) {
		t.Helper()
		n, tag, err := w.Webhooks.Request(ctx, anna, id)
		w.OK(err)
		n.Share = is
		_, err = w.Webhooks.Set(ctx, anna, id, tag, n)
		w.OK(err)
	}
	share(false)
	_, err = w.Deliveries.Resend(ctx, bob, types.ResendRequest{IDs: ids})
	says(t, err, "not shared with you")
	_, err = w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: id, Before: hours(1)})
	says(t, err, "no webhook")
	_, err = w.Rules.Add(ctx, bob, types.NewRule{Name: "r2", RuleSpec: calbell.RuleSpec{Webhooks: []string{id}}})
	says(t, err, "no webhook")
	_, err = w.Calendars.Set(ctx, bob, string(c.ID), "", types.CalendarEdit{Webhook: id})
	says(t, err, "no webhook")
	d, err := w.Events.Get(ctx, bob, event, now)
	w.OK(err)
	if text := calbell.List(d.Problems...).English; strings.Count(text, "not shared") < 2 { // the binding, the rule
		t.Errorf("Bob is not told: %s", text)
	}
	share(true)
	if r, err := w.Deliveries.Resend(ctx, bob, types.ResendRequest{IDs: ids}); err != nil || r.Planned != 1 {
		t.Errorf("shared again: %+v, %v", r, err)
	}
	share(false)
	w.OK(w.Webhooks.Remove(ctx, anna, id, ""))
}
