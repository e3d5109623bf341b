package service

import (
	"context"
	"slices"
	"strings"

	"calbell"
	"calbell/service/authz"
	"calbell/store"
)

// listTroubles returns the names in lists of calendars that match no calendar, of the accounts that
// the caller may see.
func (s *core) listTroubles(ctx context.Context, who calbell.Caller) (seen []calbell.ListedName, err error) {
	var names []calbell.ListedName
	if who.Local {
		names, err = store.AllListedNames(ctx, s.store.ListedNames())
	} else {
		names, err = store.NamesOf(ctx, s.store.ListedNames(), authz.KeysOf(s.accountsOf(who))...)
	}
	for _, n := range names {
		if !n.Trouble.IsZero() {
			seen = append(seen, n)
		}
	}
	return seen, err
}

// findCalendars returns the calendars with this ID, name or account/name that the caller
// may see.
func (s *core) findCalendars(ctx context.Context, who calbell.Caller, name string) ([]calbell.Calendar, error) {
	all, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	var found []calbell.Calendar
	var names []string
	for _, c := range all {
		inAccount := c.Account + "/" + c.Name // the form that status shows
		names = append(names, c.Name, inAccount)
		if string(c.ID) == name || calbell.SameName(c.Name, name) || calbell.SameName(c.Listed, name) || calbell.SameName(inAccount, name) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil, notFound(calbell.NounCalendar, name, names)
	}
	return found, nil
}

// visibleSyncs returns the running syncs that the caller may see.
func (s *core) visibleSyncs(who calbell.Caller, all []calbell.SyncProgress) ([]calbell.SyncProgress, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	seen := []calbell.SyncProgress{}
	for _, p := range all {
		if s.canAccessAccount(who, p.Account) {
			seen = append(seen, p)
		}
	}
	return seen, nil
}

// findCalendar returns the calendar with this ID or name. It is an error when several have
// it.
func (s *core) findCalendar(ctx context.Context, who calbell.Caller, name string) (calbell.Calendar, error) {
	found, err := s.findCalendars(ctx, who, name)
	if there := slices.DeleteFunc(slices.Clone(found), calbell.Calendar.Silent); len(there) == 1 {
		found = there // a removed calendar does not hide the one that has its name now
	}
	switch {
	case err != nil:
		return calbell.Calendar{}, err
	case len(found) > 1:
		return calbell.Calendar{}, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:calendars-called", "%d calendars are called %q", len(found), name),
			Hint: calbell.T("service:name-with-account", "name it with its account, such as %s, or by its ID: calbell calendar list", found[0].Account+"/"+found[0].Name),
		}
	}
	return found[0], nil
}

// findAccount returns an account that the caller may see, or an error that suggests one. A
// key takes precedence, then the caller's own accounts. Over the socket all accounts are
// visible; a name that accounts of several users have is then ambiguous.
func (s *core) findAccount(who calbell.Caller, name string) (calbell.Account, error) {
	if err := requireCaller(who); err != nil {
		return calbell.Account{}, err
	}
	var names []string
	var found []calbell.Account
	best := 0
	for _, a := range s.accountsOf(who) {
		names = append(names, a.Name)
		switch r := accountRank(who, a, name); {
		case r > best:
			best, found = r, []calbell.Account{a}
		case r > 0 && r == best:
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return calbell.Account{}, notFound(calbell.NounAccount, name, names)
	case 1:
		return found[0], nil
	}
	return calbell.Account{}, severalAccounts(name, found)
}

// accountRank returns how well a name matches an account; 0: not at all.
func accountRank(who calbell.Caller, a calbell.Account, name string) int {
	switch {
	case a.ID != "" && strings.EqualFold(a.ID, name):
		return 4
	case a.Owner != "" && strings.EqualFold(ownedName(a), name):
		return 3
	case !authz.SamePerson(a.Name, name):
		return 0
	case a.Owner == "": // the name is the key
		return 4
	case authz.SamePerson(a.Owner, who.Name) && !who.Local:
		return 2
	}
	return 1
}

// ownedName returns the name of a user's account with its owner, which is unique.
func ownedName(a calbell.Account) string { return calbell.Slug(a.Owner) + "." + calbell.Slug(a.Name) }

// severalAccounts returns the error for a name that accounts of several users have.
func severalAccounts(name string, found []calbell.Account) error {
	var choices []string
	for _, a := range found {
		text := a.ID
		if text == "" {
			text = ownedName(a)
		}
		choices = append(choices, text)
	}
	slices.Sort(choices)
	return &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.T("service:users-account-called", "%d users have an account called %q", len(found), name),
		Hint: calbell.T("service:name-one-owner", "name one with its owner: %s", strings.Join(choices, ", ")),
	}
}

