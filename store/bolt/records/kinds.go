package records

import (
	"fmt"

	"calbell"
	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/record"
)

// The buckets of records; see package bolt for what is in them.
const (
	BCalendars record.Table = "calendars"
	BWebhooks  record.Table = "webhooks"
	BStates    record.Table = "states"
	BBindings  record.Table = "bindings"
	BPauses    record.Table = "pauses"
	BUsers     record.Table = "users"
	BTokens    record.Table = "tokens"
	BSessions  record.Table = "sessions"
	BSetups    record.Table = "setups"
	BAccounts  record.Table = "accounts"
	BRules     record.Table = "rules"
	BSettings  record.Table = "settings"
	BListed    record.Table = "listed"

	// BSessionEnds is the index of sessions by their end.
	BSessionEnds record.Table = "sessionends"
)

// Calendars returns the bucket of calendars.
func Calendars() Of[calbell.Calendar] {
	return Of[calbell.Calendar]{Bucket: BCalendars, Kind: record.Calendars(), row: func(box *record.Sealer, c *calbell.Calendar) []byte {
		key := box.Calendar(c.ID)
		return key[:]
	}}
}

// Webhooks returns the bucket of webhooks.
func Webhooks() Of[calbell.Webhook] {
	return Of[calbell.Webhook]{Bucket: BWebhooks, Kind: record.Webhooks(), row: func(box *record.Sealer, w *calbell.Webhook) []byte { return box.Webhook(w.Origin, w.ID) }}
}

// WebhookStates returns the bucket of states of webhooks.
func WebhookStates() Of[store.WebhookState] {
	return Of[store.WebhookState]{Bucket: BStates, Kind: record.WebhookStates()}
}

// Bindings returns the bucket of bindings.
func Bindings() Of[calbell.Binding] {
	return Of[calbell.Binding]{Bucket: BBindings, Kind: record.Bindings()}
}

// Pauses returns the bucket of pauses.
func Pauses() Of[calbell.Pause] {
	return Of[calbell.Pause]{Bucket: BPauses, Kind: record.Pauses(), row: func(box *record.Sealer, p *calbell.Pause) []byte { return box.Pause(p) }}
}

// Users returns the bucket of users.
func Users() Of[calbell.User] {
	return Of[calbell.User]{Bucket: BUsers, Kind: record.Users()}
}

// Tokens returns the bucket of tokens.
func Tokens() Of[calbell.Token] {
	return Of[calbell.Token]{Bucket: BTokens, Kind: record.Tokens()}
}

// Sessions returns the bucket of sessions.
func Sessions() Of[store.Session] {
	return Of[store.Session]{Bucket: BSessions, Kind: record.Sessions()}
}

// SetupLinks returns the bucket of set-up links.
func SetupLinks() Of[store.SetupLink] {
	return Of[store.SetupLink]{Bucket: BSetups, Kind: record.SetupLinks()}
}

// Accounts returns the bucket of accounts.
func Accounts() Of[calbell.Account] {
	return Of[calbell.Account]{Bucket: BAccounts, Kind: record.Accounts()}
}

// Rules returns the bucket of rules.
func Rules() Of[calbell.StoredRule] {
	return Of[calbell.StoredRule]{Bucket: BRules, Kind: record.Rules()}
}

// CalendarSettings returns the bucket of what people set for calendars.
func CalendarSettings() Of[store.CalendarSettings] {
	return Of[store.CalendarSettings]{Bucket: BSettings, Kind: record.CalendarSettings()}
}

// ListedNames returns the bucket of listed names.
func ListedNames() Of[store.ListedNames] {
	return Of[store.ListedNames]{Bucket: BListed, Kind: record.ListedNames()}
}

// every is what all kinds have in common.
type every interface {
	Fill(t *file.Tx) error
	Findings(t *file.Tx) []error
}

// all returns all kinds.
func all() []every {
	return []every{
		Calendars(), Webhooks(), WebhookStates(), Bindings(), Pauses(), Users(), Tokens(), Sessions(), SetupLinks(),
		Accounts(), Rules(), CalendarSettings(), ListedNames(),
	}
}

// Fill makes the indexes and counters of records that were stored without: for an upgrade.
func Fill(t *file.Tx) error {
	for _, rs := range all() {
		if err := rs.Fill(t); err != nil {
			return err
		}
	}
	if err := t.Apply(); err != nil {
		return err
	}
	return fillSessionEnds(t)
}

// Findings returns what is wrong with records, their indexes and their counters.
func Findings(t *file.Tx) (found []error) {
	for _, rs := range all() {
		found = append(found, rs.Findings(t)...)
	}
	for _, s := range Sessions().All(t) {
		if !t.Has(BSessionEnds, sessionEnd(t, &s)) {
			found = append(found, fmt.Errorf("a session of %q has no row of %q", s.Owner, BSessionEnds))
		}
	}
	return found
}
