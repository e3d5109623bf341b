package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
)

// TestMembersAreBounded: nobody fills the database, or has the program ask servers all day.
func TestMembersAreBounded(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	counts := map[int]int{}
	for i := range 210 {
		resp, _ := n.bob.ask("POST", "/api/v1/webhooks", fmt.Sprintf(`{"name":"w%d","url":%q}`, i, n.chat.URL("/hooks/x")))
		counts[resp.StatusCode]++
	}
	if counts[http.StatusCreated] != 200 || counts[http.StatusUnprocessableEntity] != 10 {
		t.Errorf("webhooks: %v", counts)
	}
	large := strings.Repeat("x", 60_000)
	body := fmt.Sprintf(`{"name":"large","url":%q,"attachments":[{"a":%q,"b":%q,"c":%q,"d":%q,"e":%q}]}`, n.chat.URL("/hooks/x"), large, large, large, large, large)
	if resp, text := n.anna.ask("POST", "/api/v1/webhooks", body); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("300 kB of templates: %d %.200s", resp.StatusCode, text)
	}
	clear(counts)
	for range 60 {
		resp, _ := n.bob.ask("POST", "/api/v1/sync", "")
		counts[resp.StatusCode]++
		if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" {
			t.Fatal("nobody says how long to wait")
		}
	}
	if counts[http.StatusOK] < 10 || counts[http.StatusTooManyRequests] < 10 {
		t.Errorf("syncs: %v", counts)
	}
}

// TestPausesAreNotUndone: who saw another pause than there is by now replaces none.
func TestPausesAreNotUndone(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	put := func(until, match string, want int) (tag string) {
		t.Helper()
		headers := []string{}
		if match != "" {
			headers = append(headers, "If-Match", match)
		}
		resp, text := n.anna.ask("PUT", "/api/v1/pauses", fmt.Sprintf(`{"webhook":"ops","until":%q}`, until), headers...)
		if resp.StatusCode != want {
			t.Fatalf("until %s if %s: %d %s, want %d", until, match, resp.StatusCode, text, want)
		}
		return resp.Header.Get("ETag")
	}
	soon, later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339), time.Now().Add(2*time.Hour).UTC().Format(time.RFC3339)
	put(soon, `"of none"`, http.StatusPreconditionFailed)
	first := put(soon, "", http.StatusOK)
	var rows []calbell.PauseRow
	n.made(n.anna, "GET", "/pauses", "", http.StatusOK, &rows)
	if len(rows) != 1 || rows[0].ETag != first || first == "" {
		t.Errorf("pauses %+v, tag %s", rows, first)
	}
	second := put(later, first, http.StatusOK)
	put(soon, first, http.StatusPreconditionFailed)
	put("2001-01-01T00:00:00Z", first, http.StatusPreconditionFailed)
	put("2001-01-01T00:00:00Z", `"other", `+second, http.StatusOK)
}
