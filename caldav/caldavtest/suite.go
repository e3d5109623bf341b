package caldavtest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/caldav"
)

// RunT is a test that can have sub-tests: *testing.T.
type RunT[T TB] interface {
	TB
	Run(name string, f func(T)) bool
}

// testCase is one test of the suite.
type testCase struct {
	name string
	test func(*suite)
}

// many is how many events the suite puts.
const many = 500

// Run has a client pass the same tests on a server. start is called for each of them. Those that
// the server is stated to lack an ability for ([Site.Lacks]) are skipped with the reason.
func Run[T RunT[T]](t T, start func(T) Site) {
	cases := []testCase{
		{"discovery", (*suite).discovery},
		{"wrong password", (*suite).wrongPassword},
		{"many events", (*suite).manyEvents},
		{"change, delete, move", (*suite).edits},
		{"override", (*suite).override},
		{"last one deleted", (*suite).lastDeleted},
		{"odd names", (*suite).oddNames},
		{"bad among good", (*suite).badAmongGood},
		{"restart", (*suite).restart},
		{"wrong token", (*suite).wrongToken},
		{"every level", (*suite).levels},
		{"restored", (*suite).restored},
		{"written", (*suite).written},
		{"moved", (*suite).moved},
		{"renamed", (*suite).renamed},
		{"removed", (*suite).removed},
		{"shared", (*suite).shared},
	}
	for _, c := range cases {
		t.Run(c.name, func(t T) {
			t.Helper()
			s := newSuite(t, start(t))
			for name := range s.site.Lacks {
				if !slices.ContainsFunc(cases, func(c testCase) bool { return c.name == name }) {
					t.Fatalf("the suite has no test %q for the site to lack", name)
				}
			}
			if why := s.site.Lacks[c.name]; why != "" {
				t.Skip(why)
			}
			c.test(s)
		})
	}
}

// suite is one test of the suite: a site, a client, and what the client has stored.
type suite struct {
	TB
	site   Site
	client *caldav.Client
	cal    calbell.Calendar
	stored map[calbell.Href]calbell.Object
	asked  int // how often the client asked for the stored ETags
}

