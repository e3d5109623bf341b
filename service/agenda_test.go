package service_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/service"
	"calbell/service/authz"
	"calbell/service/servicetest"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
)

// still is a program of which only the settings are asked.
type still struct {
	service.Config
	service.Syncs
	policy *plan.Policy
}

func (d still) Policy() *plan.Policy { return d.policy }
func (d still) Accounts() *authz.AccountIndex {
	return authz.NewAccountIndex([]calbell.Account{{Name: "a"}, {Name: "b", Owner: "bob"}})
}
func (d still) Syncing() []calbell.SyncProgress    { return nil }
func (d still) Overdue(calbell.Calendar) time.Time { return time.Time{} }
func (d still) Health(string, []calbell.Calendar) calbell.AccountHealth {
	return calbell.AccountHealth{State: calbell.SyncOK}
}

// program is what these tests have of the program.
type program interface {
	service.Config
	service.Syncs
}

func newService(s service.Store, p program) *service.Service {
	return service.New(service.Options{Store: s, Config: p, Syncs: p})
}

// world is a service over a real store with one calendar.
type world struct {
	*service.Service
	store    servicetest.Watched
	policy   *plan.Policy
	calendar calbell.Calendar
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	st, err := bolt.Open(filepath.Join(tb.TempDir(), "db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	hook := calbell.Webhook{ID: "team", Name: "team", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	policy := plan.NewPolicy(plan.Settings{
		Accounts: []calbell.Account{{Name: "a", Default: calbell.Default{Webhook: "team"}}},
		Webhooks: []calbell.Webhook{hook}, Zone: time.UTC, Locale: "en",
	})
	w := &world{Service: newService(servicetest.StoreOf(st), still{policy: policy}), policy: policy}
	w.store = servicetest.Watch(st, w.Watcher())
	w.calendar = calbell.Calendar{ID: calbell.NewCalendarID("a", "https://cal.example.org/c/"), Account: "a", URL: "https://cal.example.org/c/", Name: "Team"}
	return w
}

// put stores objects, as a sync does.
func (w *world) put(tb testing.TB, del []calbell.Href, objects ...calbell.Object) {
	tb.Helper()
	change := store.Change{Calendar: w.calendar, Delete: del}
	for _, o := range objects {
		change.Put = append(change.Put, store.Planned{Object: o})
	}
	if err := w.store.Apply(context.Background(), change, time.Now()); err != nil {
		tb.Fatal(err)
	}
}

// object is the n-th object with a start, a rule ("" = none) and a title.
func object(n int, start time.Time, rule, title string) calbell.Object {
	if rule != "" {
		rule = "RRULE:" + rule + "\r\n"
	}
	uid := fmt.Sprintf("e%d@example.org", n)
	raw := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" +
		start.UTC().Format("20060102T150405Z") + "\r\nDURATION:PT45M\r\n" + rule + "SUMMARY:" + title +
		"\r\nLOCATION:Room " + fmt.Sprint(n%40) + "\r\nDESCRIPTION:Bring what was agreed on last time\\, and the list.\r\n" +
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	return calbell.Object{
		Calendar: calbell.NewCalendarID("a", "https://cal.example.org/c/"), Href: calbell.Href(fmt.Sprintf("/c/%d.ics", n)),
		ETag: calbell.ETag(fmt.Sprintf("%q", title+rule+start.String())), Raw: []byte(raw), UIDs: []calbell.UID{calbell.UID(uid)},
	}
}

// What the index finds is what parsing everything finds, whatever changed before.
func TestEventsAreThoseOfAllObjects(t *testing.T) {
	w, r := newWorld(t), rand.New(rand.NewPCG(1, 2))
	now := time.Now().UTC().Truncate(time.Hour)
	rules := []string{"", "", "FREQ=DAILY", "FREQ=WEEKLY;COUNT=5", "FREQ=YEARLY", "FREQ=MONTHLY;UNTIL=20270101T000000Z"}
	titles := []string{"Stand-up", "Réunion ÉQUIPE", "Review", strings.Repeat("long ", 200) + "Needle"}
	live := map[calbell.Href]calbell.Object{}
	for range 60 {
		var put []calbell.Object
		var del []calbell.Href
		for range 5 {
			n := r.IntN(120)
			o := object(n, now.Add(time.Duration(r.IntN(24*900)-24*450)*time.Hour), rules[r.IntN(len(rules))], titles[r.IntN(len(titles))])
			if slices.ContainsFunc(put, func(p calbell.Object) bool { return p.Href == o.Href }) {
				continue
			}
			put = append(put, o)
			live[o.Href] = o
		}
		if gone := calbell.Href(fmt.Sprintf("/c/%d.ics", r.IntN(120))); !slices.ContainsFunc(put, func(p calbell.Object) bool { return p.Href == gone }) {
			del = append(del, gone)
			delete(live, gone)
		}
		w.put(t, del, put...)
		from := now.AddDate(0, 0, r.IntN(400)-200)
		q := types.EventQuery{From: from, To: from.AddDate(0, 0, 1+r.IntN(60)), Search: []string{"", "needle", "équipe", "room 7"}[r.IntN(4)], Limit: 10000}
		rows, err := w.Events.List(t.Context(), calbell.LocalAdmin(), q)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		last := time.Time{}
		for _, row := range rows {
			got[string(row.UID)+" "+row.Start.UTC().String()] = true
			if row.Start.Before(last) {
				t.Fatal("the rows are not by start")
			}
			last = row.Start
		}
		if want := bruteForce(t, live, q); !mapsEqual(got, want) || len(rows) != len(want) {
			t.Fatalf("%v to %v, %q: %d rows, want %d", q.From, q.To, q.Search, len(rows), len(want))
		}
	}
}

