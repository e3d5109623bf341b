package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// busy returns a store with deliveries in every index.
func busy(t testing.TB) *Store {
	t.Helper()
	s := newStore(t)
	fill(t, s, 10, 2)
	attachAndPause(t, s)
	settle(t, s)
	claims, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(8 * time.Second), Limit: 8})
	if err != nil || len(claims) != 8 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	var os []calbell.Outcome
	for i, c := range claims[:6] {
		o := calbell.Outcome{ID: c.ID, Status: calbell.StatusSent}
		if i%2 == 0 {
			o.Status, o.NextAt = calbell.StatusWaiting, t0.Add(time.Hour)
		}
		os = append(os, o)
	}
	if err := s.Finish(t.Context(), "w", os, nil, t0); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// attachAndPause puts two bindings and two pauses into a store.
func attachAndPause(t testing.TB, s *Store) {
	t.Helper()
	_, state, err := s.Bindings(t.Context(), "home")
	a := store.Attachment{Account: "home", Bound: state, Put: []calbell.Binding{
		{ID: "1", Account: "home", UID: "a", Webhook: "team-1"}, {ID: "2", Account: "home", UID: "b", Mute: true},
	}}
	err = errors.Join(err, s.Attach(t.Context(), a, t0))
	for _, w := range []calbell.WebhookID{"", "team-1"} {
		err = errors.Join(err, s.SetPause(t.Context(), calbell.Pause{Webhook: w, Until: t0.Add(24 * time.Hour)}, t0))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// settle puts a user with all that one can have into a store.
func settle(t testing.TB, s *Store) {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(
		s.Users().Put(ctx, calbell.User{Name: "Anna", Role: calbell.RoleMember, PasswordHash: "h", Epoch: 1}),
		s.Tokens().Put(ctx, calbell.Token{ID: "1", Owner: "Anna", Hash: "h"}),
		s.PutSession(ctx, store.Session{ID: "s", Data: []byte("d"), ExpiresAt: t0.Add(time.Hour)}, t0),
		s.PutSetupLink(ctx, store.SetupLink{Hash: "h", ExpiresAt: t0.Add(time.Hour)}),
		s.Accounts().Put(ctx, calbell.Account{Name: "anna", Owner: "Anna", Password: "p"}),
		s.Rules().Change(ctx, []calbell.StoredRule{{ID: "1", Rule: calbell.Rule{Name: "r"}}}, nil),
		store.SetCalendar(ctx, s, "cal0", &calbell.CalendarSettings{Webhook: "team-1"}),
		s.ListedNames().Put(ctx, store.ListedNames{Account: "anna", Names: []calbell.ListedName{{Name: "cal0", URL: "https://cal.example.org/0/"}}}),
	); err != nil {
		t.Fatal(err)
	}
}

// settled counts what settle put there.
func settled(t testing.TB, s *Store) (n int) {
	t.Helper()
	ctx := t.Context()
	us, err1 := s.Users().All(ctx)
	ks, err2 := s.Tokens().Of(ctx, store.OwnedBy("anna"))
	_, session, err3 := s.Session(ctx, "s", t0)
	_, link, err4 := s.SetupLink(ctx, t0)
	as, err5 := s.Accounts().All(ctx)
	rs, err6 := s.Rules().All(ctx)
	cs, err7 := store.SettingsByCalendar(ctx, s)
	ls, err8 := store.AllListedNames(ctx, s.ListedNames())
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	for _, ok := range []bool{session, link} {
		if ok {
			n++
		}
	}
	return n + len(us) + len(ks) + len(as) + len(rs) + len(cs) + len(ls)
}

// harm changes the database as no method of the store does.
func harm(t testing.TB, s *Store, fn func(*tx) error) {
	t.Helper()
	if err := s.update(t.Context(), failpoint.Settings, fn); err != nil {
		t.Fatal(err)
	}
}

// first returns the first row of a bucket, copied.
func first(t *tx, b bucket) (key, value []byte) {
	k, v := t.Table(b).Cursor().First()
	return append([]byte{}, k...), append([]byte{}, v...)
}

// putJSON writes a row whose value is sealed JSON.
func putJSON(t *tx, b bucket, key []byte, v any) error {
	plain, err := json.Marshal(v)
	return errors.Join(err, t.PutSealed(b, key, plain))
}

// TestCheckFinds breaks each invariant in turn.
func TestCheckFinds(t *testing.T) {
	remove := func(b bucket) func(*tx) error {
		return func(t *tx) error {
			k, _ := first(t, b)
			return t.Delete(b, k)
		}
	}
	turn := func(b bucket) func(*tx) error { // turns a bit in the middle of a value
		return func(t *tx) error {
			k, v := first(t, b)
			v[len(v)/2] ^= 4
			return t.Put(b, k, v)
		}
	}
	tests := map[string]struct {
		harm func(*tx) error
		says string
	}{
		"a due row is gone":    {remove(bDue), `row of "due"`},
		"a flight row is gone": {remove(bFlight), `row of "due"`},
		"a done row is gone":   {remove(bDone), `row of "done"`},
		"a delivery is gone":   {remove(bDeliveries), "rows, the records account for"},
		"an object is gone":    {remove(bObjects), "does not exist"},
		"a text is gone":       {remove(bRaws), "text is missing"},
		"a calendar is gone":   {remove(bCalendars), "calendar"},
		"a replan row is gone": {remove(bReplan), `no row of "replan"`},
		"a counter is gone":    {remove(bCounts), "counter"},
		"a bit of a delivery":  {turn(bDeliveries), "seal is broken"},
		"a bit of an object":   {turn(bObjects), "seal is broken"},
		"a bit of a text":      {turn(bRaws), "seal is broken"},
		"a bit of a calendar":  {turn(bCalendars), "seal is broken"},
		"a bit of a binding":   {turn(bBindings), "seal is broken"},
		"a bit of a pause":     {turn(bPauses), "seal is broken"},
		"a bit of a user":      {turn(bUsers), "seal is broken"},
		"a bit of a token":     {turn(bTokens), "seal is broken"},
		"a bit of a session":   {turn(bSessions), "seal is broken"},
		"a bit of a link":      {turn(bSetups), "seal is broken"},
		"a bit of an account":  {turn(bAccounts), "seal is broken"},
		"a bit of a rule":      {turn(bRules), "seal is broken"},
		"a bit of a setting":   {turn(bSettings), "seal is broken"},
		"a bit of a name":      {turn(bListed), "seal is broken"},
		"a user in the place of another": {func(t *tx) error {
			return putJSON(t, bUsers, records.Users().Key(t.Box, "bob"), calbell.User{Name: "Carla"})
		}, `says that it is "carla"`},
		"a UID row is gone": {remove(bUIDs), `no row of "uids"`},
		"a UID row too many": {func(t *tx) error {
			k, _ := first(t, bObjects)
			return t.Put(bUIDs, uidRow(t.Box, "other", record.ObjectKey(k)), []byte{})
		}, `does not know of its row of "uids"`},
		"a binding in the place of another": {func(t *tx) error {
			return putJSON(t, bBindings, t.Box.Binding("3"), calbell.Binding{ID: "1"})
		}, `says that it is "1"`},
		"a pause in the place of another": {func(t *tx) error {
			return putJSON(t, bPauses, t.Box.Pause(&calbell.Pause{Calendar: "a"}), calbell.Pause{Webhook: "a"})
		}, `says that it is "/a"`},
		"a bit of a due row":       {turn(bDue), `row of "due"`},
		"a bit of a done row":      {turn(bDone), `row of "done"`},
		"a delivery was put aside": {func(t *tx) error { return t.Put(bBroken, make([]byte, record.IDLen), []byte{1}) }, "put aside"},
		"an untold counter is gone": {func(t *tx) error {
			t.marks = append(t.marks, mark{"team-1", record.TimeKey(t0, make([]byte, record.IDLen)), true})
			return errors.Join(toTell(t).applyMarks(), t.Delete(bCounts, untoldCount("team-1")))
		}, "counted as 0"},
		"a replan row too many": {func(t *tx) error { return t.Put(bReplan, record.TimeKey(t0, make([]byte, record.ObjectLen)), []byte{}) }, "does not know of its row"},
		"a due row too many":    {func(t *tx) error { return t.Put(bDue, record.TimeKey(t0, make([]byte, record.IDLen)), []byte("px")) }, "rows, the records account for"},
		"an object that wants nobody": {func(t *tx) error {
			k, _ := first(t, bObjects)
			h, err := t.Head(record.ObjectKey(k))
			h.Wants = nil
			t.PutObject(record.ObjectKey(k), &record.ObjectChange{Was: h, Head: h})
			return errors.Join(err, t.Flush())
		}, "does not want it"},
		"a delivery without sources": {func(t *tx) error {
			k, _ := first(t, bDue)
			l := record.NewLedger(t, t.Box)
			r, err := l.Get(record.ID(k[record.TimeLen:]))
			r.Sources = nil
			r.Change()
			return errors.Join(err, l.Flush())
		}, "without a source"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := busy(t)
			harm(t, s, tt.harm)
			if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v does not say %q", err, tt.says)
			}
		})
	}
}

