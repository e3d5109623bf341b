// Package service is what a person may do, and whether they may: the one layer of rules
// that the API (and so the command line) and the page speak through. Every method takes
// the caller first.
package service

import (
	"context"
	"crypto/rand"
	"io"
	"net/url"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/ical/zone"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
	"calbell/store"
)

// Daemon is what the service asks of the running program.
type Daemon interface {
	SyncHealth
	// Policy is the configuration in force.
	Policy() *plan.Policy
	// Accounts are the configured accounts.
	Accounts() []calbell.Account
	// Sync brings an account up to date; it returns when that has ended.
	Sync(ctx context.Context, r calbell.SyncRequest) error
	// Syncing tells how far the syncs under way are.
	Syncing() []calbell.SyncProgress
	// SyncSoon begins a sync without waiting for it.
	SyncSoon(r calbell.SyncRequest) error
	// Reload reads the configuration again; on an error the old one stays in force.
	Reload(ctx context.Context) (calbell.ReloadReport, error)
	// WebhooksChanged makes what is stored of webhooks, and who is an admin, take effect: when
	// it returns, nothing begins to be sent that may not be. Plans follow by themselves.
	WebhooksChanged(ctx context.Context) error
	// Attach changes the bindings of an account.
	Attach(ctx context.Context, account string, change calbell.BindingsChange) error
	// PutObject writes a new object into a calendar at its server; one that is there already is
	// left as it is, which is an error.
	PutObject(ctx context.Context, a calbell.Account, c calbell.Calendar, href calbell.Href, raw []byte) error
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
	// EncodeMessage returns the body as which a webhook gets a message, and its type.
	EncodeMessage(w calbell.Webhook, m calbell.Message) (body []byte, contentType string, err error)
	// AccountsChanged makes stored accounts, rules and settings of calendars take effect.
	AccountsChanged(ctx context.Context) error
	// CheckAccount refuses an account that could not be used.
	CheckAccount(a calbell.Account) error
	// Discover looks for an account's calendars and returns each probe, whatever came of it.
	Discover(ctx context.Context, a calbell.Account) (calbell.Discovered, error)
	// SignInServer is the calendar server at which people may sign in with their calendar
	// account, and whether that makes them users; "" = none.
	SignInServer() (url string, create bool)
	// CheckSignIn reports whether the calendar server lets somebody in. An error says that this
	// could not be found out.
	CheckSignIn(ctx context.Context, name string, password calbell.Secret) (ok bool, err error)
	// PasswordsAllowed reports whether passwords that are kept here let people in.
	PasswordsAllowed() bool
	// BaseURL is the address of the page; "" when it is not known.
	BaseURL() string
	// Rules are those of the configuration's file.
	Rules() []calbell.Rule
	// Info describes the program.
	Info() Info
	// Settings is the configuration in force, a row for each value.
	Settings() []calbell.SettingRow
}

// Sender posts a message and gives its verdict on the answer (package webhook).
type Sender interface {
	Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try
}

// SyncHealth tells how syncs are.
type SyncHealth interface {
	// Health is how the sync of an account is, of which these calendars are stored; see
	// calbell.AccountHealth.
	Health(account string, calendars []calbell.Calendar) calbell.AccountHealth
	// Overdue is when a calendar should have been synced; zero: it was, or that is ahead.
	Overdue(c calbell.Calendar) time.Time
}

// Info describes the running program.
type Info struct {
	Version    string
	StartedAt  time.Time
	ConfigFile string
	// Troubles say what is wrong with the program itself, a line each.
	Troubles []string
	// Waiting are keys of the configuration that wait for a restart.
	Waiting []string
}

// Service answers people. Make one with New; it is safe for concurrent use.
type Service struct {
	store  store.Store
	daemon Daemon
	sender Sender
	door   *door
	index  *eventindex.Index

	problems *problems
	looks    looking
	news     *news
	tagKey   [32]byte
	// editing is held while something is changed that was looked at first: what has which
	// name, and whether it is still what its editor saw.
	editing sync.Mutex
}

// New returns a service.
func New(s store.Store, d Daemon, sender Sender) *Service {
	v := &Service{store: s, daemon: d, sender: sender, door: newDoor(), problems: newProblems(), news: newNews()}
	v.index = eventindex.New(s, eventindex.Reader{Options: func(c calbell.Calendar) ical.Options { return d.Policy().Options(c) }, Read: plan.Read})
	_, _ = rand.Read(v.tagKey[:]) // never returns an error
	return v
}

// Status reports the state of the daemon, as far as the caller sees it. What is of the whole
// program, admins see.
func (s *Service) Status(ctx context.Context, who calbell.Caller) (calbell.StatusReport, error) {
	if err := known(who); err != nil {
		return calbell.StatusReport{}, err
	}
	info := s.daemon.Info()
	r := calbell.StatusReport{
		Version: info.Version, StartedAt: info.StartedAt,
		TimeZone: s.daemon.Policy().Zone().String(), TZData: zone.Version(),
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
	return s.daemon.Reload(ctx)
}

// hostOf is what may be shown of a webhook's URL.
func hostOf(u calbell.Secret) string {
	parsed, err := url.Parse(u.Reveal())
	if err != nil {
		return ""
	}
	return parsed.Host
}
