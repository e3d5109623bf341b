package service

import (
	"context"
	"io"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical/zone"
)

// Program describes the running program.
type Program interface {
	// Info returns its version and its troubles.
	Info() Info
	// Settings returns the configuration in force, a row for each value.
	Settings() []types.SettingRow
	// Reload reads the configuration again; on an error the previous one stays in force.
	Reload(ctx context.Context) (types.ReloadReport, error)
}

// Info describes the running program.
type Info struct {
	Version    string
	StartedAt  time.Time
	ConfigFile string
	// Troubles are the problems of the program itself, one line each.
	Troubles []calbell.Text
	// Waiting are the configuration keys that wait for a restart.
	Waiting []string
}

// Backups copies and checks the database.
type Backups interface {
	// Backup writes a consistent copy of the database.
	Backup(ctx context.Context, w io.Writer) error
	// CheckStore reads the whole database and returns its faults, one line each.
	CheckStore(ctx context.Context) ([]string, error)
}

// Upkeep reports on the program itself: its state, its configuration and its database.
type Upkeep struct {
	*core
	program Program
	backups Backups

	accounts   *Accounts
	calendars  *Calendars
	webhooks   *Webhooks
	deliveries *Deliveries
	pauses     *Pauses
}

// Status returns the state of the daemon, as far as the caller may see it. Only admins see
// what concerns the whole program.
func (s *Upkeep) Status(ctx context.Context, who calbell.Caller) (types.StatusReport, error) {
	if err := requireCaller(who); err != nil {
		return types.StatusReport{}, err
	}
	info := s.program.Info()
	r := types.StatusReport{
		Version: info.Version, StartedAt: info.StartedAt,
		TimeZone: s.config.Policy().Zone().String(), TZData: zone.Version(),
	}
	var err error
	if who.Admin {
		r.ConfigFile, r.Waiting = info.ConfigFile, info.Waiting
		if r.Troubles, err = s.accounts.orphans(ctx, info.Troubles); err != nil {
			return r, err
		}
		if r.Deliveries, err = s.store.Counts(ctx); err != nil {
			return r, err
		}
	}
	if r.Pauses, err = s.pauses.List(ctx, who); err != nil {
		return r, err
	}
	if r.Syncing, err = s.calendars.Syncing(ctx, who); err != nil {
		return r, err
	}
	calendars, err := s.core.calendars(ctx, who)
	if err != nil {
		return r, err
	}
	webhooks, err := s.usableWebhooks(ctx, who)
	if err != nil {
		return r, err
	}
	v, err := s.visibilityOf(ctx, who, calendars, webhooks)
	if err != nil {
		return r, err
	}
	r.Calendars = []types.CalendarRow{}
	for _, c := range calendars {
		row, err := s.calendars.calendarRow(ctx, c)
		if err != nil {
			return r, err
		}
		r.Calendars = append(r.Calendars, row)
	}
	if r.ListTroubles, err = s.listTroubles(ctx, who); err != nil {
		return r, err
	}
	r.Accounts = s.accounts.accountStates(who, r.Calendars)
	if r.Webhooks, err = s.webhooks.webhookRows(ctx, who, webhooks); err != nil {
		return r, err
	}
	next, err := s.deliveries.upcoming(ctx, v, 1, nil)
	if err == nil && len(next) > 0 {
		r.NextDue = &next[0].NextAt
	}
	return r, err
}

// Reload reads the configuration again.
func (s *Upkeep) Reload(ctx context.Context, who calbell.Caller) (types.ReloadReport, error) {
	if err := requireAdmin(who); err != nil {
		return types.ReloadReport{}, err
	}
	return s.program.Reload(ctx)
}

// Settings returns the configuration in force with the origin of each value; secrets are
// left out.
func (s *Upkeep) Settings(who calbell.Caller) ([]types.SettingRow, error) {
	if err := requireAdmin(who); err != nil {
		return nil, err
	}
	return s.program.Settings(), nil
}

// Backup returns a function that writes a backup of the database.
func (s *Upkeep) Backup(_ context.Context, who calbell.Caller) (func(context.Context, io.Writer) error, error) {
	if err := requireAdmin(who); err != nil {
		return nil, err
	}
	return s.backups.Backup, nil
}

// CheckStore reads the whole database and returns its faults.
func (s *Upkeep) CheckStore(ctx context.Context, who calbell.Caller) (types.StoreCheck, error) {
	if err := requireAdmin(who); err != nil {
		return types.StoreCheck{}, err
	}
	begun := time.Now()
	found, err := s.backups.CheckStore(ctx)
	return types.StoreCheck{Findings: found, TookMS: time.Since(begun).Milliseconds()}, err
}
