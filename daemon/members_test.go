package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
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