func TestCheckListsABound(t *testing.T) {
	s := newStore(t)
	fill(t, s, 60, 1)
	harm(t, s, func(t *tx) error {
		for range 50 {
			k, _ := first(t, bRaws)
			if err := t.Delete(bRaws, k); err != nil {
				return err
			}
		}
		return nil
	})
	err := s.Check(t.Context())
	if n := strings.Count(fmt.Sprint(err), "\n"); n != maxProblems || !strings.Contains(err.Error(), "more") {
		t.Errorf("%d lines: %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// TestDamagedRows: whatever row is damaged, everything else goes on, and a sync heals what
// the server still has.
func TestDamagedRows(t *testing.T) {
	for _, b := range []bucket{bCalendars, bObjects, bRaws, bDeliveries, bWebhooks, bStates, bBindings, bPauses, bUsers, bTokens, bSessions, bSetups, bAccounts, bRules, bSettings, bListed} {
		t.Run(string(b), func(t *testing.T) {
			s := busy(t)
			told := 0
			s.data.Damaged = func(error) { told++ }
			for _, id := range []calbell.WebhookID{"a", "b"} {
				if err := errors.Join(
					s.Webhooks().Put(t.Context(), calbell.Webhook{ID: id, Name: string(id)}),
					s.WebhookStates().Put(t.Context(), store.WebhookState{ID: id, WebhookState: calbell.WebhookState{Reason: calbell.Plain("x")}}),
				); err != nil {
					t.Fatal(err)
				}
			}
			harm(t, s, func(t *tx) error {
				k, v := first(t, b)
				v[len(v)/2] ^= 1
				return t.Put(b, k, v)
			})
			allGoesOn(t, s)
			if told == 0 {
				t.Error("nobody was told")
			}
		})
	}
}

// allGoesOn uses a store of busy of which one row is damaged.
func allGoesOn(t *testing.T, s *Store) {
	t.Helper()
	ctx, now := t.Context(), t0.Add(2*time.Hour)
	cals, err1 := s.Calendars(ctx)
	hooks, err2 := s.Webhooks().All(ctx)
	states, err3 := store.StatesByWebhook(ctx, s.WebhookStates())
	up, err4 := s.Upcoming(ctx, store.UpcomingQuery{Limit: 100})
	past, err5 := s.History(ctx, store.HistoryQuery{})
	plans, err6 := s.DuePlans(ctx, t0.AddDate(1, 0, 0), 100)
	tags, err7 := s.ETags(ctx, "cal0")
	more, err8 := s.ETags(ctx, "cal1")
	bound, state, err9 := s.Bindings(ctx, "home")
	pauses, err10 := s.Pauses(ctx, t0)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10); err != nil {
		t.Fatal(err)
	}
	seen := len(cals) + len(hooks) + len(states) + len(up) + len(past) + len(plans) + len(tags) + len(more) + len(bound) + len(pauses) + settled(t, s)
	if all := 2 + 2 + 2 + 17 + 3 + 10 + 5 + 5 + 2 + 2 + 8; seen > all || seen < all-2 {
		t.Errorf("%d things are seen of %d", seen, all)
	}
	fill(t, s, 10, 2) // as a full sync does
	if err := s.Users().Put(ctx, calbell.User{Name: "anna", Role: calbell.RoleMember, Epoch: 2}); err != nil {
		t.Error(err)
	}
	if err := s.Attach(ctx, store.Attachment{Account: "home", Put: []calbell.Binding{{ID: "1", Account: "home", UID: "a"}}, Bound: state}, now); err != nil {
		t.Error(err)
	}
	if err := s.SetPause(ctx, calbell.Pause{Until: now.Add(1)}, now); err != nil {
		t.Error(err)
	}
	if _, err := s.Recover(ctx, "w", now); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 100})
	if err != nil || len(claims) < 16 || len(claims) > 18 {
		t.Errorf("%d claims of 17, %v", len(claims), err)
	}
	once := make(map[calbell.ReminderID]bool)
	var os []calbell.Outcome
	for _, c := range claims {
		if once[c.ID] {
			t.Errorf("%s was claimed twice", c.ID)
		}
		once[c.ID] = true
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent})
	}
	if err := s.Finish(ctx, "w", os, nil, now); err != nil {
		t.Error(err)
	}
	if again, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 100}); err != nil || len(again) > 0 {
		t.Errorf("%d more claims, %v", len(again), err)
	}
}

