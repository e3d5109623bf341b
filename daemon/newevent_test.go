package daemon_test

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

// A new event is written into the calendar once, however often its form is sent, with its
// reminder; also when two accounts show the same calendar.
func TestNewEventByItsForm(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	again := fmt.Sprintf(`{"name":"again","url":%q,"username":"bob","password":"bobs-password"}`, i.calendars.URL())
	if resp, text := bob.ask("POST", "/api/v1/accounts", again); resp.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	bob.ask("POST", "/api/v1/sync?wait=true", "")
	day := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	form := url.Values{
		"uid": {hidden(bob.get("/events/new"), "uid")}, "calendar": {string(i.calendar)}, "title": {"Night <shift>"}, "day": {day}, "from": {"23:00"},
		"to": {"01:00"}, "webhook": {"bob.mine"}, "before": {"1d@18:00"},
	}
	status, to, page := bob.send("/events/new", form)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/events/") {
		t.Fatalf("%d to %q\n%s", status, to, inside(page))
	}
	if status, second, page := bob.send("/events/new", form); status != http.StatusSeeOther || second != to {
		t.Errorf("sent twice: %d to %q\n%s", status, second, inside(page))
	}
	form.Set("title", "Another")
	if status, _, page := bob.send("/events/new", form); status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="Another"`) {
		t.Errorf("another event of the same UID: %d\n%s", status, inside(page))
	}
	var rows []types.EventRow
	_, text := bob.ask("GET", "/api/v1/events?calendar="+string(i.calendar)+"&search=night", "")
	i.ok(json.Unmarshal(text, &rows))
	if len(rows) != 1 || rows[0].Subject != "Night <shift>" || rows[0].End.Sub(rows[0].Start) != 2*time.Hour {
		t.Errorf("in the calendar: %+v", rows)
	}
	if page := bob.get(to); strings.Count(page, "/remove\"") != 1 || !strings.Contains(page, "The day before at 18:00") || !strings.Contains(page, "Night &lt;shift&gt;") {
		t.Errorf("the event's page:\n%s", inside(page))
	}
}
