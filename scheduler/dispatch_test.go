package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/store"
)

func TestPostsAtTheInstant(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Stand-up", 36*time.Hour, "-PT15M", "PT0S", "PT5M"))
		w.sync()
		w.pass(40 * time.Hour)
		w.posts("35h45m0s Stand-up", "36h0m0s Stand-up", "36h5m0s Stand-up")
		if n := w.count(calbell.StatusSent); n != 3 {
			t.Errorf("%d recorded as sent", n)
		}
	})
}

func TestOneIDOnePost(t *testing.T) {
	inWorld(t, func(w *world) {
		// Two alarms at one instant, and the same meeting in a second object.
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "-PT10M", "-PT600S"))
		w.server.put("/copy.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.sync()
		w.pass(2 * time.Hour)
		w.posts("50m0s Meeting")
		id := w.chat.posts()[0].msg.ID
		if want := calbell.NewReminderID("team", "a", "", epoch.Add(50*time.Minute)); id != want {
			t.Errorf("Webhook-Id %s, want %s", id, want)
		}
	})
}

func TestEdits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Old title", time.Hour, "-PT10M"))
		w.sync()
		w.server.put("/a.ics", event("a", "New title", time.Hour, "-PT10M"))
		w.sync() // before it fires: the text is that of the newest copy
		w.pass(55 * time.Minute)
		w.server.put("/a.ics", event("a", "Newer title", time.Hour, "-PT10M"))
		w.sync() // after it fired: no second message
		w.pass(time.Hour)
		w.server.put("/a.ics", event("a", "Newer title", 3*time.Hour, "-PT10M"))
		w.sync() // moved: fires at its new time
		w.pass(2 * time.Hour)
		w.server.put("/b.ics", event("b", "Deleted", 5*time.Hour, "-PT10M"))
		w.sync()
		w.server.remove("/b.ics")
		w.sync()
		w.pass(2 * time.Hour)
		w.posts("50m0s New title", "2h50m0s Newer title")
		if n := w.count(calbell.StatusCancelled); n != 1 {
			t.Errorf("%d cancelled, want the deleted one", n)
		}
	})
}

// TestCancelledWhileItWaits: claims are made ahead of the posts. One whose turn comes late is
// not posted when its event has been cancelled meanwhile.
func TestCancelledWhileItWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 6 { // quick answers widen the lane
			w.server.put(calbell.Href(fmt.Sprint("/first", i)), event(fmt.Sprint("first", i), "First", time.Hour, fmt.Sprintf("-PT%dM", 20+i)))
		}
		for i := range 8 {
			w.server.put(calbell.Href(fmt.Sprint("/", i)), event(fmt.Sprint("e", i), "Late", time.Hour, "-PT10M"))
		}
		w.sync()
		w.pass(49 * time.Minute)
		w.chat.slow("team", 9*time.Second)
		w.pass(time.Minute + time.Second)
		if n := w.count(calbell.StatusInFlight); n != 8 {
			t.Fatalf("%d are in flight", n)
		}
		for i := range 8 {
			w.server.remove(calbell.Href(fmt.Sprint("/", i)))
		}
		w.sync()
		w.pass(time.Hour)
		if n := len(w.chat.posts()) - 6; n != 4 {
			t.Errorf("%d were posted, want the 4 that were under way", n)
		}
		if sent, cancelled := w.count(calbell.StatusSent), w.count(calbell.StatusCancelled); sent != 6+4 || cancelled != 4 {
			t.Errorf("%d sent, %d cancelled", sent, cancelled)
		}
	})
}

func TestMovedAwayAndBack(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, start := range []time.Duration{time.Hour, 2 * time.Hour, time.Hour} {
			w.server.put("/a.ics", event("a", "Meeting", start, "-PT10M"))
			w.sync()
		}
		w.pass(3 * time.Hour)
		w.posts("50m0s Meeting")
	})
}

func TestRestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Sent before", time.Hour, "-PT10M"))
		w.server.put("/b.ics", event("b", "Due while down", 2*time.Hour, "-PT10M"))
		w.server.put("/c.ics", event("c", "Long over", 90*time.Minute, "-PT30M"))
		w.sync()
		w.pass(55 * time.Minute)
		w.restart(96 * time.Minute) // up again at 2h31m: b is 41 min late, c has ended a minute ago
		w.posts("50m0s Sent before", "2h31m0s Due while down / (41 min late)")
		if n := w.count(calbell.StatusMissed); n != 1 {
			t.Errorf("%d missed, want 1", n)
		}
	})
}

