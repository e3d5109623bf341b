package scheduler_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
	"calbell/scheduler/syncer"
	"calbell/store"
)

// newcomers are servers of alice's at hosts of their own, each with the calendars of these paths.
func (w *world) newcomers(hosts map[string][]string) map[string]*caldavtest.FaultServer {
	w.Helper()
	n := &wires{hosts: map[string]chan net.Conn{}, done: make(chan struct{})}
	servers := map[string]*caldavtest.FaultServer{}
	for host, paths := range hosts {
		s := caldavtest.NewFaultServer(caldavtest.Options{})
		s.AddUser("alice", canary)
		for _, path := range paths {
			s.AddCalendar("alice", caldavtest.Calendar{Path: path, Name: path})
		}
		n.serve(s, host+":443")
		servers[host] = s
	}
	transport := &http.Transport{DialContext: n.dial, DialTLSContext: n.dial}
	w.Cleanup(func() { transport.CloseIdleConnections(); close(n.done) })
	w.end()
	w.account.Username, w.account.Password, w.account.Calendars = "alice", canary, nil
	w.account.Default.Webhook = "team"
	w.connect = func(a calbell.Account) (syncer.Remote, error) {
		c, err := caldav.New(a, caldav.Options{Transport: transport, Batch: 16})
		return client{c}, err
	}
	return servers
}

// beginAt has the account's url name a host from now on, and the program started with that.
func (w *world) beginAt(host string) {
	w.account.URL = "https://" + host + "/"
	w.start()
}

// named returns the calendars of a name, as they are stored.
func (w *world) named(name string) (list []calbell.Calendar) {
	w.Helper()
	all, err := w.store.Calendars(w.Context())
	w.ok(err)
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return c.Name != name })
}

// cancelled returns why reminders were cancelled, each reason once.
func (w *world) cancelled() (reasons []string) {
	w.Helper()
	list, err := w.store.History(w.Context(), store.HistoryQuery{Statuses: []calbell.Status{calbell.StatusCancelled}})
	w.ok(err)
	for _, d := range list {
		if !slices.Contains(reasons, d.Reason.English) {
			reasons = append(reasons, d.Reason.English)
		}
	}
	return reasons
}

// TestDeletedCalendar: a calendar that is deleted at the server is silent a quarter of an hour
// later, and says so once; when it comes back it rings again, and nothing late.
func TestDeletedCalendar(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.newcomers(map[string][]string{"dav.example.org": {"work", "home"}})["dav.example.org"]
		w.errors = "other"
		w.beginAt("dav.example.org")
		fill := func() {
			s.Put("alice", "work", "a.ics", []byte(text("a", "DTSTART:20000101T003000Z\nRRULE:FREQ=HOURLY\nSUMMARY:Work", "PT0S")))
			s.Put("alice", "work", "b.ics", []byte(event("b", "Flight", 24*time.Hour, "-PT20H")))
		}
		fill()
		s.Put("alice", "home", "b.ics", []byte(event("b2", "Home", 4*time.Hour, "PT0S")))
		w.poll(5*time.Minute, time.Hour)
		s.RemoveCalendar("alice", "work")
		w.poll(5*time.Minute, 20*time.Minute)
		c := w.named("work")[0]
		if !c.Silent() || c.Gone.Seen != 4 || c.Gone.SilentAt.Sub(epoch) != 75*time.Minute || !c.LastError.IsZero() || !c.FailingSince.IsZero() {
			t.Errorf("calendar %+v", c)
		}
		if got := w.cancelled(); !slices.Equal(got, []string{"the calendar is gone at the server"}) {
			t.Errorf("cancelled because %q", got)
		}
		if h := w.syncer.Health("home", append(w.named("work"), w.named("home")...)); h.State != calbell.SyncOK {
			t.Errorf("the account is %+v", h)
		}
		w.restart(time.Minute)
		w.poll(5*time.Minute, 4*time.Hour)
		fill()
		s.Put("alice", "work", "c.ics", []byte(event("c", "New", 12*time.Hour, "-PT9H")))
		s.AddCalendar("alice", caldavtest.Calendar{Path: "work", Name: "work"})
		w.poll(5*time.Minute, 100*time.Minute)
		if c := w.named("work")[0]; c.Silent() || c.Unlisted || len(w.named("work")) != 1 {
			t.Errorf("it came back as %+v", w.named("work"))
		}
		var posts, told []string
		for i, p := range w.chat.posts() {
			if line := w.chat.lines()[i]; p.hook == "other" {
				told = append(told, line)
			} else {
				posts = append(posts, line)
			}
		}
		if want := []string{"30m0s Work", "4h0m0s Home", "5h30m0s Work", "6h30m0s Work"}; !slices.Equal(posts, want) {
			t.Errorf("posted %q, want %q", posts, want)
		}
		if len(told) != 1 || !strings.Contains(told[0], `calendar "home/work" is silent: the calendar is gone at the server`) {
			t.Errorf("told %q", told)
		}
	})
}

