package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
)

// Settings are what a policy goes by: the configuration in force, and what people added.
type Settings struct {
	Accounts []calbell.Account
	Webhooks []calbell.Webhook // all that exist
	Admins   []string          // names of the users who are admins: theirs is what has no owner, too
	Rules    []calbell.Rule    // of the file, in their order
	// Stored are the rules that people made, in their order, after those of the file. Each
	// holds for the accounts of its owner.
	Stored []calbell.StoredRule
	// Calendars are what people set for calendars that the file does not list. Their webhooks
	// are IDs; they are called account/calendar.
	Calendars map[calbell.CalendarID]calbell.CalendarSettings
	// Skip are kinds of events that post nothing: "free", "tentative".
	Skip []string
	// AllDayTime, since midnight, is what people are offered for reminders of all-day events.
	AllDayTime time.Duration
	Zone       *time.Location
	Locale     string
	// Say says in the language of a locale what the program says in English: reasons and next steps in
	// Calbell's own messages. nil: they stay English.
	Say func(locale string, text calbell.Text) string
}

// Policy answers what the configuration means for a calendar: its zone, where its
// alarms go, how a message is rendered. It is immutable; a reload makes a new one.
type Policy struct {
	roster
	keys     map[string]string // by account: fingerprint of what all of its plans rest on
	zones    sync.Map          // zone text → *time.Location, nil when it means none: each message asks
	matchers sync.Map          // text of a rule → *calbell.Matcher
	routings sync.Map          // routingKey → *Routing: each message and page asks
}

// NewPolicy returns a policy.
func NewPolicy(s Settings) *Policy {
	s = s.bySlug()
	p := &Policy{keys: map[string]string{}, roster: roster{
		set: s, accounts: map[string]calbell.Account{}, webhooks: map[string]calbell.WebhookID{},
		usable: map[string]map[string]calbell.WebhookID{}, admins: map[string]bool{},
		owned: map[string][]string{},
	}}
	for _, name := range s.Admins {
		p.admins[calbell.Slug(name)] = true
	}
	for _, w := range s.Webhooks {
		p.webhooks[string(w.ID)] = w.ID
		if w.Owner == "" {
			p.webhooks[calbell.Slug(w.Name)] = w.ID
		}
	}
	for _, a := range s.Accounts {
		p.accounts[a.Key()] = a
		p.owned[a.Owner] = append(p.owned[a.Owner], a.Key())
		if p.usable[a.Owner] == nil {
			p.usable[a.Owner] = p.UsableBy(a.Owner)
		}
		p.keys[a.Key()] = p.accountKey(a)
	}
	return p
}

// bySlug returns the settings with owners in the form in which they are compared: the file may
// write a user's name otherwise than the user does.
func (s Settings) bySlug() Settings {
	s.Accounts, s.Webhooks, s.Stored = slices.Clone(s.Accounts), slices.Clone(s.Webhooks), slices.Clone(s.Stored)
	for i := range s.Accounts {
		s.Accounts[i].Owner = calbell.Slug(s.Accounts[i].Owner)
	}
	for i := range s.Webhooks {
		w := &s.Webhooks[i]
		w.Owner = calbell.Slug(w.Owner)
		w.Template, w.Attachments, w.Blocks, w.Payload = "", nil, nil, nil // no plan rests on them, and they are large
	}
	for i := range s.Stored {
		s.Stored[i].Owner = calbell.Slug(s.Stored[i].Owner)
	}
	return s
}

// Zone is the configured zone, for people and for what has none of its own.
func (p *Policy) Zone() *time.Location { return p.set.Zone }

// ZoneOf is the zone of a webhook: its own, or the configured one.
func (p *Policy) ZoneOf(w calbell.Webhook) *time.Location {
	if w.TimeZone == "" {
		return p.Zone()
	}
	return cmp.Or(p.firstZone(w.TimeZone), p.Zone())
}

// Locale is the configured language.
func (p *Policy) Locale() string { return p.set.Locale }

// AllDayTime, since midnight, is what people are offered for reminders of all-day events.
func (p *Policy) AllDayTime() time.Duration { return p.set.AllDayTime }