func TestLongDowntimeMissesNothingSilently(t *testing.T) {
	inWorld(t, func(w *world) {
		daily := text("a", "DTSTART:20000101T120000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY\nSUMMARY:Lunch", "-PT10M")
		w.server.put("/a.ics", daily)
		w.sync()
		w.pass(24 * time.Hour)
		w.restart(7 * 24 * time.Hour)
		w.pass(24 * time.Hour)
		var missed strings.Builder
		for day := 2; day <= 8; day++ {
			fmt.Fprintf(&missed, " / • %d Jan 2000, 11:50: Lunch", day)
		}
		w.posts("11h50m0s Lunch", "192h0m37s 7 reminders were not sent in time:"+missed.String(),
			fmt.Sprintf("%v Lunch", 8*24*time.Hour+11*time.Hour+50*time.Minute))
		if n := w.count(calbell.StatusMissed); n != 7 {
			t.Errorf("%d missed, want those of 7 days", n)
		}
	})
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 10 * time.Second}
		w.server.put("/a.ics", event("a", "Slow", time.Hour, "-PT10M"))
		w.sync()
		w.pass(50*time.Minute + time.Second) // the post is under way
		began := time.Now()
		w.end()
		if took := time.Since(began); took != 9*time.Second {
			t.Errorf("the end took %v, want the rest of the attempt", took)
		}
		w.start()
		w.pass(time.Hour)
		w.posts("50m0s Slow")
	})
}

func TestCrashIsMarked(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.sync()
		w.end() // before it falls due
		s := w.reopen()
		time.Sleep(50 * time.Minute)
		claims, err := s.Claim(w.Context(), store.ClaimRequest{Worker: "w", Lease: calbell.Lease, Now: time.Now(), Limit: 1})
		if err != nil || len(claims) != 1 {
			t.Fatalf("claimed %d, %v", len(claims), err)
		}
		w.ok(s.Close()) // the program dies with the claim in its hands
		time.Sleep(10 * time.Second)
		w.start()
		w.posts("50m10s Meeting / (possible repeat)")
	})
}

// answers of a chat that does not accept.
var (
	unavailable = calbell.Try{Verdict: calbell.RefusedForNow, Status: 503, Answer: "busy"}
	notSent     = calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")}
	lost        = calbell.Try{Verdict: calbell.Unknown, Error: calbell.Plain("connection reset")}
	unclear     = calbell.Try{Verdict: calbell.Unrecognised, Status: 200, Answer: "queued"}
	portal      = calbell.Try{Verdict: calbell.Outage, Status: 200, Answer: "<html>"}
	proxy       = calbell.Try{Verdict: calbell.Outage, Status: 404, Answer: "404 page not found"}
	tooLong     = calbell.Try{Verdict: calbell.MessageRefused, Status: 400, Answer: "too long"}
	gone        = calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}
)

func TestRetries(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(unavailable, notSent, unavailable, notSent)
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		posts := w.chat.posts()
		if len(posts) != 5 {
			t.Fatalf("%d posts, want 5", len(posts))
		}
		for i, want := range []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second} {
			got := posts[i+1].at.Sub(posts[i].at)
			if got < want*8/10 || got > want*12/10 {
				t.Errorf("wait %d is %v, want %v ± 20%%", i+1, got, want)
			}
			if posts[i+1].msg.ID != posts[0].msg.ID {
				t.Errorf("try %d has another ID", i+2)
			}
		}
		if strings.Contains(posts[4].msg.Text, "repeat") {
			t.Errorf("what was never accepted is marked as a repeat: %q", posts[4].msg.Text)
		}
	})
}

func TestGivesUpWhenItIsWorthNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 100 {
			w.chat.answer(unavailable)
		}
		w.server.put("/a.ics", event("a", "Stand-up", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(25 * time.Hour)
		posts := w.chat.posts()
		for _, p := range posts {
			if after := p.at.Sub(posts[0].at); after > time.Hour && p.msg.ID == posts[0].msg.ID {
				t.Errorf("tried %v after it was due; its late window and its hour end after one", after)
			}
		}
		if n := w.count(calbell.StatusDead); n != 1 {
			t.Errorf("%d dead, want the reminder; the notice about it waits for the chat", n)
		}
	})
}

