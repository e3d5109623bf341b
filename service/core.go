package service

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/service/authz"
	"calbell/service/passhash"
	"calbell/service/throttle"
	"calbell/store"
)

// Config is the configuration in force.
type Config interface {
	// Policy returns the settings, compiled for look-up.
	Policy() *plan.Policy
	// Accounts returns the accounts of the file and the stored ones.
	Accounts() *authz.AccountIndex
	// Rules returns those of the file.
	Rules() []calbell.Rule
	// BaseURL returns the address of the page; "" when it is not known.
	BaseURL() string
}

// Effects makes what was stored take effect.
type Effects interface {
	// Owners are whose things changed, of no concern to anybody else; none: everybody is concerned.

	// AccountsChanged is called after accounts, rules or settings of calendars were stored.
	AccountsChanged(ctx context.Context, owners ...string) error
	// WebhooksChanged is called after webhooks were stored, or who is an admin: when it returns,
	// nothing begins to be sent that may not be. Plans follow by themselves.
	WebhooksChanged(ctx context.Context, owners ...string) error
	// QueueChanged is called after deliveries were planned.
	QueueChanged()
	// PausesChanged is called after pauses were stored.
	PausesChanged()
}

// Store is the part of the store that the service uses, by subject.
type Store struct {
	store.People
	store.Settings
	CalendarStore
	EventStore
	WebhookStore
	DeliveryStore
}

// CalendarStore stores the calendars.
type CalendarStore interface {
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	CalendarsOf(ctx context.Context, accounts ...string) ([]calbell.Calendar, error)
	CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error)
	Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error)
	RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error
}

// EventStore stores the copies of events, and their bindings.
type EventStore interface {
	Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error)
	EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
	EachProblem(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
	store.Bindings
}

// WebhookStore stores the webhooks, including those of the file.
type WebhookStore interface {
	Webhooks() store.Table[calbell.WebhookID, calbell.Webhook]
	WebhookStates() store.Table[calbell.WebhookID, store.WebhookState]
}

// DeliveryStore stores deliveries and pauses.
type DeliveryStore interface {
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Upcoming(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error)
	History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error)
	Counts(ctx context.Context) (map[calbell.Status]int, error)
	Resend(ctx context.Context, ids []calbell.ReminderID, now time.Time) (int, error)
	Record(ctx context.Context, d calbell.Delivery) error
	store.Pauses
}

// core is shared by all parts: the store, authorisation, and limits.
type core struct {
	store   Store
	config  Config
	effects Effects

	throttle  *throttle.Throttle
	passwords passhash.Cost
	readers   throttle.Readers
	news      *news
	tagKey    [32]byte
	// editing is held from a check to the change that depends on it: that a name is free, or that
	// something is still as its editor saw it.
	editing sync.Mutex
}

func newCore(o Options) *core {
	c := &core{store: o.Store, config: o.Config, effects: o.Effects, throttle: throttle.New(), passwords: passhash.Full(), news: newNews()}
	if o.CheapPasswords {
		c.passwords = passhash.Cheap()
	}
	_, _ = rand.Read(c.tagKey[:]) // never returns an error
	return c
}

// hasUsers reports whether there is at least one user.
func (s *core) hasUsers(ctx context.Context) (bool, error) {
	n, err := s.store.Users().Count(ctx)
	return n > 0, err
}

// bindings are the attached reminders of all accounts, by account and event.
type bindings map[string]plan.Bindings

// of returns the bindings of an event in a calendar.
func (b bindings) of(c calbell.Calendar, e *ical.Event) []calbell.Binding {
	return b[c.Account][e.UID()]
}

// bindings reads the bindings of the accounts that the caller may see, with those that were removed:
// their alarms are silent.
func (s *core) bindings(ctx context.Context, who calbell.Caller) (bindings, error) {
	if who.Local {
		list, err := s.store.AllBindings(ctx)
		return plan.BindingsOf(list), err
	}
	return s.bindingsOf(ctx, authz.KeysOf(s.accountsOf(who))...)
}

// bindingsOf reads the bindings of some accounts.
func (s *core) bindingsOf(ctx context.Context, accounts ...string) (bindings, error) {
	list, err := s.store.BindingsOf(ctx, accounts...)
	return plan.BindingsOf(list), err
}

// statesOf returns the states of some webhooks that are not zero.
func (s *core) statesOf(ctx context.Context, webhooks ...calbell.WebhookID) (map[calbell.WebhookID]calbell.WebhookState, error) {
	some, err := s.store.WebhookStates().Some(ctx, webhooks...)
	states := make(map[calbell.WebhookID]calbell.WebhookState, len(some))
	for _, st := range some {
		states[st.ID] = st.WebhookState
	}
	return states, err
}

// active returns the bindings that were not removed. Those wait to be taken out of their event.
func active(list []calbell.Binding) []calbell.Binding {
	return slices.DeleteFunc(slices.Clone(list), func(b calbell.Binding) bool { return b.Removed })
}
