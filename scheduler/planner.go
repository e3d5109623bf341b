package scheduler

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/templates"
)

// Planner answers what the configuration means for a calendar: its zone, where its
// alarms go, how a message is rendered. It is immutable; a reload makes a new one.
type Planner struct {
	accounts map[string]calbell.Account
	webhooks map[string]calbell.WebhookID // by slug of the name
	zone     *time.Location
	locale   string
	zones    sync.Map // zone text → *time.Location, nil when it means none: each message asks
}

// NewPlanner returns a planner. zone and locale are the configured defaults; webhooks
// are all that exist.
func NewPlanner(accounts []calbell.Account, webhooks []calbell.Webhook, zone *time.Location, locale string) *Planner {
	p := &Planner{accounts: map[string]calbell.Account{}, webhooks: map[string]calbell.WebhookID{}, zone: zone, locale: locale}
	for _, a := range accounts {
		p.accounts[a.Name] = a
	}
	for _, w := range webhooks {
		p.webhooks[string(w.ID)] = w.ID
		p.webhooks[calbell.Slug(w.Name)] = w.ID
	}
	return p
}

// Zone is the configured zone, for people and for what has none of its own.
func (p *Planner) Zone() *time.Location { return p.zone }

// ZoneOf is the zone of a webhook: its own, or the configured one.
func (p *Planner) ZoneOf(w calbell.Webhook) *time.Location {
	if w.TimeZone == "" {
		return p.Zone()
	}
	return cmp.Or(p.firstZone(w.TimeZone), p.Zone())
}

// Locale is the configured language.
func (p *Planner) Locale() string { return p.locale }

// settings returns what the configuration lists for the calendar; zero when nothing.
func (p *Planner) settings(c calbell.Calendar) calbell.CalendarSettings {
	for _, s := range p.accounts[c.Account].Calendars {
		if c.Listed != "" && s.Name == c.Listed {
			return s
		}
	}
	return calbell.CalendarSettings{}
}

// Options says how to read the calendar's objects: in which zone floating and all-day
// times are (D21). What is said about the calendar itself beats what its text says, and
// that beats what is said about the account and in general.
func (p *Planner) Options(c calbell.Calendar) ical.Options {
	return ical.Options{
		Zone:     p.firstZone(p.settings(c).TimeZone, c.TimeZone),
		Fallback: cmp.Or(p.firstZone(p.accounts[c.Account].TimeZone), p.zone),
	}
}

// firstZone is the first zone that one of the texts means; nil when none does.
func (p *Planner) firstZone(texts ...string) *time.Location {
	for _, text := range texts {
		known, ok := p.zones.Load(text)
		if !ok { // as many as there are calendars and accounts, at most
			known, _ = p.zones.LoadOrStore(text, ical.CalendarZone(text))
		}
		if loc, _ := known.(*time.Location); loc != nil {
			return loc
		}
	}
	return nil
}

// Webhooks returns where the alarms of the calendar go; none: it is silent. A name
// that no webhook has becomes the ID it would have, so that its reminders are shown
// as failing and not lost.
func (p *Planner) Webhooks(c calbell.Calendar) []calbell.WebhookID {
	name := p.settings(c).Webhook
	if name == "" {
		return nil
	}
	return []calbell.WebhookID{p.Webhook(name)}
}

// Webhook returns the ID of the webhook of that name; one that does not exist has the ID
// that it would have.
func (p *Planner) Webhook(name string) calbell.WebhookID {
	slug := calbell.Slug(name)
	return cmp.Or(p.webhooks[slug], calbell.WebhookID(slug))
}

// UsedBy returns the calendars, as account/calendar, whose alarms the file sends to the
// webhook.
func (p *Planner) UsedBy(id calbell.WebhookID) []string {
	var users []string
	for _, a := range p.accounts {
		for _, s := range a.Calendars {
			if s.Webhook != "" && p.webhooks[calbell.Slug(s.Webhook)] == id {
				users = append(users, a.Name+"/"+s.Name)
			}
		}
	}
	return users
}

// Own returns the addresses of the account's person, lower-case.
func (p *Planner) Own(c calbell.Calendar) []string {
	var own []string
	for _, a := range append(p.accounts[c.Account].Addresses, c.Addresses...) {
		own = append(own, strings.ToLower(a))
	}
	return own
}

// Input gathers all that the plan of an object of the calendar depends on.
func (p *Planner) Input(c calbell.Calendar, o calbell.Object, now time.Time) PlanInput {
	return PlanInput{Object: o, Options: p.Options(c), Webhooks: p.Webhooks(c), Own: p.Own(c), Now: now}
}

// Key fingerprints all of a calendar's plan but its objects: when it changes, the
// calendar is planned again.
func (p *Planner) Key(c calbell.Calendar) string {
	o := p.Options(c)
	text, err := json.Marshal([]any{
		ical.Engine(), p.settings(c).TimeZone, c.TimeZone, o.Fallback.String(), p.Webhooks(c), p.Own(c),
	})
	if err != nil { // strings only: cannot happen, and a constant key would hide it
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Render makes the message of a claim from the newest copy of its event. What cannot be
// found there is taken from the plan: a message is never blocked.
func (p *Planner) Render(c calbell.Claim, message *templates.Hook, now time.Time) calbell.Message {
	d := templates.Data{
		ID: c.ID, Due: c.Due, Now: now, Calendar: c.Calendar.Name, Repeat: c.PossibleRepeat,
		Zone: p.zone, Locale: p.locale, // unless the webhook has its own
	}
	if c.HeldUntil.After(c.Due) { // what quiet hours held back is not late
		d.Due = c.HeldUntil
	}
	if d.Notice = c.Notice; d.Notice == nil {
		d.Instance, d.Alarm = p.find(c)
	}
	return message.Render(d)
}

// find returns a claim's instance and alarm.
func (p *Planner) find(c calbell.Claim) (*calbell.Instance, calbell.Alarm) {
	planned := &calbell.Instance{
		UID: c.UID, RecurrenceID: c.RecurrenceID, Kind: calbell.KindEvent,
		Summary: c.Subject, Start: c.Start, End: c.End,
	}
	if c.Object == nil {
		return planned, calbell.Alarm{}
	}
	file, err := parse(c.Object.Raw, p.Options(c.Calendar))
	if err != nil {
		return planned, calbell.Alarm{}
	}
	for _, e := range file.Events {
		if e.UID() != c.UID {
			continue
		}
		alarms, _ := e.Alarms(c.Due, c.Due.Add(1), calbell.MaxRemindersPerLayout)
		for _, a := range alarms {
			if a.Instance.RecurrenceID == c.RecurrenceID {
				return a.Instance, a.Alarm
			}
		}
		if i, ok := e.Instance(c.RecurrenceID); ok {
			return i, calbell.Alarm{}
		}
	}
	return planned, calbell.Alarm{}
}
