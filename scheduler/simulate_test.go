package scheduler_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/scheduler/dispatch"
	"calbell/scheduler/notices"
	"calbell/scheduler/plan"
	"calbell/scheduler/schedulertest"
	"calbell/scheduler/syncer"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
)

var (
	simSeed  = flag.Uint64("sim.seed", 0, "simulate this seed alone; 0: seeds 1 to sim.n")
	simCount = flag.Int("sim.n", simulations, "how many seeds are simulated")
	simDays  = flag.Int("sim.days", 4, "days of a simulation")
	simDaily = flag.Int("sim.daily", 20, "events made each day; some have two reminders")
)

// TestSimulation lets days or years pass over the real store, policy, syncer, dispatcher
// and notifier, with a calendar that is edited all the time and faults of every kind at random
// times, and holds what the chats received against a model; see package schedulertest. A year with
// 20,000 reminders: -sim.days 365 -sim.daily 42.
func TestSimulation(t *testing.T) {
	first, last := *simSeed, *simSeed
	if first == 0 {
		first, last = 1, uint64(*simCount)
		if testing.Short() {
			last = min(last, 2)
		}
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSimulation(t, seed)
				s.run(*simDays)
				s.judge()
				t.Logf("seed %d: %s", seed, s.summary())
			})
		})
	}
}

// simulation is one run.
type simulation struct {
	*testing.T
	r       *rand.Rand
	server  *server
	chat    *faultyChat
	model   *schedulertest.Model
	account calbell.Account
	hooks   []calbell.Webhook
	path    string
	events  []*simEvent
	made    int
	counts  map[string]int

	// of the program that is up; store is nil while it is down.
	store  *bolt.Store
	guard  *mortal
	syncer *syncer.Syncer
	stop   func()
}

// simEvent is an event of the calendar as its author last wrote it.
type simEvent struct {
	calendar string
	uid      calbell.UID
	title    string
	start    time.Time
	leads    []time.Duration
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := &simulation{
		T: t, r: rand.New(rand.NewPCG(seed, 8)), server: newServer(), counts: map[string]int{},
		path: filepath.Join(t.TempDir(), "calbell.db"), hooks: []calbell.Webhook{hook("team"), hook("other"), hook("alarm")},
	}
	s.account = calbell.Account{Name: "home", Calendars: []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}, {Name: "Own", Webhook: "other"}}}
	s.server.putIn("Own", "/none.ics", event("none", "None", 1000*24*time.Hour))
	s.model = schedulertest.NewModel(t)
	s.chat = &faultyChat{model: s.model, r: rand.New(rand.NewPCG(seed, 9)), modes: map[calbell.WebhookID]mode{}, rest: map[calbell.WebhookID]period{}}
	s.up()
	s.sync()
	return s
}

// up starts the program over the file.
func (s *simulation) up() {
	db, err := bolt.Open(s.path, record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		s.Fatal(err)
	}
	s.store, s.guard = db, &mortal{Store: db}
	if err := db.SetFileWebhooks(s.Context(), s.hooks); err != nil {
		s.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	policy := plan.NewPolicy(plan.Settings{Accounts: []calbell.Account{s.account}, Webhooks: s.hooks, Zone: time.UTC, Locale: "en"})
	get := func() *plan.Policy { return policy }
	loop := dispatch.New(forDispatch(s.guard), s.chat, get, dispatch.Options{Worker: "w", InFlight: 16, PerHost: 8, Log: log})
	s.syncer = syncer.New(forSync(s.guard), get, func(calbell.Account) (syncer.Remote, error) { return s.server, nil },
		syncer.Options{Concurrency: 2, Log: log, Changed: loop.Kick})
	notifier := notices.NewNotifier(forNews(s.guard), notices.NotifierOptions{
		ErrorWebhook: func() calbell.WebhookID { return "alarm" }, Failing: s.syncer.Failing, Changed: loop.Kick, Log: log,
	})
	if err := s.syncer.Reconcile(s.Context()); err != nil {
		s.Fatal(err)
	}
	if err := s.syncer.ExtendLayouts(s.Context()); err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	loops.Go(func() {
		if err := loop.Run(ctx); err != nil && !s.guard.isDead() {
			s.Errorf("dispatch: %v", err)
		}
	})
	loops.Go(func() { notifier.Run(ctx) })
	loops.Go(func() {
		for ctx.Err() == nil {
			_ = s.syncer.ExtendLayouts(ctx) // fails on a full disk, and is tried again
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Minute):
			}
		}
	})
	s.stop = func() { cancel(); loops.Wait() }
}

