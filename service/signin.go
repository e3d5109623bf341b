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

// SignIn decides who may sign in beside those whose password is stored.
type SignIn interface {
	// SignInServer returns the calendar server at which people may sign in with their calendar
	// account, and whether that makes them users; "" = none.
	SignInServer() (url string, create bool)
	// CheckSignIn reports whether the calendar server lets somebody in. An error says that this
	// could not be found out.
	CheckSignIn(ctx context.Context, name string, password calbell.Secret) (ok bool, err error)
	// PasswordsAllowed reports whether stored passwords let people in.
	PasswordsAllowed() bool
}

// wrongPassword returns the error for a failed sign-in. It does not tell whether the user exists.
func wrongPassword() error {
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:name-or-password-wrong", "name or password is wrong")}
}

// SignIn checks a name and password that came from a peer, and returns the user. Tries that
// fail are counted, by network, name and browser; see [calbell.Peer].
func (s *People) SignIn(ctx context.Context, in types.SignIn, from calbell.Peer, now time.Time) (calbell.User, error) {
	in.Name = strings.TrimSpace(in.Name)
	if calbell.Slug(in.Name) == "" || in.Password == "" || len(in.Password) > maxPassword || len(in.Name) > maxName {
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
	// What is kept here is asked first, and asked always: an answer takes as long whether
	// there is such a user or not.
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
	// Names that only share a slug belong to other people at the calendar server. It is asked about
	// every name, so that nothing tells who is a user here. It does not see the password of anybody
	// who is not one of its users: that is replaced.
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

// atServer asks the calendar server by turns.
func (s *People) atServer(ctx context.Context, a *throttle.Attempt, name, password string) (ok bool, err error) {
	if turn := s.throttle.AskServer(ctx, a, func() { ok, err = s.entrance.CheckSignIn(ctx, name, calbell.Secret(password)) }); turn != nil {
		return false, turn
	}
	return ok, err
}

// nobodysPassword is one that nobody has, of a length.
func nobodysPassword(n int) string {
	return strings.Repeat(rand.Text(), n/len(rand.Text())+1)[:n]
}

// provision makes a user of somebody whom the calendar server let in, and keeps the password of their
// account there up to date.
func (s *People) provision(ctx context.Context, in types.SignIn, url string, now time.Time) (calbell.User, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	u, err := s.store.Users().Get(ctx, in.Name)
	if err == nil && u.Name != in.Name { // made by another in this very moment
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

// checkUserCount refuses to make more users than anybody has.
func (s *People) checkUserCount(ctx context.Context) error {
	n, err := s.store.Users().Count(ctx)
	if err == nil && n >= maxUsers {
		err = &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:users-already", "there are %d users already", n), Hint: calbell.T("service:ask-admin-remove-some", "ask the admin to remove some")}
	}
	return err
}

// Caller returns the caller that a user's session stands for; ok is false when the session has ended.
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
