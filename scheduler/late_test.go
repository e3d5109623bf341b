package scheduler_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/scheduler/syncer"
	"calbell/store"
)

// missed returns the reminders that were missed, as "subject: reason", earliest due first.
func (w *world) missed() []string {
	w.Helper()
	list, err := w.store.History(w.Context(), store.HistoryQuery{Statuses: []calbell.Status{calbell.StatusMissed}, Limit: 10_000})
	w.ok(err)
	slices.SortFunc(list, func(a, b calbell.Delivery) int { return a.Due.Compare(b.Due) })
	var lines []string
	for _, d := range list {
		lines = append(lines, d.Subject+": "+d.Reason.English)
	}
	return lines
}

func (w *world) expectMissed(want ...string) {
	w.Helper()
	if got := w.missed(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Errorf("missed:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// postsSorted compares what the chat received with lines in the order of their texts: what goes
// out at one instant has no other.
func (w *world) postsSorted(want ...string) {
	w.Helper()
	synctest.Wait()
	got := w.chat.lines()
	if slices.Sort(got); !slices.Equal(got, want) {
		w.Errorf("posted %q, want %q", got, want)
	}
}

// What begins between two syncs is sent at the second one, late: an event made shortly before,
// one that was moved there, one to which an alarm was added, and the next instance of a series.
func TestBegunBetweenTwoSyncs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/moved.ics", event("moved", "Moved", 3*time.Hour, "PT0S"))
		w.server.put("/series.ics", text("series", "DTSTART:20000101T050000Z\nDURATION:PT5M\nRRULE:FREQ=DAILY\nSUMMARY:Series", "PT0S"))
		w.sync()
		w.pass(time.Hour)
		w.sync()
		w.pass(4 * time.Minute)
		w.server.put("/made.ics", event("made", "Made", time.Hour+time.Minute, "PT0S"))
		w.server.put("/moved.ics", event("moved", "Moved", time.Hour+2*time.Minute, "PT0S"))
		w.server.put("/series.ics", text("series", "DTSTART:20000101T010300Z\nDURATION:PT5M\nRRULE:FREQ=DAILY;COUNT=1\nSUMMARY:Series", "PT0S"))
		w.sync()
		w.pass(0)
		w.sync()
		w.pass(5 * time.Hour)
		w.postsSorted("1h4m0s Made / (3 min late)", "1h4m0s Moved / (2 min late)", "1h4m0s Series / (1 min late)")
		d, err := w.store.Delivery(w.Context(), calbell.NewReminderID("team", "made", "", epoch.Add(time.Hour+time.Minute)))
		if w.ok(err); !d.KnownAt.Equal(epoch.Add(time.Hour + 4*time.Minute)) {
			t.Errorf("known at %v", d.KnownAt)
		}
	})
}

// What has nothing new to say stays silent, however often it is changed.
func TestKnownDoesNotFireAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		weekly := "DTSTART:19900106T010200Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:" // thousands of past instances
		w.server.put("/series.ics", text("series", weekly+"Series", "PT0S"))
		w.server.put("/single.ics", event("single", "Single", time.Hour+3*time.Minute, "PT0S"))
		w.server.put("/first.ics", event("first", "First", time.Hour+time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Hour)
		w.sync()
		w.pass(4 * time.Minute)
		rang := []string{"1h1m0s First", "1h2m0s Series", "1h3m0s Single"}
		w.posts(rang...)
		w.server.put("/series.ics", text("series", weekly+"Renamed", "PT0S"))
		w.server.put("/single.ics", event("single", "Renamed", time.Hour+3*time.Minute, "PT0S"))
		// A single event that becomes the first of a series is called otherwise, and is the same.
		w.server.put("/first.ics", text("first", "DTSTART:20000101T010100Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nSUMMARY:First", "PT0S"))
		// Imported late: it had begun before the latest sync.
		w.server.put("/old.ics", event("old", "Old", 50*time.Minute, "PT0S"))
		w.sync()
		w.pass(time.Minute)
		w.posts(rang...)
		w.expectMissed()
	})
}

