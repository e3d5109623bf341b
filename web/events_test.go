package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// bindings are what is attached in Bob's account.
func (h *house) bindings() []calbell.Binding {
	h.t.Helper()
	all, _, err := h.Store.Bindings(h.t.Context(), "bob.work")
	h.OK(err)
	return all
}

// A reminder is added for all instances, one, or one and those after it, and removed again; each leads back to
// the instance that was shown.
func TestReminderByItsForm(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/events/"+h.event
	bob.ask("POST", path+"/reminders/"+string(h.binding)+"/remove", nil).leads(path + "?done=reminder-removed")
	page := bob.get(path)
	at := page.form(path).Get("at")
	for _, c := range []struct {
		pairs []string
		want  calbell.Binding
	}{
		{[]string{"before", "30m"}, calbell.Binding{Lead: calbell.Lead{Exact: 30 * time.Minute}}},
		{[]string{"before", "own", "own", "3", "unit", "h", "scope", "one"}, calbell.Binding{Lead: calbell.Lead{Exact: 3 * time.Hour}, Instance: calbell.RecurrenceID(at)}},
		{[]string{"before", "1d@18:00", "scope", "from"}, calbell.Binding{Lead: calbell.Lead{Days: 1, AtClock: true, Clock: 18 * time.Hour}, Instance: calbell.RecurrenceID(at), Onwards: true}},
		{[]string{"before", "alarm"}, calbell.Binding{AtAlarm: true}},
	} {
		a := bob.submits(page, path, append([]string{"webhook", "bob.mine", "do", "add"}, c.pairs...)...).is(http.StatusSeeOther)
		if want := path + "?at="; !strings.HasPrefix(a.to, want) || !strings.Contains(a.to, "done=reminder-added") {
			t.Errorf("%q leads to %q", c.pairs, a.to)
		}
		all := h.bindings()
		if len(all) != 1 || all[0].Lead != c.want.Lead || all[0].AtAlarm != c.want.AtAlarm || all[0].Instance != c.want.Instance || all[0].Onwards != c.want.Onwards || all[0].Webhook != "bob.mine" {
			t.Errorf("%q: attached are %+v", c.pairs, all)
		}
		bob.get(a.to).holds(`role="status"`)
		bob.ask("POST", path+"/reminders/"+string(all[0].ID)+"/remove", values("at", at)).is(http.StatusSeeOther)
	}
}

// A reminder that cannot be is told, with what was chosen; nothing is attached.
func TestReminderThatIsWrong(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/events/"+h.event
	before := len(h.bindings())
	for _, c := range []struct {
		pairs  []string
		status int
		told   string
	}{
		{[]string{"before", "own", "own", "-3", "unit", "h"}, http.StatusUnprocessableEntity, "number"},
		{[]string{"before", "own", "own", "x<b>", "unit", "h"}, http.StatusUnprocessableEntity, "number"},
		{[]string{"before", "soon"}, http.StatusUnprocessableEntity, "soon"},
		{[]string{"before", "1h", "webhook", "none"}, http.StatusNotFound, "none"},
	} {
		a := bob.submits(bob.get(path), path, append([]string{"do", "add"}, c.pairs...)...)
		a.refuses(c.status, "", c.told)
		if c.pairs[1] == "own" {
			a.keeps(path, c.pairs...)
		}
	}
	bob.ask("POST", path+"/reminders/none/remove", nil).is(http.StatusNotFound)
	if after := len(h.bindings()); after != before {
		t.Errorf("%d are attached, were %d", after, before)
	}
}

// When a reminder would be sent is told before it is added: by a button, or to the script alone.
func TestPreviewOfAReminder(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/events/"+h.event
	before := len(h.bindings())
	page := bob.get(path).holds(`<div id="preview" aria-live="polite"><p class="help">`)
	bob.submits(page, path, "do", "preview", "before", "2h").is(http.StatusOK).holds("Will be sent ", `<html`).keeps(path, "before", "2h")
	for _, c := range []struct{ told, before, own, unit string }{
		{"Will be sent ", "2h", "", ""}, {"at once", "own", "49", "h"}, {"invalid time", "soon", "", ""}, {"number", "own", "x", "h"},
	} {
		form := page.form(path, "before", c.before, "own", c.own, "unit", c.unit)
		a := bob.ask("POST", path+"/preview", form).is(http.StatusOK).lacks("<html")
		if !strings.Contains(strings.ToLower(a.text), strings.ToLower(c.told)) {
			t.Errorf("%+v: %s", c, a.text)
		}
	}
	h.as("Carol").ask("POST", path+"/preview", values("before", "1h")).lacks("Bob", "Private").holds(`class="wrong"`)
	if after := len(h.bindings()); after != before {
		t.Errorf("%d are attached, were %d", after, before)
	}
}

