package service

import (
	"context"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical/zone"
	"calbell/service/authz"
	"calbell/store"
	"calbell/templates"
)

const (
	// maxAddresses bounds the mail addresses of an account, all together.
	maxAddresses = 20 * calbell.MaxNameBytes
	// maxUsers bounds the users that sign in by the calendar server and so make themselves.
	maxUsers = 10_000
)

// People manages users and their sign-ins.
type People struct {
	*core
	accounts *Accounts
	entrance SignIn
	counts   signInCounts
}

// List returns the users.
func (s *People) List(ctx context.Context, who calbell.Caller) ([]types.UserRow, error) {
	if err := requireAdmin(who); err != nil {
		return nil, err
	}
	list, err := s.store.Users().All(ctx)
	rows := make([]types.UserRow, 0, len(list))
	for _, u := range list {
		rows = append(rows, s.userRow(u))
	}
	return rows, err
}

func (s *People) userRow(u calbell.User) types.UserRow {
	return types.UserRow{User: u, HasPassword: u.PasswordHash != "", ETag: s.userTag(u)}
}

func (s *People) userTag(u calbell.User) string { return s.etag(u, u.Epoch) }

// Get returns one user: the caller, or any user for admins. "" is the caller.
func (s *People) Get(ctx context.Context, who calbell.Caller, name string) (types.UserRow, error) {
	u, err := s.userFor(ctx, who, name)
	return s.userRow(u), err
}

// userFor returns a user that the caller may manage.
func (s *People) userFor(ctx context.Context, who calbell.Caller, name string) (calbell.User, error) {
	if err := requireCaller(who); err != nil {
		return calbell.User{}, err
	}
	if name == "" {
		name = who.Name
	}
	if who.Local || !authz.SamePerson(name, who.Name) {
		if err := requireAdmin(who); err != nil {
			return calbell.User{}, err
		}
	}
	return s.findUser(ctx, name)
}

