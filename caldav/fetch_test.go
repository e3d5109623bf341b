package caldav_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

const teamPath = "/alice/calendars/team/"

// at answers requests of a method to one object.
func at(method, name string, answer func(w http.ResponseWriter)) script {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || r.URL.Path != teamPath+name {
			return false
		}
		answer(w)
		return true
	}
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

// both plays several scripts at once.
func both(scripts ...script) script {
	return func(w http.ResponseWriter, r *http.Request) bool {
		for _, s := range scripts {
			if s(w, r) {
				return true
			}
		}
		return false
	}
}

// dropResponse takes the response about one object out of a multistatus.
func dropResponse(name string) func(string) string {
	re := regexp.MustCompile(`<response xmlns="DAV:"><href xmlns="DAV:">` + regexp.QuoteMeta(teamPath+name) + `</href>.*?</response>`)
	return func(s string) string { return re.ReplaceAllString(s, "") }
}

// TestMultigetRefused: every object is asked for by itself, and a server that says that it
// knows no multiget is not asked again in this run.
func TestMultigetRefused(t *testing.T) {
	tests := []struct{ status, multigets int }{{400, 1}, {403, 1}, {405, 1}, {422, 1}, {501, 1}, {500, 3}, {413, 3}, {507, 3}}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(10)
			b.play(refuse("REPORT", multiget, tt.status))
			b.sync()
			b.same()
			got := strings.Join(b.asked(), "\n")
			if n := strings.Count(got, "REPORT") - 1; n != tt.multigets {
				t.Errorf("%d multigets", n)
			}
			if n := strings.Count(got, "GET /"); n != 10 {
				t.Errorf("%d GETs", n)
			}
		})
	}
}

// TestMultigetBroken: an answer that breaks off, or cannot be read, costs nothing but time.
func TestMultigetBroken(t *testing.T) {
	tests := []struct {
		name   string
		change func(string) string
	}{
		{"half of it", func(s string) string { return s[:len(s)/2] }},
		{"empty", func(string) string { return "" }},
		{"no responses", func(string) string { return `<multistatus xmlns="DAV:"/>` }},
		{"a control character in a text", func(s string) string { return strings.Replace(s, "SUMMARY:Event 1", "SUMMARY:Event\x0b1", 1) }},
		{"nested without end", func(string) string {
			return `<multistatus xmlns="DAV:">` + strings.Repeat("<a>", 1000)
		}},
		{"one left out", dropResponse("event-1.ics")},
		{"texts left out", func(s string) string {
			return regexp.MustCompile(`(?s)<calendar-data[^>]*>.*?</calendar-data>`).ReplaceAllString(s, "<x/>")
		}},
		{"texts of others", func(s string) string { return strings.ReplaceAll(s, teamPath, "/bob/calendars/team/") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(6)
			b.play(b.rewrite("REPORT", multiget, tt.change))
			b.sync()
			b.same()
			if strings.Contains(b.names(), "!") {
				t.Errorf("stored %s", b.names())
			}
		})
	}
}

// TestOddCharacters: an object whose text is no XML costs one question more, and is stored byte
// by byte.
func TestOddCharacters(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(4)
	b.play(b.rewrite("REPORT", multiget, func(s string) string {
		return strings.Replace(s, "SUMMARY:Event 1", "SUMMARY:Event\xe9\x0b1", 1)
	}))
	b.sync()
	b.same()
	if got := b.asked(); len(got) != 3 || got[2] != "GET "+teamPath+"event-1.ics" {
		t.Errorf("asked %v", got)
	}
}

// TestGoneAMomentLater: an object that was listed and is not there any more is deleted, if
// GET says so, too.
func TestGoneAMomentLater(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(3)
	b.sync()
	b.put("event-1.ics", "Changed")
	b.play(both(b.rewrite("REPORT", multiget, dropResponse("event-1.ics")), at("GET", "event-1.ics", status(404))))
	b.sync()
	if got := b.names(); got != "event-0 event-2" {
		t.Errorf("stored %s", got)
	}
}

