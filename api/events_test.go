package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// An event is found by its ID or its UID by whoever sees its calendar, and by nobody else; one that is
// asked for is refused where it could not be written.
func TestEvents(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	i.Program.Put = func(href calbell.Href, raw []byte) { // the sync that follows finds it
		i.Put(i.calendar, calbell.Object{Calendar: i.calendar.ID, Href: href, ETag: `"1"`, Raw: raw, UIDs: []calbell.UID{"lunch@example.org"}})
	}
	created := func(fields string) string {
		return `{"calendar":"Own","title":"Lunch","start":"2031-12-01T12:00"` + fields + `}`
	}
	i.steps(t, []step{
		{"by its UID", i.bob, "GET /events/meeting@example.org", "", 200, `"id":"` + i.event + `"`},
		{"by its UID, of another", i.carol, "GET /events/meeting@example.org", "", 404, "no event"},
		{"an instance that it does not have", i.bob, "GET /events/" + i.event + "?instance=2001-01-01", "", 404, "no occurrence"},
		{"why it rings", i.bob, "GET /explain/" + i.event, "", 200, `"reminders":[`},
		{"why a delivery rings", i.bob, "GET /explain/" + string(i.delivery), "", 200, `"id":"` + i.event + `"`},
		{"what neither is", i.bob, "GET /explain/none", "", 404, "no event"},
		{"in a calendar of another", i.carol, "GET /events?calendar=Own", "", 404, "no calendar"},
		{"a search that finds it", i.bob, "GET /events?search=MEET", "", 200, "Meeting"},
		{"a search that finds nothing", i.bob, "GET /events?search=lunch", "", 200, "[]"},
		{"after it began", i.bob, "GET /events?from=2001-01-01T00:00:00Z&to=2001-02-01T00:00:00Z", "", 200, "[]"},
		{"a time that ends before it begins", i.bob, "GET /events?from=2031-01-01T00:00:00Z&to=2030-01-01T00:00:00Z", "", 200, "[]"},
		{"the agenda of another", i.carol, "GET /agenda", "", 200, "[]"},

		{"written", i.bob, "POST /events", created(`,"uid":"lunch@example.org"`), 201, `"subject":"Lunch"`},
		{"written once", i.bob, "POST /events", created(`,"uid":"lunch@example.org"`), 201, `"subject":"Lunch"`},
		{"no time", i.bob, "POST /events", `{"calendar":"Own","title":"x","start":"noon"}`, 422, "body.start | "},
		{"no end", i.bob, "POST /events", created(`,"end":"noon"`), 422, "body.end | "},
		{"an end before the start", i.bob, "POST /events", created(`,"end":"2031-12-01T11:00"`), 422, "body.end | "},
		{"no title", i.bob, "POST /events", `{"calendar":"Own","title":" ","start":"2031-12-01"}`, 422, "body.title | "},
		{"no zone", i.bob, "POST /events", created(`,"time_zone":"Mars"`), 422, "body.time_zone | "},
		{"a UID with a path", i.bob, "POST /events", created(`,"uid":"../x"`), 422, "body.uid | "},
		{"in a calendar of another", i.carol, "POST /events", created(""), 404, "no calendar"},
		{"with a reminder to nowhere", i.bob, "POST /events", created(`,"before":["1h"]`), 422, "body.webhook | "},
	})
}

// A list of events begins now and ends after thirty days, unless it is asked for otherwise.
func TestTimeOfLists(t *testing.T) {
	i := inhabit(t)
	now := time.Now()
	i.Event(i.calendar, "Past", now.Add(-48*time.Hour), "")
	i.Event(i.calendar, "Far", now.AddDate(0, 0, 40), "")
	at := func(days int) string { return url.QueryEscape(now.AddDate(0, 0, days).UTC().Format(time.RFC3339)) }
	for query, want := range map[string]string{
		"":                                 "Meeting ",
		"?to=" + at(50):                    "Meeting Far ",
		"?from=" + at(-5):                  "Past Meeting ",
		"?from=" + at(20):                  "Far ",
		"?from=" + at(-5) + "&to=" + at(0): "Past ",
	} {
		for _, path := range []string{"/events", "/agenda"} {
			got := ""
			for _, e := range read[[]types.EventRow](t, i.ask(t, i.bob, "GET", path+query, "")) {
				got += e.Subject + " "
			}
			if got != want {
				t.Errorf("%s%s: %q, want %q", path, query, got, want)
			}
		}
	}
}

