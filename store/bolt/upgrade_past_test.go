//go:build !race

package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/store"
)

// Each person of a crowd has endedEach ended reminders, one that is planned, and an ended test.
const endedEach = 5

// person returns the name, webhook, account and calendar of the i-th person of a crowd.
func person(i int) (name string, hook calbell.WebhookID, account string, cal calbell.CalendarID) {
	return fmt.Sprintf("Person %04d", i), calbell.WebhookID(fmt.Sprintf("hook-%04d", i)), fmt.Sprintf("account-%04d", i), calbell.CalendarID(fmt.Sprintf("calendar-%04d", i))
}

// crowd puts n people into a store, each with everything that a person can have.
func crowd(t testing.TB, s *Store, n int) {
	t.Helper()
	ctx := t.Context()
	var users []calbell.User
	var tokens []calbell.Token
	var accounts []calbell.Account
	var rules []calbell.StoredRule
	var hooks []calbell.Webhook
	for i := range n {
		name, hook, account, _ := person(i)
		role := calbell.RoleMember
		if i%100 == 0 {
			role = calbell.RoleAdmin
		}
		users = append(users, calbell.User{Name: name, Role: role, PasswordHash: "h", Epoch: 1})
		tokens = append(tokens, calbell.Token{ID: calbell.TokenID(name), Owner: name, Hash: "h", MadeAt: t0})
		accounts = append(accounts, calbell.Account{Name: account, Owner: name, Password: "p", Origin: calbell.OriginStored})
		rules = append(rules, calbell.StoredRule{ID: calbell.RuleID(name), Owner: name, Rule: calbell.Rule{Name: "r"}})
		w := calbell.Webhook{ID: hook, Name: string(hook), Owner: name, URL: "https://chat.example.org/1"}
		w.Share = i%50 == 0
		hooks = append(hooks, w)
	}
	if err := errors.Join(s.Users().Put(ctx, users...), s.Tokens().Put(ctx, tokens...), s.Accounts().Put(ctx, accounts...),
		s.Rules().Put(ctx, rules...), s.Webhooks().Put(ctx, hooks...)); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		join(t, s, i)
	}
	endDue(t, s, t0.Add(12*time.Hour))
}

// join gives the i-th person a session, a calendar with reminders, a binding, a pause and a past test.
func join(t testing.TB, s *Store, i int) {
	t.Helper()
	ctx := t.Context()
	name, hook, account, cal := person(i)
	p := planned(i, endedEach+1)
	p.Reminders[endedEach].Due = t0.Add(24 * time.Hour)
	for j := range p.Reminders {
		r := &p.Reminders[j]
		r.Webhook = hook
		r.ID = calbell.NewReminderID(hook, r.UID, "", r.Due)
	}
	notice := calbell.Notice{Kind: calbell.NoticeTest, Subject: "test", Since: t0, By: name}
	if err := errors.Join(
		s.PutSession(ctx, store.Session{ID: name, Owner: calbell.Slug(name), Data: []byte("d"), ExpiresAt: t0.Add(time.Duration(i+1) * time.Minute)}, t0),
		s.Apply(ctx, store.Change{Calendar: calbell.Calendar{ID: cal, Account: account, Name: "c"}, Put: []store.Planned{p}}, t0.Add(-time.Hour)),
		s.Attach(ctx, store.Attachment{Account: account, Put: []calbell.Binding{
			{ID: calbell.BindingID(account), Owner: name, Account: account, UID: p.Object.UIDs[0], Webhook: hook},
		}}, t0),
		s.SetPause(ctx, calbell.Pause{Calendar: cal, Webhook: hook, Until: t0.Add(24 * time.Hour)}, t0),
		s.Record(ctx, calbell.Delivery{Reminder: calbell.NewNotice(hook, notice, t0), Status: calbell.StatusSent, FinishedAt: t0.Add(time.Duration(i) * time.Second)}),
	); err != nil {
		t.Fatal(err)
	}
}

