package api

import (
	"testing"

	"calbell"
	"calbell/api/types"
	"calbell/service"
)

// Each kind of news is an event of its own name with JSON in one line; no news is a comment, which
// keeps the connection open.
func TestEventText(t *testing.T) {
	for _, tt := range []struct {
		news service.News
		want string
	}{
		{service.News{}, ": nothing new\n\n"},
		{service.News{Gap: true}, "event: gap\ndata: {}\n\n"},
		{service.News{Syncing: []calbell.SyncProgress{}}, "event: sync\ndata: []\n\n"},
		{
			service.News{Delivery: &types.DeliveryRow{ID: "x", Subject: "two\nlines"}},
			"event: delivery\n" + `data: {"id":"x","status":"","due":"0001-01-01T00:00:00Z","sent_at":null,"late_ms":null,"webhook":"","uid":"","recurrence_id":"","subject":"two\nlines","attempts":0,"error":""}` + "\n\n",
		},
	} {
		if got, err := eventText(tt.news); err != nil || got != tt.want {
			t.Errorf("%+v: %q, %v, want %q", tt.news, got, err, tt.want)
		}
	}
}
