package caldav_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

const (
	syncReport = "sync-collection"
	multiget   = "calendar-multiget"
	listing    = "resourcetype"
	ctag       = "getctag"
)

func TestBatches(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(10)
	before := b.cal
	var sizes []string
	err := b.client.Changes(t.Context(), b.cal, b.etags, func(batch caldav.Batch) error {
		sizes = append(sizes, fmt.Sprintf("%d:%d/%d", len(batch.Objects), batch.Done, batch.Total))
		if !batch.Last && (batch.Calendar.SyncToken != before.SyncToken || batch.Calendar.Level != before.Level || !batch.Calendar.ReconciledAt.IsZero()) {
			t.Errorf("the state changed before the last batch: %+v", batch.Calendar)
		}
		if batch.Last && (batch.Calendar.SyncToken == "" || batch.Calendar.Level != calbell.LevelToken || batch.Calendar.ReconciledAt.IsZero()) {
			t.Errorf("no new state in the last batch: %+v", batch.Calendar)
		}
		b.store(batch)
		return nil
	})
	if want := []string{"4:4/10", "4:8/10", "2:10/10"}; err != nil || !slices.Equal(sizes, want) {
		t.Errorf("batches %v, %v", sizes, err)
	}
	b.same()
	if got := b.asked(); len(got) != 4 {
		t.Errorf("a first sync of three batches asks four times: %v", got)
	}
}

// TestRequests: no change costs one request, a change two, at the levels that have a state.
func TestRequests(t *testing.T) {
	tests := []struct {
		name               string
		o                  caldavtest.Options
		unchanged, changed int
	}{
		{"token", caldavtest.Options{}, 1, 2},
		{"ctag", caldavtest.Options{NoReport: true}, 1, 3},
		{"list", caldavtest.Options{Plain: true}, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.o)
			b.fill(6)
			b.sync()
			b.asked()
			b.sync()
			if got := b.asked(); len(got) != tt.unchanged {
				t.Errorf("unchanged: %v", got)
			}
			b.put("event-3.ics", "Changed")
			b.sync()
			if got := b.asked(); len(got) != tt.changed {
				t.Errorf("changed: %v", got)
			}
		})
	}
}

// TestYieldError: an error of the caller ends the run, and comes back as it is.
func TestCallerErrors(t *testing.T) {
	mine := errors.New("disk full")
	b := newBench(t, caldavtest.Options{})
	b.fill(10)
	n := 0
	err := b.client.Changes(t.Context(), b.cal, b.etags, func(caldav.Batch) error { n++; return mine })
	if err != mine || n != 1 {
		t.Errorf("%d batches, %v", n, err)
	}
	err = b.client.Changes(t.Context(), b.cal, func() (map[calbell.Href]calbell.ETag, error) { return nil, mine }, func(caldav.Batch) error { return nil })
	if err != mine {
		t.Errorf("%v", err)
	}
}

// TestInterrupted: a run that ended half-way is taken up where it was, without fetching
// again what is stored.
func TestInterrupted(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(12)
	n := 0
	stop := errors.New("stop")
	err := b.client.Changes(t.Context(), b.cal, b.etags, func(batch caldav.Batch) error {
		if n++; n == 3 {
			return stop
		}
		b.store(batch)
		return nil
	})
	if err != stop || len(b.stored) != 8 {
		t.Fatalf("%d stored, %v", len(b.stored), err)
	}
	b.asked()
	b.sync()
	if got := b.asked(); len(got) != 2 {
		t.Errorf("asked %v", got)
	}
	b.same()
}

// TestDemotion: a refused report leads to the next level, which is remembered.
func TestDemotion(t *testing.T) {
	for _, status := range []int{400, 403, 405, 415, 422, 501} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(3)
			b.play(refuse("REPORT", syncReport, status))
			b.sync()
			b.same()
			if b.cal.Level != calbell.LevelCTag || b.cal.CTag == "" || b.cal.SyncToken != "" {
				t.Errorf("level %d, ctag %q, token %q", b.cal.Level, b.cal.CTag, b.cal.SyncToken)
			}
			b.put("event-1.ics", "Changed")
			b.asked()
			b.sync()
			b.same()
			if got := b.asked(); len(got) != 3 { // state, listing, multiget: the report is not tried again
				t.Errorf("asked %v", got)
			}
			b.promoted()
		})
	}
}

// promoted: a day later the best level is tried again.
func (b *bench) promoted() {
	b.Helper()
	b.play(nil)
	b.cal.ReconciledAt = b.cal.ReconciledAt.Add(-25 * time.Hour)
	b.sync()
	b.same()
	if b.cal.Level != calbell.LevelToken || b.cal.SyncToken == "" {
		b.Errorf("level %d", b.cal.Level)
	}
}

