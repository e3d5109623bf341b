package record

import (
	"cmp"
	"time"

	"calbell"
	"calbell/store"
)

// calendar is a calendar with the fields that calbell.Calendar excludes from JSON.
type calendar struct {
	calbell.Calendar
	Addresses    []string          `json:"addresses,omitempty"`
	SyncToken    string            `json:"sync_token,omitempty"`
	CTag         string            `json:"ctag,omitempty"`
	StatedToken  string            `json:"stated_token,omitempty"`
	StatesToken  bool              `json:"states_token,omitempty"`
	Level        calbell.SyncLevel `json:"level,omitempty"`
	PlanKey      string            `json:"plan_key,omitempty"`
	ReconciledAt time.Time         `json:"reconciled_at,omitzero"`
	ReadAt       time.Time         `json:"read_at,omitzero"`
	// Reaches is null when it was not recorded, as opposed to an empty list.
	Reaches []calbell.WebhookID `json:"reaches"`
	ReadOff bool                `json:"read_off,omitempty"`
	FoundAs calbell.CalendarID  `json:"found_as,omitempty"`
	FoundBy calbell.Login       `json:"found_by,omitzero"`
	Moved   bool                `json:"moved,omitempty"`
}

// Calendars returns the kind of calendars. Their rows come from [Sealer.Calendar], not from the
// kind.
func Calendars() Kind[calbell.Calendar] {
	k := newKind("calendar", "calendar", func(c *calbell.Calendar) string { return string(c.ID) }, packCalendar, unpackCalendar)
	k.Groups = func(c *calbell.Calendar) []store.Group { return []store.Group{store.OfAccount(c.Account)} }
	k.OneGroup = true
	k.Order = func(a, b calbell.Calendar) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}
	return k
}

func packCalendar(c calbell.Calendar) calendar {
	r := calendar{
		Calendar: c, Addresses: c.Addresses, SyncToken: c.SyncToken, CTag: c.CTag,
		StatedToken: c.StatedToken, StatesToken: c.StatesToken,
		Level: c.Level, PlanKey: c.PlanKey, ReconciledAt: c.ReconciledAt.UTC(),
		ReadAt: c.ReadAt.UTC(), Reaches: c.Reaches, ReadOff: c.ReadOff,
		FoundAs: c.FoundAs, FoundBy: c.FoundBy, Moved: c.Moved,
	}
	r.Gone.Since, r.Gone.SilentAt = c.Gone.Since.UTC(), c.Gone.SilentAt.UTC()
	packTexts(&r.LastError, &r.Gone.Reason, &r.Gone.Hint)
	r.SyncedAt, r.FailingSince = c.SyncedAt.UTC(), c.FailingSince.UTC()
	return r
}

func unpackCalendar(r calendar) calbell.Calendar {
	c := r.Calendar
	unpackTexts(&c.LastError, &c.Gone.Reason, &c.Gone.Hint)
	c.Addresses, c.SyncToken, c.CTag = r.Addresses, r.SyncToken, r.CTag
	c.StatedToken, c.StatesToken = r.StatedToken, r.StatesToken
	c.Level, c.PlanKey, c.ReconciledAt = r.Level, r.PlanKey, r.ReconciledAt
	c.ReadAt, c.Reaches, c.ReadOff = r.ReadAt, r.Reaches, r.ReadOff
	c.FoundAs, c.FoundBy, c.Moved = r.FoundAs, r.FoundBy, r.Moved
	return c
}
