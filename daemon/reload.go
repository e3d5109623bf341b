package daemon

import (
	"context"

	"calbell"
	"calbell/api/types"
	"calbell/internal/failpoint"
)

// Reload implements service.Program: it reads the configuration and puts it in force,
// except keys that need a restart. On an error the previous configuration stays in force.
func (d *Daemon) Reload(ctx context.Context) (types.ReloadReport, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.o.Load == nil {
		return types.ReloadReport{}, &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.T("daemon:program-runs-without-configuration", "this program runs without a configuration file: there is nothing to read again"),
		}
	}
	r, err := d.reload(ctx)
	d.metrics.reloads.WithLabelValues(result(err)).Inc()
	d.health.note(func(s *state) { s.reloadFailed = err != nil })
	if err != nil {
		d.log.Error("reload failed, the old configuration stays in force", "err", err)
		return types.ReloadReport{}, calbell.Errorf("daemon:reload-failed", "reload failed, the old configuration stays in force:\n%w", err)
	}
	d.log.Info("configuration reloaded", "config", d.config.Load().Path, "changed", r.InForce)
	if len(r.Waiting) > 0 {
		d.log.Warn("changed keys wait for a restart", "keys", r.Waiting)
	}
	return r, nil
}

func (d *Daemon) reload(ctx context.Context) (r types.ReloadReport, err error) {
	notifyReloading()
	defer notifyReady()
	loaded, err := d.o.Load()
	if err != nil {
		return r, err
	}
	if err := CheckFile(loaded); err != nil {
		return r, err
	}
	cfg, running := *loaded, d.config.Load()
	cfg.KeepRunning(running)
	r.InForce, r.Waiting = cfg.Differs(running), loaded.Differs(&cfg)
	if err := failpoint.Before(failpoint.Reload); err != nil {
		return r, err
	}
	if r.Warnings, r.Lifted, err = d.use(ctx, &cfg); err != nil {
		return r, err
	}
	d.health.note(func(s *state) { s.waiting = r.Waiting })
	if err := failpoint.After(failpoint.Reload); err != nil {
		return r, err
	}
	d.syncer.Forget()
	if err := d.syncer.Reconcile(ctx); err != nil {
		return r, err
	}
	d.dispatcher.Kick()
	d.digests.Kick()
	signal(d.retime)
	return r, nil
}
