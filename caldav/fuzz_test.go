package caldav_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
)

// oracle answers every question about a calendar with one text, and every GET with an event.
type oracle struct {
	status int
	text   string
	n      int
}

// maxQuestions is more than a client may ask about one answer that is always the same.
const maxQuestions = 2000

func (o *oracle) RoundTrip(r *http.Request) (*http.Response, error) {
	o.n++
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ProtoMajor: 1, ProtoMinor: 1}
	text := "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
	if r.Method != http.MethodGet {
		resp.StatusCode, text = o.status, o.text
	}
	resp.Body = io.NopCloser(strings.NewReader(text))
	return resp, nil
}

// FuzzChanges has a server answer anything at all. Whatever it is: an event that GET still
// finds is not deleted unless the server reported it gone, batches are well-formed, and
// there is an end.
func FuzzChanges(f *testing.F) {
	const open, end = `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">`, `</d:multistatus>`
	f.Add(207, open+`<d:response><d:href>/team/</d:href></d:response>`+end, 3)
	f.Add(207, open+`<d:response><d:href>/team/b.ics</d:href><d:propstat><d:prop><d:getetag>"2"</d:getetag><c:calendar-data>x</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:sync-token>t</d:sync-token>`+end, 1)
	f.Add(207, open+`<d:response><d:href>/team/a.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response><d:sync-token>u</d:sync-token>`+end, 1)
	f.Add(207, open+`<d:response><d:href>/team/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response><d:sync-token>u</d:sync-token>`+end, 2)
	f.Add(403, `<error xmlns="DAV:"><valid-sync-token/></error>`, 1)
	f.Add(200, `<html>`, 0)
	f.Fuzz(func(t *testing.T, status int, text string, level int) {
		if status < 200 || status > 599 || level < 0 || level > 3 {
			return
		}
		o := &oracle{status: status, text: text}
		c, err := caldav.New(calbell.Account{Name: "home", URL: "https://cloud.example.org/"}, caldav.Options{Transport: o})
		if err != nil {
			t.Fatal(err)
		}
		cal := calbell.Calendar{ID: "team", Name: "Team", URL: "https://cloud.example.org/team/", SyncToken: "s", CTag: "ctag s", Level: calbell.SyncLevel(level)}
		known := map[calbell.Href]calbell.ETag{"/team/a.ics": `"1"`}
		last := false
		err = c.Changes(t.Context(), cal, func() (map[calbell.Href]calbell.ETag, error) { return known, nil }, func(b caldav.Batch) error {
			if last {
				t.Error("a batch after the last")
			}
			last = b.Last
			checkBatch(t, b, text)
			return nil
		})
		if last != (err == nil) {
			t.Errorf("last %v, %v", last, err)
		}
		if o.n > maxQuestions+strings.Count(text, "href") {
			t.Errorf("%d questions", o.n)
		}
	})
}

func checkBatch(t *testing.T, b caldav.Batch, text string) {
	t.Helper()
	for _, o := range b.Objects {
		if o.Href == "" || o.Calendar != "team" || (o.Raw == nil) != (!o.Problem.IsZero()) {
			t.Errorf("object %+v", o)
		}
	}
	reported := strings.Contains(text, "404") || strings.Contains(text, "410") || strings.Contains(text, "&#")
	for _, h := range b.Deleted {
		if h == "/team/a.ics" && !reported && !strings.Contains(text, "a.ics") && !strings.Contains(text, "%") {
			t.Errorf("deleted %s", h)
		}
	}
}

// FuzzDiscover has a server answer anything at all to a search for calendars.
func FuzzDiscover(f *testing.F) {
	f.Add(207, `<d:multistatus xmlns:d="DAV:">`+about("/", `<d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>`)+`</d:multistatus>`)
	f.Add(207, `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">`+about("/home/", toHome)+calendarAt("/home/a/", "A")+`</d:multistatus>`)
	f.Add(404, ``)
	f.Fuzz(func(t *testing.T, status int, text string) {
		if status < 200 || status > 599 {
			return
		}
		o := &oracle{status: status, text: text}
		c, err := caldav.New(calbell.Account{Name: "home", URL: "https://cloud.example.org/dav/"}, caldav.Options{Transport: o})
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Discover(t.Context())
		if (err == nil) != (len(d.Calendars) > 0) {
			t.Errorf("%d calendars, %v", len(d.Calendars), err)
		}
		if len(d.Probes) == 0 || o.n > 100 {
			t.Errorf("%d probes, %d questions", len(d.Probes), o.n)
		}
		for _, cal := range d.Calendars {
			if cal.URL == "" || cal.ID == "" || !strings.HasPrefix(cal.URL, "https://") {
				t.Errorf("%+v", cal)
			}
		}
	})
}
