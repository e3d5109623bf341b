package form_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/web/form"
	"calbell/web/i18n"
	"calbell/web/words"
)

// sent is a form with these fields, for a reader of English.
func sent(t *testing.T, pairs ...string) form.Form {
	t.Helper()
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return form.Form{Reader: words.Reader{Words: catalogue.In("en"), Now: time.Now(), Zone: time.UTC}, Values: v, Posted: v}
}

// fieldOf is the one field that an error is about, with what it says.
func fieldOf(err error) (name, what string) {
	for _, f := range calbell.FieldsOf(err) {
		name, what = name+f.Name, what+f.What.English
	}
	return name, what
}

// A form is read whole or not at all; what cannot be read of an address is left out.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		ok                 bool
		values, posted     string
	}{
		{"GET", "/?a=1&b=2", "", true, "a=1&b=2", ""},
		{"GET", "/?a=1&b=%zz", "", true, "a=1", ""},
		{"HEAD", "/?b=%zz", "", true, "", ""},
		{"POST", "/?a=1", "b=2&b=3", true, "a=1&b=2&b=3", "b=2&b=3"},
		{"POST", "/", "b=2&c=%zz", false, "", ""},
		{"POST", "/?a=%zz", "b=2", false, "", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		f, err := form.Read(r)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, form.ErrUnreadable) {
			t.Errorf("%s %s, %q: %v", c.method, c.path, c.body, err)
		}
		if c.ok && (f.Values.Encode() != c.values || f.Posted.Encode() != c.posted) {
			t.Errorf("%s %s, %q: %q, posted %q", c.method, c.path, c.body, f.Values.Encode(), f.Posted.Encode())
		}
	}
	large := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader("a="+strings.Repeat("x", 2000)))
	large.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	large.Body = http.MaxBytesReader(nil, large.Body, 1000)
	var tooLarge *http.MaxBytesError
	if _, err := form.Read(large); !errors.As(err, &tooLarge) {
		t.Errorf("a form that is too large: %v", err)
	}
}

// What was typed is shown as it was typed, and read without the space around it.
func TestValues(t *testing.T) {
	f := sent(t, "name", "  a b ", "box", "1", "empty", "")
	if f.Value("name") != "  a b " || f.Trimmed("name") != "a b" || f.Value("none") != "" {
		t.Errorf("%q, %q", f.Value("name"), f.Trimmed("name"))
	}
	if !f.Checked("box") || f.Checked("empty") || f.Checked("none") || !f.IsSent("empty") || f.IsSent("none") {
		t.Error("a box that is ticked, and fields that are sent")
	}
}

// A form that was filled in on what is stored no more keeps saying so, until its sender was told.
func TestETag(t *testing.T) {
	f := sent(t, "etag", `"then"`)
	if got := f.ETag(`"now"`); got != `"then"` {
		t.Errorf("before: %q", got)
	}
	f.Problem = calbell.ErrChanged
	if got := f.ETag(`"now"`); got != `"now"` {
		t.Errorf("after it was told: %q", got)
	}
}