func TestStats(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
	fill(t, s, 500, 1)
	before, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []calbell.CalendarID{"cal0", "cal1"} {
		if err := s.RemoveCalendar(t.Context(), id, t0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveCalendar(t.Context(), calbell.Calendar{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	after, err := s.Stats()
	if err != nil || after.Commits != before.Commits+3 || after.FreeBytes < before.FreeBytes+200<<10 || after.FileBytes < before.FileBytes {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
}

// TestCheckBesideWork: what moves between two slices is no damage.
func TestCheckBesideWork(t *testing.T) {
	s := newStore(t)
	fill(t, s, 3000, 2)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			for i := 0; ctx.Err() == nil; i++ {
				now := t0.Add(24 * time.Hour)
				cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 20})
				var os []calbell.Outcome
				for j, c := range cs {
					o := calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Tell: true}
					if j%2 == 0 {
						o = calbell.Outcome{ID: c.ID, Status: calbell.StatusWaiting, NextAt: now.Add(time.Duration(j) * time.Hour)}
					}
					os = append(os, o)
				}
				_, told := s.TellMissed(t.Context(), "team-1", now)
				applied := s.Apply(t.Context(), store.Change{Calendar: calbell.Calendar{ID: "cal0"}, Put: []store.Planned{planned(i%6000, 2)}}, now)
				if err := errors.Join(err, told, applied, s.Finish(t.Context(), "w", os, nil, now)); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	for range 5 {
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
