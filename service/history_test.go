package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// One meeting in two people's calendars is one delivery; each sees of it that it comes from their own.
func TestOneMeetingOfTwo(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	id := w.Webhook("Anna", "ops", true)
	start := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	calendars := map[string]calbell.Calendar{}
	for _, name := range []string{"Anna", "Bob"} {
		c := w.Account(name, "work", name+"'s")
		hook := string(id)
		w.OK(store.SetCalendar(ctx, w.Store, c.ID, &calbell.CalendarSettings{Name: c.Account + "/" + c.Name, Webhook: hook}))
		calendars[name] = c
	}
	w.OK(w.Program.AccountsChanged(ctx))
	for _, c := range calendars {
		w.Event(c, "Meeting", start, "")
	}
	for _, who := range []calbell.Caller{anna, bob} {
		rows, err := w.Deliveries.History(ctx, who, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}})
		if err != nil || len(rows.Rows) != 1 {
			t.Fatalf("%s sees %+v, %v", who.Name, rows.Rows, err)
		}
		d, err := w.Deliveries.Get(ctx, who, rows.Rows[0].ID)
		if err != nil || len(d.Sources) != 1 || d.Sources[0].Calendar != calendars[who.Name].ID {
			t.Errorf("%s sees the sources %+v, %v", who.Name, d.Sources, err)
		}
	}
	d, err := w.Deliveries.History(ctx, calbell.LocalAdmin(), types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}})
	if err != nil || len(d.Rows) != 1 {
		t.Errorf("there are %+v, %v", d.Rows, err)
	}
}

// A test counts in the history, whatever the answer, for whoever made it and for the owner of the
// webhook; it can be made again, but not sent again.
func TestTestsAreInTheHistory(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob, carol := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	id := string(w.Webhook("Anna", "ops", true))
	for verdict, want := range map[calbell.Verdict]calbell.Status{calbell.HookRefused: calbell.StatusDead, calbell.Accepted: calbell.StatusSent} {
		w.Program.Verdict = verdict
		result, err := w.Webhooks.Test(ctx, bob, id, types.Sample{})
		w.OK(err)
		for _, who := range []calbell.Caller{anna, bob} {
			d, err := w.Deliveries.Get(ctx, who, result.Delivery)
			if err != nil || d.Status != want || len(d.Tries) != 1 || d.Notice == nil || d.Notice.Kind != calbell.NoticeTest || d.FinishedAt.Before(d.Due) {
				t.Errorf("%s sees of a test that is %s: %+v, %v", who.Name, want, d, err)
			}
		}
		if _, err := w.Deliveries.Get(ctx, carol, result.Delivery); outcome(err) != "missing" {
			t.Errorf("Carol sees Bob's test: %v", err)
		}
		_, err = w.Deliveries.Resend(ctx, bob, types.ResendRequest{IDs: []calbell.ReminderID{result.Delivery}})
		refused(t, err, "was a test")
		if _, err := w.Deliveries.Message(ctx, bob, result.Delivery, time.Now()); outcome(err) != "missing" {
			t.Errorf("the message of a test: %v", err)
		}
	}
}

// A user of a name that another had before sees nothing of what ended in their time.
func TestNextUserOfAName(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	_, err := w.Webhooks.Test(ctx, bob, "mine", types.Sample{})
	w.OK(err)
	w.OK(w.People.Remove(ctx, calbell.LocalAdmin(), "bob", "", now))
	_, err = w.People.Add(ctx, calbell.LocalAdmin(), types.NewUser{Name: "Bob", Password: servicetest.Password}, now.Add(time.Hour))
	w.OK(err)
	w.Webhook("Bob", "mine", false)
	page, err := w.Deliveries.History(ctx, calbell.Caller{Name: "Bob"}, types.DeliveryQuery{})
	if err != nil || len(page.Rows) != 0 {
		t.Errorf("the next Bob sees %+v, %v", page.Rows, err)
	}
}