// TestBadToken: whatever way a server has of not taking a token, what changed meanwhile is
// found by comparison, and the new token serves.
func TestBadToken(t *testing.T) {
	condition := func(w http.ResponseWriter, status int) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `<?xml version="1.0"?><d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>`)
	}
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter)
	}{
		{"403 valid-sync-token", func(w http.ResponseWriter) { condition(w, 403) }},
		{"409 valid-sync-token", func(w http.ResponseWriter) { condition(w, 409) }},
		{"412", func(w http.ResponseWriter) { w.WriteHeader(412) }},
		{"400", func(w http.ResponseWriter) { w.WriteHeader(400) }},
		{"410", func(w http.ResponseWriter) { w.WriteHeader(410) }},
		{"500", func(w http.ResponseWriter) { w.WriteHeader(500) }},
		{"507", func(w http.ResponseWriter) { w.WriteHeader(507) }},
		{"a web page", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body>Oops</body></html>")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(6)
			b.sync()
			old := b.cal.SyncToken
			b.put("event-1.ics", "Changed")
			b.put("new.ics", "New")
			b.server.Delete(user, "team", "event-5.ics")
			b.play(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != "REPORT" || !strings.Contains(peek(r), old) {
					return false
				}
				tt.answer(w)
				return true
			})
			b.sync()
			b.same()
			if b.cal.SyncToken == old || b.cal.Level != calbell.LevelToken {
				t.Errorf("token %q, level %d", b.cal.SyncToken, b.cal.Level)
			}
			b.asked()
			b.sync()
			if got := b.asked(); len(got) != 1 {
				t.Errorf("asked %v", got)
			}
		})
	}
}

// TestOneServerError: a 5xx once is an accident, and costs no comparison.
func TestOneServerError(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(3)
	b.sync()
	b.put("event-1.ics", "Changed")
	n := 0
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		if n++; n > 1 {
			return false
		}
		w.WriteHeader(500)
		return true
	})
	b.asked()
	b.sync()
	b.same()
	if got := b.asked(); len(got) != 3 {
		t.Errorf("asked %v", got)
	}
}

// TestTokenAnsweredWithEverything: one server answers a bad token with the full list, and
// 200s. What was deleted is not in it, so everything is compared; nothing is fetched again.
func TestTokenAnsweredWithEverything(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(9)
	b.sync()
	b.put("event-2.ics", "Changed")
	b.server.Delete(user, "team", "event-5.ics")
	b.play(b.rewrite("REPORT", "<D:sync-token>http", func(string) string {
		var all strings.Builder
		for i := range 9 {
			if i != 5 {
				raw, _ := b.server.Raw(user, "team", fmt.Sprintf("event-%d.ics", i))
				sum := sha256.Sum256(raw)
				fmt.Fprintf(&all, `<response><href>/alice/calendars/team/event-%d.ics</href><propstat><prop><getetag>"%x"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>`, i, sum[:8])
			}
		}
		return `<multistatus xmlns="DAV:">` + all.String() + `<sync-token>data:,next</sync-token></multistatus>`
	}))
	b.asked()
	b.sync()
	b.same()
	if got := b.asked(); len(got) != 4 { // the token, the comparison, one GET for what is absent, one multiget
		t.Errorf("asked %v", got)
	}
}

// TestRestoredServer: a token that lies in the server's future is answered "no changes" for
// ever; the daily comparison finds what was missed.
func TestRestoredServer(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(5)
	b.sync()
	b.server.Rewind(user, "team", 5)
	b.put("event-1.ics", "Changed after the restore")
	b.server.Delete(user, "team", "event-2.ics")
	b.sync()
	if got := string(b.stored["/alice/calendars/team/event-1.ics"].Raw); strings.Contains(got, "Changed") {
		t.Fatal("the server told, so that this tests nothing")
	}
	b.cal.ReconciledAt = b.cal.ReconciledAt.Add(-24*time.Hour - time.Minute)
	b.sync()
	b.same()
	b.put("event-3.ics", "And on")
	b.sync()
	b.same()
}

// TestReconcileFailure: a comparison that fails loses no token, and does not stop the sync.
func TestReconcileFailure(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(5)
	b.sync()
	token := b.cal.SyncToken
	b.put("event-1.ics", "Changed")
	b.cal.ReconciledAt = time.Time{}
	b.play(refuse("REPORT", "<D:sync-token></D:sync-token>", 504))
	b.sync()
	b.same()
	if b.cal.SyncToken != token || b.cal.Level != calbell.LevelToken || b.cal.ReconciledAt.IsZero() {
		t.Errorf("token %q, level %d, %v", b.cal.SyncToken, b.cal.Level, b.cal.ReconciledAt)
	}
}

