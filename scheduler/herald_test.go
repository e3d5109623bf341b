package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// told returns the posts to a webhook that are notices, as "when text".
func (w *world) told(id calbell.WebhookID, word string) (lines []string) {
	for _, p := range w.chat.posts() {
		if p.hook == id && strings.Contains(p.msg.Text, word) {
			lines = append(lines, fmt.Sprintf("%v %s", p.at.Sub(epoch), strings.ReplaceAll(p.msg.Text, "\n", " / ")))
		}
	}
	return lines
}

func (w *world) expectTold(id calbell.WebhookID, word string, want ...string) {
	w.Helper()
	got := w.told(id, word)
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && strings.Contains(got[i], want[i])
	}
	if !ok {
		w.Errorf("%s was told:\n\t%s\nwant:\n\t%s", id, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestMissedAreToldOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", text("a", "DTSTART:20000101T010000Z\nDURATION:PT5M\nRRULE:FREQ=HOURLY\nSUMMARY:Bell", "PT0S"))
		w.sync()
		w.pass(30 * time.Minute)
		w.restart(6 * time.Hour) // 1:00 to 6:00 fell due; 6:00 is 30 min late and is sent
		w.pass(20 * time.Minute)
		w.expectTold("team", "not sent in time", "6h30m37s 5 reminders were not sent in time: / • 01:00: Bell / • 02:00: Bell")
		w.restart(time.Minute)
		w.pass(20 * time.Minute)
		w.expectTold("team", "not sent in time", "5 reminders")
	})
}

func TestMissedPolicies(t *testing.T) {
	for policy, want := range map[string]struct{ posts, told int }{"": {1, 1}, "digest": {1, 1}, "drop": {1, 0}, "send": {6, 0}} {
		inWorld(t, func(w *world) {
			w.webhooks[0].Missed = policy
			w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
			w.loop.Forget()
			w.server.put("/a.ics", text("a", "DTSTART:20000101T010000Z\nDURATION:PT5M\nRRULE:FREQ=HOURLY\nSUMMARY:Bell", "PT0S"))
			w.sync()
			w.pass(30 * time.Minute)
			w.restart(6 * time.Hour)
			w.pass(20 * time.Minute)
			told := len(w.told("team", "not sent in time"))
			if posts := len(w.chat.posts()) - told; posts != want.posts || told != want.told {
				t.Errorf("%q: %d reminders and %d notices, want %+v", policy, posts, told, want)
			}
		})
	}
}

// A chat that is away for hours hears of what was given up when it is back, in one list.
func TestGivenUpAreTold(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 5 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint(i), "A", time.Hour+time.Duration(i)*time.Minute, "PT0S"))
		}
		w.sync()
		for range 200 {
			w.chat.answer(calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")})
		}
		w.pass(4 * time.Hour)
		w.chat.set(func(c *chat) { c.script = nil })
		w.pass(3 * time.Hour)
		if n := w.count(calbell.StatusDead); n != 5 {
			t.Errorf("%d are dead", n)
		}
		var listed int
		for _, line := range w.told("team", "not sent in time") {
			if !strings.Contains(line, "(given up)") {
				t.Errorf("told %q", line)
			}
			listed++
		}
		if listed == 0 {
			t.Error("nobody was told")
		}
	})
}

func (c *chat) set(change func(c *chat)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

func TestSuspensionIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		w.server.put("/a.ics", event("a", "A", time.Hour, "PT0S"))
		w.server.put("/b.ics", event("b", "B", 2*time.Hour, "PT0S"))
		w.sync()
		refused := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: `{"message":"no such hook"}`, Error: calbell.Plain("answered 404 Not Found: no such hook"), Hint: calbell.Plain("make a new one")}
		w.chat.answer(refused, refused)
		w.poll(15*time.Minute, 90*time.Minute)
		w.expectTold("other", "has refused", "The webhook team has refused its reminders since 1 Jan 2000, 01:00: answered 404 Not Found: no such hook")
		if told := w.told("other", "has refused"); len(told) == 1 && !strings.HasSuffix(told[0], "/ Make a new one / 1 reminder waits: / • 01:00: A") {
			t.Errorf("told %q, want the next step and what waits", told)
		}
		w.poll(15*time.Minute, 3*time.Hour)
		w.expectTold("other", "works again", "The webhook team works again")
		w.expectTold("other", "has refused", "The webhook team has refused")
		if len(w.told("team", "webhook")) > 0 {
			t.Error("the webhook itself was told")
		}
	})
}

