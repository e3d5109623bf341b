package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

func wholeTests() []test {
	return []test{
		{"everything survives a restart", func(k *kit) {
			w := newWalk(k, 7)
			for range 80 {
				w.step()
			}
			before := snapshot(k, k.Store)
			k.reopen()
			equal(k, "after the restart", snapshot(k, k.Store), before)
		}},
		{"a context that has ended", endedContext},
		{"random operations, as the model does", randomOperations},
	}
}

// number returns a whole number of the environment. STORETEST_SEED repeats a failed run of
// the random operations, STORETEST_STEPS makes it longer.
func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// randomOperations compares the store with the model, over and over.
func randomOperations(k *kit) {
	w := newWalk(k, number("STORETEST_SEED", rand.Uint64()))
	steps := int(number("STORETEST_STEPS", 300))
	k.Logf("STORETEST_SEED=%d STORETEST_STEPS=%d", w.seed, steps)
	for i := range steps {
		w.step()
		if i%25 == 24 {
			w.compare()
		}
		if k.Failed() {
			k.Fatalf("step %d: %s", i, w.last)
		}
	}
	w.compare()
}

// endedContext calls everything that writes with a context that has ended.
func endedContext(k *kit) {
	r := rem("a", "chat", 0)
	k.put(0, "team", obj("/1.ics", "1", r))
	k.ok(k.Webhooks().Put(k.Context(), hooked("a", "a")))
	before := snapshot(k, k.Store)
	ctx, cancel := context.WithCancel(k.Context())
	cancel()
	_, claimErr := k.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: 1, Limit: 1, Now: at(0)})
	_, recoverErr := k.Recover(ctx, "w", at(0))
	_, pruneErr := k.Prune(ctx, at(0), 1)
	_, readErr := k.Upcoming(ctx, store.UpcomingQuery{Limit: 1})
	for what, err := range map[string]error{
		"Claim": claimErr, "Recover": recoverErr, "Prune": pruneErr, "Upcoming": readErr,
		"SaveCalendar":    k.SaveCalendar(ctx, cal("mine")),
		"RenameAccount":   k.RenameAccount(ctx, "home", "cloud"),
		"RemoveCalendar":  k.RemoveCalendar(ctx, "team", at(0)),
		"Apply":           k.Apply(ctx, store.Change{Calendar: cal("mine")}, at(0)),
		"Extend":          k.Extend(ctx, []store.Planned{obj("/1.ics", "1")}, at(0)),
		"Finish":          k.Finish(ctx, "w", nil, map[calbell.WebhookID]calbell.WebhookState{"a": {Reason: calbell.Plain("x")}}, at(0)),
		"PutWebhook":      k.Webhooks().Put(ctx, hooked("b", "b")),
		"RemoveWebhook":   k.Webhooks().Remove(ctx, "a"),
		"SetFileWebhooks": k.SetFileWebhooks(ctx, []calbell.Webhook{hooked("c", "c")}),
		"SetWebhookState": k.WebhookStates().Put(ctx, store.WebhookState{ID: "a", WebhookState: calbell.WebhookState{Reason: calbell.Plain("x")}}),
		"Attach":          k.Attach(ctx, store.Attachment{Account: "home", Put: []calbell.Binding{bind("1", "home", "a")}}, at(0)),
		"SetPause":        k.SetPause(ctx, calbell.Pause{Until: at(time.Hour)}, at(0)),
		"PutUser":         k.Users().Put(ctx, user("Anna", calbell.RoleAdmin)),
		"RemoveUser":      k.Users().Remove(ctx, "Anna"),
		"PutToken":        k.Tokens().Put(ctx, token("1", "Anna")),
		"RemoveToken":     k.Tokens().Remove(ctx, "1"),
		"PutSession":      k.PutSession(ctx, store.Session{ID: "s", ExpiresAt: at(time.Hour)}, at(0)),
		"RemoveSession":   k.RemoveSession(ctx, "s"),
		"EndSessions":     second(k.EndSessions(ctx, at(0), 1)),
		"EndPauses":       second(k.EndPauses(ctx, at(0))),
		"PutSetupLink":    k.PutSetupLink(ctx, store.SetupLink{Hash: "x", ExpiresAt: at(time.Hour)}),
		"UseSetupLink":    k.UseSetupLink(ctx, "x", user("Anna", calbell.RoleAdmin), at(0)),
		"PutAccount":      k.Accounts().Put(ctx, account("Home")),
		"RemoveAccount":   k.Accounts().Remove(ctx, "Home"),
		"ChangeRules":     k.Rules().Change(ctx, []calbell.StoredRule{rule("1", 0)}, nil),
		"SetCalendar":     store.SetCalendar(ctx, k, "team", &calbell.CalendarSettings{}),
		"SetListedNames":  k.ListedNames().Put(ctx, store.ListedNames{Account: "home", Names: []calbell.ListedName{{Name: "team"}}}),
	} {
		if !errors.Is(err, context.Canceled) {
			k.Errorf("%s: %v", what, err)
		}
	}
	equal(k, "the store", snapshot(k, k.Store), before)
}

