package scheduler_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
	"calbell/scheduler/syncer"
)

// canary is alice's password, which must never be where it does not belong.
const canary = "canary-7d1f09a3"

// wires is a network of pipes: real HTTP, on the time of a bubble.
type wires struct {
	hosts map[string]chan net.Conn
	done  chan struct{}
}

func (n *wires) dial(ctx context.Context, _, address string) (net.Conn, error) {
	accept, ok := n.hosts[address]
	if !ok {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	ours, theirs := net.Pipe()
	select {
	case accept <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve answers at addresses until the test ends.
func (n *wires) serve(h http.Handler, addresses ...string) {
	for _, a := range addresses {
		accept := make(chan net.Conn)
		n.hosts[a] = accept
		s := &http.Server{Handler: h} //nolint:gosec // pipes, and bubble time
		go func() { _ = s.Serve(wire{n, accept}) }()
		go func() { <-n.done; _ = s.Close() }()
	}
}

// wire is the listener of one address.
type wire struct {
	n      *wires
	accept chan net.Conn
}

func (w wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.accept:
		return c, nil
	case <-w.n.done:
		return nil, net.ErrClosed
	}
}
func (w wire) Close() error   { return nil }
func (w wire) Addr() net.Addr { return &net.UnixAddr{} }

// client is the real client as the daemon uses it.
type client struct{ *caldav.Client }

func (c client) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	d, err := c.Discover(ctx)
	return d.Calendars, err
}

func (c client) Changes(ctx context.Context, cal calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(syncer.Batch) error) error {
	return c.Client.Changes(ctx, cal, known, func(b caldav.Batch) error { return yield(syncer.Batch(b)) })
}

// realServer puts the real client and a server that can behave badly in the place of the
// world's own. The stranger is at elsewhere.example.org, with TLS and without.
func (w *world) realServer() (*caldavtest.FaultServer, *caldavtest.Stranger) {
	w.Helper()
	s, stranger := caldavtest.NewFaultServer(caldavtest.Options{}), caldavtest.NewStranger(canary)
	s.AddUser("alice", canary)
	s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Team"})
	n := &wires{hosts: map[string]chan net.Conn{}, done: make(chan struct{})}
	n.serve(s, "dav.example.org:443")
	n.serve(stranger, "elsewhere.example.org:443", "elsewhere.example.org:80")
	transport := &http.Transport{DialContext: n.dial, DialTLSContext: n.dial}
	w.Cleanup(func() { transport.CloseIdleConnections(); close(n.done) })
	w.end()
	w.account.URL, w.account.Username, w.account.Password = "https://dav.example.org/", "alice", canary
	c, err := caldav.New(w.account, caldav.Options{Transport: transport, MaxBytes: 1 << 20, Batch: 16})
	w.ok(err)
	w.connect = func(calbell.Account) (syncer.Remote, error) { return client{c}, nil }
	w.start()
	return s, stranger
}

// bad is a way of a server to behave.
type bad struct {
	name   string
	manner caldavtest.Manner
	serves bool // what changes is found in spite of it
	few    bool // of few events, so that each absence is confirmed by itself
	large  bool // what it sends takes seconds to read
}

func badServers() []bad {
	return []bad{
		{name: "sabre", manner: caldavtest.Sabre(2), serves: true},
		{name: "DAViCal", manner: caldavtest.DAViCal(), serves: true},
		{name: "Google", manner: caldavtest.Google(3), serves: true},
		{name: "Infomaniak", manner: caldavtest.Infomaniak(), serves: true},
		{name: "GMX", manner: caldavtest.GMX(), serves: true},
		{name: "weak ETags", manner: caldavtest.WeakETags(), serves: true},
		{name: "changing ETags", manner: caldavtest.ChangingETags(), serves: true},
		{name: "no ETags", manner: caldavtest.NoETags(), serves: true},
		{name: "truncated", manner: caldavtest.Truncated(false)},
		{name: "torn", manner: caldavtest.Truncated(true)},
		{name: "login page", manner: caldavtest.LoginPage()},
		{name: "empty listing", manner: caldavtest.EmptyListing(false)},
		{name: "empty listing with itself", manner: caldavtest.EmptyListing(true)},
		{name: "half missing", manner: caldavtest.HalfMissing()},
		{name: "half of few missing", manner: caldavtest.HalfMissing(), few: true},
		{name: "empty listing of few", manner: caldavtest.EmptyListing(true), few: true},
		{name: "401", manner: caldavtest.Refuse(401, "")},
		{name: "403", manner: caldavtest.Refuse(403, "")},
		{name: "404", manner: caldavtest.Refuse(404, "")},
		{name: "410", manner: caldavtest.Refuse(410, "")},
		{name: "429", manner: caldavtest.Refuse(429, "120")},
		{name: "500", manner: caldavtest.Refuse(500, "")},
		{name: "503", manner: caldavtest.Refuse(503, "120")},
		{name: "hang", manner: caldavtest.Hang()},
		{name: "slow body", manner: caldavtest.SlowBody(time.Second)},
		{name: "gzip bomb", manner: caldavtest.GzipBomb(4 << 20), large: true},
		{name: "3,000,000 nested tags", manner: caldavtest.Nested(3_000_000), large: true},
		{name: "redirect to another host", manner: caldavtest.Redirect(301, "https://elsewhere.example.org")},
		{name: "redirect to http", manner: caldavtest.Redirect(307, "http://elsewhere.example.org")},
		{name: "iCloud whose homes lost TLS", manner: caldavtest.ICloud("http://elsewhere.example.org")},
	}
}

// TestBadServers: a server behaves badly for six hours, from the sync to the post: nothing
// that was stored is lost, nothing is posted that should not be or at another time, no
// credentials go elsewhere; and what changed meanwhile is right when its time comes.
func TestBadServers(t *testing.T) {
	for _, tt := range badServers() {
		t.Run(tt.name, func(t *testing.T) {
			if tt.large && testing.Short() {
				t.Skip("takes its time: left out of make quick")
			}
			t.Parallel()
			inWorld(t, func(w *world) { badServer(w, tt) })
		})
	}
}

func badServer(w *world, tt bad) {
	s, stranger := w.realServer()
	put := func(uid string, start time.Duration) {
		s.Put("alice", "team", uid+".ics", []byte(event(uid, uid, start, "PT0S")))
	}
	remove := func(uid string) { s.Delete("alice", "team", uid+".ics") }
	var want []string
	expect := func(at time.Duration, uid string) { want = append(want, fmt.Sprintf("%v %s", at, uid)) }
	s.Put("alice", "team", "lunch.ics", []byte(text("lunch", "DTSTART:20000101T053000Z\nRRULE:FREQ=DAILY\nSUMMARY:lunch", "PT0S")))
	for h := 1; h <= 6; h++ {
		put(fmt.Sprint("kept-", h), time.Duration(h)*time.Hour)
		if expect(time.Duration(h)*time.Hour, fmt.Sprint("kept-", h)); h == 5 {
			expect(5*time.Hour+30*time.Minute, "lunch")
		}
	}
	far := 15 // enough of them that the brake on deletions has a say
	if tt.few {
		far = 0
	}
	for i := range far {
		put(fmt.Sprint("far-", i), 44*time.Hour+time.Duration(i)*time.Minute)
	}
	put("deleted", 40*time.Hour)
	put("moved", 41*time.Hour)
	if tt.serves {
		put("soon-deleted", 2*time.Hour)
	}
	w.sync()
	w.pass(30 * time.Minute)
	s.Behave(tt.manner)
	remove("deleted")
	remove("soon-deleted")
	put("moved", 42*time.Hour)
	put("new", 43*time.Hour)
	for range 12 {
		w.poll(15*time.Minute, 15*time.Minute)
		c := w.calendar()
		c.ReconciledAt = time.Time{} // the next sync compares by a whole listing
		w.ok(w.store.SaveCalendar(w.Context(), c))
		w.poll(15*time.Minute, 15*time.Minute)
	}
	s.Behave(nil)
	w.poll(time.Hour, 39*time.Hour)
	expect(29*time.Hour+30*time.Minute, "lunch")
	expect(42*time.Hour, "moved")
	expect(43*time.Hour, "new")
	for i := range far {
		expect(44*time.Hour+time.Duration(i)*time.Minute, fmt.Sprint("far-", i))
	}
	w.posts(want...)
	if n := stranger.Betrayed(); n != 0 {
		w.Errorf("%d bytes of credentials went elsewhere", n)
	}
}

// poll syncs as the timetable does, whatever comes of it.
func (w *world) poll(every, during time.Duration) {
	w.Helper()
	for end := time.Now().Add(during); time.Now().Before(end); {
		if err := w.trySync(false); strings.Contains(fmt.Sprintf("%+v %s", err, calbell.HintOf(err)), canary) {
			w.Errorf("the password is in %v", err)
		}
		w.pass(every)
	}
}

// TestLastEventDeleted: when the only event of a calendar is deleted, the next sync makes
// it silent.
func TestLastEventDeleted(t *testing.T) {
	inWorld(t, func(w *world) {
		s, _ := w.realServer()
		s.Put("alice", "team", "a.ics", []byte(event("a", "Only", time.Hour, "-PT10M")))
		w.sync()
		s.Delete("alice", "team", "a.ics")
		w.ok(w.trySync(false))
		w.pass(2 * time.Hour)
		w.posts()
	})
}

// TestRestoredServerWithinAQuarter: what a server has that went back to a backup is known after a
// quarter of an hour, although it answers the newer token with "no changes".
func TestRestoredServerWithinAQuarter(t *testing.T) {
	inWorld(t, func(w *world) {
		s, _ := w.realServer()
		s.Put("alice", "team", "kept.ics", []byte(event("kept", "Kept", 2*time.Hour, "-PT10M")))
		s.Put("alice", "team", "gone.ics", []byte(event("gone", "Gone", 2*time.Hour, "-PT20M")))
		w.sync()
		w.poll(5*time.Minute, 40*time.Minute) // the server's own token is known to be the stored one
		s.Put("alice", "team", "kept.ics", []byte(event("kept", "Changed", 2*time.Hour, "-PT10M")))
		w.poll(5*time.Minute, 5*time.Minute)
		s.Put("alice", "team", "kept.ics", []byte(event("kept", "Back", 2*time.Hour, "-PT10M")))
		s.Delete("alice", "team", "gone.ics")
		s.Put("alice", "team", "new.ics", []byte(event("new", "New", 2*time.Hour, "-PT30M")))
		s.Rewind("alice", "team", 4)
		w.poll(5*time.Minute, 20*time.Minute)
		w.pass(2 * time.Hour)
		w.posts("1h30m0s New", "1h50m0s Back")
	})
}

// TestMovedBetweenCalendars: the copy in the new calendar is seen before or after the old
// one is gone; either way each reminder is posted once, the next ones too.
func TestMovedBetweenCalendars(t *testing.T) {
	for _, path := range []string{"alpha", "zulu"} { // listed before "team" or after it
		inWorld(t, func(w *world) {
			w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: path, Webhook: "team"})
			s, _ := w.realServer()
			s.AddCalendar("alice", caldavtest.Calendar{Path: path, Name: path})
			body := []byte(text("a", "DTSTART:20000101T020000Z\nRRULE:FREQ=DAILY\nSUMMARY:Meeting", "-PT10M", "-PT1H"))
			s.Put("alice", "team", "a.ics", body)
			w.sync()
			w.pass(90 * time.Minute) // one of its two reminders went out
			s.Delete("alice", "team", "a.ics")
			s.Put("alice", path, "b.ics", body)
			w.sync()
			w.sync()
			w.pass(24 * time.Hour)
			w.posts("1h0m0s Meeting", "1h50m0s Meeting", "25h0m0s Meeting")
		})
	}
}

