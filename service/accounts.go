package service

import (
	"context"
	"errors"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical/zone"
	"calbell/service/authz"
	"calbell/store"
)

// maxAccounts limits the accounts of one user.
const maxAccounts = 20

// maxAddress and maxToken limit the address of an account's server and its token, in bytes.
const maxAddress, maxToken = 4096, 4096

// Servers speaks to the calendar servers.
type Servers interface {
	// CheckAccount rejects an account that cannot be connected to.
	CheckAccount(a calbell.Account) error
	// Discover looks for an account's calendars. It returns every probe, also with an error.
	Discover(ctx context.Context, a calbell.Account) (types.Discovered, error)
	// PutObject creates an object in a calendar at its server. It is an error when one exists at href.
	PutObject(ctx context.Context, a calbell.Account, c calbell.Calendar, href calbell.Href, raw []byte) error
}

// Accounts manages accounts at calendar servers.
type Accounts struct {
	*core
	syncs   Syncs
	servers Servers
}

// List returns the accounts that the caller may see.
func (s *Accounts) List(ctx context.Context, who calbell.Caller) ([]types.AccountRow, error) {
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	troubles, err := s.listTroubles(ctx, who)
	if err != nil {
		return nil, err
	}
	accounts := s.accountsOf(who)
	attached, err := s.countReminders(ctx, accounts)
	if err != nil {
		return nil, err
	}
	rows := []types.AccountRow{}
	for _, a := range accounts {
		row := s.accountRow(who, a, calendars)
		row.Reminders = attached[a.Key()]
		for _, t := range troubles {
			if t.Account == a.Key() {
				row.Troubles = append(row.Troubles, t)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Get returns an account that the caller may see.
func (s *Accounts) Get(ctx context.Context, who calbell.Caller, name string) (types.AccountRow, error) {
	a, err := s.findAccount(who, name)
	if err != nil {
		return types.AccountRow{}, err
	}
	calendars, err := s.calendars(ctx, who)
	return s.accountRow(who, a, calendars), err
}

// ownAccount returns an account that the caller may change.
func (s *Accounts) ownAccount(who calbell.Caller, name, etag string) (calbell.Account, error) {
	a, err := s.findAccount(who, name)
	switch {
	case err != nil:
		return a, err
	case !authz.CanEdit(who, a.Owner, a.Origin):
		return a, definedInFile(calbell.NounAccount, a.Name)
	}
	return a, unchanged(calbell.NounAccount.Changing(a.Name), etag, s.accountTag(a))
}

// Discover looks for the calendars of the requested account and returns every probe. It
// stores nothing. Without a password it uses that of the stored account of the same name,
// if the server and the user name are the same.
func (s *Accounts) Discover(ctx context.Context, who calbell.Caller, n types.NewAccount) (types.Discovered, error) {
	owner, err := s.newOwner(ctx, who, n.Owner)
	if err == nil {
		err = requireCaller(who)
	}
	if err != nil {
		return types.Discovered{}, err
	}
	if err := s.throttle.Outward(who, time.Now()); err != nil {
		return types.Discovered{}, err
	}
	old := calbell.Account{Owner: owner, Origin: calbell.OriginStored}
	if a := s.accountOf(owner, n.Name); a != nil && authz.CanEdit(who, a.Owner, a.Origin) {
		old = *a
	}
	a, err := s.newAccount(ctx, who, old, n)
	if err != nil {
		return types.Discovered{}, err
	}
	return s.discovered(ctx, who, a)
}

// DiscoverStored looks for the calendars of a stored account of the caller.
func (s *Accounts) DiscoverStored(ctx context.Context, who calbell.Caller, name string) (types.Discovered, error) {
	a, err := s.findAccount(who, name)
	if err == nil {
		err = s.throttle.Outward(who, time.Now())
	}
	if err != nil {
		return types.Discovered{}, err
	}
	d, err := s.discovered(ctx, who, a)
	hideLinks(&d, who, a)
	return d, err
}

// hideLinks removes the links that a server keeps for the owner of an account, for other
// callers who may see the account: such a link gives access to the file.
func hideLinks(d *types.Discovered, who calbell.Caller, a calbell.Account) {
	if a.Owner == "" || calbell.Slug(who.Name) == calbell.Slug(a.Owner) {
		return
	}
	for i := range d.Subscriptions {
		d.Subscriptions[i].URL = shownURL(d.Subscriptions[i].URL)
	}
}

// discovered returns what discovery found. Its error is part of the result, because the
// probes show how far it came.
func (s *Accounts) discovered(ctx context.Context, who calbell.Caller, a calbell.Account) (types.Discovered, error) {
	leave, err := s.throttle.Discover(who)
	if err != nil {
		return types.Discovered{}, err
	}
	defer leave()
	d, err := s.servers.Discover(ctx, a)
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	if err != nil {
		d.Error, d.Hint, d.Kind = calbell.TextOfError(err), calbell.HintOf(err), calbell.KindOf(err)
	}
	return d, nil
}

// Add stores a new account. A first sync starts at once; Add does not wait for it.
func (s *Accounts) Add(ctx context.Context, who calbell.Caller, n types.NewAccount) (types.AccountRow, error) {
	if err := requireCaller(who); err != nil {
		return types.AccountRow{}, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	owner, err := s.newOwner(ctx, who, n.Owner)
	if err != nil {
		return types.AccountRow{}, err
	}
	a, err := s.newAccount(ctx, who, calbell.Account{Owner: owner, Origin: calbell.OriginStored}, n)
	if err != nil {
		return types.AccountRow{}, err
	}
	if err := s.checkAccountName(owner, a.Name); err != nil {
		return types.AccountRow{}, err
	}
	if s.countAccounts(owner) >= maxAccounts && owner != "" {
		return types.AccountRow{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:accounts-enough", "%d accounts are enough", maxAccounts), Hint: calbell.T("service:remove-one-first", "remove one first")}
	}
	if err := s.throttle.Outward(who, time.Now()); err != nil {
		return types.AccountRow{}, err
	}
	if err := s.newKey(ctx, &a); err != nil {
		return types.AccountRow{}, err
	}
	if err := s.putAccount(ctx, a, calbell.Account{}); err != nil {
		return types.AccountRow{}, err
	}
	return s.accountRow(who, a, nil), nil
}

func (s *Accounts) countAccounts(owner string) (n int) {
	for _, a := range s.config.Accounts().Of(owner) {
		if a.Origin == calbell.OriginStored {
			n++
		}
	}
	return n
}

// putAccount stores an account, if its owner's limits allow it, and puts it in force. old
// is the account that it replaces; the zero account for a new one.
func (s *Accounts) putAccount(ctx context.Context, a, old calbell.Account) error {
	c := change{owner: a.Owner, skip: except{account: a.Key()}, now: storage{accounts: accountSize(a)}}
	if authz.SamePerson(old.Owner, a.Owner) {
		c.was.accounts = accountSize(old)
	}
	if err := s.checkQuota(ctx, c); err != nil {
		return err
	}
	return s.storeAccount(ctx, a)
}

// storeAccount stores an account and puts it in force.
func (s *Accounts) storeAccount(ctx context.Context, a calbell.Account) error {
	if err := s.store.Accounts().Put(ctx, a); err != nil {
		return err
	}
	return s.effects.AccountsChanged(ctx, a.Owner)
}

// Set changes a stored account. Its name cannot change, because its calendars refer to it.
func (s *Accounts) Set(ctx context.Context, who calbell.Caller, name, etag string, n types.NewAccount) (types.AccountRow, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	old, err := s.ownAccount(who, name, etag)
	if err != nil {
		return types.AccountRow{}, err
	}
	before := old
	if n.Owner != nil {
		if old.Owner, err = s.newOwner(ctx, who, n.Owner); err == nil && calbell.Slug(old.Owner) != calbell.Slug(before.Owner) {
			err = s.checkAccountName(old.Owner, old.Name)
		}
		if err != nil {
			return types.AccountRow{}, err
		}
	}
	if n.Name != "" && n.Name != old.Name {
		return types.AccountRow{}, field("name", calbell.T("service:account-keeps-name", "an account keeps its name"), calbell.T("service:make-another-account-remove", "make another account, and remove this one"))
	}
	n.Name = old.Name
	a, err := s.newAccount(ctx, who, old, n)
	if err != nil {
		return types.AccountRow{}, err
	}
	if err := s.throttle.Outward(who, time.Now()); err != nil {
		return types.AccountRow{}, err
	}
	if err := s.putAccount(ctx, a, before); err != nil {
		return types.AccountRow{}, err
	}
	calendars, err := s.calendars(ctx, who)
	return s.accountRow(who, a, calendars), err
}

// Request returns the request that would create a stored account of the caller, without its
// secrets, and its ETag. Editors change parts of it.
func (s *Accounts) Request(_ context.Context, who calbell.Caller, name string) (types.NewAccount, string, error) {
	a, err := s.ownAccount(who, name, "")
	if err != nil {
		return types.NewAccount{}, "", err
	}
	n := types.NewAccount{Name: a.Name, URL: a.URL, Username: a.Username, AccountSpec: a.AccountSpec, Default: a.Default}
	if a.Calendars != nil {
		n.Calendars = []string{}
	}
	for _, c := range a.Calendars {
		n.Calendars = append(n.Calendars, c.Name)
	}
	return n, s.accountTag(a), nil
}

// newAccount combines a request with what stays of the account. Secrets are kept only for
// the same server and user name: with another URL or name they must be given again.
func (s *Accounts) newAccount(ctx context.Context, who calbell.Caller, keep calbell.Account, n types.NewAccount) (calbell.Account, error) {
	webhook, err := s.webhookID(ctx, who, keep.Owner, "webhook", n.Webhook)
	if err != nil {
		return calbell.Account{}, err
	}
	a := calbell.Account{
		ID: keep.ID, Name: strings.TrimSpace(n.Name), Owner: keep.Owner, Origin: keep.Origin, URL: strings.TrimSpace(n.URL), Username: n.Username,
		Password: calbell.Secret(n.Password), Token: calbell.Secret(n.Token), ClientKeyPEM: calbell.Secret(n.ClientKeyPEM),
		Default: calbell.Default{Webhook: webhook, Remind: n.Remind, RemindAllDay: n.RemindAllDay, Mode: n.Mode}, Aliases: keep.Aliases, Categories: keep.Categories, AccountSpec: n.AccountSpec,
	}
	if a.URL == keep.URL && a.Username == keep.Username {
		if n.Password == "" {
			a.Password = keep.Password
		}
		if n.Token == "" && n.Password == "" {
			a.Token = keep.Token
		}
	}
	if a.URL == keep.URL && n.ClientKeyPEM == "" && n.ClientCertificatePEM == keep.ClientCertificatePEM {
		a.ClientKeyPEM = keep.ClientKeyPEM
	}
	if n.Calendars != nil {
		a.Calendars = []calbell.CalendarSettings{}
	}
	for _, name := range n.Calendars {
		a.Calendars = append(a.Calendars, calbell.CalendarSettings{Name: name})
	}
	return a, s.checkAccount(a)
}

// checkAccount rejects an account that cannot be connected to, or exceeds the limits of a
// user.
func (s *Accounts) checkAccount(a calbell.Account) error {
	_, err := zone.Load(a.TimeZone)
	switch {
	case strings.Contains(a.Name, "/"):
		return field("name", calbell.T("service:no-name-account", "%q is no name for an account", a.Name), calbell.T("service:needs-letter-or-digit", "it needs a letter or digit, and no slash"))
	case len(a.Username) > calbell.MaxNameBytes:
		return tooLong("username", calbell.MaxNameBytes)
	case len(a.Password.Reveal()) > maxPassword:
		return tooLong("password", maxPassword)
	case len(a.Token.Reveal()) > maxToken:
		return tooLong("token", maxToken)
	case len(a.URL) > maxAddress:
		return tooLong("url", maxAddress)
	case len(strings.Join(a.Addresses, " ")) > maxAddresses:
		return tooLong("addresses", maxAddresses)
	case a.URL == "":
		return field("url", calbell.T("service:where-calendar-server", "where is the calendar server?"), calbell.T("service:url-host-name-or", "a URL, a host name or a mail address"))
	case a.TimeZone != "" && err != nil:
		return field("time_zone", calbell.T("service:unknown-zone", "unknown zone %q", a.TimeZone), calbell.T("service:iana-name-such-europe", "an IANA name, such as Europe/Zurich"))
	case len(a.Default.Remind)+len(a.Default.RemindAllDay) > 0 && a.Default.Webhook == "":
		return field("webhook", calbell.T("service:reminders-need-webhook-go", "reminders need a webhook to go to"), calbell.Text{})
	}
	if err := checked(append(calbell.CheckName(a.Name), calbell.CheckSignIn(a)...)); err != nil {
		return err
	}
	if err := checkMode("mode", a.Default.Mode); err != nil {
		return err
	}
	if err := checkPEM(a); err != nil {
		return err
	}
	return s.servers.CheckAccount(a)
}

// Remove removes a stored account with its calendars and the reminders attached to their
// events.
func (s *Accounts) Remove(ctx context.Context, who calbell.Caller, name, etag string, now time.Time) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	a, err := s.ownAccount(who, name, etag)
	if err != nil {
		return err
	}
	if err := s.removeAccount(ctx, a, now); err != nil {
		return err
	}
	return s.effects.AccountsChanged(ctx, a.Owner)
}

// removeAccount removes an account from the store. The calendars are removed first, so that
// after a crash the request can be repeated.
func (s *Accounts) removeAccount(ctx context.Context, a calbell.Account, now time.Time) error {
	calendars, err := s.store.CalendarsOf(ctx, a.Key())
	if err != nil {
		return err
	}
	for _, c := range calendars {
		if err := errors.Join(store.SetCalendar(ctx, s.store, c.ID, nil), s.store.RemoveCalendar(ctx, c.ID, now)); err != nil {
			return err
		}
	}
	if err := s.forgetBindings(ctx, a.Key(), now); err != nil {
		return err
	}
	return s.store.Accounts().Remove(ctx, a.Key())
}

// maxConflicts limits how often a change is retried after concurrent changes.
const maxConflicts = 10

// forgetBindings removes the reminders attached to events of an account: the next account
// with its key may belong to another person.
func (s *Accounts) forgetBindings(ctx context.Context, account string, now time.Time) error {
	for range maxConflicts {
		bindings, state, err := s.store.Bindings(ctx, account)
		if err != nil || len(bindings) == 0 {
			return err
		}
		var ids []calbell.BindingID
		for _, b := range bindings {
			ids = append(ids, b.ID)
		}
		err = s.store.Attach(ctx, store.Attachment{Account: account, Remove: ids, Bound: state}, now)
		if !errors.Is(err, store.ErrBindingsChanged) {
			return err
		}
	}
	return store.ErrBindingsChanged
}
