package caldav_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
	"calbell/ical/edit"
)

const (
	putHref = teamPath + "event-0.ics"
	putText = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"
	putSent = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
)

// write puts a text over a version of the first event.
func (b *bench) write(ifMatch calbell.ETag) (calbell.ETag, error) {
	b.Helper()
	return b.client.Put(b.Context(), b.cal, putHref, []byte(putText), ifMatch)
}

// TestPutSends: the text goes out with CRLF, and with the condition that protects others' changes.
func TestPutSends(t *testing.T) {
	for _, tt := range []struct {
		ifMatch           calbell.ETag
		match, none, back string
	}{
		{"", "", "*", `"new"`},
		{`"abc"`, `"abc"`, "", `"new"`},
		{`W/"abc"`, `"abc"`, "", ` W/"weak" `},
		{"abc", `"abc"`, "", ""},
	} {
		b := newBench(t, caldavtest.Options{})
		b.play(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || r.URL.Path != putHref || peek(r) != putSent ||
				r.Header.Get("If-Match") != tt.match || r.Header.Get("If-None-Match") != tt.none ||
				r.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
				t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
			}
			if name, pass, _ := r.BasicAuth(); name != user || pass != password {
				t.Errorf("signed in as %q", name)
			}
			w.Header().Set("ETag", tt.back)
			w.WriteHeader(http.StatusNoContent)
			return true
		})
		if tag, err := b.write(tt.ifMatch); err != nil || string(tag) != strings.TrimSpace(tt.back) {
			t.Errorf("%q: tag %q, %v", tt.ifMatch, tag, err)
		}
	}
}

// TestPutLineEnds: whatever lines end with here, they end with CRLF at the server.
func TestPutLineEnds(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	var got string
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		got = peek(r)
		w.WriteHeader(http.StatusNoContent)
		return true
	})
	for _, tt := range []struct{ text, want string }{
		{"A\nB\n", "A\r\nB\r\n"},
		{"A\r\nB\r\n", "A\r\nB\r\n"},
		{"A\r\nB\nC", "A\r\nB\r\nC"},
		{"\nA\n\n", "\r\nA\r\n\r\n"},
		{"X:a\n b\r\n\tc\n", "X:a\r\n b\r\n\tc\r\n"},
		{"X:a\rb\r\r\n", "X:a\rb\r\r\n"}, // a CR within a line is none of its end
		{"", ""},
	} {
		if _, err := b.client.Put(t.Context(), b.cal, putHref, []byte(tt.text), ""); err != nil || got != tt.want {
			t.Errorf("%q was sent as %q, %v", tt.text, got, err)
		}
	}
}

// TestWrittenBackByteForByte: an event comes by a multiget, whose XML folds line ends, and goes back
// with an alarm and nothing else changed. What ended its lines with LF alone has CRLF from then on.
func TestWrittenBackByteForByte(t *testing.T) {
	event := caldavtest.Event("event-0.ics@example.org", `Übergabe\, ein sehr langer Titel, der über mehrere Zeilen`+"\r\n  geht", "X-OTHER;A=\"b:c\":  kept \r\nDESCRIPTION:<b>&amp; ]]>\r\n\t…\r\n")
	for name, text := range map[string]string{
		"CRLF":  event,
		"LF":    strings.ReplaceAll(event, "\r\n", "\n"),
		"mixed": strings.Replace(event, "\r\n", "\n", 3),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.server.Put(user, "team", "event-0.ics", []byte(text))
			b.play(b.rewrite("REPORT", multiget, func(s string) string {
				return strings.ReplaceAll(strings.ReplaceAll(s, "&#xD;", "\r"), "&#xA;", "\n") // as all servers but this one write it
			}))
			b.sync()
			o := b.stored[putHref]
			patch := []edit.AlarmPatch{{Binding: "b-1", Lead: calbell.Lead{Exact: time.Hour}}}
			raw, err := edit.PatchAlarms(o.Raw, "event-0.ics@example.org", patch, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.client.Put(t.Context(), b.cal, putHref, raw, o.ETag); err != nil {
				t.Fatal(err)
			}
			got, _ := b.server.Raw(user, "team", "event-0.ics")
			before, rest, _ := strings.Cut(string(got), "BEGIN:VALARM\r\nUID:")
			_, after, _ := strings.Cut(rest, "END:VALARM\r\n")
			if before+after != event || strings.Count(string(got), "\n") != strings.Count(string(got), "\r\n") {
				t.Errorf("the server has %q", got)
			}
		})
	}
}

