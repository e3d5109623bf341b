package plan

import (
	"testing"
	"time"

	"calbell"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func due(end time.Duration) calbell.Reminder {
	return calbell.Reminder{ID: "id", Webhook: "team", Due: noon, Start: noon, End: noon.Add(end)}
}

func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  time.Duration // of the instance, after due
		want time.Duration
	}{
		{"ended before it fell due", -time.Hour, time.Hour},
		{"shorter than the late window", 30 * time.Minute, time.Hour},
		{"longer", 5 * time.Hour, 5 * time.Hour},
		{"much longer", 72 * time.Hour, 24 * time.Hour},
	} {
		if got := Deadline(calbell.Delivery{Reminder: due(tt.end)}, time.Hour, ""); !got.Equal(noon.Add(tt.want)) {
			t.Errorf("%s: %v after due, want %v", tt.name, got.Sub(noon), tt.want)
		}
	}
}
