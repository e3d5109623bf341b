package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
)

// Bindings changes the reminders attached to events.
type Bindings interface {
	// Attach changes the bindings of an account, and the plans that depend on them.
	Attach(ctx context.Context, account string, change calbell.BindingsChange) error
}

// Reminders manages the reminders that people attach to events.
type Reminders struct {
	*finder
	syncs        Syncs
	bindingStore Bindings
}

// Add attaches reminders to an event, and returns when it fires next. Attaching the same
// reminder again has no effect.
func (s *Reminders) Add(ctx context.Context, who calbell.Caller, n types.NewReminder) (types.AttachedReminders, error) {
	now := time.Now()
	f, wanted, err := s.requested(ctx, who, n, now)
	if err != nil {
		return types.AttachedReminders{}, err
	}
	var all []calbell.Binding
	err = s.bindingStore.Attach(ctx, f.calendar.Account, func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		var put []calbell.Binding
		all = bindingsOf(old, f.event.UID())
		for _, b := range wanted {
			if !slices.ContainsFunc(all, func(o calbell.Binding) bool { return o.ID == b.ID }) {
				put, all = append(put, b), append(all, b)
			}
		}
		if len(all) > calbell.MaxBindings {
			return nil, nil, &calbell.Error{
				Kind: calbell.KindUsage, What: calbell.T("service:event-most-reminders", "an event has at most %d reminders", calbell.MaxBindings),
				Hint: calbell.T("service:remove-some-first-calbell", "remove some first: calbell reminder remove"),
			}
		}
		if owner, _ := s.ownerOf(f.calendar.Account); owner != "" && len(put) > 0 && len(old)+len(put) > calbell.MaxAccountBindings {
			return nil, nil, &calbell.Error{
				Kind: calbell.KindUsage, What: calbell.T("service:reminders-attached-events-one", "%d reminders attached to events of one account are enough", calbell.MaxAccountBindings),
				Hint: calbell.T("service:remove-some-first-or", "remove some first, or make a rule for many events"),
			}
		}
		return put, nil, nil
	})
	if err != nil {
		return types.AttachedReminders{}, err
	}
	s.writeSoon(wanted[0])
	return types.AttachedReminders{Bindings: wanted, Next: s.detail(f, all, now).Next, Fires: s.fires(f, wanted, now)}, nil
}

// writeSoon starts a sync that writes a binding into its event, or removes it there, if the
// account has write-back. When too many syncs are waiting, the next regular one does it.
func (s *Reminders) writeSoon(b calbell.Binding) {
	if a, ok := s.config.Accounts().Get(b.Account); ok && a.WriteBack && b.Writable() {
		_ = s.syncs.SyncSoon(calbell.SyncRequest{Account: a})
	}
}

// bindingsOf returns the bindings of an event.
func bindingsOf(list []calbell.Binding, uid calbell.UID) (found []calbell.Binding) {
	for _, b := range list {
		if b.UID == uid && !b.Removed {
			found = append(found, b)
		}
	}
	return found
}

// Preview returns what [Reminders.Add] would attach, and when the event would fire next.
func (s *Reminders) Preview(ctx context.Context, who calbell.Caller, n types.NewReminder) (types.AttachedReminders, error) {
	now := time.Now()
	f, wanted, err := s.requested(ctx, who, n, now)
	if err != nil {
		return types.AttachedReminders{}, err
	}
	known, err := s.bindingsOf(ctx, f.calendar.Account)
	if err != nil {
		return types.AttachedReminders{}, err
	}
	all := append(active(known.of(f.calendar, f.event)), wanted...)
	return types.AttachedReminders{Bindings: wanted, Next: s.detail(f, all, now).Next, Fires: s.fires(f, wanted, now)}, nil
}