func TestRetryAfterPausesTheWebhook(t *testing.T) {
	inWorld(t, func(w *world) {
		slow := unavailable
		slow.Status, slow.RetryAfter = 429, 5*time.Minute
		w.chat.answer(slow)
		w.server.put("/a.ics", event("a", "First", 10*time.Minute, "PT0S"))
		w.server.put("/b.ics", event("b", "Second", 11*time.Minute, "PT0S"))
		w.sync()
		w.pass(14*time.Minute + 59*time.Second)
		w.posts("10m0s First [refused for now]") // not one request during the rest
		w.pass(time.Hour)
		if got := len(w.chat.posts()); got != 3 {
			t.Errorf("%d posts, want 3: %v", got, w.chat.lines())
		}
	})
}

func TestUnrecognisedAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(unclear, unclear, unclear)
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		w.posts("10m0s Meeting [unrecognised]", "10m30s Meeting / (possible repeat) [unrecognised]", "15m30s Meeting / (5 min late) / (possible repeat) [unrecognised]",
			"15m37s The webhook answered otherwise than expected. If the reminders did arrive, give it success: 2xx. / 1 reminder was not sent in time: / • 00:10: Meeting (given up)")
		if n := w.count(calbell.StatusDead); n != 1 {
			t.Errorf("%d dead, want 1", n)
		}
	})
}

func TestRefusedMessageHarmsNoOther(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(tooLong)
		w.server.put("/a.ics", event("a", "Too long", 10*time.Minute, "PT0S"))
		w.server.put("/b.ics", event("b", "Fine", 11*time.Minute, "PT0S"))
		w.sync()
		w.pass(2 * time.Hour)
		w.posts("10m0s Too long [message refused]",
			"10m7s 1 reminder was not sent in time: / • 00:10: Too long (given up)", "11m0s Fine")
	})
}

func TestLostAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(lost)
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		posts := w.chat.posts()
		if len(posts) != 2 || posts[1].msg.Text != "Meeting\n(1 min late)\n(possible repeat)" || posts[1].msg.ID != posts[0].msg.ID {
			t.Errorf("posted %v", w.chat.lines())
		}
	})
}

// A chat that takes each post and answers too late is posted to four times at most, minutes apart. It
// may have arrived: it is not listed as not sent.
func TestAnswersThatAreLostForGood(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(slices.Repeat([]calbell.Try{lost}, 20)...)
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(11*time.Minute + 30*time.Second)
		if states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates()); err != nil || !states["team"].LostSince.Equal(epoch.Add(10*time.Minute)) {
			t.Errorf("states %+v, %v", states, err)
		}
		w.pass(12 * time.Hour)
		w.posts("10m0s Meeting [unknown]", "11m0s Meeting / (1 min late) / (possible repeat) [unknown]",
			"16m0s Meeting / (6 min late) / (possible repeat) [unknown]", "26m0s Meeting / (16 min late) / (possible repeat) [unknown]")
		if n := w.count(calbell.StatusDropped); n != 1 {
			t.Errorf("%d dropped, want 1", n)
		}
	})
}

func TestLostAnswersDropped(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.webhooks[0].OnUnknown = "drop"
		w.start()
		w.chat.answer(lost)
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		w.posts("10m0s Meeting [unknown]")
		if n := w.count(calbell.StatusDropped); n != 1 {
			t.Errorf("%d dropped, want 1", n)
		}
	})
}