// hides is a manner that leaves a calendar out of every list, and answers at its address as m does.
func hides(path string, m caldavtest.Manner) caldavtest.Manner {
	return func(s *caldavtest.FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/"+path+"/") {
			return m(s, w, r)
		}
		s.RemoveCalendar("alice", path)
		return false
	}
}

// TestWhatDoesNotSilence: a calendar that is not listed goes on unless its own address says that
// it is gone, and a server that answers nothing right has no say at all.
func TestWhatDoesNotSilence(t *testing.T) {
	well := func(s *caldavtest.FaultServer, w http.ResponseWriter, r *http.Request) bool {
		r.URL.Path = strings.Replace(r.URL.Path, "work", "home", 1)
		return false
	}
	for name, tt := range map[string]struct {
		manner caldavtest.Manner
		silent bool
	}{
		"404":                  {hides("work", caldavtest.Refuse(404, "")), true},
		"410":                  {hides("work", caldavtest.Refuse(410, "")), true},
		"it is still there":    {hides("work", well), false},
		"401":                  {hides("work", caldavtest.Refuse(401, "")), false},
		"403":                  {hides("work", caldavtest.Refuse(403, "")), false},
		"429":                  {hides("work", caldavtest.Refuse(429, "60")), false},
		"500":                  {hides("work", caldavtest.Refuse(500, "")), false},
		"503":                  {hides("work", caldavtest.Refuse(503, "60")), false},
		"a page":               {hides("work", caldavtest.LoginPage()), false},
		"a hang":               {hides("work", caldavtest.Hang()), false},
		"redirected":           {hides("work", caldavtest.Redirect(301, "https://other.example.org")), false},
		"the whole server 404": {caldavtest.Refuse(404, ""), false},
		"the whole server 410": {caldavtest.Refuse(410, ""), false},
		"none, and 410":        {caldavtest.Both(hides("home", caldavtest.Refuse(404, "")), hides("work", caldavtest.Refuse(410, ""))), true},
		"none, and 403":        {caldavtest.Both(hides("home", caldavtest.Refuse(404, "")), hides("work", caldavtest.Refuse(403, ""))), false},
		"no calendar at all":   {caldavtest.Both(hides("home", caldavtest.Refuse(404, "")), hides("work", caldavtest.Refuse(404, ""))), false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				all := w.newcomers(map[string][]string{"dav.example.org": {"work", "home"}, "other.example.org": nil})
				s := all["dav.example.org"]
				w.beginAt("dav.example.org")
				s.Put("alice", "work", "a.ics", []byte(event("a", "Work", 4*time.Hour, "PT0S")))
				w.poll(5*time.Minute, 10*time.Minute)
				s.Behave(tt.manner)
				w.poll(5*time.Minute, 4*time.Hour)
				if silent := w.named("work")[0].Silent(); silent != tt.silent || (len(w.chat.posts()) == 0) != tt.silent {
					t.Errorf("silent %v, posted %q", silent, w.chat.lines())
				}
			})
		})
	}
}

