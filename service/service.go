package service

// Options are the parts of the program that the service uses. A nil part must not be
// needed.
type Options struct {
	Store    Store
	Config   Config
	Effects  Effects
	Program  Program
	Backups  Backups
	Syncs    Syncs
	Servers  Servers
	Bindings Bindings
	Sender   Sender
	SignIn   SignIn
	// CheapPasswords is for tests: hashes of passwords take no time, and protect nothing.
	CheapPasswords bool
}

// Service has a part for each subject. Create one with New; it is safe for concurrent use.
type Service struct {
	People     *People
	Tokens     *Tokens
	Accounts   *Accounts
	Calendars  *Calendars
	Events     *Events
	Reminders  *Reminders
	Webhooks   *Webhooks
	Rules      *Rules
	Deliveries *Deliveries
	Pauses     *Pauses
	Feed       *Feed
	Upkeep     *Upkeep

	core *core
}

// New returns a service.
func New(o Options) *Service {
	c := newCore(o)
	f := newFinder(c)
	s := &Service{
		core:       c,
		Tokens:     &Tokens{core: c},
		Accounts:   &Accounts{core: c, syncs: o.Syncs, servers: o.Servers},
		Calendars:  &Calendars{core: c, syncs: o.Syncs, problems: newProblems()},
		Reminders:  &Reminders{finder: f, syncs: o.Syncs, bindingStore: o.Bindings},
		Rules:      &Rules{finder: f},
		Deliveries: &Deliveries{core: c},
		Pauses:     &Pauses{core: c},
		Feed:       &Feed{core: c, syncs: o.Syncs},
	}
	s.People = &People{core: c, accounts: s.Accounts, entrance: o.SignIn}
	s.Events = &Events{finder: f, syncs: o.Syncs, servers: o.Servers, deliveries: s.Deliveries, reminders: s.Reminders}
	s.Webhooks = &Webhooks{core: c, events: s.Events, sender: o.Sender}
	s.Upkeep = &Upkeep{
		core: c, program: o.Program, backups: o.Backups,
		accounts: s.Accounts, calendars: s.Calendars, webhooks: s.Webhooks, deliveries: s.Deliveries, pauses: s.Pauses,
	}
	return s
}
