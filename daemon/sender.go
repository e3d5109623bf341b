package daemon

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/config"
	"calbell/webhook"
	"calbell/webhook/dialect"
)

// senderOptions are how a configuration has webhooks called.
func senderOptions(cfg *config.Config, version string) webhook.Options {
	var proxy *url.URL
	if text := cfg.Delivery.Proxy.Reveal(); text != "" {
		proxy, _ = url.Parse(text) // it was parsed when it was read
	}
	return webhook.Options{
		Proxy: proxy, PrivateNetworks: cfg.Delivery.PrivateNetworks, Timeout: cfg.Delivery.Timeout,
		MaxPerHost: cfg.Delivery.PerHost, UserAgent: "Calbell/" + version,
	}
}

// switchableSender is the sender in force; a reload puts another in its place.
type switchableSender struct {
	p atomic.Pointer[webhook.Sender]
}

func (s *switchableSender) use(n *webhook.Sender) {
	if old := s.p.Swap(n); old != nil {
		old.Close()
	}
}

// Send implements dispatch.Sender.
func (s *switchableSender) Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	return s.p.Load().Send(ctx, w, m, now)
}

// EncodeMessage implements service.Encoder.
func (d *Daemon) EncodeMessage(w calbell.Webhook, m calbell.Message) (body []byte, contentType string, err error) {
	return dialect.Encode(w, m)
}