// What people attach to an event is theirs to preview, to attach and to take back; a mute keeps it
// silent until it is taken back.
func TestAttaching(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	path := "/events/" + i.event + "/reminders"
	i.steps(t, []step{
		{"previewed", i.bob, "POST " + path + "/preview", `{"before":["2h"],"webhook":"mine"}`, 200, `"fires":[{`},
		{"no webhook", i.bob, "POST " + path, `{"before":["2h"]}`, 422, "webhook"},
		{"no time", i.bob, "POST " + path, `{"webhook":"mine"}`, 422, "before"},
		{"a time that is none", i.bob, "POST " + path, `{"before":["soon"],"webhook":"mine"}`, 422, "body"},
		{"too many times", i.bob, "POST " + path, `{"before":[` + strings.Repeat(`"1h",`, 16) + `"2h"],"webhook":"mine"}`, 422, "body.before | "},
		{"a webhook of another", i.carol, "POST " + path, `{"before":["2h"],"webhook":"mine"}`, 404, "no event"},
		{"an instance that it does not have", i.bob, "POST " + path, `{"before":["2h"],"webhook":"mine","instance":"2001-01-01"}`, 404, "no occurrence"},
		{"at its alarms", i.bob, "POST " + path, `{"at_alarm":true,"webhook":"mine"}`, 201, `"bindings":[{`},
		{"muted", i.bob, "POST " + path, `{"mute":true}`, 201, `"bindings":[{`},
		{"unmuted by another", i.carol, "POST /events/" + i.event + "/unmute", "", 404, "no event"},
		{"unmuted", i.bob, "POST /events/" + i.event + "/unmute", "", 200, `"removed":1`},
		{"unmuted twice", i.bob, "POST /events/" + i.event + "/unmute", "", 200, `"removed":0`},
		{"taken back by another", i.carol, "DELETE /bindings/" + string(i.binding), "", 404, "no reminder"},
		{"taken back", i.bob, "DELETE /bindings/" + string(i.binding), "", 204, ""},
		{"taken back twice", i.bob, "DELETE /bindings/" + string(i.binding), "", 404, "no reminder"},
	})
}

// Deliveries are narrowed by what is asked for; those that have not ended, or were a test, are not sent
// again.
func TestDeliveries(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	test := read[types.TestResult](t, i.ask(t, i.bob, "POST", "/webhooks/mine/test", ""))
	d := "/deliveries/" + string(i.delivery)
	i.steps(t, []step{
		{"what falls due", i.bob, "GET /reminders", "", 200, string(i.delivery)},
		{"what falls due for another", i.carol, "GET /reminders", "", 200, "[]"},
		{"of another", i.carol, "GET " + d, "", 404, "no delivery"},
		{"its message", i.bob, "GET " + d + "/message", "", 200, `"subject":"Meeting"`},
		{"its message, for another", i.carol, "GET " + d + "/message", "", 404, "no delivery"},
		{"that is not there", i.bob, "GET /deliveries/none", "", 404, "no delivery"},
		{"by state", i.bob, "GET /deliveries?status=planned", "", 200, string(i.delivery)},
		{"by another state", i.bob, "GET /deliveries?status=dead&status=missed,held", "", 200, "[]"},
		{"by event", i.bob, "GET /deliveries?status=planned&uid=meeting@example.org", "", 200, string(i.delivery)},
		{"by another event", i.bob, "GET /deliveries?status=planned&uid=x", "", 200, "[]"},
		{"by webhook", i.bob, "GET /deliveries?webhook=mine", "", 200, string(test.Delivery)},
		{"by a webhook that is not there", i.bob, "GET /deliveries?webhook=none", "", 404, "no webhook"},
		{"since later", i.bob, "GET /deliveries?since=2099-01-01T00:00:00Z", "", 200, "[]"},
		{"a test, again", i.bob, "POST /deliveries/" + string(test.Delivery) + "/resend", "", 422, "was a test"},
		{"what has not ended", i.bob, "POST " + d + "/resend", "", 422, "has not ended"},
		{"of another, again", i.carol, "POST " + d + "/resend", "", 404, "no delivery"},
		{"nothing that is named", i.bob, "POST /deliveries/resend", `{}`, 422, "name deliveries"},
		{"named in two ways", i.bob, "POST /deliveries/resend", `{"ids":["x"],"webhook":"mine"}`, 422, "exclude each other"},
		{"what cannot be sent again", i.bob, "POST /deliveries/resend", `{"webhook":"mine","since":"2026-01-01T00:00:00Z","status":["cancelled"]}`, 422, "cannot be sent again"},
		{"since no time", i.bob, "POST /deliveries/resend", `{"webhook":"mine","since":"yesterday"}`, 422, "body.since | "},
	})
}

// A delivery that was given up is sent again by whoever sees it, alone or with all to its webhook.
func TestResend(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	due := time.Now().Add(47*time.Hour + 30*time.Minute)
	dead := func() {
		t.Helper()
		if ids := i.Finish(due, calbell.StatusDead); len(ids) != 1 || ids[0] != i.delivery {
			t.Fatalf("ended are %q", ids)
		}
	}
	dead()
	i.steps(t, []step{
		{"given up", i.bob, "GET /deliveries?status=dead", "", 200, string(i.delivery)},
		{"by another", i.carol, fmt.Sprintf("POST /deliveries/%s/resend", i.delivery), "", 404, "no delivery"},
		{"alone", i.bob, fmt.Sprintf("POST /deliveries/%s/resend", i.delivery), "", 200, `"planned":1`},
		{"twice", i.bob, fmt.Sprintf("POST /deliveries/%s/resend", i.delivery), "", 422, "has not ended"},
	})
	dead()
	i.steps(t, []step{
		{"all, of others", i.carol, "POST /deliveries/resend", `{"webhook":"bob.mine","since":"2026-01-01T00:00:00Z"}`, 404, "no webhook"},
		{"all that were missed", i.bob, "POST /deliveries/resend", `{"webhook":"mine","since":"2026-01-01T00:00:00Z","status":["missed"]}`, 200, `"planned":0`},
		{"all since later", i.bob, "POST /deliveries/resend", `{"webhook":"mine","since":"2099-01-01T00:00:00Z"}`, 200, `"planned":0`},
		{"all", i.bob, "POST /deliveries/resend", `{"webhook":"mine","since":"2026-01-01T00:00:00Z"}`, 200, `"planned":1`},
	})
}
