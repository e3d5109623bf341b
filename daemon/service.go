package daemon

import (
	"context"
	"fmt"

	"calbell/api/types"
	"calbell/config"
	"calbell/service"
)

// newService returns the service of this program.
func newService(d *Daemon) *service.Service {
	s := service.Store{
		People: d.store, Settings: d.store, CalendarStore: d.store, EventStore: d.store, WebhookStore: d.store, DeliveryStore: d.store,
	}
	return service.New(service.Options{
		Store: s, Config: d.settings, Effects: d, Program: d, Backups: d.upkeep, Syncs: d.syncs, Servers: d.servers, Bindings: d.syncs,
		Sender: d.sender, SignIn: d.servers, CheapPasswords: d.o.CheapPasswords,
	})
}

// Info implements service.Program.
func (d *Daemon) Info() service.Info {
	return service.Info{Version: d.o.Version, StartedAt: d.startedAt, ConfigFile: d.config.Load().Path, Troubles: d.health.list(), Waiting: d.health.look().waiting}
}

// Settings implements service.Program.
func (d *Daemon) Settings() []types.SettingRow {
	rows := []types.SettingRow{}
	waiting := d.health.look().waiting
	for _, s := range d.config.Load().Show() {
		rows = append(rows, types.SettingRow{
			Key: s.Key, Value: s.Value, Origin: s.Origin, TakesEffect: string(s.Effect), Waits: config.Waits(s.Key, waiting),
		})
	}
	return rows
}

// greet logs how to create the first user, when there is none.
func (d *Daemon) greet(ctx context.Context) {
	some, err := d.service.People.HasUsers(ctx)
	cfg := d.config.Load()
	if err != nil || some || cfg.Auth.CalDAV != "" && cfg.Auth.Create {
		return
	}
	d.log.Info(fmt.Sprintf("no users yet; create the first admin with: calbell --socket %s setup-link", cfg.Server.Socket))
}

// callers authenticates requests: by session, and by token.
type callers struct {
	*service.People
	*service.Tokens
}
