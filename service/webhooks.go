package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service/authz"
	"calbell/store"
)

// Sender posts messages (package webhook).
type Sender interface {
	// CheckURL rejects an address to which nothing may be posted.
	CheckURL(u calbell.Secret) error
	// Send posts a message and gives its verdict on the answer.
	Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try
}

// Webhooks manages the webhooks that reminders are posted to.
type Webhooks struct {
	*core
	events *Events
	sender Sender
}

// List returns the webhooks that the caller may use, with their health; for the caller's
// own also what uses them.
func (s *Webhooks) List(ctx context.Context, who calbell.Caller) ([]types.WebhookRow, error) {
	list, err := s.usableWebhooks(ctx, who)
	if err != nil {
		return nil, err
	}
	return s.webhookRows(ctx, who, list)
}

// webhookRows converts webhooks that the caller may use, redacted for them.
func (s *Webhooks) webhookRows(ctx context.Context, who calbell.Caller, list []calbell.Webhook) ([]types.WebhookRow, error) {
	var all, own []calbell.WebhookID
	for _, w := range list {
		all = append(all, w.ID)
		if authz.CanAccess(who, w.Owner) {
			own = append(own, w.ID)
		}
	}
	states, err := s.statesOf(ctx, all...)
	if err != nil {
		return nil, err
	}
	bound, err := s.store.BindingsTo(ctx, own...)
	if err != nil {
		return nil, err
	}
	rows := make([]types.WebhookRow, 0, len(list))
	for _, w := range list {
		rows = append(rows, s.webhookRow(who, w, states[w.ID], bound))
	}
	return rows, nil
}

// Get returns a webhook that the caller may use, by ID or name.
func (s *Webhooks) Get(ctx context.Context, who calbell.Caller, name string) (types.WebhookRow, error) {
	w, err := s.findWebhook(ctx, who, name)
	if err != nil {
		return types.WebhookRow{}, err
	}
	rows, err := s.webhookRows(ctx, who, []calbell.Webhook{w})
	if err != nil {
		return types.WebhookRow{}, err
	}
	return rows[0], nil
}

// webhookRow returns a webhook as the caller may see it. Of a webhook that is only shared
// with them they see no more than its existence and its health.
func (s *Webhooks) webhookRow(who calbell.Caller, w calbell.Webhook, st calbell.WebhookState, bound []calbell.Binding) types.WebhookRow {
	r := types.WebhookRow{Editable: authz.CanEdit(who, w.Owner, w.Origin)}
	r.State, r.Reason = health(st, time.Now())
	if !r.Reason.IsZero() {
		r.Hint = st.Hint
	}
	if !st.Last.At.IsZero() {
		r.Last = &st.Last
	}
	if !authz.CanAccess(who, w.Owner) {
		r.Webhook = calbell.Webhook{ID: w.ID, Name: w.Name, Origin: w.Origin, Owner: w.Owner, WebhookSpec: calbell.WebhookSpec{Share: w.Share, Kind: w.Kind}}
		r.Reason, r.Hint = calbell.Text{}, calbell.Text{}
		return r
	}
	r.Webhook, r.Host, r.ETag = w, hostOf(w.URL), s.webhookTag(w)
	r.UsedBy = s.usersOf(who, w, bound)
	r.StoredUse = slices.ContainsFunc(bound, func(b calbell.Binding) bool { return b.Webhook == w.ID }) ||
		slices.ContainsFunc(s.config.Policy().UsedBy(w.ID), func(u plan.Use) bool { return u.Stored })
	return r
}

func (s *Webhooks) webhookTag(w calbell.Webhook) string { return s.etag(w, w.URL) }

// usersOf describes what sends reminders to a webhook: settings, and the number of attached
// reminders. Uses of a shared webhook by others are mentioned without details.
func (s *Webhooks) usersOf(who calbell.Caller, w calbell.Webhook, bound []calbell.Binding) []calbell.Text {
	theirs := func(account string) bool {
		owner, ok := s.ownerOf(account)
		return w.Share && !who.Local && (!ok || !authz.CanAccess(who, owner))
	}
	var users []calbell.Text
	others := false
	for _, u := range s.config.Policy().UsedBy(w.ID) {
		if u.Account != "" && theirs(u.Account) || u.Account == "" && w.Share && !authz.CanAccess(who, u.Owner) {
			others = true
			continue
		}
		users = append(users, u.What)
	}
	n, policy := 0, s.config.Policy()
	for _, b := range bound {
		owner, known := s.ownerOf(b.Account)
		switch {
		case b.Webhook != w.ID, known && !policy.Authorized(owner, w.ID): // no longer shared: nothing is sent there
		case theirs(b.Account):
			others = true
		default:
			n++
		}
	}
	switch {
	case n == 1:
		users = append(users, calbell.T("service:attached-reminder", "1 attached reminder"))
	case n > 1:
		users = append(users, calbell.T("service:attached-reminders", "%d attached reminders", n))
	}
	if others {
		users = append(users, calbell.T("service:what-others", "what others have"))
	}
	return users
}

