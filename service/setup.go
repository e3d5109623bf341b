package service

import (
	"context"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/store"
)

// setupTime is how long a set-up link is valid.
const setupTime = 15 * time.Minute

// SetupPath is the path of a set-up link, without its secret.
const SetupPath = "/setup/"

// AddSetupLink returns a link that creates the first admin. It replaces an earlier link.
func (s *People) AddSetupLink(ctx context.Context, who calbell.Caller, now time.Time) (types.MadeSetupLink, error) {
	if err := requireLocal(who); err != nil {
		return types.MadeSetupLink{}, err
	}
	list, err := s.store.Users().All(ctx)
	if err != nil {
		return types.MadeSetupLink{}, err
	}
	for _, u := range list {
		if u.Role == calbell.RoleAdmin {
			return types.MadeSetupLink{}, &calbell.Error{
				Kind: calbell.KindUsage, What: calbell.T("service:admin-already", "there is the admin %q already", u.Name),
				Hint: calbell.T("service:new-password-calbell-user", "for a new password: calbell user passwd %s", calbell.Slug(u.Name)),
			}
		}
	}
	text, hash := secretText()
	l := store.SetupLink{Hash: hash, ExpiresAt: now.Add(setupTime).UTC()}
	if err := s.store.PutSetupLink(ctx, l); err != nil {
		return types.MadeSetupLink{}, err
	}
	return types.MadeSetupLink{URL: strings.TrimSuffix(s.config.BaseURL(), "/") + SetupPath + text, ExpiresAt: l.ExpiresAt}, nil
}

// SetupLinkWorks reports whether a secret is that of the current link.
func (s *People) SetupLinkWorks(ctx context.Context, secret string, now time.Time) (bool, error) {
	l, ok, err := s.store.SetupLink(ctx, now)
	return ok && l.Hash == hashOf(secret), err
}

// SetUp creates the first admin. The link is the only authorisation.
func (s *People) SetUp(ctx context.Context, in types.SetUp, now time.Time) (calbell.User, error) {
	u := calbell.User{Name: strings.TrimSpace(in.Name), Role: calbell.RoleAdmin, Epoch: now.UnixNano(), MadeAt: now.UTC()}
	ok, err := s.SetupLinkWorks(ctx, in.Secret, now)
	switch {
	case err != nil:
		return calbell.User{}, err
	case !ok: // before the password is hashed, so that requests without a valid link are cheap
		return calbell.User{}, &calbell.Error{
			Kind: calbell.KindNotAllowed, What: calbell.T("service:link-used-or-time", "this link was used, or its time is over"), Hint: calbell.T("service:make-new-one-calbell", "make a new one: calbell setup-link"),
		}
	}
	if err = checkUser(u); err == nil {
		err = checkPassword("password", in.Password)
	}
	if err != nil {
		return calbell.User{}, err
	}
	if u.PasswordHash, err = s.hash(ctx, in.Password); err != nil {
		return calbell.User{}, err
	}
	if err := s.store.UseSetupLink(ctx, hashOf(in.Secret), u, now); err != nil {
		return calbell.User{}, err
	}
	return u, s.effects.WebhooksChanged(ctx)
}
