package chaos

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"

	"calbell/caldav/caldavtest"
)

// A receiver that refuses, hangs and cuts connections, and kills meanwhile. An answer is lost once:
// what may have arrived is repeated after a minute, and after five more the next time.
func TestAnswers(t *testing.T) {
	t.Parallel()
	kills, n := size(10, 200), size(400, 6000)
	w := newWorld(t, options{slow: 10 * time.Millisecond, config: "  timeout: 1s\n"})
	w.chat.fails(func(tries int) reply {
		if tries > 1 || rand.N(10) > 2 {
			return reply{}
		}
		lost := tries == 0
		switch rand.N(5) {
		case 0:
			return says(http.StatusServiceUnavailable, "later")
		case 1:
			return says(http.StatusTooManyRequests, "slowly", "Retry-After", "1")
		case 2:
			return says(http.StatusBadGateway, "<html>bad gateway</html>")
		case 3:
			if lost {
				return hangs()
			}
		case 4:
			if lost {
				return resets()
			}
		}
		return reply{}
	})
	w.prepare(n, 100)
	w.wait(time.Until(w.last().Add(-time.Duration(n/100-1) * time.Second)))
	w.killed(kills, 100*time.Millisecond, 900*time.Millisecond)
	w.finish("503, 502, 429, hanging, reset, with SIGKILL", kills)
}

// Redirects, and pages in the place of an answer, are an outage: nothing is lost meanwhile, and
// nothing goes to the target.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	if !full() {
		t.Skip("it takes long; runs at full size")
	}
	w := newWorld(t, options{slow: 10 * time.Millisecond})
	target := newReceiver(t, 0)
	seen := 0
	w.chat.fails(func(tries int) reply {
		switch seen++; {
		case seen == 200:
			return says(http.StatusFound, "", "Location", target.server.URL)
		case tries == 0 && seen%50 == 0:
			return says(http.StatusOK, "<html><form>Please sign in, it is ok</form></html>")
		}
		return reply{}
	})
	w.prepare(2000, 100)
	w.finish("a redirect, and a sign-in page instead of an answer", 1)
	if n := len(target.seen()); n > 0 {
		t.Errorf("%d requests went to the target of a redirect", n)
	}
}

// A calendar server that dies, hangs, refuses and forgets while reminders fall due: they
// come from the stored copy, on time.
func TestCalendarGone(t *testing.T) {
	t.Parallel()
	n := size(300, 3000)
	dav := caldavtest.NewFaultServer(caldavtest.Options{})
	dav.AddUser("alice", "open-sesame")
	dav.AddCalendar("alice", caldavtest.Calendar{Path: "chaos", Name: "chaos"})
	address := listen(t, dav)
	w := newWorld(t, options{slow: 10 * time.Millisecond})
	w.write("config.yaml", w.caldavConfig("http://"+address.name))
	w.serve()
	w.sync()
	w.lay(n, 20)
	for subject, due := range w.plan {
		dav.Put("alice", "chaos", subject+".ics", []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Chaos//EN\r\n"+event(subject, due, 30*time.Minute)+"END:VCALENDAR\r\n"))
	}
	w.sync()
	faults := []func(){
		func() { address.close() },
		func() { address.open(t); dav.Behave(caldavtest.Hang()) },
		func() { dav.Behave(caldavtest.Refuse(http.StatusServiceUnavailable, "")) },
		func() { dav.Behave(caldavtest.EmptyListing(true)); dav.Rewind("alice", "chaos", 1) },
		func() { dav.Behave(caldavtest.LoginPage()) },
		func() { dav.Behave(caldavtest.Truncated(true)) },
		func() { dav.Behave(caldavtest.Refuse(http.StatusNotFound, "")) },
	}
	each := time.Until(w.last()) / time.Duration(len(faults))
	for _, fault := range faults {
		fault()
		w.syncBadly()
		w.wait(each)
	}
	if v := w.finish("calendar server dead, hanging, 503, emptied, captive, torn, 404", len(faults)); v.Marked > 0 {
		t.Errorf("%d repeats", v.Marked)
	}
}

// syncBadly asks for a sync whose end nobody waits for.
func (w *world) syncBadly() {
	w.t.Helper()
	if a := w.run("sync"); a.code != 0 {
		w.t.Errorf("sync: %s%s", a.out, a.err)
	}
}

func (w *world) caldavConfig(url string) string {
	return fmt.Sprintf(`time_zone: UTC
locale: en
data: {path: calbell.db, backup: "off"}
server: {listen: "127.0.0.1:0", socket: calbell.sock}
sync: {interval: 10s, timeout: 2s}
delivery: {private_networks: [127.0.0.0/8]}
accounts:
  - {name: home, url: %q, username: alice, password: open-sesame, calendars: [{name: chaos, webhook: chat}]}
webhooks:
  - {name: chat, kind: json, success: ok, url: %q, template: "%%subject%%"}
`, url, w.chat.server.URL+"/")
}

// address is a port that can be closed and opened again.
type address struct {
	name    string
	handler http.Handler
	server  *http.Server
}

// listen serves a handler on a free port until the test ends.
func listen(t testing.TB, h http.Handler) *address {
	t.Helper()
	a := &address{name: "127.0.0.1:0", handler: h}
	a.open(t)
	t.Cleanup(a.close)
	return a
}

func (a *address) open(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", a.name)
	if err != nil {
		t.Fatal(err)
	}
	a.name = l.Addr().String()
	a.server = &http.Server{Handler: a.handler, ReadHeaderTimeout: time.Minute}
	go a.server.Serve(l) // ends with close
}

func (a *address) close() { a.server.Close() }
