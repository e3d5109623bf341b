package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// bobsEvent is a world in which Bob has a daily event and a webhook.
func bobsEvent(t *testing.T, start time.Time) (w *servicetest.World, bob calbell.Caller, event string) {
	t.Helper()
	w = servicetest.New(t)
	bob = w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	return w, bob, w.Event(w.Account("Bob", "work", "Own"), "Stand-up", start, "FREQ=DAILY")
}

// What a request for a reminder must say.
func TestAddReminder(t *testing.T) {
	w, bob, event := bobsEvent(t, time.Now().Add(24*time.Hour))
	for _, tt := range []struct {
		in   types.NewReminder
		want string
	}{
		{types.NewReminder{Before: hours(1), Webhook: "mine"}, "ok"},
		{types.NewReminder{AtAlarm: true, Webhook: "bob.mine"}, "ok"},
		{types.NewReminder{Webhook: "mine"}, "usage"},
		{types.NewReminder{Before: hours(1), AtAlarm: true, Webhook: "mine"}, "usage"},
		{types.NewReminder{Before: hours(1)}, "usage"},
		{types.NewReminder{Mute: true, Webhook: "mine"}, "usage"},
		{types.NewReminder{Before: hours(1), Webhook: "mien"}, "missing"},
		{types.NewReminder{Before: hours(1), Webhook: "mine", Instance: "2001-01-01"}, "missing"},
	} {
		tt.in.Event = event
		preview, previewErr := w.Reminders.Preview(t.Context(), bob, tt.in)
		added, err := w.Reminders.Add(t.Context(), bob, tt.in)
		if outcome(err) != tt.want || outcome(previewErr) != tt.want {
			t.Errorf("%+v: %v, previewed %v, want %s", tt.in, err, previewErr, tt.want)
		}
		if err == nil && (len(added.Fires) == 0 || fmt.Sprint(added.Fires) != fmt.Sprint(preview.Fires)) {
			t.Errorf("%+v fires %v, previewed %v", tt.in, added.Fires, preview.Fires)
		}
	}
}

// Attaching twice is attaching once; more than an event may have is refused as a whole, and what was
// attached can be removed.
func TestRemindersOfAnEvent(t *testing.T) {
	w, bob, event := bobsEvent(t, time.Now().Add(24*time.Hour))
	add := func(leads ...calbell.Lead) (types.AttachedReminders, error) {
		return w.Reminders.Add(t.Context(), bob, types.NewReminder{Event: event, Webhook: "mine", Before: leads})
	}
	count := func() int {
		d, err := w.Events.Get(t.Context(), bob, event, time.Now())
		w.OK(err)
		return len(d.Bindings)
	}
	first, err := add(hours(1, 2)...)
	w.OK(err)
	if _, err := add(hours(2, 1)...); err != nil || count() != 2 {
		t.Errorf("twice: %d, %v", count(), err)
	}
	var many []calbell.Lead
	for n := range calbell.MaxBindings - 1 {
		many = append(many, calbell.Lead{Exact: time.Duration(n+200) * time.Minute})
	}
	if _, err := add(many...); outcome(err) != "usage" || count() != 2 {
		t.Errorf("too many: %d, %v", count(), err)
	}
	if _, err := add(many[1:]...); err != nil || count() != calbell.MaxBindings {
		t.Errorf("as many as there may be: %d, %v", count(), err)
	}
	w.OK(w.Reminders.Remove(t.Context(), bob, first.Bindings[0].ID))
	if err := w.Reminders.Remove(t.Context(), bob, first.Bindings[0].ID); outcome(err) != "missing" || count() != calbell.MaxBindings-1 {
		t.Errorf("removed twice: %d, %v", count(), err)
	}
}

