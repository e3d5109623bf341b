package web_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/store"
)

// settings are what people set for Bob's calendar.
func (h *house) settings() calbell.CalendarSettings {
	h.t.Helper()
	all, err := store.SettingsByCalendar(h.t.Context(), h.Store)
	h.OK(err)
	return all[h.calendar.ID]
}

// What a calendar has by default is stored as its form holds it, and a form that nobody changed changes nothing.
func TestCalendarDefaults(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/"+string(h.calendar.ID)
	typed := []string{"webhook", "bob.mine", "mode", "add", "private", "busy", "time_zone", "Asia/Tokyo", "remind", "30m", "remind_all_day", "1d@18:00"}
	bob.submits(bob.get(path), path, typed...).leads("/calendars?done=calendar-saved")
	for range 2 {
		got := h.settings()
		if got.Webhook != "bob.mine" || got.Mode != calbell.ModeAdd || got.Private != "busy" || got.TimeZone != "Asia/Tokyo" || len(got.Remind) != 1 || len(got.RemindAllDay) != 1 {
			t.Errorf("stored is %+v", got)
		}
		bob.does(bob.get(path).keeps(path, typed...), path)
	}
	bob.get("/calendars").holds("mine", "Private")
	bob.does(bob.get(path), path, "webhook", "", "mode", "fallback", "private", "", "time_zone", "", "remind", "", "remind_all_day", "")
	if got := h.settings(); got.Webhook != "" || len(got.Remind) != 0 || got.TimeZone != "" {
		t.Errorf("emptied: %+v", got)
	}
}

// Each field of a calendar that cannot be is told at that field; nothing is stored, and the rest stays as typed.
func TestCalendarFieldsThatAreWrong(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/"+string(h.calendar.ID)
	for _, c := range []struct{ field, value, told string }{
		{"webhook", "none <b>", "none <b>"}, {"mode", "sometimes", "sometimes"}, {"time_zone", "Mars/<b>", "Mars/<b>"}, {"remind", "soon", "“soon”"},
	} {
		a := bob.submits(bob.get(path), path, "webhook", "bob.mine", "remind_all_day", "2d@09:00", c.field, c.value)
		a.what += " with the " + c.field + " " + c.value
		at := c.field
		if at == "remind" {
			at = "remind_own"
		}
		a.refuses(http.StatusUnprocessableEntity, at, c.told).keeps(path, "remind_all_day", "2d@09:00")
		if c.field != "mode" {
			a.keeps(path, c.field, c.value)
		}
	}
	if got := h.settings(); got.Webhook != "" {
		t.Errorf("stored is %+v", got)
	}
}

// Times before an event are chosen row by row, or written as people say them, without a script too; what cannot
// be read is told at its row, and stays as it was typed.
func TestTimesByTheirRows(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/"+string(h.calendar.ID)
	form := bob.get(path).form(path, "webhook", "bob.mine", "mode", "add")
	form["remind"], form["remind_own"] = []string{"30m", "", "own"}, []string{"", "left over", "1 h <b>"}
	form["remind_all_day"], form["remind_all_day_own"] = []string{"0d@09:00", "", ""}, []string{"", "", ""}
	a := bob.ask("POST", path, form).is(http.StatusUnprocessableEntity)
	a.holds(`<option value="30m" selected>30 min before</option>`, `<option value="own" selected>`, `value="1 h &lt;b&gt;"`, "Invalid time before an event “1 h &lt;b&gt;”", `<option value="0d@09:00" selected>`)
	if n, marked := strings.Count(a.text, `class="wrong"`), strings.Count(a.text, `aria-invalid="true"`); n != 1 || marked != 2 { // the list and the field beside it
		t.Errorf("%d are told, %d marked: want those of one row", n, marked)
	}
	form["remind_own"][2] = "1 h 30"
	bob.ask("POST", path, form).is(http.StatusSeeOther)
	page := bob.get(path).holds(`<option value="30m" selected>30 min before</option>`, `<option value="1h30m" selected>1 h 30 min before</option>`, `<option value="0d@09:00" selected>On the day at 09:00</option>`)
	form = page.form(path)
	form["remind"], form["remind_own"] = []string{"", "1h30m"}, []string{"", ""}
	bob.ask("POST", path, form).is(http.StatusSeeOther)
	bob.get(path).lacks(`<option value="30m" selected>`).holds(`<option value="1h30m" selected>`)
}

