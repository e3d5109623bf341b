package calbell

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"webhooks", "accounts", "time_zone", "subject", "Größe", "to"}
	for _, tt := range []struct{ word, want string }{
		{"webhoks", "webhooks"},
		{"webhosks", "webhooks"},
		{"Webhooks", "webhooks"},
		{"time-zone", "time_zone"},
		{"timezone", "time_zone"},
		{"sujbect", "subject"}, // two neighbours swapped count once
		{"grösse", "Größe"},
		{"ot", "to"},
		{"calendar", ""},
		{"x", ""},
		{"", ""},
	} {
		if got := Nearest(tt.word, names); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestNearestEmpty(t *testing.T) {
	if got := Nearest("team", nil); got != "" {
		t.Errorf("got %q without candidates", got)
	}
}
