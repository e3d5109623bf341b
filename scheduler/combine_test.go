package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// combined makes "team" a webhook that combines, at a rate.
func (w *world) combined(perSecond float64, template string) {
	w.webhooks[0].Combine, w.webhooks[0].RatePerSecond, w.webhooks[0].Kind = true, &perSecond, calbell.KindSlack
	if template != "" {
		w.webhooks[0].Template = template
	}
	w.inFlight = 100
	w.restart(time.Second)
}

func (w *world) many(n int, at time.Duration) {
	for i := range n {
		uid := fmt.Sprintf("%s-%d", at, i)
		w.server.put(calbell.Href("/"+uid+".ics"), event(uid, fmt.Sprintf("E%d", i), at, "PT0S"))
	}
}

func TestCombine(t *testing.T) {
	for _, tt := range []struct {
		n        int
		template string
		posts    int
		between  string
	}{
		{5, "", 5, ""}, // not more than five
		{6, "", 1, "\n"},
		{30, "", 1, "\n"},
		{7, "%subject%\n%date%", 1, "\n\n"},
	} {
		inWorld(t, func(w *world) {
			w.combined(0, tt.template)
			w.many(tt.n, time.Hour)
			w.sync()
			w.pass(2 * time.Hour)
			posts := w.chat.posts()
			if len(posts) != tt.posts || w.count(calbell.StatusSent) != tt.n {
				t.Fatalf("%d reminders: %d posts, %d sent", tt.n, len(posts), w.count(calbell.StatusSent))
			}
			for _, p := range posts {
				if p.at.Sub(epoch) != time.Hour {
					t.Errorf("posted at %v", p.at.Sub(epoch))
				}
			}
			if tt.posts == 1 && strings.Count(posts[0].msg.Text, tt.between+"E") != tt.n-1 {
				t.Errorf("posted %q", posts[0].msg.Text)
			}
			if d, err := w.store.Delivery(w.Context(), posts[0].msg.ID); err != nil || d.Attempts != 1 {
				t.Errorf("the post's ID names %+v, %v", d, err)
			}
		})
	}
}

// Where one reminder of a message must not show previews, the message shows none.
func TestCombinedWithoutPreviews(t *testing.T) {
	inWorld(t, func(w *world) {
		w.combined(0, "%subject%")
		w.many(7, time.Hour)
		w.server.put("/link.ics", event("link", "https://example.org/x.png", time.Hour, "PT0S"))
		w.sync()
		w.pass(2 * time.Hour)
		posts := w.chat.posts()
		if len(posts) != 1 || !posts[0].msg.NoPreviews {
			t.Errorf("%+v", posts)
		}
	})
}

// What does not fit into one message goes into the next.
func TestCombineFits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.combined(0, "%subject% "+strings.Repeat("x", 1000))
		w.many(10, time.Hour)
		w.sync()
		w.pass(2 * time.Hour)
		if n := len(w.chat.posts()); n < 4 || n > 8 || w.count(calbell.StatusSent) != 10 {
			t.Errorf("%d posts for ten texts of 1,000, %d sent", n, w.count(calbell.StatusSent))
		}
		for _, p := range w.chat.posts() {
			if n := len([]rune(p.msg.Text)); n > calbell.MaxMessageRunes {
				t.Errorf("a message of %d runes", n)
			}
		}
	})
}

// A refused or lost message is that of all in it: each is retried, none is sent twice.
func TestCombinedFailure(t *testing.T) {
	for _, try := range []calbell.Try{
		{Verdict: calbell.RefusedForNow, Status: 429, RetryAfter: 30 * time.Second},
		{Verdict: calbell.HookRefused, Status: 404, Answer: "gone"},
		{Verdict: calbell.Unknown, Error: calbell.Plain("reset")},
	} {
		inWorld(t, func(w *world) {
			w.combined(0, "")
			w.many(20, time.Hour)
			w.sync()
			w.chat.answer(try)
			w.pass(2 * time.Hour)
			if n := w.count(calbell.StatusSent); n != 20 {
				t.Errorf("%s: %d of 20 sent", try.Verdict, n)
			}
			states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates())
			if err != nil || !states["team"].Well() {
				t.Errorf("%s: states %+v, %v", try.Verdict, states, err)
			}
			marked := 0
			for _, p := range w.chat.posts()[1:] {
				marked += strings.Count(p.msg.Text, "possible repeat")
			}
			if want := try.Verdict == calbell.Unknown; want != (marked == 20) {
				t.Errorf("%s: %d marked", try.Verdict, marked)
			}
		})
	}
}