func TestSuspension(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 5 {
			w.chat.answer(gone)
		}
		w.server.put("/a.ics", long("first", 10*time.Minute))
		w.server.put("/b.ics", long("second", 10*time.Minute+15*time.Second))
		w.server.put("/c.ics", long("third", 2*time.Hour))
		w.sync()
		w.pass(12 * time.Minute)
		// Confirmed by the same reminder a minute later; the second waits meanwhile.
		w.posts("10m0s first [webhook refused]", "11m0s first / (1 min late) [webhook refused]")
		states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates())
		s := states["team"]
		if err != nil || s.SuspendedAt.IsZero() || !s.RefusedSince.Equal(epoch.Add(10*time.Minute)) || !strings.Contains(s.Reason.English, "no such hook") {
			t.Fatalf("not suspended: %+v, %v", states, err)
		}
		if d := w.delivery(calbell.StatusHeld); d.UID != "first" {
			t.Errorf("held: %s", d.UID)
		}
		w.pass(8 * time.Minute)
		w.restart(time.Minute) // a suspension survives
		w.pass(time.Hour)
		// The probe is the oldest held reminder: 2, 5, 10, 20 and 30 minutes after one another.
		lines := w.chat.lines()
		for i, want := range []string{"13m0s", "18m0s", "28m0s", "48m0s"} {
			if len(lines) < i+3 || !strings.HasPrefix(lines[i+2], want+" first") {
				t.Fatalf("posted %v, want a probe at %s", lines, want)
			}
		}
		w.pass(2 * time.Hour) // the probe at 48m0s succeeded: all that was held goes out
		if n := w.count(calbell.StatusSent); n != 3 {
			t.Fatalf("posted %v", w.chat.lines())
		}
		if states, _ = store.StatesByWebhook(w.Context(), w.store.WebhookStates()); !states["team"].Well() {
			t.Errorf("still suspended: %+v", states)
		}
	})
}

// long is an event that is worth a reminder for 20 hours.
func long(uid string, start time.Duration) string {
	return text(uid, "DTSTART:"+epoch.Add(start).Format("20060102T150405Z")+"\nDURATION:PT20H\nSUMMARY:"+uid, "PT0S")
}

// While a webhook is suspended one post at a time goes to it, also when the answer is not a
// refusal: what is held keeps its tries.
func TestSuspendedAndBusy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.answer(gone, gone, unavailable, notSent, proxy, lost)
		for i := range 20 {
			uid := fmt.Sprint("held", i)
			w.server.put(calbell.Href("/"+uid+".ics"), long(uid, 10*time.Minute+time.Duration(i)*time.Second))
		}
		w.sync()
		w.pass(77 * time.Minute) // four probes
		if lines := w.chat.lines(); len(lines) != 6 {
			t.Fatalf("posted %v, want two refusals and four probes", lines)
		}
		if n := w.count(calbell.StatusHeld); n == 0 {
			t.Error("nothing is held")
		}
		w.pass(time.Hour) // the fifth is accepted: all the others follow it
		if n := w.count(calbell.StatusSent); n != 20 {
			t.Errorf("%d sent, want 20", n)
		}
	})
}

// A suspended webhook is tried when its next reminder falls due, and by that reminder: one that it
// refuses for good does not stand in the way. Many in one minute are one try.
func TestSuspendedIsTriedWhenAReminderFallsDue(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 6 {
			w.chat.answer(gone)
		}
		w.server.put("/a.ics", long("first", 10*time.Minute))
		for i, at := range []time.Duration{14 * time.Minute, 14*time.Minute + 20*time.Second, 14*time.Minute + 40*time.Second, 30 * time.Minute} {
			uid := fmt.Sprint("next", i)
			w.server.put(calbell.Href("/"+uid+".ics"), long(uid, at))
		}
		w.sync()
		w.pass(16 * time.Minute)
		w.posts("10m0s first [webhook refused]", "11m0s first / (1 min late) [webhook refused]", "13m0s first / (3 min late) [webhook refused]",
			"14m0s next0 [webhook refused]", "15m0s next2 [webhook refused]")
		w.pass(15 * time.Minute)
		if sent, posts := w.count(calbell.StatusSent), len(w.chat.posts()); sent != 5 || posts != 11 { // refused at 18m0s, taken at 28m0s
			t.Errorf("%d sent, posted %v", sent, w.chat.lines())
		}
	})
}

// While a chat restarts the proxy before it answers 404, 405 or a page: the reminders go out by
// the schedule of an outage, and those that fall due afterwards at once.
func TestOutageIsNoRefusal(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 5 {
			w.chat.answer(proxy)
		}
		w.server.put("/a.ics", event("a", "First", 10*time.Minute, "PT0S"))
		w.server.put("/b.ics", event("b", "Second", 13*time.Minute, "PT0S"))
		w.sync()
		w.pass(14 * time.Minute)
		lines, posts := w.chat.lines(), w.chat.posts()
		// The tries are 1, 5, 15, 30 and 60 s apart, each wait a fifth more or less.
		if len(lines) != 7 || posts[5].at.Sub(epoch.Add(10*time.Minute)) > 134*time.Second || lines[6] != "13m0s Second" {
			t.Errorf("posted %v", lines)
		}
		if states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates()); err != nil || !states["team"].Well() {
			t.Errorf("states %+v, %v", states, err)
		}
	})
}