// "Sync now" says how the sync ended, and leads back to where it was pressed, if that is a page of this one.
func TestSyncNow(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	id := string(h.calendar.ID)
	bob.ask("POST", "/calendars/_sync", nil).leads("/calendars?done=synced")
	bob.ask("POST", "/calendars/_sync", values("calendar", id, "back", "/?view=month")).leads("/?done=synced&view=month")
	bob.ask("POST", "/calendars/_sync", values("back", "https://evil.example.org/")).leads("/?done=synced")
	h.Program.SyncError = errors.New("cannot reach the server")
	bob.ask("POST", "/calendars/_sync", nil).leads("/calendars?done=sync-failed")
	bob.get("/calendars?done=sync-failed").holds(`role="alert">✕ Not every calendar could be synced`).lacks(`role="status"`)
	bob.get("/calendars?done=synced").holds(`role="status">✓ Synced`).lacks(`role="alert"`)
	bob.get("/calendars?done=<b>").lacks(`role="status"`, "done.")
	h.as("Carol").ask("POST", "/calendars/_sync", values("calendar", id)).is(http.StatusNotFound)
	if got := h.Program.Synced(); len(got) != 4 {
		t.Errorf("synced were %q", got)
	}
}

// The list says of each calendar how it is, and what is wrong with it with the next step.
func TestStateOfACalendar(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.get("/calendars").holds(`<a href="/calendars/_account/bob.work">work</a>`, `<b>Private</b>`, "●", "synced ").lacks("▲")
	change := func(with func(c *calbell.Calendar)) {
		t.Helper()
		c := h.calendar
		with(&c)
		h.OK(h.Store.Apply(t.Context(), store.Change{Calendar: c}, time.Now()))
	}
	change(func(c *calbell.Calendar) {
		c.FailingSince, c.LastError = time.Now().Add(-time.Hour), calbell.Plain("sign-in refused (401) by cal.example.org")
	})
	list := bob.get("/calendars").holds(`<span class="chip bad"><span aria-hidden="true">▲</span>`, "401", "<title>▲ ")
	list.holds(`<a class="chip bad" href="/calendars">`)
	bob.get("/calendars/"+string(h.calendar.ID)).holds(`<p class="note bad">✕ `, "401")
	h.as("Carol").get("/calendars").lacks("401", "▲", "Private")
	change(func(c *calbell.Calendar) { c.Brake.Seen = 3 })
	bob.get("/calendars").holds(`class="chip warn"`, `action="/calendars/_apply"`)
	change(func(c *calbell.Calendar) { c.ReadOnly = true })
	bob.get("/calendars").holds("read-only").lacks(`action="/calendars/_apply"`)
	bob.get("/events/new").lacks(`name="calendar"`)
}

// A new account is looked for at its server first: what it answered is told when nothing was found, and nothing
// is stored; the password never comes back.
func TestConnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.as("Bob")
	bob.get("/").holds(`href="/calendars/_new"`)
	bob.get("/calendars/_new").holds("Infomaniak", "Nextcloud", "iCloud", "Fastmail", "provider=caldav", "provider=ics", `<li aria-current="step">1.`)
	bob.get("/calendars/_new?provider=none").holds("Infomaniak")
	bob.get("/calendars/_new?provider=ics").holds("basic.ics").lacks(`name="username"`)
	bob.get("/calendars/_new?provider=icloud").holds(`type="hidden" name="url" value="https://caldav.icloud.com/"`)
	page := bob.get("/calendars/_new?provider=nextcloud").holds("app password", `<li aria-current="step">2.`).keeps("/calendars/_new", "name", "Nextcloud")
	typed := []string{"url", "cloud.example.org", "username", "bob", "password", "typed-password", "name", "Work"}
	h.Program.Found = types.Discovered{Error: calbell.Plain("sign-in refused (401) by cloud.example.org"), Hint: calbell.Plain("check the password"), Probes: []types.Probe{{Method: "PROPFIND", URL: "https://cloud.example.org/", Status: 401, Answer: calbell.Plain("401 Unauthorized")}}}
	bob.submits(page, "/calendars/_new", typed...).refuses(http.StatusUnprocessableEntity, "", "401").holds("<code>PROPFIND https://cloud.example.org/</code>", "What to do:").
		keeps("/calendars/_new", "url", "cloud.example.org", "username", "bob", "name", "Work", "password", "").lacks("typed-password")
	h.Program.Found = types.Discovered{}
	bob.submits(page, "/calendars/_new", typed...).refuses(http.StatusUnprocessableEntity, "", "calendar")
	if all, _ := h.Store.Accounts().All(t.Context()); len(all) != 0 {
		t.Errorf("stored is %+v", all)
	}
	found := calbell.Calendar{ID: calbell.NewCalendarID("bob.work", "https://cal.example.org/bob.work/team/"), Account: "bob.work", URL: "https://cal.example.org/bob.work/team/", Name: "Team <b>"}
	h.Program.Found = types.Discovered{Calendars: []calbell.Calendar{found}}
	found.SyncedAt = time.Now() // nobody waits for the first sync
	h.OK(h.Store.Apply(t.Context(), store.Change{Calendar: found}, time.Now()))
	bob.submits(page, "/calendars/_new", typed...).leads("/calendars/_account/bob.work?step=3")
	bob.get("/calendars/_account/bob.work?step=3").holds("Team &lt;b&gt;", `<li aria-current="step">3.`).lacks("typed-password")
	bob.get("/calendars/_new?provider=nextcloud").keeps("/calendars/_new", "name", "Nextcloud")
	h.Account("Bob", "Nextcloud", "Other")
	bob.get("/calendars/_new?provider=nextcloud").keeps("/calendars/_new", "name", "Nextcloud 2") // which is free
}

