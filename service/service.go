// Package service is what a person may do, and whether they may: the one layer of rules
// that the API (and so the command line) and the page speak through. Every method takes
// the caller first.
package service

import (
	"context"
	"crypto/rand"
	"net/url"
	"sync"

	"calbell"
	"calbell/ical"
	"calbell/ical/zone"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
	"calbell/store"
)

// Config is the configuration in force.
type Config interface {
	// Policy returns the settings, compiled for look-up.
	Policy() *plan.Policy
	// Accounts returns the accounts of the file and the stored ones.
	Accounts() []calbell.Account
	// Rules returns those of the file.
	Rules() []calbell.Rule
	// BaseURL returns the address of the page; "" when it is not known.
	BaseURL() string
}

// Effects makes what was stored take effect.
type Effects interface {
	// AccountsChanged is called after accounts, rules or settings of calendars were stored.
	AccountsChanged(ctx context.Context) error
	// WebhooksChanged is called after webhooks were stored, or who is an admin: when it returns,
	// nothing begins to be sent that may not be. Plans follow by themselves.
	WebhooksChanged(ctx context.Context) error
	// QueueChanged is called after deliveries were planned.
	QueueChanged()
	// PausesChanged is called after pauses were stored.
	PausesChanged()
}

// Options are the parts of the program that the service asks. A part that is nil must not be needed.
type Options struct {
	Store    store.Store
	Config   Config
	Effects  Effects
	Program  Program
	Backups  Backups
	Syncs    Syncs
	Servers  Servers
	Bindings Bindings
	Encoder  Encoder
	Sender   Sender
	SignIn   SignIn
}

// Service answers people. Make one with New; it is safe for concurrent use.
type Service struct {
	store        store.Store
	config       Config
	effects      Effects
	program      Program
	backups      Backups
	syncs        Syncs
	servers      Servers
	bindingStore Bindings
	encoder      Encoder
	sender       Sender
	entrance     SignIn

	door  *door
	index *eventindex.Index

	problems *problems
	looks    looking
	news     *news
	tagKey   [32]byte
	// editing is held while something is changed that was looked at first: what has which
	// name, and whether it is still what its editor saw.
	editing sync.Mutex
}

// New returns a service.
func New(o Options) *Service {
	v := &Service{
		store: o.Store, config: o.Config, effects: o.Effects, program: o.Program, backups: o.Backups, syncs: o.Syncs, servers: o.Servers,
		bindingStore: o.Bindings, encoder: o.Encoder, sender: o.Sender, entrance: o.SignIn,
		door: newDoor(), problems: newProblems(), news: newNews(),
	}
	v.index = eventindex.New(o.Store, eventindex.Reader{Options: func(c calbell.Calendar) ical.Options { return o.Config.Policy().Options(c) }, Read: plan.Read})
	_, _ = rand.Read(v.tagKey[:]) // never returns an error
	return v
}

// Status reports the state of the daemon, as far as the caller sees it. What is of the whole
// program, admins see.
func (s *Service) Status(ctx context.Context, who calbell.Caller) (calbell.StatusReport, error) {
	if err := known(who); err != nil {
		return calbell.StatusReport{}, err
	}
	info := s.program.Info()
	r := calbell.StatusReport{
		Version: info.Version, StartedAt: info.StartedAt,
		TimeZone: s.config.Policy().Zone().String(), TZData: zone.Version(),
	}
	var err error
	if who.Admin {
		r.ConfigFile, r.Waiting = info.ConfigFile, info.Waiting
		if r.Troubles, err = s.orphans(ctx, info.Troubles); err != nil {
			return r, err
		}
		if r.Deliveries, err = s.store.Counts(ctx); err != nil {
			return r, err
		}
	}
	if r.Pauses, err = s.Pauses(ctx, who); err != nil {
		return r, err
	}
	if r.Syncing, err = s.Syncing(ctx, who); err != nil {
		return r, err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return r, err
	}
	webhooks, err := s.store.Webhooks(ctx)
	if err != nil {
		return r, err
	}
	v, err := s.sightOf(ctx, who, calendars, webhooks)
	if err != nil {
		return r, err
	}
	r.Calendars = []calbell.CalendarRow{}
	for _, c := range calendars {
		if v.calendars[c.ID] {
			row, err := s.calendarRow(ctx, c)
			if err != nil {
				return r, err
			}
			r.Calendars = append(r.Calendars, row)
		}
	}
	if r.ListTroubles, err = s.listTroubles(ctx, who); err != nil {
		return r, err
	}
	r.Accounts = s.accountStates(who, r.Calendars)
	if r.Webhooks, err = s.webhookRows(ctx, who, usableOf(who, webhooks)); err != nil {
		return r, err
	}
	next, err := s.upcoming(ctx, v, 1, nil)
	if err == nil && len(next) > 0 {
		r.NextDue = &next[0].NextAt
	}
	return r, err
}

// Reload reads the configuration again.
func (s *Service) Reload(ctx context.Context, who calbell.Caller) (calbell.ReloadReport, error) {
	if err := admin(who); err != nil {
		return calbell.ReloadReport{}, err
	}
	return s.program.Reload(ctx)
}

// hostOf is what may be shown of a webhook's URL.
func hostOf(u calbell.Secret) string {
	parsed, err := url.Parse(u.Reveal())
	if err != nil {
		return ""
	}
	return parsed.Host
}
