package ics

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
)

// free counts no memory.
func free(int) error { return nil }

// member is an object as Objects lists it.
type member struct {
	href calbell.Href
	etag calbell.ETag
}

func members(t testing.TB, f *File) []member {
	t.Helper()
	out := make([]member, 0, f.Len())
	for n := range f.Len() {
		href, etag, err := f.Tag(n)
		if err != nil || !f.Has(href) {
			t.Fatalf("object %d: %s, %v", n, href, err)
		}
		out = append(out, member{href, etag})
	}
	return out
}

// split takes a text apart.
func split(text string) (*File, error) {
	return Split(strings.NewReader(text), int64(len(text)), free)
}

// textOf returns an object, of which Tag and Object must say the same.
func textOf(t testing.TB, f *File, n int) (member, []byte) {
	t.Helper()
	href, etag, text, err := f.Object(n)
	m := member{href, etag}
	if err != nil || m != members(t, f)[n] {
		t.Fatalf("object %d: %v, %v", n, m, err)
	}
	return m, text
}

// uidOf returns the first UID of an object that is not an alarm's.
func uidOf(text string) string {
	for line := range strings.Lines(strings.NewReplacer("\r", "", "\n ", "", "\n\t", "").Replace(text)) {
		if value, ok := strings.CutPrefix(strings.ToUpper(line), "UID:"); ok && value != "ALARM\n" {
			return strings.TrimSpace(line[len("UID:"):])
		}
	}
	return ""
}

// ics joins lines as files have them.
func ics(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// file is a VCALENDAR around lines.
func file(lines ...string) string {
	return ics(append(append([]string{"BEGIN:VCALENDAR", "VERSION:2.0"}, lines...), "END:VCALENDAR")...)
}

func event(uid string, lines ...string) string {
	return strings.TrimSuffix(ics(append(append([]string{"BEGIN:VEVENT", "UID:" + uid}, lines...), "END:VEVENT")...), "\r\n")
}

// objects returns the texts of a file by UID.
func objects(t *testing.T, text string) (map[string]string, *File) {
	t.Helper()
	f, err := split(text)
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	out := map[string]string{}
	for n := range f.Len() {
		m, raw := textOf(t, f, n)
		uid := uidOf(string(raw))
		if uid == "" {
			uid = string(m.href)
		}
		if raw == nil || out[uid] != "" {
			t.Fatalf("%q is too large, or is there twice", uid)
		}
		out[uid] = string(raw)
	}
	return out, f
}

func TestSplit(t *testing.T) {
	zone := func(id string) string { return "BEGIN:VTIMEZONE\r\nTZID:" + id + "\r\nEND:VTIMEZONE" }
	tests := []struct {
		name, text string
		want       map[string]string // the object's lines between VERSION and END:VCALENDAR
	}{
		{"two events", file(event("a", "SUMMARY:A"), event("b")), map[string]string{"a": event("a", "SUMMARY:A"), "b": event("b")}},
		{"none", file(), map[string]string{}},
		{"an override far from its master", file(event("a"), event("b"), event("a", "RECURRENCE-ID:20261124T130000Z")), map[string]string{
			"a": event("a") + "\r\n" + event("a", "RECURRENCE-ID:20261124T130000Z"), "b": event("b"),
		}},
		{"a to-do, and what has no alarms", file("BEGIN:VTODO", "UID:t", "END:VTODO", "BEGIN:VJOURNAL", "UID:j", "END:VJOURNAL", "BEGIN:VFREEBUSY", "UID:f", "END:VFREEBUSY"), map[string]string{"t": "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO"}},
		{"zones go with those who name them", file(zone("Here"), event("a", "DTSTART;TZID=Here:20261123T140000"), event("b", `DTSTART;VALUE=DATE-TIME;TZID="There, or so":20261123T140000`), event("c"), zone("There, or so")), map[string]string{
			"a": zone("Here") + "\r\n" + event("a", "DTSTART;TZID=Here:20261123T140000"),
			"b": zone("There, or so") + "\r\n" + event("b", `DTSTART;VALUE=DATE-TIME;TZID="There, or so":20261123T140000`),
			"c": event("c"),
		}},
		{"the calendar's own zone", file("X-WR-TIMEZONE:Here", "X-WR-CALNAME:Team", zone("Here"), event("a")), map[string]string{"a": "X-WR-TIMEZONE:Here\r\n" + zone("Here") + "\r\n" + event("a")}},
		{"alarms stay, and their UIDs are theirs", file("BEGIN:VEVENT", "BEGIN:VALARM", "UID:alarm", "END:VALARM", "UID:a", "END:VEVENT"), map[string]string{"a": "BEGIN:VEVENT\r\nBEGIN:VALARM\r\nUID:alarm\r\nEND:VALARM\r\nUID:a\r\nEND:VEVENT"}},
		{"an alarm that is not closed", file("BEGIN:VEVENT", "UID:a", "BEGIN:VALARM", "END:VEVENT", event("b")), map[string]string{"a": "BEGIN:VEVENT\r\nUID:a\r\nBEGIN:VALARM\r\nEND:VEVENT", "b": event("b")}},
		{"an event that is not closed", file("BEGIN:VEVENT", "UID:a", event("b")), map[string]string{"a": "BEGIN:VEVENT\r\nUID:a", "b": event("b")}},
		{"an event inside another component is none", file("BEGIN:VPOLL", event("a"), "END:VPOLL", event("b")), map[string]string{"b": event("b")}},
		{"lower case, folds and lone line feeds", "begin:vcalendar\nversion:2.0\nbegin:vevent\nuid:a-\n b\nend:vevent\nend:vcalendar\n", map[string]string{"a-b": "begin:vevent\nuid:a-\n b\nend:vevent"}},
		{"a BOM, and no end of line", "\xef\xbb\xbf" + strings.TrimSuffix(file(event("a")), "\r\n"), map[string]string{"a": event("a")}},
		{"two calendars in a row", file(zone("Z"), event("a", "X;TZID=Z:1")) + file(event("b", "X;TZID=Z:1")), map[string]string{"a": zone("Z") + "\r\n" + event("a", "X;TZID=Z:1"), "b": event("b", "X;TZID=Z:1")}},
		{"garbage lines", file("hello", event("a"), "END:VEVENT", ":", event("b")), map[string]string{"a": event("a"), "b": event("b")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := objects(t, tt.text)
			if len(got) != len(tt.want) {
				t.Errorf("got %q", got)
			}
			for uid, want := range tt.want {
				lines := got[uid]
				_, lines, _ = strings.Cut(lines, "2.0")
				lines = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(lines), "END:VCALENDAR"))
				if lines != want {
					t.Errorf("%s:\ngot  %q\nwant %q", uid, lines, want)
				}
			}
		})
	}
}

