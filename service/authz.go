package service

import (
	"context"
	"time"

	"calbell/service/authz"
	"calbell/store"

	"calbell"
)

// ownerOf returns the owner of an account, by its key; known is false when the account is not in force.
func (s *core) ownerOf(account string) (owner string, known bool) {
	a, known := s.config.Accounts().Get(account)
	return a.Owner, known
}

// accountsOf returns the accounts in force that the caller may see and change.
func (s *core) accountsOf(who calbell.Caller) []calbell.Account {
	all := s.config.Accounts()
	switch {
	case who.Local:
		return all.All()
	case who.Admin && calbell.Slug(who.Name) != "":
		return append(all.Of(who.Name), all.Of("")...)
	case calbell.Slug(who.Name) == "": // else it would be what belongs to the admins
		return nil
	}
	return all.Of(who.Name)
}

// canAccessAccount reports whether the caller may see and change what is stored of an account, by its
// key.
func (s *core) canAccessAccount(who calbell.Caller, account string) bool {
	return s.config.Accounts().CanAccess(who, account)
}

// visibility returns what the caller may see now.
func (s *core) visibility(ctx context.Context, who calbell.Caller) (*authz.Visibility, error) {
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	webhooks, err := s.usableWebhooks(ctx, who)
	if err != nil {
		return nil, err
	}
	return s.visibilityOf(ctx, who, calendars, webhooks)
}

// visibilityOf returns what the caller may see: these calendars, and what went to these webhooks.
func (s *core) visibilityOf(ctx context.Context, who calbell.Caller, calendars []calbell.Calendar, webhooks []calbell.Webhook) (*authz.Visibility, error) {
	u, err := s.store.Users().Get(ctx, who.Name)
	if err != nil && calbell.KindOf(err) != calbell.KindNotFound { // over the socket nobody needs to be a user
		return nil, err
	}
	return authz.NewVisibility(authz.Eyes{Store: s.store, Accounts: s.config.Accounts(), Caller: who, Since: u.MadeAt}, calendars, webhooks), nil
}

// calendars returns the calendars that the caller may see, by account, then name.
func (s *core) calendars(ctx context.Context, who calbell.Caller) ([]calbell.Calendar, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	if who.Local {
		return s.store.Calendars(ctx)
	}
	return s.store.CalendarsOf(ctx, authz.KeysOf(s.accountsOf(who))...)
}

// requireCaller rejects anonymous callers.
func requireCaller(who calbell.Caller) error {
	if who.Name != "" {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:nobody-signed", "nobody is signed in"), Hint: calbell.T("service:sign-or-send-token", "sign in, or send a token")}
}

// requireAdmin rejects callers who are not administrators.
func requireAdmin(who calbell.Caller) error {
	if err := requireCaller(who); err != nil || who.Admin && who.Allows(calbell.ScopeAdmin) {
		return err
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:only-administrator-may-do", "only an administrator may do this")}
}

// requireSignedIn rejects callers who signed in before their password changed or before they lost the
// admin role, and callers by a token that was revoked or has expired. Whatever gives lasting access
// asks while it holds editing: a caller who waited for that lock may have been signed out meanwhile.
func (s *core) requireSignedIn(ctx context.Context, who calbell.Caller) error {
	if who.Local {
		return nil
	}
	u, err := s.store.Users().Get(ctx, who.Name)
	out := err == nil && (u.Epoch != who.Epoch || who.Admin && u.Role != calbell.RoleAdmin)
	if err == nil && who.Token != "" {
		var t calbell.Token
		t, err = s.store.Tokens().Get(ctx, who.Token)
		out = out || err == nil && t.Over(time.Now())
	}
	if out || calbell.KindOf(err) == calbell.KindNotFound {
		return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:signed-out-meanwhile", "%q was signed out meanwhile", who.Name), Hint: calbell.T("service:sign-again", "sign in again")}
	}
	return err
}

// requireLocal rejects callers who do not come by the daemon's socket.
func requireLocal(who calbell.Caller) error {
	if who.Local {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:only-machine-administrator-may", "only the machine's administrator may do this"), Hint: calbell.T("service:run-command", "run the command there")}
}

// newOwner returns the owner of a new thing: the caller, unless they ask for another.
func (s *core) newOwner(ctx context.Context, who calbell.Caller, asked *string) (string, error) {
	switch {
	case asked == nil && who.Local, asked != nil && *asked == "" && who.Admin:
		return "", nil
	case asked == nil, authz.SamePerson(*asked, who.Name) && !who.Local:
		return who.Name, nil
	case !who.Local:
		return "", &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:nothing-can-made-others", "nothing can be made for %q by others", *asked)}
	}
	u, err := s.findUser(ctx, *asked)
	return u.Name, err
}

// usableWebhooks returns the webhooks that the caller may use, by name.
func (s *core) usableWebhooks(ctx context.Context, who calbell.Caller) ([]calbell.Webhook, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	if who.Local {
		return s.store.Webhooks().All(ctx)
	}
	return s.store.Webhooks().Of(ctx, append(authz.OwnGroups(who), store.Shared)...)
}