// After an outage what goes on is sent late, what has ended is listed with a row that says why,
// and one digest tells of it.
func TestLateAfterAnOutage(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/daily.ics", text("daily", "DTSTART:20000101T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:Daily", "PT0S"))
		w.sync()
		w.server.fail(errDown)
		day := 24 * time.Hour
		w.server.put("/over.ics", event("over", "Over", 2*day, "PT0S"))
		w.server.put("/ended.ics", event("ended", "Ended", 3*day-3*time.Hour, "PT0S"))
		w.server.put("/ends.ics", event("ends", "Just ended", 3*day-90*time.Minute, "PT31M"))
		w.server.put("/goes.ics", text("goes", "DTSTART:20000103T200000Z\nDURATION:PT12H\nSUMMARY:Goes on", "PT0S"))
		w.server.put("/later.ics", event("later", "Later", 3*day+30*time.Minute, "-PT40M"))
		w.server.put("/before.ics", event("before", "Before it all", -time.Hour, "PT0S"))
		if err := w.trySync(true); !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		w.pass(3 * day)
		before := len(w.chat.lines())
		w.server.fail(nil)
		w.sync()
		w.pass(2 * time.Minute)
		got := w.chat.lines()[before:]
		slices.Sort(got)
		if len(got) != 4 || got[0] != "72h0m0s Goes on / (4 h late)" ||
			!strings.HasPrefix(got[1], "72h0m0s Just ended") || !strings.HasPrefix(got[2], "72h0m0s Later") ||
			!strings.Contains(got[3], "2 reminders were not sent in time") || !strings.Contains(got[3], "Over") || !strings.Contains(got[3], "Ended") {
			t.Errorf("posted %q", got)
		}
		at := "first seen 2000-01-04 00:00 UTC"
		w.expectMissed("Over: known only after it fell due: "+at, "Ended: known only after it fell due: "+at)
		w.sync()
		w.pass(time.Hour)
		if got := len(w.chat.lines()) - before; got != 4 {
			t.Errorf("%d posts after another sync", got)
		}
	})
}

// A store that takes nothing in is an outage, too: the latest sync is the latest good one.
func TestLateAfterAFullDisk(t *testing.T) {
	inWorld(t, func(w *world) {
		guard := &mortal{}
		w.end()
		w.wrap = func(s storeOfAll) storeOfAll { guard.Store = w.store; return guard }
		w.start()
		w.sync()
		guard.refuse(true)
		w.server.put("/a.ics", event("a", "Made meanwhile", 10*time.Minute, "PT0S"))
		for range 8 {
			w.pass(5 * time.Minute)
			if err := w.trySync(true); err == nil {
				t.Fatal("a full store took a sync")
			}
		}
		guard.refuse(false)
		w.sync()
		w.posts(fmt.Sprint(time.Since(epoch), " Made meanwhile / (30 min late)"))
	})
}

// A webhook that is attached later hears nothing of what came before it: neither of what is
// stored, nor of what was made since the latest sync.
func TestAttachedLaterIsQuiet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.account.Calendars[0].Webhook = ""
		w.start()
		w.sync()
		w.server.put("/made.ics", event("made", "Made", 2*time.Minute, "PT0S"))
		w.server.put("/names.ics", event("names", "Names it", 3*time.Minute, ";X-CALBELL-WEBHOOK=other;RELATED=START:PT0S"))
		w.pass(5 * time.Minute)
		w.account.Calendars[0].Webhook = "team"
		w.configure()
		w.syncer.Forget()
		w.ok(w.syncer.Reconcile(w.Context()))
		w.sync()
		w.posts()
		w.server.put("/again.ics", event("again", "Between the next two", 6*time.Minute, "PT0S"))
		w.pass(5 * time.Minute)
		w.sync()
		w.posts("10m0s Between the next two / (4 min late)")
	})
}

// Other settings that change are no reason to keep silent of what nobody knew.
func TestOtherSettingsAreNoReasonForSilence(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		w.server.put("/made.ics", event("made", "Made", 2*time.Minute, "PT0S"))
		w.end()
		w.webhooks = append(w.webhooks, hook("third"))
		w.zone = time.FixedZone("two hours east", 2*3600)
		time.Sleep(5 * time.Minute)
		w.start()
		w.sync()
		w.posts("5m0s Made / (3 min late)")
	})
}