// TestSplitRefuses: what is not a whole calendar file must not empty a calendar.
func TestSplitRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                "",
		"a page":                 "<!DOCTYPE html><html></html>",
		"cut in an event":        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n",
		"cut between two events": "BEGIN:VCALENDAR\r\n" + event("a") + "\r\n",
		"cut in the last line":   strings.TrimSuffix(file(event("a")), "DAR\r\n"),
		"an event alone":         event("a"),
		"an error at the end":    file(event("a")) + "Fatal error: out of memory\r\n",
		"the second one is cut":  file(event("a")) + "BEGIN:VCALENDAR\r\n" + event("b"),
		"an error at the start":  "Warning: slow\r\n" + file(event("a")),
		"too many calendars":     strings.Repeat(file(), maxVCalendars+1),
	} {
		if f, err := split(text); err == nil {
			t.Errorf("%s: %d objects", name, f.Len())
		}
	}
}

// TestNoUIDs: events without a UID stay apart, to be told of one by one.
func TestNoUIDs(t *testing.T) {
	got, f := objects(t, file("BEGIN:VEVENT", "SUMMARY:A", "END:VEVENT", "BEGIN:VEVENT", "SUMMARY:B", "END:VEVENT", "BEGIN:VEVENT", "SUMMARY:A", "END:VEVENT"))
	if len(got) != 2 || f.Len() != 2 {
		t.Errorf("got %q", got)
	}
}

// TestFileETags: they change when, and only when, something is said differently.
func TestFileETags(t *testing.T) {
	tag := func(text string) member {
		f, err := split(text)
		if err != nil {
			t.Fatal(err)
		}
		return members(t, f)[0]
	}
	zone := "BEGIN:VTIMEZONE\r\nTZID:Z\r\nX:1\r\nEND:VTIMEZONE"
	base := []string{"PRODID:a", "X-WR-TIMEZONE:Z", zone, event("a", "DTSTAMP:20261101T000000Z", "SUMMARY:A")}
	first := tag(file(base...))
	for name, c := range map[string]struct {
		old, new string
		same     bool
	}{
		"the title":          {"SUMMARY:A", "SUMMARY:B", false},
		"when it was asked":  {"20261101T000000Z", "20261102T000000Z", true},
		"the program":        {"PRODID:a", "PRODID:b", true},
		"the zone's rules":   {"X:1", "X:2", false},
		"the calendar's own": {"X-WR-TIMEZONE:Z", "X-WR-TIMEZONE:Europe/Zurich", false},
		"another event":      {"END:VCALENDAR", event("b") + "\r\nEND:VCALENDAR", true},
	} {
		got := tag(strings.Replace(file(base...), c.old, c.new, 1))
		if got.href != first.href || (got.etag == first.etag) != c.same {
			t.Errorf("%s: %v, was %v", name, got, first)
		}
	}
}

