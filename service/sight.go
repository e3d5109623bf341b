package service

import (
	"context"
	"slices"
	"strings"
	"time"

	"calbell"
)

// sight is what of the calendars and webhooks a caller sees, for looking through many
// deliveries.
type sight struct {
	who       calbell.Caller
	since     time.Time                   // when who was made: what was before is another's of the name
	calendars map[calbell.CalendarID]bool // all that exist → whether they are seen
	webhooks  map[calbell.WebhookID]calbell.Webhook
}

func (s *core) sight(ctx context.Context, who calbell.Caller) (*sight, error) {
	if err := known(who); err != nil {
		return nil, err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	webhooks, err := s.store.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	return s.sightOf(ctx, who, calendars, webhooks)
}

// sightOf is what a caller sees of all calendars and webhooks.
func (s *core) sightOf(ctx context.Context, who calbell.Caller, calendars []calbell.Calendar, webhooks []calbell.Webhook) (*sight, error) {
	v := &sight{who: who, calendars: make(map[calbell.CalendarID]bool, len(calendars)), webhooks: make(map[calbell.WebhookID]calbell.Webhook, len(webhooks))}
	if u, err := s.store.User(ctx, who.Name); err == nil {
		v.since = u.MadeAt
	} else if calbell.KindOf(err) != calbell.KindNotFound { // over the socket nobody needs to be a user
		return nil, err
	}
	owners := s.owners()
	for _, c := range calendars {
		v.calendars[c.ID] = seesCalendar(who, owners, c)
	}
	for _, w := range webhooks {
		v.webhooks[w.ID] = w
	}
	return v, nil
}

// seen are the calendars that the caller sees.
func (v *sight) seen() []calbell.CalendarID {
	ids := []calbell.CalendarID{}
	for id, seen := range v.calendars {
		if seen {
			ids = append(ids, id)
		}
	}
	return ids
}

// knows reports whether the calendars and the webhook of a delivery were there when the sight was
// made.
func (v *sight) knows(d calbell.Delivery) bool {
	for _, src := range d.Sources {
		if _, ok := v.calendars[src.Calendar]; !ok {
			return false
		}
	}
	_, ok := v.webhooks[d.Webhook]
	return ok
}

// maySendTo reports whether the caller may have something sent to a webhook. What is not there any
// more ends dead again, which the machine's admin may want to see.
func (v *sight) maySendTo(id calbell.WebhookID) bool {
	w, there := v.webhooks[id]
	return v.who.Local || there && mayUse(v.who, w)
}

// shown are the deliveries of a list that the caller sees, as they see them.
func (v *sight) shown(list []calbell.Delivery) (seen []calbell.Delivery) {
	for _, d := range list {
		if !v.hides(d) {
			seen = append(seen, v.discreet(d))
		}
	}
	return seen
}

// discreet is a delivery as the caller sees it. Of one meeting in several people's calendars, it
// is their own source alone; of a webhook that is only shared with them, they see the verdicts, and
// not what was said there, or where: it may tell the address.
func (v *sight) discreet(d calbell.Delivery) calbell.Delivery {
	if v.who.Local {
		return d
	}
	d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(src calbell.Source) bool { return !v.calendars[src.Calendar] })
	if w, there := v.webhooks[d.Webhook]; there && sees(v.who, w.Owner) {
		return d
	}
	d.Tries = slices.Clone(d.Tries)
	for i := range d.Tries {
		t := &d.Tries[i]
		for _, words := range []string{t.Error, t.Answer} {
			if words != "" {
				d.Reason = strings.ReplaceAll(d.Reason, words, string(t.Verdict))
			}
		}
		t.Error, t.Answer = "", ""
	}
	return d
}

// hides reports whether a delivery is another's: it is theirs who see the calendar that it comes
// from. What comes from none that is left, and every notice, is theirs whose webhook it goes to;
// a test also theirs who made it.
func (v *sight) hides(d calbell.Delivery) bool {
	before := d.Status.Final() && d.FinishedAt.Before(v.since)
	if v.who.Local || d.Notice != nil && same(d.Notice.By, v.who.Name) && !before {
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
		return !sees(v.who, w.Owner) || w.Owner != "" && before
	}
	return !v.who.Admin || w.Share // through a shared one, a calendar that is gone may have been anyone's
}
