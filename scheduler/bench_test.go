package scheduler_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/dispatch"
	"calbell/scheduler/plan"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
	"calbell/webhook"
)

// BenchmarkHerd drains reminders that are all due at once through the real store and sender
// to a chat on loopback. One operation is one reminder.
func BenchmarkHerd(b *testing.B) {
	all := make(chan struct{})
	var got atomic.Int64
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "ok")
		if got.Add(1) == int64(b.N) {
			close(all)
		}
	}))
	defer chat.Close()
	s, err := bolt.Open(filepath.Join(b.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	hook := calbell.Webhook{ID: "w", Name: "w", Origin: calbell.OriginFile, URL: calbell.Secret(chat.URL), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON}}
	if err := s.SetFileWebhooks(b.Context(), []calbell.Webhook{hook}); err != nil {
		b.Fatal(err)
	}
	policy := plan.NewPolicy(plan.Settings{Webhooks: []calbell.Webhook{hook}, Zone: time.UTC, Locale: "en"})
	due := time.Now().Truncate(time.Second)
	c := store.Change{Calendar: calbell.Calendar{ID: "c", Name: "Team"}}
	for i := range b.N {
		uid, start := calbell.UID(fmt.Sprint(i)), due.Add(10*time.Minute)
		text := fmt.Sprintf("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%s\r\nDURATION:PT10M\r\nSUMMARY:Meeting %d\r\n"+
			"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", uid, start.UTC().Format("20060102T150405Z"), i)
		href := calbell.Href(fmt.Sprintf("/%d.ics", i))
		c.Put = append(c.Put, store.Planned{
			Object: calbell.Object{Href: href, ETag: "1", Raw: []byte(text)},
			Reminders: []store.PlannedReminder{{Reminder: calbell.Reminder{
				ID: calbell.NewReminderID("w", uid, "", due), Webhook: "w", UID: uid, Due: due, Start: start, End: start.Add(10 * time.Minute),
				Subject: "Meeting", Sources: []calbell.Source{{Calendar: "c", Href: href}},
			}}},
		})
	}
	if err := s.Apply(b.Context(), c, due.Add(-time.Minute)); err != nil {
		b.Fatal(err)
	}
	sender := webhook.NewSender(webhook.Options{PrivateNetworks: []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}, MaxPerHost: 64})
	defer sender.Close()
	loop := dispatch.New(forDispatch(s), sender, func() *plan.Policy { return policy }, dispatch.Options{
		Worker: "w", InFlight: 1024, PerHost: 64, Log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	before, err := s.Stats()
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	running.Go(func() {
		if err := loop.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	<-all
	stop()
	running.Wait()
	b.StopTimer()
	after, err := s.Stats()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(after.Commits-before.Commits)/float64(b.N), "commits/op")
}
