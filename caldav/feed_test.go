package caldav_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
)

// publisher serves one .ics file, as a web server does, and counts.
type publisher struct {
	*testing.T
	*stranger
	text      string
	validates bool // by ETag, and answers 304
	status    int  // instead of the file; 0 = none
	kind      string
	whole     int // answers with the whole text

	client *caldav.Client
	cal    calbell.Calendar
	stored map[calbell.Href]calbell.Object
}

const secretPath = "/calendar/private-" + password + "/basic.ics"

func newPublisher(t *testing.T, lines ...string) *publisher {
	t.Helper()
	p := &publisher{T: t, validates: true, kind: "text/calendar", stored: map[calbell.Href]calbell.Object{}}
	p.write(lines...)
	p.stranger = newStranger(t, false, p.serve)
	p.client = newFeed(t, p.stranger.URL+secretPath, caldav.Options{Batch: 3})
	return p
}

func newFeed(t *testing.T, url string, o caldav.Options) *caldav.Client {
	t.Helper()
	c, err := caldav.New(calbell.Account{Name: "home", URL: url}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func (p *publisher) serve(w http.ResponseWriter, r *http.Request) {
	tag := fmt.Sprintf(`"%d"`, len(p.text))
	switch {
	case p.status != 0:
		w.WriteHeader(p.status)
	case r.Method != http.MethodGet || r.URL.Path != secretPath:
		w.WriteHeader(http.StatusNotFound)
	case p.validates && r.Header.Get("If-None-Match") == tag:
		w.WriteHeader(http.StatusNotModified)
	default:
		if p.validates {
			w.Header().Set("ETag", tag)
		}
		p.whole++
		w.Header().Set("Content-Type", p.kind)
		_, _ = w.Write([]byte(p.text))
	}
}

// write makes the file of events "uid title" and of properties with a colon.
func (p *publisher) write(lines ...string) {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for _, l := range lines {
		uid, title, ok := strings.Cut(l, " ")
		if !ok || strings.Contains(uid, ":") {
			b.WriteString(l + "\r\n")
			continue
		}
		b.WriteString("BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTART:20261123T130000Z\r\nSUMMARY:" + title + "\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	p.text = b.String()
}

func (p *publisher) discover() {
	p.Helper()
	d, err := p.client.Discover(p.Context())
	if err != nil || len(d.Calendars) != 1 {
		p.Fatalf("%+v, %v", d, err)
	}
	p.cal = d.Calendars[0]
}

// sync returns how many objects came, how many went, and the error.
func (p *publisher) sync() (put, gone int, err error) {
	known := func() (map[calbell.Href]calbell.ETag, error) {
		out := map[calbell.Href]calbell.ETag{}
		for h, o := range p.stored {
			out[h] = o.ETag
		}
		return out, nil
	}
	last := false
	err = p.client.Changes(p.Context(), p.cal, known, func(b caldav.Batch) error {
		for _, o := range b.Objects {
			p.stored[o.Href] = o
		}
		for _, h := range b.Deleted {
			delete(p.stored, h)
		}
		put, gone, last, p.cal = put+len(b.Objects), gone+len(b.Deleted), b.Last, b.Calendar
		return nil
	})
	if last != (err == nil) || err != nil && strings.Contains(err.Error()+calbell.HintOf(err).English, password) {
		p.Errorf("last %v, %v", last, err)
	}
	return put, gone, err
}

// expect syncs, and says what must come of it.
func (p *publisher) expect(put, gone, whole int) {
	p.Helper()
	p.whole = 0
	gotPut, gotGone, err := p.sync()
	if err != nil || gotPut != put || gotGone != gone || p.whole != whole {
		p.Errorf("%d came, %d went, %d times the whole file, %v; want %d, %d, %d", gotPut, gotGone, p.whole, err, put, gone, whole)
	}
}

func (p *publisher) titles() string {
	var out []string
	for _, o := range p.stored {
		out = append(out, title(string(o.Raw)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestSubscription(t *testing.T) {
	p := newPublisher(t, `X-WR-CALNAME:Team\, all`, "X-WR-TIMEZONE:Europe/Zurich", "X-APPLE-CALENDAR-COLOR:#1E88E5", "a A", "b B", "c C", "d D")
	p.discover()
	c := p.cal
	if c.Name != "Team, all" || c.TimeZone != "Europe/Zurich" || c.Color != "#1e88e5" || !c.ReadOnly || c.Level != calbell.LevelFile || c.ID == "" || strings.Contains(c.URL, password) {
		t.Errorf("%+v", c)
	}
	p.expect(4, 0, 1)
	for _, o := range p.stored {
		if !strings.HasPrefix(string(o.Raw), "BEGIN:VCALENDAR\r\n") || !strings.Contains(string(o.Raw), "X-WR-TIMEZONE:Europe/Zurich") || o.ETag == "" || o.Calendar != c.ID {
			t.Errorf("%+v: %s", o, o.Raw)
		}
	}
	p.expect(0, 0, 0) // 304
	p.write("X-WR-TIMEZONE:Europe/Zurich", "a A", "b Changed", "d D", "e E")
	p.expect(2, 1, 1)
	if got := p.titles(); got != "A Changed D E" {
		t.Errorf("stored %s", got)
	}
	p.validates = false
	p.expect(0, 0, 1) // the same text
	p.write("X-WR-TIMEZONE:Europe/Zurich", "e E", "d D", "b Changed", "a A")
	p.expect(0, 0, 1) // in another order
	p.cal.ReconciledAt = time.Time{}
	p.validates = true
	p.expect(0, 0, 1) // the daily comparison reads it whole
	for h := range p.stored {
		delete(p.stored, h)
		break
	}
	p.cal.ReconciledAt = time.Time{}
	p.expect(1, 0, 1)
	p.write("X-WR-TIMEZONE:Europe/Zurich")
	p.expect(0, 4, 1) // the few there are may go at once
}

// TestSubscriptionAsPage: scripts often leave the type of their answers at that of pages.
func TestSubscriptionAsPage(t *testing.T) {
	p := newPublisher(t, "a A", "b B")
	p.kind = "text/html; charset=UTF-8"
	p.text = "\xef\xbb\xbf\r\n" + p.text
	p.discover()
	p.expect(2, 0, 1)
}

// TestSubscriptionInterval: the publisher says how often he wants to be asked; who cannot
// wait clears the time.
func TestSubscriptionInterval(t *testing.T) {
	for _, tt := range []struct {
		line string
		want time.Duration
	}{
		{"REFRESH-INTERVAL;VALUE=DURATION:PT12H", 12 * time.Hour},
		{"X-PUBLISHED-TTL:PT1H", time.Hour},
		{"X-PUBLISHED-TTL:P1W", 24 * time.Hour},
		{"X-PUBLISHED-TTL:soon", 0},
		{"X-OTHER:PT1H", 0},
	} {
		p := newPublisher(t, tt.line, "a A")
		p.discover()
		p.expect(1, 0, 1)
		if got := time.Until(p.cal.RefreshAt); tt.want == 0 && !p.cal.RefreshAt.IsZero() || tt.want > 0 && (got > tt.want || got < tt.want-time.Minute) {
			t.Errorf("%s: %v", tt.line, got)
		}
		p.write(tt.line, "a Changed")
		before := p.requests.Load()
		if _, _, err := p.sync(); err != nil || (p.requests.Load() == before) != (tt.want > 0) {
			t.Errorf("%s: %d requests, %v", tt.line, p.requests.Load()-before, err)
		}
		p.cal.RefreshAt = time.Time{}
		if _, _, err := p.sync(); err != nil || p.titles() != "Changed" {
			t.Errorf("%s: %s, %v", tt.line, p.titles(), err)
		}
		p.cal.RefreshAt = time.Time{}
		if p.expect(0, 0, 0); tt.want > 0 && p.cal.RefreshAt.IsZero() {
			t.Errorf("%s: a 304 forgot the interval", tt.line)
		}
		p.cal.RefreshAt = time.Now().Add(1000 * time.Hour) // a clock was wrong once
		before = p.requests.Load()
		if _, _, err := p.sync(); err != nil || p.requests.Load() == before {
			t.Errorf("%s: it waits for ever, %v", tt.line, err)
		}
	}
}

// TestSubscriptionFails: no failure takes anything away, and each is an error.
func TestSubscriptionFails(t *testing.T) {
	events := make([]string, 20)
	for i := range events {
		events[i] = fmt.Sprintf("u%d Event", i)
	}
	tests := []struct {
		name string
		fail func(p *publisher)
		kind calbell.ErrorKind
	}{
		{"401", func(p *publisher) { p.status = 401 }, calbell.KindRefused},
		{"404", func(p *publisher) { p.status = 404 }, calbell.KindFailed},
		{"503", func(p *publisher) { p.status = 503 }, calbell.KindFailed},
		{"204", func(p *publisher) { p.status = 204 }, calbell.KindFailed},
		{"a page", func(p *publisher) { p.kind, p.text = "text/html", "<html></html>" }, calbell.KindFailed},
		{"a page in disguise", func(p *publisher) { p.text = "<html></html>" }, calbell.KindFailed},
		{"empty", func(p *publisher) { p.text = "" }, calbell.KindFailed},
		{"cut short", func(p *publisher) { p.text = p.text[:len(p.text)/2] }, calbell.KindFailed},
		{"cut between two events", func(p *publisher) { p.text = p.text[:strings.LastIndex(p.text, "BEGIN:VEVENT")] }, calbell.KindFailed},
		{"emptied", func(p *publisher) { p.write() }, calbell.KindFailed},
		{"half of it", func(p *publisher) { p.write(events[:8]...) }, calbell.KindFailed},
		{"redirect in a circle", func(p *publisher) { p.status = 302 }, calbell.KindFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPublisher(t, events...)
			p.discover()
			p.expect(20, 0, 1)
			tt.fail(p)
			if _, gone, err := p.sync(); calbell.KindOf(err) != tt.kind || gone != 0 || len(p.stored) != 20 {
				t.Errorf("kind %d: %v, %d left", calbell.KindOf(err), err, len(p.stored))
			}
			p.status, p.kind = 0, "text/calendar"
			p.write(append(events[1:], "new New")...)
			p.expect(1, 1, 1)
		})
	}
}

// TestSubscriptionBrake: the brake is the same, and lets go in the same way.
func TestSubscriptionBrake(t *testing.T) {
	events := make([]string, 20)
	for i := range events {
		events[i] = fmt.Sprintf("u%d Event", i)
	}
	p := newPublisher(t, events...)
	p.discover()
	p.expect(20, 0, 1)
	p.write(events[:5]...)
	for range 3 {
		if _, gone, err := p.sync(); err == nil || gone != 0 {
			t.Errorf("%d gone, %v", gone, err)
		}
	}
	p.cal.Brake.Since = p.cal.Brake.Since.Add(-16 * time.Minute)
	p.expect(0, 15, 1)
	if p.cal.Brake != (calbell.Brake{}) {
		t.Errorf("%+v", p.cal.Brake)
	}
	p.expect(0, 0, 0)
}

// TestSubscriptionFile: a file of this machine, if it is not a user of the page who asks.
func TestSubscriptionFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my team.ics")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := newPublisher(t, "a A", "b B")
	write(p.text)
	url := "file://" + strings.ReplaceAll(path, " ", "%20")
	p.client = newFeed(t, url, caldav.Options{})
	p.discover()
	if p.cal.Name != "my team" {
		t.Errorf("%+v", p.cal)
	}
	p.expect(2, 0, 0)
	p.expect(0, 0, 0)
	p.write("a A", "b Changed", "c C")
	write(p.text)
	p.expect(2, 0, 0)
	write(p.text[:40])
	if _, gone, err := p.sync(); err == nil || gone != 0 || len(p.stored) != 3 {
		t.Errorf("%d gone, %v", gone, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, gone, err := p.sync(); err == nil || gone != 0 || strings.Count(err.Error(), "my team") > 1 {
		t.Errorf("%d gone, %v", gone, err)
	}
	guard := func(netip.AddrPort, bool) error { return nil }
	for _, a := range []calbell.Account{{URL: url}, {URL: "example.org", CAFile: path}, {URL: "example.org", ClientCertificate: path}} {
		if _, err := caldav.New(a, caldav.Options{Guard: guard}); calbell.KindOf(err) != calbell.KindConfig || strings.Contains(err.Error(), path) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	for _, bad := range []string{"/dev/zero", t.TempDir()} {
		c := newFeed(t, "file://"+bad, caldav.Options{})
		if _, err := c.Discover(t.Context()); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// TestSubscriptionInDisguise: a link that does not end in .ics is tried as one when it is
// nothing else, and its secret is shown to nobody.
func TestSubscriptionInDisguise(t *testing.T) {
	s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && r.URL.Path == "/export/"+"team":
			w.Header().Set("Content-Type", "text/calendar")
			_, _ = w.Write([]byte("BEGIN:VCALENDAR\r\nX-WR-CALNAME:Export\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
		case r.Method == http.MethodGet:
			_, _ = w.Write([]byte("<html></html>"))
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
	p := &publisher{T: t, stored: map[calbell.Href]calbell.Object{}, client: newFeed(t, s.URL+"/export/team?key="+password, caldav.Options{})}
	p.discover()
	if p.cal.Name != "Export" || p.cal.Level != calbell.LevelFile || strings.Contains(fmt.Sprintf("%+v", p.cal), password) {
		t.Errorf("%+v", p.cal)
	}
	p.expect(1, 0, 0)
	if _, err := newFeed(t, s.URL+"/page", caldav.Options{}).Discover(t.Context()); err == nil {
		t.Error("a page is a calendar")
	}
}

// TestSubscriptionHeadOnly: to learn a large file's name it is not read to its end.
func TestSubscriptionHeadOnly(t *testing.T) {
	sent := 0
	s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("BEGIN:VCALENDAR\r\nX-WR-CALNAME:Large\r\n"))
		line := []byte(strings.Repeat("X-A:"+strings.Repeat("x", 60)+"\r\n", 1000))
		for range 1500 { // 100 MB
			n, err := w.Write(line)
			if sent += n; err != nil {
				return
			}
		}
	})
	c := newFeed(t, s.URL+"/large.ics", caldav.Options{})
	d, err := c.Discover(t.Context())
	if err != nil || len(d.Calendars) != 1 || d.Calendars[0].Name != "Large" {
		t.Errorf("%+v, %v", d, err)
	}
	s.CloseClientConnections()
	s.Close()
	if sent > 32<<20 {
		t.Errorf("%d bytes were sent", sent)
	}
}

// TestSubscriptionOfAnother: a stored calendar of another address is not filled with the
// events of this one, nor is this one's password sent to a server that it does not name.
func TestSubscriptionOfAnother(t *testing.T) {
	p := newPublisher(t, "a A")
	p.discover()
	p.expect(1, 0, 1)
	other := newPublisher(t, "b B")
	p.client = other.client
	if _, _, err := p.sync(); calbell.KindOf(err) != calbell.KindNotFound || other.requests.Load() != 0 || p.titles() != "A" {
		t.Errorf("%v, %d requests", err, other.requests.Load())
	}
}