// A changed definition lifts a suspension. That the webhook works again is told when it has
// accepted something, and not before.
func TestLiftedIsNotYetWorking(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		for i, name := range []string{"a", "b", "c"} {
			w.server.put(calbell.Href("/"+name+".ics"), event(name, name, time.Duration(1+2*i)*time.Hour, "PT0S"))
		}
		w.sync()
		refused := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}
		w.chat.set(func(c *chat) { c.down = map[calbell.WebhookID]calbell.Try{"team": refused} })
		w.poll(15*time.Minute, 90*time.Minute)
		w.expectTold("other", "has refused", "The webhook team has refused")
		w.chat.set(func(c *chat) {
			c.down["team"] = calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("name unknown")}
		})
		w.ok(w.store.WebhookStates().Put(w.Context(), store.WebhookState{ID: "team", WebhookState: calbell.WebhookState{}}))
		w.loop.Forget()
		w.poll(15*time.Minute, time.Hour)
		w.expectTold("other", "works again")
		w.chat.set(func(c *chat) { c.down = nil })
		w.poll(15*time.Minute, 3*time.Hour)
		w.expectTold("other", "works again", "The webhook team works again")
	})
}

func TestErrorWebhookIsNotToldOfItself(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "team"
		w.server.put("/a.ics", event("a", "A", time.Hour, "PT0S"))
		w.sync()
		refused := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}
		w.chat.answer(refused, refused, refused)
		w.pass(10 * time.Hour)
		if told := w.told("team", "webhook"); len(told) > 0 {
			t.Errorf("told %v", told)
		}
	})
}

func TestFailingAccountIsTold(t *testing.T) {
	for _, whole := range []bool{true, false} {
		inWorld(t, func(w *world) {
			w.errors = "other"
			w.sync()
			failure := &calbell.Error{Kind: calbell.KindRefused, Account: whole, What: calbell.Plain("calendar \"Team\": sign-in refused (401)"), Hint: calbell.Plain("make an app password")}
			w.server.set(func(s *server) { s.only = failure })
			for range 50 * 4 {
				_ = w.trySync(false) // fails, as it should
				w.pass(15 * time.Second)
			}
			w.expectTold("other", "synced")
			for range 40 * 4 {
				_ = w.trySync(false)
				w.pass(15 * time.Second)
			}
			name := "home/Team has not been synced since 1 Jan 2000, 00:00"
			if whole {
				name = "home has not been synced since 1 Jan 2000, 00:00"
			}
			w.expectTold("other", "not been synced", name)
			w.server.set(func(s *server) { s.only = nil })
			for range 30 {
				_ = w.trySync(false)
				w.pass(time.Minute)
			}
			w.expectTold("other", "again", "is synced again")
			w.expectTold("other", "not been synced", name)
		})
	}
}

// An account that never was reached has no calendar to fail: it is told of all the same.
func TestUnknownAccountIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		w.server.fail(errDown)
		for range 90 * 4 {
			_ = w.trySync(false)
			w.pass(15 * time.Second)
		}
		w.expectTold("other", "not been synced", "home has not been synced")
	})
}

// A reload in the middle of a failure is no recovery.
func TestReloadIsNoRecovery(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		w.server.fail(errDown)
		for i := range 150 * 2 {
			_ = w.trySync(false)
			if i == 140 {
				w.syncer.Forget()
			}
			w.pass(30 * time.Second)
		}
		w.expectTold("other", "not been synced", "home has not been synced")
		w.expectTold("other", "again")
	})
}

// A chat that is away for days hears of what it missed when it is back.
func TestMissedAreToldAfterDays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "PT0S"))
		w.sync()
		down := make([]calbell.Try, 1000)
		for i := range down {
			down[i] = calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")}
		}
		w.chat.answer(down...)
		w.pass(72 * time.Hour)
		w.chat.set(func(c *chat) { c.script, c.got = nil, nil })
		w.pass(2 * time.Hour)
		w.expectTold("team", "not sent in time", "1 reminder was not sent in time: / • 1 Jan 2000, 01:00: Meeting (given up)")
	})
}