// TestSplitLimits: an object that is too large is its own problem, and zones larger than any
// are left out.
func TestSplitLimits(t *testing.T) {
	long := strings.Repeat("X-LONG:"+strings.Repeat("x", 1000)+"\r\n", calbell.MaxObjectBytes/1000)
	f, err := split(file(event("large", strings.TrimSpace(long)), event("small")))
	if err != nil {
		t.Fatal(err)
	}
	if _, text := textOf(t, f, 0); text != nil {
		t.Error("no limit")
	}
	if _, text := textOf(t, f, 1); text == nil {
		t.Error("a small object is too large")
	}
	zone := "BEGIN:VTIMEZONE\r\nTZID:Z\r\n" + long + "END:VTIMEZONE"
	got, _ := objects(t, file(zone, event("a", "DTSTART;TZID=Z:20261123T140000")))
	if len(got["a"]) > 1000 {
		t.Errorf("%d bytes", len(got["a"]))
	}
	if _, err := split(file(strings.Repeat("BEGIN:A\r\n", 1_000_000))); err != nil {
		t.Error(err) // it only has to come to an end
	}
}

func TestReadDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT12H": 12 * time.Hour, "P1D": 24 * time.Hour, "P1W": 7 * 24 * time.Hour, "P1DT2H3M4S": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"pt15m": 15 * time.Minute, "+PT1H": time.Hour, "P99999999999999W": 366 * 24 * time.Hour, "P9999999W": 366 * 24 * time.Hour,
		"": 0, "P": 0, "PT": 0, "-PT1H": 0, "1H": 0, "PT1": 0, "PTH": 0, "P1H": 0, "PT1X": 0, "P1D1": 0,
	} {
		if got := readDuration(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// FuzzSplit: any file is taken apart in its own size, and each object is a file that is taken
// apart into itself, however few bytes of it come at a time.
func FuzzSplit(f *testing.F) {
	f.Add(file(event("a"), event("b", "DTSTART;TZID=Z:1"), "BEGIN:VTIMEZONE", "TZID:Z", "END:VTIMEZONE"))
	f.Add(file("BEGIN:VEVENT", "UID:a", "BEGIN:VALARM", "END:VEVENT") + file())
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\n UID:\"\n\tx\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := split(text)
		if err != nil {
			return
		}
		slow, err := Split(drip(text), int64(len(text)), free)
		if err != nil || !slices.Equal(members(t, s), members(t, slow)) || s.Digest() != slow.Digest() {
			t.Fatalf("byte by byte it is something else: %v", err)
		}
		sum := 0
		for n := range s.Len() {
			m, raw := textOf(t, s, n)
			for p := range s.piecesOf(s.objects[n]) {
				sum += p.size()
			}
			again, err := split(string(raw))
			if err != nil || again.Len() != 1 {
				t.Fatalf("%v: %q", err, raw)
			}
			if got := members(t, again)[0]; got.href != m.href && uidOf(string(raw)) != "" && strings.Count(strings.ToUpper(string(raw)), "UID") == 1 || !bytes.HasSuffix(raw, []byte("END:VCALENDAR\r\n")) {
				t.Fatalf("%v became %v: %q", m, got, raw)
			}
		}
		if sum > len(text) {
			t.Fatalf("%d bytes of %d", sum, len(text))
		}
	})
}

// dripping is a file of which a few bytes come at a time.
type dripping struct{ r *strings.Reader }

func drip(text string) dripping { return dripping{strings.NewReader(text)} }

// ReadAt implements io.ReaderAt, but for its promise to fill what it is given.
func (d dripping) ReadAt(p []byte, at int64) (int, error) {
	return d.r.ReadAt(p[:min(len(p), 3)], at)
}

func BenchmarkSplit(b *testing.B) {
	var all []string
	for i := range 10_000 {
		all = append(all, event(fmt.Sprintf("%d@example.org", i), "DTSTAMP:20261101T000000Z", "DTSTART;TZID=Europe/Zurich:20261123T140000", "SUMMARY:Event", "DESCRIPTION:"+strings.Repeat("text ", 40)))
	}
	text := file(all...)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := split(text)
		if err != nil || len(members(b, f)) != 10_000 {
			b.Fatal(err)
		}
	}
}