// TestOnlyCalendar: a person's only calendar is deleted. A server that remembers it silences it, by
// the same rule as beside others; of one that has nothing to say the person is asked.
func TestOnlyCalendar(t *testing.T) {
	for name, tt := range map[string]struct {
		answer caldavtest.Manner // of its own address
		down   time.Duration     // for how long
		posts  []string
		silent bool
	}{
		"removed":                     {caldavtest.Refuse(410, ""), 5 * time.Hour, nil, true},
		"removed for ten minutes":     {caldavtest.Refuse(410, ""), 10 * time.Minute, []string{"4h0m0s Work"}, false},
		"a server that was emptied":   {caldavtest.Refuse(404, ""), 72 * time.Hour, []string{"4h0m0s Work"}, false},
		"emptied, and it comes back":  {caldavtest.Refuse(404, ""), 2 * time.Hour, []string{"4h0m0s Work"}, false},
		"emptied, then not listening": {caldavtest.Refuse(503, ""), 72 * time.Hour, []string{"4h0m0s Work"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				s := w.newcomers(map[string][]string{"dav.example.org": {"work"}})["dav.example.org"]
				w.errors = "other"
				w.beginAt("dav.example.org")
				put := func() { s.Put("alice", "work", "a.ics", []byte(event("a", "Work", 4*time.Hour, "PT0S"))) }
				put()
				w.poll(5*time.Minute, 10*time.Minute)
				s.Behave(hides("work", tt.answer))
				w.poll(5*time.Minute, tt.down)
				if c := w.named("work")[0]; c.Silent() != tt.silent || !c.Unlisted && tt.down > time.Hour {
					t.Errorf("calendar %+v", c)
				}
				if h := w.syncer.Health("home", w.named("work")); h.State != calbell.SyncFailing || tt.down > time.Hour && !strings.Contains(h.LastError.English, "no calendars in") {
					t.Errorf("the account is %+v", h)
				}
				s.Behave(nil)
				s.AddCalendar("alice", caldavtest.Calendar{Path: "work", Name: "work"})
				put()
				w.poll(5*time.Minute, 5*time.Hour)
				if c := w.named("work"); len(c) != 1 || c[0].Silent() || c[0].Unlisted || !c[0].FailingSince.IsZero() {
					t.Errorf("it came back as %+v", c)
				}
				var got []string
				for i, p := range w.chat.posts() {
					if p.hook != "other" {
						got = append(got, w.chat.lines()[i])
					}
				}
				if !slices.Equal(got, tt.posts) {
					t.Errorf("posted %q, want %q", got, tt.posts)
				}
				if told := len(w.told("other", `"home/work" is silent: the calendar is gone at the server`)); (told == 1) != tt.silent {
					t.Errorf("told %d times that it is silent", told)
				}
			})
		})
	}
}

// TestOnlyCalendarIsApplied: of a server without any calendar a person says that the calendar was
// deleted, and it is removed here, though the sync that does so fails.
func TestOnlyCalendarIsApplied(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.newcomers(map[string][]string{"dav.example.org": {"work"}})["dav.example.org"]
		w.beginAt("dav.example.org")
		s.Put("alice", "work", "a.ics", []byte(event("a", "Work", 4*time.Hour, "PT0S")))
		w.poll(5*time.Minute, 10*time.Minute)
		s.RemoveCalendar("alice", "work")
		apply := calbell.SyncRequest{Account: w.account, Only: []calbell.CalendarID{w.named("work")[0].ID}, Now: true, Apply: true}
		err := w.syncer.Sync(w.Context(), apply) // nobody was shown yet that it is not listed
		if list := w.named("work"); len(list) != 1 || !list[0].Unlisted || !strings.Contains(calbell.HintOf(err).English, "calbell calendar apply NAME") {
			t.Fatalf("calendars %+v, %v, hint %q", list, err, calbell.HintOf(err))
		}
		if err := w.syncer.Sync(w.Context(), apply); err == nil {
			t.Error("an account without calendars is well")
		}
		if list := w.named("work"); len(list) != 0 {
			t.Errorf("calendars %+v", list)
		}
		w.pass(5 * time.Hour)
		w.posts()
	})
}