// A sign-in page that stays, like a wrong address, counts as a refusal after a quarter of an hour,
// and the reminder is tried to its end.
func TestOutageThatStays(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 50 {
			w.chat.answer(portal)
		}
		w.server.put("/a.ics", event("a", "First", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(24 * time.Minute)
		states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates())
		if s := states["team"]; err != nil || s.OutageSince.IsZero() || !s.SuspendedAt.IsZero() {
			t.Errorf("after a few minutes: %+v, %v", s, err)
		}
		w.pass(50 * time.Minute)
		states, err = store.StatesByWebhook(w.Context(), w.store.WebhookStates())
		if s := states["team"]; err != nil || s.SuspendedAt.IsZero() || !s.RefusedSince.Equal(epoch.Add(10*time.Minute)) {
			t.Errorf("after an hour: %+v, %v", s, err)
		}
		posts := w.chat.posts()
		if last := posts[len(posts)-1].at.Sub(epoch); len(posts) < 11 || last < 55*time.Minute {
			t.Errorf("posted %v", w.chat.lines())
		}
	})
}

// A rest that is longer than a reminder's worth does not kill it: it is tried once more before its
// end. The others wait.
func TestLongRetryAfter(t *testing.T) {
	inWorld(t, func(w *world) {
		maintenance := calbell.Try{Verdict: calbell.RefusedForNow, Status: 503, RetryAfter: 2 * time.Hour}
		w.chat.answer(maintenance)
		w.server.put("/a.ics", text("a", "DTSTART:20000101T001000Z\nDURATION:PT5M\nSUMMARY:First", "PT0S"))
		w.server.put("/b.ics", event("b", "Second", 20*time.Minute, "PT0S"))
		w.sync()
		w.pass(3 * time.Hour)
		w.posts("10m0s First [refused for now]", "1h9m45s First / (59 min late)", "1h10m0s Second / (50 min late)")
	})
}

// What a webhook drops as a possible repeat can still be sent when a person asks for it.
func TestDroppedRepeatAskedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.webhooks[0].OnUnknown = "drop"
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "PT0S"))
		w.restart(0)
		w.sync()
		w.end()
		s := w.reopen()
		time.Sleep(time.Hour)
		claims, err := s.Claim(w.Context(), store.ClaimRequest{Worker: "w", Lease: calbell.Lease, Now: time.Now(), Limit: 1})
		if err != nil || len(claims) != 1 {
			t.Fatalf("claimed %d, %v", len(claims), err)
		}
		w.ok(s.Close()) // the program dies with the claim in its hands
		w.start()
		w.pass(time.Minute)
		w.posts()
		if n := w.count(calbell.StatusDropped); n != 1 {
			t.Fatalf("%d dropped, want 1", n)
		}
		_, err = w.store.Resend(w.Context(), []calbell.ReminderID{claims[0].ID}, time.Now())
		w.ok(err)
		w.loop.Kick()
		w.pass(time.Minute)
		if lines := w.chat.lines(); len(lines) != 1 || !strings.Contains(lines[0], "(possible repeat)") {
			t.Errorf("posted %v, want it once, marked", lines)
		}
	})
}

// TestSlowChatIsServed: one that takes two seconds for each answer has several posts under
// way, although it must not hold up others.
func TestSlowChatIsServed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 2 * time.Second}
		for i := range 40 {
			w.server.put(calbell.Href(fmt.Sprint("/", i)), event(fmt.Sprint("e", i), "Slow", time.Hour, "PT0S"))
		}
		w.sync()
		w.pass(2 * time.Hour)
		posts := w.chat.posts()
		if n := len(posts); n != 40 {
			t.Fatalf("%d posts", n)
		}
		if late := posts[39].at.Sub(epoch.Add(time.Hour)); late > 25*time.Second {
			t.Errorf("the last of 40 came %v late", late)
		}
	})
}

