package service

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/throttle"
)

// SignIn checks sign-ins at the calendar server, and whether stored passwords are allowed.
type SignIn interface {
	// SignInServer returns the calendar server that checks sign-ins with a calendar account, and whether
	// unknown users are created; "" = none.
	SignInServer() (url string, create bool)
	// CheckSignIn reports whether the calendar server accepts the credentials. It returns an error when
	// that is unknown.
	CheckSignIn(ctx context.Context, name string, password calbell.Secret) (ok bool, err error)
	// PasswordsAllowed reports whether stored passwords may be used to sign in.
	PasswordsAllowed() bool
}

// wrongPassword returns the error for a failed sign-in. It does not reveal whether the user
// exists.
func wrongPassword() error {
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:name-or-password-wrong", "name or password is wrong")}
}

// SignIn checks a name and password that came from a peer, and returns the user. Failed
// tries are counted by network, name and browser; see [calbell.Peer].
func (s *People) SignIn(ctx context.Context, in types.SignIn, from calbell.Peer, now time.Time) (calbell.User, error) {
	in.Name = strings.TrimSpace(in.Name)
	if calbell.Slug(in.Name) == "" || in.Password == "" || len(in.Password) > maxPassword || len(in.Name) > calbell.MaxNameBytes {
		return calbell.User{}, wrongPassword()
	}
	a, err := s.throttle.SignIn(from, in.Name, now)
	if err != nil {
		s.counts.limited.Add(1)
		return calbell.User{}, err
	}
	u, err := s.signIn(ctx, in, a)
	a.End(err)
	s.counts.count(err)
	return u, err
}

func (s *People) signIn(ctx context.Context, in types.SignIn, a *throttle.Attempt) (calbell.User, error) {
	u, err := s.store.Users().Get(ctx, in.Name)
	exists := err == nil
	if err != nil && calbell.KindOf(err) != calbell.KindNotFound {
		return calbell.User{}, err
	}
	// The stored hash is always compared first, so that the time of the answer does not reveal whether
	// the user exists.
	hash := u.PasswordHash
	if !s.entrance.PasswordsAllowed() {
		hash = ""
	}
	ok, err := s.compare(ctx, a, hash, in.Password)
	if err != nil || ok {
		return u, err
	}
	url, create := s.entrance.SignInServer()
	if url == "" {
		return calbell.User{}, wrongPassword()
	}
	// Names that only share a slug belong to other people at the calendar server. It is asked about every
	// name, so that nothing reveals who is a user here. For names that are not its users, it gets a
	// random password instead of the given one.
	theirs := exists && u.CalDAV && u.Name == in.Name || !exists && create
	password := in.Password
	if !theirs {
		password = nobodysPassword(len(in.Password))
	}
	ok, err = s.atServer(ctx, a, in.Name, password)
	switch {
	case err != nil:
		return calbell.User{}, err
	case !ok || !theirs:
		return calbell.User{}, wrongPassword()
	}
	return s.provision(ctx, in, url, a.At)
}

// atServer asks the calendar server, after waiting for a turn.
func (s *People) atServer(ctx context.Context, a *throttle.Attempt, name, password string) (ok bool, err error) {
	if turn := s.throttle.AskServer(ctx, a, func() { ok, err = s.entrance.CheckSignIn(ctx, name, calbell.Secret(password)) }); turn != nil {
		return false, turn
	}
	return ok, err
}

// nobodysPassword returns a random password of a length, which nobody has.
func nobodysPassword(n int) string {
	return strings.Repeat(rand.Text(), n/len(rand.Text())+1)[:n]
}

// provision creates a user whom the calendar server accepted, and updates the stored
// password of their account.
func (s *People) provision(ctx context.Context, in types.SignIn, url string, now time.Time) (calbell.User, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	u, err := s.store.Users().Get(ctx, in.Name)
	if err == nil && u.Name != in.Name { // created concurrently under another spelling
		err = wrongPassword()
	}
	if calbell.KindOf(err) == calbell.KindNotFound {
		if err = s.checkUserCount(ctx); err != nil {
			return calbell.User{}, err
		}
		u = calbell.User{Name: in.Name, Role: calbell.RoleMember, CalDAV: true, Epoch: now.UnixNano(), MadeAt: now}
		err = s.store.Users().Put(ctx, u)
	}
	if err != nil {
		return calbell.User{}, err
	}
	for _, a := range s.config.Accounts().Of(u.Name) {
		if a.URL != url || a.Username != in.Name {
			continue
		}
		if a.Origin != calbell.OriginStored || a.Password.Reveal() == in.Password {
			return u, nil
		}
		a.Password = calbell.Secret(in.Password)
		return u, s.accounts.storeAccount(ctx, a)
	}
	a := calbell.Account{
		Name: s.accounts.freeAccountName(u.Name, u.Name), Owner: u.Name, Origin: calbell.OriginStored,
		URL: url, Username: in.Name, Password: calbell.Secret(in.Password),
	}
	if err := s.accounts.newKey(ctx, &a); err != nil {
		return calbell.User{}, err
	}
	return u, s.accounts.storeAccount(ctx, a)
}

// checkUserCount rejects users beyond maxUsers.
func (s *People) checkUserCount(ctx context.Context) error {
	n, err := s.store.Users().Count(ctx)
	if err == nil && n >= maxUsers {
		err = &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:users-already", "there are %d users already", n), Hint: calbell.T("service:ask-admin-remove-some", "ask the admin to remove some")}
	}
	return err
}

// Caller returns the caller of a user's session; ok is false when the session has ended.
func (s *People) Caller(ctx context.Context, name string, epoch int64) (who calbell.Caller, ok bool, err error) {
	u, err := s.store.Users().Get(ctx, name)
	switch {
	case calbell.KindOf(err) == calbell.KindNotFound, err == nil && u.Epoch != epoch:
		return calbell.Caller{}, false, nil
	case err != nil:
		return calbell.Caller{}, false, err
	}
	return callerOf(u), true, nil
}

func callerOf(u calbell.User) calbell.Caller {
	return calbell.Caller{Name: u.Name, Admin: u.Role == calbell.RoleAdmin, Epoch: u.Epoch}
}
