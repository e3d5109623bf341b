package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell/api/types"
)

// Long lists come in parts, each with the address of the next; a cursor of another list is refused.
func TestPages(t *testing.T) {
	i := inhabit(t)
	for n := range 7 {
		i.Event(i.calendar, fmt.Sprint("Event ", n), time.Now().Add(time.Hour), "")
		_, err := i.Webhooks.Test(t.Context(), i.bob, "mine", types.Sample{})
		i.OK(err)
	}
	next := func(path string) (rows []map[string]any, follows string) {
		t.Helper()
		rec := i.ask(t, i.bob, "GET", path, "")
		if err := json.Unmarshal(rec.Body.Bytes(), &rows); err != nil {
			t.Fatalf("%s: %v in %s", path, err, rec.Body)
		}
		follows, _, _ = strings.Cut(strings.TrimPrefix(rec.Header().Get("Link"), "</api/v1"), `>; rel="next"`)
		return rows, follows
	}
	for path, want := range map[string]int{"/events?limit=3": 8, "/agenda?limit=3": 8, "/deliveries?limit=3": 7} {
		seen, pages := map[string]bool{}, 0
		for follows := path; follows != ""; pages++ {
			var rows []map[string]any
			rows, follows = next(follows)
			for _, r := range rows {
				seen[fmt.Sprint(r["id"], r["uid"])] = true
			}
		}
		if len(seen) != want || pages != 3 {
			t.Errorf("%s: %d different on %d pages, want %d", path, len(seen), pages, want)
		}
	}
	_, follows := next("/deliveries?limit=1")
	u, err := url.Parse(follows)
	i.OK(err)
	for _, path := range []string{"/deliveries", "/reminders", "/events", "/agenda"} {
		for _, cursor := range []string{"nonsense", "%00", "e30x", u.Query().Get("cursor")} {
			rec := i.ask(t, i.bob, "GET", path+"?cursor="+cursor, "")
			if own := path == "/deliveries" && len(cursor) > 10; (rec.Code == http.StatusOK) != own {
				t.Errorf("%s with the cursor %q: %d %s", path, cursor, rec.Code, rec.Body)
			}
		}
	}
}

// A list that has nothing is an empty list, which programs go through as through any other: it is never
// null.
func TestEmptyLists(t *testing.T) {
	i := inhabit(t)
	for _, path := range []string{
		"/calendars", "/accounts", "/webhooks", "/rules", "/events", "/agenda", "/events/bad", "/reminders", "/deliveries", "/deliveries?status=planned", "/pauses", "/tokens", "/sync",
	} {
		if rec := i.ask(t, i.carol, "GET", path, ""); rec.Code != http.StatusOK || strings.TrimSpace(rec.Body.String()) != "[]" {
			t.Errorf("%s: %d %s, want []", path, rec.Code, rec.Body)
		}
	}
	if rec := i.ask(t, i.carol, "POST", "/sync?wait=true", ""); strings.TrimSpace(rec.Body.String()) != "[]" {
		t.Errorf("a sync of no account: %d %s", rec.Code, rec.Body)
	}
}
