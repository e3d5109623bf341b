package caldavtest_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

const canary = "canary-52e8b0c1"

// ward is a client before a server that has its ways, and what the client stored.
type ward struct {
	*testing.T
	server *caldavtest.FaultServer
	web    *httptest.Server
	client *caldav.Client
	cal    calbell.Calendar
	stored map[calbell.Href]calbell.Object
}

const home = "/alice/calendars/team/"

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{T: t, server: caldavtest.NewFaultServer(caldavtest.Options{}), stored: map[calbell.Href]calbell.Object{}}
	w.server.AddUser("alice", canary)
	w.server.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Team"})
	w.web = httptest.NewTLSServer(w.server)
	t.Cleanup(w.web.Close)
	w.client = w.newClient(w.web.URL, patient)
	w.cal = calbell.Calendar{ID: "team", Account: "home", Name: "Team", URL: w.web.URL + home}
	return w
}

// The time-outs of clients: one for busy machines, and one for servers that never answer.
const patient, hasty = time.Minute, 300 * time.Millisecond

func (w *ward) newClient(url string, timeout time.Duration) *caldav.Client {
	w.Helper()
	anyCertificate := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // loopback
	c, err := caldav.New(calbell.Account{Name: "home", URL: url, Username: "alice", Password: canary},
		caldav.Options{Timeout: timeout, MaxBytes: 1 << 20, Batch: 16, Transport: anyCertificate})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(c.CloseIdle)
	return c
}

func (w *ward) put(name, title string) {
	w.server.Put("alice", "team", name, []byte(caldavtest.Event(name+"@example.org", title, "")))
}

// sync stores what is handed over, before an error too, and checks what holds always:
// bounds on time and requests, and no secret in an error.
func (w *ward) sync() error {
	w.Helper()
	w.server.Asked()
	began := time.Now()
	known := func() (map[calbell.Href]calbell.ETag, error) {
		out := map[calbell.Href]calbell.ETag{}
		for h, o := range w.stored {
			out[h] = o.ETag
		}
		return out, nil
	}
	err := w.client.Changes(w.Context(), w.cal, known, func(b caldav.Batch) error {
		for _, o := range b.Objects {
			if !o.Problem.IsZero() {
				o.Raw = w.stored[o.Href].Raw
			}
			w.stored[o.Href] = o
		}
		for _, h := range b.Deleted {
			delete(w.stored, h)
		}
		w.cal = b.Calendar
		return nil
	})
	if asked := w.server.Asked(); len(asked) > 100 {
		w.Errorf("%d requests in one sync", len(asked))
	}
	if took := time.Since(began); took > 20*time.Second {
		w.Errorf("one sync took %v", took)
	}
	if err != nil && strings.Contains(fmt.Sprintf("%+v %#v %s", err, err, calbell.HintOf(err)), canary) {
		w.Errorf("the password is in %v", err)
	}
	return err
}

// same fails unless what is stored is what the server has.
func (w *ward) same() {
	w.Helper()
	names := w.server.Names("alice", "team")
	if len(w.stored) != len(names) {
		w.Errorf("%d stored, %d on the server", len(w.stored), len(names))
	}
	for _, name := range names {
		raw, _ := w.server.Raw("alice", "team", name)
		if got := w.stored[calbell.Href(home+name)]; string(got.Raw) != string(raw) || !got.Problem.IsZero() {
			w.Errorf("%s: stored %q (%s), on the server %q", name, got.Raw, got.Problem, raw)
		}
	}
}

// kept fails when an object that was stored, and still is on the server, is stored no more.
func (w *ward) kept(before []calbell.Href) {
	w.Helper()
	names := w.server.Names("alice", "team")
	for _, h := range before {
		name := strings.TrimPrefix(string(h), home)
		if o, ok := w.stored[h]; slices.Contains(names, name) && (!ok || len(o.Raw) == 0) {
			w.Errorf("%s was lost", h)
		}
	}
}