// TestCalendarsComeAndGo: one that appears later is found at the next look, quietly; one that
// is renamed keeps its reminders; one that goes is silent, and says so.
func TestCalendarsComeAndGo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}, {Name: "Later", Webhook: "other"}}
		s, _ := w.realServer()
		s.Put("alice", "team", "a.ics", []byte(event("a", "Team", 5*time.Hour, "PT0S")))
		w.sync() // one of the two is not there yet
		s.AddCalendar("alice", caldavtest.Calendar{Path: "later", Name: "Later"})
		s.Put("alice", "later", "b.ics", []byte(event("b", "Past", 0, "PT10M")))
		s.Put("alice", "later", "c.ics", []byte(event("c", "Later", 3*time.Hour, "PT0S")))
		w.poll(15*time.Minute, 2*time.Hour)
		s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Renamed"})
		w.poll(15*time.Minute, 2*time.Hour)
		s.RemoveCalendar("alice", "team")
		w.poll(15*time.Minute, 2*time.Hour)
		w.posts("3h0m0s Later")
		list, err := w.store.Calendars(t.Context())
		w.ok(err)
		for _, c := range list {
			if gone := strings.HasSuffix(c.URL, "/team/"); gone != c.Silent() || !c.LastError.IsZero() {
				t.Errorf("%s: %+v, error %q", c.URL, c.Gone, c.LastError)
			}
		}
		if len(list) != 2 {
			t.Errorf("calendars %+v", list)
		}
	})
}