// TestOneObjectFails: it is handed over with its problem, its stored text stays, the others
// come, and it is asked for again within the hour.
func TestOneObjectFails(t *testing.T) {
	kill := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	page := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>sign in</html>"))
	}
	tests := []struct {
		name   string
		answer func(http.ResponseWriter)
	}{{"500", status(500)}, {"503", status(503)}, {"403", status(403)}, {"connection lost", kill}, {"a web page", page}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(6)
			b.sync()
			for i := range 3 {
				b.put(fmt.Sprintf("event-%d.ics", i), "Changed")
			}
			b.play(both(b.rewrite("REPORT", multiget, dropResponse("event-1.ics")), at("GET", "event-1.ics", tt.answer)))
			b.sync()
			if got := b.names(); got != "event-0 event-1! event-2 event-3 event-4 event-5" {
				t.Fatalf("stored %s", got)
			}
			bad := b.stored[teamPath+"event-1.ics"]
			if bad.ETag != "" || !strings.Contains(string(bad.Raw), "Event 1") {
				t.Errorf("ETag %q, text %q", bad.ETag, bad.Raw)
			}
			b.play(nil)
			b.asked()
			b.sync()
			if got := b.asked(); len(got) != 1 {
				t.Errorf("asked again at once: %v", got)
			}
			b.cal.ReconciledAt = b.cal.ReconciledAt.Add(-61 * time.Minute)
			b.sync()
			b.same()
		})
	}
}

// TestOutageBetweenTwoQuestions: when the whole server fails after the listing, no object is
// blamed, and nothing of the state is stored.
func TestOutageBetweenTwoQuestions(t *testing.T) {
	for _, code := range []int{0, 401, 429, 500, 502, 503} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(6)
			b.sync()
			token := b.cal.SyncToken
			b.put("event-1.ics", "Changed")
			down := false
			b.play(func(w http.ResponseWriter, r *http.Request) bool {
				if !down {
					down = true
					return false
				}
				if code == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(code)
				return true
			})
			if _, err := b.try(); err == nil {
				t.Error("no error")
			}
			if b.cal.SyncToken != token || strings.Contains(b.names(), "!") || len(b.stored) != 6 {
				t.Errorf("stored %s, token %s", b.names(), b.cal.SyncToken)
			}
			b.play(nil)
			b.sync()
			b.same()
		})
	}
}

// TestTooLarge: an object beyond the limit is named with its problem, by whatever way it
// comes, and is not downloaded again until it changes.
func TestTooLarge(t *testing.T) {
	for _, byGet := range []bool{false, true} {
		t.Run(fmt.Sprint("GET ", byGet), func(t *testing.T) {
			b := newBench(t, caldavtest.Options{NoReport: true})
			b.fill(2)
			big := caldavtest.Event("big@example.org", "Big", "DESCRIPTION:"+strings.Repeat("long ", calbell.MaxObjectBytes/5)+"\r\n")
			b.server.Put(user, "team", "big.ics", []byte(big))
			if byGet {
				b.play(refuse("REPORT", multiget, 501))
			}
			b.sync()
			if got := b.names(); got != "big! event-0 event-1" {
				t.Errorf("stored %s", got)
			}
			if o := b.stored[teamPath+"big.ics"]; !strings.Contains(o.Problem.English, "4 MiB") || o.ETag == "" {
				t.Errorf("problem %q, ETag %q", o.Problem, o.ETag)
			}
			b.put("event-1.ics", "Changed")
			b.asked()
			b.sync()
			if got := b.asked(); len(got) > 4 {
				t.Errorf("asked %v", got)
			}
		})
	}
}

