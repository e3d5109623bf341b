package daemon_test

import (
	"net/url"
	"strings"
	"testing"
)

// Times before an event are chosen row by row, or written as people say them, without a script
// too; what cannot be read is told at its row and stays as it was typed.
func TestTimesByTheirRows(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	path := "/calendars/" + string(i.calendar)
	form := url.Values{
		"etag": {hidden(bob.get(path), "etag")}, "webhook": {"bob.mine"}, "mode": {"add"},
		"remind": {"30m", "", "own"}, "remind_own": {"", "left over", "1 h <b>"}, "remind_all_day": {"0d@09:00", "", ""}, "remind_all_day_own": {"", "", ""},
	}
	page := bob.refused(path, form)
	bob.holds("a time that is none", page, `<option value="30m" selected>30 min before</option>`, `<option value="own" selected>`, `value="1 h &lt;b&gt;"`, "Invalid time before an event “1 h &lt;b&gt;”", `<option value="0d@09:00" selected>`)
	if n := strings.Count(page, `class="wrong"`); n != 1 {
		t.Errorf("%d fields are wrong, want one", n)
	}
	if n := strings.Count(page, `aria-invalid="true"`); n != 2 { // the list and the field beside it
		t.Errorf("%d controls are marked, want those of one row", n)
	}
	form["remind_own"][2] = "1 h 30"
	bob.does(path, form)
	page = bob.get(path)
	bob.holds("stored", page, `<option value="30m" selected>30 min before</option>`, `<option value="1h30m" selected>1 h 30 min before</option>`, `<option value="0d@09:00" selected>On the day at 09:00</option>`)
	form.Set("etag", hidden(page, "etag"))
	form["remind"], form["remind_own"] = []string{"", "1h30m"}, []string{"", ""}
	bob.does(path, form)
	if page = bob.get(path); strings.Contains(page, `<option value="30m" selected>`) || !strings.Contains(page, `<option value="1h30m" selected>`) {
		t.Errorf("a row that was emptied:\n%s", inside(page))
	}
}

// Quiet hours are two times and a box; days that the file or a program named are kept.
func TestQuietHoursByTheirFields(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	if resp, text := bob.ask("PATCH", "/api/v1/webhooks/bob.mine", `{"quiet":"22:00-07:00 working mon,tue drop"}`, "Content-Type", "application/merge-patch+json"); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	page := bob.get("/webhooks/bob.mine")
	bob.holds("what a program set", page, `<html lang="en" `, `name="quiet_from" type="time" value="22:00"`, `name="quiet_working" value="mon,tue"`, `name="quiet_weekends" value="1" checked`, `name="quiet_drop" value="1" checked`, "All days but Monday, Tuesday")
	form := hookForm(page, "name", "mine", "quiet_from", "23:00", "quiet_to", "06:30", "quiet_weekends", "1", "quiet_working", hidden(page, "quiet_working"))
	bob.does("/webhooks/bob.mine", form)
	_, text := bob.ask("GET", "/api/v1/webhooks/bob.mine", "")
	if !strings.Contains(string(text), `"23:00-06:30 working mon,tue"`) {
		t.Errorf("after the form: %s", text)
	}
	form = hookForm(bob.get("/webhooks/bob.mine"), "name", "mine", "quiet_from", "23:00")
	bob.holds("one time alone", bob.refused("/webhooks/bob.mine", form), `name="quiet_from" type="time" value="23:00"`, "<details open>", "Quiet hours need both times")
	bob.does("/webhooks/bob.mine", hookForm(bob.get("/webhooks/bob.mine"), "name", "mine"))
	if _, text := bob.ask("GET", "/api/v1/webhooks/bob.mine", ""); strings.Contains(string(text), `"quiet"`) {
		t.Errorf("after both were emptied: %s", text)
	}
}