// requested returns the event and the bindings of a request.
func (s *Reminders) requested(ctx context.Context, who calbell.Caller, n types.NewReminder, now time.Time) (found, []calbell.Binding, error) {
	f, err := s.findEvent(ctx, who, n.Event)
	if err != nil {
		return f, nil, err
	}
	if err := checkReminder(n); err != nil {
		return f, nil, err
	}
	if n.Instance, err = instanceOf(n, f.event, now); err != nil {
		return f, nil, err
	}
	owner, _ := s.ownerOf(f.calendar.Account)
	b := calbell.Binding{
		Owner: owner, Account: f.calendar.Account, UID: f.event.UID(), Calendar: f.calendar.ID, Instance: n.Instance, Onwards: n.Onwards,
		AtAlarm: n.AtAlarm, Mute: n.Mute, MadeAt: now.UTC(),
	}
	if !n.Mute {
		usable := s.config.Policy().Usable(f.calendar.Account)
		id, ok := usable[n.Webhook]
		if !ok {
			id, ok = usable[calbell.Slug(n.Webhook)]
		}
		if !ok {
			return f, nil, notFound(calbell.NounWebhook, n.Webhook, slices.Sorted(maps.Keys(usable)))
		}
		b.Webhook = id
	}
	if n.AtAlarm || n.Mute {
		b.ID = bindingID(b)
		return f, []calbell.Binding{b}, nil
	}
	var list []calbell.Binding
	for _, lead := range n.Before {
		b.Lead = lead
		b.ID = bindingID(b)
		list = append(list, b)
	}
	return f, list, nil
}

// checkReminder returns an error for an invalid request.
func checkReminder(n types.NewReminder) error {
	given := 0
	for _, is := range []bool{len(n.Before) > 0, n.AtAlarm, n.Mute} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:say-when-ring-how", "say when it is to ring: how long before the start, or at the calendar's own alarms"), Hint: calbell.T("service:such-before-15m-or", "such as: --before 15m, or --at-alarm")}
	case !n.Mute && n.Webhook == "":
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:name-webhook-goes", "name the webhook that it goes to"), Hint: calbell.T("service:see", "see %s", lists(calbell.NounWebhook))}
	case n.Mute && n.Webhook != "":
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:muted-event-goes-no", "a muted event goes to no webhook")}
	}
	return nil
}

// bindingID returns an ID that is derived from the binding's content, so that attaching
// twice is the same as attaching once.
func bindingID(b calbell.Binding) calbell.BindingID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %q %s %v %v", b.Account, b.UID, b.Instance, b.Onwards, b.Webhook, b.Lead, b.AtAlarm, b.Mute))
	return calbell.BindingID(hex.EncodeToString(sum[:6]))
}

// Remove removes a binding by its ID.
func (s *Reminders) Remove(ctx context.Context, who calbell.Caller, id calbell.BindingID) error {
	if err := requireCaller(who); err != nil {
		return err
	}
	list, err := s.store.BindingsOf(ctx, authz.KeysOf(s.accountsOf(who))...)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(b calbell.Binding) bool {
		return b.ID == id && !b.Removed && s.canAccessAccount(who, b.Account)
	})
	if i < 0 {
		return notFound(calbell.NounReminder, string(id), nil)
	}
	writes := s.writesBack(list[i].Account)
	err = s.bindingStore.Attach(ctx, list[i].Account, func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		for _, b := range old {
			// The alarm is in the event, is just being written, or is in one of the event's copies.
			if b.ID == id && b.Writable() && (writes || !b.WrittenAt.IsZero() || !b.WriteError.IsZero()) {
				b.Removed, b.WrittenAt, b.WriteError = true, time.Time{}, calbell.Text{}
				return []calbell.Binding{b}, nil, nil
			}
		}
		return nil, []calbell.BindingID{id}, nil
	})
	if err == nil && writes {
		s.writeSoon(list[i])
	}
	return err
}

// writesBack reports whether an account has write-back.
func (s *Reminders) writesBack(account string) bool {
	a, _ := s.config.Accounts().Get(account)
	return a.WriteBack
}