// endDue ends everything that is due, some of it without success.
func endDue(t testing.TB, s *Store, now time.Time) {
	t.Helper()
	for {
		cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(cs) == 0 {
			return
		}
		var os []calbell.Outcome
		for i, c := range cs {
			o := calbell.Outcome{ID: c.ID, Status: calbell.StatusSent}
			if i%3 == 0 {
				o.Status = calbell.StatusDead
			}
			os = append(os, o)
		}
		if err := s.Finish(t.Context(), "w", os, nil, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
}

// answers asks everything that schema 5 has an index or a counter for, about some people of a crowd.
func answers(t testing.TB, s *Store, n int) map[string]any {
	t.Helper()
	ctx, got := t.Context(), make(map[string]any)
	note := func(what string, i int) func(v any, err error) {
		return func(v any, err error) {
			if err != nil {
				t.Errorf("%s of %d: %v", what, i, err)
			}
			got[fmt.Sprint(what, " ", i)] = v
		}
	}
	ask := func(what string, i int, of func() (any, error)) { note(what, i)(of()) }
	for _, i := range []int{0, 1, n / 2, n - 1} {
		name, hook, account, cal := person(i)
		of := store.OwnedBy(name)
		ask("tokens", i, func() (any, error) { return s.Tokens().Of(ctx, of) })
		ask("accounts", i, func() (any, error) { return s.Accounts().Of(ctx, of) })
		ask("rules", i, func() (any, error) { return s.Rules().Of(ctx, of) })
		ask("webhooks", i, func() (any, error) { return s.Webhooks().Of(ctx, of, store.Shared) })
		ask("calendars", i, func() (any, error) { return s.CalendarsOf(ctx, account) })
		ask("bindings", i, func() (any, error) { return s.BindingsOf(ctx, account) })
		ask("bindings to", i, func() (any, error) { return s.BindingsTo(ctx, hook) })
		ask("pauses", i, func() (any, error) { return s.PausesOf(ctx, []calbell.CalendarID{cal}, nil, t0) })
		for what, of := range map[string]store.Concern{
			"past of calendar": {Calendars: []calbell.CalendarID{cal}}, "past of webhook": {Webhooks: []calbell.WebhookID{hook}},
			"past by": {By: calbell.Slug(name)}, "past": {Calendars: []calbell.CalendarID{cal}, Webhooks: []calbell.WebhookID{hook}, By: calbell.Slug(name)},
		} {
			ask(what, i, func() (any, error) { return s.History(ctx, store.HistoryQuery{Of: &of, Limit: 10 * endedEach}) })
		}
	}
	ask("admins", 0, func() (any, error) { return s.Users().Of(ctx, store.WithRole(calbell.RoleAdmin)) })
	for what, count := range map[string]func() (int, error){
		"users": func() (int, error) { return s.Users().Count(ctx) }, "tokens": func() (int, error) { return s.Tokens().Count(ctx) },
		"accounts": func() (int, error) { return s.Accounts().Count(ctx) }, "rules": func() (int, error) { return s.Rules().Count(ctx) },
		"webhooks": func() (int, error) { return s.Webhooks().Count(ctx) },
	} {
		ask("number of "+what, 0, func() (any, error) { return count() })
	}
	return got
}

// indexed returns the rows of the buckets that an upgrade from schema 4 makes or changes, but for the
// states of bindings: those count from the one state that all accounts had together.
func indexed(t testing.TB, s *Store) map[string]string {
	t.Helper()
	rows := make(map[string]string)
	if err := s.view(t.Context(), func(t *tx) error {
		for _, b := range []bucket{bGroups, bSessionEnds, bPast, bCounts} {
			for k, v := range t.Rows(b, nil) {
				if b == bCounts && bytes.Trim(v, "\x00") == nil {
					continue // as good as none
				}
				rows[fmt.Sprintf("%s %x", b, k)] = string(v)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// asSchema4 turns a database into what schema 4 would have written, and closes it.
func asSchema4(t testing.TB, s *Store, bindings uint64) {
	t.Helper()
	harm(t, s, func(t *tx) error {
		err := errors.Join(t.Put(bMeta, []byte("schema"), []byte{0, 0, 0, 4}), t.Table(bBindings).SetSequence(bindings))
		for _, b := range buckets() {
			err = errors.Join(err, t.Delete(bCounts, append([]byte{'t'}, b...)))
			if since(b) == 5 {
				err = errors.Join(err, t.DeleteBucket([]byte(b)))
			}
		}
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestUpgradeFrom4: a database of before the indexes answers like one that had them from the start. A
// start that was broken off between two steps, or after the last, is continued by the next one.
func TestUpgradeFrom4(t *testing.T) {
	const people, bindings = 1000, 1234
	s := newStore(t)
	path := s.path
	crowd(t, s, people)
	want, rows := answers(t, s, people), indexed(t, s)
	asSchema4(t, s, bindings)

	var told []int
	var broken []string // the folder as a crash would leave it
	s, err := Open(path, testKey(), Options{NoSync: true, Progress: func(done, all int) {
		if all != people*(endedEach+1) {
			t.Errorf("told of %d deliveries", all)
		}
		told = append(told, done)
		dir := filepath.Join(t.TempDir(), "broken")
		if err := os.CopyFS(dir, os.DirFS(filepath.Dir(path))); err != nil {
			t.Error(err)
		}
		broken = append(broken, filepath.Join(dir, filepath.Base(path)))
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if steps := []int{0, fillStep, people * (endedEach + 1)}; !slices.Equal(told, steps) {
		t.Fatalf("told %v, want %v", told, steps)
	}
	whole := func(t *testing.T, s *Store) {
		t.Helper()
		if got := indexed(t, s); !maps.Equal(got, rows) { // cmp takes long over so many
			t.Errorf("rows (-anew +upgraded):\n%.2000s", cmp.Diff(rows, got))
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
		keptFrom4(t, path, s.path)
	}
	whole(t, s)
	if d := cmp.Diff(want, answers(t, s, people)); d != "" {
		t.Errorf("answers (-anew +upgraded):\n%.2000s", d)
	}
	used(t, s, people, bindings)
	for i, path := range broken {
		t.Run(fmt.Sprint("broken off at ", told[i]), func(t *testing.T) {
			var again []int
			s, err := Open(path, testKey(), Options{NoSync: true, Progress: func(done, _ int) { again = append(again, done) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if left := told[i:]; i < len(told)-1 && !slices.Equal(again, left) || i == len(told)-1 && again != nil {
				t.Errorf("told %v, want %v", again, left)
			}
			whole(t, s)
		})
	}
}

// keptFrom4 looks at the copy beside an upgraded database: it is of schema 4, and the same after a
// start that was broken off.
func keptFrom4(t *testing.T, first, path string) {
	t.Helper()
	kept := backupName(path, 4)
	if !bytes.Equal(readFile(t, kept), readFile(t, backupName(first, 4))) {
		t.Error("the copy was written again")
	}
	db, err := bbolt.Open(kept, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(b *bbolt.Tx) error {
		if v := b.Bucket([]byte(bMeta)).Get([]byte("schema")); binary.BigEndian.Uint32(v) != 4 || b.Bucket([]byte(bPast)) != nil {
			t.Errorf("the copy is of schema %x", v)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// used changes an upgraded database: what is attached, ends and is pruned is so in the indexes too.
func used(t *testing.T, s *Store, people int, bindings uint64) {
	t.Helper()
	ctx := t.Context()
	_, hook, account, _ := person(1)
	bs, state, err := s.Bindings(ctx, account)
	if err != nil || len(bs) != 1 || state != store.BindingsState(bindings) {
		t.Errorf("%d bindings, state %d, %v", len(bs), state, err)
	}
	err = s.Attach(ctx, store.Attachment{Account: account, Bound: state, Remove: []calbell.BindingID{bs[0].ID}}, t0)
	if bs, err2 := s.BindingsTo(ctx, hook); err != nil || err2 != nil || len(bs) != 0 {
		t.Errorf("%d bindings, %v, %v", len(bs), err, err2)
	}
	if n, err := s.EndSessions(ctx, t0.AddDate(1, 0, 0), 2*people); n != people || err != nil {
		t.Errorf("%d sessions ended, %v", n, err)
	}
	if n, err := s.Prune(ctx, t0.AddDate(1, 0, 0), 1<<20); n != people*(endedEach+1) || err != nil {
		t.Errorf("%d deliveries pruned, %v", n, err)
	}
	harm(t, s, func(tx *tx) error {
		if k, _ := first(tx, bPast); len(k) > 0 {
			t.Errorf("row %x of the past is left over", k)
		}
		return nil
	})
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// BenchmarkUpgrade opens a database of schema 4 with 100,000 ended deliveries for the first time, and
// waits for the disk as the daemon does.
func BenchmarkUpgrade(b *testing.B) {
	const ended = 100_000
	s := newStore(b)
	path := s.path
	fill(b, s, ended/endedEach, endedEach)
	endDue(b, s, t0.AddDate(0, 1, 0))
	asSchema4(b, s, 0)
	for b.Loop() {
		b.StopTimer()
		dir := filepath.Join(b.TempDir(), "old")
		if err := os.CopyFS(dir, os.DirFS(filepath.Dir(path))); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		synced(b, filepath.Join(dir, filepath.Base(path)))
	}
}
