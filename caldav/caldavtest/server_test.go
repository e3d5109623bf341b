package caldavtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-webdav"
	dav "github.com/emersion/go-webdav/caldav"

	"calbell/caldav/caldavtest"
)

// start runs a server with the user alice and her calendar team.
func start(t *testing.T, o caldavtest.Options) *caldavtest.Server {
	t.Helper()
	s := caldavtest.New(o)
	s.AddUser("alice", "open-sesame")
	s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Team", Color: "#1e88e5", TimeZone: "Europe/Zurich"})
	if err := s.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// call makes a request as alice and returns status, header and body.
func call(t *testing.T, s *caldavtest.Server, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(s.URL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("alice", "open-sesame")
	req.Header.Set("Content-Type", "application/xml")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(text)
}

const team = "/alice/calendars/team/"

func propfind(names string) string {
	return `<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/" xmlns:a="http://apple.com/ns/ical/"><d:prop>` + names + `</d:prop></d:propfind>`
}

func report(token string) string {
	return `<d:sync-collection xmlns:d="DAV:"><d:sync-token>` + token + `</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>`
}

func TestSignIn(t *testing.T) {
	s := start(t, caldavtest.Options{})
	s.AddUser("bob", "other")
	tests := []struct {
		name, user, password, path string
		want                       int
	}{
		{"right", "alice", "open-sesame", team, 207},
		{"wrong password", "alice", "open", team, 401},
		{"unknown", "carol", "open-sesame", team, 401},
		{"empty", "", "", team, 401},
		{"another's tree", "bob", "other", team, 403},
		{"a name that begins alike", "bob", "other", "/bobby/", 403},
		{"own tree without slash", "bob", "other", "/bob", 207},
	}
	for _, tt := range tests {
		req, _ := http.NewRequestWithContext(t.Context(), "PROPFIND", strings.TrimSuffix(s.URL(), "/")+tt.path, nil)
		req.SetBasicAuth(tt.user, tt.password)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.want || (tt.want == 401) != (resp.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %s", tt.name, resp.Status)
		}
	}
}

// TestObjects: a text goes in and comes out byte for byte, with one ETag everywhere, and
// conditions hold.
func TestObjects(t *testing.T) {
	s := start(t, caldavtest.Options{})
	text := caldavtest.Event("a@example.org", "A, B; C", "X-ODD;FOO=\"x:y\":kept  as it is \r\n")
	const ics, path = "text/calendar", team + "a%20b.ics"
	status, h, _ := call(t, s, "PUT", path, text, "Content-Type", ics, "If-None-Match", "*")
	etag := h.Get("ETag")
	if status != 201 || etag == "" {
		t.Fatalf("put: %d, %q", status, etag)
	}
	status, h, got := call(t, s, "GET", path, "")
	if status != 200 || got != text || h.Get("ETag") != etag {
		t.Errorf("get: %d, %q, %q", status, h.Get("ETag"), got)
	}
	if raw, ok := s.Raw("alice", "team", "a b.ics"); !ok || string(raw) != text {
		t.Errorf("raw: %q", raw)
	}
	multiget := `<c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/><c:calendar-data/></d:prop><d:href>` + path + `</d:href><d:href>` + team + `none.ics</d:href></c:calendar-multiget>`
	status, _, got = call(t, s, "REPORT", team, multiget)
	if status != 207 || !strings.Contains(got, "kept  as it is") || !strings.Contains(got, " 404 ") || !strings.Contains(got, strings.ReplaceAll(etag, `"`, "&#34;")) {
		t.Errorf("multiget: %d, %s", status, got)
	}
	for _, tt := range []struct {
		header, value string
		want          int
	}{{"If-None-Match", "*", 412}, {"If-Match", `"old"`, 412}, {"If-Match", etag, 201}} {
		if status, _, _ := call(t, s, "PUT", path, text, "Content-Type", ics, tt.header, tt.value); status != tt.want {
			t.Errorf("put with %s %s: %d", tt.header, tt.value, status)
		}
	}
	if status, _, _ := call(t, s, "DELETE", path, ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if status, _, _ := call(t, s, method, path, ""); status != 404 {
			t.Errorf("%s after delete: %d", method, status)
		}
	}
}

// TestBadTexts: what comes by PUT must be readable; a test may store anything, and it costs
// the others nothing.
func TestBadTexts(t *testing.T) {
	s := start(t, caldavtest.Options{})
	for _, text := range []string{"", "noise", "BEGIN:VCALENDAR\r\nDTSTART;TZID=x\r\nEND:VCALENDAR\r\n", "BEGIN:VCALENDAR\r\nX;A=\"b\"\r\n"} {
		if status, _, _ := call(t, s, "PUT", team+"bad.ics", text, "Content-Type", "text/calendar"); status != 400 {
			t.Errorf("%q: %d", text, status)
		}
		s.Put("alice", "team", "bad.ics", []byte(text))
		s.Put("alice", "team", "good.ics", []byte(caldavtest.Event("good@example.org", "Good", "")))
		status, _, got := call(t, s, "PROPFIND", team, propfind("<d:getetag/>"), "Depth", "1")
		if status != 207 || !strings.Contains(got, "good.ics") || !strings.Contains(got, "bad.ics") {
			t.Errorf("%q: %d, %s", text, status, got)
		}
		if status, _, got := call(t, s, "GET", team+"bad.ics", ""); status != 200 || got != text {
			t.Errorf("get: %d, %q", status, got)
		}
	}
	if status, _, _ := call(t, s, "PUT", "/alice/calendars/none/a.ics", caldavtest.Event("a@example.org", "A", ""), "Content-Type", "text/calendar"); status != 409 {
		t.Errorf("put into no calendar: %d", status)
	}
}

// notFound returns the propstats of properties that a server says it does not have.
func notFound(answer string) string {
	var out string
	for stat := range strings.SplitSeq(answer, "<propstat") {
		if strings.Contains(stat, " 404 ") {
			out += stat
		}
	}
	return out
}

func TestProperties(t *testing.T) {
	all := propfind("<d:displayname/><d:resourcetype/><s:getctag/><d:sync-token/><a:calendar-color/><c:calendar-timezone-id/><c:supported-calendar-component-set/><d:unknown/>")
	s := start(t, caldavtest.Options{})
	_, _, got := call(t, s, "PROPFIND", team, all, "Depth", "0")
	for _, want := range []string{">Team<", "#1e88e5", "Europe/Zurich", `name="VTODO"`, "getctag", "/sync/0<", " 404 "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if missing := notFound(got); !strings.Contains(missing, "unknown") || strings.Contains(missing, "getctag") {
		t.Errorf("not found: %s", missing)
	}
	plain := start(t, caldavtest.Options{Plain: true})
	_, _, got = call(t, plain, "PROPFIND", team, all, "Depth", "0")
	if strings.Contains(got, "#1e88e5") || strings.Contains(got, "/sync/") {
		t.Errorf("plain: %s", got)
	}
	s.RemoveCalendar("alice", "team")
	if status, _, _ := call(t, s, "PROPFIND", team, all, "Depth", "0"); status != 404 {
		t.Errorf("removed: %d", status)
	}
}

// TestSyncReport follows a calendar from token to token.
func TestSyncReport(t *testing.T) {
	s := start(t, caldavtest.Options{PageSize: 2})
	token := ""
	next := func() (answer string) {
		t.Helper()
		status, _, got := call(t, s, "REPORT", team, report(token), "Depth", "0")
		_, rest, ok := strings.Cut(got, `<sync-token xmlns="DAV:">`)
		if status != 207 || !ok {
			t.Fatalf("%d, %s", status, got)
		}
		token, _, _ = strings.Cut(rest, "<")
		return got
	}
	check := func(what, answer string, put, gone int, more bool) {
		t.Helper()
		if n := strings.Count(answer, "<getetag"); n != put {
			t.Errorf("%s: %d put", what, n)
		}
		if n := strings.Count(answer, " 404 "); n != gone {
			t.Errorf("%s: %d gone", what, n)
		}
		if strings.Contains(answer, " 507 ") != more {
			t.Errorf("%s: more to come is not %v", what, more)
		}
	}
	check("empty", next(), 0, 0, false)
	for i := range 5 {
		s.Put("alice", "team", fmt.Sprintf("%d.ics", i), []byte(caldavtest.Event(fmt.Sprint(i), "X", "")))
	}
	check("page 1", next(), 2, 0, true)
	check("page 2", next(), 2, 0, true)
	check("page 3", next(), 1, 0, false)
	check("no change", next(), 0, 0, false)
	s.Delete("alice", "team", "0.ics")
	s.Put("alice", "team", "1.ics", []byte("changed"))
	check("change", next(), 1, 1, false)
	old := token
	token = ""
	check("from the beginning", next(), 2, 0, true)
	token = "data:,never"
	if status, _, got := call(t, s, "REPORT", team, report(token)); status != 403 || !strings.Contains(got, "valid-sync-token") {
		t.Errorf("bad token: %d, %s", status, got)
	}
	if status, _, _ := call(t, s, "REPORT", team, report(old), "Depth", "1"); status != 400 {
		t.Errorf("depth 1: %d", status)
	}
	if status, _, _ := call(t, s, "REPORT", "/alice/calendars/none/", report("")); status != 404 {
		t.Errorf("no calendar: %d", status)
	}
	s.Rewind("alice", "team", 3)
	token = old
	check("from the future", next(), 0, 0, false)
	none := start(t, caldavtest.Options{NoReport: true})
	if status, _, _ := call(t, none, "REPORT", team, report("")); status != 501 {
		t.Errorf("without the report: %d", status)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, caldavtest.Options{})
	s.SetFault(caldavtest.Fault{Down: true})
	if status, _, _ := call(t, s, "GET", "/", ""); status != 0 {
		t.Errorf("down: %d", status)
	}
	s.SetFault(caldavtest.Fault{Status: 503, RetryAfter: "7"})
	if status, h, _ := call(t, s, "GET", "/", ""); status != 503 || h.Get("Retry-After") != "7" {
		t.Errorf("503: %d, %q", status, h.Get("Retry-After"))
	}
	s.SetFault(caldavtest.Fault{Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "PROPFIND", s.URL(), nil)
	if _, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow: %v", err)
	}
	s.SetFault(caldavtest.Fault{})
	s.Requests()
	if status, _, _ := call(t, s, "PROPFIND", "/", ""); status != 207 {
		t.Errorf("healed: %d", status)
	}
	if got := s.Requests(); len(got) != 1 || got[0] != "PROPFIND /" {
		t.Errorf("requests %v", got)
	}
}

// TestLife: the data outlives a Close, and the address can be taken again.
func TestLife(t *testing.T) {
	s := start(t, caldavtest.Options{})
	s.Put("alice", "team", "a.ics", []byte("text"))
	url := s.URL()
	address := strings.Trim(strings.TrimPrefix(url, "http://"), "/")
	if err := s.Start(address); err == nil {
		t.Error("started twice")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if s.URL() != "" {
		t.Errorf("closed, at %s", s.URL())
	}
	if err := s.Start(address); err != nil || s.URL() != url {
		t.Fatalf("%v, at %s", err, s.URL())
	}
	if status, _, got := call(t, s, "GET", team+"a.ics", ""); status != 200 || got != "text" {
		t.Errorf("%d, %q", status, got)
	}
}

// TestOtherClient: a client that is not ours gets along with the server: the demo's
// calendars are there for people to try theirs on.
func TestOtherClient(t *testing.T) {
	s := start(t, caldavtest.Options{})
	s.Put("alice", "team", "a.ics", []byte(caldavtest.Event("a@example.org", "Stand-up", "RRULE:FREQ=DAILY\r\n")))
	s.Put("alice", "team", "bad.ics", []byte("noise"))
	client, err := dav.NewClient(webdav.HTTPClientWithBasicAuth(http.DefaultClient, "alice", "open-sesame"), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	calendars, err := client.FindCalendars(t.Context(), "/alice/calendars/")
	if err != nil || len(calendars) != 1 || calendars[0].Name != "Team" || calendars[0].Path != team {
		t.Fatalf("%+v, %v", calendars, err)
	}
	event := dav.CompFilter{Name: "VCALENDAR", Comps: []dav.CompFilter{{Name: "VEVENT"}}}
	all := dav.CalendarCompRequest{Name: "VCALENDAR", AllProps: true, AllComps: true}
	objects, err := client.QueryCalendar(t.Context(), team, &dav.CalendarQuery{CompRequest: all, CompFilter: event})
	if err != nil || len(objects) == 0 || objects[0].Data.Children[0].Props.Get("SUMMARY").Value != "Stand-up" {
		t.Errorf("%+v, %v", objects, err)
	}
	moved, err := client.PutCalendarObject(t.Context(), team+"b.ics", objects[0].Data)
	if raw, ok := s.Raw("alice", "team", "b.ics"); err != nil || !ok || !strings.Contains(string(raw), "Stand-up") {
		t.Errorf("%+v, %v", moved, err)
	}
	if err := client.RemoveAll(t.Context(), team+"b.ics"); err != nil || len(s.Names("alice", "team")) != 2 {
		t.Errorf("%v, %v", s.Names("alice", "team"), err)
	}
}
