package servicetest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/service"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
)

// Password is that of every user.
const Password = "correct horse battery"

// World is a service over a real store.
type World struct {
	*service.Service
	// Store notifies the service of what is written.
	Store   Watched
	Program *Program

	tb testing.TB
}

// New returns a world in which nothing is stored. The configuration's file has these accounts.
func New(tb testing.TB, file ...calbell.Account) *World {
	tb.Helper()
	db, err := bolt.Open(filepath.Join(tb.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	p := &Program{File: file, store: db, Verdict: calbell.Accepted, Passwords: true, Page: "https://calbell.example.org"}
	w := &World{Program: p, tb: tb}
	w.Service = service.New(service.Options{
		Store: StoreOf(db), Config: p, Effects: p, Program: p, Backups: p, Syncs: p, Servers: p, Bindings: p, Sender: p, SignIn: p,
	})
	w.Store = Watch(db, w.Watcher())
	w.OK(p.renew(context.Background()))
	return w
}

// Watched is a store that notifies the service of what is written through it.
type Watched struct {
	*bolt.Store
	store.Plans
	store.Queue
}

// Watch returns a store that notifies w.
func Watch(db *bolt.Store, w store.Watcher) Watched {
	return Watched{db, store.WatchPlans(db, w), store.WatchQueue(db, w)}
}

// StoreOf returns a database as the service asks it.
func StoreOf(db *bolt.Store) service.Store {
	return service.Store{
		People: db, Settings: db, CalendarStore: db, EventStore: db, WebhookStore: db, DeliveryStore: db,
	}
}

// OK ends the test on an error.
func (w *World) OK(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// User makes a user, and returns the caller that a session of theirs stands for.
func (w *World) User(name string, role calbell.Role) calbell.Caller {
	w.tb.Helper()
	u := calbell.User{Name: name, Role: role, Epoch: 1, MadeAt: time.Now().Add(-time.Hour).UTC()}
	w.OK(w.Store.Users().Put(w.tb.Context(), u))
	w.OK(w.Program.renew(w.tb.Context()))
	return calbell.Caller{Name: name, Admin: role == calbell.RoleAdmin, Epoch: u.Epoch}
}

// Account stores an account of an owner's with one calendar, and returns that.
func (w *World) Account(owner, name, calendar string) calbell.Calendar {
	w.tb.Helper()
	a := calbell.Account{
		ID: calbell.Slug(owner) + "." + calbell.Slug(name), Name: name, Owner: owner, Origin: calbell.OriginStored,
		URL: "https://cal.example.org/" + calbell.Slug(owner) + "/", Username: calbell.Slug(owner), Password: Password,
	}
	w.OK(w.Store.Accounts().Put(w.tb.Context(), a))
	w.OK(w.Program.renew(w.tb.Context()))
	return w.Calendar(a.Key(), calendar)
}

// Calendar stores a calendar of an account that is there.
func (w *World) Calendar(account, name string) calbell.Calendar {
	w.tb.Helper()
	url := "https://cal.example.org/" + account + "/" + calbell.Slug(name) + "/"
	c := calbell.Calendar{ID: calbell.NewCalendarID(account, url), Account: account, URL: url, Name: name}
	w.OK(w.Store.Apply(w.tb.Context(), store.Change{Calendar: c}, time.Now()))
	return c
}

// Webhook stores a webhook of an owner's.
func (w *World) Webhook(owner, name string, share bool) calbell.WebhookID {
	w.tb.Helper()
	id := calbell.Slug(name)
	if owner != "" {
		id = calbell.Slug(owner) + "." + id
	}
	hook := calbell.Webhook{
		ID: calbell.WebhookID(id), Name: name, Owner: owner, Origin: calbell.OriginStored, URL: calbell.Secret("https://chat.example.org/hooks/secret-of-" + id),
		WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Share: share},
	}
	w.OK(w.Store.Webhooks().Put(w.tb.Context(), hook))
	w.OK(w.Program.renew(w.tb.Context()))
	return hook.ID
}

// Event stores and plans an event with a start, a rule ("": none) and an alarm ten minutes before, as
// a sync does. It returns the event's ID.
func (w *World) Event(c calbell.Calendar, title string, start time.Time, rule string) string {
	w.tb.Helper()
	o := Object(c, title, start, rule)
	w.Put(c, o)
	return calbell.EventID(c.ID, o.Href, o.UIDs[0])
}

// Put stores and plans an object, as a sync does.
func (w *World) Put(c calbell.Calendar, o calbell.Object) {
	w.tb.Helper()
	p := w.Program.Policy()
	bindings, _, err := w.Store.Bindings(w.tb.Context(), c.Account)
	w.OK(err)
	planned := plan.Plan(p.Input(c, o, plan.BindingsOf(bindings)[c.Account], time.Now()))
	w.OK(w.Store.Apply(w.tb.Context(), store.Change{Calendar: c, Put: []store.Planned{planned}}, time.Now()))
}

// Finish ends what is due at a time, as the dispatcher does, after one try that was refused or accepted
// as the status says. It returns what it ended.
func (w *World) Finish(now time.Time, status calbell.Status) (ids []calbell.ReminderID) {
	w.tb.Helper()
	verdict := calbell.HookRefused
	if status == calbell.StatusSent {
		verdict = calbell.Accepted
	}
	claims, err := w.Store.Claim(w.tb.Context(), store.ClaimRequest{Worker: "test", Lease: time.Minute, Now: now, Limit: 100})
	w.OK(err)
	var outcomes []calbell.Outcome
	for _, c := range claims {
		ids = append(ids, c.ID)
		outcomes = append(outcomes, calbell.Outcome{ID: c.ID, Status: status, Try: &calbell.Try{At: now, Verdict: verdict}})
	}
	w.OK(w.Store.Finish(w.tb.Context(), "test", outcomes, nil, now))
	return ids
}

// Object returns an object with one event.
func Object(c calbell.Calendar, title string, start time.Time, rule string) calbell.Object {
	if rule != "" {
		rule = "RRULE:" + rule + "\r\n"
	}
	name := calbell.Slug(title)
	uid := calbell.UID(name + "@example.org")
	raw := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:" + string(uid) + "\r\nDTSTAMP:20260101T000000Z\r\n" +
		"DTSTART:" + start.UTC().Format("20060102T150405Z") + "\r\nDURATION:PT45M\r\n" + rule + "SUMMARY:" + title + "\r\n" +
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	return calbell.Object{
		Calendar: c.ID, Href: calbell.Href("/" + name + ".ics"), ETag: calbell.ETag(fmt.Sprintf("%q", name)), Raw: []byte(raw), UIDs: []calbell.UID{uid},
	}
}

// Holds reports whether an answer, an error included, contains a text as people would see it.
func Holds(text string, answer ...any) bool {
	for _, a := range answer {
		if strings.Contains(fmt.Sprintf("%+v", a), text) {
			return true
		}
	}
	return false
}
