package service_test

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// asked is a webhook as somebody asks for it.
func asked(name string) types.NewWebhook {
	return types.NewWebhook{Name: name, URL: "https://chat.example.org/hooks/secret-of-" + calbell.Slug(name), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
}

// Names are unique among one owner's; an ID names one webhook whoever asks, and stays.
func TestWebhookNames(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	house := ""
	ofHouse := func(name string) types.NewWebhook {
		n := asked(name)
		n.Owner = &house
		return n
	}
	for _, tt := range []struct {
		who      calbell.Caller
		in       types.NewWebhook
		id, want string
	}{
		{bob, asked("Team"), "bob.team", "ok"},
		{bob, asked("team"), "", "usage"},
		{anna, asked("Team"), "anna.team", "ok"},
		{anna, ofHouse("Team"), "team", "ok"},
		{anna, ofHouse("TEAM"), "", "usage"},
		{bob, ofHouse("Other"), "", "denied"},
		{calbell.LocalAdmin(), asked("Other"), "other", "ok"},
		{bob, asked("#"), "", "usage"},
		{bob, types.NewWebhook{Name: "x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON}}, "", "usage"},
	} {
		row, err := w.Webhooks.Add(ctx, tt.who, tt.in)
		if outcome(err) != tt.want || string(row.ID) != tt.id {
			t.Errorf("%s asks for %q: %q, %v, want %s", tt.who.Name, tt.in.Name, row.ID, err, tt.want)
		}
	}
	for _, tt := range []struct {
		who      calbell.Caller
		name, id string
	}{
		{bob, "team", "bob.team"},
		{anna, "team", "team"}, // an ID comes first
		{anna, "anna.team", "anna.team"},
		{calbell.LocalAdmin(), "team", "team"},
	} {
		if row, err := w.Webhooks.Get(ctx, tt.who, tt.name); err != nil || string(row.ID) != tt.id {
			t.Errorf("%s calls %q: %q, %v, want %q", tt.who.Name, tt.name, row.ID, err, tt.id)
		}
	}
	n, tag, err := w.Webhooks.Request(ctx, bob, "team")
	w.OK(err)
	n.Name = "Renamed"
	if row, err := w.Webhooks.Set(ctx, bob, "team", tag, n); err != nil || row.ID != "bob.team" || row.Name != "Renamed" {
		t.Errorf("renamed: %+v, %v", row, err)
	}
}

// Whoever may only use a webhook sees that it is there and how it is, and nothing of where it posts.
func TestSharedWebhookKeepsItsAddress(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	id := w.Webhook("Anna", "ops", true)
	w.Program.Verdict, w.Program.Answer = calbell.HookRefused, "no hook secret-of-anna at hidden.example.org"
	tell := func(who calbell.Caller) []any {
		result, err := w.Webhooks.Test(ctx, who, string(id), types.Sample{})
		w.OK(err)
		row, err := w.Webhooks.Get(ctx, who, string(id))
		w.OK(err)
		d, err := w.Deliveries.Get(ctx, who, result.Delivery)
		w.OK(err)
		m, err := w.Upkeep.Status(ctx, who)
		w.OK(err)
		return []any{result, row, d, m}
	}
	bobs, annas := tell(bob), tell(anna)
	for _, word := range []string{"secret-of-anna", "hidden.example.org", "chat.example.org"} {
		if servicetest.Holds(word, bobs...) {
			t.Errorf("Bob reads %q: %+v", word, bobs)
		}
	}
	if !servicetest.Holds(string(calbell.HookRefused), bobs...) {
		t.Errorf("Bob does not read how it went: %+v", bobs)
	}
	if !servicetest.Holds("hidden.example.org", annas...) || !servicetest.Holds("chat.example.org", annas...) {
		t.Errorf("Anna does not read what she needs to fix it: %+v", annas)
	}
}

// A webhook that something sends to is not removed, and its owner reads what does; of what others
// send, only that they do. What nothing sends to any more is removed.
func TestRemoveWebhook(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	id := string(w.Webhook("Anna", "ops", true))
	rule, err := w.Rules.Add(ctx, anna, types.NewRule{Name: "mine", RuleSpec: calbell.RuleSpec{Webhooks: []string{id}}})
	w.OK(err)
	event := w.Event(w.Account("Bob", "work", "Own"), "Meeting", now.Add(24*time.Hour), "")
	_, err = w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: id, Before: hours(1)})
	w.OK(err)
	row, err := w.Webhooks.Get(ctx, anna, id)
	if err != nil || calbell.List(row.UsedBy...).English != `rule "mine", what others have` || !row.StoredUse {
		t.Errorf("used by %q, %v", row.UsedBy, err)
	}
	refused(t, w.Webhooks.Remove(ctx, anna, id, ""), `rule "mine"`, "what others have")
	w.OK(w.Rules.Remove(ctx, anna, string(rule.ID), ""))
	n, tag, err := w.Webhooks.Request(ctx, anna, id)
	w.OK(err)
	n.Share = false
	_, err = w.Webhooks.Set(ctx, anna, id, tag, n)
	w.OK(err)
	w.OK(w.Webhooks.Remove(ctx, anna, id, "")) // what Bob attached goes nowhere any more
}

// A test that is accepted puts a suspended webhook back into service, and so does another target;
// another wording does not.
func TestSuspensionIsLifted(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna := w.User("Anna", calbell.RoleMember)
	id := w.Webhook("Anna", "ops", false)
	suspended := func() bool {
		row, err := w.Webhooks.Get(ctx, anna, "ops")
		w.OK(err)
		return row.State == "suspended"
	}
	set := func(change func(*types.NewWebhook)) {
		n, tag, err := w.Webhooks.Request(ctx, anna, "ops")
		w.OK(err)
		change(&n)
		_, err = w.Webhooks.Set(ctx, anna, "ops", tag, n)
		w.OK(err)
	}
	for _, tt := range []struct {
		name string
		do   func()
		want bool
	}{
		{"another template", func() { set(func(n *types.NewWebhook) { n.Template = "%subject%" }) }, true},
		{"another URL", func() { set(func(n *types.NewWebhook) { n.URL = "https://chat.example.org/hooks/other" }) }, false},
		{"a test that is refused", func() {
			w.Program.Verdict = calbell.HookRefused
			_, err := w.Webhooks.Test(ctx, anna, "ops", types.Sample{})
			w.OK(err)
		}, true},
		{"a test that is accepted", func() {
			w.Program.Verdict = calbell.Accepted
			_, err := w.Webhooks.Test(ctx, anna, "ops", types.Sample{})
			w.OK(err)
		}, false},
	} {
		w.OK(w.Store.WebhookStates().Put(ctx, store.WebhookState{ID: id, WebhookState: calbell.WebhookState{SuspendedAt: time.Now(), Reason: calbell.Plain("no such hook")}}))
		if tt.do(); suspended() != tt.want {
			t.Errorf("after %s it is suspended: %v", tt.name, !tt.want)
		}
	}
}

// A preview is what would be posted; what is wrong with the webhook is a warning, and nothing is
// posted.
func TestPreview(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	event := w.Event(w.Account("Bob", "work", "Own"), "Meeting", now.Add(24*time.Hour), "")
	for _, tt := range []struct {
		sample types.Sample
		text   string // "": an error
	}{
		{types.Sample{Event: event}, "Meeting"},
		{types.Sample{Name: "next"}, "Meeting"},
		{types.Sample{Name: "none"}, ""},
	} {
		r := types.PreviewRequest{Sample: tt.sample}
		r.Webhook.Kind, r.Webhook.Template, r.Webhook.URL = calbell.KindKChat, "%subject%", "http://chat.example.org/hooks/x"
		p, err := w.Webhooks.Preview(ctx, bob, r, now)
		if (err == nil) != (tt.text != "") || err == nil && (p.Text != tt.text || !strings.Contains(p.Body, tt.text) || len(p.Warnings) != 1) {
			t.Errorf("%+v: %+v, %v", tt.sample, p, err)
		}
	}
	if posts := w.Program.Posts(); len(posts) != 0 {
		t.Errorf("posted %+v", posts)
	}
}
