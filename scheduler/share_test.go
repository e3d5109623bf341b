package scheduler_test

import (
	"testing"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/store"
)

// owned is a webhook of somebody's; the ID of one with an owner begins with the owner.
func owned(owner, name string, share bool) calbell.Webhook {
	w := hook(name)
	if w.Owner, w.Share = owner, share; owner != "" {
		w.ID, w.Origin = calbell.WebhookID(owner+"."+name), calbell.OriginStored
	}
	return w
}

// Of one name the owner's own comes first, then the admins' for who is one, then what is shared.
func TestUsableWebhooks(t *testing.T) {
	p := plan.NewPolicy(plan.Settings{
		Admins: []string{"Anna"}, Zone: time.UTC,
		Webhooks: []calbell.Webhook{
			owned("", "team", false), owned("", "news", true), owned("anna", "ops", false), owned("anna", "all", true),
			owned("bob", "all", true), owned("bob", "team", true), owned("carol", "mine", false),
		},
	})
	for _, tt := range []struct {
		owner, name string
		want        calbell.WebhookID // "": none
	}{
		{"", "team", "team"},
		{"", "ops", ""},
		{"", "anna.ops", ""},
		{"", "mine", ""},
		{"Anna", "team", "team"},
		{"Anna", "bob.team", "bob.team"},
		{"Anna", "all", "anna.all"},
		{"anna", "ops", "anna.ops"},
		{"Anna", "carol.mine", ""},
		{"bob", "team", "bob.team"},
		{"bob", "news", "news"},
		{"bob", "all", "bob.all"},
		{"bob", "anna.all", "anna.all"},
		{"bob", "anna.ops", ""},
		{"carol", "team", "bob.team"},
		{"carol", "mine", "carol.mine"},
		{"nobody", "news", "news"},
		{"nobody", "mine", ""},
	} {
		if got := p.UsableBy(tt.owner)[tt.name]; got != tt.want {
			t.Errorf("%q of %q is %q, want %q", tt.name, tt.owner, got, tt.want)
		}
		if may := p.Authorized(tt.owner, calbell.WebhookID(tt.name)); may != (string(tt.want) == tt.name) {
			t.Errorf("%q may send to %q: %v", tt.owner, tt.name, may)
		}
	}
	if p.Authorized("bob", "team") {
		t.Error("Bob's webhook of the name of the admins' makes theirs Bob's")
	}
}

// What a person set goes nowhere once the webhook is not shared any more: neither to it, nor to
// one that is called as it was, whoever has that.
func TestNothingGoesToWhatIsNotShared(t *testing.T) {
	calendar := calbell.Calendar{ID: "c1", Account: "bobs", Name: "Own", URL: "https://cal.example.org/own/"}
	one := []calbell.Lead{{Exact: 15 * time.Minute}}
	binding := calbell.Binding{ID: "b", Account: "bobs", UID: "a", Webhook: "team", Lead: one[0]}
	ofFile := calbell.Account{Name: "bobs", Owner: "bob", Origin: calbell.OriginFile}
	stored := calbell.Account{Name: "bobs", Owner: "bob", Origin: calbell.OriginStored}
	withDefault := stored
	withDefault.Default = calbell.Default{Webhook: "team", Remind: one}
	rule := calbell.StoredRule{Owner: "bob", Rule: calbell.Rule{Name: "r", RuleSpec: calbell.RuleSpec{Webhooks: []string{"team"}, Remind: one}}}
	set := map[calbell.CalendarID]calbell.CalendarSettings{"c1": {Name: "bobs/Own", Webhook: "team", Remind: one}}
	for name, s := range map[string]plan.Settings{
		"account":                         {Accounts: []calbell.Account{withDefault}},
		"calendar":                        {Accounts: []calbell.Account{stored}, Calendars: set},
		"calendar of an account of files": {Accounts: []calbell.Account{ofFile}, Calendars: set},
		"rule":                            {Accounts: []calbell.Account{stored}, Stored: []calbell.StoredRule{rule}},
		"binding":                         {Accounts: []calbell.Account{stored}},
	} {
		s.Zone = time.UTC
		for _, share := range []bool{true, false} {
			s.Webhooks = []calbell.Webhook{owned("", "team", share), owned("mallory", "team", false)}
			p := plan.NewPolicy(s)
			file, err := ical.Parse([]byte(event("a", "Meeting", time.Hour)), p.Options(calendar))
			if err != nil {
				t.Fatal(err)
			}
			var bs []calbell.Binding
			if name == "binding" {
				bs = append(bs, binding)
			}
			r := p.Routing(calendar).On(bs)
			alarm, ok := r.Event(file.Events[0]).NextAlarm(epoch)
			if !ok {
				t.Fatalf("%s: nothing rings", name)
			}
			want := calbell.WebhookID("team")
			if !share {
				want = want.Unusable()
			}
			if d := r.Route(alarm); len(d.Routes) != 1 || d.Routes[0].Webhook != want {
				t.Errorf("%s, shared %v: %+v, want %q", name, share, d, want)
			}
		}
	}
}

