package service

import (
	"context"
	"slices"
	"strings"
	"time"

	"calbell"
)

// visibility is the calendars and webhooks that a caller may see. It is made once to look through
// many deliveries.
type visibility struct {
	who       calbell.Caller
	since     time.Time                   // when the user was made: earlier things belonged to another user of that name
	calendars map[calbell.CalendarID]bool // all that exist → whether the caller may see them
	webhooks  map[calbell.WebhookID]calbell.Webhook
}

// visibility returns what the caller may see now.
func (s *core) visibility(ctx context.Context, who calbell.Caller) (*visibility, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	webhooks, err := s.store.Webhooks().All(ctx)
	if err != nil {
		return nil, err
	}
	return s.visibilityOf(ctx, who, calendars, webhooks)
}

// visibilityOf returns what the caller may see of all calendars and webhooks.
func (s *core) visibilityOf(ctx context.Context, who calbell.Caller, calendars []calbell.Calendar, webhooks []calbell.Webhook) (*visibility, error) {
	v := &visibility{who: who, calendars: make(map[calbell.CalendarID]bool, len(calendars)), webhooks: make(map[calbell.WebhookID]calbell.Webhook, len(webhooks))}
	if u, err := s.store.Users().Get(ctx, who.Name); err == nil {
		v.since = u.MadeAt
	} else if calbell.KindOf(err) != calbell.KindNotFound { // over the socket nobody needs to be a user
		return nil, err
	}
	owners := s.owners()
	for _, c := range calendars {
		v.calendars[c.ID] = canAccessCalendar(who, owners, c)
	}
	for _, w := range webhooks {
		v.webhooks[w.ID] = w
	}
	return v, nil
}

// calendarIDs returns the calendars that the caller may see.
func (v *visibility) calendarIDs() []calbell.CalendarID {
	ids := []calbell.CalendarID{}
	for id, seen := range v.calendars {
		if seen {
			ids = append(ids, id)
		}
	}
	return ids
}

// covers reports whether the calendars and the webhook of a delivery existed when v was made.
func (v *visibility) covers(d calbell.Delivery) bool {
	for _, src := range d.Sources {
		if _, ok := v.calendars[src.Calendar]; !ok {
			return false
		}
	}
	_, ok := v.webhooks[d.Webhook]
	return ok
}

// canSendTo reports whether the caller may have something sent to a webhook. What is not there any
// more ends dead again, which the machine's admin may want to see.
func (v *visibility) canSendTo(id calbell.WebhookID) bool {
	w, there := v.webhooks[id]
	return v.who.Local || there && canUse(v.who, w)
}

// visible returns the deliveries of a list that the caller may see, redacted for them.
func (v *visibility) visible(list []calbell.Delivery) (seen []calbell.Delivery) {
	for _, d := range list {
		if !v.hides(d) {
			seen = append(seen, v.redacted(d))
		}
	}
	return seen
}

// redacted returns a delivery as the caller may see it. Of one meeting in several people's calendars
// that is their own source alone. Of a webhook that is only shared with them they see the verdicts,
// not the answers or errors, which may contain the address.
func (v *visibility) redacted(d calbell.Delivery) calbell.Delivery {
	if v.who.Local {
		return d
	}
	d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(src calbell.Source) bool { return !v.calendars[src.Calendar] })
	if w, there := v.webhooks[d.Webhook]; there && canAccess(v.who, w.Owner) {
		return d
	}
	d.Tries = slices.Clone(d.Tries)
	for i := range d.Tries {
		t := &d.Tries[i]
		for _, words := range []string{t.Error.English, t.Answer} {
			if words != "" {
				d.Reason = calbell.Plain(strings.ReplaceAll(d.Reason.English, words, string(t.Verdict)))
			}
		}
		t.Error, t.Answer = calbell.Text{}, ""
	}
	return d
}

// hides reports whether the caller may not see a delivery. It belongs to those who may see the
// calendar that it comes from. A delivery whose calendars are all gone, and every notice, belongs to
// the owner of its webhook; a test also belongs to the caller who made it.
func (v *visibility) hides(d calbell.Delivery) bool {
	before := d.Status.Final() && d.FinishedAt.Before(v.since)
	if v.who.Local || d.Notice != nil && samePerson(d.Notice.By, v.who.Name) && !before {
		return false
	}
	others := false
	for _, src := range d.Sources {
		seen, ok := v.calendars[src.Calendar]
		if seen {
			return false
		}
		others = others || ok
	}
	if others {
		return true
	}
	w, ok := v.webhooks[d.Webhook]
	switch {
	case !ok:
		return !v.who.Admin || d.Webhook != "" // one that a backup did not know has no webhook
	case w.Owner != "" || d.Notice != nil:
		return !canAccess(v.who, w.Owner) || w.Owner != "" && before
	}
	return !v.who.Admin || w.Share // through a shared one, a calendar that is gone may have been anyone's
}