func (w *ward) hrefs() []calbell.Href {
	var out []calbell.Href
	for h := range w.stored {
		out = append(out, h)
	}
	return out
}

// manner is a row of the table: a way of behaving, and what a client must make of it.
type manner struct {
	name    string
	m       caldavtest.Manner
	serves  bool              // all that changed is found in spite of it
	kind    calbell.ErrorKind // of the error when it does not serve; 0 = any, or none
	prepare func(w *ward)     // before the changes; may be nil
	hangs   bool              // the answer does not come to an end
	asks    int               // at most so many requests where the server asked to be left alone; 0 = any
}

// behave puts a manner in force, before a client that does not wait for ever.
func (w *ward) behave(m manner) {
	w.server.Behave(m.m)
	if m.hangs {
		w.client = w.newClient(w.web.URL, hasty)
	}
}

func providers() []manner {
	badToken := func(w *ward) { w.cal.SyncToken = "data:,unknown" }
	return []manner{
		{name: "sabre", m: caldavtest.Sabre(2), serves: true},
		{name: "sabre, slash in a name", m: caldavtest.Sabre(2), serves: true, prepare: func(w *ward) {
			w.server.Behave(caldavtest.Both(caldavtest.Sabre(2), renamed("event-7.ics", "a%2Fb.ics")))
		}},
		{name: "DAViCal", m: caldavtest.DAViCal(), serves: true},
		{name: "DAViCal, unknown token", m: caldavtest.DAViCal(), serves: true, prepare: badToken},
		{name: "Google", m: caldavtest.Google(3), serves: true},
		{name: "Infomaniak", m: caldavtest.Infomaniak(), serves: true},
		{name: "GMX", m: caldavtest.GMX(), serves: true},
		{name: "GMX, unknown token", m: caldavtest.GMX(), serves: true, prepare: badToken},
		{name: "weak ETags", m: caldavtest.WeakETags(), serves: true},
		{name: "changing ETags", m: caldavtest.ChangingETags(), serves: true},
		{name: "no ETags", m: caldavtest.NoETags(), serves: true},
	}
}

func failures() []manner {
	const failed, unreachable, refused = calbell.KindFailed, calbell.KindUnreachable, calbell.KindRefused
	return []manner{
		{name: "truncated", m: caldavtest.Truncated(false), kind: failed},
		{name: "torn", m: caldavtest.Truncated(true), kind: unreachable},
		{name: "login page", m: caldavtest.LoginPage(), kind: failed},
		{name: "empty listing", m: caldavtest.EmptyListing(false)},
		{name: "empty listing with itself", m: caldavtest.EmptyListing(true)},
		{name: "half missing", m: caldavtest.HalfMissing()},
		{name: "401", m: caldavtest.Refuse(401, ""), kind: refused, asks: 1},
		{name: "403", m: caldavtest.Refuse(403, ""), kind: refused},
		{name: "404", m: caldavtest.Refuse(404, ""), kind: failed},
		{name: "410", m: caldavtest.Refuse(410, ""), kind: failed},
		{name: "429", m: caldavtest.Refuse(429, "120"), kind: failed, asks: 1},
		{name: "500", m: caldavtest.Refuse(500, ""), kind: failed},
		{name: "503", m: caldavtest.Refuse(503, "120"), kind: failed, asks: 1},
		{name: "hang", m: caldavtest.Hang(), kind: unreachable, hangs: true},
		{name: "slow body", m: caldavtest.SlowBody(20 * time.Millisecond), kind: unreachable, hangs: true},
		{name: "gzip bomb", m: caldavtest.GzipBomb(64 << 20), kind: failed},
		{name: "3,000,000 nested tags", m: caldavtest.Nested(3_000_000), kind: failed},
	}
}