// state is all that a store shows, in a form that two stores can be compared by.
type state struct {
	Untold    map[calbell.WebhookID]int
	Calendars []calbell.Calendar
	ETags     map[calbell.CalendarID]map[calbell.Href]calbell.ETag
	Objects   map[place]calbell.Object
	Plans     map[place]bool
	Upcoming  []calbell.Delivery
	History   []calbell.Delivery
	Counts    map[calbell.Status]int
	Next      []time.Time
	Webhooks  []calbell.Webhook
	Trees     []string
	States    map[calbell.WebhookID]calbell.WebhookState
	Bindings  []calbell.Binding
	Pauses    []calbell.Pause
	ByUID     map[calbell.UID][]calbell.Object
	People    people
}

// people is what a store shows of people and what they set. Its secrets are spelt: they print
// alike.
type people struct {
	Users    []calbell.User
	Tokens   []calbell.Token
	Sessions map[string][]byte
	Setup    store.SetupLink
	Accounts []calbell.Account
	Rules    []calbell.StoredRule
	Settings map[calbell.CalendarID]calbell.CalendarSettings
	Listed   []calbell.ListedName
}

// readPeople reads it. Sessions are those of a walk.
func readPeople(ctx context.Context, s Store) (p people, err error) {
	var errs [9]error
	now := t0.AddDate(-1, 0, 0)
	p.Users, errs[0] = s.Users().All(ctx)
	p.Tokens, errs[1] = s.Tokens().All(ctx)
	p.Setup, _, errs[2] = s.SetupLink(ctx, now)
	p.Accounts, errs[3] = s.Accounts().All(ctx)
	p.Rules, errs[4] = s.Rules().All(ctx)
	p.Settings, errs[5] = store.SettingsByCalendar(ctx, s)
	p.Listed, errs[8] = store.AllListedNames(ctx, s.ListedNames())
	p.Sessions = make(map[string][]byte)
	for i, id := range []string{"s", "t"} {
		p.Sessions[id], _, errs[6+i] = s.Session(ctx, id, now)
	}
	return p, errors.Join(errs[:]...)
}

// byUID looks the objects up by all the UIDs that they list.
func byUID(ctx context.Context, s Store, objs map[place]calbell.Object) (found map[calbell.UID][]calbell.Object, err error) {
	found = make(map[calbell.UID][]calbell.Object)
	for _, o := range objs {
		for _, uid := range o.UIDs {
			if _, ok := found[uid]; !ok && err == nil {
				found[uid], err = s.ObjectsByUID(ctx, uid)
			}
		}
	}
	return found, err
}

