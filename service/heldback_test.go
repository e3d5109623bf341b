package service_test

import (
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// keep stores a calendar as it is changed.
func keep(t *testing.T, w *servicetest.World, c calbell.Calendar, change func(*calbell.Calendar)) calbell.Calendar {
	t.Helper()
	change(&c)
	w.OK(w.Store.Apply(t.Context(), store.Change{Calendar: c}, time.Now()))
	return c
}

// What the brake holds back is deleted when a person says so, by a sync of that calendar alone. Where
// nothing is held back there is nothing to say, and a failing server's answer is passed on.
func TestApplyNow(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob, carol := w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	c := w.Account("Bob", "work", "Own")
	other := w.Calendar(c.Account, "Other")
	_, err := w.Calendars.ApplyNow(ctx, bob, "Own")
	refused(t, err, "nothing is held back", "calbell sync own")
	c = keep(t, w, c, func(c *calbell.Calendar) { c.Brake = calbell.Brake{Absent: 9, Known: 10, Since: now, Seen: 1} })
	_, err = w.Calendars.ApplyNow(ctx, carol, string(c.ID))
	says(t, err, "no calendar")
	rows, err := w.Calendars.Sync(ctx, bob, "Own")
	if err != nil || len(rows) != 1 || rows[0].HeldBack != 9 {
		t.Errorf("a sync tells %+v, %v", rows, err)
	}
	if rows, err := w.Calendars.Sync(ctx, bob, "Other"); err != nil || rows[0].HeldBack != 0 {
		t.Errorf("a sync of the other tells %+v, %v", rows, err)
	}
	if row, err := w.Calendars.ApplyNow(ctx, bob, "Own"); err != nil || row.ID != c.ID {
		t.Errorf("applied: %+v, %v", row, err)
	}
	last := w.Program.Requests()[len(w.Program.Requests())-1]
	if !last.Apply || !last.Now || !slices.Equal(last.Only, []calbell.CalendarID{c.ID}) || last.Includes(other) {
		t.Errorf("asked for %+v", last)
	}
	w.Program.SyncError = &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.Plain("no answer"), Hint: calbell.Plain("wait")}
	_, err = w.Calendars.ApplyNow(ctx, bob, "Own")
	says(t, err, "no answer", "wait")
}

// Of two calendars of a name the one is meant in which something is held back, or that its server lists
// no more; and a sync tells which calendars it did not read.
func TestHeldBackOfAName(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.Account("Bob", "work", "Team")
	gone := keep(t, w, w.Account("Bob", "home", "Team"), func(c *calbell.Calendar) { c.Unlisted = true })
	if row, err := w.Calendars.ApplyNow(ctx, bob, "Team"); err != nil || row.ID != gone.ID {
		t.Errorf("meant is %s, %v, want %s", row.ID, err, gone.ID)
	}
	rows, err := w.Calendars.Sync(ctx, bob, "")
	w.OK(err)
	for _, r := range rows {
		if want := r.Account == "bob.home"; slices.Equal(r.Unlisted, []string{"Team"}) != want {
			t.Errorf("%s: unlisted are %q", r.Account, r.Unlisted)
		}
	}
}

// Another person's calendar posts nothing until its reader switches it on, by saying so, or by sending
// its reminders somewhere or at times of their own. One's own needs no switch.
func TestSwitchOn(t *testing.T) {
	for _, tt := range []struct {
		name      string
		ownership calbell.Ownership
		edits     []types.CalendarEdit
		off       bool
		on        bool // as settings say
	}{
		{"as it came", calbell.OwnershipOther, nil, true, false},
		{"a zone", calbell.OwnershipOther, []types.CalendarEdit{{TimeZone: "Europe/Zurich"}}, true, false},
		{"said", calbell.OwnershipOther, []types.CalendarEdit{{SwitchedOn: true}}, false, true},
		{"a webhook", calbell.OwnershipOther, []types.CalendarEdit{{Webhook: "mine"}}, false, true},
		{"times", calbell.OwnershipOther, []types.CalendarEdit{{Webhook: "mine", Remind: hours(1)}}, false, true},
		{"and off again", calbell.OwnershipOther, []types.CalendarEdit{{SwitchedOn: true}, {}}, true, false},
		{"off again, with what it had", calbell.OwnershipOther, []types.CalendarEdit{{Webhook: "mine"}, {Webhook: "bob.mine"}}, true, false},
		{"one's own", calbell.OwnershipOwn, nil, false, false},
		{"one's own, switched", calbell.OwnershipOwn, []types.CalendarEdit{{SwitchedOn: true}}, false, false},
		{"whose it is is not known", calbell.OwnershipUnknown, nil, false, false},
	} {
		w, ctx := servicetest.New(t), t.Context()
		bob := w.User("Bob", calbell.RoleMember)
		w.Webhook("Bob", "mine", false)
		keep(t, w, w.Account("Bob", "work", "Own"), func(c *calbell.Calendar) { c.Ownership = tt.ownership })
		for _, e := range tt.edits {
			_, err := w.Calendars.Set(ctx, bob, "Own", "", e)
			w.OK(err)
		}
		row, err := w.Calendars.Get(ctx, bob, "Own")
		w.OK(err)
		set, _, err := w.Calendars.Settings(ctx, bob, "Own")
		if err != nil || row.SwitchedOff != tt.off || set.SwitchedOn != tt.on {
			t.Errorf("%s: off %v, set on %v, %v", tt.name, row.SwitchedOff, set.SwitchedOn, err)
		}
	}
}

// What the file lists is set there; a calendar that is read alone, or that its server lists no more,
// takes no new event.
func TestCalendarsThatTakeNothing(t *testing.T) {
	file := calbell.Account{Name: "house", Owner: "Bob", Origin: calbell.OriginFile, URL: "https://cal.example.org/"}
	w, ctx := servicetest.New(t, file), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	keep(t, w, w.Calendar("house", "Listed"), func(c *calbell.Calendar) { c.Listed = "Listed" })
	keep(t, w, w.Calendar("house", "Read"), func(c *calbell.Calendar) { c.ReadOnly = true })
	keep(t, w, w.Calendar("house", "Feed"), func(c *calbell.Calendar) { c.Level = calbell.LevelFile })
	keep(t, w, w.Calendar("house", "Gone"), func(c *calbell.Calendar) { c.Unlisted = true })
	_, err := w.Calendars.Set(ctx, bob, "Listed", "", types.CalendarEdit{TimeZone: "Europe/Zurich"})
	refused(t, err, `calendar "Listed" is defined in the configuration file`)
	_, err = w.Calendars.Set(ctx, bob, "Read", "", types.CalendarEdit{TimeZone: "Europe/Zurich"})
	w.OK(err)
	for name, want := range map[string]string{"Read": "can only be read", "Feed": "can only be read", "Gone": "does not list"} {
		_, err := w.Events.Create(ctx, bob, types.NewEvent{Calendar: name, Title: "x", Start: "2040-12-01"}, time.Now())
		refused(t, err, want)
	}
}
