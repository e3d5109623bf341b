package scheduler_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
	"calbell/scheduler/plan"
	"calbell/store"
)

// attached is what is attached in tests of renamed accounts: to the event a of the calendar work.
func (w *world) attached(account string) {
	w.Helper()
	b := calbell.Binding{ID: "b", Account: account, UID: "a", Webhook: "other", Lead: calbell.Lead{Exact: 30 * time.Minute}}
	w.ok(w.syncer.Attach(w.Context(), account, func([]calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		return []calbell.Binding{b}, nil, nil
	}))
}

// force puts accounts in force as a reload does.
func (w *world) force(accounts ...calbell.Account) {
	w.Helper()
	w.policy.Store(plan.NewPolicy(plan.Settings{Accounts: accounts, Webhooks: w.webhooks, Zone: w.zone, Locale: "en"}))
	w.syncer.Forget()
	w.ok(w.syncer.Reconcile(w.Context()))
}

// inRenaming runs a test with an account home whose calendar work has an event with a reminder
// that is attached.
func inRenaming(t *testing.T, test func(w *world, s *caldavtest.FaultServer)) {
	inWorld(t, func(w *world) {
		s := w.newcomers(map[string][]string{"dav.example.org": {"work"}})["dav.example.org"]
		w.beginAt("dav.example.org")
		s.Put("alice", "work", "a.ics", []byte(event("a", "Meeting", 4*time.Hour, "PT0S")))
		w.sync()
		w.attached("home")
		test(w, s)
	})
}

// TestRenamedAccount: an account that is called otherwise in the file, and signs in where it did,
// keeps its calendars and what is attached to their events; over a restart, and by a reload.
func TestRenamedAccount(t *testing.T) {
	for name, rename := range map[string]func(w *world){
		"restart": func(w *world) { w.end(); w.start() },
		"reload":  func(w *world) { w.force(w.account) },
	} {
		t.Run(name, func(t *testing.T) {
			inRenaming(t, func(w *world, _ *caldavtest.FaultServer) {
				before := w.named("work")[0]
				w.ok(w.store.SetPause(w.Context(), calbell.Pause{Calendar: before.ID, Webhook: "team", Until: epoch.Add(5 * time.Hour)}, time.Now()))
				w.account.Name = "cloud"
				rename(w)
				w.poll(15*time.Minute, 5*time.Hour)
				list := w.named("work")
				if len(list) != 1 || list[0].ID != before.ID || list[0].Account != "cloud" || list[0].Unlisted || list[0].FoundAs == "" {
					t.Errorf("calendars %+v", list)
				}
				var posts []calbell.WebhookID
				for _, p := range w.chat.posts() {
					posts = append(posts, p.hook)
				}
				if !slices.Equal(posts, []calbell.WebhookID{"other"}) || len(w.cancelled()) > 1 {
					t.Errorf("posted to %q, cancelled %q", posts, w.cancelled())
				}
				again := w.account
				again.Name = "home" // one of the old name is another one
				w.force(w.account, again)
				w.ok(w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: again, Now: true}))
				if list := w.named("work"); len(list) != 2 || list[0].ID == list[1].ID || list[0].Account != "cloud" || list[1].Account != "home" {
					t.Errorf("with another account of the old name: %+v", list)
				}
			})
		})
	}
}

// TestRenamedWhileSynced: the sync of the old name that is under way ends first.
func TestRenamedWhileSynced(t *testing.T) {
	inRenaming(t, func(w *world, s *caldavtest.FaultServer) {
		old := w.account
		s.Behave(caldavtest.SlowBody(time.Second))
		var syncs sync.WaitGroup
		syncs.Go(func() { _ = w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: old, Now: true}) })
		synctest.Wait()
		s.Behave(nil)
		w.account.Name = "cloud"
		w.force(w.account)
		syncs.Go(func() { w.sync() })
		syncs.Wait()
		if list := w.named("work"); len(list) != 1 || list[0].Account != "cloud" {
			t.Errorf("calendars %+v", list)
		}
		w.pass(5 * time.Hour)
		w.posts("3h30m0s Meeting", "4h0m0s Meeting")
	})
}

// TestOrphans: what is attached in an account that is gone is counted, and cancelled with the
// reason, unless one new account of the file is the same.
func TestOrphans(t *testing.T) {
	for name, others := range map[string]func(a calbell.Account) []calbell.Account{
		"no other":     func(calbell.Account) []calbell.Account { return nil },
		"another user": func(a calbell.Account) []calbell.Account { a.Username = "bob"; return []calbell.Account{a} },
		"another server": func(a calbell.Account) []calbell.Account {
			a.URL = "https://other.example.org/"
			return []calbell.Account{a}
		},
		"two of them": func(a calbell.Account) []calbell.Account { b := a; b.Name = "house"; return []calbell.Account{a, b} },
		"a user's account": func(a calbell.Account) []calbell.Account {
			a.Origin = calbell.OriginStored
			return []calbell.Account{a}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inRenaming(t, func(w *world, _ *caldavtest.FaultServer) {
				a := w.account
				a.Name = "cloud"
				w.force(others(a)...)
				orphans, err := w.syncer.Orphans(w.Context())
				w.ok(err)
				if len(orphans) != 1 || orphans["home"] != 1 {
					t.Errorf("orphans %v", orphans)
				}
				if got := w.cancelled(); !slices.Equal(got, []string{"its account is no longer in the configuration file"}) {
					t.Errorf("cancelled because %q", got)
				}
				w.force(w.account) // the old name again
				w.sync()
				w.pass(5 * time.Hour)
				w.posts("3h30m0s Meeting", "4h0m0s Meeting")
				if up, err := w.store.Upcoming(w.Context(), store.UpcomingQuery{Limit: 1}); err != nil || len(up) > 0 {
					t.Errorf("%v, %v", up, err)
				}
			})
		})
	}
}
