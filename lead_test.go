package calbell

import (
	"testing"
	"time"
)

func TestLead(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	// The clocks go forward in the night before 29 March 2026.
	start := time.Date(2026, 3, 29, 9, 0, 0, 0, zurich)
	for _, tt := range []struct{ text, want string }{
		{"15m", "2026-03-29T08:45:00+02:00"},
		{"0m", "2026-03-29T09:00:00+02:00"},
		{"2h", "2026-03-29T07:00:00+02:00"},
		{"24h", "2026-03-28T08:00:00+01:00"}, // exact hours notice the change
		{"1d", "2026-03-28T09:00:00+01:00"},  // a day does not
		{"1w", "2026-03-22T09:00:00+01:00"},
		{"1d2h", "2026-03-28T07:00:00+01:00"},
		{"1h30m", "2026-03-29T07:30:00+02:00"},
		{"1d@18:00", "2026-03-28T18:00:00+01:00"},
		{"0d@07:15", "2026-03-29T07:15:00+02:00"},
		{" 2w ", "2026-03-15T09:00:00+01:00"},
	} {
		l, err := ParseLead(tt.text)
		if err != nil {
			t.Errorf("ParseLead(%q): %v", tt.text, err)
			continue
		}
		if got := l.Before(start).Format(time.RFC3339); got != tt.want {
			t.Errorf("%q before %v = %s, want %s", tt.text, start, got, tt.want)
		}
	}
}

func TestLeadRefused(t *testing.T) {
	for _, text := range []string{
		"", "15", "m", "-15m", "15s", "1y", "1h@18:00", "@18:00", "1d@25:00", "1d@", "1.5h",
		"99999999999999999999m", "99999d", "15m x", "１５m",
	} {
		if l, err := ParseLead(text); err == nil {
			t.Errorf("ParseLead(%q) = %+v, want an error", text, l)
		} else if KindOf(err) != KindUsage || HintOf(err) == "" {
			t.Errorf("ParseLead(%q): %v has kind %d, hint %q", text, err, KindOf(err), HintOf(err))
		}
	}
}

func TestParseLeads(t *testing.T) {
	leads, err := ParseLeads("15m, 1d@18:00")
	if err != nil || len(leads) != 2 || leads[0].Exact != 15*time.Minute || !leads[1].AtClock {
		t.Errorf("got %+v, %v", leads, err)
	}
	if _, err := ParseLeads("15m,,1d"); err == nil {
		t.Error("an empty part passed")
	}
}

func TestLeadString(t *testing.T) {
	for _, text := range []string{"0m", "15m", "2h", "1h30m", "1d", "1w", "2w", "8d", "1d2h", "0d@09:00", "1d@18:00", "1w@00:05"} {
		l, err := ParseLead(text)
		if err != nil || l.String() != text {
			t.Errorf("%s: %s, %v", text, l, err)
		}
		var again Lead
		if err := again.UnmarshalText([]byte(l.String())); err != nil || again != l {
			t.Errorf("%s read again: %+v, %v", text, again, err)
		}
	}
	if l, err := ParseLead("7d"); err != nil || l.String() != "1w" {
		t.Errorf("7d: %s, %v", l, err)
	}
}
