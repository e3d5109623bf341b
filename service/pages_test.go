package service_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/store"
)

// pages walks through a list, with something happening between two pages.
func (w *world) pages(t *testing.T, q types.EventQuery, between func(page int)) (rows []types.EventRow) {
	t.Helper()
	for page := 0; ; page++ {
		part, next, err := w.Events.Page(t.Context(), calbell.LocalAdmin(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(part) > q.Limit {
			t.Fatalf("%d rows, at most %d were wanted", len(part), q.Limit)
		}
		rows = append(rows, part...)
		if q.Cursor = next; next == "" {
			return rows
		}
		if len(next) > 400 {
			t.Fatalf("a cursor of %d bytes", len(next))
		}
		between(page)
	}
}

func named(rows []types.EventRow) (names []string) {
	for _, r := range rows {
		names = append(names, string(r.UID)+" "+r.Start.UTC().Format(time.RFC3339))
	}
	return names
}

// Whatever comes and goes between two pages: what stays is listed once, and in its place.
func TestPagesStayInPlace(t *testing.T) {
	w := newWorld(t)
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	long := ""
	for range 50 {
		long += "é long title "
	}
	var stay []calbell.Object
	for n := range 60 { // three at a time, two of one title
		stay = append(stay, object(n, from.Add(time.Duration(n/3)*time.Hour), "", []string{"Same", "Same", long}[n%3]))
	}
	w.put(t, nil, stay...)
	w.put(t, nil, object(100, from.Add(-time.Hour), "FREQ=HOURLY;COUNT=30", "Bell")) // the first one runs into the window
	q := types.EventQuery{From: from.Add(-30 * time.Minute), To: from.AddDate(0, 0, 9), Limit: 4}
	want := named(w.pages(t, types.EventQuery{From: q.From, To: q.To, Limit: 10000}, func(int) {}))
	if len(want) != 90 || !slices.IsSorted(slices.Collect(func(yield func(string) bool) {
		for _, name := range want {
			if !yield(name[len(name)-20:]) {
				return
			}
		}
	})) {
		t.Fatalf("%d rows: %q", len(want), want)
	}
	rows := w.pages(t, q, func(page int) {
		// One more and one less before, and behind, the place at which the list is.
		w.put(t, []calbell.Href{calbell.Href(fmt.Sprintf("/c/%d.ics", 1000+page))}, object(2000+page, from, "", "Another"), object(3000+page, from.AddDate(0, 0, 8), "", "Late"))
	})
	var got []string
	for _, r := range rows {
		if r.Subject != "Another" && r.Subject != "Late" {
			got = append(got, named([]types.EventRow{r})...)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages have\n%q\nwant\n%q", got, want)
	}
}

// An event that takes place many times at once is listed wholly, in parts as in one.
func TestOverlappingInstances(t *testing.T) {
	w := newWorld(t)
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	o := object(1, from.AddDate(0, 0, -3), "FREQ=MINUTELY;INTERVAL=7;COUNT=900", "Overlapping") // 45 minutes each
	w.put(t, nil, o)
	q := types.EventQuery{From: from, To: from.AddDate(0, 0, 3), Limit: 5}
	rows := named(w.pages(t, q, func(int) {}))
	first := from.AddDate(0, 0, -3)
	var want []string
	for n := range 900 {
		if at := first.Add(time.Duration(n) * 7 * time.Minute); at.Add(45 * time.Minute).After(from) {
			want = append(want, "e1@example.org "+at.Format(time.RFC3339))
		}
	}
	if !slices.Equal(rows, want) {
		t.Errorf("%d rows, want %d", len(rows), len(want))
	}
}

// No question has the program look through thousands of years: the answer is a part, with where
// to go on.
func TestQuestionsAreBounded(t *testing.T) {
	w := newWorld(t)
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	w.put(t, nil, object(1, begin, "FREQ=MINUTELY", "Bell")) // with an alarm, and so a reminder
	for name, q := range map[string]types.EventQuery{
		"search":     {Search: "room 1 and not this"},
		"unreminded": {Unreminded: true},
		"unrouted":   {Unrouted: true},
	} {
		q.From, q.To, q.Limit = begin, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 10000
		var n int
		var next string
		var err error
		if name == "unreminded" {
			var rows []types.RemindedEvent
			rows, next, err = w.Events.Agenda(t.Context(), calbell.LocalAdmin(), q)
			n = len(rows)
		} else {
			var rows []types.EventRow
			rows, next, err = w.Events.Page(t.Context(), calbell.LocalAdmin(), q)
			n = len(rows)
		}
		if err != nil || n != 0 || (next == "") != (name == "search") { // the index knows the texts
			t.Errorf("%s: %d rows, next %q, %v", name, n, next, err)
		}
	}
}

// Who has few reminders among many of others' sees them, in their order, page by page.
func TestUpcomingOfFewAmongMany(t *testing.T) {
	w := newWorld(t)
	bob := calbell.Caller{Name: "bob"}
	due := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	plan := func(account string, c calbell.Calendar, n int, at func(i int) time.Time) {
		t.Helper()
		c.ID, c.Account = calbell.NewCalendarID(account, c.URL), account
		var put []store.Planned
		for i := range n {
			o := object(i, at(i), "", "x")
			o.Calendar = c.ID
			r := calbell.Reminder{Webhook: "team", UID: calbell.UID(account + string(o.UIDs[0])), Due: at(i), Start: at(i), End: at(i).Add(time.Hour), Sources: []calbell.Source{{Calendar: c.ID, Href: o.Href}}}
			r.ID = calbell.NewReminderID(r.Webhook, r.UID, "", r.Due)
			put = append(put, store.Planned{Object: o, Reminders: []store.PlannedReminder{{Reminder: r}}})
		}
		if err := w.store.Apply(t.Context(), store.Change{Calendar: c, Put: put}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	plan("a", w.calendar, 3000, func(i int) time.Time { return due.Add(time.Duration(i) * time.Second) })
	plan("b", w.calendar, 25, func(i int) time.Time { return due.Add(time.Duration(i) * 2 * time.Minute) })
	var all []types.UpcomingRow
	for cursor, n := "", 0; ; n++ {
		p, err := w.Deliveries.ComingPage(t.Context(), bob, 4, cursor, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, p.Rows...); p.Next == "" || n > 20 {
			break
		}
		cursor = p.Next
	}
	if len(all) != 25 {
		t.Fatalf("%d reminders, Bob has 25", len(all))
	}
	for i, r := range all {
		if !r.Due.Equal(due.Add(time.Duration(i) * 2 * time.Minute)) {
			t.Errorf("number %d is due at %s", i, r.Due)
		}
	}
	page, err := w.Deliveries.History(t.Context(), bob, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}, Limit: 10})
	if err != nil || len(page.Rows) != 10 || page.Next == "" {
		t.Errorf("planned ones: %d, next %q, %v", len(page.Rows), page.Next, err)
	}
	second, err := w.Deliveries.History(t.Context(), bob, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}, Limit: 100, Cursor: page.Next})
	if err != nil || len(second.Rows) != 15 || second.Rows[0].Due.After(page.Rows[9].Due) {
		t.Errorf("the others: %d, %v", len(second.Rows), err)
	}
}
