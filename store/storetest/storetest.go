package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"calbell"
	"calbell/store"
)

// Store is everything that package store asks of a database.
type Store interface {
	store.Calendars
	store.Objects
	store.Plans
	store.Queue
	store.Deliveries
	store.Webhooks
	store.Notices
	store.Heartbeat
	store.Bindings
	store.Pauses
	store.People
	store.Sessions
	store.Settings
	// Close waits for transactions under way. The store is of no use afterwards.
	Close() error
}

// Open makes a new, empty store. It closes what it opened when the test ends.
type Open func(t *testing.T) *Handle

// Handle is a store under test.
type Handle struct {
	Store
	// Reopen closes the store and returns it opened again, as after a restart. nil: the
	// backend keeps nothing.
	Reopen func(t *testing.T) Store
	// RowsRead returns how many rows the backend has looked at so far; nil: it does not count.
	RowsRead func() int64
	// Check verifies the backend's own invariants; nil when it has no such method.
	Check func(ctx context.Context) error
}

// Run runs the contract. Each of its tests gets a store of its own.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"calendars", slices.Concat(calendarTests(), removalTests())},
		{"objects", slices.Concat(objectTests(), uidTests(), walkingTests())},
		{"plan", planTests()},
		{"queue", queueTests()},
		{"deliveries", slices.Concat(deliveryTests(), countTests())},
		{"webhooks", webhookTests()},
		{"notices", noticeTests()},
		{"upkeep", upkeepTests()},
		{"bindings", bindingTests()},
		{"pauses", pauseTests()},
		{"people", peopleTests()},
		{"settings", settingsTests()},
		{"tables", tableTests()},
		{"renamed accounts", renameTests()},
		{"groups", groupTests()},
		{"history of some", concernTests()},
		{"costs", costTests()},
		{"whole", wholeTests()},
	} {
		for _, tt := range group.tests {
			t.Run(group.name+"/"+tt.name, func(t *testing.T) {
				k := &kit{T: t, Handle: open(t)}
				tt.run(k)
				k.check()
			})
		}
	}
}

type test struct {
	name string
	run  func(k *kit)
}

// t0 is when the tests happen: a whole second, as reminders have it.
var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return t0.Add(d) }

// kit is a store with the means to speak of it shortly.
type kit struct {
	*testing.T
	*Handle
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) kind(err error, want calbell.ErrorKind) {
	k.Helper()
	if got := calbell.KindOf(err); err == nil || got != want {
		k.Errorf("error %v is of kind %d, want %d", err, got, want)
	}
}

func (k *kit) check() {
	k.Helper()
	if k.Handle.Check == nil {
		return
	}
	if err := k.Handle.Check(k.Context()); err != nil {
		k.Errorf("invariants: %v", err)
	}
}

// reopen restarts the store, where the backend can.
func (k *kit) reopen() {
	k.Helper()
	if k.Reopen != nil {
		k.Store = k.Reopen(k.T)
	}
}

