package ical

import (
	"strings"
	"testing"
	"time"

	"calbell/ical/recur"
	"calbell/ical/zone"
)

func TestReadStamp(t *testing.T) {
	for _, tt := range []struct {
		value, want string
		form        form
	}{
		{"20260310", "20260310T000000", formDate},
		{"20260310T101112", "20260310T101112", formFloating},
		{"20260310T101112Z", "20260310T101112", formUTC},
		{" 20260310t101112z ", "20260310T101112", formUTC},
		{"2026-03-10", "20260310T000000", formDate},
		{"2026-03-10T10:11:12Z", "20260310T101112", formUTC},
		{"20260310T1011", "20260310T101100", formFloating},
		{"20260310T1011Z", "20260310T101100", formUTC},
		{"20260310T101112.500Z", "20260310T101112", formUTC},
		{"20260310T101160", "20260310T101159", formFloating},
		{"20260310T240000", "20260311T000000", formFloating},
		{"20240229", "20240229T000000", formDate},
		{"00000101", "00000101T000000", formDate},
		{"99991231T235959Z", "99991231T235959", formUTC},
	} {
		got, err := readStamp(tt.value)
		if err != nil || got.wall.String() != tt.want || got.form != tt.form {
			t.Errorf("%q is %v %d %v, want %s %d", tt.value, got.wall, got.form, err, tt.want, tt.form)
		}
	}
	for _, value := range []string{
		"", "2026031", "202603100", "20260310T", "20260310T10", "20260310T101112X", "20260310T101112+0100", "20261310", "20260010", "20260300",
		"20230229", "19000229", "20260310T250000", "20260310T240001", "20260310T106000", "20260310T101161", "tomorrow", "2026031٠", "-20260310",
	} {
		if got, err := readStamp(value); err == nil {
			t.Errorf("%q is %v", value, got.wall)
		}
	}
}

func TestReadLength(t *testing.T) {
	const day = daySeconds
	for _, tt := range []struct {
		value string
		want  length
	}{
		{"PT0S", length{}},
		{"P0D", length{}},
		{"-PT0M", length{}},
		{"P1W", length{days: 7}},
		{"-P2W", length{days: -14}},
		{"P1D", length{days: 1}},
		{"PT24H", length{secs: day}},
		{"P15DT5H0M20S", length{15, 5*3600 + 20}},
		{"-P1DT2H", length{-1, -7200}},
		{"+PT15M", length{secs: 900}},
		{"-p0dt0h30m0s", length{secs: -1800}},
		{" PT5M ", length{secs: 300}},
		{"P1W2D", length{days: 9}},
		{"P1DT", length{days: 1}},
		{"PT90S", length{secs: 90}},
		{"P36600D", length{days: 36600}},
	} {
		if got, _, err := readLength(tt.value); err != nil || got != tt.want {
			t.Errorf("%q is %v %v, want %v", tt.value, got, err, tt.want)
		}
	}
	for _, value := range []string{
		"", "15M", "P1", "5", "0", "PT5X", "PT1H30", "P1Y", "in a while", "-", "--PT5M", "- ", "-T", "P-", "PT+", "PT1.H", "PT.5H",
		"P1DT-9H", "-P1DT-9H", "PT+1H-5M", "-PT+5M", "P36601D", "PT9999999999S", "P99999999999999999999D", "P9223372036854775807W",
		"PT3162240000S1M1H9H" + strings.Repeat("9H", 9),
	} {
		if got, _, err := readLength(value); err == nil {
			t.Errorf("%q is %v", value, got)
		}
	}
}

