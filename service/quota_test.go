package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// sized is a webhook whose definition takes about so many kB.
func sized(name string, kb int) types.NewWebhook {
	text := strings.Repeat("x", kb<<8)
	payload := map[string]any{"a": text, "b": text, "c": text, "d": text}
	return types.NewWebhook{Name: name, URL: "https://example.org/in", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Payload: payload}}
}

// refused ends a test unless an error is about the request and says some words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if calbell.KindOf(err) != calbell.KindUsage {
		t.Fatalf("error %v, want one about the request", err)
	}
	for _, word := range words {
		if text := err.Error() + " " + calbell.HintOf(err).English; !strings.Contains(text, word) {
			t.Errorf("%q does not say %q", text, word)
		}
	}
}

// What one user stores has a bound in sum, whatever it is made of: who has reached it can change
// and remove what they have, and hears what takes how much. Others have their own.
func TestQuotaOfOneUser(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	add := func(who calbell.Caller, name string, kb int) error {
		_, err := w.Webhooks.Add(ctx, who, sized(name, kb))
		return err
	}
	for i := range 4 {
		w.OK(add(bob, fmt.Sprint("w", i), 240))
	}
	refused(t, add(bob, "one more", 100), "one user may store 1024 kB", "remove or shorten something first: webhooks have 10", "rules 0 kB")
	w.OK(add(bob, "small", 50))
	rule := func(name string, repeat int) error {
		pattern := fmt.Sprintf("/(?:a.b?){%d}/", repeat)
		_, err := w.Rules.Add(ctx, bob, types.NewRule{Name: name, RuleSpec: calbell.RuleSpec{Webhooks: []string{"small"}, Subject: pattern, Location: pattern}})
		return err
	}
	w.OK(rule("r1", 700))
	w.OK(rule("r2", 700))
	refused(t, rule("r3", 700), "steps", "20000 are possible")
	w.OK(rule("r4", 10))
	_, err := w.Accounts.Add(ctx, bob, types.NewAccount{Name: "long", URL: "https://cal.example.org", Username: "bob", Password: "x", Calendars: []string{strings.Repeat("c", 50<<10)}})
	refused(t, err, "one user may store")

	_, err = w.Webhooks.Set(ctx, bob, "w0", "", sized("w0", 254))
	refused(t, err, "one user may store")
	_, err = w.Webhooks.Set(ctx, bob, "w0", "", sized("w0", 1))
	w.OK(err)
	w.OK(add(bob, "one more", 100))
	w.OK(add(anna, "annas", 240))
	w.OK(add(calbell.LocalAdmin(), "of the admins", 240))
}

// Nobody fills the database with many small things, or has the program ask servers all day.
func TestMembersAreBounded(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	for i := range 200 {
		w.Webhook("Bob", fmt.Sprint("w", i), false)
	}
	_, err := w.Webhooks.Add(ctx, bob, sized("one more", 1))
	refused(t, err, "200 webhooks are enough")
	for i := range 20 {
		w.Account("Bob", fmt.Sprint("a", i), "Own")
	}
	_, err = w.Accounts.Add(ctx, bob, types.NewAccount{Name: "one more", URL: "https://cal.example.org", Username: "bob", Password: "x"})
	refused(t, err, "20 accounts are enough")
	_, err = w.Webhooks.Add(ctx, calbell.LocalAdmin(), sized("large", 300))
	refused(t, err, "kB together")

	done, limited := 0, 0
	for range 60 {
		var e *calbell.Error
		switch _, err := w.Calendars.Sync(ctx, bob, ""); {
		case err == nil:
			done++
		case errors.As(err, &e) && e.Kind == calbell.KindNotAllowed && e.RetryAfter > 0:
			limited++
		default:
			t.Fatal(err)
		}
	}
	if done < 10 || limited < 10 {
		t.Errorf("%d syncs of one member, %d were refused", done, limited)
	}
	if _, err := w.Calendars.Sync(ctx, calbell.LocalAdmin(), ""); err != nil {
		t.Errorf("the command line: %v", err)
	}
}

// A pause, and with it a reminder, is not undone by an editor who saw another one.
func TestPausesAreNotUndone(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna := w.User("Anna", calbell.RoleMember)
	w.Webhook("Anna", "ops", true)
	set := func(until time.Time, etag string) (string, error) {
		r, err := w.Pauses.Set(ctx, anna, etag, types.PauseRequest{Webhook: "ops", Until: until})
		return r.ETag, err
	}
	changed := func(_ string, err error) {
		t.Helper()
		if outcome(err) != "changed" {
			t.Errorf("error %v, want that it changed", err)
		}
	}
	soon, later := now.Add(time.Hour), now.Add(2*time.Hour)
	changed(set(soon, `"of none"`))
	first, err := set(soon, "")
	w.OK(err)
	rows, err := w.Pauses.List(ctx, anna)
	if err != nil || len(rows) != 1 || rows[0].ETag != first || first == "" || rows[0].WebhookName != "ops" {
		t.Errorf("pauses %+v, %v, tag %s", rows, err, first)
	}
	second, err := set(later, first)
	w.OK(err)
	changed(set(soon, first))
	changed(set(time.Time{}, first))
	_, err = set(time.Time{}, `"other", `+second)
	w.OK(err)
	if w.Program.Pauses() != 3 {
		t.Errorf("%d pauses took effect, want 3", w.Program.Pauses())
	}
	if _, err := set(now.AddDate(2, 0, 0), ""); calbell.KindOf(err) != calbell.KindUsage {
		t.Errorf("a pause of two years: %v", err)
	}
}