// renamed lists an object under another name, and hands it out there.
func renamed(from, to string) caldavtest.Manner {
	return func(s *caldavtest.FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.EscapedPath() == home+to {
			r.URL.Path, r.URL.RawPath = home+from, ""
			return false
		}
		if r.Method != "REPORT" {
			return false
		}
		rec := httptest.NewRecorder()
		s.Server.ServeHTTP(rec, r)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(rec.Code)
		_, _ = w.Write([]byte(strings.ReplaceAll(rec.Body.String(), home+from, home+to)))
		return true
	}
}

// TestManners: however a server behaves, no event is lost and none is deleted that is
// still there; and once it behaves again everything is as it should be.
func TestManners(t *testing.T) {
	for _, m := range append(providers(), failures()...) {
		for _, reconcile := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, reconcile %v", m.name, reconcile), func(t *testing.T) {
				t.Parallel()
				testManner(t, m, reconcile)
			})
		}
	}
}

func testManner(t *testing.T, m manner, reconcile bool) {
	w := newWard(t)
	for i := range 40 {
		w.put(fmt.Sprintf("event-%d.ics", i), fmt.Sprintf("Event %d", i))
	}
	if err := w.sync(); err != nil {
		t.Fatal(err)
	}
	w.same()
	w.behave(m)
	if m.prepare != nil {
		m.prepare(w)
	}
	w.put("event-1.ics", "Changed")
	w.put("new.ics", "New")
	w.server.Delete("alice", "team", "event-2.ics")
	for round := range 3 {
		before := w.hrefs()
		if reconcile {
			w.cal.ReconciledAt = time.Time{}
		}
		err := w.sync()
		w.kept(before)
		checkManner(w, m, err)
		if m.serves && !strings.Contains(m.name, "slash") {
			w.same()
		}
		w.put(fmt.Sprintf("round-%d.ics", round), "Later")
	}
	w.server.Behave(nil)
	w.client = w.newClient(w.web.URL, patient)
	w.cal.ReconciledAt = time.Time{}
	if err := w.sync(); err != nil {
		t.Fatalf("healed: %v", err)
	}
	w.same()
}

func checkManner(w *ward, m manner, err error) {
	w.Helper()
	switch {
	case m.serves && err != nil:
		w.Fatalf("%v (%s)", err, calbell.HintOf(err))
	case m.kind != 0 && calbell.KindOf(err) != m.kind:
		w.Errorf("kind %d: %v", calbell.KindOf(err), err)
	}
	var told *calbell.Error
	if m.asks == 1 && m.kind == calbell.KindFailed && (!errors.As(err, &told) || told.RetryAfter != 2*time.Minute) {
		w.Errorf("the rest that was asked for is lost: %+v", told)
	}
}

// TestMannersAreAskedOnce: where the server asked to be left alone, or refused the sign-in,
// one request is all it gets, from a discovery too.
func TestMannersAreAskedOnce(t *testing.T) {
	for _, m := range failures() {
		if m.asks == 0 {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			w := newWard(t)
			w.server.Behave(m.m)
			_ = w.client.Changes(t.Context(), w.cal, nil, func(caldav.Batch) error { return nil })
			if got := w.server.Asked(); len(got) != m.asks {
				t.Errorf("sync asked %v", got)
			}
			_, err := w.client.Discover(t.Context())
			if got := w.server.Asked(); len(got) != m.asks || calbell.KindOf(err) != m.kind {
				t.Errorf("discovery asked %v: %v", got, err)
			}
		})
	}
}

// TestMannersInDiscovery: no failure names a calendar that is not there, each is an error
// with its probes, and all within bounds.
func TestMannersInDiscovery(t *testing.T) {
	for _, m := range failures() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t)
			w.behave(m)
			d, err := w.client.Discover(t.Context())
			if m.kind == 0 {
				return // it only spoils what is inside a calendar
			}
			if calbell.KindOf(err) != m.kind || len(d.Calendars) != 0 || len(d.Probes) == 0 {
				t.Errorf("kind %d: %v, %+v", calbell.KindOf(err), err, d)
			}
			if got := w.server.Asked(); len(got) > 20 {
				t.Errorf("%d requests", len(got))
			}
		})
	}
}

