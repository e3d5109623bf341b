package scheduler_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/syncer"
	"calbell/store"
	"calbell/store/storetest"
)

// attach attaches a reminder to an event of the account; lead "" mutes it.
func (w *world) attach(id string, uid calbell.UID, lead string, hook calbell.WebhookID, instance calbell.RecurrenceID) {
	w.Helper()
	b := calbell.Binding{ID: calbell.BindingID(id), Account: "home", UID: uid, Webhook: hook, Instance: instance, MadeAt: time.Now().UTC()}
	if b.Mute = lead == ""; !b.Mute {
		var err error
		b.Lead, err = calbell.ParseLead(lead)
		w.ok(err)
	}
	w.ok(w.syncer.Attach(w.Context(), "home", func([]calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		return []calbell.Binding{b}, nil, nil
	}))
}

func (w *world) detach(id string) {
	w.Helper()
	w.ok(w.syncer.Attach(w.Context(), "home", func([]calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		return nil, []calbell.BindingID{calbell.BindingID(id)}, nil
	}))
}

func TestAttach(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Talk", 5*time.Hour, "-PT10M"))
		w.server.put("/b.ics", text("b", "DTSTART:20000101T120000Z\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Lunch"))
		w.sync()
		w.attach("1", "a", "15m", "other", "")
		w.attach("2", "b", "1h", "other", "2000-01-02T12:00:00Z")
		w.attach("3", "a", "2h", "other", "")
		w.detach("3")
		w.pass(2 * 24 * time.Hour)
		w.posts("4h45m0s Talk", "4h50m0s Talk", "35h0m0s Lunch")
	})
}

func TestMute(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/b.ics", text("b", "DTSTART:20000101T120000Z\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:Lunch", "PT0S"))
		w.sync()
		w.attach("1", "b", "", "", "2000-01-02T12:00:00Z")
		w.pass(48 * time.Hour)
		w.attach("2", "b", "", "", "")
		w.pass(24 * time.Hour)
		w.detach("2")
		w.pass(48 * time.Hour)
		w.posts("12h0m0s Lunch", "84h0m0s Lunch")
	})
}

// What was attached to one instance goes with it when the series is moved to another time of
// day; it goes to no other when that instance alone is taken out.
func TestAttachedToAnInstanceThatMoves(t *testing.T) {
	inWorld(t, func(w *world) {
		series := func(clock, more string) string {
			return text("b", "DTSTART:20000101T"+clock+"00Z\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:Lunch"+more)
		}
		w.server.put("/b.ics", series("1200", ""))
		w.sync()
		w.attach("1", "b", "10m", "other", "2000-01-02T12:00:00Z")
		w.attach("2", "b", "20m", "other", "2000-01-03T12:00:00Z")
		w.server.put("/b.ics", series("1500", ""))
		w.sync()
		w.pass(40 * time.Hour)
		w.posts("38h50m0s Lunch")
		w.server.put("/b.ics", series("1500", "\nEXDATE:20000103T150000Z"))
		w.sync()
		w.pass(80 * time.Hour)
		w.posts("38h50m0s Lunch")
	})
}

// A reminder set ten minutes before, made five minutes before, fires at once, as an alarm does.
func TestAttachLate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Soon", time.Hour))
		w.sync()
		w.pass(55 * time.Minute)
		w.attach("1", "a", "10m", "other", "")
		w.pass(time.Minute)
		w.attach("2", "a", "20m", "other", "")
		w.pass(10 * time.Minute)
		w.posts("55m0s Soon / (5 min late)", "56m0s Soon / (16 min late)")
	})
}

// meddler has somebody attach something between the plan of a sync and its store.
type meddler struct {
	storetest.Store
	meddle func()
}

func (m *meddler) Apply(ctx context.Context, c store.Change, now time.Time) error {
	if f := m.meddle; f != nil {
		m.meddle = nil
		f()
	}
	return m.Store.Apply(ctx, c, now)
}

// A sync under way does not undo what is attached meanwhile.
func TestAttachDuringASync(t *testing.T) {
	inWorld(t, func(w *world) {
		m := &meddler{Store: w.store}
		log := slog.New(slog.DiscardHandler)
		s := syncer.New(forSync(m), w.policy.Load,
			func(calbell.Account) (syncer.Remote, error) { return w.server, nil },
			syncer.Options{Concurrency: 1, Log: log, Changed: w.loop.Kick})
		request := calbell.SyncRequest{Account: w.account, Now: true}
		w.server.put("/a.ics", event("a", "Talk", 5*time.Hour))
		w.ok(s.Sync(w.Context(), request))
		w.server.put("/a.ics", event("a", "Talk, renamed", 5*time.Hour))
		m.meddle = func() { w.attach("1", "a", "15m", "other", "") }
		w.ok(s.Sync(w.Context(), request))
		w.pass(6 * time.Hour)
		w.posts("4h45m0s Talk, renamed")
	})
}

func TestAttachRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		wrong := errors.New("wrong")
		err := w.syncer.Attach(w.Context(), "home", func([]calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
			return []calbell.Binding{{ID: "1", Account: "home", UID: "a"}}, nil, wrong
		})
		if !errors.Is(err, wrong) {
			t.Error(err)
		}
		if left, err := w.store.AllBindings(w.Context()); err != nil || len(left) != 0 {
			t.Errorf("bindings %v, %v", left, err)
		}
	})
}

// A webhook that an event names gets its reminders as soon as it exists, and a changed default
// holds for what is planned already.
func TestSettingsChangeUnderAPlan(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", text("a", "DTSTART:20000101T120000Z\nSUMMARY:Talk\nCATEGORIES:webhook:new", "-PT15M"))
		w.sync()
		w.posts()
		w.webhooks = append(w.webhooks, hook("new"))
		w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
		w.configure()
		w.ok(w.syncer.Reconcile(w.Context()))
		w.loop.Forget()
		w.pass(13 * time.Hour)
		if p := w.chat.posts(); len(p) != 1 || p[0].hook != "new" {
			t.Errorf("posted %v", p)
		}
	})
}
