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

// What the page shows in any of its languages, and what people type, is read.
func TestLeadInWords(t *testing.T) {
	for text, want := range map[string]string{
		"15 min": "15m", "15 minutes": "15m", "-15m": "15m", "\u221215 min": "15m", "15min": "15m", "15 Min.": "15m", "15 Minuten vorher": "15m",
		"1 h 30": "1h30m", "1h30": "1h30m", "1 h 30 min": "1h30m", "1 Std. 30 Min.": "1h30m", "2 Stunden": "2h", "2 heures avant": "2h", "2 ore prima": "2h", "1\u00a0h": "1h",
		"1 day": "1d", "1 day before": "1d", "2 days 3 hours": "2d3h", "1 jour": "1d", "2 jours avant": "2d", "1 Tag": "1d", "3 Tage vorher": "3d", "1 giorno": "1d",
		"1 week": "1w", "une semaine": "1w", "2 Wochen": "2w", "1 settimana": "1w", "an hour before": "1h", "une heure": "1h", "eine Stunde": "1h", "a day": "1d",
		"half an hour": "30m", "une demi-heure": "30m", "eine halbe Stunde": "30m", "mezz’ora": "30m",
		"At start": "0m", "Au début": "0m", "Zu Beginn": "0m", "All’inizio": "0m", "0": "", "15 minutes before the start": "15m",
		"The day before at 18:00": "1d@18:00", "La veille à 18 h": "1d@18:00", "Am Vortag um 18 Uhr": "1d@18:00", "Il giorno prima alle 18:00": "1d@18:00",
		"On the day at 07:00": "0d@07:00", "Le jour même à 7h30": "0d@07:30", "Am Tag selbst um 07:00": "0d@07:00", "Il giorno stesso alle 7.30": "0d@07:30",
		"2 days before at 09:00": "2d@09:00", "2 Tage vorher um 09:00": "2d@09:00", "1 d @ 18:00": "1d@18:00", "1d@18": "1d@18:00",
	} {
		l, err := ParseLead(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("ParseLead(%q) = %s, want an error", text, l)
		case want != "" && (err != nil || l.String() != want):
			t.Errorf("ParseLead(%q) = %s, %v, want %s", text, l, err, want)
		}
	}
	for _, text := range []string{"-15m", "1d@18:00", "\u221215m"} {
		if l, err := ParseLength(text); err == nil {
			t.Errorf("ParseLength(%q) = %s, want an error", text, l)
		}
	}
}

func TestLeadRefused(t *testing.T) {
	for _, text := range []string{
		"", "-", "--15m", "15", "m", "15s", "15 seconds", "15m 1d", "1 h 2 h", "half", "before", "@ 18:00", "1 day at noon", "1 day at 25:00", "on the day", "1y", "1h@18:00", "@18:00", "1d@25:00", "1d@", "1.5h",
		"99999999999999999999m", "99999d", "15m x", "１５m",
	} {
		if l, err := ParseLead(text); err == nil {
			t.Errorf("ParseLead(%q) = %+v, want an error", text, l)
		} else if KindOf(err) != KindUsage || HintOf(err).IsZero() {
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