// An event is muted whole or one instance of it, says so, and rings again when that is taken back.
func TestMute(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/events/"+h.event
	at := bob.get(path).form(path).Get("at")
	mutes := func() (list []calbell.Binding) {
		for _, b := range h.bindings() {
			if b.Mute {
				list = append(list, b)
			}
		}
		return list
	}
	bob.ask("POST", path+"/mute", values("at", at, "scope", "one")).is(http.StatusSeeOther)
	if all := mutes(); len(all) != 1 || string(all[0].Instance) != at {
		t.Errorf("muted are %+v", all)
	}
	bob.get(path).holds("Only ", `action="`+path+`/unmute"`)
	bob.ask("POST", path+"/unmute", values("at", at)).is(http.StatusSeeOther)
	bob.ask("POST", path+"/mute", nil).leads(path + "?done=muted")
	if all := mutes(); len(all) != 1 || all[0].Instance != "" {
		t.Errorf("muted are %+v", all)
	}
	bob.ask("POST", path+"/unmute", nil).leads(path + "?done=unmuted")
	if all := mutes(); len(all) != 0 {
		t.Errorf("muted are %+v", all)
	}
	bob.get(path).lacks(path + "/unmute")
}

// An event's page tells what the calendar says of it, as text, and when it takes place by the reader's clock and
// by its own.
func TestEventPage(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	o := servicetest.Object(h.calendar, "Told", time.Now(), "")
	start := time.Now().AddDate(0, 0, 3).UTC()
	o.Raw = []byte(regexp.MustCompile(`DTSTART:\S+`).ReplaceAllString(string(o.Raw), "DTSTART;TZID=America/New_York:"+start.Format("20060102")+"T200000\r\nLOCATION:Room <b>\r\n"+
		"DESCRIPTION:See <i>there</i>\r\nCATEGORIES:Work,Home\r\nSTATUS:TENTATIVE\r\nORGANIZER;CN=Eve:mailto:eve@example.org\r\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org"))
	h.Put(h.calendar, o)
	path := "/events/" + calbell.EventID(h.calendar.ID, o.Href, o.UIDs[0])
	h.as("Bob", "Cookie", "zone=Asia/Tokyo").get(path).holds(
		"<h1>Told</h1>", "Room &lt;b&gt;", "See &lt;i&gt;there&lt;/i&gt;", `<span class="chip">Work</span>`, "tentative", "<dd>Eve</dd>", "bob@example.org (declined)",
		"10:00 – 10:45", "20:00 – 20:45 America/New_York", "<small>Asia/Tokyo</small>", "Private",
	)
	h.as("Bob", "Cookie", "zone=America/New_York").get(path).holds("20:00 – 20:45").lacks("20:45 America")
	h.as("Bob").ask("GET", path+"?at=2001-01-01", nil).is(http.StatusNotFound)
}

// Why something rings, and why not: the page names each alarm with what sends it, and each rule.
func TestExplain(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.get("/explain/"+h.event).holds("Bob&#39;s secret", "1 h before", "added here", "Silent", "does not match: Title")
	silent := h.Event(h.calendar, "Silent", time.Now().Add(24*time.Hour), "")
	bob.get("/explain/"+silent).holds("10 min before", `class="chip warn"`)
	past := h.Event(h.calendar, "Past", time.Now().Add(-24*time.Hour), "")
	bob.get("/explain/"+past).holds("Nothing further is planned", "Its last alarm was at")
	bob.get("/explain/" + string(h.planned)).holds("Bob&#39;s secret") // by a delivery
	bob.ask("GET", "/explain/none", nil).is(http.StatusNotFound)
}

