package daemon

import (
	"context"
	"fmt"
	"reflect"

	"calbell/internal/failpoint"
)

// Reload reads the configuration again and puts it in force. On an error the old one
// stays, and the error says so.
func (d *Daemon) Reload(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.o.Load == nil {
		return nil
	}
	err := d.reload(ctx)
	d.metrics.reloads.WithLabelValues(result(err)).Inc()
	d.health.note(func(s *state) { s.reloadFailed = err != nil })
	if err != nil {
		d.log.Error("reload failed, the old configuration stays in force", "err", err)
		return fmt.Errorf("reload failed, the old configuration stays in force:\n%w", err)
	}
	d.log.Info("configuration reloaded", "config", d.config.Load().Path)
	return nil
}

func (d *Daemon) reload(ctx context.Context) error {
	notifyReloading()
	defer notifyReady()
	cfg, err := d.o.Load()
	if err != nil {
		return err
	}
	if err := CheckFile(cfg); err != nil {
		return err
	}
	old := d.config.Load()
	if cfg.Data.Path != old.Data.Path || !reflect.DeepEqual(cfg.Server, old.Server) || cfg.Delivery.InFlight != old.Delivery.InFlight ||
		cfg.Scheduler.LateWindow != old.Scheduler.LateWindow || cfg.Sync.Concurrency != old.Sync.Concurrency {
		d.log.Warn("data.path, server, scheduler.late_window, sync.concurrency and delivery.in_flight take effect at the next start")
	}
	if err := failpoint.Before(failpoint.Reload); err != nil {
		return err
	}
	if err := d.use(ctx, cfg); err != nil {
		return err
	}
	if err := failpoint.After(failpoint.Reload); err != nil {
		return err
	}
	d.syncer.Forget()
	if err := d.syncer.Prepare(ctx); err != nil {
		return err
	}
	d.dispatcher.Kick()
	d.digester.Kick()
	signal(d.retime)
	return nil
}
