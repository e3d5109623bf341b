package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// Put implements syncer.Writer.
func (s *server) Put(_ context.Context, c calbell.Calendar, href calbell.Href, raw []byte, ifMatch calbell.ETag) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if change := s.before; change != nil {
		s.before = nil
		change(s.calendars[c.Name])
	}
	if s.refuses != nil {
		return s.refuses
	}
	if calbell.ETag(fmt.Sprintf("%q", s.calendars[c.Name][href])) != ifMatch {
		return fmt.Errorf("%w: 412", calbell.ErrChangedThere)
	}
	s.calendars[c.Name][href] = string(raw)
	return nil
}

// at returns the text of an object of Team.
func (s *server) at(href calbell.Href) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calendars["Team"][href]
}

// inWritingWorld is inWorld with an account that writes back, and one event of 12:00.
func inWritingWorld(t *testing.T, test func(w *world, original string)) {
	inWorld(t, func(w *world) {
		w.account.WriteBack = true
		w.restart(0)
		original := event("a", "Talk", 12*time.Hour)
		w.server.put("/a.ics", original)
		w.sync()
		test(w, original)
	})
}

func TestWriteBack(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.attach("b1", "a", "15m", "other", "")
		w.attach("b2", "a", "1d@18:00", "other", "") // no TRIGGER can say it
		w.sync()
		if text := w.server.at("/a.ics"); !strings.Contains(text, "X-CALBELL-WEBHOOK:other") || strings.Count(text, "BEGIN:VALARM") != 1 {
			t.Errorf("at the server: %s", text)
		}
		w.attach("b3", "a", "1h", "other", "")
		for range 3 {
			w.sync()
			w.pass(time.Minute)
		}
		if w.server.puts != 2 {
			t.Errorf("%d writes, want 2", w.server.puts)
		}
		w.pass(11*time.Hour + 30*time.Minute)
		w.posts("0s Talk / (6 h late)", "11h0m0s Talk") // and it is no second one that it comes back from the server
		w.pass(time.Hour)
		w.posts("0s Talk / (6 h late)", "11h0m0s Talk", "11h45m0s Talk")
	})
}

// What is taken back leaves the event as it was, and rings no more, also while the server
// cannot be reached.
func TestWriteBackAndTakeBack(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.attach("b1", "a", "15m", "other", "")
		w.sync()
		w.sync()
		bs, err := w.store.AllBindings(w.Context())
		w.ok(err)
		if len(bs) != 1 || bs[0].WrittenAt.IsZero() {
			t.Fatalf("bindings %+v", bs)
		}
		w.ok(w.syncer.Attach(w.Context(), "home", func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
			b := old[0]
			b.Removed, b.WrittenAt = true, time.Time{}
			return []calbell.Binding{b}, nil, nil
		}))
		w.server.refuse(errDown)
		w.sync()
		w.pass(11 * time.Hour)
		w.server.refuse(nil)
		w.sync()
		w.sync()
		w.pass(2 * time.Hour)
		w.posts()
		if got := w.server.at("/a.ics"); got != original {
			t.Errorf("at the server: %s", got)
		}
		if bs, err = w.store.AllBindings(w.Context()); err != nil || len(bs) != 0 {
			t.Errorf("bindings %+v, %v", bs, err)
		}
	})
}

// A client that rebuilds alarms loses our properties: it is the same reminder all the same.
func TestWriteBackRebuilt(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.attach("b1", "a", "15m", "other", "")
		w.sync()
		w.sync()
		w.server.put("/a.ics", event("a", "Talk, by phone", 12*time.Hour, "-PT15M"))
		w.sync()
		w.pass(13 * time.Hour)
		w.posts("11h45m0s Talk, by phone")
		if p := w.chat.posts(); p[0].hook != "other" {
			t.Errorf("posted to %s", p[0].hook)
		}
	})
}

// An event that is changed at the moment of writing is not overwritten.
func TestWriteBackConflict(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.attach("b1", "a", "15m", "other", "")
		w.server.mu.Lock()
		w.server.before = func(objects map[calbell.Href]string) { objects["/a.ics"] = event("a", "Talk, moved", 13*time.Hour) }
		w.server.mu.Unlock()
		w.sync()
		w.sync()
		if text := w.server.at("/a.ics"); !strings.Contains(text, "Talk, moved") || !strings.Contains(text, "X-CALBELL-WEBHOOK:other") {
			t.Errorf("at the server: %s", text)
		}
		w.pass(14 * time.Hour)
		w.posts("12h45m0s Talk, moved")
	})
}

// A server that refuses is told of on the binding, and not asked again and again.
func TestWriteBackRefused(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.server.refuse(&calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("no writing here")})
		w.attach("b1", "a", "15m", "other", "")
		for range 3 {
			w.sync()
		}
		bs, err := w.store.AllBindings(w.Context())
		w.ok(err)
		if w.server.puts != 1 || len(bs) != 1 || bs[0].WriteError.IsZero() || !bs[0].WrittenAt.IsZero() {
			t.Errorf("%d writes, bindings %+v", w.server.puts, bs)
		}
		w.pass(13 * time.Hour)
		w.posts("11h45m0s Talk")
	})
}

// refuse is what writing fails with from now on.
func (s *server) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses = err
}

// What was taken back and cannot be taken out of its event stays silent there.
func TestTakenBackWhereNobodyWrites(t *testing.T) {
	inWritingWorld(t, func(w *world, original string) {
		w.attach("b1", "a", "15m", "other", "")
		w.sync()
		w.sync()
		w.server.refuse(&calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("no writing any more")})
		w.ok(w.syncer.Attach(w.Context(), "home", func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
			b := old[0]
			b.Removed, b.WrittenAt = true, time.Time{}
			return []calbell.Binding{b}, nil, nil
		}))
		for range 3 {
			w.sync()
		}
		w.pass(13 * time.Hour)
		w.posts()
		if w.server.puts != 2 {
			t.Errorf("%d writes, want 2", w.server.puts)
		}
	})
}

// Nothing is written into another person's calendar that is not switched on: everybody who has
// it would get the alarm.
func TestWriteBackSparesOthers(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.account.Calendars, w.account.WriteBack = nil, true
		w.configure()
		n.putIn("bobs", "/a.ics", event("a", "A copy", time.Hour))
		n.list = []calbell.Calendar{bobs("Work", "bobs"), own("Work", "mine")}
		w.sync()
		w.attach("b1", "a", "15m", "other", "")
		w.attach("b2", "b", "15m", "other", "")
		n.putIn("bobs", "/b.ics", event("b", "Bob's", time.Hour))
		w.sync()
		w.sync()
		for _, text := range n.calendars["bobs"] {
			if strings.Contains(text, "X-CALBELL") {
				t.Errorf("bob got: %s", text)
			}
		}
		bindings, _, err := w.store.Bindings(w.Context(), "home")
		w.ok(err)
		for _, b := range bindings {
			if wrote := b.WriteError.IsZero() && !b.WrittenAt.IsZero(); wrote != (b.UID == "a") || !wrote && b.WriteError.English != plan.OffReason.English {
				t.Errorf("%s: written %v, %q", b.UID, b.WrittenAt, b.WriteError)
			}
		}
	})
}
