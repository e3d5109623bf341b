package zone

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calbell/ical/recur"
)

func TestLoad(t *testing.T) {
	for _, tt := range []struct{ tzid, want string }{
		{"Europe/Zurich", "Europe/Zurich"},
		{"europe/zurich", "Europe/Zurich"},
		{` "Europe/Zurich" `, "Europe/Zurich"},
		{"America/New York", "America/New_York"},
		{"america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"},
		{"/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
		{"/freeassociation.sourceforge.net/Tzfile/Europe/Zurich", "Europe/Zurich"},
		{"/Europe/Zurich", "Europe/Zurich"},
		{"US/Eastern", "US/Eastern"},
		{"Asia/Calcutta", "Asia/Calcutta"},
		{"UTC", "UTC"},
		{"utc", "UTC"},
		{"Z", "UTC"},
		{"Etc/GMT+5", "Etc/GMT+5"},
		{"EST5EDT", "EST5EDT"},
		{"tzone://Microsoft/Utc", "UTC"},
		{"W. Europe Standard Time", "Europe/Berlin"},
		{"w. europe standard time", "Europe/Berlin"},
		{"Eastern Standard Time", "America/New_York"},
		{"UTC-02", "Etc/GMT+2"},
		{"", ""},
		{"Local", ""},
		{"local", ""},
		{"/", ""},
		{"//", ""},
		{"Europe", ""},
		{"Europe/", ""},
		{"Europe/Atlantis", ""},
		{"../../etc/passwd", ""},
		{"/etc/localtime", ""},
		{"Europe/../Europe/Zurich", ""},
		{"zone.tab", ""},
		{"right/UTC", ""},
		{strings.Repeat("Europe/", 1000) + "Zurich", ""},
		{"\x00", ""},
	} {
		loc, err := Load(tt.tzid)
		got := ""
		if err == nil {
			got = loc.String()
		}
		if got != tt.want {
			t.Errorf("%.60q is %q, want %q", tt.tzid, got, tt.want)
		}
	}
}

// TestTables says that the generated lists are in the order in which they are searched,
// and name zones.
func TestTables(t *testing.T) {
	names := make([]string, 0, len(ianaNames))
	for _, n := range ianaNames {
		names = append(names, fold(n))
		if _, err := time.LoadLocation(n); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	if !slices.IsSorted(names) {
		t.Error("ianaNames are not sorted as they are compared")
	}
	names = names[:0]
	for _, w := range windowsNames {
		names = append(names, strings.ToLower(w.windows))
		if loc := windows(w.windows); loc == nil || loc.String() != w.iana {
			t.Errorf("%s: %v", w.windows, loc)
		}
	}
	if !slices.IsSorted(names) || cldrVersion == "" {
		t.Error("windowsNames are not sorted as they are compared")
	}
}

func TestVersion(t *testing.T) {
	if Version() == "" {
		t.Errorf("version %q", Version())
	}
}

func rule(t *testing.T, s string) *recur.Rule {
	t.Helper()
	r, err := recur.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// europe is the VTIMEZONE of Zurich as Exchange writes it.
func europe(t *testing.T) []Observance {
	return []Observance{
		{Start: wall(t, "1601-01-01 03:00:00"), From: 7200, To: 3600, Rules: []*recur.Rule{rule(t, "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10")}},
		{Daylight: true, Name: "CEST", Start: wall(t, "1601-01-01 02:00:00"), From: 3600, To: 7200, Rules: []*recur.Rule{rule(t, "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3")}},
	}
}

// TestCompile compares a compiled zone with the same zone of the IANA data, hour by hour.
func TestCompile(t *testing.T) {
	loc, err := Compile("mine", europe(t))
	if err != nil {
		t.Fatal(err)
	}
	want := location(t, "Europe/Zurich")
	for at := time.Date(1997, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2100; at = at.Add(7 * time.Hour) {
		_, a := at.In(loc).Zone()
		_, b := at.In(want).Zone()
		if a != b {
			t.Fatalf("%v: %d, want %d", at, a, b)
		}
	}
	name, _ := time.Date(2026, 7, 1, 0, 0, 0, 0, loc).Zone()
	if winter, _ := time.Date(2026, 1, 1, 0, 0, 0, 0, loc).Zone(); name != "CEST" || winter != "+0100" || loc.String() != "mine" {
		t.Errorf("abbreviations %q, %q of %v", name, winter, loc)
	}
	if !time.Date(2026, 7, 1, 0, 0, 0, 0, loc).IsDST() || time.Date(2026, 1, 1, 0, 0, 0, 0, loc).IsDST() {
		t.Error("summer is not daylight time, or winter is")
	}
}

// TestCompileEdges looks at the seconds before and after changes of a whole day.
func TestCompileEdges(t *testing.T) {
	list := []Observance{
		{Start: wall(t, "2020-01-01 00:00:00"), From: -12 * 3600, To: 14 * 3600, Dates: []recur.Wall{wall(t, "2022-01-01 00:00:00")}},
		{Start: wall(t, "2021-01-01 00:00:00"), From: 14 * 3600, To: -12 * 3600},
	}
	loc, err := Compile("edges", list)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at     string
		offset int
	}{
		{"1900-01-01T00:00:00Z", -12},
		{"2020-01-01T11:59:59Z", -12},
		{"2020-01-01T12:00:00Z", 14},
		{"2020-12-31T09:59:59Z", 14},
		{"2020-12-31T10:00:00Z", -12},
		{"2022-01-01T12:00:00Z", 14},
		{"2999-01-01T00:00:00Z", 14},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := at.In(loc).Zone(); got != tt.offset*3600 {
			t.Errorf("%s: %d s, want %d h", tt.at, got, tt.offset)
		}
	}
	if _, err := Compile("empty", nil); err == nil {
		t.Error("a zone without parts is compiled")
	}
	many := make([]Observance, maxKinds+1)
	for i := range many {
		many[i].To = i
	}
	if _, err := Compile("many", many); err == nil {
		t.Error("a zone of very many offsets is compiled")
	}
	if _, err := Compile("more", make([]Observance, maxObservances+1)); err == nil {
		t.Error("a zone of very many parts is compiled")
	}
}

// TestBook is D2, step by step.
func TestBook(t *testing.T) {
	fixed := func() []Observance { return []Observance{{To: 20700}} } // +05:45
	b := NewBook()
	b.Define(Definition{TZID: "Europe/Zurich", Observances: fixed})
	b.Define(Definition{TZID: "by location", Location: "/vendor/1/Asia/Tokyo", Observances: fixed})
	b.Define(Definition{TZID: "odd location", Location: "Nowhere/Land", Observances: fixed})
	b.Define(Definition{TZID: `comma\, name`, Observances: fixed})
	b.Define(Definition{TZID: "Tokyo Standard Time", Observances: fixed})
	b.Define(Definition{TZID: "Korea Standard Time", Observances: func() []Observance { return nil }})
	b.Define(Definition{TZID: "Local", Observances: fixed})
	for tzid, want := range map[string]string{
		"Europe/Zurich": "Europe/Zurich", "by location": "Asia/Tokyo", "BY LOCATION": "Asia/Tokyo", "odd location": "odd location",
		"comma, name": "comma, name", `comma\, name`: "comma, name", `"comma, name"`: "comma, name",
		"Tokyo Standard Time": "Tokyo Standard Time", "Korea Standard Time": "Asia/Seoul", "Local": "Local", "Mars": "", "": "",
	} {
		for range 2 { // the second answer comes from memory
			got := ""
			if loc, _ := b.Find(tzid); loc != nil {
				got = loc.String()
			}
			if got != want {
				t.Errorf("%q is %q, want %q", tzid, got, want)
			}
		}
	}
	for i := range 2 * maxNames {
		b.Find(strings.Repeat("x", i))
	}
	further, _ := b.Find("Asia/Kathmandu")
	if known, _ := b.Find("Europe/Zurich"); further != nil || known == nil {
		t.Error("a text may name zones without end, or those that it named are forgotten")
	}
}

// What is offered can be loaded, and is in order.
func TestNames(t *testing.T) {
	list := Names()
	if len(list) < 400 || !slices.Contains(list, "Europe/Zurich") || !slices.Contains(list, "UTC") || slices.Contains(list, "CET") {
		t.Errorf("%d names: %q", len(list), list)
	}
	if !slices.IsSortedFunc(list, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
		t.Error("they are not sorted")
	}
	for _, n := range list {
		if _, err := Load(n); err != nil {
			t.Error(err)
		}
	}
}