// TestNoTokenInAnswer: a report without a token leaves nothing to go on from.
func TestNoTokenInAnswer(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(3)
	token := regexp.MustCompile(`<sync-token[^>]*>[^<]*</sync-token>`)
	b.play(b.rewrite("REPORT", syncReport, func(s string) string { return token.ReplaceAllString(s, "") }))
	b.sync()
	b.same()
	if b.cal.Level != calbell.LevelCTag {
		t.Errorf("level %d", b.cal.Level)
	}
	b.put("event-1.ics", "Changed")
	b.sync()
	b.same()
}

// TestPagesWithoutProgress: a server that breaks off for ever is given up, and listed.
func TestPagesWithoutProgress(t *testing.T) {
	b := newBench(t, caldavtest.Options{PageSize: 2})
	b.fill(5)
	token := regexp.MustCompile(`/sync/\d+<`)
	b.play(b.rewrite("REPORT", syncReport, func(s string) string { return token.ReplaceAllString(s, "/sync/1<") }))
	b.sync()
	b.same()
	if got := b.asked(); len(got) > 8 {
		t.Errorf("asked %d times", len(got))
	}
}

func TestListingWithoutState(t *testing.T) {
	b := newBench(t, caldavtest.Options{Plain: true})
	b.fill(3)
	b.sync()
	b.same()
	if b.cal.Level != calbell.LevelList {
		t.Errorf("level %d", b.cal.Level)
	}
	b.server.Delete(user, "team", "event-0.ics")
	b.put("event-1.ics", "Changed")
	b.sync()
	if got := b.names(); got != "event-1 event-2" {
		t.Errorf("stored %s", got)
	}
}

// TestETags: weak ones, and ones without quotes, compare; absent ones mean fetching.
func TestETags(t *testing.T) {
	etag := regexp.MustCompile(`(<getetag[^>]*>)(&#34;|")([0-9a-f]+)(&#34;|")(</getetag>)`)
	tests := []struct {
		name, with string
		again      int // requests of a second listing
	}{
		{"weak", `${1}W/"${3}"${5}`, 1},
		{"bare", `${1}${3}${5}`, 1},
		{"absent", ``, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{Plain: true})
			b.fill(3)
			b.sync()
			b.play(b.rewrite("PROPFIND", listing, func(s string) string { return etag.ReplaceAllString(s, tt.with) }))
			b.sync()
			b.asked()
			b.sync()
			if got := b.asked(); len(got) != tt.again {
				t.Errorf("asked %v", got)
			}
			b.put("event-1.ics", "Changed")
			b.sync()
			b.same()
		})
	}
}

// TestSpellingOfChanges: a report on changes spells what the listing spelt otherwise: what
// changed does not stay in its old form, nor what is gone.
func TestSpellingOfChanges(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	for _, name := range []string{"a@b.ics", "c@d.ics", "e@f.ics"} {
		b.put(name, "Old")
	}
	b.sync()
	b.play(b.rewrite("REPORT", syncReport, func(s string) string { return strings.ReplaceAll(s, "@", "%40") }))
	b.put("a@b.ics", "New")
	b.server.Delete(user, "team", "c@d.ics")
	b.put("g@h.ics", "Another")
	b.sync()
	if got := b.names(); got != "a%40b e@f g%40h" {
		t.Errorf("stored %s", got)
	}
}

// TestSpelling: absolute hrefs, and other escapes in the multiget's answer than in the listing.
func TestSpelling(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.server.Put(user, "team", "at@example.org.ics", []byte(caldavtest.Event("at@example.org", "At", "")))
	b.put("plain.ics", "Plain")
	b.play(b.rewrite("REPORT", multiget, func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "team/at@", "team/at%40"), ">/alice", ">https://internal:8443/alice")
	}))
	b.sync()
	b.same()
	if got := b.asked(); len(got) != 2 {
		t.Errorf("asked %v", got)
	}
	// The server begins to spell in another way: the old spelling goes, and nothing is lost.
	b.play(b.rewrite("REPORT", syncReport, func(s string) string { return strings.ReplaceAll(s, "team/at@", "team/at%40") }))
	b.cal.ReconciledAt = time.Time{}
	b.sync()
	if _, ok := b.stored["/alice/calendars/team/at%40example.org.ics"]; !ok || len(b.stored) != 2 {
		t.Errorf("stored %s", b.names())
	}
}