// down ends the program: in order, or by a kill in the middle of what it does.
func (s *simulation) down(kill bool) {
	if kill {
		flying, err := s.store.Upcoming(context.Background(), store.UpcomingQuery{Limit: 1000})
		if err != nil {
			s.Fatal(err)
		}
		for _, d := range flying {
			if d.Status == calbell.StatusInFlight {
				s.model.Excuse(d.ID)
			}
		}
		s.guard.die()
		s.chat.forget() // what an answer asked for may not have been written down
	}
	s.stop()
	if !kill { // a dead program's claims are in the file as they were
		if err := s.store.Check(context.Background()); err != nil {
			s.Errorf("after a stop: %v", err)
		}
	}
	if err := s.store.Close(); err != nil {
		s.Fatal(err)
	}
	s.store = nil
}

// sync asks for the calendars, and tells the model what is committed then.
func (s *simulation) sync() {
	if s.store == nil {
		return
	}
	s.model.Synced(s.wanted(), false) // what is due already is posted before the sync has ended
	err := s.syncer.Sync(s.Context(), calbell.SyncRequest{Account: s.account, Now: true})
	s.model.Synced(s.wanted(), err == nil)
}

// wanted is what the calendars ask for now.
func (s *simulation) wanted() map[calbell.ReminderID]schedulertest.Reminder {
	all := map[calbell.ReminderID]schedulertest.Reminder{}
	for _, e := range s.events {
		w := calbell.WebhookID("team")
		if e.calendar == "Own" {
			w = "other"
		}
		for _, lead := range e.leads {
			due := e.start.Add(-lead)
			all[calbell.NewReminderID(w, e.uid, "", due)] = schedulertest.Reminder{Webhook: w, Due: due, End: e.start.Add(time.Hour)}
		}
	}
	return all
}

// run lets days pass: each hour people edit, things break and are mended; each quarter of an
// hour the calendars are synced.
func (s *simulation) run(days int) {
	for range days {
		for hour := range 24 {
			s.disturb()
			for quarter := range 4 {
				s.sync()
				if quarter == 0 {
					s.edit(hour) // some of it begins before the next sync
				}
				time.Sleep(15*time.Minute - time.Duration(s.r.IntN(1000))*time.Millisecond)
			}
		}
		s.forgetPast()
	}
	s.calm()
	time.Sleep(60 * time.Hour) // all that is left falls due, or is given up
	synctest.Wait()
}

// calm mends everything.
func (s *simulation) calm() {
	s.server.set(func(v *server) { v.err, v.only, v.slow = nil, nil, 0 })
	s.chat.calm()
	if s.store == nil {
		s.up()
	}
	s.guard.refuse(false)
	s.model.Trouble("", false)
	s.sync()
}

func (s *simulation) chance(percent int) bool { return s.r.IntN(100) < percent }

