package service_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// What people set for a calendar is checked, stored under its ETag, and forgotten when nothing is set.
func TestCalendarSettings(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	c := w.Account("Bob", "work", "Own")
	w.Webhook("Bob", "mine", false)
	for field, e := range map[string]types.CalendarEdit{
		"webhook": {Webhook: "none"}, "time_zone": {TimeZone: "Mars"}, "private": {Private: "sometimes"}, "mode": {Mode: "sometimes"},
	} {
		_, err := w.Calendars.Set(ctx, bob, "own", "", e)
		if fields := calbell.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, first, err := w.Calendars.Settings(ctx, bob, "Own")
	w.OK(err)
	row, err := w.Calendars.Set(ctx, bob, "Own", first, types.CalendarEdit{Webhook: "mine", Remind: hours(1), Mode: calbell.ModeAdd})
	if err != nil || !slices.Equal(row.Webhooks, []string{"bob.mine"}) {
		t.Errorf("%+v, %v", row, err)
	}
	if _, err := w.Calendars.Set(ctx, bob, "Own", first, types.CalendarEdit{}); outcome(err) != "changed" {
		t.Errorf("with the first ETag: %v", err)
	}
	got, tag, err := w.Calendars.Settings(ctx, bob, string(c.ID))
	if err != nil || got.Webhook != "bob.mine" || got.Mode != calbell.ModeAdd || tag == first {
		t.Errorf("%+v, %s, %v", got, tag, err)
	}
	_, err = w.Calendars.Set(ctx, bob, "Own", tag, types.CalendarEdit{})
	stored, storedErr := store.SettingsByCalendar(ctx, w.Store)
	if err != nil || storedErr != nil || len(stored) != 0 {
		t.Errorf("stored is %+v, %v, %v", stored, err, storedErr)
	}
}

// A name that two calendars have must be told by its account, or by its ID; one that the server lists no more does not
// keep its name from the one in its place.
func TestCalendarOfAName(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	first := w.Account("Bob", "work", "Team")
	second := w.Account("Bob", "home", "team")
	if _, err := w.Calendars.Get(ctx, bob, "Team"); outcome(err) != "usage" {
		t.Errorf("of two: %v", err)
	}
	if row, err := w.Calendars.Get(ctx, bob, string(second.ID)); err != nil || row.ID != second.ID {
		t.Errorf("by its ID: %v, %v", row.ID, err)
	}
	if row, err := w.Calendars.Get(ctx, bob, "bob.home/Team"); err != nil || row.ID != second.ID {
		t.Errorf("by its account: %v, %v", row.ID, err)
	}
	first.Gone.Reason = calbell.Plain("its server lists it no more")
	w.OK(w.Store.Apply(ctx, store.Change{Calendar: first}, time.Now()))
	if row, err := w.Calendars.Get(ctx, bob, "Team"); err != nil || row.ID != second.ID {
		t.Errorf("the one that is left: %v, %v", row.ID, err)
	}
	var e *calbell.Error
	if _, err := w.Calendars.Get(ctx, bob, "Taem"); !errors.As(err, &e) || e.Kind != calbell.KindNotFound || e.Hint.IsZero() {
		t.Errorf("a misspelt name: %v", err)
	}
}

// A sync tells of each account how it fared, and the caller of no other's.
func TestSyncTellsOfEachAccount(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.Account("Bob", "work", "Own")
	w.Account("Bob", "home", "Garden")
	w.Account("Carol", "hers", "Hers")
	rows, err := w.Calendars.Sync(ctx, bob, "")
	if err != nil || len(rows) != 2 || !rows[0].Error.IsZero() {
		t.Errorf("%+v, %v", rows, err)
	}
	w.Program.SyncError = &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.Plain("no answer"), Hint: calbell.Plain("wait")}
	rows, err = w.Calendars.Sync(ctx, bob, "garden")
	if err != nil || len(rows) != 1 || rows[0].Account != "bob.home" || rows[0].Error.English != "no answer" || rows[0].Hint.English != "wait" || rows[0].Kind != calbell.KindUnreachable {
		t.Errorf("%+v, %v", rows, err)
	}
	ends, n, err := w.Calendars.SyncSoon(ctx, bob, "garden")
	if err != nil || n != 1 || (<-ends).Error.English != "no answer" {
		t.Errorf("%d accounts, %v", n, err)
	}
	if slices.Contains(w.Program.Synced(), "carol.hers") {
		t.Error("Carol's account was synced")
	}
}
