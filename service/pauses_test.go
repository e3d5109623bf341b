package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

// Who may pause what: the admins everything, owners what is theirs, and those who use a shared webhook
// their own calendar to it. Each sees what keeps their own reminders back.
func TestWhoPausesWhat(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob, carol := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	local := calbell.LocalAdmin()
	own := w.Account("Bob", "work", "Own")
	w.Webhook("Bob", "mine", false)
	w.Webhook("Carol", "shared", true)
	for _, tt := range []struct {
		what, calendar, webhook string
		who                     calbell.Caller
		want                    string
		seen                    string // who sees it then
	}{
		{"everything", "", "", bob, "denied", ""},
		{"everything", "", "", anna, "ok", "Anna Bob Carol admin"},
		{`calendar "Own"`, "Own", "", carol, "missing", ""},
		{`calendar "Own"`, "Own", "", anna, "missing", ""},
		{`calendar "Own"`, "Own", "", bob, "ok", "Bob admin"},
		{`calendar "Own"`, string(own.ID), "", local, "ok", "Bob admin"},
		{`webhook "mine"`, "", "mine", bob, "ok", "Bob admin"},
		{`webhook "mine"`, "", "bob.mine", carol, "missing", ""},
		{`webhook "shared"`, "", "shared", bob, "denied", ""},
		{`webhook "shared"`, "", "shared", anna, "denied", ""},
		{`webhook "shared"`, "", "shared", carol, "ok", "Anna Bob Carol admin"},
		{`calendar "Own" to webhook "shared"`, "Own", "shared", bob, "ok", "Bob admin"},
		{"nobody's", "", "", calbell.Caller{}, "denied", ""},
	} {
		r, err := w.Pauses.Set(ctx, tt.who, "", types.PauseRequest{Calendar: tt.calendar, Webhook: tt.webhook, Until: now.Add(time.Hour)})
		if outcome(err) != tt.want {
			t.Errorf("%s by %s: %v, want %s", tt.what, tt.who.Name, err, tt.want)
		}
		if err != nil {
			continue
		}
		if r.What().English != tt.what || !r.Until.Equal(now.Add(time.Hour)) {
			t.Errorf("paused is %s until %s, want %s", r.What(), r.Until, tt.what)
		}
		var seen []string
		for _, who := range []calbell.Caller{anna, bob, carol, local} {
			rows, err := w.Pauses.List(ctx, who)
			w.OK(err)
			if slices.ContainsFunc(rows, func(p types.PauseRow) bool { return p.What().English == tt.what }) {
				seen = append(seen, who.Name)
			}
		}
		if got := strings.Join(seen, " "); got != tt.seen {
			t.Errorf("%s is seen by %s, want %s", tt.what, got, tt.seen)
		}
		_, err = w.Pauses.Set(ctx, tt.who, r.ETag, types.PauseRequest{Calendar: tt.calendar, Webhook: tt.webhook})
		w.OK(err)
	}
	if rows, err := w.Pauses.List(ctx, local); err != nil || len(rows) != 0 {
		t.Errorf("left are %+v, %v", rows, err)
	}
}

// A pause ends by itself, at most a year later; ending one that there is not says what there is.
func TestEndOfAPause(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "a", false)
	w.Webhook("Bob", "b", false)
	set := func(hook string, until time.Time) error {
		_, err := w.Pauses.Set(ctx, bob, "", types.PauseRequest{Webhook: hook, Until: until})
		return err
	}
	says(t, set("a", time.Time{}), "nothing is paused")
	refused(t, set("a", now.Add(service.MaxPause+time.Hour)), "longer than a year")
	w.OK(set("a", now.Add(service.MaxPause-time.Hour)))
	says(t, set("b", time.Time{}), `webhook "b" is not paused`)
	says(t, set("b", now.Add(-time.Hour)), `webhook "b" is not paused`)
	w.OK(set("a", now.Add(time.Hour)))
	rows, err := w.Pauses.List(ctx, bob)
	if err != nil || len(rows) != 1 || rows[0].WebhookName != "a" || !rows[0].Until.Equal(now.Add(time.Hour)) {
		t.Errorf("a second pause of the same: %+v, %v", rows, err)
	}
	if all, err := w.Store.Pauses(ctx, now.Add(2*time.Hour)); err != nil || len(all) != 0 {
		t.Errorf("after its end: %+v, %v", all, err)
	}
	w.OK(set("a", now))
}

// One user pauses so many things and no more; another pause of the same takes no more room.
func TestPausesAreBounded(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	set := func(n int) error {
		_, err := w.Pauses.Set(ctx, bob, "", types.PauseRequest{Webhook: fmt.Sprint("w", n), Until: now.Add(time.Hour)})
		return err
	}
	for n := range calbell.MaxPauses + 1 {
		id := calbell.WebhookID(fmt.Sprint("bob.w", n))
		w.OK(w.Store.Webhooks().Put(ctx, calbell.Webhook{ID: id, Name: fmt.Sprint("w", n), Owner: "Bob", Origin: calbell.OriginStored}))
		if n < calbell.MaxPauses {
			w.OK(w.Store.SetPause(ctx, calbell.Pause{Webhook: id, Until: now.Add(time.Hour), MadeAt: now}, now))
		}
	}
	refused(t, set(calbell.MaxPauses), "are enough", "end one first")
	w.OK(set(0))
}