// TestUnreadableTextIsHandedOver: what a text means is not this package's business.
func TestUnreadableTextIsHandedOver(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	for name, text := range map[string]string{
		"empty-ish.ics": "\r\n", "noise.ics": "noise", "half.ics": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x",
		"panic.ics": "BEGIN:VCALENDAR\r\nDTSTART;TZID=x\r\nEND:VCALENDAR\r\n", "xml.ics": "<a>&amp;]]></a>",
	} {
		b.server.Put(user, "team", name, []byte(text))
	}
	b.fill(2)
	b.sync()
	b.same()
}

// TestDeletionsAreConfirmed: what is absent from a listing is deleted if the server says
// that it is gone, and only then.
func TestDeletionsAreConfirmed(t *testing.T) {
	b := newBench(t, caldavtest.Options{NoReport: true})
	b.fill(6)
	b.sync()
	b.server.Delete(user, "team", "event-0.ics")
	b.put("event-5.ics", "Changed")
	hide := func(s string) string {
		for _, name := range []string{"event-1.ics", "event-2.ics", "event-3.ics", "event-4.ics"} {
			s = dropResponse(name)(s)
		}
		return s
	}
	b.play(both(b.rewrite("PROPFIND", listing, hide), at("GET", "event-2.ics", status(500)),
		at("GET", "event-3.ics", status(403)), at("GET", "event-4.ics", status(410))))
	b.sync()
	if got := b.names(); got != "event-1 event-2 event-3 event-5" {
		t.Errorf("stored %s", got)
	}
}

// TestReportedDeletionsApplyAtOnce: a 404 in a sync-collection answer needs no confirmation,
// however many there are.
func TestReportedDeletionsApplyAtOnce(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(40)
	b.sync()
	for i := range 38 {
		b.server.Delete(user, "team", fmt.Sprintf("event-%d.ics", i))
	}
	b.asked()
	b.sync()
	b.same()
	if got := b.asked(); len(got) != 1 {
		t.Errorf("asked %v", got)
	}
}

// TestBrake: when too much is absent nothing is deleted, what changed is stored, and the
// error says so until the listing is whole again.
func TestBrake(t *testing.T) {
	tests := []struct{ known, absent, brake int }{
		{1, 1, 0}, {10, 10, 0}, {11, 11, 1}, {30, 10, 0}, {30, 11, 1}, {50, 15, 0}, {50, 16, 1},
	}
	for _, o := range []caldavtest.Options{{}, {NoReport: true}, {Plain: true}} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%+v %d of %d", o, tt.absent, tt.known), func(t *testing.T) {
				b := newBench(t, o)
				b.client = b.newClient(caldav.Options{})
				b.fill(tt.known)
				b.sync()
				for i := range tt.absent {
					b.server.Delete(user, "team", fmt.Sprintf("event-%d.ics", i))
				}
				b.put("new.ics", "New")
				b.cal.ReconciledAt = time.Time{}
				old := b.cal
				_, err := b.try()
				if tt.brake == 0 {
					if err != nil {
						t.Fatal(err)
					}
					b.same()
					return
				}
				checkBrake(t, err, tt.absent, tt.known)
				if len(b.stored) != tt.known+1 || b.cal.CTag != old.CTag || b.cal.SyncToken != old.SyncToken || !b.cal.ReconciledAt.IsZero() {
					t.Errorf("%d stored, %+v", len(b.stored), b.cal)
				}
				if _, err = b.try(); err == nil {
					t.Error("the second time it was believed")
				}
				b.fill(tt.known)
				b.sync()
				b.same()
			})
		}
	}
}

func checkBrake(t *testing.T, err error, absent, known int) {
	t.Helper()
	var brake *caldav.BrakeError
	if !asError(err, &brake) || len(brake.Absent) != absent || brake.Known != known {
		t.Errorf("%v", err)
	}
	if calbell.KindOf(err) != calbell.KindFailed || calbell.HintOf(err).IsZero() || !strings.Contains(err.Error(), `calendar "Team"`) {
		t.Errorf("kind %d: %v", calbell.KindOf(err), err)
	}
}