// At a rate of one a second single reminders wait their turn, in order, and a bundle counts
// as one.
func TestRate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.combined(1, "")
		w.webhooks[0].Combine = false
		w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
		w.loop.Forget()
		w.many(20, time.Hour)
		w.sync()
		w.pass(2 * time.Hour)
		posts := w.chat.posts()
		if len(posts) != 20 {
			t.Fatalf("%d posts", len(posts))
		}
		for i, p := range posts {
			late := p.at.Sub(epoch.Add(time.Hour))
			if want := time.Duration(max(0, i-4)) * time.Second; late < want || late > want+time.Second {
				t.Errorf("post %d is %v late, want %v: bursts of five, then one a second", i, late, want)
			}
		}
	})
	inWorld(t, func(w *world) {
		w.combined(1, "")
		for i := range 20 { // two each second: never enough to share a message
			w.many(2, time.Hour+time.Duration(i)*time.Second)
		}
		w.many(30, 2*time.Hour)
		w.sync()
		w.pass(3 * time.Hour)
		posts := w.chat.posts()
		if len(posts) != 41 || w.count(calbell.StatusSent) != 70 {
			t.Fatalf("%d posts, %d sent", len(posts), w.count(calbell.StatusSent))
		}
		for i := 12; i < 40; i++ { // the burst is spent
			if gap := posts[i].at.Sub(posts[i-1].at); gap < 900*time.Millisecond {
				t.Errorf("post %d came %v after the one before", i, gap)
			}
		}
	})
}

// A suspended webhook is probed with one reminder at a time, also when it combines.
func TestCombinedProbe(t *testing.T) {
	inWorld(t, func(w *world) {
		w.combined(0, "")
		for i := range 30 {
			w.many(1, time.Hour+time.Duration(i)*time.Second)
		}
		w.many(10, time.Hour+time.Minute)
		w.sync()
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 200 * time.Millisecond}
		for range 100 {
			w.chat.answer(calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "gone"})
		}
		w.pass(90 * time.Minute) // refused at 1:00, at 1:01, then suspended
		posts := w.chat.posts()
		if len(posts) < 2 || posts[1].at.Sub(posts[0].at) < time.Minute {
			t.Fatalf("posts before the first probe: %s", w.chat.lines())
		}
		w.pass(20 * time.Hour)
		waits := []time.Duration{2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
		for i, p := range w.chat.posts()[2:] {
			want := time.Hour
			if i < len(waits) {
				want = waits[i]
			}
			if wait := p.at.Sub(w.chat.posts()[i+1].at); wait < want || wait > want+time.Second {
				t.Errorf("probed at %v, %v after the one before, want %v", p.at.Sub(epoch), wait, want)
			}
		}
	})
}

// One reminder that the webhook refuses takes none of those down that shared its message.
func TestCombinedWithARefusedOne(t *testing.T) {
	inWorld(t, func(w *world) {
		w.combined(0, "")
		w.many(10, time.Hour)
		w.sync()
		refused := calbell.Try{Verdict: calbell.MessageRefused, Status: 400, Answer: "bad text"}
		w.chat.answer(refused, refused) // the message, then the first of the single ones
		w.pass(2 * time.Hour)
		if sent, dead := w.count(calbell.StatusSent), w.count(calbell.StatusDead); sent != 9+1 || dead != 1 { // and the digest
			t.Errorf("%d sent, %d dead", sent, dead)
		}
		if n := len(w.told("team", "E")); n != 11+1 { // the message, ten alone, the digest
			t.Errorf("%d posts", n)
		}
		for _, p := range w.chat.posts() {
			if strings.Contains(p.msg.Text, "possible repeat") {
				t.Errorf("marked: %q", p.msg.Text)
			}
		}
	})
}
