package ical

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calbell/ical/syntax"

	"calbell"
)

// TestBytes reads texts that a vector cannot hold.
func TestBytes(t *testing.T) {
	for _, tt := range []struct{ name, line, summary string }{
		{"folded inside a character", "SUMMARY:Z\xc3\r\n \xbcrich", "Zürich"},
		{"folded inside an escape", "SUMMARY:a\\\r\n ,b", "a,b"},
		{"folded inside the name", "SUMM\r\n ARY:x", "x"},
		{"a fold of a space keeps the next", "SUMMARY:a\r\n  b", "a b"},
		{"Latin-1", "SUMMARY:Z\xfcrich", "Zürich"},
		{"Windows-1252", "SUMMARY:\x84Caf\xe9\x93 \x80\xa05", "„Café“ €\u00a05"},
		{"UTF-8 with a broken character", "SUMMARY:Zürich, Genève, B\xe2\x82 und B\xc3\xa4rn", "Zürich, Genève, B\ufffd und Bärn"},
		{"half a character at the end", "SUMMARY:Zü\xc3", "Zü\ufffd"},
		{"NUL", "SUMM\x00ARY:a\x00b", "ab"},
		{"language", "SUMMARY;LANGUAGE=de;ALTREP=\"https://example.org/a:b;c,d\":Text", "Text"},
		{"an empty parameter", "SUMMARY;:x", "x"},
		{"a quote that is not closed", "SUMMARY;X=\"a:b", "b"},
		{"no value", "SUMMARY:", ""},
		{"the longest line", "SUMMARY:" + strings.Repeat("x", calbell.MaxLineBytes), strings.Repeat("x", calbell.MaxLineBytes-len("SUMMARY:"))},
		{"cut inside a character", "SUMMARY:" + strings.Repeat("x", calbell.MaxLineBytes-9) + "ü", strings.Repeat("x", calbell.MaxLineBytes-9)},
		{"too many parameters", "SUMMARY" + strings.Repeat(";A=b", calbell.MaxParamBytes/4+1) + ":x\r\nSUMMARY:second", "second"},
		{"BEGIN folded", "BEG\r\n IN:VAL\r\n ARM\r\nSUMMARY:inner\r\nEN\r\n D:VALARM\r\nSUMMARY:outer", "outer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:20260710T100000Z", tt.line, "END:VEVENT")
			in, ok := e.Instance("")
			if !ok || in.Summary != tt.summary {
				t.Errorf("%t, summary %.80q, want %.80q", ok, in.Summary, tt.summary)
			}
		})
	}
}

// TestNoUID says that events without a UID are told apart, and found again.
func TestNoUID(t *testing.T) {
	text := []string{"BEGIN:VEVENT", "DTSTART:20260710T100000Z", "END:VEVENT", "BEGIN:VEVENT", "DTSTART:20260711T100000Z", "END:VEVENT"}
	a, b := parse(t, Options{}, text...), parse(t, Options{}, text...)
	if len(a.Events) != 2 || a.Events[0].UID() == a.Events[1].UID() || a.Events[0].UID() == "" || a.Events[0].UID() != b.Events[0].UID() {
		t.Errorf("%v", a.Events)
	}
	if len(a.Problems) != 2 || a.Problems[0].Bad {
		t.Errorf("problems %v", a.Problems)
	}
}

// TestFile looks at what a text says of itself.
func TestFile(t *testing.T) {
	f := parse(t, Options{Subscribed: true}, `X-WR-CALNAME:Team\, Zürich`, "NAME:Team", "X-WR-TIMEZONE:Nowhere/Land",
		"BEGIN:VEVENT", "UID:a", "DTSTART:20260710T100000Z", "END:VEVENT", "BEGIN:VTODO", "UID:b", "END:VTODO")
	if f.Name != "Team" || f.ZoneFrom != ZoneUnknown || f.Zone.String() != "UTC" || f.Floating {
		t.Errorf("%+v", f)
	}
	if len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason.English, "Nowhere/Land") {
		t.Errorf("problems %v", f.Problems)
	}
	if len(f.Events) != 2 || f.Events[0].Kind() != calbell.KindEvent || f.Events[1].Kind() != calbell.KindTodo {
		t.Errorf("events %v", f.Events)
	}
	if f := parse(t, Options{}, `X-WR-CALNAME:Team\, Zürich`); f.Name != "Team, Zürich" {
		t.Errorf("name %q", f.Name)
	}
}

// TestPanicIsOneComponents says that a mistake in reading one component is a problem of
// that one.
func TestPanicIsOneComponents(t *testing.T) {
	r := &reader{file: &File{}}
	r.safely("VEVENT", 7, func() { panic("mistake") })
	if len(r.List) != 1 || !r.List[0].Bad || r.List[0].Line != 7 {
		t.Errorf("problems %v", r.List)
	}
}

func TestEngine(t *testing.T) {
	if engine := Engine(); !strings.HasPrefix(engine, engineName("")) || len(engine) < 4 {
		t.Errorf("engine %q", engine)
	}
}

// TestLongDateLists says that lists of dates are read to their end, folded or not: an
// EXDATE that is cut rings what was called off.
func TestLongDateLists(t *testing.T) {
	const days = 20_000 // 340 kB
	first := time.Date(2000, 1, 1, 8, 0, 0, 0, time.UTC)
	var list strings.Builder
	for i := range days {
		list.WriteString("," + first.AddDate(0, 0, i).Format("20060102T150405Z"))
	}
	dates := ":" + list.String()[1:]
	last := first.AddDate(0, 0, days-1)
	for _, width := range []int{1 << 30, 75, 1} {
		for _, lines := range []string{
			"DTSTART:19990101T000000Z\nRDATE" + dates + "\n",
			"DTSTART:19990101T080000Z\nRRULE:FREQ=DAILY\nEXDATE" + dates + "\n",
		} {
			f := parse(t, Options{}, fold("BEGIN:VEVENT\nUID:a\n"+lines+"BEGIN:VALARM\nTRIGGER:PT0S\nEND:VALARM\nEND:VEVENT\n", width, "\n "))
			_, rings := f.Events[0].Instance(calbell.RecurrenceID(last.Format(time.RFC3339)))
			if want := strings.Contains(lines, "RDATE"); rings != want {
				t.Errorf("%.40q folded at %d: the last date is an instance: %t, want %t", lines, width, rings, want)
			}
			if len(f.Problems) > 1 { // the one is the zone's
				t.Errorf("%.40q folded at %d: problems %v", lines, width, f.Problems)
			}
		}
	}
}

// TestProblemsKept says that very many warnings do not hide what was lost.
func TestProblemsKept(t *testing.T) {
	f := parse(t, Options{}, "BEGIN:VEVENT\nUID:a\nDTSTART:20260101T100000Z\n"+strings.Repeat("garbage\n", 2*syntax.MaxProblems)+"END:VEVENT\n"+
		"BEGIN:VEVENT\nUID:b\nEND:VEVENT\n")
	bad := slices.IndexFunc(f.Problems, func(p Problem) bool { return p.Bad })
	if bad < 0 || f.Problems[bad].UID != "b" || len(f.Problems) > syntax.MaxProblems {
		t.Errorf("of %d problems, the first of a lost component is at %d", len(f.Problems), bad)
	}
}
