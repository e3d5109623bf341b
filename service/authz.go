package service

import (
	"context"
	"slices"
	"time"

	"calbell"
)

// samePerson reports whether two names belong to the same person.
func samePerson(a, b string) bool { return a != "" && calbell.Slug(a) == calbell.Slug(b) }

// canAccess reports whether the caller may see and change something of this owner. Things without an
// owner belong to the admins.
func canAccess(who calbell.Caller, owner string) bool {
	switch {
	case who.Local:
		return true
	case owner == "":
		return who.Admin
	}
	return samePerson(who.Name, owner)
}

// canUse reports whether the caller may send reminders through a webhook.
func canUse(who calbell.Caller, w calbell.Webhook) bool {
	return canAccess(who, w.Owner) || w.Share && who.Name != ""
}

// owners returns the owners of the accounts in force, by the account's key.
func (s *core) owners() map[string]string {
	owners := make(map[string]string)
	for _, a := range s.config.Accounts() {
		owners[a.Key()] = a.Owner
	}
	return owners
}

// canAccessCalendar reports whether the caller may see and change a calendar, which belongs to the
// account's owner. A calendar whose account is gone belongs to nobody.
func canAccessCalendar(who calbell.Caller, owners map[string]string, c calbell.Calendar) bool {
	owner, ok := owners[c.Account]
	return who.Local || ok && canAccess(who, owner)
}

// calendars returns the calendars that the caller may see, by account, then name.
func (s *core) calendars(ctx context.Context, who calbell.Caller) ([]calbell.Calendar, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	all, err := s.store.Calendars(ctx)
	owners := s.owners()
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return !canAccessCalendar(who, owners, c) }), err
}

// canEdit reports whether the caller may change a definition. What the configuration file defines is
// changed there.
func canEdit(who calbell.Caller, owner string, origin calbell.Origin) bool {
	return origin == calbell.OriginStored && canAccess(who, owner)
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
	case asked == nil, samePerson(*asked, who.Name) && !who.Local:
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
	list, err := s.store.Webhooks().All(ctx)
	return usableOf(who, list), err
}

// usableOf returns those of a list that the caller may use. It changes the list.
func usableOf(who calbell.Caller, list []calbell.Webhook) []calbell.Webhook {
	return slices.DeleteFunc(list, func(w calbell.Webhook) bool { return !canUse(who, w) })
}
