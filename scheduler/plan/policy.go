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

// Settings are the source of a policy: the current configuration, and what people added.
type Settings struct {
	Accounts []calbell.Account
	Webhooks []calbell.Webhook // all that exist
	Admins   []string          // names of the admins, who also own everything without an owner
	Rules    []calbell.Rule    // of the file, in their order
	// Stored are the rules that people created, in their order; they follow those of the file.
	// Each applies to its owner's accounts.
	Stored []calbell.StoredRule
	// Calendars are the settings that people made for calendars that the file does not list.
	// Their webhooks are IDs; their names are account/calendar.
	Calendars map[calbell.CalendarID]calbell.CalendarSettings
	// Skip are kinds of events without reminders: "free", "tentative".
	Skip []string
	// AllDayTime, since midnight, is the suggested time for reminders of all-day events.
	AllDayTime time.Duration
	Zone       *time.Location
	Locale     string
	// Say translates a text of Calbell's own messages to a locale: reasons and next steps. nil:
	// they stay English.
	Say func(locale string, text calbell.Text) string
}

// Policy answers what the settings mean for a calendar: its zone, where its alarms go, how a
// message is rendered. It is immutable; a reload creates a new one.
type Policy struct {
	*roster
	usedBy   map[string][]calbell.CalendarID // by webhook: the calendars whose settings name it
	keys     sync.Map                        // account → fingerprint of what all of its plans rest on, made when asked
	zones    sync.Map                        // zone text → *time.Location, nil when invalid; used by each message
	matchers sync.Map                        // text of a rule → *calbell.Matcher
	routings sync.Map                        // routingKey → *Routing; used by each message and page
}

// NewPolicy returns a policy.
func NewPolicy(s Settings) *Policy {
	s = s.bySlug()
	return &Policy{roster: newRoster(s), usedBy: usesOf(s)}
}

// bySlug returns the settings with owners as slugs: the file may spell a user's name
// differently.
func (s Settings) bySlug() Settings {
	s.Accounts, s.Webhooks, s.Stored = slices.Clone(s.Accounts), slices.Clone(s.Webhooks), slices.Clone(s.Stored)
	for i := range s.Accounts {
		s.Accounts[i].Owner = calbell.Slug(s.Accounts[i].Owner)
	}
	for i := range s.Webhooks {
		w := &s.Webhooks[i]
		w.Owner = calbell.Slug(w.Owner)
		w.Template, w.Attachments, w.Blocks, w.Payload = "", nil, nil, nil // plans do not depend on them, and they are large
	}
	for i := range s.Stored {
		s.Stored[i].Owner = calbell.Slug(s.Stored[i].Owner)
	}
	return s
}

// Zone returns the configured zone, the default for people and webhooks.
func (p *Policy) Zone() *time.Location { return p.set.Zone }

// ZoneOf returns the zone of a webhook: its own, or the configured one.
func (p *Policy) ZoneOf(w calbell.Webhook) *time.Location {
	if w.TimeZone == "" {
		return p.Zone()
	}
	return cmp.Or(p.firstZone(w.TimeZone), p.Zone())
}

// Locale returns the configured language.
func (p *Policy) Locale() string { return p.set.Locale }

// AllDayTime returns the suggested time for reminders of all-day events, since midnight.
func (p *Policy) AllDayTime() time.Duration { return p.set.AllDayTime }

// SettingsOf returns the settings of a calendar: those of the file when it lists the calendar,
// else those of people; zero when there are none.
func (p *Policy) SettingsOf(c calbell.Calendar) calbell.CalendarSettings {
	set, _ := p.settingsFrom(c)
	return set
}

// settingsFrom returns the settings of a calendar, and whether they are those of the file.
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
		set.Name = s.Name // the list of a stored account only selects calendars
	}
	return set, false
}

// sendsTo returns the webhook in a calendar's settings; "" when there is none. Settings made by
// people are limited to webhooks that their owner may use, even for an account of the file.
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

