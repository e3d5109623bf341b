//go:build !race

package edit

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"calbell"
	"calbell/ical"

	"github.com/google/go-cmp/cmp"
)

// plainEvent is a calendar without a line end at its end; the others are LF.
const plainEvent = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\\,b@example.org\nDTSTART:20260710T100000Z\n" +
	"SUMMARY:Meeting with a na\n me that is folded\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM\nX-LAST:1\nEND:VEVENT\nEND:VCALENDAR"

// patched puts alarms into a text, or fails.
func patched(t testing.TB, raw string, uid calbell.UID, add []AlarmPatch, remove ...calbell.BindingID) string {
	t.Helper()
	out, err := PatchAlarms([]byte(raw), uid, add, remove)
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return string(out)
}

func TestPatchAlarms(t *testing.T) {
	add := []AlarmPatch{
		{Binding: "b-1", Lead: calbell.Lead{Exact: 15 * time.Minute}, Webhooks: []string{"ops", "night, shift"}},
		{Binding: "b-2", Lead: calbell.Lead{Days: 8, Exact: 3 * time.Hour}, Description: "Sitzung; " + strings.Repeat("Übergabe ", 9) + "\nund\x07 mehr"},
	}
	got := patched(t, plainEvent, "a,b@example.org", add)
	want := strings.Replace(plainEvent, "X-LAST:1\n", `X-LAST:1
BEGIN:VALARM
UID:dfc5f95e-e94e-8c9b-a85e-6fc4850fad39
ACTION:DISPLAY
TRIGGER:-PT15M
DESCRIPTION:Reminder
X-CALBELL-WEBHOOK:ops
X-CALBELL-WEBHOOK:night\, shift
X-CALBELL-BINDING:b-1
END:VALARM
BEGIN:VALARM
UID:9374fcd8-f74a-8e2f-afb2-bff0adc5d118
ACTION:DISPLAY
TRIGGER:-P8DT3H
DESCRIPTION:Sitzung\; Übergabe Übergabe Übergabe Übergabe Übergabe Üb
 ergabe Übergabe Übergabe Übergabe \nund mehr
X-CALBELL-BINDING:b-2
END:VALARM
`, 1)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPatchTriggers says how leads are written, and that they ring when they should.
func TestPatchTriggers(t *testing.T) {
	start := time.Date(2026, 7, 10, 10, 0, 0, 0, time.UTC)
	for lead, want := range map[string]string{
		"0m": "PT0S", "15m": "-PT15M", "2h": "-PT2H", "1h30m": "-PT1H30M", "36h": "-PT36H", "1d": "-P1D", "2w": "-P14D", "1d2h": "-P1DT2H", "1w1d1h1m": "-P8DT1H1M",
	} {
		l, err := calbell.ParseLead(lead)
		if err != nil {
			t.Fatal(err)
		}
		if got := trigger(l); got != want {
			t.Errorf("%s: %s, want %s", lead, got, want)
		}
		f, err := ical.Parse([]byte(patched(t, plainEvent, "a,b@example.org", []AlarmPatch{{Binding: "b-1", Lead: l}})), ical.Options{})
		if err != nil {
			t.Fatal(err)
		}
		at := start.AddDate(0, 0, -l.Days).Add(-l.Exact)
		alarms, _ := f.Events[0].Alarms(at, at.Add(time.Second), 9)
		if !slices.ContainsFunc(alarms, func(a calbell.AlarmInstant) bool { return a.Alarm.Binding == "b-1" }) {
			t.Errorf("%s does not ring at %v", lead, at)
		}
	}
	if got := trigger(calbell.Lead{Exact: time.Hour + 5*time.Second}); got != "-PT1H0M5S" {
		t.Errorf("got %s", got)
	}
}

func TestPatchRefuses(t *testing.T) {
	one := []AlarmPatch{{Binding: "b-1"}}
	many := strings.Repeat("BEGIN:VALARM\nTRIGGER:PT0S\nEND:VALARM\n", calbell.MaxAlarms)
	for _, tt := range []struct {
		name, raw string
		add       []AlarmPatch
		want      string
	}{
		{"no such event", strings.Replace(plainEvent, "UID:a", "UID:x", 1), one, "no such event"},
		{"no UID", strings.Replace(plainEvent, "UID:a\\,b@example.org\n", "", 1), one, "no such event"},
		{"an event that is not closed", strings.Replace(plainEvent, "END:VEVENT\n", "", 1), one, "VEVENT is not closed"},
		{"an alarm that is not closed", strings.Replace(plainEvent, "END:VALARM\n", "", 1), one, "VALARM is not closed"},
		{"another one that is not closed", strings.Replace(plainEvent, "BEGIN:VEVENT", "BEGIN:VEVENT\nUID:c\nBEGIN:VEVENT", 1), one, "line 3: VEVENT is not closed"},
		{"a calendar that is not closed", strings.TrimSuffix(plainEvent, "\nEND:VCALENDAR"), one, "ends before END:VCALENDAR"},
		{"an END too many", strings.Replace(plainEvent, "X-LAST:1", "END:X", 1), one, "END:X without its BEGIN"},
		{"no calendar", "<html>", one, "no such event"},
		{"nothing", "", one, "no such event"},
		{"UTF-16", "\xff\xfeB\x00E\x00", one, "UTF-16"},
		{"lines that end in CR", strings.ReplaceAll(plainEvent, "\n", "\r"), one, "lines that end"},
		{"lines that end in CRCRLF", strings.ReplaceAll(plainEvent, "\n", "\r\r\n"), one, "lines that end"},
		{"NUL", strings.Replace(plainEvent, "Meeting", "Mee\x00ting", 1), one, "NULs"},
		{"Latin-1", strings.Replace(plainEvent, "Meeting", "S\xe9ance", 1), one, "line 6: it is not UTF-8"},
		{"a full event", strings.Replace(plainEvent, "X-LAST:1\n", many[:len(many)*(calbell.MaxAlarms-1)/calbell.MaxAlarms], 1), one, "64 alarms already"},
		{"too many alarms", strings.Replace(plainEvent, "X-LAST:1\n", many, 1), one, "more than 64"},
		{"a to-do without any date", "BEGIN:VTODO\nUID:a,b@example.org\nEND:VTODO\n", one, "line 1: VTODO without a date"},
		{"too large", strings.Replace(plainEvent, "X-LAST:1\n", "X-LAST:"+strings.Repeat("x", calbell.MaxObjectBytes-len(plainEvent))+"\n", 1), one, "more than 4 MB"},
		{"a time of day", plainEvent, []AlarmPatch{{Binding: "b", Lead: calbell.Lead{Days: 1, AtClock: true}}}, `"1d@00:00"`},
		{"after the start", plainEvent, []AlarmPatch{{Binding: "b", Lead: calbell.Lead{Exact: -1}}}, "out of range"},
		{"no binding", plainEvent, []AlarmPatch{{}}, `of the binding ""`},
		{"a binding that no text can hold", plainEvent, []AlarmPatch{{Binding: "b\x07"}}, "of the binding"},
		{"very many webhooks", plainEvent, []AlarmPatch{{Binding: "b", Webhooks: make([]string, calbell.MaxRouted+1)}}, "more than 16"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := PatchAlarms([]byte(tt.raw), "a,b@example.org", tt.add, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || out != nil {
				t.Errorf("got %v, want %q; text %.200q", err, tt.want, out)
			}
		})
	}
}

// TestPatchSelects says which alarms are taken out and which stay.
func TestPatchSelects(t *testing.T) {
	a, b := AlarmPatch{Binding: "b-1"}, AlarmPatch{Binding: "b-2", Lead: calbell.Lead{Days: 1}}
	series := "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260710T100000Z\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:other\r\nDTSTART:20260710T100000Z\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260711T100000Z\r\nDTSTART:20260711T120000Z\r\nEND:VEVENT\r\n"
	both := patched(t, series, "a", []AlarmPatch{a, b, a})
	if n := strings.Count(both, "BEGIN:VALARM"); n != 4 {
		t.Errorf("%d alarms in\n%s", n, both)
	}
	if got := strings.Split(both, "UID:other"); !strings.HasPrefix(got[1], "\r\nDTSTART:20260710T100000Z\r\nEND:VEVENT") {
		t.Errorf("another event is patched:\n%s", both)
	}
	uids := map[string]bool{}
	for _, l := range strings.Split(both, "\r\n") {
		if id, ok := strings.CutPrefix(l, "UID:"); ok && len(id) == 36 {
			uids[id] = true
		}
	}
	if len(uids) != 4 {
		t.Errorf("UIDs of the alarms: %v", uids)
	}
	if got, want := patched(t, both, "a", nil, "b-1", "b-9"), patched(t, series, "a", []AlarmPatch{b}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// What is in both lists is written anew, what is there already is not touched.
	b.Lead.Days = 2
	if got := patched(t, both, "a", []AlarmPatch{b}); got != both {
		t.Errorf("an alarm that is there was changed:\n%s", got)
	}
	if got, want := patched(t, both, "a", []AlarmPatch{b}, "b-2"), strings.ReplaceAll(both, "-P1D", "-P2D"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := patched(t, plainEvent, "a,b@example.org", nil, ""); got != plainEvent {
		t.Errorf("an alarm of no binding was taken out:\n%s", got)
	}
	raw := []byte(series)
	if out, err := PatchAlarms(raw, "a", nil, []calbell.BindingID{"b-1"}); err != nil || &out[0] != &raw[0] {
		t.Errorf("a text with nothing to do is another: %v", err)
	}
	todo := "BEGIN:VTODO\nUID:a\nDUE:20260710T100000Z\nEND:VTODO\n"
	if got := patched(t, todo, "a", []AlarmPatch{b}); !strings.Contains(got, "\nTRIGGER;RELATED=END:-P2D\n") {
		t.Errorf("got\n%s", got)
	}
}

// FuzzPatchText says that what is written is read again, in lines that are not too long.
func FuzzPatchText(f *testing.F) {
	f.Add("Meeting, part 2; \\ end\nnext", "ops", "b-1")
	f.Add(strings.Repeat("€", 200), "\u0085\u2028", "b\n1")
	f.Add("", "a\r\nb", "b\r\n1")
	f.Fuzz(func(t *testing.T, description, webhook, binding string) {
		a := AlarmPatch{Binding: calbell.BindingID(binding), Description: description, Webhooks: []string{webhook}}
		out, err := PatchAlarms([]byte(plainEvent), "a,b@example.org", []AlarmPatch{a}, nil)
		if err != nil {
			if seen(binding) == binding && strings.TrimSpace(binding) == binding && binding != "" {
				t.Fatal(err)
			}
			return
		}
		for l := range strings.Lines(string(out)) {
			if len(l) > maxFolded+1 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\x00") {
				t.Errorf("line %q", l)
			}
		}
		file, err := ical.Parse(out, ical.Options{})
		if err != nil || len(file.Events) != 1 {
			t.Fatalf("%v: %d events", err, len(file.Events))
		}
		alarms, _ := file.Events[0].Alarms(time.Time{}, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), 9)
		if len(alarms) != 2 {
			t.Fatalf("%d alarms", len(alarms))
		}
		got := alarms[1].Alarm
		if got.Binding == "" {
			got = alarms[0].Alarm
		}
		if want := seen(cut(description, maxAlarmText)); want != "" && got.Description != want {
			t.Errorf("description %q, want %q", got.Description, want)
		}
		if want := strings.TrimSpace(seen(webhook)); want != "" && !slices.Equal(got.Webhooks, []string{want}) {
			t.Errorf("webhooks %q, want %q", got.Webhooks, want)
		}
		if string(got.Binding) != binding {
			t.Errorf("binding %q, want %q", got.Binding, binding)
		}
	})
}

// seen returns what is left of a text that is written as a TEXT value.
func seen(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r < ' ' || r == 0x7f) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n"))
}