func equal[T any](k *kit, what string, got, want T) {
	k.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		k.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// cal returns a calendar for tests; name is its ID, too.
func cal(name string) calbell.Calendar {
	return calbell.Calendar{
		ID: calbell.CalendarID(name), Account: "home", Name: name,
		URL: "https://cal.example.org/" + name + "/", SyncToken: "token-" + name,
	}
}

// obj returns an object with reminders; its ETag and text follow from rev.
func obj(href, rev string, rs ...store.PlannedReminder) store.Planned {
	for i := range rs {
		rs[i].Sources = []calbell.Source{{Href: calbell.Href(href), Alarm: rs[i].Sources[0].Alarm}}
	}
	return store.Planned{
		Object: calbell.Object{
			Href: calbell.Href(href), ETag: calbell.ETag(fmt.Sprintf("%q", rev)),
			Raw: []byte("BEGIN:VCALENDAR " + href + " " + rev), UIDs: []calbell.UID{"uid-of-" + calbell.UID(href)},
		},
		Reminders: rs,
	}
}

// rem returns a reminder of an event that falls due at t0 + d through a webhook.
func rem(uid, webhook string, d time.Duration) store.PlannedReminder {
	w, u := calbell.WebhookID(webhook), calbell.UID(uid)
	return store.PlannedReminder{Reminder: calbell.Reminder{
		ID: calbell.NewReminderID(w, u, "", at(d)), Webhook: w, UID: u, Due: at(d),
		Start: at(d + 10*time.Minute), End: at(d + 70*time.Minute), Subject: "about " + uid,
		Sources: []calbell.Source{{}},
	}}
}

// alarm returns r as asked for by another alarm of its event.
func alarm(r store.PlannedReminder, n int) store.PlannedReminder {
	r.Sources = []calbell.Source{{Alarm: n}}
	return r
}

func keepOnly(r store.PlannedReminder) store.PlannedReminder {
	r.KeepOnly = true
	return r
}

func about(r store.PlannedReminder, subject string) store.PlannedReminder {
	r.Subject = subject
	return r
}

// put applies objects to a calendar at t0 + d, as a sync does.
func (k *kit) put(d time.Duration, calendar string, objs ...store.Planned) {
	k.Helper()
	for i := range objs {
		objs[i].Object.Calendar = calbell.CalendarID(calendar)
		for j := range objs[i].Reminders {
			objs[i].Reminders[j].Sources[0].Calendar = calbell.CalendarID(calendar)
		}
	}
	k.ok(k.Apply(k.Context(), store.Change{Calendar: cal(calendar), Put: objs}, at(d)))
}

// drop deletes objects of a calendar at t0 + d.
func (k *kit) drop(d time.Duration, calendar string, hrefs ...calbell.Href) {
	k.Helper()
	k.ok(k.Apply(k.Context(), store.Change{Calendar: cal(calendar), Delete: hrefs}, at(d)))
}

// claim claims what is due at t0 + d for the worker "w".
func (k *kit) claim(d time.Duration) []calbell.Claim {
	k.Helper()
	return k.claimAs("w", d, 1000, nil)
}

func (k *kit) claimAs(worker string, d time.Duration, limit int, bounds func(calbell.WebhookID) []store.Bound) []calbell.Claim {
	k.Helper()
	cs, err := k.Claim(k.Context(), store.ClaimRequest{
		Worker: worker, Lease: calbell.Lease, Now: at(d), Limit: limit, Bounds: bounds,
	})
	k.ok(err)
	return cs
}

// finish records outcomes of the worker "w" at t0 + d.
func (k *kit) finish(d time.Duration, outcomes ...calbell.Outcome) {
	k.Helper()
	k.ok(k.Finish(k.Context(), "w", outcomes, nil, at(d)))
}

// sent is the outcome of a post that was accepted at t0 + d.
func sent(id calbell.ReminderID, d time.Duration) calbell.Outcome {
	return calbell.Outcome{ID: id, Status: calbell.StatusSent, Try: &calbell.Try{
		At: at(d), Took: 30 * time.Millisecond, Verdict: calbell.Accepted, Status: 200, Answer: "ok",
	}}
}

// retry is the outcome of a post that is tried again at t0 + next.
func retry(id calbell.ReminderID, next time.Duration) calbell.Outcome {
	return calbell.Outcome{ID: id, Status: calbell.StatusWaiting, NextAt: at(next), Try: &calbell.Try{
		At: at(next - time.Second), Verdict: calbell.RefusedForNow, Status: 503, Answer: "not now",
	}}
}

// want says what a delivery must look like, in the parts that are given.
type want struct {
	status  calbell.Status
	next    time.Duration // NextAt - t0; compared when the state is not final
	sources []string      // "calendar/href", in any order; nil is not compared
}

func (k *kit) delivery(id calbell.ReminderID) calbell.Delivery {
	k.Helper()
	d, err := k.Delivery(k.Context(), id)
	k.ok(err)
	return d
}

func (k *kit) expect(r store.PlannedReminder, w want) {
	k.Helper()
	d := k.delivery(r.ID)
	if d.Status != w.status {
		k.Errorf("%s is %s, want %s", d.Subject, d.Status, w.status)
	}
	if d.Status.Final() != d.NextAt.IsZero() || d.Status.Final() == d.FinishedAt.IsZero() {
		k.Errorf("%s: next at %s, finished at %s", d.Status, d.NextAt, d.FinishedAt)
	}
	if !d.Status.Final() && !d.NextAt.Equal(at(w.next)) {
		k.Errorf("%s is due at %s, want %s", d.Subject, d.NextAt, at(w.next))
	}
	if w.sources == nil {
		return
	}
	got := make(map[string]bool)
	for _, s := range d.Sources {
		got[fmt.Sprintf("%s%s", s.Calendar, s.Href)] = true
	}
	wanted := make(map[string]bool)
	for _, s := range w.sources {
		wanted[s] = true
	}
	equal(k, "sources of "+d.Subject, got, wanted)
}

func (k *kit) gone(r store.PlannedReminder) {
	k.Helper()
	_, err := k.Delivery(k.Context(), r.ID)
	k.kind(err, calbell.KindNotFound)
}

func ids[T any](of []T, id func(T) calbell.ReminderID) []calbell.ReminderID {
	out := make([]calbell.ReminderID, 0, len(of))
	for _, v := range of {
		out = append(out, id(v))
	}
	return out
}

func claimIDs(cs []calbell.Claim) []calbell.ReminderID {
	return ids(cs, func(c calbell.Claim) calbell.ReminderID { return c.ID })
}

func deliveryIDs(ds []calbell.Delivery) []calbell.ReminderID {
	return ids(ds, func(d calbell.Delivery) calbell.ReminderID { return d.ID })
}

func plannedIDs(rs ...store.PlannedReminder) []calbell.ReminderID {
	return ids(rs, func(r store.PlannedReminder) calbell.ReminderID { return r.ID })
}

// asJSON spells a tree, whatever types its numbers have.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
