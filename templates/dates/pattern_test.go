package dates

import (
	"testing"
	"time"
)

func TestPatterns(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 3, 5, 0, 7, 9, 120_000_000, zurich)
	for _, c := range []struct{ pattern, locale, want string }{
		{"yyyy-MM-dd", "en", "2026-03-05"},
		{"yy y yyyy u", "en", "26 2026 2026 2026"},
		{"d dd D DDD", "en", "5 05 64 064"},
		{"M MM MMM MMMM MMMMM", "en", "3 03 Mar March M"},
		{"LLLL", "it", "marzo"},
		{"E EEEE EEEEE cccc", "fr", "jeu. jeudi J jeudi"},
		{"H HH h hh k K", "en", "0 00 12 12 24 0"},
		{"m mm s ss SSS", "en", "7 07 9 09 120"},
		{"h:mm a", "en", "12:07 am"},
		{"HH 'h' mm", "fr", "00 h 07"},
		{"''yy 'o''clock'", "en", "'26 o'clock"},
		{"EEEE d MMMM y, HH:mm", "de-CH", "Donnerstag 5 März 2026, 00:07"},
		{"z VV O xxx X Z", "en", "CET Europe/Zurich UTC+01:00 +01:00 +01 +0100"},
		{"–…é", "en", "–…é"},
	} {
		if problem := CheckPattern(c.pattern); !problem.IsZero() {
			t.Errorf("%q: %s", c.pattern, problem)
		}
		if got := string(appendPattern(nil, c.pattern, when, locales[c.locale])); got != c.want {
			t.Errorf("%q: %q, want %q", c.pattern, got, c.want)
		}
	}
	if got := string(appendPattern(nil, "XXX z", when.UTC(), locales["en"])); got != "Z UTC" {
		t.Errorf("%q", got)
	}
}
