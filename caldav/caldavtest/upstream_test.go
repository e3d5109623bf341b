package caldavtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-webdav"
	dav "github.com/emersion/go-webdav/caldav"

	"calbell/caldav/caldavtest"
)

// The tests of this file hold the rows of docs/decisions/0001-go-webdav.md: what go-webdav's client
// does today, and why it does not sync. One that fails after an update means that its row is mended.

// mended fails with the row that is to be looked at again.
func mended(t *testing.T, row, got string) {
	t.Helper()
	t.Errorf("go-webdav has changed: look at the row %q of docs/decisions/0001-go-webdav.md again. Now: %s", row, got)
}

// speaks returns go-webdav's client of a server that answers with answer, and what the client sent.
func speaks(t *testing.T, answer http.HandlerFunc) (c *dav.Client, sent func() string) {
	t.Helper()
	var log strings.Builder
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(&log, "%s %s\n%s\n", r.Method, r.URL.EscapedPath(), body)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	c, err := dav.NewClient(s.Client(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c, log.String
}

// multistatus answers with these responses.
func multistatus(responses ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprintf(w, `<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">%s</multistatus>`, strings.Join(responses, ""))
	}
}

// member is a response with an object.
func member(href, etag, text string) string {
	return fmt.Sprintf(`<response><href>%s</href><propstat><prop><getetag>%s</getetag><c:calendar-data>%s</c:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>`, href, etag, text)
}

const (
	readable   = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261123T130000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	unreadable = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:b\r\nthis is no line\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	gone       = `<response><href>/gone.ics</href><status>HTTP/1.1 404 Not Found</status></response>`
)

// paths lists where objects are.
func paths(list []dav.CalendarObject) (all []string) {
	for _, o := range list {
		all = append(all, o.Path)
	}
	return all
}

// Each row of the decision's table is held by a test here, and each test names a row of it.
func TestUpstreamRowsAreHeld(t *testing.T) {
	text, err := os.ReadFile("../../docs/decisions/0001-go-webdav.md")
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("upstream_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| tried | result |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]bool{}
	for line := range strings.Lines(table) {
		row, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		rows[row] = true
		if !strings.Contains(string(own), `mended(t, "`+row+`", `) {
			t.Errorf("no test holds the row %q", row)
		}
	}
	for _, m := range regexp.MustCompile(`mended\(t, "([^"+]+)", `).FindAllStringSubmatch(string(own), -1) {
		if !rows[m[1]] {
			t.Errorf("the decision has no row %q", m[1])
		}
	}
	if len(rows) < 5 {
		t.Errorf("the decision has %d rows", len(rows))
	}
}

// What upstream has mended stays mended: a multiget with one href that is gone has the others.
func TestUpstreamMultigetWithOneGone(t *testing.T) {
	c, _ := speaks(t, multistatus(member("/a.ics", `"1"`, readable), gone))
	list, err := c.MultiGetCalendar(t.Context(), "/", &dav.CalendarMultiGet{Paths: []string{"/a.ics", "/gone.ics"}})
	if len(list) != 1 || err == nil {
		t.Errorf("go-webdav has broken again what docs/decisions/0001-go-webdav.md calls mended: %v, %v", paths(list), err)
	}
}

// One object that cannot be read costs all others, in each kind of answer.
func TestUpstreamOneUnreadableObject(t *testing.T) {
	c, _ := speaks(t, multistatus(member("/a.ics", `"1"`, readable), member("/b.ics", `"2"`, unreadable)))
	query, queryErr := c.QueryCalendar(t.Context(), "/", &dav.CalendarQuery{})
	if queryErr == nil || len(query) > 0 {
		mended(t, "a query over a calendar with one unreadable object", fmt.Sprint(paths(query), queryErr))
	}
	get, getErr := c.MultiGetCalendar(t.Context(), "/", &dav.CalendarMultiGet{})
	if getErr == nil || len(get) > 0 {
		mended(t, "a multiget with one unreadable object", fmt.Sprint(paths(get), getErr))
	}
	sync, syncErr := c.SyncCollection(t.Context(), "/", &dav.SyncQuery{})
	if syncErr == nil || sync != nil {
		mended(t, "sync-collection with one unreadable object", fmt.Sprint(sync, syncErr))
	}
}

// A weak ETag costs the whole list.
func TestUpstreamWeakETag(t *testing.T) {
	c, _ := speaks(t, multistatus(member("/a.ics", `"1"`, readable), member("/b.ics", `W/"2"`, readable)))
	if list, err := c.QueryCalendar(t.Context(), "/", &dav.CalendarQuery{}); err == nil || len(list) > 0 {
		mended(t, "one weak ETag", fmt.Sprint(paths(list), err))
	}
}

// A redirect turns PROPFIND into GET, so that /.well-known/caldav leads nowhere.
func TestUpstreamWellKnown(t *testing.T) {
	c, sent := speaks(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			http.Redirect(w, r, "/dav/", http.StatusMovedPermanently)
			return
		}
		multistatus(`<response><href>/dav/</href><propstat><prop><c:calendar-home-set><href>/home/</href></c:calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)(w, r)
	})
	home, err := c.FindCalendarHomeSet(t.Context(), "/.well-known/caldav")
	if !strings.Contains(sent(), "GET /dav/") {
		mended(t, "`/.well-known/caldav`", fmt.Sprintf("%q, %v, after\n%s", home, err, sent()))
	}
}

// The href that the server wrote is lost: %2F becomes a slash, and a host is dropped.
func TestUpstreamHrefs(t *testing.T) {
	c, _ := speaks(t, multistatus(member("/cal/a%2Fb.ics", `"1"`, readable), member("https://p42.example.org/cal/c.ics", `"2"`, readable)))
	list, err := c.QueryCalendar(t.Context(), "/cal/", &dav.CalendarQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(list); !slices.Equal(got, []string{"/cal/a/b.ics", "/cal/c.ics"}) {
		mended(t, "hrefs with `%2F`, hosts in hrefs", fmt.Sprint(got))
	}
}

// What an error says can only be read from its words: the types are internal, and Retry-After is not in it.
func TestUpstreamRefusals(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
		c, _ := speaks(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "4711")
			w.WriteHeader(status)
		})
		_, err := c.FindCalendars(t.Context(), "/")
		if err == nil {
			t.Fatalf("%d is no error", status)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			kind := reflect.TypeOf(e)
			for kind.Kind() == reflect.Pointer {
				kind = kind.Elem()
			}
			if path := kind.PkgPath(); strings.HasPrefix(path, "github.com/emersion/") && !strings.Contains(path, "/internal") {
				mended(t, "401, 429, Retry-After", fmt.Sprintf("an error of type %v", kind))
			}
		}
		if strings.Contains(fmt.Sprintf("%+v", err), "4711") {
			mended(t, "401, 429, Retry-After", err.Error())
		}
	}
}

// What a calendar is known by leaves out what tells that it changed, and what people see of it.
func TestUpstreamCalendarProperties(t *testing.T) {
	var fields []string
	for f := range reflect.TypeFor[dav.Calendar]().Fields() {
		fields = append(fields, f.Name)
	}
	if !slices.Equal(fields, []string{"Path", "Name", "Description", "MaxResourceSize", "SupportedComponentSet", "ReadOnly"}) {
		mended(t, "ctag, sync-token, colour, zone, addresses", fmt.Sprint("a calendar has ", fields))
	}
	c, sent := speaks(t, multistatus(`<response><href>/cal/</href><propstat><prop><resourcetype><collection/><c:calendar/></resourcetype>`+
		`<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`))
	list, err := c.FindCalendars(t.Context(), "/")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if list[0].ReadOnly || strings.Contains(sent(), "privilege") {
		mended(t, "who may write", fmt.Sprintf("%+v", list[0]))
	}
}

// A query without an end asks for what ends in the year 1, and a local time is sent as if it were UTC.
func TestUpstreamTimeRange(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	c, sent := speaks(t, multistatus())
	filter := dav.CompFilter{Name: "VCALENDAR", Comps: []dav.CompFilter{{Name: "VEVENT", Start: time.Date(2026, 11, 23, 9, 0, 0, 0, zurich)}}}
	if _, err := c.QueryCalendar(t.Context(), "/", &dav.CalendarQuery{CompFilter: filter}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(sent(), `end="00010101T000000Z"`) {
		mended(t, "a query without an end", sent())
	}
	if !strings.Contains(sent(), `start="20261123T090000Z"`) {
		mended(t, "a query from a local time", sent())
	}
}

// A write cannot be bound to the version that was read, so it may undo somebody else's.
func TestUpstreamConditionalWrites(t *testing.T) {
	put := reflect.TypeOf((*dav.Client).PutCalendarObject)
	if put.NumIn() != 4 {
		mended(t, "If-Match", put.String())
	}
}

// A page of sync-collection that breaks off is no other error than any: the token that it has is returned,
// but whether there is more can only be read from words.
func TestUpstreamSyncInPages(t *testing.T) {
	c, sent := speaks(t, multistatus(member("/a.ics", `"1"`, readable),
		`<response><href>/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>`, `<sync-token>t2</sync-token>`))
	got, err := c.SyncCollection(t.Context(), "/", &dav.SyncQuery{SyncToken: "t1"})
	if err == nil || got == nil || got.SyncToken != "t2" || len(got.Updated) != 1 {
		mended(t, "sync-collection in pages", fmt.Sprint(got, err))
	}
	if !strings.Contains(sent(), "calendar-data") {
		mended(t, "sync-collection without texts", sent())
	}
}

// The way over the DNS cannot be given a resolver, and so neither bounds nor a rule about whose
// servers are trusted.
func TestUpstreamDiscovery(t *testing.T) {
	if kind := reflect.TypeOf(dav.DiscoverContextURL); kind != reflect.TypeFor[func(context.Context, string) (string, error)]() {
		mended(t, "DiscoverContextURL", kind.String())
	}
}

// caldav.Match, which answers calendar-query in our server, knows recurrences, kinds, texts and what is not
// there.
func TestUpstreamMatch(t *testing.T) {
	s := start(t, caldavtest.Options{})
	weekly := strings.Replace(readable, "DTSTART", "RRULE:FREQ=WEEKLY\r\nSUMMARY:Stand-up\r\nDTSTART", 1)
	s.Put("alice", "team", "weekly.ics", []byte(weekly))
	s.Put("alice", "team", "todo.ics", []byte(strings.ReplaceAll(readable, "VEVENT", "VTODO")))
	client, err := dav.NewClient(webdav.HTTPClientWithBasicAuth(nil, "alice", "open-sesame"), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2027, 1, d, 0, 0, 0, 0, time.UTC) } // the 4th is a Monday
	for _, tt := range []struct {
		name   string
		filter dav.CompFilter
		want   []string
	}{
		{"events", dav.CompFilter{Name: "VEVENT"}, []string{team + "weekly.ics"}},
		{"to-dos", dav.CompFilter{Name: "VTODO"}, []string{team + "todo.ics"}},
		{"a later occurrence", dav.CompFilter{Name: "VEVENT", Start: day(4), End: day(5)}, []string{team + "weekly.ics"}},
		{"a day between", dav.CompFilter{Name: "VEVENT", Start: day(5), End: day(6)}, nil},
		{"its text", dav.CompFilter{Name: "VEVENT", Props: []dav.PropFilter{{Name: "SUMMARY", TextMatch: &dav.TextMatch{Text: "Stand"}}}}, []string{team + "weekly.ics"}},
		{"another text", dav.CompFilter{Name: "VEVENT", Props: []dav.PropFilter{{Name: "SUMMARY", TextMatch: &dav.TextMatch{Text: "Lunch"}}}}, nil},
	} {
		list, err := client.QueryCalendar(t.Context(), team, &dav.CalendarQuery{CompFilter: dav.CompFilter{Name: "VCALENDAR", Comps: []dav.CompFilter{tt.filter}}})
		if err != nil || !slices.Equal(paths(list), tt.want) {
			t.Errorf("%s: %v, %v", tt.name, paths(list), err)
		}
	}
}
