package demodata

import (
	"net/netip"
	"path/filepath"
	"time"

	"calbell"
	"calbell/config"
)

// Socket returns the path of the demo's socket in its folder.
func Socket(dir string) string { return filepath.Join(dir, "calbell.sock") }

// interval is the interval between syncs: short enough to see an added event soon.
const interval = 5 * time.Second

// Config returns the demo's configuration. All files are in dir. Loopback addresses are
// allowed as targets, which a daemon rejects by default (delivery.private_networks).
func Config(dir, caldavURL, chatURL string) *config.Config {
	cfg := config.Default()
	cfg.TimeZone, cfg.TimeZoneName = config.MachineZone()
	cfg.Data.Path, cfg.Data.Backup = filepath.Join(dir, "calbell.db"), "" // all of it goes when the demo ends
	cfg.Server = config.Server{Socket: Socket(dir)}
	cfg.Sync.Interval = interval
	cfg.Delivery.PrivateNetworks = []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}, {Prefix: netip.MustParsePrefix("::1/128")}}
	cfg.Webhooks = []calbell.Webhook{
		hook("team", chatURL, "**%subject%**, %date%[[, %location%]]\n%description%"),
		hook("product", chatURL, "⏰ **%subject%** begins %when%[[ · %location%]]\n%description%"),
		hook("travel", chatURL, "%subject%: %date%"),
	}
	cfg.Accounts = []calbell.Account{{
		Name: "demo", Owner: User, Origin: calbell.OriginFile, URL: caldavURL, Username: User, Password: Password,
		Calendars: []calbell.CalendarSettings{
			{Name: "Team", Webhook: "team"}, {Name: "Product", Webhook: "product"}, {Name: "Travel", Webhook: "travel"},
		},
	}}
	return cfg
}

// hook returns the webhook of a channel of the demo's chat. The chat accepts kChat's
// format.
func hook(name, chatURL, template string) calbell.Webhook {
	return calbell.Webhook{
		ID:     calbell.WebhookID(name),
		Name:   name,
		Owner:  User,
		Origin: calbell.OriginFile,
		URL:    calbell.Secret(chatURL + "/hooks/" + name),
		WebhookSpec: calbell.WebhookSpec{
			Kind:     calbell.KindKChat,
			Template: template,
			Envelope: calbell.Envelope{Username: "Calbell"},
		},
	}
}