// TestOddLengths is D28: durations as people write them. They are read as what they can only
// mean, and never without a word.
func TestOddLengths(t *testing.T) {
	const day = 86400
	for _, tt := range []struct {
		value string
		want  length
	}{
		{"P", length{}},
		{"-P", length{}},
		{"+P", length{}},
		{"PT", length{}},
		{"-PT", length{}},
		{"P0", length{}},
		{"-PT0", length{}},
		{"-PT2D", length{days: -2}},
		{"PT1W", length{days: 7}},
		{"-PT1DT0H30M0S", length{-1, -1800}},
		{"-PT0DT1H", length{secs: -3600}},
		{"PTT5M", length{secs: 300}},
		{"PT-90M", length{secs: -5400}},
		{"P-T45M", length{secs: -2700}},
		{"P-2D", length{days: -2}},
		{"PT-1H-30M", length{secs: -5400}},
		{"PT-1H30M", length{secs: -5400}},
		{"-PT-20M", length{secs: -1200}},
		{"P-1DT6H", length{-1, -6 * 3600}},
		{"-P600S", length{secs: -600}},
		{"-P45M", length{secs: -2700}},
		{"P3H", length{secs: 3 * 3600}},
		{"-P1D2H", length{-1, -7200}},
		{"-15M", length{secs: -900}},
		{"-T2H", length{secs: -7200}},
		{"-PT1.5H", length{secs: -5400}},
		{"-PT0,25H", length{secs: -900}},
		{"PT-0.5S", length{secs: -1}},
		{"-P0.5D", length{secs: -day / 2}},
		{"-PT 15 M", length{secs: -900}},
		{"\u2212PT15M", length{secs: -900}},
		{"\u2013P1D", length{days: -1}},
		{`"-PT15M"`, length{secs: -900}},
		{"-PT15M;", length{secs: -900}},
		{"P1W2D", length{days: 9}},
		{"PT5M1H", length{secs: 3900}},
		{"PT1M1M", length{secs: 120}},
		{"P1DT", length{days: 1}},
	} {
		if got, odd, err := readLength(tt.value); err != nil || got != tt.want || !odd {
			t.Errorf("%q is %v, odd %t, %v; want %v", tt.value, got, odd, err, tt.want)
		}
	}
	for _, value := range []string{"PT0S", "-PT15M", "P1W", "P1D", "-P1DT2H", "+PT15M", "PT1H30M", "PT1H30S", "-pt5m", " PT5M "} {
		if got, odd, err := readLength(value); err != nil || odd {
			t.Errorf("%q is %v, odd %t, %v", value, got, odd, err)
		}
		if again, odd, err := readLength(must(t, value).String()); err != nil || odd || again != must(t, value) {
			t.Errorf("%q is written as %q", value, must(t, value))
		}
	}
}

// must reads a duration.
func must(t *testing.T, value string) length {
	t.Helper()
	l, _, err := readLength(value)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLengthAfter is RFC 5545 §3.3.6: days first, by the wall, then exact.
func TestLengthAfter(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	clock := zone.NewClock(loc)
	start := time.Date(2026, 3, 28, 12, 0, 0, 0, loc)
	for _, tt := range []struct{ value, want string }{
		{"P1D", "2026-03-29T10:00:00Z"},
		{"PT24H", "2026-03-29T11:00:00Z"},
		{"P1DT1H", "2026-03-29T11:00:00Z"},
		{"-P1D", "2026-03-27T11:00:00Z"},
		{"PT0S", "2026-03-28T11:00:00Z"},
	} {
		l, _, err := readLength(tt.value)
		if err != nil {
			t.Fatal(err)
		}
		got := time.Unix(l.after(start.Unix(), zone.Wall(start), &clock), 0).UTC().Format(time.RFC3339)
		if got != tt.want {
			t.Errorf("%s after noon: %s, want %s", tt.value, got, tt.want)
		}
	}
}

func TestReadOffset(t *testing.T) {
	for in, want := range map[string]int{"+0100": 3600, "-0330": -12600, "+054530": 20730, "0200": 7200, "+02": 7200, "-00:30": -1800, " +0000 ": 0} {
		if got, ok := readOffset(in); !ok || got != want {
			t.Errorf("%q is %d %t, want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "+", "+1", "+100", "+2400", "+0160", "+01000", "one", "+0a00"} {
		if got, ok := readOffset(in); ok {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestDay(t *testing.T) {
	for in, want := range map[recur.Wall]recur.Wall{0: 0, 1: 0, 86399: 0, 86400: 86400, -1: -86400, -86400: -86400, -86401: -172800} {
		if got := day(in); got != want {
			t.Errorf("day(%d) = %d, want %d", in, got, want)
		}
	}
}