// Add creates a user.
func (s *People) Add(ctx context.Context, who calbell.Caller, n types.NewUser, now time.Time) (types.UserRow, error) {
	if err := requireAdmin(who); err != nil {
		return types.UserRow{}, err
	}
	u := calbell.User{
		Name: strings.TrimSpace(n.Name), Role: n.Role, CalDAV: n.CalDAV, Locale: n.Locale, TimeZone: n.TimeZone,
		Epoch: now.UnixNano(), MadeAt: now.UTC(),
	}
	if u.Role == "" {
		u.Role = calbell.RoleMember
	}
	err := checkUser(u)
	if err == nil && n.Password != "" {
		err = checkPassword("password", n.Password)
	}
	if err == nil && n.Password == "" && !n.CalDAV {
		err = field("password", calbell.T("service:without-password-without-calendar", "without a password and without the calendar account there is no way in"), calbell.T("service:give-password-or-set", "give a password, or set caldav"))
	}
	if err != nil {
		return types.UserRow{}, err
	}
	if n.Password != "" {
		if u.PasswordHash, err = s.hash(ctx, n.Password); err != nil {
			return types.UserRow{}, err
		}
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	if err := s.requireSignedIn(ctx, who); err != nil {
		return types.UserRow{}, err
	}
	if _, err := s.store.Users().Get(ctx, u.Name); calbell.KindOf(err) != calbell.KindNotFound {
		if err == nil {
			err = field("name", calbell.T("service:user-exists-already", "user %q exists already", u.Name), calbell.T("service:change-password-calbell-user", "to change the password: calbell user passwd %s", calbell.Slug(u.Name)))
		}
		return types.UserRow{}, err
	}
	if err := s.store.Users().Put(ctx, u); err != nil || u.Role != calbell.RoleAdmin {
		return s.userRow(u), err
	}
	return s.userRow(u), s.effects.WebhooksChanged(ctx)
}

// Set changes a user. Only admins change the role; users change the rest of their own.
func (s *People) Set(ctx context.Context, who calbell.Caller, name, etag string, e types.UserEdit) (types.UserRow, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	u, err := s.userFor(ctx, who, name)
	if err == nil {
		err = s.requireSignedIn(ctx, who)
	}
	if err != nil {
		return types.UserRow{}, err
	}
	if err := unchanged(calbell.NounUser.Changing(u.Name), etag, s.userTag(u)); err != nil {
		return types.UserRow{}, err
	}
	role := u.Role
	if e.Role != "" && e.Role != u.Role {
		if err := requireAdmin(who); err != nil {
			return types.UserRow{}, err
		}
		if err := s.requireAnotherAdmin(ctx, who, u); err != nil {
			return types.UserRow{}, err
		}
		u.Role = e.Role
	}
	u.Locale, u.TimeZone = e.Locale, e.TimeZone
	if err := checkUser(u); err != nil {
		return types.UserRow{}, err
	}
	if err := s.store.Users().Put(ctx, u); err != nil || u.Role == role {
		return s.userRow(u), err
	}
	return s.userRow(u), s.effects.WebhooksChanged(ctx) // things of admins may use webhooks without an owner
}

// Request returns the request that would create a user as it is, and its ETag. Editors
// change parts of it.
func (s *People) Request(ctx context.Context, who calbell.Caller, name string) (types.UserEdit, string, error) {
	u, err := s.userFor(ctx, who, name)
	return types.UserEdit{Role: u.Role, Locale: u.Locale, TimeZone: u.TimeZone}, s.userTag(u), err
}

// requireAnotherAdmin rejects that the last admin stops being one. Over the socket it is
// allowed, because a new admin can be created there.
func (s *People) requireAnotherAdmin(ctx context.Context, who calbell.Caller, u calbell.User) error {
	if who.Local || u.Role != calbell.RoleAdmin {
		return nil
	}
	admins, err := s.store.Users().Of(ctx, store.WithRole(calbell.RoleAdmin))
	for _, o := range admins {
		if o.Name != u.Name {
			return err
		}
	}
	return orUsage(err, calbell.T("service:last-admin", "%q is the last admin", u.Name), calbell.T("service:make-another-user-admin", "make another user an admin first"))
}

// SetPassword changes a password: users give their current one, admins may set that of
// others. All sessions and tokens of the user end.
func (s *People) SetPassword(ctx context.Context, who calbell.Caller, name string, n types.NewPassword, now time.Time) error {
	u, err := s.userFor(ctx, who, name)
	if err == nil {
		err = checkPassword("new", n.New)
	}
	if err != nil {
		return err
	}
	if own := !who.Local && authz.SamePerson(u.Name, who.Name); own {
		if err := s.presentPassword(ctx, who, u, n.Old, now); err != nil {
			return err
		}
	}
	hash, err := s.hash(ctx, n.New)
	if err != nil {
		return err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	if err := s.requireSignedIn(ctx, who); err != nil {
		return err
	}
	if u, err = s.store.Users().Get(ctx, u.Name); err != nil {
		return err
	}
	u.PasswordHash, u.Epoch = hash, max(now.UnixNano(), u.Epoch+1)
	return s.news.signedOut(s.store.Users().Put(ctx, u))
}

// presentPassword rejects callers who do not know their current password, so that an unattended
// browser is not enough. The password is checked as at a sign-in, here or at the calendar server.
// Wrong tries are limited like sign-ins, and counted apart. A user without any password is not
// asked for one.
func (s *People) presentPassword(ctx context.Context, who calbell.Caller, u calbell.User, password string, now time.Time) error {
	url, _ := s.entrance.SignInServer()
	if u.PasswordHash == "" && (!u.CalDAV || url == "") {
		return nil
	}
	a, err := s.throttle.Present(who, now)
	if err != nil {
		return err
	}
	var ok bool
	if u.PasswordHash != "" {
		ok, err = s.compare(ctx, a, u.PasswordHash, password)
	} else {
		ok, err = s.atServer(ctx, a, u.Name, password)
	}
	if err == nil && !ok {
		err = field("old", calbell.T("service:present-password-another", "the present password is another"), calbell.Text{})
	}
	a.End(err)
	return err
}

// SignOutEverywhere ends all sessions and tokens of the caller; admins may do so for any
// user.
func (s *People) SignOutEverywhere(ctx context.Context, who calbell.Caller, name string, now time.Time) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	u, err := s.userFor(ctx, who, name)
	if err != nil {
		return err
	}
	u.Epoch = max(now.UnixNano(), u.Epoch+1)
	return s.news.signedOut(s.store.Users().Put(ctx, u))
}

// Remove removes a user with everything that belongs to them: accounts with their
// calendars, webhooks, rules and bindings. Signing in is blocked first. After a crash in
// between, the request can be repeated.
func (s *People) Remove(ctx context.Context, who calbell.Caller, name, etag string, now time.Time) error {
	if err := requireAdmin(who); err != nil {
		return err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	u, err := s.findUser(ctx, name)
	if err != nil {
		return err
	}
	if err := unchanged(calbell.NounUser.Changing(u.Name), etag, s.userTag(u)); err != nil {
		return err
	}
	if err := s.requireAnotherAdmin(ctx, who, u); err != nil {
		return err
	}
	u.PasswordHash, u.CalDAV, u.Epoch = "", false, max(now.UnixNano(), u.Epoch+1)
	for _, step := range []func() error{
		func() error { return s.news.signedOut(s.store.Users().Put(ctx, u)) },
		func() error { return s.removeThings(ctx, u.Name, now) },
		func() error { return s.store.Users().Remove(ctx, u.Name) },
		func() error { return s.effects.WebhooksChanged(ctx) },
		func() error { return s.effects.AccountsChanged(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// removeThings removes what belongs to a user.
func (s *People) removeThings(ctx context.Context, owner string, now time.Time) error {
	rules, err := s.store.Rules().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return err
	}
	var ids []calbell.RuleID
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	if err := s.store.Rules().Change(ctx, nil, ids); err != nil {
		return err
	}
	accounts, err := s.store.Accounts().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := s.accounts.removeAccount(ctx, a, now); err != nil {
			return err
		}
	}
	webhooks, err := s.store.Webhooks().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return err
	}
	for _, w := range webhooks {
		if w.Origin == calbell.OriginStored {
			if err := s.store.Webhooks().Remove(ctx, w.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// HasUsers reports whether there is at least one user.
func (s *People) HasUsers(ctx context.Context) (bool, error) { return s.hasUsers(ctx) }

// TimeZones returns the names of time zones that a page may offer. Other names are accepted
// as well.
func TimeZones() []string { return zone.Names() }

// checkUser rejects invalid users.
func checkUser(u calbell.User) error {
	_, zoneErr := zone.Load(u.TimeZone)
	switch {
	case len(calbell.CheckName(u.Name)) > 0:
		return checked(calbell.CheckName(u.Name))
	case u.Role != calbell.RoleAdmin && u.Role != calbell.RoleMember:
		return field("role", calbell.T("service:no-role", "%q is no role", u.Role), calbell.T("service:admin-or-member", "admin or member"))
	case u.Locale != "" && !templates.KnownLocale(u.Locale):
		return field("locale", calbell.T("service:unknown-locale", "unknown locale %q", u.Locale), calbell.T("service:one", "one of %s", strings.Join(templates.Locales(), ", ")))
	case u.TimeZone != "" && zoneErr != nil:
		return field("time_zone", calbell.T("service:unknown-zone", "unknown zone %q", u.TimeZone), calbell.T("service:iana-name-such-europe", "an IANA name, such as Europe/Zurich"))
	}
	return nil
}