// health returns the state of a webhook and, unless it is well, a reason.
func health(st calbell.WebhookState, now time.Time) (word calbell.WebhookHealth, reason calbell.Text) {
	switch word = st.Health(now); word {
	case calbell.WebhookSuspended, calbell.WebhookRefused:
		reason = st.Reason
	case calbell.WebhookOutage:
		reason = calbell.T("service:something-between-answers-chat", "something in between answers in the chat's place since %s", st.OutageSince.Format(time.RFC3339))
	case calbell.WebhookLost:
		reason = calbell.T("service:answers-lost-since", "answers are lost since %s", st.LostSince.Format(time.RFC3339))
	case calbell.WebhookPaused:
		reason = calbell.T("service:server-asked-rest-until", "the server asked for a rest until %s", st.PausedUntil.Format(time.RFC3339))
	}
	return word, reason
}

// Add stores a new webhook.
func (s *Webhooks) Add(ctx context.Context, who calbell.Caller, n types.NewWebhook) (types.WebhookRow, error) {
	if err := requireCaller(who); err != nil {
		return types.WebhookRow{}, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	owner, err := s.newOwner(ctx, who, n.Owner)
	if err != nil {
		return types.WebhookRow{}, err
	}
	w, err := newWebhook(calbell.Webhook{Owner: owner, Origin: calbell.OriginStored}, n)
	if err != nil {
		return types.WebhookRow{}, err
	}
	w.ID = calbell.WebhookID(calbell.Slug(w.Name))
	if err := s.checkWebhookCount(ctx, owner); err != nil {
		return types.WebhookRow{}, err
	}
	if owner != "" { // slugs contain no dots, so the prefix keeps IDs of different owners apart
		w.ID = calbell.WebhookID(calbell.Slug(owner)) + "." + w.ID
	}
	return s.putWebhook(ctx, who, w, nil)
}

// Set changes a stored webhook. Its ID stays, even if its name changes.
func (s *Webhooks) Set(ctx context.Context, who calbell.Caller, name, etag string, n types.NewWebhook) (types.WebhookRow, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	old, err := s.ownWebhook(ctx, who, name)
	if err != nil {
		return types.WebhookRow{}, err
	}
	if err := unchanged(calbell.NounWebhook.Changing(old.Name), etag, s.webhookTag(old)); err != nil {
		return types.WebhookRow{}, err
	}
	keep := calbell.Webhook{ID: old.ID, Owner: old.Owner, Origin: old.Origin, URL: old.URL, WebhookSpec: calbell.WebhookSpec{Kind: old.Kind}}
	if n.Owner != nil {
		if keep.Owner, err = s.newOwner(ctx, who, n.Owner); err != nil {
			return types.WebhookRow{}, err
		}
	}
	w, err := newWebhook(keep, n)
	if err != nil {
		return types.WebhookRow{}, err
	}
	r, err := s.putWebhook(ctx, who, w, &old)
	if err == nil && !old.SameTarget(w) { // answers to the old target say nothing about the new one
		err = s.liftSuspension(ctx, w.ID)
	}
	return r, err
}

// Request returns the request that would create a stored webhook of the caller, without its
// URL, and its ETag. Editors change parts of it.
func (s *Webhooks) Request(ctx context.Context, who calbell.Caller, name string) (types.NewWebhook, string, error) {
	w, err := s.ownWebhook(ctx, who, name)
	if err != nil {
		return types.NewWebhook{}, "", err
	}
	return WebhookRequestOf(w), s.webhookTag(w), nil
}

// putWebhook stores a webhook if it is valid. old is the one that it replaces; nil for a
// new one.
func (s *Webhooks) putWebhook(ctx context.Context, who calbell.Caller, w calbell.Webhook, old *calbell.Webhook) (types.WebhookRow, error) {
	err := checkSize(w)
	if err == nil {
		err = s.freeName(ctx, w, old == nil)
	}
	if err == nil {
		c := change{owner: w.Owner, skip: except{webhook: w.ID}, now: storage{webhooks: webhookSize(w)}}
		if old != nil && authz.SamePerson(old.Owner, w.Owner) {
			c.was.webhooks = webhookSize(*old)
		}
		err = s.checkQuota(ctx, c)
	}
	if err == nil {
		err = s.checkWebhook(w)
	}
	if err == nil {
		err = s.store.Webhooks().Put(ctx, w)
	}
	if err == nil {
		err = s.effects.WebhooksChanged(ctx, concerned(w, old)...)
	}
	if err != nil {
		return types.WebhookRow{}, err
	}
	rows, err := s.webhookRows(ctx, who, []calbell.Webhook{w})
	if err != nil {
		return types.WebhookRow{}, err
	}
	return rows[0], nil
}

// concerned returns whose plans may change with a webhook: its owner's; none for everybody's, where others
// use it, or may call it by its name. old is what it replaces; nil: it is new, or removed.
func concerned(w calbell.Webhook, old *calbell.Webhook) []string {
	if w.Owner == "" || w.Share || old != nil && (old.Share || old.Owner != w.Owner) {
		return nil
	}
	return []string{w.Owner}
}

// freeName refuses a name or ID that another webhook has. Names are unique per owner.
func (s *Webhooks) freeName(ctx context.Context, w calbell.Webhook, isNew bool) error {
	list, err := s.store.Webhooks().Of(ctx, store.OwnedBy(w.Owner))
	if err != nil {
		return err
	}
	others, err := s.store.Webhooks().Some(ctx, w.ID, calbell.WebhookID(calbell.Slug(w.Name)))
	if err != nil {
		return err
	}
	for _, o := range append(list, others...) {
		sameID := o.ID == w.ID
		sameName := calbell.Slug(o.Owner) == calbell.Slug(w.Owner) && calbell.Slug(o.Name) == calbell.Slug(w.Name)
		// A name must not equal another webhook's ID, since both can be used to refer to a webhook.
		asID := string(o.ID) == calbell.Slug(w.Name) && (o.Share || o.Owner == w.Owner)
		if sameID && isNew || (sameName || asID) && !sameID {
			return nameTaken(o)
		}
	}
	return nil
}

// nameTaken returns the error for a name that another webhook has, or had when it was
// created.
func nameTaken(o calbell.Webhook) error {
	e := &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.T("service:webhook-exists-already", "webhook %q exists already (%s)", o.Name, originText(o.Origin)),
		Hint: calbell.T("service:choose-another-name", "choose another name"), Fields: []calbell.FieldError{{Name: "name", What: calbell.T("service:another-webhook", "another webhook has it")}},
	}
	if o.Origin == calbell.OriginStored {
		e.Hint = calbell.T("service:choose-or-remove", "choose another name, or remove it first: calbell webhook remove %s", string(o.ID))
	}
	return e
}