// The calendars of an account are chosen by ticks: all of one's own are no list, so that later ones are synced
// too, and what the server does not say just now stays chosen.
func TestCalendarsOfAnAccount(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/_account/bob.work"
	other := func(name string, own calbell.Ownership) calbell.Calendar {
		url := "https://cal.example.org/bob/" + calbell.Slug(name) + "/"
		return calbell.Calendar{ID: calbell.NewCalendarID("bob.work", url), Account: "bob.work", URL: url, Name: name, Ownership: own}
	}
	h.Program.Found = types.Discovered{Calendars: []calbell.Calendar{h.calendar, other("Home", ""), other("Theirs", calbell.OwnershipOther)}}
	stored := func() []string {
		a, err := h.Store.Accounts().Get(t.Context(), "bob.work")
		h.OK(err)
		var names []string
		for _, c := range a.Calendars {
			names = append(names, c.Name)
		}
		return names
	}
	page := bob.get(path).holds("shared by somebody else", "events in the next 30 days")
	if ticked := page.form(path)["calendar"]; !slices.Equal(ticked, []string{"Private", "Home"}) {
		t.Errorf("ticked are %q", ticked)
	}
	bob.does(page, path)
	if got := stored(); got != nil {
		t.Errorf("all are chosen, and listed are %q", got)
	}
	form := page.form(path)
	form["calendar"] = []string{"Home"}
	form.Set("etag", bob.get(path).form(path).Get("etag"))
	bob.ask("POST", path, form).leads("/calendars?done=account-saved")
	h.Program.Found = types.Discovered{Error: calbell.Plain("cannot reach cal.example.org")}
	page = bob.get(path).holds("Cannot reach cal.example.org", "What was chosen stays")
	bob.does(page, path, "password", "another one here")
	if got := stored(); !slices.Equal(got, []string{"Home"}) {
		t.Errorf("listed are %q", got)
	}
	if a, _ := h.Store.Accounts().Get(t.Context(), "bob.work"); a.Password.Reveal() != "another one here" {
		t.Error("the password is not stored")
	}
	bob.get(path).lacks("another one here")
}

