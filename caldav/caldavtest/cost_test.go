package caldavtest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// meter counts what goes over the wire, headers included.
type meter struct {
	requests, bytes atomic.Int64
	sent            []*http.Request // one client sends one request at a time
}

type meteredConn struct {
	net.Conn
	m *meter
}

func (c meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.m.bytes.Add(int64(n))
	return n, err
}

func (c meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.m.bytes.Add(int64(n))
	return n, err
}

// roundTripper counts requests on metered connections.
type roundTripper struct {
	*http.Transport
	m *meter
}

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	r.m.requests.Add(1)
	again := req.Clone(context.WithoutCancel(req.Context()))
	again.Body, _ = req.GetBody()
	r.m.sent = append(r.m.sent, again)
	return r.Transport.RoundTrip(req)
}

func (m *meter) transport() http.RoundTripper {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return meteredConn{c, m}, err
	}
	return roundTripper{&http.Transport{DialContext: dial}, m}
}

func (m *meter) take() (requests, bytes int64) { return m.requests.Swap(0), m.bytes.Swap(0) }

// replay sends the requests again and throws the answers away: what the server itself takes.
func (m *meter) replay(t testing.TB) time.Duration {
	t.Helper()
	began := time.Now()
	for _, r := range m.sent {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return time.Since(began)
}

// account is one calendar with n events behind a meter.
type account struct {
	m      meter
	client *caldav.Client
	cal    calbell.Calendar
	stored map[calbell.Href]calbell.ETag
}

func newAccount(t testing.TB, a calbell.Account, url string) *account {
	t.Helper()
	out := &account{cal: calbell.Calendar{ID: "team", URL: url, Name: "Team"}, stored: map[calbell.Href]calbell.ETag{}}
	client, err := caldav.New(a, caldav.Options{Transport: out.m.transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	out.client = client
	return out
}

func (a *account) sync(t testing.TB) (requests, bytes int64, took time.Duration) {
	t.Helper()
	began := time.Now()
	known := func() (map[calbell.Href]calbell.ETag, error) { return a.stored, nil }
	err := a.client.Changes(t.Context(), a.cal, known, func(b caldav.Batch) error {
		for _, o := range b.Objects {
			a.stored[o.Href] = o.ETag
		}
		for _, h := range b.Deleted {
			delete(a.stored, h)
		}
		a.cal = b.Calendar
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	requests, bytes = a.m.take()
	return requests, bytes, time.Since(began)
}

// TestCost: no change costs one request and at most 1 kB, one change of many two requests
// and 4 kB, however many events there are.
func TestCost(t *testing.T) {
	s := start(t, caldavtest.Options{})
	for i := range 3000 {
		s.Put("alice", "team", fmt.Sprintf("event-%d.ics", i), []byte(caldavtest.Event(fmt.Sprintf("%d@example.org", i), "Event", "")))
	}
	a := newAccount(t, calbell.Account{Name: "home", URL: s.URL(), Username: "alice", Password: "open-sesame"}, s.CalendarURL("alice", "team"))
	requests, _, _ := a.sync(t)
	if want := int64(1 + (3000+caldav.DefaultBatch-1)/caldav.DefaultBatch); requests != want || len(a.stored) != 3000 {
		t.Errorf("first: %d requests for %d objects", requests, len(a.stored))
	}
	if requests, bytes, _ := a.sync(t); requests != 1 || bytes > 1000 {
		t.Errorf("no change: %d requests, %d bytes", requests, bytes)
	}
	s.Put("alice", "team", "event-1500.ics", []byte(caldavtest.Event("1500@example.org", "Changed", "")))
	if requests, bytes, _ := a.sync(t); requests != 2 || bytes > 4000 {
		t.Errorf("one change: %d requests, %d bytes", requests, bytes)
	}
}

// BenchmarkFirstSync reads 10,000 events from the server in memory.
func BenchmarkFirstSync(b *testing.B) {
	s := caldavtest.New(caldavtest.Options{})
	s.AddUser("alice", "open-sesame")
	if err := s.Start(""); err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for i := range 10_000 {
		s.Put("alice", "team", fmt.Sprintf("event-%d.ics", i), []byte(caldavtest.Event(fmt.Sprintf("%d@example.org", i), "Event", "")))
	}
	for b.Loop() {
		a := newAccount(b, calbell.Account{Name: "home", URL: s.URL(), Username: "alice", Password: "open-sesame"}, s.CalendarURL("alice", "team"))
		requests, bytes, _ := a.sync(b)
		b.ReportMetric(float64(requests), "requests")
		b.ReportMetric(float64(bytes), "wire-bytes")
	}
}

// BenchmarkRadicale syncs 1,000 events from Radicale, and reports what each kind of sync costs,
// the first one beside a bare client that asks the same questions.
func BenchmarkRadicale(b *testing.B) {
	r := caldavtest.StartRadicale(b)
	url, err := r.AddCalendar(b.Context(), "team", "Team")
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		if err := r.Put(b.Context(), fmt.Sprintf("%sevent-%d.ics", url, i), []byte(caldavtest.Event(fmt.Sprintf("%d@example.org", i), "Event", ""))); err != nil {
			b.Fatal(err)
		}
	}
	for round := 0; b.Loop(); round++ {
		a := newAccount(b, calbell.Account{Name: "home", URL: r.URL, Username: r.User, Password: calbell.Secret(r.Password)}, url)
		report := func(what string) {
			requests, bytes, took := a.sync(b)
			b.ReportMetric(float64(requests), what+"-requests")
			b.ReportMetric(float64(bytes), what+"-bytes")
			b.ReportMetric(float64(took.Milliseconds()), what+"-ms")
		}
		report("first")
		b.ReportMetric(float64(a.m.replay(b).Milliseconds()), "first-bare-ms")
		report("unchanged")
		text := caldavtest.Event("500@example.org", fmt.Sprint("Changed ", round), "")
		if err := r.Put(b.Context(), url+"event-500.ics", []byte(text)); err != nil {
			b.Fatal(err)
		}
		report("changed")
	}
}