// A muted occurrence does not ring while the others do, until it is unmuted by whatever name.
func TestMuteAndUnmute(t *testing.T) {
	start := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Hour)
	w, bob, event := bobsEvent(t, start)
	_, err := w.Reminders.Add(t.Context(), bob, types.NewReminder{Event: event, Webhook: "mine", Before: hours(1)})
	w.OK(err)
	next := func() time.Time {
		d, err := w.Events.Get(t.Context(), bob, event, time.Now())
		w.OK(err)
		for _, row := range d.Next {
			if len(row.Routes) > 0 {
				return row.Start
			}
		}
		return time.Time{}
	}
	if !next().Equal(start) {
		t.Fatalf("the next that rings is at %s, want %s", next(), start)
	}
	for _, name := range []string{start.Format(time.RFC3339), start.In(time.FixedZone("", 3600)).Format(time.RFC3339), start.Format(time.DateOnly)} {
		_, err := w.Reminders.Add(t.Context(), bob, types.NewReminder{Event: event, Mute: true, Instance: calbell.RecurrenceID(name)})
		w.OK(err)
		if want := start.AddDate(0, 0, 1); !next().Equal(want) {
			t.Errorf("muted as %s: the next that rings is at %s, want %s", name, next(), want)
		}
		n, err := w.Reminders.Unmute(t.Context(), bob, event, calbell.RecurrenceID(name))
		if err != nil || n != 1 || !next().Equal(start) {
			t.Errorf("unmuted as %s: %d, next at %s, %v", name, n, next(), err)
		}
	}
	_, err = w.Reminders.Add(t.Context(), bob, types.NewReminder{Event: event, Mute: true})
	w.OK(err)
	if !next().IsZero() {
		t.Errorf("a muted event rings at %s", next())
	}
}

// An event names by its ID or its UID, and one that two calendars have by its ID alone.
func TestEventByItsNames(t *testing.T) {
	start := time.Now().Add(24 * time.Hour)
	w, bob, event := bobsEvent(t, start)
	uid := calbell.Slug("Stand-up") + "@example.org"
	for _, name := range []string{event, uid} {
		if d, err := w.Events.Get(t.Context(), bob, name, time.Now()); err != nil || d.ID != event {
			t.Errorf("%s: %s, %v", name, d.ID, err)
		}
	}
	other := w.Event(w.Calendar("bob.work", "Copy"), "Stand-up", start, "")
	if _, err := w.Events.Get(t.Context(), bob, uid, time.Now()); outcome(err) != "usage" || !strings.Contains(err.Error(), "in 2 calendars") {
		t.Errorf("a UID of two: %v", err)
	}
	if d, err := w.Events.Get(t.Context(), bob, other, time.Now()); err != nil || d.Calendar != "Copy" {
		t.Errorf("%s: %s, %v", other, d.Calendar, err)
	}
}

// A new event is written into the calendar, its reminder attached, and what follows from a failure is
// told apart from a failure to write.
func TestCreateEvent(t *testing.T) {
	w, bob, _ := bobsEvent(t, time.Now().Add(24*time.Hour))
	c, err := w.Calendars.Get(t.Context(), bob, "Own")
	w.OK(err)
	w.Program.Put = func(href calbell.Href, raw []byte) { // the sync that follows finds it
		if !strings.Contains(string(raw), "SUMMARY:Lunch") {
			t.Errorf("written is %s", raw)
		}
		o := calbell.Object{Calendar: c.ID, Href: href, ETag: `"1"`, Raw: raw, UIDs: []calbell.UID{"lunch@example.org"}}
		w.Put(c.Calendar, o)
	}
	in := types.NewEvent{Calendar: "Own", UID: "lunch@example.org", Title: "Lunch", Start: "2040-12-01T12:00", Webhook: "mine", Before: hours(1)}
	d, err := w.Events.Create(t.Context(), bob, in, time.Now())
	if err != nil || d.Subject != "Lunch" || len(d.Bindings) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	in.UID, w.Program.SyncError = "", &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.Plain("no answer")}
	w.Program.Put = nil
	if _, err := w.Events.Create(t.Context(), bob, in, time.Now()); calbell.KindOf(err) != calbell.KindPartly {
		t.Errorf("the sync fails: %v", err)
	}
	for field, change := range map[string]func(*types.NewEvent){
		"uid":       func(n *types.NewEvent) { n.UID = "a/b" },
		"title":     func(n *types.NewEvent) { n.Title = " " },
		"start":     func(n *types.NewEvent) { n.Start = "soon" },
		"end":       func(n *types.NewEvent) { n.End = "2040-11-30T12:00" },
		"time_zone": func(n *types.NewEvent) { n.TimeZone = "Mars" },
		"webhook":   func(n *types.NewEvent) { n.Webhook = "none" },
	} {
		n := in
		change(&n)
		_, err := w.Events.Create(t.Context(), bob, n, time.Now())
		if fields := calbell.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
