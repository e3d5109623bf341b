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

// interval is how often the demo syncs its calendars: often enough for someone
// who adds an event to see it.
const interval = 5 * time.Second

// Config returns the configuration that the demo runs with: its files are in dir.
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