// originText describes where a definition is stored.
func originText(o calbell.Origin) calbell.Text {
	if o == calbell.OriginFile {
		return calbell.T("service:configuration-file", "in the configuration file")
	}
	return calbell.T("service:made-command", "made by command")
}

// Remove removes a stored webhook that nothing uses.
func (s *Webhooks) Remove(ctx context.Context, who calbell.Caller, name, etag string) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	w, err := s.ownWebhook(ctx, who, name)
	if err != nil {
		return err
	}
	if err := unchanged(calbell.NounWebhook.Changing(w.Name), etag, s.webhookTag(w)); err != nil {
		return err
	}
	bound, err := s.store.BindingsTo(ctx, w.ID)
	if err != nil {
		return err
	}
	if users := s.usersOf(who, w, bound); len(users) > 0 {
		return &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:webhook-used", "webhook %q is used by %s", w.Name, calbell.List(users...)),
			Hint: calbell.T("service:give-these-another-webhook", "give these another webhook first"),
		}
	}
	if err := s.store.Webhooks().Remove(ctx, w.ID); err != nil {
		return err
	}
	return s.effects.WebhooksChanged(ctx, concerned(w, nil)...)
}

// liftSuspension ends the suspension of a webhook that accepted a message.
func (s *Webhooks) liftSuspension(ctx context.Context, id calbell.WebhookID) error {
	states, err := s.statesOf(ctx, id)
	old := states[id]
	if err != nil || old == (calbell.WebhookState{}) {
		return err
	}
	if err := s.store.WebhookStates().Put(ctx, store.WebhookState{ID: id, WebhookState: calbell.WebhookState{}}); err != nil || old.Well() {
		return err
	}
	return s.effects.WebhooksChanged(ctx)
}

// ownWebhook returns a webhook that the caller may change.
func (s *Webhooks) ownWebhook(ctx context.Context, who calbell.Caller, name string) (calbell.Webhook, error) {
	w, err := s.findWebhook(ctx, who, name)
	switch {
	case err != nil || authz.CanEdit(who, w.Owner, w.Origin):
		return w, err
	case authz.CanAccess(who, w.Owner):
		return w, definedInFile(calbell.NounWebhook, w.Name)
	}
	return w, notTheirs(w)
}

// ListFor returns those of [Webhooks.List] to which every one of the accounts may send, so
// that every webhook offered for one of their events works.
func (s *Webhooks) ListFor(ctx context.Context, who calbell.Caller, accounts ...string) ([]types.WebhookRow, error) {
	rows, err := s.List(ctx, who)
	for _, name := range accounts {
		a, aErr := s.findAccount(who, name)
		if err = errors.Join(err, aErr); err != nil {
			return nil, err
		}
		rows = s.authorizedRows(rows, a.Owner)
	}
	return rows, err
}

// ListOf returns those of [Webhooks.List] to which rules of an owner may send.
func (s *Webhooks) ListOf(ctx context.Context, who calbell.Caller, owner string) ([]types.WebhookRow, error) {
	rows, err := s.List(ctx, who)
	return s.authorizedRows(rows, owner), err
}

func (s *Webhooks) authorizedRows(rows []types.WebhookRow, owner string) []types.WebhookRow {
	policy := s.config.Policy()
	return slices.DeleteFunc(rows, func(r types.WebhookRow) bool { return !policy.Authorized(owner, r.ID) })
}