// An object that could not be read is known from then on when it can be.
func TestReadableAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		expect := func() {
			t.Helper()
			w.postsSorted("1h0m0s Was", "1h21m0s New / (11 min late)", "1h21m0s Was / (6 min late)")
		}
		w.server.put("/was.ics", event("was", "Was", time.Hour, "PT0S"))
		w.sync()
		w.pass(time.Hour + time.Minute)
		w.sync()
		w.server.put("/new.ics", "BEGIN:VCALENDAR\r\nnonsense")
		w.server.put("/was.ics", "<html>sign in</html>")
		for range 4 {
			w.pass(5 * time.Minute)
			w.sync()
		}
		w.server.put("/new.ics", event("new", "New", 70*time.Minute, "PT0S"))
		w.server.put("/was.ics", text("was", "DTSTART:20000101T010000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY;INTERVAL=24;COUNT=9\nSUMMARY:Was", "PT0S", "PT15M"))
		w.sync()
		expect()
		w.server.put("/new.ics", event("new", "New!", 70*time.Minute, "PT0S", "PT5S"))
		w.sync()
		w.pass(time.Minute)
		expect()
	})
}

// A subscription that is not asked, because its publisher wants it so, is as old as when it was.
func TestLateInASubscription(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		batch := func(c calbell.Calendar, refresh time.Duration, objects ...calbell.Object) {
			c.RefreshAt = epoch.Add(refresh)
			w.server.give(syncer.Batch{Calendar: c, Objects: objects, Last: true})
		}
		batch(w.calendar(), 2*time.Hour)
		w.ok(w.trySync(false))
		w.pass(time.Hour)
		batch(w.calendar(), 2*time.Hour) // not asked
		w.ok(w.trySync(false))
		w.pass(time.Hour + time.Minute)
		late := calbell.Object{Calendar: w.calendar().ID, Href: "/a.ics", ETag: "1", Raw: []byte(event("a", "Published", 50*time.Minute, "PT40M"))}
		batch(w.calendar(), 4*time.Hour, late)
		w.ok(w.trySync(false))
		w.posts("2h1m0s Published / (31 min late)")
	})
}

// A clock that is set back leaves it open how long the latest sync is ago.
func TestLateWhenTheClockWasSetBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		c := w.calendar()
		c.ReadAt = epoch.Add(24 * time.Hour)
		w.ok(w.store.SaveCalendar(w.Context(), c))
		w.pass(2 * time.Hour)
		w.server.put("/a.ics", event("a", "Made", 2*time.Hour-3*time.Minute, "PT0S"))
		w.server.put("/b.ics", event("b", "Long ago", 30*time.Minute, "PT0S"))
		w.sync()
		w.posts("2h0m0s Made / (3 min late)")
	})
}

// However much becomes known too late, the rows of one sync are bounded, and the rest is counted.
func TestKnownLateIsBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		w.server.fail(errDown)
		_ = w.trySync(true) // fails, as it should
		const n = 300
		for i := range n {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint("e", i), fmt.Sprint("Event ", i), time.Duration(i)*time.Second, "PT0S"))
		}
		w.server.put("/dense.ics", text("dense", "DTSTART:20000101T010000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;INTERVAL=5;COUNT=5000\nSUMMARY:Dense", "PT0S"))
		w.pass(12*time.Hour + 30*time.Second)
		w.server.fail(nil)
		w.sync()
		w.pass(2 * time.Minute)
		if got := len(w.missed()); got != 1000 {
			t.Errorf("%d rows", got)
		}
		told := 0
		for _, p := range w.chat.posts() {
			var k int
			if _, err := fmt.Sscanf(strings.ReplaceAll(p.msg.Text, ",", ""), "%d reminders were not sent in time", &k); err != nil {
				t.Errorf("posted %q", p.msg.Text)
			}
			told += k
		}
		if told < 1000+n || told > n+2000 {
			t.Errorf("%d were told of", told)
		}
	})
}
