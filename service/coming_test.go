package service_test

import (
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/store"
)

// What comes next has every occurrence of a series up to the last row, though the store holds only
// the first days of it; none twice, and never more than was asked for.
func TestComingHasEveryOccurrence(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Second)
	daily, yearly := object(1, now.Add(time.Hour), "FREQ=DAILY", "Stand-up"), object(2, now.Add(30*time.Hour), "FREQ=YEARLY", "Review")
	single := object(3, now.AddDate(0, 0, 9), "", "Off-site")
	change := store.Change{Calendar: w.calendar}
	for _, o := range []calbell.Object{daily, yearly, single} {
		change.Put = append(change.Put, plan.Plan(w.policy.Input(w.calendar, o, nil, now)))
	}
	if err := w.store.Apply(t.Context(), change, now); err != nil {
		t.Fatal(err)
	}
	at := func(start time.Time) time.Time { return start.Add(-10 * time.Minute) }
	var want []time.Time
	for d := range 9 {
		want = append(want, at(now.Add(time.Hour)).AddDate(0, 0, d))
	}
	want = append(want, at(now.Add(30*time.Hour)), at(now.AddDate(0, 0, 9)))
	slices.SortFunc(want, time.Time.Compare)
	// The yearly one's next reminder, a year ahead, is laid out: up to there everything is shown that fits.
	for _, limit := range []int{1, 3, 11, 40} {
		rows, more, err := w.Deliveries.Coming(t.Context(), calbell.LocalAdmin(), limit, now)
		if err != nil || len(rows) != limit || !more {
			t.Fatalf("limit %d: %d rows, more %v, %v", limit, len(rows), more, err)
		}
		ids := map[calbell.ReminderID]bool{}
		for i, r := range rows {
			if i < len(want) && !r.Due.Equal(want[i]) {
				t.Errorf("limit %d: row %d is due %s, want %s", limit, i, r.Due, want[i])
			}
			if ids[r.ID] {
				t.Errorf("limit %d: %s is listed twice", limit, r.ID)
			}
			ids[r.ID] = true
			if r.Event != "" && r.Subject != "Stand-up" || r.Status != calbell.StatusPlanned {
				t.Errorf("limit %d: row %d is %+v", limit, i, r)
			}
		}
	}
	if rows, _, err := w.Deliveries.Coming(t.Context(), calbell.Caller{Name: "bob"}, 10, now); err != nil || len(rows) != 0 {
		t.Errorf("who sees nothing of it sees %d rows, %v", len(rows), err)
	}
}

// Page by page the same comes as at once: each occurrence once, in order, to the last one that is
// laid out.
func TestComingInPages(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Second)
	change := store.Change{Calendar: w.calendar}
	for i, rule := range []string{"FREQ=DAILY", "FREQ=HOURLY;INTERVAL=5", "", ""} {
		o := object(i, now.Add(time.Duration(i*i)*30*time.Hour+time.Hour), rule, "Number")
		change.Put = append(change.Put, plan.Plan(w.policy.Input(w.calendar, o, nil, now)))
	}
	if err := w.store.Apply(t.Context(), change, now); err != nil {
		t.Fatal(err)
	}
	at := func(rows []types.UpcomingRow) (all []string) {
		for _, r := range rows {
			all = append(all, r.At().Format(time.RFC3339)+" "+string(r.ID)+" "+r.Event)
		}
		return all
	}
	whole, err := w.Deliveries.ComingPage(t.Context(), calbell.LocalAdmin(), 1000, "", now)
	// The single one is 270 hours ahead: as far reach the two series.
	if err != nil || whole.Next != "" || len(whole.Rows) != 12+49+2 {
		t.Fatalf("%d rows, next %q, %v", len(whole.Rows), whole.Next, err)
	}
	for _, limit := range []int{1, 7, 62, 63, 64} {
		var rows []types.UpcomingRow
		for cursor, pages := "", 0; ; pages++ {
			p, err := w.Deliveries.ComingPage(t.Context(), calbell.LocalAdmin(), limit, cursor, now)
			if err != nil || len(p.Rows) > limit || pages > 100 {
				t.Fatalf("limit %d, page %d: %d rows, %v", limit, pages, len(p.Rows), err)
			}
			if rows = append(rows, p.Rows...); p.Next == "" {
				break
			}
			cursor = p.Next
		}
		if got, want := at(rows), at(whole.Rows); !slices.Equal(got, want) {
			t.Errorf("pages of %d: %d rows\n%q\nwant\n%q", limit, len(rows), got, want)
		}
	}
}

// Of a new reminder the calendar's own webhook is offered; where it has none, the one that was
// used last.
func TestOfferedWebhook(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	o := object(1, now.Add(time.Hour), "", "Stand-up")
	w.put(t, nil, o)
	offered := func() calbell.WebhookID {
		t.Helper()
		d, err := w.Events.Get(t.Context(), calbell.LocalAdmin(), string(o.UIDs[0]), now)
		if err != nil {
			t.Fatal(err)
		}
		return d.Offered
	}
	if got := offered(); got != "team" {
		t.Errorf("the calendar's default: %q", got)
	}
	*w.policy = *plan.NewPolicy(plan.Settings{
		Accounts: []calbell.Account{{Name: "a"}}, Zone: time.UTC, Locale: "en",
		Webhooks: []calbell.Webhook{{ID: "team", Name: "team"}, {ID: "ops", Name: "ops"}},
	})
	if got := offered(); got != "" {
		t.Errorf("nothing was used yet: %q", got)
	}
	put := []calbell.Binding{
		{ID: "1", Account: "a", UID: "x@example.org", Webhook: "team", MadeAt: now.Add(-time.Hour)},
		{ID: "2", Account: "a", UID: "y@example.org", Webhook: "ops", MadeAt: now.Add(-time.Minute)},
		{ID: "3", Account: "a", UID: "y@example.org", Mute: true, MadeAt: now},
		{ID: "4", Account: "a", UID: "z@example.org", Webhook: "gone", MadeAt: now},
		{ID: "5", Account: "a", UID: "z@example.org", Webhook: "team", MadeAt: now, Removed: true},
	}
	_, state, err := w.store.Bindings(t.Context(), "a")
	if err == nil {
		err = w.store.Attach(t.Context(), store.Attachment{Account: "a", Put: put, Bound: state}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := offered(); got != "ops" {
		t.Errorf("used last: %q, want ops", got)
	}
}