// Options returns how to parse the calendar's objects: the zone of floating and all-day times
// (D21). Settings of the calendar take precedence over its own data, and its data over settings
// of the account and in general.
func (p *Policy) Options(c calbell.Calendar) ical.Options {
	return ical.Options{
		Zone:     p.firstZone(p.SettingsOf(c).TimeZone, c.TimeZone),
		Fallback: cmp.Or(p.firstZone(p.accounts[c.Account].TimeZone), p.set.Zone),
	}
}

// firstZone returns the first valid zone among some texts; nil when there is none.
func (p *Policy) firstZone(texts ...string) *time.Location {
	for _, text := range texts {
		known, ok := p.zones.Load(text)
		if !ok { // at most one per calendar and account
			known, _ = p.zones.LoadOrStore(text, ical.CalendarZone(text))
		}
		if loc, _ := known.(*time.Location); loc != nil {
			return loc
		}
	}
	return nil
}

// Own returns the addresses of the account's person, normalized by [person].
func (p *Policy) Own(c calbell.Calendar) []string {
	var own []string
	for _, a := range slices.Concat(p.accounts[c.Account].Addresses, c.Addresses) {
		if a = person(a); a != "" {
			own = append(own, a)
		}
	}
	return own
}

// person normalizes a calendar address for comparison: a mail address, a URN, or the path of a
// principal, which some servers write with a final slash.
func person(address string) string {
	address = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(address)), "mailto:")
	return strings.TrimSuffix(address, "/")
}

// Input returns the input for planning an object of the calendar. bindings are those of the
// account.
func (p *Policy) Input(c calbell.Calendar, o calbell.Object, bindings Bindings, now time.Time) Input {
	return Input{Object: o, Options: p.Options(c), Routing: p.Routing(c), Bindings: bindings, Now: now}
}

// Key fingerprints the input of a calendar's plans except objects and bindings. When it
// changes, the calendar is planned again.
func (p *Policy) Key(c calbell.Calendar) string {
	key := fingerprint(p.keyOf(c.Account), p.SettingsOf(c), p.sendsTo(c), c.TimeZone, p.Own(c), c.ID, c.URL, c.Name, c.Listed, p.SwitchedOff(c), p.names(c))
	if c.Silent() {
		return fingerprint(key, c.Gone.Reason)
	}
	return key
}

// keyOf returns the fingerprint of what the plans of all calendars of an account rest on; "" for one that
// is not in force.
func (p *Policy) keyOf(account string) string {
	a, known := p.accounts[account]
	if !known {
		return ""
	}
	if key, ok := p.keys.Load(account); ok {
		return key.(string)
	}
	key := p.accountKey(a)
	p.keys.Store(account, key) // as many as there are accounts
	return key
}

// usesOf returns the calendars whose settings name a webhook, by webhook.
func usesOf(s Settings) map[string][]calbell.CalendarID {
	by := map[string][]calbell.CalendarID{}
	for id, set := range s.Calendars {
		if set.Webhook != "" {
			by[set.Webhook] = append(by[set.Webhook], id)
		}
	}
	return by
}

// accountKey fingerprints the settings that the plans of an account's calendars share.
func (p *Policy) accountKey(a calbell.Account) string {
	return fingerprint(ical.Engine(), routingVersion, a.TimeZone, p.set.Zone.String(), a.TrustInvitations, a.WriteBack,
		a.Default, p.webhookOf(a, a.Default.Webhook), p.byName(a, a.Aliases), p.byName(a, a.Categories), p.rulesOf(a), p.set.Skip,
		p.UsableBy(a.Owner))
}

// fingerprint returns a short hash of values that encoding/json can encode; equal values have
// equal hashes.
func fingerprint(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil { // cannot happen with strings, numbers and lists; a constant key would hide it
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ZoneNamed returns the zone of that name, or the configured one for "" and unknown names.
func (p *Policy) ZoneNamed(name string) *time.Location {
	return p.ZoneOf(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{TimeZone: name}})
}
