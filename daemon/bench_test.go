package daemon_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// feed writes a calendar of n events: four in five take place once within two years of now, the
// others recur without an end, a third of these daily.
func feed(tb testing.TB, path string, n int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	now := time.Now().UTC().Truncate(time.Hour)
	rules := []string{"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"}
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\nX-WR-CALNAME:Team\r\n")
	for i := range n {
		rule := ""
		if i%5 == 0 {
			rule = "RRULE:" + rules[i/5%3] + "\r\n"
		}
		start := now.Add(time.Duration(r.IntN(24*1460)-24*730)*time.Hour + time.Duration(r.IntN(60))*time.Minute)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:e%d@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%s\r\nDURATION:PT45M\r\n%sSUMMARY:Meeting %d of group %d\r\nLOCATION:Room %d\r\n"+
			"DESCRIPTION:Bring what was agreed on last time\\, and the list.\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\n",
			i, start.Format("20060102T150405Z"), rule, i, i%997, i%40)
	}
	b.WriteString("END:VCALENDAR\r\n")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkPage100k asks as a browser does: over loopback HTTP, with the session's cookie, for the
// whole page of a member with 100,000 events.
func BenchmarkPage100k(b *testing.B) {
	h := newHouse(b)
	path := filepath.Join(b.TempDir(), "team.ics")
	feed(b, path, 100_000)
	h.cfg.Server.Listen = freeAddress(b)
	h.cfg.Accounts = []calbell.Account{{Name: "bobs", Owner: "Bob", Origin: calbell.OriginFile, URL: "file://" + path, Default: calbell.Default{Webhook: "team"}}}
	h.cfg.Scheduler.LateWindow = time.Minute // what falls due meanwhile is not what is measured
	h.start()
	if _, err := h.client.AddUser(b.Context(), types.NewUser{Name: "Bob", Password: password}); err != nil {
		b.Fatal(err)
	}
	h.eventually("all is synced", func() bool {
		list, err := h.client.Calendars(b.Context())
		return err == nil && len(list) == 1 && !list[0].SyncedAt.IsZero()
	})
	bob := h.signIn("Bob")
	ask := func(path string) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				resp, text := bob.ask("GET", path, "")
				if resp.StatusCode != http.StatusOK || len(text) < 1000 && !strings.HasPrefix(path, "/api") {
					b.Fatalf("%d %.300s", resp.StatusCode, text)
				}
			}
		}
	}
	began := time.Now()
	ask("/")(b)
	b.Logf("the first page, at once after the first sync: %v", time.Since(began))
	day := time.Now().UTC().AddDate(0, -3, 0).Format(time.DateOnly)
	for _, page := range []struct{ name, path string }{
		{"agenda", "/"},
		{"search", "/?q=group+123"},
		{"search/nothing", "/?q=no+such+words"},
		{"past", "/?from=" + day},
		{"unreminded", "/?silent=1"},
		{"reminders", "/reminders"},
		{"api/agenda", "/api/v1/agenda"},
		{"api/search", "/api/v1/events?search=group+123"},
		{"api/status", "/api/v1/status"},
	} {
		b.Run(page.name, ask(page.path))
	}
}