// A new event is written into the calendar once, however often its form is sent, with the reader's zone and its
// reminder.
func TestNewEvent(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob", "Cookie", "zone=Europe/Zurich")
	put := map[calbell.Href]string{}
	h.Program.Put = func(href calbell.Href, raw []byte) {
		put[href] = string(raw)
		h.Put(h.calendar, objectOf(h.calendar, raw))
	}
	page := bob.get("/events/new").keeps("/events/new", "calendar", string(h.calendar.ID)).holds("Europe/Zurich")
	day := time.Now().AddDate(0, 0, 3)
	typed := []string{
		"title", "Night <shift>", "day", day.Format(time.DateOnly), "from", "23:00", "to", "01:00", "location", "Room", "description", "one\r\ntwo", "webhook", "bob.mine", "before", "1d@18:00",
	}
	a := bob.submits(page, "/events/new", typed...).is(http.StatusSeeOther)
	if again := bob.submits(page, "/events/new", typed...).is(http.StatusSeeOther); again.to != a.to || len(put) != 1 || len(h.bindings()) != 2 {
		t.Fatalf("sent twice: to %q and %q, written are %q, attached %+v", a.to, again.to, put, h.bindings())
	}
	text := ""
	for _, text = range put {
		text = strings.ReplaceAll(text, "\r\n ", "")
	}
	for _, want := range []string{
		"SUMMARY:Night <shift>", "DTSTART;TZID=Europe/Zurich:" + day.Format("20060102") + "T230000", "DTEND;TZID=Europe/Zurich:" + day.AddDate(0, 0, 1).Format("20060102") + "T010000",
		"LOCATION:Room", `DESCRIPTION:one\ntwo`, "UID:" + page.form("/events/new").Get("uid"),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	bob.get(a.to).holds("Night &lt;shift&gt;", "The day before at 18:00")
}

// An all-day event is days, without times and zones.
func TestNewAllDayEvent(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob", "Cookie", "zone=Europe/Zurich")
	var text string
	h.Program.Put = func(_ calbell.Href, raw []byte) {
		text = string(raw)
		h.Put(h.calendar, objectOf(h.calendar, raw))
	}
	bob.submits(bob.get("/events/new"), "/events/new", "title", "Holiday", "all_day", "1", "day", "2031-08-01", "until", "2031-08-03", "webhook", "").is(http.StatusSeeOther)
	if !strings.Contains(text, "DTSTART;VALUE=DATE:20310801") || !strings.Contains(text, "DTEND;VALUE=DATE:20310804") {
		t.Errorf("written is\n%s", text)
	}
}

// objectOf is an object as the server has it after it was written.
func objectOf(c calbell.Calendar, raw []byte) calbell.Object {
	uid := regexp.MustCompile(`UID:(\S+)`).FindSubmatch(raw)[1]
	return calbell.Object{Calendar: c.ID, Href: calbell.Href("/" + string(uid) + ".ics"), ETag: `"1"`, Raw: raw, UIDs: []calbell.UID{calbell.UID(uid)}}
}

// Each field of a new event that cannot be is told at that field, and the form comes back as it was typed.
func TestNewEventThatIsWrong(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	h.Program.Put = func(calbell.Href, []byte) { t.Error("it was written") }
	page := bob.get("/events/new")
	for _, c := range []struct {
		pairs       []string
		field, told string
	}{
		{[]string{"title", ""}, "title", "title"},
		{[]string{"day", ""}, "day", "day"},
		{[]string{"day", "2031-02-30"}, "day", "day"},
		{[]string{"from", ""}, "from", "time"},
		{[]string{"from", "25:00"}, "from", "time"},
		{[]string{"until", "tomorrow"}, "until", "day"},
		{[]string{"to", "7 pm"}, "to", "time"},
		{[]string{"until", "2031-01-31"}, "until", "before"},
		{[]string{"webhook", "none"}, "webhook", "none"},
		{[]string{"webhook", "bob.mine", "before", "own", "own", "x"}, "", "number"},
	} {
		pairs := append([]string{"title", "Typed <b>", "day", "2031-02-01", "from", "10:00", "to", "11:00"}, c.pairs...)
		a := bob.submits(page, "/events/new", pairs...)
		a.what += " with " + strings.Join(c.pairs, " ")
		status := http.StatusUnprocessableEntity
		if a.status == http.StatusNotFound && c.pairs[1] == "none" {
			status = http.StatusNotFound
		}
		a.refuses(status, c.field, c.told).keeps("/events/new", "uid", page.form("/events/new").Get("uid"))
		if c.field != "title" {
			a.keeps("/events/new", "title", "Typed <b>")
		}
		if c.field != "" && c.field != "webhook" {
			a.keeps("/events/new", c.pairs...)
		}
	}
	bob.ask("POST", "/events/new", values("title", "x", "day", "2031-02-01", "from", "10:00", "calendar", "none")).is(http.StatusNotFound)
}

// Without a calendar to write to there is no form, but the way to one.
func TestNewEventWithoutCalendar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as("Bob").get("/events/new").holds(`href="/calendars/_new"`).lacks(`name="title"`)
}

