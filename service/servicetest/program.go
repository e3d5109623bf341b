package servicetest

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service"
	"calbell/service/authz"
	"calbell/store"
	"calbell/store/bolt"
)

// Program answers the service as the running program does: its configuration follows from what is
// stored, and it speaks to nobody. A test sets the rest before it asks.
type Program struct {
	File      []calbell.Account // of the configuration's file
	FileRules []calbell.Rule
	Page      string // its address

	Passwords bool                                // stored ones let people in
	Server    string                              // for sign-ins; "" = none
	Create    bool                                // it makes users
	LetsIn    func(name, password string) bool    // nil: nobody
	Found     types.Discovered                    // by discovery
	Put       func(href calbell.Href, raw []byte) // notes a new object; nil: nobody does
	SyncError error
	Verdict   calbell.Verdict // on each post
	Answer    string          // of the chat, to each post
	Troubles  []calbell.Text  // of the program itself; nil: one
	Locale    string          // of messages; "" = English
	Say       func(locale string, text calbell.Text) string

	store  *bolt.Store
	policy atomic.Pointer[plan.Policy]
	all    atomic.Pointer[[]calbell.Account]

	mu     sync.Mutex
	syncs  []calbell.SyncRequest
	posts  []calbell.Message
	pauses int
}

// renew makes what is stored take effect.
func (p *Program) renew(ctx context.Context) error {
	s := plan.Settings{Rules: p.FileRules, Zone: time.UTC, Locale: cmp.Or(p.Locale, "en"), Say: p.Say}
	stored, err := p.store.Accounts().All(ctx)
	if err != nil {
		return err
	}
	s.Accounts = slices.Concat(p.File, stored)
	if s.Webhooks, err = p.store.Webhooks().All(ctx); err != nil {
		return err
	}
	if s.Stored, err = p.store.Rules().All(ctx); err != nil {
		return err
	}
	if s.Calendars, err = store.SettingsByCalendar(ctx, p.store); err != nil {
		return err
	}
	users, err := p.store.Users().All(ctx)
	for _, u := range users {
		if u.Role == calbell.RoleAdmin {
			s.Admins = append(s.Admins, u.Name)
		}
	}
	p.all.Store(&s.Accounts)
	p.policy.Store(plan.NewPolicy(s))
	return err
}

// Policy implements service.Config.
func (p *Program) Policy() *plan.Policy { return p.policy.Load() }

// Accounts implements service.Config.
func (p *Program) Accounts() *authz.AccountIndex {
	return authz.NewAccountIndex(slices.Clone(*p.all.Load()))
}

// Rules implements service.Config.
func (p *Program) Rules() []calbell.Rule { return p.FileRules }

// BaseURL implements service.Config.
func (p *Program) BaseURL() string { return p.Page }

// AccountsChanged implements service.Effects.
func (p *Program) AccountsChanged(ctx context.Context, _ ...string) error { return p.renew(ctx) }

// WebhooksChanged implements service.Effects.
func (p *Program) WebhooksChanged(ctx context.Context, _ ...string) error { return p.renew(ctx) }

// QueueChanged implements service.Effects.
func (p *Program) QueueChanged() {}

// PausesChanged implements service.Effects.
func (p *Program) PausesChanged() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pauses++
}

// Pauses returns how often pauses took effect.
func (p *Program) Pauses() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pauses
}

// Info implements service.Program.
func (p *Program) Info() service.Info {
	troubles := p.Troubles
	if troubles == nil {
		troubles = []calbell.Text{calbell.English("a trouble of the program")}
	}
	return service.Info{Version: "v0.0.0-test", ConfigFile: "/etc/calbell.yaml", Troubles: troubles}
}

// Settings implements service.Program.
func (p *Program) Settings() []types.SettingRow {
	return []types.SettingRow{{Key: "locale", Value: "en"}}
}