// TestPutRefused: what a server says to writers, in words for people.
func TestPutRefused(t *testing.T) {
	for _, tt := range []struct {
		name    string
		ifMatch calbell.ETag
		answer  func(http.ResponseWriter)
		kind    calbell.ErrorKind
		changed bool
		say     string
	}{
		{"changed", `"a"`, status(412), calbell.KindFailed, true, "changed on the server"},
		{"there already", "", status(412), calbell.KindFailed, true, "changed on the server"},
		{"gone", `"a"`, status(404), calbell.KindFailed, true, "changed on the server"},
		{"gone for good", `"a"`, status(410), calbell.KindFailed, true, "changed on the server"},
		{"no calendar", "", status(404), calbell.KindFailed, false, "not found"},
		{"sign-in", `"a"`, status(401), calbell.KindRefused, false, "sign-in refused"},
		{"reading only", `"a"`, status(403), calbell.KindRefused, false, "refused (403)"},
		{"a file", `"a"`, status(405), calbell.KindRefused, false, "refused (405)"},
		{"another with this UID", "", func(w http.ResponseWriter) {
			w.WriteHeader(409)
			_, _ = w.Write([]byte(`<D:error xmlns:D="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></D:error>`))
		}, calbell.KindRefused, false, "no-uid-conflict"},
		{"full", `"a"`, status(507), calbell.KindRefused, false, "does not take the event"},
		{"broken", `"a"`, status(500), calbell.KindFailed, false, "cannot answer"},
		{"busy", `"a"`, func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(412)
		}, calbell.KindFailed, false, "asks to wait 7s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.play(at("PUT", "event-0.ics", tt.answer))
			tag, err := b.write(tt.ifMatch)
			if tag != "" || calbell.KindOf(err) != tt.kind || errors.Is(err, caldav.ErrChanged) != tt.changed || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("tag %q, kind %d: %v", tag, calbell.KindOf(err), err)
			}
			var told *calbell.Error
			if errors.As(err, &told) && (told.RetryAfter != 0) != (tt.name == "busy") {
				t.Errorf("to wait %v", told.RetryAfter)
			}
			if strings.Contains(err.Error()+calbell.HintOf(err).English, password) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

// TestPutAnswerLost: the object was written, and the writer cannot know; writing once more
// over the version that was known does no harm.
func TestPutAnswerLost(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(1)
	b.sync()
	known := b.stored[putHref].ETag
	text := []byte(caldavtest.Event("event-0.ics@example.org", "Written", ""))
	b.play(func(_ http.ResponseWriter, r *http.Request) bool {
		b.server.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	if _, err := b.client.Put(t.Context(), b.cal, putHref, text, known); calbell.KindOf(err) != calbell.KindUnreachable {
		t.Errorf("the answer is lost: %v", err)
	}
	b.play(nil)
	if _, err := b.client.Put(t.Context(), b.cal, putHref, text, known); !errors.Is(err, caldav.ErrChanged) {
		t.Errorf("written again: %v", err)
	}
	b.sync()
	b.same()
}

// TestPutNeverSent: what did not happen is told as what may have.
func TestPutNeverSent(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.web.Close()
	if _, err := b.write(""); calbell.KindOf(err) != calbell.KindUnreachable || errors.Is(err, caldav.ErrChanged) {
		t.Errorf("no server: %v", err)
	}
}

// TestPutHangs: a server that does not answer holds up nobody for longer than the time-out.
func TestPutHangs(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.play(func(_ http.ResponseWriter, r *http.Request) bool {
		_ = peek(r)
		<-r.Context().Done()
		return true
	})
	client := b.newClient(caldav.Options{Timeout: 50 * time.Millisecond})
	if _, err := client.Put(t.Context(), b.cal, putHref, []byte(putText), ""); calbell.KindOf(err) != calbell.KindUnreachable {
		t.Errorf("it hangs: %v", err)
	}
}

// TestPutRedirected: a text follows a redirect on its server, and goes to no other.
func TestPutRedirected(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s reached another server", r.Method, r.URL)
	}))
	defer other.Close()
	for _, tt := range []struct {
		to   string
		code int
		ok   bool
	}{
		{"/moved.ics", 301, true},
		{"/moved.ics", 302, true},
		{"/moved.ics", 307, true},
		{"/moved.ics", 308, true},
		{"/moved.ics", 303, false},
		{other.URL + "/moved.ics", 307, false},
		{"https://example.org/moved.ics", 308, false},
		{putHref, 307, false}, // in circles
	} {
		b := newBench(t, caldavtest.Options{})
		got := ""
		b.play(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/moved.ics" {
				got = r.Method + " " + r.Header.Get("If-Match") + " " + peek(r)
				return true
			}
			http.Redirect(w, r, tt.to, tt.code)
			return true
		})
		_, err := b.write(`"a"`)
		if (err == nil) != tt.ok || tt.ok && got != `PUT "a" `+putSent || !tt.ok && got != "" {
			t.Errorf("%d to %s: %v, and %q arrived", tt.code, tt.to, err, got)
		}
	}
}

