package authz

import (
	"context"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/store"
)

// Visibility is the calendars and webhooks that a caller may see. It is made once to look through
// many deliveries.
type Visibility struct {
	store     Others
	accounts  *AccountIndex
	who       calbell.Caller
	since     time.Time                   // when the user was made: earlier things belonged to another user of that name
	calendars map[calbell.CalendarID]bool // those that are known to exist → whether the caller may see them
	webhooks  map[calbell.WebhookID]calbell.Webhook
	looked    looked
}

// Others looks up what others have.
type Others interface {
	CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error)
	Webhooks() store.Table[calbell.WebhookID, calbell.Webhook]
}

// looked is what others have that was looked up, whether it exists or not.
type looked struct {
	calendars map[calbell.CalendarID]bool
	webhooks  map[calbell.WebhookID]bool
}

// Eyes are whose visibility is made, and where to look up what others have.
type Eyes struct {
	Store    Others
	Accounts *AccountIndex
	Caller   calbell.Caller
	// Since is when the user was made; zero: over the socket nobody needs to be a user.
	Since time.Time
}

// NewVisibility returns what a caller may see: these calendars, and what went to these webhooks.
func NewVisibility(e Eyes, calendars []calbell.Calendar, webhooks []calbell.Webhook) *Visibility {
	v := &Visibility{
		store: e.Store, accounts: e.Accounts, who: e.Caller, since: e.Since,
		calendars: make(map[calbell.CalendarID]bool, len(calendars)), webhooks: make(map[calbell.WebhookID]calbell.Webhook, len(webhooks)),
		looked: looked{map[calbell.CalendarID]bool{}, map[calbell.WebhookID]bool{}},
	}
	for _, c := range calendars {
		v.calendars[c.ID] = true
	}
	for _, w := range webhooks {
		v.webhooks[w.ID] = w
	}
	return v
}

// Learn looks up what others have of some deliveries: whether it is hidden depends on that.
func (v *Visibility) Learn(ctx context.Context, list ...calbell.Delivery) error {
	if v.who.Local {
		return nil
	}
	var calendars []calbell.CalendarID
	var webhooks []calbell.WebhookID
	for _, d := range list {
		for _, src := range d.Sources {
			if _, known := v.calendars[src.Calendar]; !known && !v.looked.calendars[src.Calendar] {
				v.looked.calendars[src.Calendar] = true
				calendars = append(calendars, src.Calendar)
			}
		}
		if _, known := v.webhooks[d.Webhook]; !known && !v.looked.webhooks[d.Webhook] {
			v.looked.webhooks[d.Webhook] = true
			webhooks = append(webhooks, d.Webhook)
		}
	}
	if len(calendars) > 0 {
		others, err := v.store.CalendarsByID(ctx, calendars...)
		if err != nil {
			return err
		}
		for _, c := range others {
			v.calendars[c.ID] = v.accounts.CanAccess(v.who, c.Account)
		}
	}
	if len(webhooks) > 0 {
		others, err := v.store.Webhooks().Some(ctx, webhooks...)
		if err != nil {
			return err
		}
		for _, w := range others {
			v.webhooks[w.ID] = w
		}
	}
	return nil
}

// CalendarIDs returns the calendars that the caller may see.
func (v *Visibility) CalendarIDs() []calbell.CalendarID {
	ids := []calbell.CalendarID{}
	for id, seen := range v.calendars {
		if seen {
			ids = append(ids, id)
		}
	}
	return ids
}

// Concern returns what a history of the caller's is narrowed to; nil: it is that of all.
func (v *Visibility) Concern() *store.Concern {
	if v.who.Local {
		return nil
	}
	c := &store.Concern{Calendars: v.CalendarIDs(), By: calbell.Slug(v.who.Name)}
	for id, w := range v.webhooks {
		if CanAccess(v.who, w.Owner) {
			c.Webhooks = append(c.Webhooks, id)
		}
	}
	if v.who.Admin {
		c.Webhooks = append(c.Webhooks, "") // what a backup did not know
	}
	return c
}

// CanSendTo reports whether the caller may have something sent to a webhook. What is not there any
// more ends dead again, which the machine's admin may want to see.
func (v *Visibility) CanSendTo(id calbell.WebhookID) bool {
	w, there := v.webhooks[id]
	return v.who.Local || there && CanUse(v.who, w)
}

// Visible returns the deliveries of a list that the caller may see, redacted for them.
func (v *Visibility) Visible(ctx context.Context, list ...calbell.Delivery) (seen []calbell.Delivery, err error) {
	if err := v.Learn(ctx, list...); err != nil {
		return nil, err
	}
	for _, d := range list {
		if !v.Hides(d) {
			seen = append(seen, v.Redacted(d))
		}
	}
	return seen, nil
}

// Redacted returns a delivery as the caller may see it. Of one meeting in several people's calendars
// that is their own source alone. Of a webhook that is only shared with them they see the verdicts,
// not the answers or errors, which may contain the address.
func (v *Visibility) Redacted(d calbell.Delivery) calbell.Delivery {
	if v.who.Local {
		return d
	}
	d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(src calbell.Source) bool { return !v.calendars[src.Calendar] })
	if w, there := v.webhooks[d.Webhook]; there && CanAccess(v.who, w.Owner) {
		return d
	}
	d.Tries = slices.Clone(d.Tries)
	for i := range d.Tries {
		t := &d.Tries[i]
		for _, words := range []string{t.Error.English, t.Answer} {
			if words != "" {
				d.Reason = withoutWords(d.Reason, words, t.Verdict.Text())
			}
		}
		t.Error, t.Answer = calbell.Text{}, ""
	}
	return d
}

// withoutWords returns a reason with a verdict in place of what a webhook answered.
func withoutWords(reason calbell.Text, words string, verdict calbell.Text) calbell.Text {
	reason = reason.Substitute(func(t calbell.Text) (calbell.Text, bool) { return verdict, t.English == words })
	if strings.Contains(reason.English, words) { // beside others, or stored before texts had keys
		return calbell.Plain(strings.ReplaceAll(reason.English, words, verdict.English))
	}
	return reason
}

// Hides reports whether the caller may not see a delivery. It belongs to those who may see the
// calendar that it comes from. A delivery whose calendars are all gone, and every notice, belongs to
// the owner of its webhook; a test also belongs to the caller who made it. What is asked was learnt.
func (v *Visibility) Hides(d calbell.Delivery) bool {
	before := d.Status.Final() && d.FinishedAt.Before(v.since)
	if v.who.Local || d.Notice != nil && SamePerson(d.Notice.By, v.who.Name) && !before {
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
		return !CanAccess(v.who, w.Owner) || w.Owner != "" && before
	}
	return !v.who.Admin || w.Share // through a shared one, a calendar that is gone may have been anyone's
}

// Sees reports whether the caller may see a webhook, and not only use it.
func (v *Visibility) Sees(id calbell.WebhookID) bool {
	w, there := v.webhooks[id]
	return v.who.Local || there && CanAccess(v.who, w.Owner)
}

// Caller returns whose visibility it is.
func (v *Visibility) Caller() calbell.Caller { return v.who }

// All reports whether the caller sees everything.
func (v *Visibility) All() bool { return v.who.Local }