// TestServerGetsAnotherName: calendars of an account whose url has another host are the same ones,
// with all that people set for them; what changed meanwhile rings at its new time alone.
func TestServerGetsAnotherName(t *testing.T) {
	inWorld(t, func(w *world) {
		all := w.newcomers(map[string][]string{"dav.example.org": {"work"}, "cloud.example.org": {"work"}})
		old, now := all["dav.example.org"], all["cloud.example.org"]
		w.beginAt("dav.example.org")
		for _, s := range []*caldavtest.FaultServer{old, now} {
			s.Put("alice", "work", "same.ics", []byte(event("same", "Same", 3*time.Hour, "PT0S")))
		}
		old.Put("alice", "work", "moved.ics", []byte(event("moved", "Moved", 4*time.Hour, "PT0S")))
		old.Put("alice", "work", "deleted.ics", []byte(event("deleted", "Deleted", 5*time.Hour, "PT0S")))
		w.sync()
		before := w.named("work")[0]
		w.ok(w.store.SetPause(w.Context(), calbell.Pause{Calendar: before.ID, Until: epoch.Add(time.Hour)}, time.Now()))
		now.Put("alice", "work", "moved.ics", []byte(event("moved", "Moved", 6*time.Hour, "PT0S")))
		w.end()
		time.Sleep(time.Minute)
		old.Asked()
		w.beginAt("cloud.example.org")
		w.poll(15*time.Minute, 8*time.Hour)
		w.posts("3h0m0s Same", "6h0m0s Moved")
		list := w.named("work")
		if len(list) != 1 || list[0].ID != before.ID || list[0].URL == before.URL || list[0].Unlisted || list[0].Silent() || list[0].Moved {
			t.Errorf("calendars %+v", list)
		}
		if asked := old.Asked(); len(asked) > 0 {
			t.Errorf("the old server was asked %q", asked)
		}
		w.end()
		w.beginAt("dav.example.org") // and back
		w.sync()
		if list := w.named("work"); len(list) != 1 || list[0].ID != before.ID || list[0].URL != before.URL || list[0].FoundAs != "" {
			t.Errorf("back at the old address: %+v", list)
		}
	})
}

// TestETagsOfAnotherServer: a server at another address may give an object the ETag that another
// one gave to another text.
func TestETagsOfAnotherServer(t *testing.T) {
	inWorld(t, func(w *world) {
		all := w.newcomers(map[string][]string{"dav.example.org": {"work"}, "cloud.example.org": {"work"}})
		w.beginAt("dav.example.org")
		all["dav.example.org"].Put("alice", "work", "a.ics", []byte(event("a", "Old", 3*time.Hour, "PT0S")))
		w.sync()
		c := w.named("work")[0]
		tags, err := w.store.ETags(w.Context(), c.ID)
		w.ok(err)
		all["cloud.example.org"].Put("alice", "work", "a.ics", []byte(event("a", "New", 4*time.Hour, "PT0S")))
		all["cloud.example.org"].Behave(caldavtest.ETags(func(string) string { return string(tags["/alice/calendars/work/a.ics"]) }))
		w.end()
		w.beginAt("cloud.example.org")
		w.sync()
		w.pass(5 * time.Hour)
		w.posts("4h0m0s New")
	})
}