// What is wrong with a field is told at it, as a sentence with its next step; what is wrong with an entry of a list,
// at the list.
func TestFieldProblem(t *testing.T) {
	f := sent(t)
	f.Problem = &calbell.Error{Fields: []calbell.FieldError{
		{Name: "name", What: calbell.Plain("it needs a letter"), Hint: calbell.Plain("write one")}, {Name: "remind[2]", What: calbell.Plain("no time")}, {Name: "name", What: calbell.Plain("and a second thing")},
	}}
	for name, want := range map[string]string{"name": "It needs a letter: write one", "remind": "No time", "names": "", "remind[2]": ""} {
		if got := f.FieldProblem(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f.Problem = errors.New("the disk is full")
	if got := f.FieldProblem("name"); got != "" {
		t.Errorf("what is wrong with no field is told at one: %q", got)
	}
}

// Of several errors one is made with the fields of all; of none, none.
func TestJoin(t *testing.T) {
	if err := form.Join(nil, nil); err != nil {
		t.Errorf("none: %v", err)
	}
	err := form.Join(nil, form.FieldError("a", calbell.Plain("hint"), errors.New("first")), nil, form.FieldError("b", calbell.Text{}, errors.New("second")))
	if err.Error() != "first" || calbell.HintOf(err).English != "hint" || calbell.KindOf(err) != calbell.KindUsage || len(calbell.FieldsOf(err)) != 2 {
		t.Errorf("%+v", err)
	}
}

// A list marks what is chosen, once; what is stored and is not in it is added, so that it stays.
func TestChoices(t *testing.T) {
	list := func() []form.Choice { return []form.Choice{{Value: "a"}, {Value: "b", Chosen: true}, {Value: "c"}} }
	for value, want := range map[string]string{"a": "a", "c": "c", "none": "a"} {
		if got := form.Chosen(form.Choose(list(), value)); got != want {
			t.Errorf("chosen of %q is %q, want what a browser shows: %q", value, got, want)
		}
	}
	if form.Chosen(nil) != "" || !form.Offers(list(), "c") || form.Offers(list(), "d") {
		t.Error("what a list offers")
	}
	if got := form.Keep(list(), "d"); len(got) != 3 {
		t.Errorf("added to a list in which something is chosen: %v", got)
	}
	if got := form.Keep(form.Choose(list(), "d"), "d"); len(got) != 4 || form.Chosen(got) != "d" {
		t.Errorf("what is stored is not kept: %v", got)
	}
	if got := form.Keep(form.Choose(list(), ""), ""); len(got) != 3 {
		t.Errorf("nothing is stored: %v", got)
	}
	for mode, want := range map[calbell.Mode]string{"": "fallback", calbell.ModeOff: "off"} {
		if got := form.Chosen(sent(t).ModeChoices(mode)); got != want {
			t.Errorf("the mode %q shows %q", mode, got)
		}
	}
}

// Whose something is to be is the sender's or the house's, as the form says, or not said.
func TestReadOwner(t *testing.T) {
	for typed, want := range map[string]string{"me": "Anna", "house": "", "Bob": "unsaid", "": "unsaid"} {
		got := "unsaid"
		if owner := sent(t, "owner", typed).ReadOwner("Anna"); owner != nil {
			got = *owner
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// Quiet hours are two times and boxes; days that a program named are kept, and one time alone is none.
func TestQuiet(t *testing.T) {
	for _, c := range []struct {
		want  string // as it is written; "!…": what is wrong
		pairs []string
	}{
		{"", nil},
		{"22:00-07:00", []string{"quiet_from", "22:00", "quiet_to", "07:00"}},
		{"22:00-07:00 working", []string{"quiet_from", "22:00", "quiet_to", "07:00", "quiet_weekends", "1"}},
		{"23:00-06:30 working mon,tue drop", []string{"quiet_from", "23:00", "quiet_to", "06:30", "quiet_weekends", "1", "quiet_working", "mon,tue", "quiet_drop", "1"}},
		{"working", []string{"quiet_weekends", "1"}},
		{"", []string{"quiet_drop", "1"}}, // nothing is quiet that could be dropped
		{"", []string{"quiet_working", "mon,tue"}},
		{"!both times", []string{"quiet_from", "22:00"}},
		{"!both times", []string{"quiet_to", "07:00", "quiet_weekends", "1"}},
		{"!25:00", []string{"quiet_from", "25:00", "quiet_to", "07:00"}},
		{"22:00-07:00 drop", []string{"quiet", "22:00-07:00 drop", "quiet_from", "ignored"}},
		{"", []string{"quiet", ""}},
		{"!25", []string{"quiet", "25"}},
	} {
		f := sent(t, c.pairs...)
		var q *calbell.Quiet
		err := f.ReadQuiet(&q)
		if told, wrong := strings.CutPrefix(c.want, "!"); wrong {
			if name, what := fieldOf(err); name != "quiet" || !strings.Contains(what, told) || q != nil {
				t.Errorf("%q: %v, %v", c.pairs, q, err)
			}
			continue
		}
		got := ""
		if q != nil {
			got = q.String()
		}
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v, want %q", c.pairs, got, err, c.want)
		}
		if held := f.Quiet(q); q != nil { // shown, and sent once more
			again := sent(t, "quiet_from", held.From, "quiet_to", held.To, "quiet_working", held.Working, "quiet_weekends", box(held.Weekends), "quiet_drop", box(held.Drop))
			var second *calbell.Quiet
			if err := again.ReadQuiet(&second); err != nil || second.String() != c.want {
				t.Errorf("%q is shown as %+v, and comes back as %v, %v", c.want, held, second, err)
			}
		}
	}
	q, err := calbell.ParseQuiet("22:00-07:00 working mon,tue")
	if held := sent(t).Quiet(&q); err != nil || held.Days != "Monday, Tuesday" || held.Working != "mon,tue" {
		t.Errorf("days in words: %+v, %v", held, err)
	}
	typed := sent(t, "quiet_from", "25:00", "quiet_to", "07:00", "quiet_drop", "1")
	if held := typed.Quiet(nil); held != (form.QuietField{From: "25:00", To: "07:00", Drop: true}) {
		t.Errorf("what was typed is shown as %+v", held)
	}
}

// box is what a box sends.
func box(ticked bool) string {
	if ticked {
		return "1"
	}
	return ""
}

// A field of JSON holds one value and nothing after it; what is no JSON is told by the character that it is, and what
// is stored is shown so that people can read it.
func TestJSON(t *testing.T) {
	for text, want := range map[string]any{
		"": nil, " \n": nil, `{"a": [1, "é<b>"]}`: map[string]any{"a": []any{1.0, "é<b>"}}, "[]": []any{}, "null": nil, "true": true,
	} {
		var tree any = "old"
		if err := sent(t, "payload", text).ReadJSON("payload", &tree); err != nil || !reflect.DeepEqual(tree, want) {
			t.Errorf("%q: %v, %v", text, tree, err)
		}
	}
	for text, told := range map[string]string{"[1": "unexpected EOF", "nope": "'o'", "{“bad”: 1}": "'“'", "{} {}": "something follows", "{}}": "something follows", "'a'": `'\''`} {
		var tree any = "old"
		err := sent(t, "payload", text).ReadJSON("payload", &tree)
		if name, what := fieldOf(err); name != "payload" || !strings.Contains(what, told) || tree != nil {
			t.Errorf("%q: %v, %v, want %q", text, tree, err, told)
		}
	}
	if got := sent(t).JSONText("payload", map[string]any{"é": "<b>&"}); got != "{\n  \"é\": \"<b>&\"\n}" {
		t.Errorf("stored is shown as %q", got)
	}
	if got := sent(t, "payload", "[1").JSONText("payload", []any{}); got != "[1" {
		t.Errorf("typed is shown as %q", got)
	}
	if got := sent(t).JSONText("payload", nil); got != "" {
		t.Errorf("nothing is shown as %q", got)
	}
}

// A time before a start is chosen, or a number and a unit, or when the calendar's own alarm rings.
func TestReadLead(t *testing.T) {
	for _, c := range []struct {
		before, own, unit, want string
		alarm                   bool
	}{
		{"15m", "", "", "15m", false},
		{"1d@18:00", "9", "h", "1d@18:00", false},
		{"own", "3", "h", "3h", false},
		{"own", " 2 ", "w", "2w", false},
		{"own", "0", "m", "0m", false},
		{"alarm", "", "", "0m", true},
		{"own", "-3", "h", "!", false},
		{"own", "3.5", "h", "!", false},
		{"own", "", "h", "!", false},
		{"own", "3", "years", "!", false},
		{"soon", "", "", "!", false},
		{"", "", "", "!", false},
	} {
		l, alarm, err := sent(t, "before", c.before, "own", c.own, "unit", c.unit).ReadLead()
		if wrong := c.want == "!"; wrong != (err != nil) || !wrong && (l.String() != c.want || alarm != c.alarm) {
			t.Errorf("%+v: %s, %v, %v", c, l, alarm, err)
		}
	}
}

// Times before a start are one a row, or several with commas; an empty row is none, and what cannot be read is told
// at its row.
func TestReadLeads(t *testing.T) {
	for _, c := range []struct {
		rows, owns []string
		want       string
		wrong      string // the field
	}{
		{nil, nil, "", ""},
		{[]string{"", ""}, []string{"left over", ""}, "", ""},
		{[]string{"30m", "", "1d@18:00"}, nil, "30m 1d@18:00", ""},
		{[]string{"own", "5m"}, []string{"1 h 30", ""}, "1h30m 5m", ""},
		{[]string{"15m, 1h; 2d"}, nil, "15m 1h 2d", ""},
		{[]string{"own"}, []string{"10 min, 20 min"}, "10m 20m", ""},
		{[]string{"15m", "own"}, []string{"", "soon"}, "", "remind[1]"},
		{[]string{"own"}, []string{""}, "", "remind[0]"},
		{[]string{"own"}, nil, "", "remind[0]"},
	} {
		f := sent(t)
		f.Posted = url.Values{"remind": c.rows, "remind_own": c.owns}
		list, err := f.ReadLeads("remind")
		var texts []string
		for _, l := range list {
			texts = append(texts, l.String())
		}
		if name, _ := fieldOf(err); name != c.wrong || strings.Join(texts, " ") != c.want {
			t.Errorf("%q, %q: %q, %v", c.rows, c.owns, texts, err)
		}
	}
}

// A field of times shows a row for each, as it was sent or else is stored, and empty ones after them; one that is no
// usual time is among its choices in words.
func TestLeadFields(t *testing.T) {
	shown := func(f form.LeadField) (list []string) {
		for _, r := range f.Rows {
			list = append(list, form.Chosen(r.Options))
		}
		return list
	}
	stored := []calbell.Lead{{Exact: 33 * time.Minute}, {Days: 1, AtClock: true, Clock: 18 * time.Hour}}
	timed, allDay := sent(t).LeadFields(stored, nil)[0], sent(t).LeadFields(nil, stored[1:])[1]
	if got := shown(timed); !slices.Equal(got, []string{"33m", "1d@18:00", "", ""}) {
		t.Errorf("stored are shown as %q", got)
	}
	if got := shown(allDay); !slices.Equal(got, []string{"1d@18:00", "", ""}) {
		t.Errorf("stored for all-day events are shown as %q", got)
	}
	if i := slices.IndexFunc(timed.Rows[0].Options, func(c form.Choice) bool { return c.Chosen }); timed.Rows[0].Options[i].Text != "33 min before" {
		t.Errorf("an unusual time is called %q", timed.Rows[0].Options[i].Text)
	}
	f := sent(t, "remind", "", "remind", "own", "remind_own", "", "remind_own", "1 h <b>", "remind", "", "remind", "")
	_, f.Problem = f.ReadLeads("remind")
	timed = f.LeadFields(stored, nil)[0]
	if got := shown(timed); !slices.Equal(got, []string{"", "own", "", ""}) || timed.Rows[1].Own != "1 h <b>" || timed.Rows[1].Problem == "" || timed.Rows[0].Problem != "" || timed.Problem != "" {
		t.Errorf("typed is shown as %q: %+v", got, timed.Rows)
	}
	ids := map[string]bool{}
	for _, r := range slices.Concat(timed.Rows, allDay.Rows) {
		if ids[r.ID] {
			t.Errorf("two rows are called %q", r.ID)
		}
		ids[r.ID] = true
	}
	many := sent(t)
	many.Posted = url.Values{"remind": slices.Repeat([]string{"5m"}, 5000)}
	if n := len(many.LeadFields(nil, nil)[0].Rows); n > calbell.MaxAlarms+2 {
		t.Errorf("%d rows are shown", n)
	}
	f = sent(t)
	f.Problem = form.FieldError("remind", calbell.Text{}, errors.New("too many"))
	if got := f.LeadFields(nil, nil)[0].Problem; got != "Too many" {
		t.Errorf("what is wrong with the whole field: %q", got)
	}
}

// The times to choose from fit the event: minutes before a start, times of a day before an all-day one; when it has
// an alarm of its own, that too.
func TestLeadChoices(t *testing.T) {
	morning := calbell.Lead{AtClock: true, Clock: 9 * time.Hour}
	for _, c := range []struct {
		allDay, alarms  bool
		onTheDay        calbell.Lead
		chosen, shown   string
		offers, without string
	}{
		{false, false, calbell.Lead{}, "", "15m", "own", "alarm"},
		{false, true, calbell.Lead{}, "alarm", "alarm", "alarm", "0d@09:00"},
		{false, false, morning, "2h", "2h", "0d@09:00", "alarm"},
		{true, false, morning, "", "0d@09:00", "7d@09:00", "15m"},
		{true, false, calbell.Lead{AtClock: true, Clock: 7 * time.Hour}, "", "0d@07:00", "1d@18:00", "0d@09:00"},
	} {
		list := sent(t).LeadChoices(c.allDay, c.alarms, c.onTheDay, c.chosen)
		if got := form.Chosen(list); got != c.shown || !form.Offers(list, c.offers) || form.Offers(list, c.without) {
			t.Errorf("%+v: %q of %+v", c, got, list)
		}
	}
	if got := form.Chosen(sent(t).UnitChoices("h")); got != "h" {
		t.Errorf("the unit h shows %q", got)
	}
}
