package webhook_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/dialect"
	"calbell/webhook/webhooktest"
)

// BenchmarkSend posts from 64 goroutines, beside a bare net/http client that posts the
// same bytes to the same receiver.
func BenchmarkSend(b *testing.B) {
	chat := webhooktest.New()
	defer chat.Close()
	w := hook(calbell.KindKChat, chat.URL(""))
	s := webhook.NewSender(webhook.Options{PrivateNetworks: loopback()})
	defer s.Close()
	b.Run("calbell", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if try := s.Send(b.Context(), w, message(), time.Now()); try.Verdict != calbell.Accepted {
					b.Error(try)
				}
			}
		})
	})
	bare := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer bare.CloseIdleConnections()
	body, contentType, err := dialect.Encode(w, message())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				resp, err := bare.Post(w.URL.Reveal(), contentType, bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					continue
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	})
}