// TestAnotherServer: calendars that are not at the new address of an account are silent at once;
// the server that it has left is not asked, and the name means the calendar that is there.
func TestAnotherServer(t *testing.T) {
	inWorld(t, func(w *world) {
		all := w.newcomers(map[string][]string{"dav.example.org": {"work", "old"}, "cloud.example.org": {"w2"}})
		w.beginAt("dav.example.org")
		all["dav.example.org"].Put("alice", "work", "a.ics", []byte(event("a", "Old time", 3*time.Hour, "PT0S")))
		w.sync()
		all["dav.example.org"].Asked()
		all["cloud.example.org"].AddCalendar("alice", caldavtest.Calendar{Path: "w2", Name: "work"})
		all["cloud.example.org"].Put("alice", "w2", "a.ics", []byte(event("a", "New time", 27*time.Hour, "PT0S")))
		w.end()
		w.beginAt("cloud.example.org")
		w.sync()
		w.poll(15*time.Minute, 4*time.Hour)
		w.pass(24 * time.Hour)
		w.posts("27h0m0s New time")
		if asked := all["dav.example.org"].Asked(); len(asked) > 0 {
			t.Errorf("the old server was asked %q", asked)
		}
		for _, c := range append(w.named("work"), w.named("old")...) {
			if left := strings.Contains(c.URL, "dav."); c.Silent() != left || left && !strings.HasPrefix(c.Gone.Reason.English, "the account's url is another one") {
				t.Errorf("%s: %+v", c.URL, c.Gone)
			}
		}
	})
}

// TestAnotherPersonsCalendarAtThePath: settings of one's own calendar do not go to what somebody
// else has at its path.
func TestAnotherPersonsCalendarAtThePath(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.account.Calendars, w.account.URL = nil, "https://dav.example.org/"
		w.configure()
		n.list = []calbell.Calendar{own("Work", "mine")}
		w.sync()
		theirs := bobs("Work", "mine")
		theirs.URL = strings.Replace(theirs.URL, "dav.example.org", "cloud.example.org", 1)
		theirs.ID = calbell.NewCalendarID("home", theirs.URL)
		w.account.URL = "https://cloud.example.org/"
		w.configure()
		w.syncer.Forget()
		n.list = []calbell.Calendar{theirs}
		w.sync()
		if list := w.named("Work"); len(list) != 2 || list[0].Silent() == list[1].Silent() {
			t.Errorf("calendars %+v", list)
		}
	})
}

// TestListedCalendarIsNotThere: a name that no calendar has is told once, with the one that may be
// meant, and again when it is mended; a calendar that is only not listed for now is none of that.
func TestListedCalendarIsNotThere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.errors = "other"
		w.account.Calendars = []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}, {Name: "Holidasy", Webhook: "team"}, {Name: "/anna/none/", Webhook: "team"}}
		w.configure()
		w.server.putIn("Holidays", "/h.ics", event("h", "Holiday", 40*time.Hour, "PT0S"))
		w.sync()
		names, err := store.AllListedNames(w.Context(), w.store.ListedNames())
		w.ok(err)
		var lines []string
		for _, n := range names {
			if !n.Trouble.IsZero() {
				lines = append(lines, n.Name+": "+n.Trouble.English+"; "+n.Hint.English)
			}
		}
		slices.Sort(lines)
		want := []string{
			"/anna/none/: the server has no calendar of this name; it has: Holidays, Team",
			`Holidasy: the server has no calendar of this name; did you mean "Holidays"?`,
		}
		if !slices.Equal(lines, want) && !slices.Equal(lines, []string{strings.Replace(want[0], "Holidays, Team", "Team, Holidays", 1), want[1]}) {
			t.Errorf("troubles %q", lines)
		}
		w.poll(15*time.Minute, time.Hour)
		w.restart(time.Minute)
		w.poll(15*time.Minute, time.Hour)
		w.server.putIn("Holidasy", "/i.ics", event("i", "Mended", 40*time.Hour, "PT0S"))
		w.poll(15*time.Minute, time.Hour)
		w.server.rename("Team", "Elsewhere") // and not listed for now
		w.poll(5*time.Minute, 10*time.Minute)
		var told []string
		for _, p := range w.chat.posts() {
			told = append(told, strings.SplitN(p.msg.Text, "\n", 2)[0])
		}
		if len(told) != 3 || !strings.Contains(strings.Join(told[:2], "\n"), `listed calendar "home/Holidasy": the server has no calendar of this name`) ||
			!strings.Contains(told[2], "home/Holidasy is synced again") {
			t.Errorf("told %q", told)
		}
	})
}
