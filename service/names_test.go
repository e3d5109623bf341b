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

// Over the socket a name is the file's account, and one that several users have is refused, with what to
// write; accounts that an earlier version stored are among them.
func TestAdminNamesOneOfSeveral(t *testing.T) {
	w, ctx, now := servicetest.New(t, calbell.Account{Name: "home", Origin: calbell.OriginFile, URL: server}), t.Context(), time.Now()
	local := calbell.LocalAdmin()
	w.User("Anna", calbell.RoleMember)
	w.User("Bob", calbell.RoleMember)
	early := calbell.Account{Name: "Cloud", Owner: "Bob", URL: server, Username: "bob", Password: servicetest.Password}
	w.OK(w.Store.Accounts().Put(ctx, early))
	w.OK(w.Program.AccountsChanged(ctx))
	w.Calendar("Cloud", "Own")
	owner := "Anna"
	for _, name := range []string{"Cloud", "Home"} {
		_, err := w.Accounts.Add(ctx, local, types.NewAccount{Name: name, URL: server, Username: "anna", Password: servicetest.Password, Owner: &owner})
		w.OK(err)
	}
	keys := func() string {
		t.Helper()
		rows, err := w.Accounts.List(ctx, local)
		w.OK(err)
		var keys []string
		for _, r := range rows {
			keys = append(keys, r.ID)
		}
		slices.Sort(keys)
		return fmt.Sprint(keys)
	}
	if got := keys(); got != "[Cloud anna.cloud anna.home home]" {
		t.Errorf("accounts %s", got)
	}
	_, err := w.Accounts.Removal(ctx, local, "home") // the file's, which one does not remove
	refused(t, err, "configuration file", "change it there")
	for _, ask := range []func(string) error{
		func(name string) error { _, err := w.Accounts.Removal(ctx, local, name); return err },
		func(name string) error { return w.Accounts.Remove(ctx, local, name, "", now) },
		func(name string) error { _, _, err := w.Accounts.Request(ctx, local, name); return err },
	} {
		refused(t, ask("cloud"), `2 users have an account called "cloud"`, "anna.cloud, bob.cloud")
	}
	w.OK(w.Accounts.Remove(ctx, local, "bob.cloud", "", now))
	w.OK(w.Accounts.Remove(ctx, local, "cloud", "", now))
	if got := keys(); got != "[anna.home home]" {
		t.Errorf("left are %s", got)
	}
}

// An event that names a webhook which is not there says so, with the nearest that is, and so does what is
// attached to one that is gone.
func TestEventsThatNameNothing(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	w.Webhook("Bob", "brief", false)
	c := w.Account("Bob", "work", "Own")
	named := servicetest.Object(c, "Named", now.Add(24*time.Hour), "")
	named.Raw = []byte(strings.Replace(string(named.Raw), "SUMMARY:", "DESCRIPTION:#remind mien\r\nSUMMARY:", 1))
	w.Put(c, named)
	event := w.Event(c, "Bound", now.Add(24*time.Hour), "")
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: "brief", Before: hours(1)})
	w.OK(err)
	w.OK(w.Store.Webhooks().Remove(ctx, "bob.brief"))
	w.OK(w.Program.WebhooksChanged(ctx))
	for uid, want := range map[string]string{"named@example.org": `"mien"`, "bound@example.org": `"bob.brief"`} {
		d, err := w.Events.Get(ctx, bob, uid, now)
		w.OK(err)
		if text := calbell.List(d.Problems...).English; !strings.Contains(text, want) || !strings.Contains(text, "does not exist") {
			t.Errorf("%s: problems %q, want one about %s", uid, text, want)
		}
	}
}

// Events without an instance left are shown by what they were, and those that are searched for without a
// webhook are those whose alarms go nowhere.
func TestUnroutedEvents(t *testing.T) {
	w, bob, c := routed(t)
	ctx, now := t.Context(), time.Now()
	other := w.Calendar(c.Account, "Other")
	w.Event(c, "Routed", now.Add(time.Hour), "")
	w.Event(other, "Nowhere", now.Add(time.Hour), "")
	for unrouted, want := range map[bool]string{false: "Nowhere Routed ", true: "Nowhere "} {
		rows, err := w.Events.List(ctx, bob, types.EventQuery{From: now, To: now.AddDate(0, 0, 1), Unrouted: unrouted})
		w.OK(err)
		slices.SortFunc(rows, func(a, b types.EventRow) int { return strings.Compare(a.Subject, b.Subject) })
		got := ""
		for _, r := range rows {
			got += r.Subject + " "
		}
		if got != want {
			t.Errorf("unrouted %v: %q, want %q", unrouted, got, want)
		}
	}
	rows, _, err := w.Events.Agenda(ctx, bob, types.EventQuery{From: now, To: now.AddDate(0, 0, 1), Unreminded: true})
	if err != nil || len(rows) != 1 || rows[0].Subject != "Nowhere" || rows[0].Silent.IsZero() {
		t.Errorf("without a reminder: %+v, %v", rows, err)
	}
	over := w.Event(c, "Over", now.Add(-48*time.Hour), "")
	d, err := w.Events.Get(ctx, bob, over, now)
	if err != nil || d.Subject != "Over" || len(d.Next) != 0 || d.Last == nil || !slices.Equal(d.Last.Webhooks, []string{"bob.mine"}) {
		t.Errorf("what is over: %+v, %v", d, err)
	}
}

// A name in an account's list of calendars that stands for none is told to whoever sees the account.
func TestListTroubles(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob, carol := w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	c := w.Account("Bob", "work", "Own")
	w.OK(w.Store.ListedNames().Put(ctx, store.ListedNames{Account: c.Account, Names: []calbell.ListedName{{Account: c.Account, Name: "Onw", Trouble: calbell.Plain("no calendar has that name")}}}))
	for _, tt := range []struct {
		who  calbell.Caller
		want int
	}{{bob, 1}, {carol, 0}, {calbell.LocalAdmin(), 1}} {
		r, err := w.Upkeep.Status(ctx, tt.who)
		if err != nil || len(r.ListTroubles) != tt.want {
			t.Errorf("%s: %+v, %v", tt.who.Name, r.ListTroubles, err)
		}
	}
	rows, err := w.Calendars.Sync(ctx, bob, "")
	if err != nil || len(rows) != 1 || len(rows[0].Troubles) != 1 || rows[0].Troubles[0].Name != "Onw" {
		t.Errorf("a sync tells %+v, %v", rows, err)
	}
	if rows, err := w.Calendars.Sync(ctx, bob, "Own"); err != nil || len(rows[0].Troubles) != 0 {
		t.Errorf("a sync of one calendar tells %+v, %v", rows, err)
	}
}
