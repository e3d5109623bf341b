package record

import (
	"slices"

	"calbell"
	"calbell/store"
)

// Filter is a query compiled for many rows.
type Filter struct {
	*store.HistoryQuery
	uids map[calbell.UID]bool // nil: all
	tags map[string]bool      // of these
}

// NewFilter returns the filter of a query.
func NewFilter(s *Sealer, q *store.HistoryQuery) *Filter {
	f := &Filter{HistoryQuery: q}
	wanted := q.UIDs
	switch {
	case q.UID != "" && len(q.UIDs) > 0 && !slices.Contains(q.UIDs, q.UID):
		f.uids = map[calbell.UID]bool{}
		return f
	case q.UID != "":
		wanted = []calbell.UID{q.UID}
	case len(q.UIDs) == 0:
		return f
	}
	f.uids, f.tags = make(map[calbell.UID]bool, len(wanted)), make(map[string]bool, len(wanted))
	for _, uid := range wanted {
		f.uids[uid], f.tags[string(s.UIDTag(uid))] = true, true
	}
	return f
}

// MayMatch rejects most rows that the query excludes, by the fields of an index: state, webhook
// and [Sealer.UIDTag].
func (f *Filter) MayMatch(s calbell.Status, w calbell.WebhookID, tag []byte) bool {
	switch {
	case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, s):
		return false
	case f.Webhook != "" && f.Webhook != w:
		return false
	}
	return f.uids == nil || f.tags[string(tag)]
}

// Matches checks the conditions that the index does not cover.
func (f *Filter) Matches(d *calbell.Delivery) bool {
	return (f.uids == nil || f.uids[d.UID]) && (f.StartsAfter.IsZero() || d.Start.After(f.StartsAfter))
}