// SettingsOf returns what is said of the calendar: by the file when it lists it, else by people;
// zero when nothing is.
func (p *Policy) SettingsOf(c calbell.Calendar) calbell.CalendarSettings {
	set, _ := p.settingsFrom(c)
	return set
}

// settingsFrom is settings, and whether it is the file that says them.
func (p *Policy) settingsFrom(c calbell.Calendar) (set calbell.CalendarSettings, filed bool) {
	set = p.set.Calendars[c.ID]
	a := p.accounts[c.Account]
	for _, s := range a.Calendars {
		if c.Listed == "" || s.Name != c.Listed {
			continue
		}
		if a.Origin != calbell.OriginStored {
			return s, true
		}
		set.Name = s.Name // a stored account lists what is used, and nothing more
	}
	return set, false
}

// sendsTo is the webhook that a calendar's settings name; "" when they name none. What people
// set goes where its owner may send, be the account the file's.
func (p *Policy) sendsTo(c calbell.Calendar) calbell.WebhookID {
	set, filed := p.settingsFrom(c)
	a := p.accounts[c.Account]
	switch {
	case set.Webhook == "":
		return ""
	case filed:
		return p.Webhook(set.Webhook)
	}
	return p.ownWebhook(a.Owner, set.Webhook)
}

// Options says how to read the calendar's objects: in which zone floating and all-day
// times are (D21). What is said about the calendar itself beats what its text says, and
// that beats what is said about the account and in general.
func (p *Policy) Options(c calbell.Calendar) ical.Options {
	return ical.Options{
		Zone:     p.firstZone(p.SettingsOf(c).TimeZone, c.TimeZone),
		Fallback: cmp.Or(p.firstZone(p.accounts[c.Account].TimeZone), p.set.Zone),
	}
}

// firstZone is the first zone that one of the texts means; nil when none does.
func (p *Policy) firstZone(texts ...string) *time.Location {
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

// Own returns the addresses of the account's person, as [person] writes them.
func (p *Policy) Own(c calbell.Calendar) []string {
	var own []string
	for _, a := range slices.Concat(p.accounts[c.Account].Addresses, c.Addresses) {
		if a = person(a); a != "" {
			own = append(own, a)
		}
	}
	return own
}

// person writes a calendar address so that it can be compared: a mail address, a URN, or the
// path of a principal, which some write with a slash at its end.
func person(address string) string {
	address = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(address)), "mailto:")
	return strings.TrimSuffix(address, "/")
}

// Input gathers all that the plan of an object of the calendar depends on. bindings are those
// of the account.
func (p *Policy) Input(c calbell.Calendar, o calbell.Object, bindings Bindings, now time.Time) Input {
	return Input{Object: o, Options: p.Options(c), Routing: p.Routing(c), Bindings: bindings, Now: now}
}

// Key fingerprints all of a calendar's plan but its objects and bindings: when it changes, the
// calendar is planned again.
func (p *Policy) Key(c calbell.Calendar) string {
	key := fingerprint(p.keys[c.Account], p.SettingsOf(c), p.sendsTo(c), c.TimeZone, p.Own(c), c.ID, c.URL, c.Name, c.Listed, p.SwitchedOff(c), p.names(c))
	if c.Silent() {
		return fingerprint(key, c.Gone.Reason)
	}
	return key
}

// accountKey fingerprints what the plans of all calendars of an account rest on.
func (p *Policy) accountKey(a calbell.Account) string {
	return fingerprint(ical.Engine(), routingVersion, a.TimeZone, p.set.Zone.String(), a.TrustInvitations, a.WriteBack,
		a.Default, p.webhookOf(a, a.Default.Webhook), p.byName(a, a.Aliases), p.byName(a, a.Categories), p.rulesOf(a), p.set.Skip,
		p.usable[a.Owner])
}

// fingerprint is a short hash of values that encoding/json can write, the same for the same
// values.
func fingerprint(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil { // strings, numbers and lists only: cannot happen, and a constant key would hide it
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ZoneNamed is the zone of that name; the configured one when it is "", or none.
func (p *Policy) ZoneNamed(name string) *time.Location {
	return p.ZoneOf(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{TimeZone: name}})
}