func mapsEqual(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return len(a) == len(b)
}

// bruteForce parses everything.
func bruteForce(t *testing.T, live map[calbell.Href]calbell.Object, q types.EventQuery) map[string]bool {
	t.Helper()
	want := map[string]bool{}
	for _, o := range live {
		f, err := ical.Parse(o.Raw, ical.Options{Fallback: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		list, _ := f.Events[0].Instances(q.From, q.To, 10000)
		for _, i := range list {
			if strings.Contains(strings.ToLower(i.Summary+"\n"+i.Location+"\n"+i.Description), q.Search) {
				want[string(i.UID)+" "+i.Start.UTC().String()] = true
			}
		}
	}
	return want
}

// An agenda in parts is the agenda.
func TestAgendaGoesOn(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Hour)
	for n := range 30 {
		w.put(t, nil, object(n, now.Add(time.Duration(n%7)*time.Hour), "FREQ=DAILY", fmt.Sprint("Title ", n%3)))
	}
	q := types.EventQuery{From: now, To: now.AddDate(0, 0, 3), Limit: 1000}
	all, next, err := w.Events.Agenda(t.Context(), calbell.LocalAdmin(), q)
	if err != nil || next != "" || len(all) < 80 || len(all[0].Reminders) != 1 || all[0].Reminders[0].Routes[0].Webhook != "team" {
		t.Fatalf("%d rows, %q, %v", len(all), next, err)
	}
	var parts []types.RemindedEvent
	for q.Limit = 7; ; {
		rows, next, err := w.Events.Agenda(t.Context(), calbell.LocalAdmin(), q)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, rows...)
		if q.Cursor = next; next == "" {
			break
		}
	}
	same := slices.EqualFunc(all, parts, func(a, b types.RemindedEvent) bool { return a.ID == b.ID && a.RecurrenceID == b.RecurrenceID })
	if !same {
		t.Errorf("%d in parts, %d at once", len(parts), len(all))
	}
	if rows, _, err := w.Events.Agenda(t.Context(), calbell.LocalAdmin(), types.EventQuery{From: now, To: q.To, Unreminded: true}); err != nil || len(rows) > 0 {
		t.Errorf("%d without reminder, %v", len(rows), err)
	}
}

// many is a world with 100,000 events: four in five take place once within two years of now,
// the others recur, a third of these daily.
func many(b *testing.B) *world {
	b.Helper()
	w, r := newWorld(b), rand.New(rand.NewPCG(3, 4))
	now := time.Now().UTC().Truncate(time.Hour)
	rules := []string{"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"}
	for n := 0; n < 100_000; {
		var put []calbell.Object
		for range 2000 {
			rule := ""
			if n%5 == 0 {
				rule = rules[n/5%3]
			}
			start := now.Add(time.Duration(r.IntN(24*1460)-24*730)*time.Hour + time.Duration(r.IntN(60))*time.Minute)
			put = append(put, object(n, start, rule, fmt.Sprintf("Meeting %d of group %d", n, n%997)))
			n++
		}
		w.put(b, nil, put...)
	}
	return w
}

func BenchmarkAgenda100k(b *testing.B) {
	w := many(b)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	ask := func(q types.EventQuery) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if _, _, err := w.Events.Agenda(b.Context(), calbell.LocalAdmin(), q); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	began := time.Now()
	ask(types.EventQuery{From: day, To: day.AddDate(0, 0, 14), Limit: 200})(b)
	b.Logf("the first question, which makes the index: %v", time.Since(began))
	b.Run("agenda", ask(types.EventQuery{From: day, To: day.AddDate(0, 0, 14), Limit: 200}))
	b.Run("search", ask(types.EventQuery{From: day, To: day.AddDate(1, 0, 0), Search: "group 123", Limit: 200}))
	b.Run("search/nothing", ask(types.EventQuery{From: day, To: day.AddDate(1, 0, 0), Search: "no such words", Limit: 200}))
	b.Run("past", ask(types.EventQuery{From: day.AddDate(0, -3, 0), To: day.AddDate(0, -3, 14), Limit: 200}))
}

// Who comes first finds the index made, and what changed since in it.
func TestWarm(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Hour)
	w.put(t, nil, object(1, now.Add(time.Hour), "", "Early"))
	if err := w.store.Users().Put(t.Context(), calbell.User{Name: "anna", Role: calbell.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	reads := &counted{EventStore: w.store}
	counting := servicetest.StoreOf(w.store.Store)
	counting.EventStore = reads
	s := newService(counting, still{policy: w.policy})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Events.KeepWarm(ctx, func(err error) { t.Error(err) })
	}()
	for reads.each.Load() == 0 {
		<-time.After(time.Millisecond)
	}
	cancel()
	<-ended
	rows, err := s.Events.List(t.Context(), calbell.LocalAdmin(), types.EventQuery{From: now, To: now.AddDate(0, 0, 1)})
	if err != nil || len(rows) != 1 || reads.each.Load() != 1 {
		t.Errorf("%d rows, %v; the calendar was read %d times", len(rows), err, reads.each.Load())
	}
}

// counted counts how often a whole calendar is read.
type counted struct {
	service.EventStore
	each atomic.Int32
}

func (c *counted) EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	defer c.each.Add(1)
	return c.EventStore.EachObject(ctx, id, fn)
}
