package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// A pause is set and ended by whoever it concerns alone, for at most a year; what concerns everybody is
// the admins' to pause.
func TestPauses(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	until := func(what string, d time.Duration) string {
		return fmt.Sprintf(`{%s"until":%q}`, what, time.Now().Add(d).UTC().Format(time.RFC3339))
	}
	const day = 24 * time.Hour
	i.steps(t, []step{
		{"everything, by a member", i.bob, "PUT /pauses", until("", day), 403, "administrator"},
		{"everything", i.anna, "PUT /pauses", until("", day), 200, `"until":`},
		{"everybody sees it", i.carol, "GET /pauses", "", 200, `"until":`},
		{"everything, ended", i.anna, "PUT /pauses", `{}`, 200, `"etag":`},
		{"ended twice", i.anna, "PUT /pauses", `{}`, 404, "nothing is paused"},
		{"one's own calendar", i.bob, "PUT /pauses", until(`"calendar":"Own",`, day), 200, `"calendar_name":"Own"`},
		{"another's calendar", i.carol, "PUT /pauses", until(`"calendar":"Own",`, day), 404, "no calendar"},
		{"is not seen by others", i.carol, "GET /pauses", "", 200, "[]"},
		{"a shared webhook, by others", i.carol, "PUT /pauses", until(`"webhook":"for all",`, day), 403, "Bob's"},
		{"a shared webhook", i.bob, "PUT /pauses", until(`"webhook":"for all",`, day), 200, `"webhook_name":"for all"`},
		{"is seen by who uses it", i.carol, "GET /pauses", "", 200, `"webhook_name":"for all"`},
		{"a calendar to a webhook", i.bob, "PUT /pauses", until(`"calendar":"Own","webhook":"mine",`, day), 200, `"webhook":"bob.mine"`},
		{"what is not paused", i.bob, "PUT /pauses", `{"webhook":"mine"}`, 404, "is not paused"},
		{"two years", i.bob, "PUT /pauses", until(`"webhook":"mine",`, 2*366*day), 422, "longer than a year"},
		{"no time", i.bob, "PUT /pauses", `{"webhook":"mine","until":"tomorrow"}`, 422, "body.until | "},
	})
	if n := i.Program.Pauses(); n != 5 {
		t.Errorf("%d pauses took effect, want 5", n)
	}
}

// A pause is not replaced by an editor who saw another one.
func TestPausesAreEdits(t *testing.T) {
	i := inhabit(t)
	put := func(hours int, match string) (types.PauseRow, int) {
		t.Helper()
		body := fmt.Sprintf(`{"calendar":"Own","until":%q}`, time.Now().Add(time.Duration(hours)*time.Hour).UTC().Format(time.RFC3339))
		rec := i.ask(t, i.bob, "PUT", "/pauses", body, "If-Match", match)
		if rec.Code != http.StatusOK {
			return types.PauseRow{}, rec.Code
		}
		r := read[types.PauseRow](t, rec)
		if r.ETag == "" || r.ETag != rec.Header().Get("ETag") {
			t.Errorf("tags %q and %q", r.ETag, rec.Header().Get("ETag"))
		}
		return r, rec.Code
	}
	first, _ := put(1, "")
	second, _ := put(2, first.ETag)
	for match, want := range map[string]int{first.ETag: http.StatusPreconditionFailed, `"none"`: http.StatusPreconditionFailed, "*": http.StatusOK} {
		if _, got := put(3, match); got != want {
			t.Errorf("If-Match %s after %s: %d, want %d", match, second.ETag, got, want)
		}
	}
	if rows := read[[]calbell.Pause](t, i.ask(t, i.bob, "GET", "/pauses", "")); len(rows) != 1 {
		t.Errorf("paused %+v", rows)
	}
}