// TestNothingIsDeletedBy: no failure of the server takes anything away.
func TestNothingIsDeletedBy(t *testing.T) {
	body := func(code int, contentType, text string) script {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, _ = w.Write([]byte(text))
			return true
		}
	}
	tests := []struct {
		name   string
		script script
		kind   calbell.ErrorKind
	}{
		{"down", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, calbell.KindUnreachable},
		{"401", body(401, "text/plain", ""), calbell.KindRefused},
		{"403", body(403, "text/plain", ""), calbell.KindRefused},
		{"404", body(404, "text/plain", ""), calbell.KindFailed},
		{"410", body(410, "text/plain", ""), calbell.KindFailed},
		{"500", body(500, "text/plain", ""), calbell.KindFailed},
		{"503", body(503, "text/plain", ""), calbell.KindFailed},
		{"204", body(204, "text/plain", ""), calbell.KindFailed},
		{"sign-in page", body(200, "text/html; charset=utf-8", "<!DOCTYPE html><html><body>Sign in</body></html>"), calbell.KindFailed},
		{"empty body", body(207, "application/xml", ""), calbell.KindFailed},
		{"truncated", body(207, "application/xml", `<multistatus xmlns="DAV:"><response><href>/alice/calendars/team/event-0.ics</href>`), calbell.KindFailed},
		{"another document", body(207, "application/xml", `<feed xmlns="http://www.w3.org/2005/Atom"/>`), calbell.KindFailed},
		{"doctype", body(207, "application/xml", `<!DOCTYPE multistatus []><multistatus xmlns="DAV:"/>`), calbell.KindFailed},
		{"bomb of tags", body(207, "application/xml", strings.Repeat("<a>", 3_000_000)), calbell.KindFailed},
		{"empty multistatus for ever", body(207, "application/xml", `<multistatus xmlns="DAV:"/>`), calbell.KindFailed},
	}
	for _, tt := range tests {
		for _, token := range []string{"kept", "bad"} {
			t.Run(tt.name+" with the token "+token, func(t *testing.T) {
				b := newBench(t, caldavtest.Options{})
				b.fill(12)
				b.sync()
				if token == "bad" {
					b.cal.SyncToken = "data:,bad"
				}
				old := b.cal
				b.play(tt.script)
				_, err := b.try()
				if calbell.KindOf(err) != tt.kind {
					t.Errorf("kind %d: %v", calbell.KindOf(err), err)
				}
				if len(b.stored) != 12 || b.cal.SyncToken != old.SyncToken {
					t.Errorf("%d stored, token %q", len(b.stored), b.cal.SyncToken)
				}
				b.play(nil)
				b.put("event-3.ics", "Changed")
				b.cal.ReconciledAt = time.Time{}
				b.sync()
				b.same()
			})
		}
	}
}

// TestHalfMissing: a listing of which half is missing deletes nothing.
func TestHalfMissing(t *testing.T) {
	b := newBench(t, caldavtest.Options{NoReport: true})
	b.fill(30)
	b.sync()
	b.put("event-29.ics", "Changed")
	b.play(b.rewrite("PROPFIND", listing, func(s string) string {
		for i := range 15 {
			s = dropResponse(fmt.Sprintf("event-%d.ics", i))(s)
		}
		return s
	}))
	_, err := b.try()
	checkBrake(t, err, 15, 30)
	b.same()
}

// TestListingCutShort: a 507 in a listing says that more is there.
func TestListingCutShort(t *testing.T) {
	b := newBench(t, caldavtest.Options{NoReport: true})
	b.fill(30)
	b.sync()
	b.put("event-29.ics", "Changed")
	b.play(b.rewrite("PROPFIND", listing, func(s string) string {
		for i := range 15 {
			s = dropResponse(fmt.Sprintf("event-%d.ics", i))(s)
		}
		more := `<response xmlns="DAV:"><href>` + teamPath + `</href><status>HTTP/1.1 507 Insufficient Storage</status></response></multistatus>`
		return strings.Replace(s, "</multistatus>", more, 1)
	}))
	b.sync()
	b.same()
}
