// Package service is what a person may do, and whether they may: the one layer of rules
// that the API (and so the command line) and the page speak through. Every method takes
// the caller first.
package service

import (
	"context"
	"io"
	"net/url"
	"slices"
	"time"

	"calbell"
	"calbell/ical/zone"
	"calbell/scheduler"
	"calbell/store"
)

// Daemon is what the service asks of the running program.
type Daemon interface {
	// Planner is the configuration in force.
	Planner() *scheduler.Planner
	// Accounts are the configured accounts.
	Accounts() []calbell.Account
	// Sync brings an account up to date; see [scheduler.Syncer.Sync].
	Sync(ctx context.Context, r scheduler.SyncRequest) error
	// Syncing tells how far the syncs under way are.
	Syncing() []calbell.SyncProgress
	// SyncSoon begins a sync without waiting for it.
	SyncSoon(r scheduler.SyncRequest) error
	// Reload reads the configuration again; on an error the old one stays in force.
	Reload(ctx context.Context) error
	// WebhooksChanged makes stored definitions and states take effect.
	WebhooksChanged(ctx context.Context) error
	// Attach changes the bindings of an account; see [scheduler.Syncer.Attach].
	Attach(ctx context.Context, account string, change scheduler.BindingsChange) error
	// QueueChanged has what was planned looked at.
	QueueChanged()
	// PausesChanged makes what was paused take effect.
	PausesChanged()
	// Backup writes the database as it is now.
	Backup(ctx context.Context, w io.Writer) error
	// CheckStore reads the whole database and returns what is wrong with it, a line each.
	CheckStore(ctx context.Context) ([]string, error)
	// CheckWebhook refuses a definition that could not be used.
	CheckWebhook(w calbell.Webhook) error
	// Info describes the program.
	Info() Info
}

// Info describes the running program.
type Info struct {
	Version    string
	StartedAt  time.Time
	ConfigFile string
	// Troubles say what is wrong with the program itself, a line each.
	Troubles []string
}

// Service answers people. Make one with New; it is safe for concurrent use.
type Service struct {
	store  store.Store
	daemon Daemon
	sender scheduler.Sender
}

// New returns a service.
func New(s store.Store, d Daemon, sender scheduler.Sender) *Service {
	return &Service{store: s, daemon: d, sender: sender}
}

// admin refuses callers who are not administrators.
func admin(who calbell.Caller) error {
	if who.Admin {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: "only an administrator may do this"}
}

// Status reports the state of the whole daemon.
func (s *Service) Status(ctx context.Context, who calbell.Caller) (calbell.StatusReport, error) {
	if err := admin(who); err != nil {
		return calbell.StatusReport{}, err
	}
	info := s.daemon.Info()
	r := calbell.StatusReport{
		Version: info.Version, StartedAt: info.StartedAt, ConfigFile: info.ConfigFile,
		TimeZone: s.daemon.Planner().Zone().String(), TZData: zone.Version(), Troubles: info.Troubles,
	}
	var err error
	r.Syncing = s.daemon.Syncing()
	if r.Pauses, err = s.Pauses(ctx, who); err != nil {
		return r, err
	}
	if r.Calendars, err = s.Calendars(ctx, who); err != nil {
		return r, err
	}
	if r.Webhooks, err = s.Webhooks(ctx, who); err != nil {
		return r, err
	}
	if r.Deliveries, err = s.store.Counts(ctx); err != nil {
		return r, err
	}
	next, err := s.store.Upcoming(ctx, 1)
	if err == nil && len(next) > 0 {
		r.NextDue = &next[0].NextAt
	}
	return r, err
}

// Reload reads the configuration again.
func (s *Service) Reload(ctx context.Context, who calbell.Caller) error {
	if err := admin(who); err != nil {
		return err
	}
	return s.daemon.Reload(ctx)
}

// Upcoming lists the deliveries that are not final, by when they fall due.
func (s *Service) Upcoming(ctx context.Context, who calbell.Caller, limit int) ([]calbell.DeliveryRow, error) {
	if err := admin(who); err != nil {
		return nil, err
	}
	list, err := s.store.Upcoming(ctx, limit)
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, list)
}

// HistoryQuery narrows a history; zero fields do not.
type HistoryQuery = store.HistoryQuery

// History lists the deliveries that have ended, and those that were tried already.
func (s *Service) History(ctx context.Context, who calbell.Caller, q HistoryQuery) ([]calbell.DeliveryRow, error) {
	if err := admin(who); err != nil {
		return nil, err
	}
	open, err := s.tried(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := s.store.History(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, list)
	all := append(open, rows...)
	if q.Limit > 0 {
		all = all[:min(q.Limit, len(all))]
	}
	return all, err
}

// maxTried is how many of the deliveries that fall due first are looked at for those that
// were tried: what is tried again stands in front of what is planned.
const maxTried = 1000

// tried returns the deliveries that the query means and that have not ended: those that
// were tried, or whose state is asked for by name. Latest due first.
func (s *Service) tried(ctx context.Context, q HistoryQuery) ([]calbell.DeliveryRow, error) {
	list, err := s.store.Upcoming(ctx, maxTried)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, list)
	rows = slices.DeleteFunc(rows, func(r calbell.DeliveryRow) bool {
		wanted := slices.Contains(q.Statuses, r.Status)
		if len(q.Statuses) == 0 {
			wanted = r.Attempts > 0 || r.Status != calbell.StatusPlanned
		}
		return !wanted || r.Due.Before(q.Since) || q.Webhook != "" && r.Webhook != q.Webhook || q.UID != "" && r.UID != q.UID
	})
	slices.SortStableFunc(rows, func(a, b calbell.DeliveryRow) int { return b.Due.Compare(a.Due) })
	return rows, err
}

// rows are deliveries as lists show them: what waits behind a suspended webhook is held.
func (s *Service) rows(ctx context.Context, list []calbell.Delivery) ([]calbell.DeliveryRow, error) {
	states, err := s.store.WebhookStates(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	rows := make([]calbell.DeliveryRow, 0, len(list))
	for _, d := range list {
		r := d.Row()
		suspended := !states[d.Webhook].SuspendedAt.IsZero()
		if suspended && !d.Status.Final() && d.Status != calbell.StatusInFlight && d.NextAt.Before(now) {
			r.Status = calbell.StatusHeld
			r.NextAt = ptr(states[d.Webhook].ProbeAt)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func ptr[T any](v T) *T { return &v }

// Delivery returns one delivery with its tries.
func (s *Service) Delivery(ctx context.Context, who calbell.Caller, id calbell.ReminderID) (calbell.Delivery, error) {
	if err := admin(who); err != nil {
		return calbell.Delivery{}, err
	}
	return s.store.Delivery(ctx, id)
}

// hostOf is what may be shown of a webhook's URL.
func hostOf(u calbell.Secret) string {
	parsed, err := url.Parse(u.Reveal())
	if err != nil {
		return ""
	}
	return parsed.Host
}