// What is paused is told on every page, by the reader's clock, with the way to end it; what cannot be paused is
// told at the field.
func TestPauses(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob", "Cookie", "zone=Asia/Tokyo")
	bob.get("/webhooks/bob.mine").holds(`href="/pauses?what=webhook:bob.mine"`)
	page := bob.get("/pauses?what=webhook:bob.mine").keeps("/pauses", "what", "webhook:bob.mine").holds("Nothing is paused", "Asia/Tokyo").lacks("everything")
	for _, until := range []string{"2020-01-01T00:00", "", "never"} {
		bob.submits(page, "/pauses", "for", "own", "until", until).refuses(http.StatusUnprocessableEntity, "until", "").keeps("/pauses", "until", until, "what", "webhook:bob.mine")
	}
	bob.submits(page, "/pauses", "what", "everything", "for", "1h").refuses(http.StatusForbidden, "", "")
	bob.submits(page, "/pauses", "what", "webhook:none", "for", "1h").refuses(http.StatusNotFound, "", "none")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	h.OK(err)
	until := time.Now().In(tokyo).AddDate(0, 0, 2).Format("2006-01-02T15:04")
	bob.submits(page, "/pauses", "for", "own", "until", until).leads("/pauses?done=paused")
	bob.submits(page, "/pauses", "what", "calendar:"+string(h.calendar.ID), "for", "week").is(http.StatusSeeOther)
	for _, path := range []string{"/", "/webhooks", "/help"} {
		bob.get(path).holds("Webhook “mine” is paused until", until[11:], "Calendar “Private” is paused until", `<a href="/pauses">`)
	}
	h.as("Carol").get("/").lacks("is paused")
	for range 2 {
		page = bob.get("/pauses")
		page = bob.does(page, "/pauses/end") // the first of them
	}
	page.holds("Nothing is paused").lacks("is paused until")
	h.as("Anna").get("/pauses").holds(`value="everything"`)
}

// Each choice of how long is a time ahead: one that is over today is not offered.
func TestHowLongToPause(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	for _, zone := range []string{"Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "UTC"} {
		bob := h.as("Bob", "Cookie", "zone="+zone)
		page := bob.get("/pauses")
		for _, choice := range regexp.MustCompile(`<option value="(1h|evening|morning|monday|week)"`).FindAllStringSubmatch(page.text, -1) {
			bob.submits(page, "/pauses", "what", "webhook:bob.mine", "for", choice[1]).is(http.StatusSeeOther)
			rows, err := h.Pauses.List(t.Context(), h.callers["Bob"])
			if err != nil || len(rows) != 1 || !rows[0].Until.After(time.Now()) || rows[0].Until.After(time.Now().AddDate(0, 0, 8)) {
				t.Errorf("%s in %s: %+v, %v", choice[1], zone, rows, err)
			}
		}
	}
}

// What was sent, and why not, is listed with what can be done about it; filters narrow it, and say so when nothing
// is left.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	h.OK(store.SetCalendar(t.Context(), h.Store, h.calendar.ID, &calbell.CalendarSettings{Name: "bob.work/Private", Webhook: "bob.mine"}))
	h.OK(h.Program.AccountsChanged(t.Context()))
	bob := h.as("Bob")
	bob.get("/deliveries").holds(`href="/"`).lacks("<table")
	h.Event(h.calendar, "Refused", time.Now().Add(10*time.Minute), "")
	dead := h.finish(calbell.StatusDead, calbell.Try{Verdict: calbell.HookRefused, Status: 404, Error: calbell.Plain("answered 404 Not Found"), Answer: "<b>gone", Hint: calbell.Plain("make a new one")})
	h.Event(h.calendar, "Accepted", time.Now().Add(10*time.Minute), "")
	sent := h.finish(calbell.StatusSent, calbell.Try{Verdict: calbell.Accepted, Status: 200})
	if len(dead) != 1 || len(sent) != 1 {
		t.Fatalf("ended are %q and %q", dead, sent)
	}
	bob.get("/deliveries").holds("<b>Refused</b>", "<b>Accepted</b>", ">mine<", `aria-hidden="true">✕</span>`, `aria-hidden="true">✓</span>`)
	for query, want := range map[string]string{
		"status=sent": "Accepted", "status=failed": "Refused", "status=retrying": "", "webhook=bob.for-all": "", "webhook=bob.mine&days=1&status=sent": "Accepted", "status=cancelled": "",
	} {
		page := bob.get("/deliveries?" + query)
		for _, title := range []string{"Refused", "Accepted"} {
			if shown := strings.Contains(page.text, "<b>"+title+"</b>"); shown != (title == want) {
				t.Errorf("%s: %s is shown: %v", query, title, shown)
			}
		}
		if want == "" {
			page.holds("Show all")
		}
	}
	h.as("Carol").get("/deliveries").lacks("Refused", "Accepted")
	h.as("Carol").ask("GET", "/deliveries/"+string(dead[0]), nil).is(http.StatusNotFound)
	path := "/deliveries/" + string(dead[0])
	bob.get(path).holds("<h1>Refused</h1>", "404", "&lt;b&gt;gone", "Make a new one", `href="/explain/`+string(dead[0])+`"`, `href="/events/`)
	bob.submits(bob.get(path), path+"/resend").leads(path + "?done=resent")
	bob.ask("POST", path+"/resend", nil).is(http.StatusUnprocessableEntity) // it is under way again
	d, err := h.Deliveries.Get(t.Context(), h.callers["Bob"], dead[0])
	if err != nil || d.Status.Final() {
		t.Errorf("after it was sent again: %+v, %v", d, err)
	}
}

