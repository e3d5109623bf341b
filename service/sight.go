package service

import (
	"context"

	"calbell"
)

// sight is what of the calendars and webhooks a caller sees, for looking through many
// deliveries.
type sight struct {
	who       calbell.Caller
	calendars map[calbell.CalendarID]bool // all that exist → whether they are seen
	webhooks  map[calbell.WebhookID]calbell.Webhook
}

func (s *Service) sight(ctx context.Context, who calbell.Caller) (*sight, error) {
	if err := known(who); err != nil {
		return nil, err
	}
	v := &sight{who, make(map[calbell.CalendarID]bool), make(map[calbell.WebhookID]calbell.Webhook)}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	owners := s.owners()
	for _, c := range calendars {
		v.calendars[c.ID] = seesCalendar(who, owners, c)
	}
	webhooks, err := s.store.Webhooks(ctx)
	for _, w := range webhooks {
		v.webhooks[w.ID] = w
	}
	return v, err
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

// knows says whether the calendars and the webhook of a delivery were there when the sight was
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

// maySendTo says whether the caller may have something sent to a webhook. What is not there any
// more ends dead again, which the machine's admin may want to see.
func (v *sight) maySendTo(id calbell.WebhookID) bool {
	w, there := v.webhooks[id]
	return v.who.Local || there && mayUse(v.who, w)
}

// hides says whether a delivery is another's: it is theirs who see the calendar that it comes
// from. What comes from none that is left, and every notice, is theirs whose webhook it goes to;
// a test also theirs who made it.
func (v *sight) hides(d calbell.Delivery) bool {
	if v.who.Local || d.Notice != nil && same(d.Notice.By, v.who.Name) {
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
		return !sees(v.who, w.Owner)
	}
	return !v.who.Admin || w.Share // through a shared one, a calendar that is gone may have been anyone's
}
