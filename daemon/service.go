package daemon

import (
	"calbell/scheduler/plan"
	"calbell/service"
)

// newService returns the service, which asks this program.
func newService(d *Daemon) *service.Service {
	s := service.Store{
		People: d.store, Settings: d.store, CalendarStore: d.store, EventStore: d.store, WebhookStore: d.store, DeliveryStore: d.store,
	}
	return service.New(service.Options{
		Store: s, Config: d, Effects: d, Program: d, Backups: d, Syncs: d, Servers: d, Bindings: d, Encoder: d, Sender: d.sender, SignIn: d,
	})
}

// Policy implements service.Config.
func (d *Daemon) Policy() *plan.Policy { return d.policy.Load() }

// Info implements service.Program.
func (d *Daemon) Info() service.Info {
	return service.Info{Version: d.o.Version, StartedAt: d.startedAt, ConfigFile: d.config.Load().Path, Troubles: d.troubles(), Waiting: d.health.look().waiting}
}

// callers finds out who asks: by a session, and by a token.
type callers struct {
	*service.People
	*service.Tokens
}