func newSuite(t TB, site Site) *suite {
	t.Helper()
	client, err := caldav.New(site.Account, caldav.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	s := &suite{TB: t, site: site, client: client, stored: map[calbell.Href]calbell.Object{}}
	s.cal = calbell.Calendar{
		ID: calbell.NewCalendarID(site.Account.Name, site.Calendar), Account: site.Account.Name, URL: site.Calendar, Name: site.Name,
	}
	return s
}

// outcome is what one sync handed over.
type outcome struct {
	put, deleted []calbell.Href
	problems     int
}

// sync runs the client and stores what it hands over, as a program does.
func (s *suite) sync() outcome {
	s.Helper()
	var out outcome
	if s.site.Seconds {
		next, cancel := context.WithDeadline(s.Context(), time.Now().Truncate(time.Second).Add(time.Second))
		<-next.Done()
		cancel()
	}
	last := false
	err := s.client.Changes(s.Context(), s.cal, s.etags, func(b caldav.Batch) error {
		if last {
			s.Errorf("a batch after the last")
		}
		last = b.Last
		s.store(b, &out)
		return nil
	})
	if err != nil {
		s.Fatalf("sync: %v (%s)", err, calbell.HintOf(err))
	}
	if !last {
		s.Fatalf("sync ended without a last batch")
	}
	return out
}

// gets wants a sync to have handed over so much.
func (s *suite) gets(out outcome, put, deleted int) {
	s.Helper()
	if len(out.deleted) != deleted || len(out.put) < put || len(out.put) > put && !s.site.Repeats {
		s.Errorf("put %v, deleted %v; want %d and %d", out.put, out.deleted, put, deleted)
	}
}

func (s *suite) etags() (map[calbell.Href]calbell.ETag, error) {
	s.asked++
	out := map[calbell.Href]calbell.ETag{}
	for h, o := range s.stored {
		out[h] = o.ETag
	}
	return out, nil
}

func (s *suite) store(b caldav.Batch, out *outcome) {
	s.Helper()
	for _, o := range b.Objects {
		if !o.Problem.IsZero() {
			out.problems++
		}
		if o.Calendar != s.cal.ID || o.Href == "" {
			s.Errorf("object %q of calendar %q", o.Href, o.Calendar)
		}
		s.stored[o.Href] = o
		out.put = append(out.put, o.Href)
	}
	for _, h := range b.Deleted {
		delete(s.stored, h)
		out.deleted = append(out.deleted, h)
	}
	s.cal = b.Calendar
	if b.Done > b.Total {
		s.Errorf("%d done of %d", b.Done, b.Total)
	}
}

// expect compares what is stored with texts by name: each must hold its marker.
func (s *suite) expect(want map[string]string) {
	s.Helper()
	got := map[string]string{}
	for h, o := range s.stored {
		name := string(h[strings.LastIndexByte(string(h), '/')+1:])
		got[name] = string(o.Raw)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !strings.Contains(got[name], want[name]) {
			s.Errorf("%s: no %q in %q", name, want[name], got[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			s.Errorf("%s should not be stored", name)
		}
	}
}

func (s *suite) do(method, url, contentType, body string) {
	s.Helper()
	a := s.site.Account
	if err := do(s.Context(), credentials{a.Username, a.Password.Reveal()}, method, url, contentType, body); err != nil {
		s.Fatal(err)
	}
}

func (s *suite) put(name, text string) {
	s.Helper()
	s.do(http.MethodPut, s.site.Calendar+name, "text/calendar; charset=utf-8", text)
}

func (s *suite) remove(name string) {
	s.Helper()
	s.do(http.MethodDelete, s.site.Calendar+name, "", "")
}

// Event returns the text of an event with an alarm; body is added to it, lines with CRLF.
func Event(uid, summary, body string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Calbell//Test//EN\r\n" + vevent(uid, summary, body) + "END:VCALENDAR\r\n"
}

func vevent(uid, summary, body string) string {
	return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261123T130000Z\r\nDTEND:20261123T133000Z\r\n" +
		"SUMMARY:" + summary + "\r\n" + body +
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:" + summary + "\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n"
}

// manyEvents syncs many, then sees that nothing more is transferred.
func (s *suite) manyEvents() {
	want := map[string]string{}
	for i := range many {
		name := fmt.Sprintf("event-%03d.ics", i)
		want[name] = fmt.Sprintf("SUMMARY:Number %d\n", i)
		s.put(name, Event(fmt.Sprintf("many-%d@example.org", i), fmt.Sprintf("Number %d", i), ""))
	}
	first := s.sync()
	for h, o := range s.stored { // servers may end lines in either way
		o.Raw = []byte(strings.ReplaceAll(string(o.Raw), "\r\n", "\n"))
		s.stored[h] = o
	}
	s.expect(want)
	if len(first.put) != many || first.problems != 0 {
		s.Errorf("%d objects, %d problems", len(first.put), first.problems)
	}
	if s.cal.Level != s.site.Level {
		s.Errorf("level %d, want %d", s.cal.Level, s.site.Level)
	}
	s.quiet()
}

// quiet: a sync without changes hands over nothing, and needs no comparison.
func (s *suite) quiet() {
	s.Helper()
	s.asked = 0
	if again := s.sync(); len(again.put)+len(again.deleted) != 0 {
		s.Errorf("no change, and yet %+v", again)
	}
	if s.asked != 0 && s.cal.Level != calbell.LevelList {
		s.Errorf("no change, and yet a comparison")
	}
}

func (s *suite) edits() {
	for _, name := range []string{"keep", "change", "delete", "move"} {
		s.put(name+".ics", Event(name+"@example.org", "Old "+name, ""))
	}
	s.sync()
	s.put("change.ics", Event("change@example.org", "New title", "SEQUENCE:1\r\n"))
	s.remove("delete.ics")
	s.remove("move.ics")
	s.do(http.MethodPut, s.site.Other+"move.ics", "text/calendar; charset=utf-8", Event("move@example.org", "Moved", ""))
	s.put("new.ics", Event("new@example.org", "Brand new", ""))
	s.gets(s.sync(), 2, 2)
	s.expect(map[string]string{"keep.ics": "Old keep", "change.ics": "New title", "new.ics": "Brand new"})
	s.quiet()
}

func (s *suite) override() {
	s.put("series.ics", Event("series@example.org", "Stand-up", "RRULE:FREQ=DAILY;COUNT=10\r\n"))
	s.sync()
	moved := "RECURRENCE-ID:20261124T130000Z\r\n"
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Calbell//Test//EN\r\n" +
		vevent("series@example.org", "Stand-up", "RRULE:FREQ=DAILY;COUNT=10\r\n") +
		strings.Replace(vevent("series@example.org", "Moved stand-up", moved), "20261123T130000Z", "20261124T120000Z", 1) + "END:VCALENDAR\r\n"
	s.put("series.ics", strings.Replace(text, "20261123T133000Z\r\nSUMMARY:Moved", "20261124T123000Z\r\nSUMMARY:Moved", 1))
	s.gets(s.sync(), 1, 0)
	s.expect(map[string]string{"series.ics": "Moved stand-up"})
}

func (s *suite) lastDeleted() {
	s.put("only.ics", Event("only@example.org", "Only one", ""))
	s.sync()
	s.remove("only.ics")
	s.sync()
	s.expect(map[string]string{})
	s.put("only.ics", Event("only@example.org", "Back again", ""))
	s.sync()
	s.expect(map[string]string{"only.ics": "Back again"})
}

// oddNames: hrefs are keys as the server writes them, and lead back to the object.
func (s *suite) oddNames() {
	names := []string{"with%20space.ics", "at%40example.org.ics", "plus+and=.ics", "%C3%A9t%C3%A9.ics", "percent%25.ics", "semi;colon,comma.ics"}
	for i, name := range names {
		s.put(name, Event(fmt.Sprintf("odd-%d@example.org", i), fmt.Sprintf("Odd %d", i), ""))
	}
	s.sync()
	if len(s.stored) != len(names) {
		s.Errorf("%d of %d: %v", len(s.stored), len(names), slices.Sorted(maps.Keys(s.stored)))
	}
	for _, o := range s.stored {
		if len(o.Raw) == 0 || o.ETag == "" {
			s.Errorf("%s: ETag %q, %d bytes", o.Href, o.ETag, len(o.Raw))
		}
	}
	s.remove(names[0])
	if out := s.sync(); len(out.deleted) != 1 || len(s.stored) != len(names)-1 {
		s.Errorf("deleted %v, %d left", out.deleted, len(s.stored))
	}
}

// badAmongGood: what cannot be read is handed over like the others, and costs them nothing.
func (s *suite) badAmongGood() {
	s.put("good-1.ics", Event("good-1@example.org", "Good 1", ""))
	s.put("good-2.ics", Event("good-2@example.org", "Good 2", ""))
	want := map[string]string{"good-1.ics": "Good 1", "good-2.ics": "Good 2"}
	if s.site.Broken != nil {
		s.site.Broken("bad.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=x\r\nthis is no line\r\n")
		want["bad.ics"] = "this is no line"
	} else {
		s.put("bad.ics", Event("bad@example.org", "Bad", "X-ODD;A=1:\\:;,\r\n"))
		want["bad.ics"] = "SUMMARY:Bad" // some servers mend what they take
	}
	s.sync()
	s.expect(want)
	s.quiet()
}

// restart: a new client goes on from a stored token.
func (s *suite) restart() {
	s.put("a.ics", Event("a@example.org", "A", ""))
	s.sync()
	client, err := caldav.New(s.site.Account, caldav.Options{})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(client.CloseIdle)
	s.client = client
	s.put("b.ics", Event("b@example.org", "B", ""))
	s.gets(s.sync(), 1, 0)
	s.expect(map[string]string{"a.ics": "SUMMARY:A", "b.ics": "SUMMARY:B"})
}

// wrongToken: a token that the server does not know means a comparison, and nothing more.
func (s *suite) wrongToken() {
	for i := range 5 {
		s.put(fmt.Sprintf("%d.ics", i), Event(fmt.Sprintf("%d@example.org", i), fmt.Sprintf("Event %d", i), ""))
	}
	s.sync()
	s.put("0.ics", Event("0@example.org", "Changed", ""))
	s.remove("4.ics")
	if s.cal.Level == calbell.LevelToken {
		s.cal.SyncToken = "http://example.org/never/given/out"
	} else {
		s.cal.CTag = "ctag never given out"
	}
	s.gets(s.sync(), 1, 1)
	s.expect(map[string]string{"0.ics": "Changed", "1.ics": "Event 1", "2.ics": "Event 2", "3.ics": "Event 3"})
	s.quiet()
}

// levels: each lower level finds the same. The UIDs are of this test alone: some servers take
// one once for all calendars of a user.
func (s *suite) levels() {
	s.put("a.ics", Event("level-a@example.org", "A", ""))
	s.put("b.ics", Event("level-b@example.org", "B", ""))
	s.sync()
	for level := s.cal.Level; level <= calbell.LevelList; level++ {
		s.cal.Level, s.cal.SyncToken, s.cal.CTag = level, "", ""
		s.sync()
		title := fmt.Sprintf("Level %d", level)
		s.put("a.ics", Event("level-a@example.org", title, ""))
		s.put("c.ics", Event("level-c@example.org", title, ""))
		s.gets(s.sync(), 2, 0)
		s.expect(map[string]string{"a.ics": title, "b.ics": "SUMMARY:B", "c.ics": title})
		s.remove("c.ics")
		s.gets(s.sync(), 0, 1)
	}
}

// restored: the server goes back to a backup, so that the stored token lies in its future.
// Whatever it makes of that, the daily comparison finds the truth: also when as much changed since
// as was lost, so that a server that counts has come to the same token again.
func (s *suite) restored() {
	s.put("kept.ics", Event("restored-kept@example.org", "Kept", ""))
	s.put("old.ics", Event("restored-old@example.org", "Old", ""))
	s.sync()
	s.site.Keep()
	s.put("old.ics", Event("restored-old@example.org", "Changed", ""))
	s.put("lost.ics", Event("restored-lost@example.org", "Lost", ""))
	s.sync()
	s.expect(map[string]string{"kept.ics": "Kept", "old.ics": "Changed", "lost.ics": "Lost"})
	s.site.Restore()
	s.put("later.ics", Event("restored-later@example.org", "Later", ""))
	s.put("last.ics", Event("restored-last@example.org", "Last", ""))
	s.sync()
	s.cal.ReconciledAt = s.cal.ReconciledAt.Add(-25 * time.Hour)
	s.sync()
	s.expect(map[string]string{"kept.ics": "Kept", "old.ics": "SUMMARY:Old", "later.ics": "Later", "last.ics": "Last"})
	s.quiet()
}
