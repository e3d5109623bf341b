package daemon

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/config"
	"calbell/webhook"
)

// senderOptions returns the options for posting under a configuration.
func senderOptions(cfg *config.Config, version string) webhook.Options {
	var proxy *url.URL
	if text := cfg.Delivery.Proxy.Reveal(); text != "" {
		proxy, _ = url.Parse(text) // the configuration was checked: it parses
	}
	return webhook.Options{
		Proxy: proxy, PrivateNetworks: cfg.Delivery.PrivateNetworks, Timeout: cfg.Delivery.Timeout,
		MaxPerHost: cfg.Delivery.PerHost, UserAgent: "Calbell/" + version,
	}
}

// sender posts messages under the configuration in force. A reload replaces its
// [webhook.Sender].
type sender struct {
	p        atomic.Pointer[webhook.Sender]
	settings *settings
	self     *self
	version  string
}

// renew takes over the configuration in force.
func (s *sender) renew() {
	if old := s.p.Swap(webhook.NewSender(s.options())); old != nil {
		old.Close()
	}
}

// options returns the options for posting under the configuration in force.
func (s *sender) options() webhook.Options {
	o := senderOptions(s.settings.config.Load(), s.version)
	o.Self = s.self.is
	return o
}

// Send implements dispatch.Sender.
func (s *sender) Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	return s.p.Load().Send(ctx, w, m, now)
}

// CheckURL implements service.Sender.
func (s *sender) CheckURL(u calbell.Secret) error { return webhook.CheckURL(u.Reveal(), s.options()) }