// What falls due next is listed by day, with a way to each event.
func TestRemindersPage(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	h.as("Bob").get("/reminders").holds("<b>Bob&#39;s secret</b>", ">mine", `href="/events/`+h.event, `<h2 class="day">`)
	h.as("Carol").get("/reminders").lacks("Bob").holds(`class="empty"`)
	bob := h.as("Bob")
	bob.get("/").holds("Bob&#39;s secret", "1 h → mine")
	h.suspend("bob.mine")
	bob.get("/").holds(`<a class="chip bad" href="/webhooks">▲ `, "answered 404 Not Found")
}

// The agenda shows the events of two weeks by day or those of a month; search, calendar and silence narrow it, and
// each link keeps what was chosen.
func TestAgenda(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	now := time.Now().UTC()
	h.Event(h.calendar, "Silent one", now.Add(24*time.Hour), "")
	h.Event(h.calendar, "Far away", now.AddDate(0, 0, 100), "")
	page := bob.get("/").holds("Bob&#39;s secret", "Silent one", "1 h → mine", "Private").lacks("Far away")
	if got := strings.Count(page.text, "<b>Bob&#39;s secret</b></a>\n"); got < 11 {
		t.Errorf("a daily event is on %d days of the agenda", got)
	}
	bob.get("/?q=far").holds("Far away", `value="far"`).lacks("Silent one")
	bob.get("/?q=nothing+like+it").holds("Show all").lacks("Silent one")
	silent := bob.get("/?silent=1").holds("Silent one", `name="silent" value="1" checked`)
	if strings.Contains(silent.text, `<span class="when">`+"\n") && strings.Contains(silent.text, "<b>Bob&#39;s secret</b></a>\n") {
		t.Error("an event with reminders is among those without")
	}
	bob.get("/?calendar="+string(h.calendar.ID)).holds("Silent one", `selected>Private</option>`)
	bob.ask("GET", "/?calendar=none", nil).is(http.StatusNotFound)
	from := now.AddDate(0, 0, 98).Format(time.DateOnly)
	bob.get("/?from="+from+"&silent=1").holds("Far away", `value="`+from+`"`, `href="/?from=`+now.AddDate(0, 0, 84).Format(time.DateOnly)+`&amp;silent=1"`, `href="/?from=`+from+`&amp;silent=1&amp;view=month"`)
	bob.get("/?from=nonsense").holds(`value="` + now.Format(time.DateOnly) + `"`)
	month := bob.get("/?view=month&from="+from).holds("Far away", `<table class="month">`, `href="/?from=`)
	if days := strings.Count(month.text, `<a class="number"`); days%7 != 0 || days < 28 {
		t.Errorf("the month has %d days", days)
	}
	h.as("Carol").get("/").lacks("Bob", "Private").holds(`href="/calendars/_new"`)
}

// More events than a page shows are on the pages after it, each once.
func TestAgendaGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.Account("Bob", "work", "Busy")
	h.Event(c, "Hourly", time.Now().Add(30*time.Minute), "FREQ=HOURLY")
	bob, path, seen := h.as("Bob"), "/", map[string]int{}
	for pages := 0; path != ""; pages++ {
		page := bob.get(path)
		links := regexp.MustCompile(`<a href="(/events/[^"]*)"><b>Hourly`).FindAllStringSubmatch(page.text, -1)
		for _, l := range links {
			seen[l[1]]++
		}
		next := regexp.MustCompile(`href="([^"]*after=[^"]*)">More`).FindStringSubmatch(page.text)
		if path = ""; next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
		if pages > 9 {
			t.Fatal("there is no end")
		}
	}
	if len(seen) < 200 {
		t.Errorf("%d events are seen", len(seen))
	}
	for path, n := range seen {
		if n != 1 {
			t.Errorf("%s is shown %d times", path, n)
		}
	}
	_, err := h.Events.List(t.Context(), h.callers["Bob"], types.EventQuery{})
	h.OK(err)
}