func TestHangingWebhookDelaysNoOther(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Other", Webhook: "other"})
		w.start()
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 15 * time.Second}
		for i := range 20 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint("t", i), "slow", 10*time.Minute, "PT0S"))
		}
		for i := range 20 {
			uid := fmt.Sprint("o", i)
			w.server.putIn("Other", calbell.Href("/"+uid+".ics"), event(uid, "quick", 10*time.Minute+time.Second, "PT0S"))
		}
		w.sync()
		w.pass(time.Hour)
		quick := 0
		for _, p := range w.chat.posts() {
			if p.hook != "other" {
				continue
			}
			quick++
			if late := p.at.Sub(epoch.Add(10*time.Minute + time.Second)); late != 0 {
				t.Errorf("a reminder of the other webhook is %v late", late)
			}
		}
		if quick != 20 || len(w.chat.posts()) != 40 {
			t.Errorf("%d quick of %d posts, want 20 of 40", quick, len(w.chat.posts()))
		}
	})
}

// After downtime there is a backlog; what falls due now goes before it.
func TestOnTimeOnesGoBeforeABacklog(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 100 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint("late", i), "late", 40*time.Minute, "-PT30M"))
		}
		w.server.put("/now.ics", event("now", "now", 31*time.Minute+5*time.Second, "PT0S"))
		w.sync()
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": time.Second}
		w.restart(31 * time.Minute) // 100 are 21 minutes late; each post takes a second, four at a time
		w.pass(time.Hour)
		for _, p := range w.chat.posts() {
			if p.msg.Text != "now" {
				continue
			}
			if late := p.at.Sub(epoch.Add(31*time.Minute + 5*time.Second)); late > time.Second {
				t.Errorf("what fell due meanwhile is %v late", late)
			}
		}
		if n := len(w.chat.posts()); n != 101 {
			t.Errorf("%d posts, want 101", n)
		}
	})
}

func TestRemovedWebhook(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.ok(w.store.SetFileWebhooks(w.Context(), nil))
		w.loop.Forget()
		w.pass(time.Hour)
		w.posts()
		if n := w.count(calbell.StatusDead); n != 1 {
			t.Errorf("%d dead, want 1: it must be seen", n)
		}
	})
}

func TestForgetReadsWebhooksAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S", "PT1M"))
		w.sync()
		w.pass(10*time.Minute + 30*time.Second)
		w.webhooks[0].Template = "Soon: %subject%"
		w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
		w.loop.Forget()
		w.pass(time.Hour)
		w.posts("10m0s Meeting", "11m0s Soon: Meeting")
	})
}

func TestIdleWakeUpsWriteNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", 40*24*time.Hour, "PT0S"))
		w.sync()
		before, err := w.store.Stats()
		w.ok(err)
		w.pass(5 * time.Minute)
		after, err := w.store.Stats()
		w.ok(err)
		if after.Commits != before.Commits {
			t.Errorf("%d writes while nothing fell due", after.Commits-before.Commits)
		}
	})
}

// A store that refuses to record keeps the outcome: nothing is lost, nothing sent again.
func TestRecordFails(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		full := &fullDisk{until: epoch.Add(12 * time.Minute)}
		w.wrap = func(s storeOfAll) storeOfAll { full.storeOfAll = s; return full }
		w.start()
		w.server.put("/a.ics", event("a", "Meeting", 10*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		w.posts("10m0s Meeting")
		if n := w.count(calbell.StatusSent); n != 1 || full.failed == 0 {
			t.Errorf("%d sent, %d writes failed", n, full.failed)
		}
		synctest.Wait()
	})
}

// fullDisk fails to record until an instant.
type fullDisk struct {
	storeOfAll
	until  time.Time
	failed int
}

func (f *fullDisk) Finish(ctx context.Context, worker string, o []calbell.Outcome, s map[calbell.WebhookID]calbell.WebhookState, now time.Time) error {
	if now.Before(f.until) {
		f.failed++
		return fmt.Errorf("no space left on device")
	}
	return f.storeOfAll.Finish(ctx, worker, o, s, now)
}