// Reload implements service.Program.
func (p *Program) Reload(ctx context.Context) (types.ReloadReport, error) {
	return types.ReloadReport{}, p.renew(ctx)
}

// Backup implements service.Backups.
func (p *Program) Backup(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, "backup")
	return err
}

// CheckStore implements service.Backups.
func (p *Program) CheckStore(context.Context) ([]string, error) { return nil, nil }

// Sync implements service.Syncs.
func (p *Program) Sync(_ context.Context, r calbell.SyncRequest) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.syncs = append(p.syncs, r)
	return p.SyncError
}

// Synced returns the keys of the accounts that were synced, in order.
func (p *Program) Synced() (keys []string) {
	for _, r := range p.Requests() {
		keys = append(keys, r.Account.Key())
	}
	return keys
}

// Requests returns the syncs that were asked for, in order.
func (p *Program) Requests() []calbell.SyncRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.syncs)
}

// SyncSoon implements service.Syncs. The sync has ended when it returns.
func (p *Program) SyncSoon(r calbell.SyncRequest) error {
	err := p.Sync(context.Background(), r)
	if r.Ended != nil {
		r.Ended(err)
	}
	return nil
}

// Syncing implements service.Syncs: one sync of each account is under way.
func (p *Program) Syncing() (all []calbell.SyncProgress) {
	for _, a := range p.Accounts().All() {
		all = append(all, calbell.SyncProgress{Account: a.Key()})
	}
	return all
}

// Health implements service.Syncs.
func (p *Program) Health(string, []calbell.Calendar) calbell.AccountHealth {
	return calbell.AccountHealth{State: calbell.SyncOK}
}

// Overdue implements service.Syncs.
func (p *Program) Overdue(calbell.Calendar) time.Time { return time.Time{} }

// CheckAccount implements service.Servers.
func (p *Program) CheckAccount(calbell.Account) error { return nil }

// Discover implements service.Servers.
func (p *Program) Discover(context.Context, calbell.Account) (types.Discovered, error) {
	d := p.Found
	d.Subscriptions = slices.Clone(d.Subscriptions)
	return d, nil
}

// PutObject implements service.Servers.
func (p *Program) PutObject(_ context.Context, _ calbell.Account, _ calbell.Calendar, href calbell.Href, raw []byte) error {
	if p.Put != nil {
		p.Put(href, raw)
	}
	return nil
}

// Attach implements service.Bindings. Plans follow at the next sync.
func (p *Program) Attach(ctx context.Context, account string, change calbell.BindingsChange) error {
	old, state, err := p.store.Bindings(ctx, account)
	if err != nil {
		return err
	}
	put, remove, err := change(old)
	if err != nil {
		return err
	}
	return p.store.Attach(ctx, store.Attachment{Account: account, Put: put, Remove: remove, Bound: state}, time.Now())
}

// CheckURL implements service.Sender: a URL is needed.
func (p *Program) CheckURL(u calbell.Secret) error {
	if strings.HasPrefix(u.Reveal(), "https://") {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("config:webhook-needs-url", "a webhook needs a url")}
}

// Send implements service.Sender.
func (p *Program) Send(_ context.Context, _ calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts = append(p.posts, m)
	return calbell.Try{At: now, Took: time.Millisecond, Verdict: p.Verdict, Answer: p.Answer}
}

// Posts returns what was posted.
func (p *Program) Posts() []calbell.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.posts)
}

// SignInServer implements service.SignIn.
func (p *Program) SignInServer() (url string, create bool) { return p.Server, p.Create }

// CheckSignIn implements service.SignIn.
func (p *Program) CheckSignIn(_ context.Context, name string, password calbell.Secret) (ok bool, err error) {
	return p.LetsIn != nil && p.LetsIn(name, password.Reveal()), nil
}

// PasswordsAllowed implements service.SignIn.
func (p *Program) PasswordsAllowed() bool { return p.Passwords }
