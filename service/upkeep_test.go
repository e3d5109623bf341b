package service_test

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// A status has what is the caller's; what is of the whole program, admins read.
func TestStatus(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	id := w.Webhook("Bob", "mine", false)
	c := w.Account("Bob", "work", "Own")
	event := w.Event(c, "Meeting", now.Add(24*time.Hour), "")
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: "mine", Before: hours(1)})
	w.OK(err)
	w.Event(c, "Meeting", now.Add(24*time.Hour), "")
	_, err = w.Pauses.Set(ctx, bob, "", types.PauseRequest{Webhook: "mine", Until: now.Add(time.Hour)})
	w.OK(err)
	for _, tt := range []struct {
		who                                             calbell.Caller
		calendars, accounts, webhooks, pauses, troubles int
		due                                             bool
	}{
		{bob, 1, 1, 1, 1, 0, true},
		{anna, 0, 0, 0, 0, 1, false},
		{calbell.LocalAdmin(), 1, 1, 1, 1, 1, true},
	} {
		r, err := w.Upkeep.Status(ctx, tt.who)
		if err != nil || len(r.Calendars) != tt.calendars || len(r.Accounts) != tt.accounts || len(r.Webhooks) != tt.webhooks ||
			len(r.Pauses) != tt.pauses || len(r.Syncing) != tt.accounts || len(r.Troubles) != tt.troubles || (r.NextDue != nil) != tt.due {
			t.Errorf("%s: %+v, %v", tt.who.Name, r, err)
		}
		if (r.ConfigFile != "") != tt.who.Admin || (r.Deliveries != nil) != tt.who.Admin {
			t.Errorf("%s reads of the program: %+v", tt.who.Name, r)
		}
	}

	// What is attached and goes nowhere any more is a trouble of the admins'.
	w.OK(w.Store.Accounts().Remove(ctx, c.Account))
	w.OK(w.Store.Webhooks().Remove(ctx, id))
	w.OK(w.Program.AccountsChanged(ctx))
	r, err := w.Upkeep.Status(ctx, anna)
	text := calbell.List(r.Troubles...).English
	if err != nil || !strings.Contains(text, `reminders attached in account "bob.work", which is no longer in the configuration file: 1`) {
		t.Errorf("troubles %q, %v", text, err)
	}
}

// A backup is written for admins alone, and only when they read it.
func TestBackup(t *testing.T) {
	w := servicetest.New(t)
	write, err := w.Upkeep.Backup(t.Context(), w.User("Anna", calbell.RoleAdmin))
	w.OK(err)
	var text strings.Builder
	if err := write(t.Context(), &text); err != nil || text.String() != "backup" {
		t.Errorf("%q, %v", text.String(), err)
	}
}