// accountByKey returns the account with a key, whoever owns it; nil when there is none.
func (s *core) accountByKey(key string) *calbell.Account {
	if a, ok := s.config.Accounts().Get(key); ok {
		return &a
	}
	return nil
}

func (s *core) oneAccount(is func(calbell.Account) bool) *calbell.Account {
	all := s.config.Accounts().All()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return &all[i]
	}
	return nil
}

// findWebhook finds a webhook that the caller may use, by ID or name, and suggests one when there is
// none.
// Their own come first, then those of the admins, then what others share.
func (s *core) findWebhook(ctx context.Context, who calbell.Caller, name string) (calbell.Webhook, error) {
	list, err := s.usableWebhooks(ctx, who)
	if err != nil {
		return calbell.Webhook{}, err
	}
	var names []string
	best, found := 0, calbell.Webhook{}
	for _, w := range list {
		names = append(names, w.Name)
		if r := webhookRank(who, w, name); r > best {
			best, found = r, w
		}
	}
	if best == 0 {
		return found, notFound(calbell.NounWebhook, name, names)
	}
	return found, nil
}

// webhookRank returns how well a name matches a webhook; 0: not at all.
func webhookRank(who calbell.Caller, w calbell.Webhook, name string) int {
	slug := calbell.Slug(name)
	switch {
	case name != "" && string(w.ID) == strings.ToLower(name):
		return 5
	case slug == "" || calbell.Slug(w.Name) != slug && string(w.ID) != slug:
		return 0
	case authz.SamePerson(w.Owner, who.Name) && !who.Local:
		return 4
	case w.Owner == "" && w.Origin == calbell.OriginFile:
		return 3
	case w.Owner == "":
		return 2
	}
	return 1
}

// webhookID returns the ID for the name of a webhook: an ID does not change, a name can.
// The owner must be authorised to send to the webhook. "" stays "".
func (s *core) webhookID(ctx context.Context, who calbell.Caller, owner, fieldName, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	w, err := s.findWebhook(ctx, who, name)
	switch {
	case calbell.KindOf(err) == calbell.KindNotFound:
		return "", field(fieldName, calbell.TextOfError(err), calbell.HintOf(err))
	case err != nil:
		return "", err
	case !s.config.Policy().Authorized(owner, w.ID):
		return "", field(fieldName, calbell.T("service:webhook-not-shared", "webhook %q is %s's and not shared", w.Name, ownerText(w.Owner)), calbell.T("service:share-first", "share it first"))
	}
	return string(w.ID), nil
}

// findUser returns a user, or an error that suggests one.
func (s *core) findUser(ctx context.Context, name string) (calbell.User, error) {
	u, err := s.store.Users().Get(ctx, name)
	if calbell.KindOf(err) != calbell.KindNotFound {
		return u, err
	}
	list, listErr := s.store.Users().All(ctx)
	var names []string
	for _, o := range list {
		names = append(names, o.Name)
	}
	if listErr != nil {
		return u, listErr
	}
	return u, notFound(calbell.NounUser, name, names)
}