// snapshot reads it.
func snapshot(t testing.TB, s Store) state {
	t.Helper()
	ctx, all := t.Context(), 1<<20
	st := state{
		ETags:   make(map[calbell.CalendarID]map[calbell.Href]calbell.ETag),
		Objects: make(map[place]calbell.Object), Plans: make(map[place]bool),
	}
	var errs [14]error
	st.Calendars, errs[0] = s.Calendars(ctx)
	for _, c := range st.Calendars {
		var err error
		st.ETags[c.ID], err = s.ETags(ctx, c.ID)
		errs[1] = errors.Join(errs[1], err, s.EachObject(ctx, c.ID, func(o calbell.Object) error {
			st.Objects[place{o.Calendar, o.Href}] = o
			return nil
		}))
	}
	plans, err := s.DuePlans(ctx, t0.AddDate(10, 0, 0), all)
	errs[2] = err
	for _, o := range plans {
		st.Plans[place{o.Calendar, o.Href}] = true
	}
	st.Upcoming, errs[3] = s.Upcoming(ctx, store.UpcomingQuery{Limit: all})
	st.History, errs[4] = s.History(ctx, store.HistoryQuery{Limit: all})
	st.Counts, errs[5] = s.Counts(ctx)
	st.Webhooks, errs[6] = s.Webhooks().All(ctx)
	st.States, errs[7] = store.StatesByWebhook(ctx, s.WebhookStates())
	st.Next, errs[8] = nextDues(ctx, s)
	st.Untold, errs[9] = s.Untold(ctx)
	st.Bindings, errs[10] = s.AllBindings(ctx)
	st.Pauses, errs[11] = s.Pauses(ctx, t0.AddDate(-1, 0, 0))
	st.People, errs[12] = readPeople(ctx, s)
	st.ByUID, errs[13] = byUID(ctx, s, st.Objects)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatalf("read the whole store: %v", err)
	}
	st.normalize()
	return st
}

func nextDues(ctx context.Context, s Store) (all []time.Time, err error) {
	for after := t0.AddDate(-1, 0, 0); ; {
		due, ok, err := s.NextDue(ctx, after)
		if err != nil || !ok {
			return all, err
		}
		all = append(all, due)
		after = due
	}
}

// normalize takes out what the contract leaves open: the sources of what has ended, in
// which words it was cancelled, the order of sources, the types of numbers in trees.
func (st *state) normalize() {
	for i := range st.History {
		d := &st.History[i]
		d.Sources = nil
		if d.Status == cancelled && !d.Reason.IsZero() {
			d.Reason = calbell.English("some reason")
		}
	}
	for i := range st.Upcoming {
		sortSources(&st.Upcoming[i])
	}
	for i := range st.Webhooks {
		w := &st.Webhooks[i]
		st.Trees = append(st.Trees, asJSON([]any{w.Attachments, w.Blocks, w.Payload, w.URL.Reveal()}))
		w.Attachments, w.Blocks, w.Payload = nil, nil, nil
	}
	for s, n := range st.Counts {
		if n == 0 {
			delete(st.Counts, s)
		}
	}
}

// walk does random operations on a store and on the model.
type walk struct {
	k    *kit
	m    *model
	r    *rand.Rand
	seed uint64
	now  time.Duration // since t0; mostly forward
	rev  int
	last string
}

func newWalk(k *kit, seed uint64) *walk {
	return &walk{k: k, m: newModel(), r: rand.New(rand.NewPCG(seed, 1)), seed: seed}
}

func (w *walk) compare() {
	w.k.Helper()
	equal(w.k, "the store against the model", snapshot(w.k, w.k.Store), snapshot(w.k, w.m))
	w.k.check()
}

// step does one operation on both.
func (w *walk) step() {
	w.k.Helper()
	w.now += time.Duration(w.r.IntN(40)) * time.Second
	ops := []func() error{
		w.apply, w.apply, w.apply, w.extend, w.claim, w.claim, w.finish, w.finish, w.finish,
		w.recover, w.removeCalendar, w.prune, w.webhooks, w.webhookState, w.restart,
		w.notify, w.tellMissed, w.expire, w.resend, w.attach, w.attach, w.pause, w.person, w.person, w.setting,
	}
	if err := ops[w.r.IntN(len(ops))](); err != nil {
		w.k.Errorf("%s: %v", w.last, err)
	}
}

// both runs an operation on the store, then on the model, and compares the kinds of error.
func (w *walk) both(what string, op func(s Store) error) error {
	w.last = fmt.Sprintf("%s at %s", what, w.now)
	got, want := op(w.k.Store), op(w.m)
	if calbell.KindOf(got) != calbell.KindOf(want) || !sameConflict(got, want) {
		return fmt.Errorf("error %w, the model says %w", got, want)
	}
	return nil
}

func second[T any](_ T, err error) error { return err }
