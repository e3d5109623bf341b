package words_test

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/i18n"
	"calbell/web/words"
)

// reader reads a language at nine on a Monday in Zurich.
func reader(t *testing.T, lang string) words.Reader {
	t.Helper()
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	return words.Reader{Words: catalogue.In(lang), Now: time.Date(2026, 11, 23, 9, 0, 0, 0, zurich), Zone: zurich}
}

// A text with a key is said in the reader's language, with its instants by their clock; one without
// stays as it is, and a long one loses its middle alone.
func TestSentence(t *testing.T) {
	rest := calbell.T("service:server-asked-rest-until", "the server asked for a rest until %s", "2026-11-23T10:30:00Z")
	for _, c := range []struct {
		lang string
		text any
		want string
	}{
		{"en", rest, "The server asked for a rest until Mon 23 Nov 11:30"},
		{"de", rest, "Der Server bat um eine Pause bis Mo 23. Nov. 11:30"},
		{"de", rest.English, "The server asked for a rest until 2026-11-23T10:30:00Z"},
		{"fr", "", ""},
		{"en", "é", "É"},
		{"en", "\xff", "\ufffd"},
	} {
		if got := reader(t, c.lang).Sentence(c.text); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.text, c.lang, got, c.want)
		}
	}
	long := reader(t, "en").Sentence("a" + strings.Repeat("é", 5000) + "z")
	if n := len([]rune(long)); n > 1100 || !strings.HasPrefix(long, "Aé") || !strings.HasSuffix(long, "éz") || !strings.Contains(long, " … ") {
		t.Errorf("a long text has %d runes", n)
	}
	if r := reader(t, "en"); !r.Multiline("one\ntwo") || r.Multiline("one") {
		t.Error("a text of several lines")
	}
}

// A warning has words in every language; one of a newer program is said as it is.
func TestWarning(t *testing.T) {
	for _, lang := range i18n.Languages() {
		r := reader(t, lang)
		for _, code := range []calbell.WarningCode{calbell.WarnDuration, calbell.WarnTimeZone, calbell.WarnNoRule, calbell.WarnNoDuration} {
			got := r.Warning(calbell.Warning{Code: code, Args: []string{"<one>", "<two>", "<three>"}})
			if got == "" || strings.Contains(got, "{") || strings.Contains(got, "warning.") || !strings.Contains(got, "<one>") && !strings.Contains(got, "<two>") {
				t.Errorf("%s in %s: %q", code, lang, got)
			}
		}
	}
	if got := reader(t, "de").Warning(calbell.Warning{Code: "of-tomorrow", Args: []string{"x"}}); got == "" || strings.Contains(got, "warning.") {
		t.Errorf("of a newer program: %q", got)
	}
}

// A rule that does not match says which of its conditions, as its form calls it.
func TestMisses(t *testing.T) {
	for key, want := range map[string]string{"subject": "Title", "all_day": "All day", "what nobody knows": "what nobody knows"} {
		if got := reader(t, "en").Misses(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// Attendees are named up to a number, by their address when they have no name; who declined is marked.
func TestPeople(t *testing.T) {
	list := []calbell.Person{{Name: "Anna", Address: "anna@example.org"}, {Address: "bob@example.org", Status: "DECLINED"}}
	if got := reader(t, "en").People(list); got != "Anna, bob@example.org (declined)" {
		t.Errorf("%q", got)
	}
	for range 20 {
		list = append(list, calbell.Person{Name: "One of many"})
	}
	got := reader(t, "en").People(list)
	if n := strings.Count(got, "One of many"); n != 10 || !strings.Contains(got, "10 ") {
		t.Errorf("%d of 20 others are named: %q", n, got)
	}
	if got := reader(t, "en").People(nil); got != "" {
		t.Errorf("nobody is %q", got)
	}
}

// What is out of the ordinary about an event is said; what is not, is not.
func TestStatusText(t *testing.T) {
	for want, i := range map[string]calbell.Instance{
		"":                   {Status: "CONFIRMED", Class: "PUBLIC", Transparency: "OPAQUE"},
		"tentative":          {Status: "TENTATIVE"},
		"tentative, private": {Status: "TENTATIVE", Class: "PRIVATE"},
	} {
		if got := reader(t, "en").StatusText(i); got != want {
			t.Errorf("%+v: %q, want %q", i, got, want)
		}
	}
	if got := reader(t, "en").StatusText(calbell.Instance{Status: "<b>"}); got != "" {
		t.Errorf("a status that nobody knows is %q", got)
	}
}

// An instance is named by when it begins, by the reader's clock; an all-day one by its day, wherever one is.
func TestInstancesInWords(t *testing.T) {
	r := reader(t, "en")
	late := time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for want, e := range map[string]types.EventRow{
		"Wed 25 Nov 00:30": {Start: late},
		"Tue 24 Nov":       {Start: day, AllDay: true},
	} {
		if got := r.StartText(e); got != want {
			t.Errorf("%v: %q, want %q", e.Start, got, want)
		}
	}
	for id, want := range map[calbell.RecurrenceID]string{"2026-11-24T23:30:00Z": "Wed 25 Nov 00:30", "2026-11-24": "Tue 24 Nov", "": "", "tomorrow <b>": "tomorrow <b>"} {
		if got := r.InstanceText(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// What is paused is said with until when, in each language.
func TestPauseText(t *testing.T) {
	until := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	for _, lang := range i18n.Languages() {
		r, seen := reader(t, lang), map[string]bool{}
		for name, p := range map[string]types.PauseRow{
			"<ops>": {Pause: calbell.Pause{Webhook: "ops", Until: until}, WebhookName: "<ops>"}, "<team>": {Pause: calbell.Pause{Calendar: "c", Until: until}, CalendarName: "<team>"},
			"": {Pause: calbell.Pause{Until: until}},
		} {
			got := r.PauseText(p)
			if !strings.Contains(got, name) || !strings.Contains(got, "08:00") || strings.Contains(got, "{") {
				t.Errorf("%+v in %s: %q", p, lang, got)
			}
			seen[got] = true
		}
		if len(seen) != 3 {
			t.Errorf("in %s: %v", lang, seen)
		}
	}
}

// A time before a start is said as people say it: days by days, minutes whole, and times of a day by the clock.
func TestLeadText(t *testing.T) {
	r := reader(t, "en")
	for text, want := range map[string]string{
		"0m": "At start", "15m": "15 min before", "1h30m": "1 h 30 min before", "1d": "1 day before", "2d": "2 days before", "1w": "7 days before",
		"1d@18:00": "The day before at 18:00", "0d@09:00": "On the day at 09:00", "3d@08:05": "3 days before at 08:05",
	} {
		l, err := calbell.ParseLead(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.LeadText(l); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := r.LeadText(calbell.Lead{Days: -1, AtClock: true, Clock: 9 * time.Hour}); got != "1 day after the first day at 09:00" {
		t.Errorf("the day after: %q", got)
	}
	if got := r.LeadsText([]calbell.Lead{{}, {Exact: time.Hour}}); got != "At start, 1 h before" {
		t.Errorf("two: %q", got)
	}
	for d, want := range map[time.Duration]string{25 * time.Hour: "1 day 1 h", 48 * time.Hour: "2 days", 20 * time.Second: "20 s", 59*time.Minute + 50*time.Second: "1 h", 90 * time.Minute: "1 h 30 min"} {
		if got := r.ExactSpan(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
