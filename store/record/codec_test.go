package record

import (
	"encoding/json"
	"testing"
	"time"

	"calbell"
)

// BenchmarkCodec writes and reads one delivery: our codec beside encoding/json.
func BenchmarkCodec(b *testing.B) {
	due := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := calbell.Delivery{
		Reminder: calbell.Reminder{
			ID: calbell.NewReminderID("team", "standup@example.org", "", due), Webhook: "team", UID: "standup@example.org",
			Due: due, Start: due.Add(10 * time.Minute), End: due.Add(time.Hour), Subject: "Stand-up",
			Sources: []calbell.Source{{Calendar: "0123456789abcdef", Href: "/anna/team/standup.ics"}},
		},
		Status: calbell.StatusSent, Attempts: 1, FinishedAt: due,
		Tries: []calbell.Try{{At: due, Took: time.Millisecond, Verdict: calbell.Accepted, Status: 200, Answer: "ok"}},
	}
	var key ID
	b.Run("codec", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodeDelivery(key, EncodeDelivery(key, &d, d.Status)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			text, err := json.Marshal(&d)
			if err != nil {
				b.Fatal(err)
			}
			var back calbell.Delivery
			if err := json.Unmarshal(text, &back); err != nil {
				b.Fatal(err)
			}
		}
	})
}