// TestPutNowhere: what cannot be written is not asked for.
func TestPutNowhere(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	feed := b.cal
	feed.Level = calbell.LevelFile
	elsewhere := b.cal
	elsewhere.URL = "http://other.example.org/alice/calendars/team/"
	odd := b.cal
	odd.URL = "::"
	for _, tt := range []struct {
		name string
		cal  calbell.Calendar
		href calbell.Href
		text string
		kind calbell.ErrorKind
	}{
		{"a subscription", feed, putHref, putText, calbell.KindNotAllowed},
		{"another server", elsewhere, putHref, putText, calbell.KindFailed},
		{"no url", odd, putHref, putText, calbell.KindConfig},
		{"no href", b.cal, "event-0.ics", putText, calbell.KindConfig},
		{"too large", b.cal, putHref, strings.Repeat("x", calbell.MaxObjectBytes+1), calbell.KindFailed},
	} {
		if _, err := b.client.Put(t.Context(), tt.cal, tt.href, []byte(tt.text), ""); calbell.KindOf(err) != tt.kind {
			t.Errorf("%s: kind %d, %v", tt.name, calbell.KindOf(err), err)
		}
	}
	if asked := b.asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// TestNewHref: names are those that every server takes, and differ where UIDs do.
func TestNewHref(t *testing.T) {
	cal := calbell.Calendar{URL: "https://example.org/dav/a%20b"}
	if got := caldav.NewHref(cal, "abc-DEF_9"); got != "/dav/a%20b/abc-DEF_9.ics" {
		t.Errorf("got %q", got)
	}
	seen := map[calbell.Href]bool{}
	for _, uid := range []calbell.UID{"", "..", "a/b", "a%2Fb", "a b", "ä", "x@example.org", calbell.UID(strings.Repeat("x", 300)), "a\nb"} {
		h := caldav.NewHref(cal, uid)
		if name, ok := strings.CutPrefix(string(h), "/dav/a%20b/"); !ok || len(name) != len("0123456789abcdef0123456789abcdef.ics") || seen[h] {
			t.Errorf("%q: %q", uid, h)
		}
		seen[h] = true
	}
}