// edit is what people do to their calendars in an hour.
func (s *simulation) edit(hour int) {
	n := *simDaily / 24
	if s.r.IntN(24) < *simDaily%24 {
		n++
	}
	for range n {
		s.made++
		e := &simEvent{
			calendar: "Team", uid: calbell.UID(fmt.Sprint("e", s.made)), title: "Event",
			start: time.Now().Add(90*time.Minute + time.Duration(s.r.IntN(48*60))*time.Minute).Truncate(time.Second),
			leads: []time.Duration{time.Duration(s.r.IntN(30)) * time.Minute},
		}
		if s.chance(30) {
			e.calendar = "Own"
		}
		if s.chance(15) { // before the next sync, and after an outage long ago
			e.start = time.Now().Add(time.Duration(s.r.IntN(15*60)) * time.Second).Truncate(time.Second)
		} else if s.chance(25) { // at the hour, as people have it
			e.start = e.start.Truncate(time.Hour).Add(time.Hour)
		}
		if s.chance(20) {
			e.leads = append(e.leads, time.Hour)
		}
		s.events = append(s.events, e)
		s.write(e)
	}
	for i := 0; i < len(s.events); i++ {
		e := s.events[i]
		if time.Until(e.start) < 2*time.Hour || !s.chance(3) {
			continue
		}
		switch s.r.IntN(3) {
		case 0:
			e.title += "!"
		case 1:
			e.start = e.start.Add(time.Duration(s.r.IntN(240)-60) * time.Minute)
			s.counts["moved"]++
		case 2:
			s.erase(e)
			s.events = append(s.events[:i], s.events[i+1:]...)
			i--
			s.counts["cancelled"]++
			continue
		}
		s.write(e)
	}
}

func (s *simulation) write(e *simEvent) {
	var alarms []string
	for _, lead := range e.leads {
		alarms = append(alarms, fmt.Sprintf("-PT%dM", int(lead.Minutes())))
	}
	s.server.putIn(e.calendar, calbell.Href("/"+string(e.uid)+".ics"), event(string(e.uid), e.title, e.start.Sub(epoch), alarms...))
}

func (s *simulation) erase(e *simEvent) {
	s.server.set(func(v *server) { delete(v.calendars[e.calendar], calbell.Href("/"+string(e.uid)+".ics")) })
}

// forgetPast takes old events out of the calendars, so that a year does not grow slower.
func (s *simulation) forgetPast() {
	kept := s.events[:0]
	for _, e := range s.events {
		if time.Since(e.start) > 72*time.Hour {
			s.erase(e)
			continue
		}
		kept = append(kept, e)
	}
	s.events = kept
}

// disturb begins and ends faults, now and then.
func (s *simulation) disturb() {
	for _, id := range []calbell.WebhookID{"team", "other"} {
		if s.chance(8) {
			s.counts[string(s.chat.disturb(id))]++
			s.model.Trouble(id, true)
		} else if s.chance(40) {
			s.chat.mend(id)
			s.model.Trouble(id, false)
		}
	}
	switch n := s.r.IntN(100); {
	case n < 4:
		s.server.set(func(v *server) { v.only = errDown })
		s.counts["server down"]++
	case n < 6:
		s.server.breakAfter(1 + s.r.IntN(3))
	case n < 30:
		s.server.set(func(v *server) { v.only = nil })
	}
	switch n := s.r.IntN(100); {
	case s.store == nil && n < 60:
		s.up()
		s.model.Trouble("", false)
	case s.store == nil:
	case n < 5:
		s.model.Trouble("", true)
		s.down(s.chance(60))
		s.counts["down"]++
	case n < 9: // killed, or stopped, and up again at once
		s.model.Trouble("", true)
		s.down(s.chance(70))
		s.up()
		s.model.Trouble("", false)
		s.counts["restarted"]++
	case n < 12:
		s.model.Trouble("", true)
		s.guard.refuse(true)
		s.counts["disk full"]++
	case n < 50:
		s.guard.refuse(false)
		s.model.Trouble("", false)
	}
}

// judge looks at the end of all.
func (s *simulation) judge() {
	s.stop()
	if err := s.store.Check(context.Background()); err != nil {
		s.Errorf("at the end: %v", err)
	}
	s.model.Judge(context.Background(), s.store)
	if err := s.store.Close(); err != nil {
		s.Error(err)
	}
}

func (s *simulation) summary() string {
	return fmt.Sprintf("%d events, %s, faults and edits %v", s.made, s.model.Summary(), s.counts)
}
