package caldavtest_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
)

// proxy stands before a server and counts requests, and the bytes of both directions,
// headers included.
type proxy struct {
	net.Listener
	bytes, requests atomic.Int64
}

func (p *proxy) reset() { p.bytes.Store(0); p.requests.Store(0) }

func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c, to)
		}
	}()
	return p
}

func (p *proxy) serve(c net.Conn, to string) {
	defer c.Close()
	s, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer s.Close()
	go func() { _, _ = io.Copy(s, &asking{counting{c, p}, nil}); _ = s.(*net.TCPConn).CloseWrite() }()
	_, _ = io.Copy(c, counting{s, p})
}

type counting struct {
	io.Reader
	p *proxy
}

func (c counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.p.bytes.Add(int64(n))
	return n, err
}

// asking counts the request lines that pass. One may come in two reads: the end of each is
// looked at again with the next.
type asking struct {
	counting
	tail []byte
}

func (a *asking) Read(b []byte) (int, error) {
	n, err := a.counting.Read(b)
	const mark = " HTTP/1.1\r\n"
	seen := append(a.tail, b[:n]...)
	a.p.requests.Add(int64(bytes.Count(seen, []byte(mark))))
	a.tail = bytes.Clone(seen[max(0, len(seen)-len(mark)+1):])
	return n, err
}

// tenThousand starts Radicale with 10,000 events in alice's calendar "team" behind a proxy.
// They go in as one collection: one by one would take minutes.
func tenThousand(b *testing.B) (r *caldavtest.Real, p *proxy, through string) {
	b.Helper()
	r = caldavtest.StartRadicale(b)
	p = newProxy(b, strings.Trim(strings.TrimPrefix(r.URL, "http://"), "/"))
	var all strings.Builder
	all.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Calbell//Test//EN\r\n")
	for i := range 10_000 {
		text := caldavtest.Event(fmt.Sprintf("%d@example.org", i), fmt.Sprint("Event ", i), "")
		from, to := strings.Index(text, "BEGIN:VEVENT"), strings.Index(text, "END:VCALENDAR")
		all.WriteString(text[from:to])
	}
	all.WriteString("END:VCALENDAR\r\n")
	if err := r.Put(b.Context(), r.URL+"alice/team/", []byte(all.String())); err != nil {
		b.Fatal(err)
	}
	return r, p, "http://" + p.Addr().String() + "/"
}

// aliceOf is her account behind a proxy.
func aliceOf(r *caldavtest.Real, through string) calbell.Account {
	return calbell.Account{Name: "home", URL: through, Username: r.User, Password: calbell.Secret(r.Password)}
}

// BenchmarkRadicale10000 is the table of P5: what each kind of sync of 10,000 events costs, by
// a counting proxy, and first/bare, the time of a first sync in that of a bare client which
// asks the same questions and throws the answers away, round about.
func BenchmarkRadicale10000(b *testing.B) {
	r, p, through := tenThousand(b)
	report := func(a *account, what string) time.Duration {
		p.bytes.Store(0)
		requests, _, took := a.sync(b)
		b.ReportMetric(float64(requests), what+"-requests")
		b.ReportMetric(float64(p.bytes.Load()), what+"-bytes")
		b.ReportMetric(float64(took.Milliseconds()), what+"-ms")
		return took
	}
	fresh := func() *account {
		return newAccount(b, aliceOf(r, through), through+"alice/team/")
	}
	fresh().sync(b) // Radicale reads every event once, and then keeps what it learnt
	var own, bare time.Duration
	for round := 0; b.Loop(); round++ {
		a := fresh()
		own += report(a, "first")
		if len(a.stored) != 10_000 {
			b.Fatalf("%d stored", len(a.stored))
		}
		bare += a.m.replay(b)
		b.ReportMetric(own.Seconds()/bare.Seconds(), "first/bare")
		report(a, "unchanged")
		a.changeOne(b, r, round)
		report(a, "changed")
	}
}