// TestProvidersAreDiscovered: from the base of each the calendars are found.
func TestProvidersAreDiscovered(t *testing.T) {
	for _, m := range providers() {
		w := newWard(t)
		w.server.Behave(m.m)
		d, err := w.client.Discover(t.Context())
		if err != nil || len(d.Calendars) != 1 || d.Calendars[0].URL != w.cal.URL {
			t.Errorf("%s: %+v, %v", m.name, d, err)
		}
	}
}

// TestICloud: home sets on another host are found, by TLS with the sign-in, and synced.
func TestICloud(t *testing.T) {
	w := newWard(t)
	w.put("a.ics", "A")
	front := caldavtest.NewFaultServer(caldavtest.Options{})
	front.AddUser("alice", canary)
	front.Behave(caldavtest.ICloud(w.web.URL))
	web := httptest.NewTLSServer(front)
	t.Cleanup(web.Close)
	w.client = w.newClient(web.URL, patient)
	d, err := w.client.Discover(t.Context())
	if err != nil || len(d.Calendars) != 1 || d.Calendars[0].URL != w.web.URL+home {
		t.Fatalf("%+v, %v", d, err)
	}
	w.cal = d.Calendars[0]
	if err := w.sync(); err != nil {
		t.Fatal(err)
	}
	w.same()
	// The same without TLS is not followed: everybody on the way could read the password.
	stranger := caldavtest.NewStranger(canary)
	plain := httptest.NewServer(stranger)
	t.Cleanup(plain.Close)
	front.Behave(caldavtest.ICloud(plain.URL))
	if d, err := w.client.Discover(t.Context()); err == nil && len(d.Calendars) > 0 || stranger.Betrayed() != 0 {
		t.Errorf("%+v, %v, %d bytes of credentials", d, err, stranger.Betrayed())
	}
}

// TestRedirectsBetrayNothing: no credentials reach another host, by TLS or without, and
// nothing at all reaches one without.
func TestRedirectsBetrayNothing(t *testing.T) {
	for _, secure := range []bool{true, false} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			stranger := caldavtest.NewStranger(canary)
			other := httptest.NewUnstartedServer(stranger)
			if other.Start(); secure {
				other.Close()
				other = httptest.NewTLSServer(stranger)
			}
			t.Cleanup(other.Close)
			w := newWard(t)
			for i := range 12 {
				w.put(fmt.Sprintf("event-%d.ics", i), "Event")
			}
			if err := w.sync(); err != nil {
				t.Fatal(err)
			}
			w.server.Behave(caldavtest.Redirect(status, other.URL))
			before := w.hrefs()
			err := w.sync()
			w.kept(before)
			_, found := w.client.Discover(t.Context())
			if err == nil || found == nil || stranger.Betrayed() != 0 || !secure && stranger.Requests() != 0 {
				t.Errorf("TLS %v, %d: %v, %v, %d requests, %d bytes of credentials", secure, status, err, found, stranger.Requests(), stranger.Betrayed())
			}
		}
	}
}

// TestRestored: a token of the server's future is answered "no changes" for ever; the daily
// comparison finds what was missed.
func TestRestored(t *testing.T) {
	w := newWard(t)
	for i := range 12 {
		w.put(fmt.Sprintf("event-%d.ics", i), "Event")
	}
	if err := w.sync(); err != nil {
		t.Fatal(err)
	}
	w.server.Rewind("alice", "team", 12)
	w.server.Behave(caldavtest.Sabre(2))
	w.put("event-3.ics", "Changed")
	for range 3 {
		if err := w.sync(); err != nil {
			t.Fatal(err)
		}
	}
	w.cal.ReconciledAt = w.cal.ReconciledAt.Add(-25 * time.Hour)
	if err := w.sync(); err != nil {
		t.Fatal(err)
	}
	w.same()
}