// What was planned when a webhook was shared is not sent any more, also where the plan was not
// put right yet; what the file says is, whoever owns what.
func TestWhatIsPlannedIsNotSentAnyMore(t *testing.T) {
	for name, tt := range map[string]struct {
		origin calbell.Origin
		share  bool
		want   []string
	}{
		"shared":                {calbell.OriginStored, true, []string{"10m0s Meeting"}},
		"not shared any more":   {calbell.OriginStored, false, nil},
		"as the file has it so": {calbell.OriginFile, false, []string{"10m0s Meeting"}},
	} {
		inWorld(t, func(w *world) {
			w.account = calbell.Account{Name: "home", Owner: "bob", Origin: tt.origin, Default: calbell.Default{Webhook: "team"}}
			w.webhooks[0].Share = true
			w.configure()
			w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
			w.sync()
			w.webhooks[0].Share = tt.share
			w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
			w.configure()
			w.loop.Forget()
			w.pass(time.Hour)
			w.posts(tt.want...)
			if dead := w.count(calbell.StatusDead); dead != 1-len(tt.want) {
				t.Errorf("%s: %d dead", name, dead)
			}
		})
	}
}

// A webhook that is gone is not found again by its name: another one may have that.
func TestNameOfARemovedWebhook(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.ok(w.store.SetFileWebhooks(w.Context(), nil))
		w.ok(w.store.Webhooks().Put(w.Context(), owned("mallory", "team", true)))
		w.loop.Forget()
		w.pass(time.Hour)
		w.posts()
	})
}

// A webhook of a person's that works again is told of, as one of the file's is.
func TestOwnedWebhookWorksAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		w.account = calbell.Account{Name: "home", Owner: "bob", Origin: calbell.OriginStored, Default: calbell.Default{Webhook: "bob.own"}}
		own := owned("bob", "own", false)
		w.ok(w.store.Webhooks().Put(w.Context(), own))
		w.webhooks = append(w.webhooks, own)
		w.configure()
		w.loop.Forget()
		w.ok(w.store.WebhookStates().Put(w.Context(), store.WebhookState{ID: own.ID, WebhookState: calbell.WebhookState{SuspendedAt: epoch, ProbeAt: epoch.Add(time.Hour), Reason: calbell.Plain("404")}}))
		w.pass(5 * time.Minute)
		w.ok(w.store.WebhookStates().Put(w.Context(), store.WebhookState{ID: own.ID, WebhookState: calbell.WebhookState{Last: calbell.LastTry(calbell.Try{At: time.Now(), Verdict: calbell.Accepted, Status: 200}, true)}}))
		w.pass(5 * time.Minute)
		w.expectTold("other", "bob.own", "bob.own", "bob.own")
	})
}