// A calendar that somebody shares may have the name of one's own: they are told apart by their addresses, and
// the shared one is not ticked. To choose all of one's own is to choose none by name.
func TestSharedCalendarOfTheSameName(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/_account/bob.work"
	theirs := h.calendar
	theirs.URL, theirs.Ownership, theirs.ReadOnly = "https://cal.example.org/bob.work/theirs/", calbell.OwnershipOther, true
	theirs.ID = calbell.NewCalendarID("bob.work", theirs.URL)
	h.Program.Found = types.Discovered{Calendars: []calbell.Calendar{h.calendar, theirs}}
	page := bob.get(path).holds("shared by somebody else", `value="`+theirs.Path()+`"`)
	form := page.form(path)
	if ticked := form["calendar"]; !slices.Equal(ticked, []string{h.calendar.Path()}) || !slices.Equal(form["usual"], ticked) {
		t.Errorf("ticked are %q, usual %q", ticked, form["usual"])
	}
	listed := func() (names []string) {
		a, err := h.Store.Accounts().Get(t.Context(), "bob.work")
		h.OK(err)
		for _, c := range a.Calendars {
			names = append(names, c.Name)
		}
		return names
	}
	bob.does(page, path)
	if got := listed(); got != nil {
		t.Errorf("all of Bob's own are chosen, and listed are %q", got)
	}
	form = bob.get(path).form(path)
	form["calendar"] = append(form["calendar"], theirs.Path())
	bob.ask("POST", path, form).is(http.StatusSeeOther)
	if got := listed(); !slices.Equal(got, []string{h.calendar.Path(), theirs.Path()}) {
		t.Errorf("both are chosen, and listed are %q", got)
	}
	if ticked := bob.get(path).form(path)["calendar"]; len(ticked) != 2 {
		t.Errorf("ticked are %q", ticked)
	}
}

// What an account has by default, and whose addresses are its person's, is stored as its form holds it; what
// cannot be is told at its field.
func TestAccountByItsForm(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/_account/bob.work"
	page := bob.get(path)
	for _, c := range []struct{ field, value, told string }{
		{"webhook", "none", "none"}, {"time_zone", "Mars/<b>", "Mars/<b>"}, {"remind", "soon", "“soon”"},
	} {
		at := c.field
		if at == "remind" {
			at = "remind_own"
		}
		a := bob.submits(page, path, "webhook", "bob.mine", "remind_all_day", "1d@18:00", c.field, c.value)
		a.what += " with the " + c.field + " " + c.value
		a.refuses(http.StatusUnprocessableEntity, at, c.told).keeps(path, c.field, c.value, "remind_all_day", "1d@18:00")
	}
	bob.submits(page, path, "webhook", "bob.mine", "remind", "15m", "time_zone", "Europe/Paris", "addresses", "bob@example.org; bob@example.net", "write_back", "1", "trust_invitations", "1", "password", "").
		leads("/calendars?done=account-saved")
	a, err := h.Store.Accounts().Get(t.Context(), "bob.work")
	if err != nil || a.Default.Webhook != "bob.mine" || len(a.Default.Remind) != 1 || a.TimeZone != "Europe/Paris" || len(a.Addresses) != 2 || !a.WriteBack || !a.TrustInvitations || a.Password == "" {
		t.Errorf("stored is %+v, %v", a, err)
	}
	bob.get(path).keeps(path, "addresses", "bob@example.org, bob@example.net", "write_back", "1", "trust_invitations", "1")
	bob.submits(bob.get(path), path+"/remove").leads("/calendars?done=account-removed")
	bob.ask("GET", path, nil).is(http.StatusNotFound)
	bob.get("/calendars").lacks("Private")
}

// Accounts of the configuration's file are shown to admins, and say that they are changed there.
func TestAccountOfTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.Calendar("house", "House calendar")
	anna := h.as("Anna")
	anna.get("/calendars").holds("House calendar", "configuration file")
	anna.get("/calendars/_account/house").holds("<fieldset disabled>").lacks(`<button class="main">`, "/remove", `name="password"`)
	anna.ask("POST", "/calendars/_account/house", values("mode", "add")).is(http.StatusUnprocessableEntity).holds("configuration file")
	path := "/calendars/" + string(c.ID)
	anna.does(anna.get(path), path, "mode", "add") // what it has by default, people may say
	h.as("Bob").ask("GET", path, nil).is(http.StatusNotFound)
}

// A calendar of somebody else's is silent until its page switches it on.
func TestSharedCalendarIsSwitchedOn(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/calendars/"+string(h.calendar.ID)
	bob.get(path).lacks(`name="switched_on"`)
	shared := h.calendar
	shared.Ownership = calbell.OwnershipOther
	h.OK(h.Store.Apply(t.Context(), store.Change{Calendar: shared}, time.Now()))
	bob.get("/calendars").holds("silent until you switch it on", `<a href="`+path+`">Switch on`)
	bob.does(bob.get(path), path, "switched_on", "1").lacks("silent until")
	bob.get(path).keeps(path, "switched_on", "1")
	form := bob.get(path).form(path)
	form.Del("switched_on")
	bob.ask("POST", path, form).is(http.StatusSeeOther)
	bob.get("/calendars").holds("silent until you switch it on")
}