// What ended is sent again when somebody asks, by IDs or by its webhook and time; all of a request or
// nothing.
func TestResend(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	id := w.Webhook("Bob", "mine", false)
	c := w.Account("Bob", "work", "Own")
	w.OK(store.SetCalendar(ctx, w.Store, c.ID, &calbell.CalendarSettings{Name: c.Account + "/" + c.Name, Webhook: string(id)}))
	w.OK(w.Program.AccountsChanged(ctx))
	later := w.Event(c, "Later", now.Add(24*time.Hour), "")
	w.Event(c, "Now", now.Add(10*time.Minute), "")
	ids := w.Finish(time.Now(), calbell.StatusDead)
	if len(ids) != 1 {
		t.Fatalf("%d are due", len(ids))
	}
	next, err := w.Deliveries.ComingPage(ctx, bob, 10, "", now)
	if err != nil || len(next.Rows) != 1 {
		t.Fatalf("coming is %+v, %v", next.Rows, err)
	}
	for _, tt := range []struct {
		in   types.ResendRequest
		want string
	}{
		{types.ResendRequest{}, "name deliveries"},
		{types.ResendRequest{IDs: ids, Webhook: "mine"}, "exclude each other"},
		{types.ResendRequest{Webhook: "mine"}, "since when"},
		{types.ResendRequest{Webhook: "mine", Since: now.Add(-time.Hour), Statuses: []calbell.Status{calbell.StatusPlanned}}, "cannot be sent again"},
		{types.ResendRequest{IDs: []calbell.ReminderID{ids[0], next.Rows[0].ID}}, "has not ended"},
	} {
		_, err := w.Deliveries.Resend(ctx, bob, tt.in)
		refused(t, err, tt.want)
	}
	for _, in := range []types.ResendRequest{{IDs: ids}, {Webhook: "mine", Since: now.Add(-time.Hour)}} {
		if r, err := w.Deliveries.Resend(ctx, bob, in); err != nil || r.Planned != 1 {
			t.Errorf("%+v: %+v, %v", in, r, err)
		}
		if got := w.Finish(time.Now(), calbell.StatusDead); !slices.Equal(got, ids) {
			t.Errorf("sent again are %q, want %q", got, ids)
		}
	}
	d, err := w.Events.Explain(ctx, bob, string(ids[0]), now)
	if err != nil || d.Subject != "Now" || len(d.Deliveries) != 1 {
		t.Errorf("explained: %+v, %v", d, err)
	}
	if m, err := w.Deliveries.Message(ctx, bob, ids[0], now); err != nil || !strings.Contains(m.Text, "Now") || m.Body == "" {
		t.Errorf("message %+v, %v", m, err)
	}
	if d, err := w.Events.Get(ctx, bob, later, now); err != nil || len(d.Deliveries) != 0 {
		t.Errorf("another event: %+v, %v", d.Deliveries, err)
	}
}

// A history comes in parts, each after the last, and by what was asked for.
func TestHistoryInParts(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	for _, name := range []string{"a", "b"} {
		w.Webhook("Bob", name, false)
	}
	for n := range 10 {
		_, err := w.Webhooks.Test(ctx, bob, string("ab"[n%2]), types.Sample{})
		w.OK(err)
	}
	seen := map[calbell.ReminderID]bool{}
	q := types.DeliveryQuery{Limit: 3}
	for pages := 1; ; pages++ {
		p, err := w.Deliveries.History(ctx, bob, q)
		w.OK(err)
		for _, r := range p.Rows {
			if seen[r.ID] {
				t.Errorf("%s is listed twice", r.ID)
			}
			seen[r.ID] = true
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			if len(seen) != 10 || pages > 4 {
				t.Errorf("%d of 10 on %d pages", len(seen), pages)
			}
			break
		}
	}
	for want, q := range map[string]types.DeliveryQuery{
		"5 <nil>":  {Webhook: "a"},
		"10 <nil>": {Statuses: []calbell.Status{calbell.StatusSent}},
		"0 <nil>":  {Since: time.Now().Add(time.Hour)},
	} {
		p, err := w.Deliveries.History(ctx, bob, q)
		if got := fmt.Sprint(len(p.Rows), " ", err); got != want {
			t.Errorf("%+v: %s, want %s", q, got, want)
		}
	}
	for _, q := range []types.DeliveryQuery{{Statuses: []calbell.Status{"lost"}}, {Cursor: "x"}} {
		if _, err := w.Deliveries.History(ctx, bob, q); outcome(err) != "usage" {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