// Two posts under way at once that are refused are one refusal: the second confirms nothing.
func TestRefusalsAtOnceAreOne(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "A", time.Hour, "PT0S"))
		w.server.put("/b.ics", event("b", "B", time.Hour, "PT0S"))
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 100 * time.Millisecond}
		w.sync()
		refused := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}
		w.chat.answer(refused, refused)
		w.pass(time.Hour + 30*time.Second)
		states, err := store.StatesByWebhook(w.Context(), w.store.WebhookStates())
		if s := states["team"]; err != nil || s.RefusedAt.IsZero() || !s.SuspendedAt.IsZero() {
			t.Errorf("state %+v, %v", s, err)
		}
		w.pass(time.Minute)
		if n := w.count(calbell.StatusSent); n != 2 {
			t.Errorf("%d sent", n)
		}
	})
}

// A webhook that takes a test is well: what it refused is sent at once, and not when its refusal
// would have been confirmed.
func TestTestEndsARefusal(t *testing.T) {
	for name, refusals := range map[string]int{"refused": 1, "suspended": 2} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.server.put("/a.ics", event("a", "Meeting", time.Hour, "PT0S"))
				w.sync()
				refused := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}
				w.chat.answer([]calbell.Try{refused, refused}[:refusals]...)
				w.pass(time.Hour + time.Duration(refusals-1)*time.Minute + 10*time.Second)
				w.ok(w.store.WebhookStates().Put(w.Context(), store.WebhookState{ID: "team", WebhookState: calbell.WebhookState{}}))
				w.loop.Forget()
				w.pass(time.Second)
				if n := w.count(calbell.StatusSent); n != 1 {
					t.Errorf("%d sent a second after the test", n)
				}
			})
		})
	}
}

// A refusal of the address that a webhook had when its post began does not suspend it at its new one,
// and the reminder goes there at once.
func TestRefusalOfAnOldAddress(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 10 * time.Second}
		w.chat.answer(gone)
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "PT0S"))
		w.sync()
		w.pass(time.Hour + 5*time.Second)
		w.webhooks[0].URL = "https://chat.example.org/hooks/new"
		w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
		w.loop.Forget()
		w.pass(time.Minute)
		w.posts("1h0m0s Meeting [webhook refused]", "1h0m10s Meeting")
	})
}

// Where the event chooses the channel, and the chat does not say that it is about that: the reminder
// whose channel is refused is given up once others were taken.
func TestChannelOfTheEventIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.webhooks[0].Channel = "@%location%"
		w.start()
		w.chat.answer(gone, gone)
		w.server.put("/a.ics", long("bad", 10*time.Minute))
		w.server.put("/b.ics", long("good", 12*time.Minute+30*time.Second))
		w.sync()
		w.pass(12*time.Minute + 29*time.Second)
		w.chat.answer(calbell.Try{Verdict: calbell.Accepted, Status: 200}, gone)
		w.pass(time.Hour)
		if w.count(calbell.StatusDead) != 1 || w.count(calbell.StatusSent) != 2 { // and the list
			t.Errorf("posted %v", w.chat.lines())
		}
	})
}

// A webhook that gets another URL while a host does not answer leaves nothing behind there:
// when it comes back to that host, it is served.
func TestMovedWebhookLeavesItsHost(t *testing.T) {
	inWorld(t, func(w *world) {
		move := func(url calbell.Secret) {
			w.webhooks[0].URL = url
			w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
			w.loop.Forget()
		}
		old := w.webhooks[0].URL
		w.chat.hang = map[calbell.WebhookID]time.Duration{"team": 15 * time.Second}
		for i := range 6 {
			uid := fmt.Sprint(i)
			at := time.Hour + time.Duration(i)*time.Minute
			if i >= 3 { // three slow answers before: it counts as dead
				at = 30*time.Minute + time.Duration(i)*time.Minute
			}
			w.server.put(calbell.Href("/"+uid+".ics"), event(uid, "E"+uid, at, "PT0S"))
		}
		w.server.put("/late.ics", event("late", "Late", 3*time.Hour, "PT0S"))
		w.sync()
		for i := range 3 { // each time some are under way
			w.pass(time.Hour + time.Duration(i)*time.Minute + time.Second - time.Since(epoch))
			move("https://elsewhere.example.org/hook")
			w.pass(30 * time.Second)
			move(old)
			w.pass(time.Second)
		}
		w.pass(3*time.Hour - time.Since(epoch) + time.Minute)
		if n := w.count(calbell.StatusSent); n != 7 {
			t.Errorf("%d of 7 sent", n)
		}
	})
}
